<?php

namespace Laravel\Octane\Resets;

use Carbon\Carbon;
use Carbon\Laravel\ServiceProvider as CarbonServiceProvider;

/** The language is the configured one again, in texts and in dates. */
class ResetLocale
{
    public function handle(object $event): void
    {
        $sandbox = $event->sandbox;
        $locale = $sandbox['config']->get('app.locale');
        $sandbox['translator']->setLocale($locale);
        $sandbox['translator']->setFallback($sandbox['config']->get('app.fallback_locale'));
        if (Carbon::getLocale() !== $locale) {
            (new CarbonServiceProvider($sandbox))->updateLocale();
        }
    }
}
