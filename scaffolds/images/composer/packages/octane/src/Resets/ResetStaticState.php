<?php

namespace Laravel\Octane\Resets;

use Illuminate\Foundation\Vite;
use Illuminate\Support\Str;
use Illuminate\View\Component;
use Laravel\Octane\Instances;

/** Static caches, and packages that keep something between requests. */
class ResetStaticState
{
    private const PACKAGES = [
        'Inertia\\ResponseFactory' => 'flushShared',
        'Livewire\\LivewireManager' => 'flushState',
        'Laravel\\Socialite\\Contracts\\Factory' => 'forgetDrivers',
    ];

    public function handle(object $event): void
    {
        Str::flushCache();
        Component::flushCache();
        Component::forgetFactory();
        $held = Instances::of($event->sandbox);
        if (isset($held[Vite::class])) {
            $held[Vite::class]->flush();
        }
        foreach (self::PACKAGES as $service => $method) {
            if (isset($held[$service]) && method_exists($held[$service], $method)) {
                $held[$service]->{$method}();
            }
        }
    }
}
