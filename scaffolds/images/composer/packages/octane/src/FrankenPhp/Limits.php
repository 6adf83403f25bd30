<?php

namespace Laravel\Octane\FrankenPhp;

/** After how many requests a worker starts anew, and how long one request may take. */
final readonly class Limits
{
    /** @param int $requests 0 is no limit  @param int $seconds 0 is no limit */
    public function __construct(public int $requests, public int $seconds) {}

    /** @param array<string, mixed> $environment */
    public static function fromEnvironment(array $environment): self
    {
        return new self((int) ($environment['MAX_REQUESTS'] ?? 500), (int) ($environment['REQUEST_MAX_EXECUTION_TIME'] ?? 0));
    }

    public function reached(int $served): bool
    {
        return $this->requests > 0 && $served >= $this->requests;
    }

    public function startRequest(): void
    {
        $this->seconds > 0 && set_time_limit($this->seconds);
    }

    /** The wait for the next request is not counted. */
    public function endRequest(): void
    {
        $this->seconds > 0 && set_time_limit(0);
    }
}
