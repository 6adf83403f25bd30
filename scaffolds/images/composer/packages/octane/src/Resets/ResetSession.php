<?php

namespace Laravel\Octane\Resets;


/** Nobody is logged in, no session is open, no cookie is queued. */
class ResetSession
{
    public function handle(object $event): void
    {
        $sandbox = $event->sandbox;
        if ($sandbox->resolved('session')) {
            $sandbox['session']->forgetDrivers();
        }
        $sandbox->forgetInstance('session.store');
        if ($sandbox->resolved('auth')) {
            $sandbox['auth']->forgetGuards();
        }
        if ($sandbox->resolved('cookie')) {
            $sandbox['cookie']->flushQueuedCookies();
        }
    }
}
