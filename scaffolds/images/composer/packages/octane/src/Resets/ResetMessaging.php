<?php

namespace Laravel\Octane\Resets;

use Illuminate\Broadcasting\BroadcastManager;
use Illuminate\Notifications\ChannelManager;

/** Mailers, notification channels and broadcasters are made anew; array caches are emptied. */
class ResetMessaging
{
    public function handle(object $event): void
    {
        $sandbox = $event->sandbox;
        if ($sandbox->resolved('mail.manager')) {
            $sandbox['mail.manager']->setApplication($sandbox)->forgetMailers();
        }
        if ($sandbox->resolved(ChannelManager::class)) {
            $sandbox->make(ChannelManager::class)->setContainer($sandbox)->forgetDrivers();
        }
        if ($sandbox->resolved(BroadcastManager::class)) {
            $sandbox->make(BroadcastManager::class)->forgetDrivers();
        }
        foreach ($sandbox['config']->get('cache.stores', []) as $name => $store) {
            if (($store['driver'] ?? null) === 'array' && $sandbox->resolved('cache')) {
                $sandbox['cache']->forgetDriver($name);
                $sandbox->forgetInstance('cache.store');
            }
        }
    }
}
