<?php

namespace Laravel\Octane;

use AllowDynamicProperties;
use Illuminate\Contracts\Container\Container;
use Illuminate\Contracts\Http\Kernel;
use Illuminate\Foundation\Application;
use ReflectionClass;
use ReflectionNamedType;
use ReflectionParameter;
use ReflectionProperty;

/**
 * The kernel makes each middleware twice for a request, by reflection, which is a good part of a short request's time.
 * What is to be made is known at boot: classes that need nothing, or only the application and other such classes, get a
 * factory. They are still made anew each time, but for those without a property: these have nothing that one request
 * could leave to the next.
 */
final class Factories
{
    public static function forMiddlewareOf(Kernel $kernel, Application $app): void
    {
        $classes = (fn (): array => $this->middleware)->call($kernel);
        foreach ([...array_values($kernel->getMiddlewareGroups())] as $group) {
            array_push($classes, ...array_values($group));
        }
        foreach (array_unique(array_filter($classes, is_string(...))) as $class) {
            if (class_exists($class) && ! $app->bound($class) && ($factory = self::of($class, $app)) !== null) {
                self::hasNoState($class) ? $app->instance($class, $factory($app)) : $app->bind($class, $factory);
            }
        }
    }

    private static function hasNoState(string $class): bool
    {
        $reflection = new ReflectionClass($class);
        for ($parent = $reflection; $parent !== false; $parent = $parent->getParentClass()) {
            if ($parent->getAttributes(AllowDynamicProperties::class) !== []) {
                return false;
            }
        }
        $properties = array_filter($reflection->getProperties(), fn (ReflectionProperty $property): bool => ! $property->isStatic());

        return $properties === [] && ($reflection->getConstructor()?->getNumberOfParameters() ?? 0) === 0;
    }

    /** @return ?callable(Container): object null where only the container knows how */
    private static function of(string $class, Application $app): ?callable
    {
        $reflection = new ReflectionClass($class);
        if (! $reflection->isInstantiable() || $app->bound($class) || $reflection->getAttributes() !== []) {
            return null;
        }
        $arguments = [];
        foreach ($reflection->getConstructor()?->getParameters() ?? [] as $parameter) {
            $argument = self::argument($parameter, $app);
            if ($argument === null) {
                return null;
            }
            $arguments[] = $argument;
        }

        return match ($arguments) {
            [] => fn (): object => new $class,
            default => fn (Container $container): object => new $class(...array_map(
                fn (callable $argument): mixed => $argument($container), $arguments)),
        };
    }

    /** @return ?callable(Container): mixed */
    private static function argument(ReflectionParameter $parameter, Application $app): ?callable
    {
        $type = $parameter->getType();
        if (! $type instanceof ReflectionNamedType || $parameter->isVariadic() || $parameter->getAttributes() !== []) {
            return null;
        }
        if (is_a($app, $type->getName())) {
            return fn (Container $container): object => $container;
        }

        return match (true) {
            // The container would take the default too: a scalar that nobody bound.
            $type->isBuiltin() && $parameter->isDefaultValueAvailable() => self::constant($parameter->getDefaultValue()),
            ! $type->isBuiltin() && $app->bound($type->getName()) => fn (Container $container): object => $container->make($type->getName()),
            ! $type->isBuiltin() && class_exists($type->getName()) => self::of($type->getName(), $app),
            default => null,
        };
    }

    private static function constant(mixed $value): callable
    {
        return fn (): mixed => $value;
    }
}
