"""Log records: lines of containers and of laravel.log, parsed, put together, chosen and made fit for a terminal."""
