<?php

// FrankenPHP's worker: see vendor/laravel/octane.

$_SERVER['APP_BASE_PATH'] ??= $_ENV['APP_BASE_PATH'] ?? dirname(__DIR__);
$_SERVER['APP_PUBLIC_PATH'] ??= $_ENV['APP_PUBLIC_PATH'] ?? __DIR__;

require __DIR__.'/../vendor/laravel/octane/bin/frankenphp-worker.php';
