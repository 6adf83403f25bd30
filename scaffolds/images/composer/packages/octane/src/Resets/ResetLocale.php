<?php

namespace Laravel\Octane\Resets;

use Carbon\Laravel\ServiceProvider as CarbonServiceProvider;

/** The language is the configured one again, in texts and in dates. */
class ResetLocale
{
    public function handle(object $event): void
    {
        $sandbox = $event->sandbox;
        $sandbox['translator']->setLocale($sandbox['config']->get('app.locale'));
        $sandbox['translator']->setFallback($sandbox['config']->get('app.fallback_locale'));
        (new CarbonServiceProvider($sandbox))->updateLocale();
    }
}
