<?php

namespace Laravel\Octane\Resets;

use Illuminate\Broadcasting\BroadcastManager;
use Illuminate\Contracts\Auth\Access\Gate;
use Illuminate\Contracts\Http\Kernel;
use Illuminate\Contracts\Pipeline\Hub;
use Illuminate\Routing\RouteCollection;
use Laravel\Octane\Instances;

/** Services that live longer than a request work on its clone of the application. */
class ResetContainers
{
    public function handle(object $event): void
    {
        $sandbox = $event->sandbox;
        $held = Instances::of($sandbox);
        foreach ([Kernel::class, 'auth', 'cache', 'db', 'filesystem', 'log', 'queue', BroadcastManager::class] as $service) {
            if (isset($held[$service])) {
                $held[$service]->setApplication($sandbox);
            }
        }
        foreach ([Gate::class, Hub::class, 'router', 'session'] as $service) {
            if (isset($held[$service])) {
                $held[$service]->setContainer($sandbox);
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
