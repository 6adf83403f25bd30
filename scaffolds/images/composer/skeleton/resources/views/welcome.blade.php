<!DOCTYPE html>
<html lang="{{ str_replace('_', '-', app()->getLocale()) }}">
    <head>
        <meta charset="utf-8">
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <title>{{ config('app.name', 'Laravel') }}</title>
        @if (file_exists(public_path('build/manifest.json')) || file_exists(public_path('hot')))
            @vite(['resources/css/app.css', 'resources/js/app.js'])
        @endif
        <style>
            body { font-family: system-ui, sans-serif; margin: 0; min-height: 100vh; display: grid; place-items: center; }
            main { max-width: 36rem; padding: 2rem; line-height: 1.5; }
            h1 { font-size: 2rem; margin: 0 0 .5rem; }
            a { color: #c22; }
        </style>
    </head>
    <body>
        <main>
            <h1>{{ config('app.name', 'Laravel') }}</h1>
            <p>
                The application runs: Laravel {{ app()->version() }}, PHP {{ PHP_VERSION }}.
                This page is <code>resources/views/welcome.blade.php</code>.
            </p>
            <p><a href="https://laravel.com/docs">Laravel's documentation</a></p>
        </main>
    </body>
</html>
