<?php

namespace Laravel\Octane\Events;

use Illuminate\Foundation\Application;
use Illuminate\Http\Request;

/** A clone of the application is ready for a request. */
class RequestReceived
{
    public function __construct(
        public Application $app,
        public Application $sandbox,
        public Request $request,
    ) {}
}
