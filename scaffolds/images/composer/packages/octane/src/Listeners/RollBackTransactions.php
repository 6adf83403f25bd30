<?php

namespace Laravel\Octane\Listeners;

use Throwable;

/** A transaction that a request left open ends with it, and with it its locks. */
class RollBackTransactions
{
    public function handle(object $event): void
    {
        if (! $event->app->resolved('db')) {
            return;
        }
        foreach ($event->app->make('db')->getConnections() as $connection) {
            if ($connection->transactionLevel() === 0) {
                continue;
            }
            try {
                $connection->rollBack(0);
            } catch (Throwable) {
                $connection->disconnect();
            }
        }
    }
}
