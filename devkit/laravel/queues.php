<?php

// What devkit/laravel/queues.py runs in the application's container, from standard input: it prints one line of JSON
// with what the queues hold. It reads, and changes nothing.

use Illuminate\Contracts\Console\Kernel;
use Illuminate\Queue\Failed\DatabaseFailedJobProvider;
use Illuminate\Queue\Failed\DatabaseUuidFailedJobProvider;

const MOST_FAILED = 200;
const LONGEST_EXCEPTION = 16384;
const REDIS_SECONDS = 2.0;

$asked = json_decode($argv[1] ?? '', true) ?: [];
require getcwd().'/vendor/autoload.php';
$app = require getcwd().'/bootstrap/app.php';
$app->make(Kernel::class)->bootstrap();

function answer(array $found): void
{
    echo "\n", 'devkit ', json_encode($found, JSON_INVALID_UTF8_SUBSTITUTE | JSON_UNESCAPED_SLASHES | JSON_UNESCAPED_UNICODE), "\n";
}

function problem(Throwable $error): string
{
    return $error::class.': '.mb_strcut($error->getMessage(), 0, 2000);
}

/** The connections that are looked at: the default one, those that workers take jobs of, and tables with jobs. */
function connections(array $workers): array
{
    $default = config('queue.default');
    $behind = config("queue.connections.{$default}.driver") === 'failover'
        ? config("queue.connections.{$default}.connections", [])
        : [$default];
    $wanted = [...$behind, ...array_map(fn ($worker) => $worker[0] ?? $default, $workers)];
    $tables = array_keys(array_filter(
        config('queue.connections', []),
        fn ($connection) => ($connection['driver'] ?? '') === 'database',
    ));
    $found = [];
    foreach (array_unique([...$wanted, ...$tables]) as $name) {
        $driver = config("queue.connections.{$name}.driver");
        if (! in_array($driver, [null, 'sync', 'null', 'deferred', 'background', 'failover'], true)) {
            $found[$name] = in_array($name, $wanted, true);
        }
    }

    return $found;
}

/** The queues that hold something now, as far as a driver can tell. */
function existing(string $connection): array
{
    $settings = config("queue.connections.{$connection}");
    if ($settings['driver'] === 'database') {
        return app('db')->connection($settings['connection'] ?? null)->table($settings['table'])
            ->distinct()->pluck('queue')->all();
    }
    if ($settings['driver'] === 'redis') {
        $keys = app('redis')->connection($settings['connection'] ?? 'default')->keys('queues:*');
        $names = preg_replace('/^.*?queues:(.+?)(?::(?:delayed|reserved|notify))?$/s', '$1', $keys);

        return array_map(fn ($name) => trim($name, '{}'), $names);
    }

    return [];
}

function sizes(string $connection, string $queue): array
{
    $known = app('queue')->connection($connection);
    if (! method_exists($known, 'pendingSize')) { // Laravel 12.18 and before
        return [$connection, $queue, (int) $known->size($queue), null, null, null];
    }

    return [
        $connection,
        $queue,
        (int) $known->pendingSize($queue),
        (int) $known->delayedSize($queue),
        (int) $known->reservedSize($queue),
        $known->creationTimeOfOldestPendingJob($queue),
    ];
}

function queues(array $workers): array
{
    $queues = $problems = [];
    foreach (connections($workers) as $connection => $wanted) {
        try {
            $names = existing($connection);
            if ($wanted) {
                $names = [config("queue.connections.{$connection}.queue") ?? 'default', ...$names];
                foreach ($workers as [$of, $named]) {
                    if (($of ?? config('queue.default')) === $connection) {
                        array_push($names, ...$named);
                    }
                }
            }
            foreach (array_unique($names) as $name) {
                $queues[] = sizes($connection, $name);
            }
        } catch (Throwable $error) {
            if ($wanted) {
                $problems[$connection] = problem($error);
            }
        }
    }

    return ['queues' => $queues, 'problems' => (object) $problems];
}

/** The newest failed jobs; payloads stay here but for the job's name. */
function failed(object $failer): array
{
    $settings = config('queue.failed');
    $jobs = $failer instanceof DatabaseUuidFailedJobProvider || $failer instanceof DatabaseFailedJobProvider
        ? app('db')->connection($settings['database'] ?? null)->table($settings['table'])
            ->orderByDesc('id')->limit(MOST_FAILED)->get()->all()
        : array_slice($failer->all(), 0, MOST_FAILED);

    return array_map(fn ($job) => [
        (string) ($job->uuid ?? $job->id),
        (string) $job->connection,
        (string) $job->queue,
        (string) (json_decode($job->payload, true)['displayName'] ?? ''),
        (string) $job->failed_at,
        mb_strcut((string) $job->exception, 0, LONGEST_EXCEPTION),
    ], $jobs);
}

function failed_count(object $failer): int
{
    return method_exists($failer, 'count') ? $failer->count() : count($failer->all());
}

foreach (array_keys(config('database.redis', [])) as $name) {
    if (is_array(config("database.redis.{$name}")) && $name !== 'options') {
        config(["database.redis.{$name}.timeout" => REDIS_SECONDS, "database.redis.{$name}.max_retries" => 0]);
    }
}

$found = ['default' => config('queue.default')];
if (! ($asked['only_count'] ?? false)) {
    $found += queues($asked['workers'] ?? []);
}
try {
    $failer = app('queue.failer');
    $found['failed_count'] = failed_count($failer);
    if (! ($asked['only_count'] ?? false)) {
        $jobs = failed($failer);
        $found['failed_mark'] = md5(json_encode(array_column($jobs, 0)).$found['failed_count']);
        $found['failed'] = $found['failed_mark'] === ($asked['failed_mark'] ?? null) ? null : $jobs;
    }
} catch (Throwable $error) {
    $found['failed_problem'] = problem($error);
}
answer($found);
