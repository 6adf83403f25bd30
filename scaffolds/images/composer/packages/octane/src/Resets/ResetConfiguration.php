<?php

namespace Laravel\Octane\Resets;

use Illuminate\Contracts\Routing\ResponseFactory;
use Laravel\Octane\Instances;

/** Objects that a request writes to are cloned for it; what was made with the old ones is forgotten. */
class ResetConfiguration
{
    public function handle(object $event): void
    {
        $sandbox = $event->sandbox;
        $held = Instances::of($sandbox);
        $sandbox->instance('config', clone $sandbox['config']);
        $sandbox->instance('url', clone $sandbox['url']);
        foreach (['view', 'validator'] as $service) {
            if (isset($held[$service])) {
                $clone = clone $held[$service];
                $clone->setContainer($sandbox);
                $sandbox->instance($service, $clone);
            }
        }
        if (isset($held['view'])) {
            $clone = $sandbox['view'];
            $clone->share(['app' => $sandbox, '__env' => $clone]);
        }
        foreach (['redirect', ResponseFactory::class, 'auth.driver', 'auth.password', 'auth.password.broker', 'mailer'] as $service) {
            if (isset($held[$service])) {
                $sandbox->forgetInstance($service);
            }
        }
    }
}
