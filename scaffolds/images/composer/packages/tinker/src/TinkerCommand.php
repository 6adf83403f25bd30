<?php

namespace Laravel\Tinker;

use Illuminate\Console\Command;
use Throwable;

/** A plain reader of PHP lines: no completion, no history across runs (PsySH is in no registry that answers here). */
class TinkerCommand extends Command
{
    protected $signature = 'tinker {include?* : Files to run before} {--execute= : Run this code and end}';

    protected $description = 'Interact with your application (stand-in for laravel/tinker)';

    /** What the lines have assigned so far. */
    private array $variables = [];

    public function handle(): int
    {
        foreach ($this->argument('include') as $file) {
            require $file;
        }
        $code = $this->option('execute');
        if ($code !== null) {
            return $this->run_($code) ? self::SUCCESS : self::FAILURE;
        }
        while (is_string($line = $this->line_())) {
            if (in_array(trim($line, " \t;"), ['exit', 'quit', 'exit()'], true)) {
                break;
            }
            if (trim($line) !== '') {
                $this->run_($line);
            }
        }

        return self::SUCCESS;
    }

    private function line_(): string|false
    {
        if (! stream_isatty(STDIN)) {
            return fgets(STDIN);
        }
        $line = readline('> ');
        is_string($line) && $line !== '' && readline_add_history($line);

        return $line;
    }

    /** Runs one line; the value of an expression is shown, as PsySH does, but only when a person types. */
    private function run_(string $code): bool
    {
        $code = rtrim($code, "; \t\n\r");
        try {
            $value = $this->evaluate($code);
            if ($this->option('execute') === null && $value !== null) {
                dump($value);
            }

            return true;
        } catch (Throwable $error) {
            $this->components->error(get_class($error).': '.$error->getMessage());

            return false;
        }
    }

    private function evaluate(string $__code): mixed
    {
        extract($this->variables, EXTR_SKIP);
        try {
            // An expression first; a statement (echo, if, use ...) does not parse as one.
            try {
                $__value = eval("return $__code;");
            } catch (\ParseError) {
                $__value = eval("$__code;");
            }
        } finally {
            $this->variables = array_diff_key(get_defined_vars(), ['__code' => 0, '__value' => 0, 'this' => 0]);
        }

        return $__value;
    }
}
