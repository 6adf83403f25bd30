<?php

declare(strict_types=1);

/** Composer from Debian's package, with the libraries that it loads, in a directory that needs nothing else. */
final class Program
{
    /** Upstream's Composer brings these too; Debian relies on the intl extension instead. */
    private const POLYFILLS = ['Symfony/Polyfill/Intl/Grapheme', 'Symfony/Polyfill/Intl/Normalizer'];

    public function __construct(private readonly Debian $debian) {}

    /** @param ?string $repository the default repository's address; Packagist where null */
    public function write(string $target, ?string $repository): void
    {
        $libraries = $this->libraries(['Composer', ...self::POLYFILLS]);
        $has = fn (string $path): bool => in_array(dirname($path), $libraries, true);
        foreach ([...$libraries, 'data/Composer', 'data/JsonSchema'] as $library) {
            foreach (Debian::files("{$this->debian->root}/$library") as $name => $path) {
                $place = "$library/$name";
                $this->put("$target/src/$place", $this->edited($place, $this->debian->relocated($path, $place, $has), $repository));
            }
        }
        // Debian leaves this schema out, and `composer diagnose` dies of it. What the lock file must have is said here.
        $this->put("$target/src/data/Composer/res/composer-lock-schema.json", json_encode([
            '$schema' => 'https://json-schema.org/draft-04/schema#', 'type' => 'object',
            'required' => ['content-hash', 'packages', 'packages-dev'],
        ], JSON_THROW_ON_ERROR));
        $start = file_get_contents('/usr/bin/composer');
        $start = preg_replace('~^#!.*~', '#!/usr/bin/env php', $start, 1);
        $loaders = array_map(fn (string $library): string => "require __DIR__.'/../src/$library/autoload.php';\n",
            [...self::POLYFILLS, 'Composer']);
        $this->put("$target/bin/composer",
            $this->replaced($start, "require __DIR__ . '/../share/php/Composer/autoload.php';\n", implode('', $loaders)));
        chmod("$target/bin/composer", 0755);
        echo 'Composer ', $this->debian->version('composer'), ', default repository ', $repository ?? 'Packagist', "\n";
    }

    /**
     * @param  list<string>  $todo
     * @return list<string> directories of these libraries and of all that their loaders load
     */
    private function libraries(array $todo): array
    {
        $found = [];
        while (($library = array_shift($todo)) !== null) {
            $loader = "{$this->debian->root}/$library/autoload.php";
            if (in_array($library, $found, true) || ! is_file($loader)) {
                continue;
            }
            $found[] = $library;
            preg_match_all("~(__DIR__ ?\. ?)?'([^']+/autoload\.php)'~", file_get_contents($loader), $matches, PREG_SET_ORDER);
            foreach ($matches as [, $relative, $path]) {
                $real = realpath(($relative === '' ? '' : dirname($loader)).$path);
                if ($real !== false && ! str_contains($path, 'include_path')) {
                    $todo[] = dirname(substr($real, strlen($this->debian->root) + 1));
                }
            }
        }

        // A library inside another one's directory comes along with it.
        return array_values(array_filter($found, fn (string $one): bool => array_filter($found,
            fn (string $other): bool => str_starts_with($one, "$other/")) === []));
    }

    private function edited(string $place, string $text, ?string $repository): string
    {
        return match ($place) {
            // Archives of the repository lie beside it: a kept copy would only hide that a newer one has come.
            'Composer/Config.php' => $repository === null ? $text
                : $this->replaced(
                    $this->replaced($text, "'url' => 'https://repo.packagist.org'", "'url' => '$repository'"),
                    "'cache-files-ttl' => null", "'cache-files-ttl' => 0"),
            'Composer/Json/JsonFile.php' => $this->replaced($text,
                "'/../../../data/Composer/res/composer-lock-schema.json'", "'/../../data/Composer/res/composer-lock-schema.json'"),
            'JsonSchema/Uri/UriRetriever.php' => $this->replaced($text, "'/../../../php/data/JsonSchema'", "'/../../data/JsonSchema'"),
            default => $text,
        };
    }

    private function replaced(string $text, string $old, string $new): string
    {
        if (! str_contains($text, $old)) {
            throw new RuntimeException("Debian's composer has changed: $old is not in it");
        }

        return str_replace($old, $new, $text);
    }

    private function put(string $path, string $contents): void
    {
        is_dir(dirname($path)) || mkdir(dirname($path), 0755, true);
        file_put_contents($path, $contents);
    }
}
