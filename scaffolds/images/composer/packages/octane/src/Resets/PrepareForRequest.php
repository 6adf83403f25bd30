<?php

namespace Laravel\Octane\Resets;

/** What is put back before a request, as one listener. */
class PrepareForRequest
{
    /** @var list<object> */
    private array $resets;

    public function __construct()
    {
        $this->resets = [
            new ResetLocale,
            new ResetSession,
            new ResetRequest,
        ];
    }

    public function handle(object $event): void
    {
        foreach ($this->resets as $reset) {
            $reset->handle($event);
        }
    }
}
