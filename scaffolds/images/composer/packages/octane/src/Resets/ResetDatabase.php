<?php

namespace Laravel\Octane\Resets;

use Laravel\Octane\Instances;
use Laravel\Octane\Listeners\RollBackTransactions;

/** Connections stay open; their logs and counters start from nothing. */
class ResetDatabase
{
    public function handle(object $event): void
    {
        $database = Instances::of($event->sandbox)['db'] ?? null;
        if ($database === null) {
            return;
        }
        (new RollBackTransactions)->handle($event);
        foreach ($database->getConnections() as $connection) {
            $connection->forgetRecordModificationState();
            $connection->flushQueryLog();
            $connection->disableQueryLog();
            $connection->resetTotalQueryDuration();
            $connection->allowQueryDurationHandlersToRunAgain();
        }
    }
}
