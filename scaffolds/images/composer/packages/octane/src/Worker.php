<?php

namespace Laravel\Octane;

use Illuminate\Contracts\Debug\ExceptionHandler;
use Illuminate\Contracts\Events\Dispatcher;
use Illuminate\Contracts\Http\Kernel;
use Illuminate\Foundation\Application;
use Illuminate\Foundation\Bootstrap\RegisterProviders;
use Illuminate\Foundation\Bootstrap\SetRequestForConsole;
use Illuminate\Http\Request;
use Illuminate\Routing\Route;
use Laravel\Octane\Events\RequestHandled;
use Laravel\Octane\Events\RequestReceived;
use Laravel\Octane\Events\RequestTerminated;
use Laravel\Octane\Events\WorkerErrorOccurred;
use Laravel\Octane\Events\WorkerStarting;
use Laravel\Octane\Events\WorkerStopping;
use Symfony\Component\HttpFoundation\Response;
use Throwable;

/** One booted application that answers many requests, each on a clone of it. */
final class Worker
{
    private readonly Dispatcher $events;

    private readonly bool $debug;

    private function __construct(private readonly Application $app)
    {
        $this->events = $app['events'];
        $this->debug = $app->hasDebugModeEnabled();
    }

    public static function boot(string $basePath, ?string $publicPath = null): self
    {
        $app = require $basePath.'/bootstrap/app.php';
        if ($publicPath !== null) {
            $app->usePublicPath($publicPath);
        }
        $kernel = $app->make(Kernel::class);
        $steps = (fn (): array => $this->bootstrappers())->call($kernel);
        // Providers and the services below may ask for a request: there is none yet, so they get one of APP_URL.
        array_splice($steps, (int) array_search(RegisterProviders::class, $steps, true), 0, [SetRequestForConsole::class]);
        $app->bootstrapWith($steps);
        foreach ($app['config']->get('octane.warm', Octane::defaultServicesToWarm()) as $service) {
            if (is_string($service) && $app->bound($service)) {
                $app->make($service);
            }
        }
        Factories::forMiddlewareOf($kernel, $app);
        CachedRoutes::makeClosures($app['router']->getRoutes());
        $app['events']->dispatch(new WorkerStarting($app));

        return new self($app);
    }

    public function handle(): void
    {
        $sandbox = clone $this->app;
        CurrentApplication::set($sandbox);
        $level = ob_get_level();
        $request = $response = null;
        try {
            $request = Request::capture();
            ob_start();
            $response = $this->respond($sandbox, $request);
            $stray = ob_get_clean();
            $this->send($response, (string) $stray);
        } catch (Throwable $error) {
            $this->discard($level);
            $this->report($error, $sandbox, $request);
            $response ?? $this->send(new Response('Internal Server Error', 500, ['Content-Type' => 'text/plain']), '');
        }
        try {
            if ($request !== null && $response !== null) {
                $this->finish($sandbox, $request, $response);
            }
        } catch (Throwable $error) {
            $this->report($error, $sandbox, $request);
        } finally {
            $this->discard($level);
            $sandbox->flush();
            if ($this->debug) {
                // They remember which views were compiled: an edited one is compiled anew.
                $this->app->make('view.engine.resolver')->forget('blade');
                $this->app->make('view.engine.resolver')->forget('php');
            }
            CurrentApplication::set($this->app);
        }
    }

    public function terminate(): void
    {
        try {
            $this->events->dispatch(new WorkerStopping($this->app));
        } catch (Throwable $error) {
            $this->report($error, $this->app, null);
        }
    }

    private function respond(Application $sandbox, Request $request): Response
    {
        $this->events->dispatch(new RequestReceived($this->app, $sandbox, $request));
        $response = $sandbox->make(Kernel::class)->handle($request);
        $this->events->dispatch(new RequestHandled($sandbox, $request, $response));

        return $response;
    }

    private function send(Response $response, string $stray): void
    {
        if ($stray === '') {
            $response->send();

            return;
        }
        // What was echoed outside of the response comes first, and the length that was set is no longer right.
        $response->headers->remove('Content-Length');
        $response->sendHeaders();
        echo $stray;
        $response->sendContent();
        frankenphp_finish_request();
    }

    private function finish(Application $sandbox, Request $request, Response $response): void
    {
        $sandbox->make(Kernel::class)->terminate($request, $response);
        $this->events->dispatch(new RequestTerminated($this->app, $sandbox, $request, $response));
        $route = $request->route();
        if ($route instanceof Route) {
            // A controller holds the clone that it was made by.
            $route->flushController();
        }
    }

    private function discard(int $level): void
    {
        while (ob_get_level() > $level) {
            ob_end_clean();
        }
    }

    private function report(Throwable $error, Application $sandbox, ?Request $request): void
    {
        try {
            $this->app->make(ExceptionHandler::class)->report($error);
            $this->events->dispatch(new WorkerErrorOccurred($error, $sandbox));
        } catch (Throwable $second) {
            error_log(sprintf('%s: %s in %s:%d', $error::class, $error->getMessage(), $error->getFile(), $error->getLine()));
            error_log('While this was reported: '.$second->getMessage());
        }
    }
}
