<?php

// Writes Composer and its offline repository out of the PHP files that Debian's packages installed.
// usage: php build.php DIRECTORY local|packagist

declare(strict_types=1);

require __DIR__.'/src/Debian.php';
require __DIR__.'/src/Repository.php';
require __DIR__.'/src/Program.php';

[, $target, $kind] = $argv + [1 => '', 2 => 'local'];
if ($target === '' || ! in_array($kind, ['local', 'packagist'], true)) {
    fwrite(STDERR, "usage: php build.php DIRECTORY local|packagist\n");
    exit(2);
}

set_error_handler(function (int $level, string $message, string $file, int $line): never {
    throw new ErrorException($message, 0, $level, $file, $line);
});

$debian = new Debian('/usr/share/php');
$repository = "$target/repository";

(new Program($debian))->write("$target/composer", $kind === 'local' ? "file://$repository" : null);
if ($kind === 'local') {
    (require __DIR__.'/src/packages.php')(new Repository($repository), $debian, __DIR__);
}
