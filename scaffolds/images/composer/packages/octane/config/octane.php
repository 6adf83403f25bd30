<?php

use Laravel\Octane\Events\OperationTerminated;
use Laravel\Octane\Events\RequestHandled;
use Laravel\Octane\Events\RequestReceived;
use Laravel\Octane\Events\RequestTerminated;
use Laravel\Octane\Events\WorkerErrorOccurred;
use Laravel\Octane\Events\WorkerStarting;
use Laravel\Octane\Events\WorkerStopping;
use Laravel\Octane\Listeners\CloseMonologHandlers;
use Laravel\Octane\Listeners\CollectGarbage;
use Laravel\Octane\Listeners\DisconnectFromDatabases;
use Laravel\Octane\Listeners\FlushOnce;
use Laravel\Octane\Listeners\FlushTemporaryContainerInstances;
use Laravel\Octane\Listeners\FlushUploadedFiles;
use Laravel\Octane\Listeners\RollBackTransactions;
use Laravel\Octane\Octane;

return [

    'server' => env('OCTANE_SERVER', 'frankenphp'),

    // Links are made with https: where TLS ends in front of the server.
    'https' => env('OCTANE_HTTPS', false),

    'listeners' => [
        WorkerStarting::class => [],

        RequestReceived::class => [
            ...Octane::prepareApplicationForNextOperation(),
            ...Octane::prepareApplicationForNextRequest(),
        ],

        RequestHandled::class => [],

        RequestTerminated::class => [
            FlushUploadedFiles::class,
        ],

        OperationTerminated::class => [
            FlushOnce::class,
            FlushTemporaryContainerInstances::class,
            RollBackTransactions::class,
            // DisconnectFromDatabases::class,
            CollectGarbage::class,
        ],

        WorkerErrorOccurred::class => [],

        WorkerStopping::class => [
            CloseMonologHandlers::class,
        ],
    ],

    // Services made at boot and shared by all requests.
    'warm' => [
        ...Octane::defaultServicesToWarm(),
    ],

    // Services forgotten after each request.
    'flush' => [],

    // Memory in megabytes from which garbage is collected after a request.
    'garbage' => 50,

    // Seconds that one request may take; 0 is no limit. The server hands it on as REQUEST_MAX_EXECUTION_TIME.
    'max_execution_time' => 30,

];
