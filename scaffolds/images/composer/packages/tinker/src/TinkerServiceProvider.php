<?php

namespace Laravel\Tinker;

use Illuminate\Support\ServiceProvider;

class TinkerServiceProvider extends ServiceProvider
{
    public function boot(): void
    {
        if ($this->app->runningInConsole()) {
            $this->commands([TinkerCommand::class]);
        }
    }
}
