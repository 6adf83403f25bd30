"""A stand-in for Mailpit (https://mailpit.axllent.org): takes every mail and shows it. Nothing is sent on.

Settings are Mailpit's own: MP_SMTP_BIND_ADDR, MP_UI_BIND_ADDR, MP_MAX_MESSAGES, MP_DATABASE.
"""

from __future__ import annotations

import os
import signal
import sys
import threading
import urllib.request

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

from box import Box
from smtp import smtp_server
from web import web_server


def address(name: str, port: int) -> tuple[str, int]:
    """The host and port of an address such as 0.0.0.0:1025, [::]:1025 or :1025."""
    host, _, number = os.environ.get(name, f"0.0.0.0:{port}").rpartition(":")
    return host.strip("[]") or "0.0.0.0", int(number)


def is_ready() -> bool:
    """Whether the server in this container answers."""
    _, port = address("MP_UI_BIND_ADDR", 8025)
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/readyz", timeout=3) as answer:
            return answer.status == 200
    except OSError:
        return False


def serve() -> None:
    """Run both servers until SIGTERM or SIGINT."""
    box = Box(os.environ.get("MP_DATABASE", ""), int(os.environ.get("MP_MAX_MESSAGES", "500")))
    smtp_host, smtp_port = address("MP_SMTP_BIND_ADDR", 1025)
    web_host, web_port = address("MP_UI_BIND_ADDR", 8025)
    smtp = smtp_server(box, smtp_host, smtp_port)
    web = web_server(box, web_host, web_port)
    smtp.start()
    print(f"[smtpd] starting on {smtp_host}:{smtp_port} (stand-in for Mailpit)", flush=True)
    print(f"[http] accessible via http://localhost:{web_port}/", flush=True)

    def stop(*_: object) -> None:
        # shutdown() waits for serve_forever(), which runs in this very thread.
        threading.Thread(target=web.shutdown).start()

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
    try:
        web.serve_forever()
    finally:
        smtp.stop()
        web.server_close()
        box.close()


def main(arguments: list[str]) -> int:
    """`mailpit` serves, `mailpit readyz` is the health check, `mailpit version` says what this is."""
    command = arguments[0] if arguments else ""
    if command == "readyz":
        return 0 if is_ready() else 1
    if command == "version":
        print("mailpit v1.27.10 (devkit's stand-in)")
        return 0
    if command and not command.startswith("-"):
        print(f"mailpit: {command!r} is not known to this stand-in: it has readyz and version", file=sys.stderr)
        return 2
    serve()
    return 0


sys.exit(main(sys.argv[1:]))
