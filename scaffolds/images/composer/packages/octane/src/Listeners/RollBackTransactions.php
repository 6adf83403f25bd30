<?php

namespace Laravel\Octane\Listeners;

use Laravel\Octane\Instances;
use Throwable;

/** A transaction that a request left open ends with it, and with it its locks. */
class RollBackTransactions
{
    public function handle(object $event): void
    {
        foreach ((Instances::of($event->app)['db'] ?? null)?->getConnections() ?? [] as $connection) {
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
