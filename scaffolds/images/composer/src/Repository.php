<?php

declare(strict_types=1);

/** A static Composer repository: packages.json and one zip for each package. */
final class Repository
{
    /** Zips are the same bytes for the same files: image layers stay the same. 2020-01-01 UTC. */
    private const TIME = 1577836800;

    /** @var array<string, array<string, array<string, mixed>>> */
    private array $packages = [];

    public function __construct(private readonly string $directory)
    {
        is_dir($directory) || mkdir($directory, 0755, true);
    }

    /**
     * @param  array<string, mixed>  $composer  composer.json with name and version
     * @param  iterable<string, string>  $files  path in the package => contents
     * @param  list<string>  $executable  paths that are programs
     */
    public function add(array $composer, iterable $files, array $executable = []): void
    {
        $file = $this->directory.'/'.strtr($composer['name'], '/', '-')."-{$composer['version']}.zip";
        $zip = new ZipArchive;
        $zip->open($file, ZipArchive::CREATE | ZipArchive::OVERWRITE);
        foreach ($files as $path => $contents) {
            $zip->addFromString($path, $contents);
            $zip->setMtimeName($path, self::TIME);
            $mode = in_array($path, $executable, true) ? 0100755 : 0100644;
            $zip->setExternalAttributesName($path, ZipArchive::OPSYS_UNIX, $mode << 16);
        }
        if ($zip->locateName('composer.json') === false) {
            $zip->addFromString('composer.json', self::json($composer));
            $zip->setMtimeName('composer.json', self::TIME);
        }
        $zip->close();
        $this->describe($composer + ['dist' => ['type' => 'zip', 'url' => "file://$file"]]);
        printf("%-24s %-10s %6d KB\n", $composer['name'], $composer['version'], (int) (filesize($file) / 1024));
    }

    /** A package without files. */
    public function addEmpty(string $name, string $version): void
    {
        $this->describe(['name' => $name, 'version' => $version, 'type' => 'metapackage',
            'description' => 'Empty, so that composer.json resolves: devkit made it because no Packagist answers.']);
    }

    public function save(): void
    {
        file_put_contents("$this->directory/packages.json", self::json(['packages' => $this->packages]));
    }

    /** @param array<string, mixed> $composer */
    private function describe(array $composer): void
    {
        $this->packages[$composer['name']][$composer['version']] = $composer;
    }

    /** @param array<string, mixed> $value */
    private static function json(array $value): string
    {
        return json_encode($value, JSON_PRETTY_PRINT | JSON_UNESCAPED_SLASHES | JSON_THROW_ON_ERROR)."\n";
    }
}
