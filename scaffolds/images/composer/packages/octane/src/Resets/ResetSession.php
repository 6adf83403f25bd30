<?php

namespace Laravel\Octane\Resets;

use Illuminate\Session\DatabaseSessionHandler;
use Illuminate\Session\Store;

/** Nobody is logged in, no session is open, no cookie is queued. */
class ResetSession
{
    public function handle(object $event): void
    {
        $sandbox = $event->sandbox;
        if ($sandbox->resolved('session')) {
            foreach ($sandbox['session']->getDrivers() as $driver) {
                $this->close($driver, $sandbox);
            }
        }
        if ($sandbox->resolved('auth')) {
            $sandbox['auth']->forgetGuards();
        }
        if ($sandbox->resolved('cookie')) {
            $sandbox['cookie']->flushQueuedCookies();
        }
    }

    /** An empty session under a new name: what the cookie says is read when the session starts. */
    private function close(Store $session, object $sandbox): void
    {
        $session->flush();
        $session->setId(null);
        $session->setExists(false);
        $handler = $session->getHandler();
        if ($handler instanceof DatabaseSessionHandler) {
            $handler->setContainer($sandbox);
        }
    }
}
