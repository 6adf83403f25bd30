<?php

namespace Laravel\Octane;

class Octane
{
    /** Services made once, at boot, and shared by the clones. @return list<string> */
    public static function defaultServicesToWarm(): array
    {
        return ['auth', 'cache', 'cache.store', 'config', 'cookie', 'db', 'db.factory', 'db.transactions', 'encrypter', 'files', 'hash',
            'log', 'router', 'routes', 'session', 'session.store', 'translator', 'url', 'validator', 'view'];
    }

    /** What happens to the clone before anything runs on it. @return list<class-string> */
    public static function prepareApplicationForNextOperation(): array
    {
        return [Resets\PrepareForOperation::class];
    }

    /** What happens to it before a request does. @return list<class-string> */
    public static function prepareApplicationForNextRequest(): array
    {
        return [Resets\PrepareForRequest::class];
    }

    /**
     * Runs the tasks one after the other and returns their results under the same keys.
     *
     * @param  array<array-key, callable>  $tasks
     * @return array<array-key, mixed>
     */
    public function concurrently(array $tasks, int $waitMilliseconds = 3000): array
    {
        return array_map(fn (callable $task): mixed => $task(), $tasks);
    }
}
