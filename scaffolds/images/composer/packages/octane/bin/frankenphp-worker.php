<?php

// FrankenPHP runs this file once for each worker thread: boot the application, then answer requests until it is time to go.

use Laravel\Octane\FrankenPhp\BootFailure;
use Laravel\Octane\FrankenPhp\Limits;
use Laravel\Octane\Worker;

if (! function_exists('frankenphp_handle_request') || empty($_SERVER['FRANKENPHP_WORKER'])) {
    fwrite(defined('STDERR') ? STDERR : fopen('php://stderr', 'w'), "This file is a worker of FrankenPHP's: name it in a worker block.\n");
    exit(1);
}

// A browser that went away must not end the worker.
ignore_user_abort(true);

$basePath = $_SERVER['APP_BASE_PATH'] ?? $_ENV['APP_BASE_PATH'] ?? dirname(__DIR__, 4);
$_ENV['APP_RUNNING_IN_CONSOLE'] = 'false';
$_ENV['LARAVEL_OCTANE'] = $_SERVER['LARAVEL_OCTANE'] = '1';

require_once $basePath.'/vendor/autoload.php';

$limits = Limits::fromEnvironment($_SERVER + $_ENV);

try {
    $worker = Worker::boot($basePath, $_SERVER['APP_PUBLIC_PATH'] ?? $_ENV['APP_PUBLIC_PATH'] ?? null);
} catch (Throwable $error) {
    // One request is told so, then the file ends well: FrankenPHP starts it again and the boot is tried anew.
    $failure = new BootFailure($error, $basePath);
    $failure->log();
    frankenphp_handle_request($failure->answer(...));
    exit(0);
}

for ($served = 0; ! $limits->reached($served); $served++) {
    $more = frankenphp_handle_request(static function () use ($worker, $limits): void {
        $limits->startRequest();
        $worker->handle();
        $limits->endRequest();
    });
    if (! $more) {
        break;
    }
}

$worker->terminate();
