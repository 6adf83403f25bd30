<?php

namespace Laravel\Octane\Events;

use Illuminate\Foundation\Application;
use Illuminate\Http\Request;
use Symfony\Component\HttpFoundation\Response;

/** The response is made and not sent yet. */
class RequestHandled
{
    public function __construct(
        public Application $sandbox,
        public Request $request,
        public Response $response,
    ) {}
}
