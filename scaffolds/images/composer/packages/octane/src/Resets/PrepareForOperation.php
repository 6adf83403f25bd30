<?php

namespace Laravel\Octane\Resets;

/** What is put back before anything runs, as one listener: the dispatcher would wrap each of them anew every time. */
class PrepareForOperation
{
    /** @var list<object> */
    private array $resets;

    public function __construct()
    {
        $this->resets = [
            new ResetConfiguration,
            new ResetContainers,
            new ResetDatabase,
            new ResetMessaging,
            new ResetLogging,
            new ResetStaticState,
        ];
    }

    public function handle(object $event): void
    {
        foreach ($this->resets as $reset) {
            $reset->handle($event);
        }
    }
}
