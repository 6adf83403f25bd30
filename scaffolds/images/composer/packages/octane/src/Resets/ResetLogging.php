<?php

namespace Laravel\Octane\Resets;

use Illuminate\Log\Logger;
use Laravel\Octane\Instances;
use Monolog\ResettableInterface;

/** No context of one request in the log lines of the next. */
class ResetLogging
{
    public function handle(object $event): void
    {
        $log = Instances::of($event->sandbox)['log'] ?? null;
        if ($log === null) {
            return;
        }
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
