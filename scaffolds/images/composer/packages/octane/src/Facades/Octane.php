<?php

namespace Laravel\Octane\Facades;

use Illuminate\Support\Facades\Facade;

/** @method static array concurrently(array $tasks, int $waitMilliseconds = 3000) */
class Octane extends Facade
{
    protected static function getFacadeAccessor(): string
    {
        return 'octane';
    }
}
