<?php

namespace Laravel\Octane;

use Illuminate\Routing\CompiledRouteCollection;
use Illuminate\Routing\RouteAction;
use Illuminate\Routing\RouteCollectionInterface;
use Laravel\SerializableClosure\SerializableClosure;
use Laravel\SerializableClosure\Serializers\Native;
use Laravel\SerializableClosure\Serializers\Signed;
use Laravel\SerializableClosure\Support\SelfReference;
use Laravel\SerializableClosure\UnsignedSerializableClosure;

/**
 * A cached route that is a closure (/up is one) would be compiled anew with each request, for OPcache knows nothing of it.
 * A worker makes it once, as it has it once where routes are not cached.
 */
final class CachedRoutes
{
    private const ALLOWED = [SerializableClosure::class, UnsignedSerializableClosure::class, Native::class, Signed::class, SelfReference::class];

    public static function makeClosures(RouteCollectionInterface $routes): void
    {
        if (! $routes instanceof CompiledRouteCollection) {
            return;
        }
        (function (array $allowed): void {
            foreach ($this->attributes as $name => $route) {
                if (RouteAction::containsSerializedClosure($route['action'])) {
                    $closure = unserialize($route['action']['uses'], ['allowed_classes' => $allowed])->getClosure();
                    $this->attributes[$name]['action']['uses'] = $closure;
                }
            }
        })->call($routes, self::ALLOWED);
    }
}
