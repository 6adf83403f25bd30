<?php

namespace Laravel\Octane;

use Illuminate\Support\ServiceProvider;

class OctaneServiceProvider extends ServiceProvider
{
    public function register(): void
    {
        $this->mergeConfigFrom(__DIR__.'/../config/octane.php', 'octane');
        $this->app->singleton('octane', Octane::class);
        $this->app->alias('octane', Octane::class);
    }

    public function boot(): void
    {
        foreach ($this->app['config']->get('octane.listeners', []) as $event => $listeners) {
            foreach (array_filter($listeners) as $listener) {
                // A configuration written for Octane itself may name listeners that the stand-in does not have.
                if (class_exists($listener)) {
                    // Ours keep nothing: made once, not for each request.
                    $ours = str_starts_with($listener, __NAMESPACE__.'\\');
                    $this->app['events']->listen($event, $ours ? (new $listener)->handle(...) : $listener);
                }
            }
        }
        if ($this->app->runningInConsole()) {
            $this->commands([Commands\InstallCommand::class]);
            $this->publishes([__DIR__.'/../config/octane.php' => $this->app->configPath('octane.php')], ['octane-config', 'octane']);
        }
    }
}
