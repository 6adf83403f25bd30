"""Doppler's API as a server on this machine: what the SDK and the real CLI talk to in the tests.

    with FakeDoppler() as doppler:
        doppler.add_config("shop", "dev", {"APP_KEY": "base64:…", "URL": "https://${HOST}"})
        run(DOPPLER_API_HOST=doppler.url, DOPPLER_TOKEN=doppler.personal_token())
        doppler.fail(faults.Status(503, retry_after=1), path="/v3/me", times=2)

What it answers is from Doppler's OpenAPI description (the npm package @dopplerhq/mcp-server), from what its CLI asks
for (github.com/DopplerHQ/cli, pkg/http/api.go) and from reports of what the real server said. Who opens it owns its
threads and sockets: all of them end with the context, also those that a fault keeps waiting.
"""

from fake_doppler import faults
from fake_doppler.cli import cli_environment, cli_program
from fake_doppler.fake import DOWNLOAD, ME, PROJECTS, SECRETS, WATCH, FakeDoppler, nobody_listening
from fake_doppler.messages import Answer, Seen
from fake_doppler.workplace import Secret

__all__ = [
    "DOWNLOAD",
    "ME",
    "PROJECTS",
    "SECRETS",
    "WATCH",
    "Answer",
    "FakeDoppler",
    "Secret",
    "Seen",
    "cli_environment",
    "cli_program",
    "faults",
    "nobody_listening",
]
