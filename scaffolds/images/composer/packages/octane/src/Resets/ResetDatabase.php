<?php

namespace Laravel\Octane\Resets;

use Laravel\Octane\Listeners\RollBackTransactions;

/** Connections stay open; their logs and counters start from nothing. */
class ResetDatabase
{
    public function handle(object $event): void
    {
        if (! $event->sandbox->resolved('db')) {
            return;
        }
        (new RollBackTransactions)->handle($event);
        foreach ($event->sandbox['db']->getConnections() as $connection) {
            $connection->forgetRecordModificationState();
            $connection->flushQueryLog();
            $connection->disableQueryLog();
            $connection->resetTotalQueryDuration();
            $connection->allowQueryDurationHandlersToRunAgain();
        }
    }
}
