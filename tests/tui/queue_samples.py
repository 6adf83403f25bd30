"""Queues with failed jobs, as an application says them."""

from __future__ import annotations

from devkit.laravel.queues import FailedJob, Queue, Queues

TRACE = r"""RuntimeException: order %d cannot be shipped in /app/app/Jobs/Ship.php:12
Stack trace:
#0 /app/vendor/laravel/framework/src/Illuminate/Container/BoundMethod.php(36): App\Jobs\Ship->handle()
#1 /app/vendor/laravel/framework/src/Illuminate/Container/Util.php(43): Illuminate\Container\BoundMethod::call()
#2 /app/app/Shipping/Carrier.php(41): App\Shipping\Carrier->send(Object(App\Models\Order))
#3 {main}"""


def failed(number: int, exception: str = TRACE) -> FailedJob:
    shown = exception % number if "%d" in exception else exception
    return FailedJob(f"id-{number}", "database", "default", r"App\Jobs\Ship", f"2026-01-31 10:00:{number:02}", shown)


QUEUES = Queues(
    default="database",
    queues=(
        Queue("database", "default", 3, 1, 2, None),
        Queue("database", "mail", 0, 0, 0, None),
        Queue("redis", "reports", 12),
    ),
    problems={"sqs": "Aws\\Sqs\\Exception: no network"},
    failed=(
        failed(3),
        failed(2, "\x1b[31mLogicException: [red] \x1b]0;title\x07said in /app/a.php:1"),
        failed(1),
    ),
    failed_count=3,
)
