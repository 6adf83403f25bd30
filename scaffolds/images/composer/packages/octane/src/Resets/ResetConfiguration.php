<?php

namespace Laravel\Octane\Resets;


/** Objects that a request writes to are cloned for it; what was made with the old ones is forgotten. */
class ResetConfiguration
{
    public function handle(object $event): void
    {
        $sandbox = $event->sandbox;
        $sandbox->instance('config', clone $sandbox['config']);
        $sandbox->instance('url', clone $sandbox['url']);
        foreach (['view', 'validator'] as $service) {
            if ($sandbox->resolved($service)) {
                $sandbox->instance($service, tap(clone $sandbox[$service])->setContainer($sandbox));
            }
        }
        if ($sandbox->resolved('view')) {
            $sandbox['view']->share(['app' => $sandbox, '__env' => $sandbox['view']]);
        }
        foreach (['redirect', \Illuminate\Contracts\Routing\ResponseFactory::class, 'auth.driver', 'auth.password', 'auth.password.broker', 'mailer'] as $service) {
            $sandbox->forgetInstance($service);
        }
    }
}
