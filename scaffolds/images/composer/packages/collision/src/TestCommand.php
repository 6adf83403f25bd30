<?php

namespace NunoMaduro\Collision;

use Dotenv\Dotenv;
use Illuminate\Console\Command;

class TestCommand extends Command
{
    protected $signature = 'test {--without-tty} {--compact} {--parallel}';

    protected $description = 'Run the application tests (stand-in for nunomaduro/collision)';

    public function __construct()
    {
        parent::__construct();
        // Everything else is PHPUnit's.
        $this->ignoreValidationErrors();
    }

    public function handle(): int
    {
        if ($this->option('parallel')) {
            $this->components->error('--parallel needs brianium/paratest, which no registry that answers here has.');

            return self::INVALID;
        }
        $arguments = array_values(array_filter(array_slice($_SERVER['argv'], 2), fn (string $argument): bool =>
            ! in_array($argument, ['--without-tty', '--compact', '--ansi'], true) && ! str_starts_with($argument, '--env=')));
        $process = proc_open([PHP_BINARY, 'vendor/bin/phpunit', ...$arguments], [STDIN, STDOUT, STDERR], $pipes,
            base_path(), $this->environment());

        return proc_close($process);
    }

    /** phpunit.xml decides the environment: what artisan loaded from .env does not go on to PHPUnit. */
    private function environment(): array
    {
        $file = $this->laravel->environmentFilePath();
        $loaded = is_file($file) ? Dotenv::parse(file_get_contents($file)) : [];

        return array_diff_key(getenv(), $loaded);
    }
}
