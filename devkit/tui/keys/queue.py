"""Keys of the queues."""

from __future__ import annotations

from devkit.tui.keys import key

QUEUE = [
    key("r", "retry", "Retry", "queue.retry", "Run the failed job again", footer=True),
    key("R", "retry_all", "Retry all", "queue.retry-all", "Run all failed jobs again; asks", footer=True),
    key("d", "forget", "Forget", "queue.forget", "Delete the failed job; asks", footer=True),
    key("D", "flush", "Flush", "queue.flush", "Delete all failed jobs; asks", footer=True),
    key("y,c", "copy", "Copy", "queue.copy", "Copy the exception"),
    key("f5,ctrl+r", "refresh", "Refresh", "queue.refresh", "Ask the application now"),
]
