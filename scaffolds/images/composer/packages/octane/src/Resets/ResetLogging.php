<?php

namespace Laravel\Octane\Resets;

use Illuminate\Log\Logger;
use Monolog\ResettableInterface;

/** No context of one request in the log lines of the next. */
class ResetLogging
{
    public function handle(object $event): void
    {
        if (! $event->sandbox->resolved('log')) {
            return;
        }
        $log = $event->sandbox['log'];
        $log->flushSharedContext();
        foreach ($log->getChannels() as $channel) {
            if (! $channel instanceof Logger) {
                continue;
            }
            $channel->withoutContext();
            $logger = $channel->getLogger();
            if ($logger instanceof ResettableInterface) {
                $logger->reset();
            }
        }
    }
}
