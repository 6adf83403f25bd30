<?php

namespace Laravel\Octane\Resets;

use Illuminate\Broadcasting\BroadcastManager;
use Illuminate\Notifications\ChannelManager;
use Laravel\Octane\Instances;

/** Mailers, notification channels and broadcasters are made anew; array caches are emptied. */
class ResetMessaging
{
    public function handle(object $event): void
    {
        $sandbox = $event->sandbox;
        $held = Instances::of($sandbox);
        if (isset($held['mail.manager'])) {
            $held['mail.manager']->setApplication($sandbox)->forgetMailers();
        }
        if (isset($held[ChannelManager::class])) {
            $held[ChannelManager::class]->setContainer($sandbox)->forgetDrivers();
        }
        if (isset($held[BroadcastManager::class])) {
            $held[BroadcastManager::class]->forgetDrivers();
        }
        if (! isset($held['cache'])) {
            return;
        }
        foreach ($held['config']->get('cache.stores', []) as $name => $store) {
            if (($store['driver'] ?? null) === 'array') {
                $held['cache']->forgetDriver($name);
                $sandbox->forgetInstance('cache.store');
            }
        }
    }
}
