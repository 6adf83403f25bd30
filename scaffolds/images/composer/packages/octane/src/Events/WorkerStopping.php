<?php

namespace Laravel\Octane\Events;

use Illuminate\Foundation\Application;

/** The worker ends: it has served enough, or the server goes down. */
class WorkerStopping
{
    public function __construct(
        public Application $app,
    ) {}
}
