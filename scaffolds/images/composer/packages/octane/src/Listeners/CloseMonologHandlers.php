<?php

namespace Laravel\Octane\Listeners;

use Illuminate\Log\Logger;

/** Log files are written out and closed. */
class CloseMonologHandlers
{
    public function handle(object $event): void
    {
        foreach ($event->app->make('log')->getChannels() as $channel) {
            $logger = $channel instanceof Logger ? $channel->getLogger() : $channel;
            if ($logger instanceof \Monolog\Logger) {
                $logger->close();
            }
        }
    }
}
