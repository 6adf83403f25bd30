<?php

namespace Laravel\Octane\Resets;

use Illuminate\Session\DatabaseSessionHandler;
use Illuminate\Session\Store;
use Laravel\Octane\Instances;

/** Nobody is logged in, no session is open, no cookie is queued. */
class ResetSession
{
    public function handle(object $event): void
    {
        $held = Instances::of($event->sandbox);
        if (isset($held['session'])) {
            foreach ($held['session']->getDrivers() as $driver) {
                $this->close($driver, $event->sandbox);
            }
        }
        if (isset($held['auth'])) {
            $held['auth']->forgetGuards();
        }
        if (isset($held['cookie'])) {
            $held['cookie']->flushQueuedCookies();
        }
    }

    /** An empty session under a new name: what the cookie says is read when the session starts. */
    private function close(Store $session, object $sandbox): void
    {
        $session->flush();
        // Of the form that the store makes them in, with nothing of its work.
        $session->setId(bin2hex(random_bytes(20)));
        $session->setExists(false);
        $handler = $session->getHandler();
        if ($handler instanceof DatabaseSessionHandler) {
            $handler->setContainer($sandbox);
        }
    }
}
