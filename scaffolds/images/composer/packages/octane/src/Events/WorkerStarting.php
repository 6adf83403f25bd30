<?php

namespace Laravel\Octane\Events;

use Illuminate\Foundation\Application;

/** The application has booted, no request has come yet. */
class WorkerStarting
{
    public function __construct(
        public Application $app,
    ) {}
}
