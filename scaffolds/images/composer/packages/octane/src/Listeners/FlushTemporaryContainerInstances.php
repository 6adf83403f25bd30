<?php

namespace Laravel\Octane\Listeners;

use Laravel\Octane\Instances;

/** Scoped instances, and those that the configuration names. */
class FlushTemporaryContainerInstances
{
    public function handle(object $event): void
    {
        $event->app->forgetScopedInstances();
        foreach (Instances::of($event->app)['config']->get('octane.flush', []) as $binding) {
            $event->app->forgetInstance($binding);
        }
    }
}
