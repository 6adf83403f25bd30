<?php

namespace Laravel\Octane\FrankenPhp;

use Throwable;

/** The application did not boot: nothing of it can be used to say so. */
final readonly class BootFailure
{
    public function __construct(private Throwable $error, private string $basePath) {}

    public function log(): void
    {
        error_log('The application did not boot: '.$this->text());
    }

    public function answer(): void
    {
        http_response_code(500);
        header('Content-Type: text/plain; charset=utf-8');
        header('Cache-Control: no-store');
        // The environment file may be what is broken: only a plain APP_DEBUG=true lets the text out.
        $debug = getenv('APP_DEBUG') ?: ($_ENV['APP_DEBUG'] ?? $this->written());
        echo $debug === 'true' ? "The application did not boot.\n\n".$this->text()."\n" : "Internal Server Error\n";
    }

    private function written(): string
    {
        $lines = @file($this->basePath.'/.env', FILE_IGNORE_NEW_LINES) ?: [];
        foreach ($lines as $line) {
            if (preg_match('/^APP_DEBUG=["\']?(true|false)\b/', $line, $match)) {
                return $match[1];
            }
        }

        return 'false';
    }

    private function text(): string
    {
        return sprintf('%s: %s in %s:%d', $this->error::class, $this->error->getMessage(), $this->error->getFile(), $this->error->getLine());
    }
}
