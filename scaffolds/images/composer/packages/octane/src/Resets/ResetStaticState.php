<?php

namespace Laravel\Octane\Resets;

use Illuminate\Foundation\Vite;
use Illuminate\Support\Str;
use Illuminate\View\Component;

/** Static caches, and packages that keep something between requests. */
class ResetStaticState
{
    public function handle(object $event): void
    {
        Str::flushCache();
        Component::flushCache();
        Component::forgetFactory();
        $sandbox = $event->sandbox;
        if ($sandbox->resolved(Vite::class)) {
            $sandbox->make(Vite::class)->flush();
        }
        $packages = [
            'Inertia\\ResponseFactory' => 'flushShared',
            'Livewire\\LivewireManager' => 'flushState',
            'Laravel\\Socialite\\Contracts\\Factory' => 'forgetDrivers',
        ];
        foreach ($packages as $service => $method) {
            if ($sandbox->resolved($service) && method_exists($sandbox->make($service), $method)) {
                $sandbox->make($service)->{$method}();
            }
        }
    }
}
