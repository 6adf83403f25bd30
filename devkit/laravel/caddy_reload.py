"""A new Caddyfile taken up without a request lost.

FrankenPHP 1.12.6 ends PHP and starts it anew with each configuration: of what comes in meanwhile, some waits at the
former workers until max_wait_time is over, and is answered with 503. So a named pipe is made first, at which the
scaffold's docker/reloading.caddyfile has requests wait; those that are at work end; Caddy reloads; the pipe goes, and
who waited is handed to the new configuration. Where a Caddyfile knows nothing of the pipe, it is a plain reload.
"""

from __future__ import annotations

from devkit.engine.container_exec import run_in
from devkit.engine.docker import Docker, last_line
from devkit.laravel.workers import ADMIN
from devkit.project.errors import FailedError

GATE = "/dev/shm/caddy-reload"
"""In memory: a container that is restarted meanwhile comes back without it."""

_CADDYFILE = "/app/docker/Caddyfile"
_SECONDS = 60.0

# Idle twice: a request may be on its way from Caddy to its thread. One that takes longer than all looks is waited for
# by FrankenPHP itself.
_SCRIPT = f"""
[ -p {GATE} ] || mkfifo {GATE} || exit
idle=0 looks=0
while [ $idle -lt 2 ] && [ $looks -lt 60 ]; do
    looks=$((looks + 1))
    case $(curl -s --noproxy '*' --max-time 2 {ADMIN}/frankenphp/threads) in
    *'"IsBusy": true'* | *'"IsBusy":true'*) idle=0 ;;
    *) idle=$((idle + 1)) ;;
    esac
    sleep 0.05
done
timeout 40 frankenphp reload --config {_CADDYFILE} 2>&1
status=$?
mv {GATE} {GATE}.over
exec 3<> {GATE}.over 3>&-
rm {GATE}.over
exit $status
"""


async def reload_caddyfile(docker: Docker, app: str) -> None:
    """Have Caddy in the container `app` take up docker/Caddyfile; FailedError where the former one goes on.

    Once begun it is done to its end, whoever waits for that: half of it would keep all requests waiting.
    """
    done = await run_in(docker, app, ("sh", "-c", _SCRIPT), timeout=_SECONDS, outlives=True)
    if done.status != 0:
        said = last_line((done.stdout + done.stderr).decode("utf-8", errors="replace"))
        raise FailedError(f"the former Caddyfile goes on: {said or f'status {done.status}'}")
