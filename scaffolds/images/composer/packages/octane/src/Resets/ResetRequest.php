<?php

namespace Laravel\Octane\Resets;

use Illuminate\Pagination\PaginationState;
use Laravel\Octane\Instances;

/** The request that everything asks for is this one. */
class ResetRequest
{
    public function handle(object $event): void
    {
        $sandbox = $event->sandbox;
        if (Instances::of($sandbox)['config']->get('octane.https')) {
            $sandbox['url']->forceScheme('https');
            $event->request->server->set('HTTPS', 'on');
        }
        $event->app->instance('request', $event->request);
        $sandbox->instance('request', $event->request);
        PaginationState::resolveUsing($sandbox);
    }
}
