<?php

// What devkit/laravel/waiting.py runs in the application's container, from standard input: it prints one line of JSON
// with how many migrations are pending and how many jobs have failed. It reads, and changes nothing.

use Illuminate\Contracts\Console\Kernel;

require getcwd().'/vendor/autoload.php';
$app = require getcwd().'/bootstrap/app.php';
$app->make(Kernel::class)->bootstrap();

/** What cannot be told is null: a database that does not answer, an application without queues. */
function told(Closure $count): ?int
{
    try {
        return $count();
    } catch (Throwable) {
        return null;
    }
}

$found = [
    'migrations' => told(function () {
        $migrator = app('migrator');
        $files = $migrator->getMigrationFiles([...$migrator->paths(), database_path('migrations')]);
        $ran = $migrator->repositoryExists() ? $migrator->getRepository()->getRan() : [];

        return count(array_diff(array_keys($files), $ran));
    }),
    'failed_jobs' => told(function () {
        $failer = app('queue.failer');

        return method_exists($failer, 'count') ? $failer->count() : count($failer->all());
    }),
];

echo "\n", 'devkit ', json_encode($found), "\n";
