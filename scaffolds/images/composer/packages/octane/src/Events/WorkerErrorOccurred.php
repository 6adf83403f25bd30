<?php

namespace Laravel\Octane\Events;

use Illuminate\Foundation\Application;
use Throwable;

/** Something failed outside of what the application catches itself. */
class WorkerErrorOccurred
{
    public function __construct(
        public Throwable $exception,
        public Application $sandbox,
    ) {}
}
