<?php

declare(strict_types=1);

/** Fills the repository: Debian's libraries, then the packages of our own. */
return function (Repository $repository, Debian $debian, string $own): void {
    // Libraries of Debian's as a package's src/.
    $packed = function (array $libraries) use ($debian): array {
        $has = fn (string $path): bool => array_filter($libraries,
            fn (string $library): bool => str_starts_with($path, "$library/")) !== [];
        $files = [];
        foreach ($libraries as $library) {
            $paths = is_dir("$debian->root/$library") ? Debian::files("$debian->root/$library") : [];
            foreach ($paths as $name => $path) {
                $files["src/$library/$name"] = $debian->relocated($path, "$library/$name", $has);
            }
        }

        return $files;
    };
    $contents = fn (string $directory): array => array_map(file_get_contents(...), iterator_to_array(
        new ArrayIterator(Debian::files($directory))));
    $prefixed = fn (string $prefix, array $files): array => array_combine(
        array_map(fn (string $name): string => "$prefix/$name", array_keys($files)), $files);

    $framework = $debian->version('php-laravel-framework');
    $config = $contents("$debian->root/Illuminate/config");

    // Debian's loader loads all of these, so they are one package.
    $libraries = ['Brick', 'Carbon', 'Cron', 'Dflydev', 'Doctrine', 'Dotenv', 'Egulias', 'Fruitcake', 'GrahamCampbell',
        'GuzzleHttp', 'Illuminate', 'Laravel', 'League', 'Monolog', 'Nette', 'PhpOption', 'Psr', 'Ramsey', 'Symfony',
        'Termwind', 'TijsVerkoyen', 'getallheaders', 'voku'];
    $replaced = [
        'brick/math' => 'php-brick-math', 'doctrine/inflector' => 'php-doctrine-inflector',
        'dragonmantank/cron-expression' => 'php-dragonmantank-cron-expression',
        'egulias/email-validator' => 'php-email-validator', 'guzzlehttp/guzzle' => 'php-guzzlehttp-guzzle',
        'guzzlehttp/promises' => 'php-guzzlehttp-promises', 'guzzlehttp/psr7' => 'php-guzzlehttp-psr7',
        'laravel/prompts' => 'php-laravel-prompts', 'laravel/serializable-closure' => 'php-laravel-serializable-closure',
        'league/commonmark' => 'php-league-commonmark', 'league/flysystem' => 'php-league-flysystem',
        'league/uri' => 'php-league-uri', 'monolog/monolog' => 'php-monolog', 'nesbot/carbon' => 'php-nesbot-carbon',
        'nunomaduro/termwind' => 'php-nunomaduro-termwind', 'psr/container' => 'php-psr-container',
        'psr/http-message' => 'php-psr-http-message', 'psr/log' => 'php-psr-log',
        'psr/simple-cache' => 'php-psr-simple-cache', 'ramsey/uuid' => 'php-ramsey-uuid',
        'vlucas/phpdotenv' => 'php-vlucas-phpdotenv',
    ];
    foreach ($debian->installed('php-symfony-*') as $package) {
        $replaced['symfony/'.substr($package, strlen('php-symfony-'))] = $package;
    }
    $replace = array_map($debian->version(...), $replaced);
    foreach ($debian->installed('php-illuminate-*') as $package) {
        $replace['illuminate/'.substr($package, strlen('php-illuminate-'))] = 'self.version';
    }
    $repository->add([
        'name' => 'laravel/framework', 'version' => $framework, 'license' => 'MIT',
        'description' => 'Laravel from Debian\'s packages, with the libraries that it needs (packed by devkit).',
        'require' => ['php' => '^8.3', 'ext-mbstring' => '*', 'ext-openssl' => '*', 'ext-session' => '*', 'ext-tokenizer' => '*'],
        'replace' => $replace,
        // Debian's class maps do the loading; Composer itself needs to find Foundation\ComposerScripts. The polyfills stand
        // in for the intl extension, as upstream's dependencies do.
        'autoload' => ['psr-4' => ['Illuminate\\Foundation\\' => 'src/Illuminate/Foundation/'], 'files' => [
            'src/Symfony/Polyfill/Intl/Grapheme/autoload.php', 'src/Symfony/Polyfill/Intl/Idn/autoload.php',
            'src/Illuminate/autoload.php']],
    ], $packed($libraries)
        // Where the framework looks for its own configuration, seen from src/Illuminate/Foundation/Bootstrap.
        + $prefixed('config', $config) + $prefixed('config-stubs', $contents("$debian->root/Illuminate/config-stubs")));

    $repository->add([
        'name' => 'phpunit/phpunit', 'version' => $debian->version('phpunit'), 'license' => 'BSD-3-Clause',
        'description' => 'PHPUnit from Debian\'s packages (packed by devkit).',
        'require' => ['php' => '>=8.4.1', 'ext-dom' => '*', 'ext-mbstring' => '*', 'ext-xmlwriter' => '*'], 'bin' => ['phpunit'],
        'replace' => ['nikic/php-parser' => $debian->version('php-parser')],
        'autoload' => ['files' => ['src/PHPUnit/Autoload.php']],
    ], $packed(['DeepCopy', 'PHPUnit', 'PharIo', 'PhpParser', 'SebastianBergmann', 'TheSeer', 'data/PHPUnit', 'staabm'])
        + ['phpunit' => preg_replace('~^#!.*~', '#!/usr/bin/env php', file_get_contents('/usr/bin/phpunit'), 1)], ['phpunit']);

    $repository->add([
        'name' => 'mockery/mockery', 'version' => $debian->version('php-mockery'), 'license' => 'BSD-3-Clause',
        'description' => 'Mockery from Debian\'s packages (packed by devkit).',
        'autoload' => ['files' => ['src/Mockery/autoload.php']],
    ], $packed(['Hamcrest', 'Mockery']) + array_map(file_get_contents(...), array_filter(
        ['src/Mockery.php' => "$debian->root/Mockery.php", 'src/Hamcrest.php' => "$debian->root/Hamcrest.php"], is_file(...))));

    $repository->add([
        'name' => 'fakerphp/faker', 'version' => $debian->version('php-faker'), 'license' => 'MIT',
        'description' => 'Faker from Debian\'s packages (packed by devkit).',
        'autoload' => ['psr-4' => ['Faker\\' => 'src/Faker/']],
    ], $packed(['Faker']));

    foreach (['octane', 'tinker', 'collision'] as $name) {
        $files = $contents("$own/packages/$name");
        $repository->add(json_decode($files['composer.json'], true, flags: JSON_THROW_ON_ERROR), $files);
    }
    foreach (['laravel/pail' => '1.2.6', 'laravel/pint' => '1.27.0', 'laravel/sail' => '1.53.0'] as $name => $version) {
        $repository->addEmpty($name, $version);
    }

    $skeleton = $contents("$own/skeleton");
    foreach (['app', 'auth', 'cache', 'database', 'filesystems', 'logging', 'mail', 'queue', 'services', 'session'] as $name) {
        $skeleton["config/$name.php"] ??= $config["$name.php"];
    }
    $repository->add(json_decode($skeleton['composer.json'], true, flags: JSON_THROW_ON_ERROR) + ['version' => $framework],
        $skeleton, ['artisan']);
    $repository->save();
};
