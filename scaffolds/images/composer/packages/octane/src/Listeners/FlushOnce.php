<?php

namespace Laravel\Octane\Listeners;

use Illuminate\Support\Once;

/** What once() remembers. */
class FlushOnce
{
    public function handle(object $event): void
    {
        Once::flush();
    }
}
