<?php

namespace Laravel\Octane\Listeners;


/** Closes the connections; they are opened again when asked for. */
class DisconnectFromDatabases
{
    public function handle(object $event): void
    {
        foreach ($event->app->make('db')->getConnections() as $connection) {
            $connection->disconnect();
        }
    }
}
