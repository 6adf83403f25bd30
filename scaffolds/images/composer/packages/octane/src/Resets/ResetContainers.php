<?php

namespace Laravel\Octane\Resets;

use Illuminate\Broadcasting\BroadcastManager;
use Illuminate\Contracts\Auth\Access\Gate;
use Illuminate\Contracts\Http\Kernel;
use Illuminate\Contracts\Pipeline\Hub;
use Illuminate\Routing\RouteCollection;

/** Services that live longer than a request work on its clone of the application. */
class ResetContainers
{
    public function handle(object $event): void
    {
        $sandbox = $event->sandbox;
        foreach ([Kernel::class, 'auth', 'cache', 'db', 'filesystem', 'log', 'queue', BroadcastManager::class] as $service) {
            if ($sandbox->resolved($service)) {
                $sandbox->make($service)->setApplication($sandbox);
            }
        }
        foreach ([Gate::class, Hub::class, 'router', 'session'] as $service) {
            if ($sandbox->resolved($service)) {
                $sandbox->make($service)->setContainer($sandbox);
            }
        }
        $routes = $sandbox['router']->getRoutes();
        if ($routes instanceof RouteCollection) {
            foreach ($routes->getRoutes() as $route) {
                $route->setContainer($sandbox);
            }
        }
    }
}
