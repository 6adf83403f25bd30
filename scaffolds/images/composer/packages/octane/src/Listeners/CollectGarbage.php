<?php

namespace Laravel\Octane\Listeners;

use Laravel\Octane\Instances;

/** Cycles are collected once the memory is worth it. */
class CollectGarbage
{
    public function handle(object $event): void
    {
        $limit = Instances::of($event->app)['config']->get('octane.garbage');
        if ($limit && memory_get_usage() / 1024 / 1024 > $limit) {
            gc_collect_cycles();
        }
    }
}
