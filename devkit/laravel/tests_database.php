<?php
// Says which database the application uses: run alone as the application itself would, as PHPUnit's bootstrap as its
// tests would. test_database.py puts it into the container's temporary directory. It tells no user and no password.

(function (): void {
    $tests = class_exists('PHPUnit\TextUI\Application', false) || class_exists('PHPUnit\TextUI\Command', false);
    $found = ['who' => $tests ? 'tests' : 'app'];
    // Of the container's own variables: in the tests' process phpunit.xml has set some of its own by now.
    $found['variables'] = $tests ? [] : array_values(preg_grep('/^DB_|^DATABASE_URL$/', array_keys(getenv())));

    $tell = function () use (&$found): void {
        echo "\ndevkit-database ".json_encode($found, JSON_INVALID_UTF8_SUBSTITUTE)."\n"; // at once: two processes write
    };

    $applicationOfTests = function (): ?object {
        if (! class_exists('Tests\TestCase') || ! method_exists('Tests\TestCase', 'createApplication')) {
            return null;
        }
        $class = new ReflectionClass('Tests\TestCase');
        if ($class->isFinal() || array_filter($class->getMethods(), fn ($method) => $method->isAbstract())) {
            return null;
        }

        return eval('return (new class("devkit") extends \Tests\TestCase {})->createApplication();');
    };

    $application = function () use ($tests, $applicationOfTests): object {
        if ($tests) {
            foreach (['phpunit.xml', 'phpunit.dist.xml', 'phpunit.xml.dist'] as $file) {
                if (is_file($file)) {
                    $bootstrap = (string) (simplexml_load_file($file)['bootstrap'] ?? '');
                    break;
                }
            }
            require_once ($bootstrap ?? '') !== '' ? getcwd()."/$bootstrap" : getcwd().'/vendor/autoload.php';
            if ($made = $applicationOfTests()) {
                return $made;
            }
        }
        require_once getcwd().'/vendor/autoload.php';
        $made = require getcwd().'/bootstrap/app.php';
        $made->make('Illuminate\Contracts\Console\Kernel')->bootstrap();

        return $made;
    };

    // What stands at a key of a connection, and of its read and write halves, which may be lists of hosts or of settings.
    $values = function (array $connection, string $key): array {
        $all = [$connection[$key] ?? null];
        foreach (['read', 'write'] as $half) {
            $settings = $connection[$half] ?? [];
            $all[] = $settings[$key] ?? null;
            foreach (array_filter($settings, 'is_array') as $one) {
                $all[] = $one[$key] ?? null;
            }
        }
        $flat = [];
        array_walk_recursive($all, function ($value) use (&$flat): void {
            $flat[] = (string) $value;
        });

        return array_values(array_unique(array_filter($flat, fn ($value) => $value !== '')));
    };

    try {
        $app = $application();
        $config = $app->make('config');
        $found['cached'] = method_exists($app, 'configurationIsCached') && $app->configurationIsCached();
        $name = $config->get('database.default');
        $connection = is_string($name) ? $config->get("database.connections.$name") : null;
        if (is_array($connection)) {
            $found['url'] = ! empty($connection['url']);
            $parser = 'Illuminate\Support\ConfigurationUrlParser';
            $connection = class_exists($parser) ? (new $parser)->parseConfiguration($connection) : $connection;
            $names = $values($connection, 'database');
            if (($connection['driver'] ?? '') === 'sqlite') {
                $names = array_map(fn ($path) => str_contains($path, ':memory:') || str_contains($path, 'mode=memory')
                    ? ':memory:' : (realpath($path) ?: realpath($app->basePath($path)) ?: $path), $names);
            }
            $found['database'] = [
                'driver' => (string) ($connection['driver'] ?? $name),
                'names' => $names,
                'hosts' => [...$values($connection, 'host'), ...$values($connection, 'unix_socket')],
                'port' => (string) ($connection['port'] ?? ''),
                'schema' => implode(',', (array) ($connection['search_path'] ?? $connection['schema'] ?? [])),
            ];
        }
    } catch (Throwable $error) {
        $found['error'] = get_class($error).': '.strtok($error->getMessage(), "\n");
    }
    $tell();
    if ($tests) {
        exit(0);
    }
})();
