<?php

declare(strict_types=1);

/** The PHP libraries that Debian's packages installed. */
final class Debian
{
    public function __construct(public readonly string $root) {}

    /** Upstream's version of an installed package: 1:13.31.0+dfsg-1 is 13.31.0. */
    public function version(string $package): string
    {
        exec('dpkg-query -W -f \'${Version}\' '.escapeshellarg($package), $lines, $status);
        if ($status !== 0) {
            throw new RuntimeException("Debian package $package is not installed");
        }

        return preg_replace('/^\d+:|[+~-].*$/', '', $lines[0]);
    }

    /** @return list<string> names of the installed packages that match a pattern of dpkg's */
    public function installed(string $pattern): array
    {
        exec('dpkg-query -W -f \'${db:Status-Abbrev}|${Package}\n\' '.escapeshellarg($pattern), $lines);
        $rows = array_map(fn (string $line): array => explode('|', $line), $lines);

        return array_column(array_filter($rows, fn (array $row): bool => trim($row[0]) === 'ii'), 1);
    }

    /** @return iterable<string, string> path below $directory => absolute path */
    public static function files(string $directory): iterable
    {
        $found = [];
        $entries = new RecursiveDirectoryIterator($directory, FilesystemIterator::SKIP_DOTS | FilesystemIterator::FOLLOW_SYMLINKS);
        foreach (new RecursiveIteratorIterator($entries) as $file) {
            $found[substr($file->getPathname(), strlen($directory) + 1)] = $file->getPathname();
        }
        ksort($found);

        return $found;
    }

    /**
     * Contents of a library's file that will stand at $place below a directory with the same layout as Debian's.
     *
     * Debian's loaders name each other by absolute path; here they become relative. A loader that Debian only suggests
     * is dropped unless $has says that it comes along.
     *
     * @param  callable(string): bool  $has  whether a path below Debian's directory comes along
     */
    public function relocated(string $path, string $place, callable $has): string
    {
        $text = file_get_contents($path);
        if (preg_match('/autoload[^\/]*\.php$/i', $path) !== 1) {
            return $text;
        }
        $root = preg_quote($this->root, '~');
        $text = preg_replace_callback("~^if \(stream_resolve_include_path\('$root/([^']+)'\)\).*\n~m",
            fn (array $match): string => $has($match[1]) ? $match[0] : '', $text);
        $up = str_repeat('/..', substr_count($place, '/'));

        return preg_replace("~'$root/([^']+)'~", "__DIR__.'$up/\$1'", $text);
    }
}
