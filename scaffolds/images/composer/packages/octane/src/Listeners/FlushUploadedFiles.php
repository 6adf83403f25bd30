<?php

namespace Laravel\Octane\Listeners;

use Illuminate\Support\Arr;
use SplFileInfo;

/** Uploads that nobody moved. */
class FlushUploadedFiles
{
    public function handle(object $event): void
    {
        foreach (Arr::flatten($event->request->files->all()) as $file) {
            if ($file instanceof SplFileInfo && is_string($path = $file->getRealPath()) && is_file($path)) {
                unlink($path);
            }
        }
    }
}
