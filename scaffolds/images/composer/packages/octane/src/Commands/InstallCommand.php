<?php

namespace Laravel\Octane\Commands;

use Illuminate\Console\Command;
use Illuminate\Filesystem\Filesystem;

class InstallCommand extends Command
{
    protected $signature = 'octane:install {--server= : frankenphp} {--force : Overwrite what is there}';

    protected $description = 'Write Octane\'s configuration and worker file (stand-in for laravel/octane)';

    public function handle(Filesystem $files): int
    {
        $server = $this->option('server') ?? 'frankenphp';
        if ($server !== 'frankenphp') {
            $this->components->error("This stand-in for laravel/octane knows frankenphp only, not [$server].");

            return self::FAILURE;
        }
        $worker = public_path('frankenphp-worker.php');
        if (! $files->exists($worker) || $this->option('force')) {
            $files->put($worker, $files->get(__DIR__.'/../../stubs/frankenphp-worker.php'));
        }
        $this->callSilently('vendor:publish', ['--tag' => 'octane-config', '--force' => (bool) $this->option('force')]);
        $this->ignoreFiles($files);
        $this->components->info('Octane\'s stand-in is set up: public/frankenphp-worker.php and config/octane.php.');

        return self::SUCCESS;
    }

    /** What FrankenPHP's binary or server may leave in the project stays out of git. */
    private function ignoreFiles(Filesystem $files): void
    {
        $path = base_path('.gitignore');
        $lines = $files->exists($path) ? preg_split('/\R/', $files->get($path)) : [];
        $missing = array_diff(['**/caddy', 'frankenphp'], $lines);
        if ($missing !== []) {
            $files->append($path, implode("\n", $missing)."\n");
        }
    }
}
