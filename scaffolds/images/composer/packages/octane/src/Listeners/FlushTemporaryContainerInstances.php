<?php

namespace Laravel\Octane\Listeners;


/** Scoped instances, and those that the configuration names. */
class FlushTemporaryContainerInstances
{
    public function handle(object $event): void
    {
        $event->app->forgetScopedInstances();
        foreach ($event->app['config']->get('octane.flush', []) as $binding) {
            $event->app->forgetInstance($binding);
        }
    }
}
