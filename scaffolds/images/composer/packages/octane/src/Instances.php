<?php

namespace Laravel\Octane;

use Closure;
use Illuminate\Container\Container;

/**
 * What a container holds already. make() finds it too, but looks for contextual bindings, deferred providers and callbacks
 * first, and the state that is put back for each request is that of many services.
 */
final class Instances
{
    private static ?Closure $read = null;

    /** @return array<string, mixed> by the names that they are bound to */
    public static function of(Container $app): array
    {
        self::$read ??= Closure::bind(static fn (Container $app): array => $app->instances, null, Container::class);

        return (self::$read)($app);
    }
}
