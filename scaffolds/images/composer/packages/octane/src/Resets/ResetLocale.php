<?php

namespace Laravel\Octane\Resets;

use Carbon\Carbon;
use Carbon\Laravel\ServiceProvider as CarbonServiceProvider;
use Laravel\Octane\Instances;

/** The language is the configured one again, in texts and in dates. */
class ResetLocale
{
    public function handle(object $event): void
    {
        $sandbox = $event->sandbox;
        $held = Instances::of($sandbox);
        $locale = $held['config']->get('app.locale');
        $translator = $held['translator'] ?? $sandbox['translator'];
        $translator->setLocale($locale);
        $translator->setFallback($held['config']->get('app.fallback_locale'));
        if (Carbon::getLocale() !== $locale) {
            (new CarbonServiceProvider($sandbox))->updateLocale();
        }
    }
}
