"""What every command takes, with examples: `--help`, `devkit help`, the man page and completion are made of this.

Names and one line for each stand in devkit.cli.commands. A usage is a form of the command behind its name, and its
words mean the same everywhere: `[...]` may be left out, `...` may be repeated, `a|b` is one of these words, a word in
capitals stands for something else, and what begins with a dash is a flag. devkit.cli.forms reads them so.
"""

from __future__ import annotations

from types import MappingProxyType

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

WIDTH = 100
"""Columns that a usage may take before it goes on in the next line."""


class Entry:
    """One command: its forms, and examples with what each does."""

    __slots__ = ("examples", "forms")

    def __init__(self, *forms: str, examples: Mapping[str, str]) -> None:
        self.forms = forms
        self.examples = examples


_INIT = (
    "[DIR] [--dry-run] [--answers FILE] [--name NAME] [--database sqlite|mysql|mariadb|pgsql] [--with LIST]"
    " [--mode worker|classic] [--php VERSION] [--port N] [--https] [--images auto|registry|local] [--install-docker]"
    " [--set KEY=VALUE] [--no-start] [--doppler] [--github] [--gitlab] [--kubernetes]"
)

REFERENCE: Mapping[str, Entry] = MappingProxyType(
    {
        "init": Entry(
            _INIT,
            examples={
                "devkit init my-app": "a new application, after a few questions",
                "devkit init --yes --database mysql --with redis,queue,mailpit": "no questions asked",
                "devkit init . --dry-run": "what would be done with the application in this directory",
            },
        ),
        "up": Entry(
            "[SERVICE...] [--build]",
            examples={
                "devkit up": "start everything, and migrate",
                "devkit up --build": "after a change of the Dockerfile",
                "devkit up redis mailpit": "these services alone",
            },
        ),
        "down": Entry(
            "[--volumes]",
            examples={
                "devkit down": "stop and remove the containers; data stays",
                "devkit down --volumes": "the data of databases and caches too (asks first)",
            },
        ),
        "stop": Entry(
            "[SERVICE...]",
            examples={"devkit stop": "every service; devkit up starts them again", "devkit stop queue": "one of them"},
        ),
        "restart": Entry(
            "[SERVICE...]",
            examples={"devkit restart": "every service", "devkit restart queue": "one of them"},
        ),
        "status": Entry(
            "",
            examples={
                "devkit status": "a table for people",
                "devkit status --json | jq -r .url": "the application's address, for a script",
            },
        ),
        "ui": Entry(
            "",
            "--web [--port N] [--no-browser]",
            examples={
                "devkit ui": "as devkit alone, in the project's directory",
                "devkit ui --web": "in a browser of this machine, until Ctrl-C",
            },
        ),
        "logs": Entry(
            "[SERVICE...] [--follow] [--since WHEN] [--tail N] [--level LEVEL] [--grep PATTERN] [--trace]",
            examples={
                "devkit logs --follow": "all services, until Ctrl-C",
                "devkit logs app --tail 100": "the last lines of one service",
                "devkit logs --level error --since 1h": "what went wrong in the last hour",
                "devkit logs app laravel.log --grep 'POST /orders'": "lines that match",
                "devkit logs --since 10m --json": "one object a line",
            },
        ),
        "build": Entry(
            "[base-runtime|dependencies|frontend-build|app|development] [--no-cache] [--tag NAME] [--push]"
            " [--platform LIST] [--attest] [--lines]",
            examples={
                "devkit build": "the image that development runs",
                "devkit build app": "the image for production",
                "devkit build --push --tag registry.example/shop:1.2": "that one in a registry; its digest is printed",
                "devkit build app --no-cache": "every step anew",
            },
        ),
        "cache": Entry(
            "[--since AGE] [--svg FILE] [--png FILE]",
            "import FILE",
            "export [FILE] [--since AGE]",
            examples={
                "devkit cache": "layers, hit rates, build times and advice of four weeks",
                "devkit cache --since 12w --svg builds.svg": "of twelve, with a picture of the plots",
                "devkit cache --json | jq .hit_rate": "for a script",
                "devkit cache import builds.jsonl": "what CI recorded with devkit build --json",
            },
        ),
        "deploy": Entry(
            "ENVIRONMENT [--image DIGEST] [--dry-run] [--context NAME] [--timeout AGE]",
            "status|history ENVIRONMENT [--context NAME]",
            "rollback ENVIRONMENT [REVISION] [--context NAME] [--timeout AGE]",
            "logs ENVIRONMENT [--follow] [--since WHEN] [--tail N] [--grep PATTERN] [--context NAME]",
            "local [--requests N] [--duration AGE] [--context NAME] [--timeout AGE]",
            "local --down [--context NAME]",
            examples={
                "devkit deploy staging --dry-run": "what would change, and what the server says to it",
                "devkit deploy staging --image sha256:…": "that image of the overlay's repository",
                "devkit deploy production": "the digest that the overlay names (asks first)",
                "devkit deploy status production": "image, revision, and pods with what keeps them",
                "devkit deploy history production": "what can be gone back to",
                "devkit deploy rollback production 12": "back to that revision (asks first)",
                "devkit deploy logs production --follow --grep ERROR": "all its pods, until Ctrl-C",
                "devkit deploy local --duration 2m": "a rehearsal on a cluster of this machine, under load",
                "devkit deploy local --down": "remove it from there (asks first)",
            },
        ),
        "doctor": Entry(
            "[--lines]",
            "--fix [CHECK...]",
            examples={
                "devkit doctor": "every check, with what to do",
                "devkit doctor --fix": "put right what can safely be put right",
                "devkit doctor --fix app_key": "one thing only, by the id that --json shows",
            },
        ),
        "config": Entry(
            "[list]",
            "get KEY",
            "set KEY VALUE",
            "edit",
            examples={
                "devkit config": "every setting, and where its value came from",
                "devkit config get php.mode": "one value, for a script",
                "devkit config set php.workers 8": "change it, the files and the running stack (asks first)",
                "devkit --yes config set services.with redis,queue": "without being asked",
            },
        ),
        "open": Entry(
            "[PAGE] [--list]",
            examples={
                "devkit open": "the application in the browser",
                "devkit open mailpit": "the mails that it sent",
                "devkit open --list": "every page that this project has, with its address",
            },
        ),
        "scaffold": Entry(
            "devcontainer|github|gitlab|kubernetes",
            examples={
                "devkit scaffold devcontainer": ".devcontainer/devcontainer.json, for the service app",
                "devkit scaffold github": "workflows that build, test, scan, push and deploy; Dependabot",
                "devkit scaffold gitlab": "the same as .gitlab-ci.yml",
                "devkit scaffold kubernetes": "manifests for kustomize: base, components, overlays",
            },
        ),
        "share": Entry(
            "[--with cloudflared|ngrok|ssh] [--host USER@HOST]",
            examples={
                "devkit share": "through cloudflared or ngrok, whichever is installed (asks first)",
                "devkit share --host me@example.com": "through a server of your own, by ssh -R",
            },
        ),
        "trust": Entry("", examples={"devkit trust": "no more warnings at https://localhost"}),
        "reload": Entry(
            "[--watch]",
            examples={
                "devkit reload": "the workers take up new code, and how long that took is said",
                "devkit reload --watch": "containers follow their files, until Ctrl-C",
            },
        ),
        "mode": Entry(
            "[worker|classic]",
            examples={"devkit mode": "which it is", "devkit mode classic": "each request boots the application anew"},
        ),
        "xdebug": Entry(
            "[on|off]",
            examples={"devkit xdebug on": "breakpoints, in classic mode", "devkit xdebug off": "back to worker mode"},
        ),
        "upgrade": Entry(
            "[--dry-run]",
            examples={
                "devkit upgrade --dry-run": "what newer templates would change",
                "devkit upgrade": "change it, your edits kept",
            },
        ),
        "report": Entry("", examples={"devkit report > report.txt": "what a bug report needs, secrets masked"}),
        "list": Entry("", examples={"devkit list --json": "every project of this machine, for a script"}),
        "poweroff": Entry("", examples={"devkit poweroff": "stop them all"}),
        "delete": Entry(
            "[--omit-snapshot] [--self]",
            examples={
                "devkit delete": "this project's containers, volumes and images; the sources stay (asks first)",
                "devkit delete --self": "devkit itself, from this machine",
            },
        ),
        "db": Entry(
            "shell|snapshots|fresh|url",
            "export [FILE]",
            "import FILE",
            "snapshot [NAME]",
            "restore [NAME]",
            examples={
                "devkit db shell": "the database's own client",
                "devkit db export shop.sql.gz": "all of it as a dump, compressed",
                "devkit db import shop.sql.gz": "a dump in the place of what is there (asks first)",
                "devkit db snapshot before": "keep it as it is now",
                "devkit db restore before": "have it back (asks first)",
            },
        ),
        "env": Entry(
            "pull|check|watch",
            "diff [--config CONFIG] [--exit-code]",
            "push VARIABLE... [--config CONFIG]",
            "show VARIABLE",
            "run [--config CONFIG] [-- WORD...]",
            examples={
                "devkit env pull": "take over what Doppler has; what only .env has stays",
                "devkit env diff": "what a pull would change: names, never values",
                "devkit env diff --config staging": "what staging has and development lacks",
                "devkit env push STRIPE_SECRET": "give a value of .env to Doppler (asks first)",
                "devkit env check": "names that the application reads and .env lacks",
                "devkit env watch": "pull on each change, and restart the workers",
                "devkit env run -- php report.php": "the secrets in one command's environment, nothing on disk",
            },
        ),
        "artisan": Entry(
            "WORD...",
            examples={
                "devkit artisan migrate": "at the project's root",
                "devkit artisan make:model Order -m": "a model and its migration",
            },
        ),
        "composer": Entry(
            "WORD...",
            examples={
                "devkit composer require laravel/horizon": "in this directory",
                "devkit composer update": "newer packages",
            },
        ),
        "php": Entry(
            "[WORD...]",
            examples={"devkit php -v": "in this directory", "devkit php < script.php": "what stands on its input"},
        ),
        "test": Entry(
            "[WORD...]",
            examples={
                "devkit test": "artisan test, or where Collision is not installed Pest or PHPUnit",
                "devkit test --filter CheckoutTest": "some of them",
            },
        ),
        "tinker": Entry(
            "[WORD...]",
            examples={
                "devkit tinker": "PHP with the application around it",
                "devkit tinker --execute 'dump(App\\Models\\User::count());'": "one line of it",
            },
        ),
        "pint": Entry("[WORD...]", examples={"devkit pint --test app": "vendor/bin/pint, at the project's root"}),
        "bin": Entry(
            "NAME [WORD...]", examples={"devkit bin phpstan analyse": "a program of vendor/bin, at the project's root"}
        ),
        **{
            name: Entry("[WORD...]", examples={f"devkit {name} {words}": "in this directory, where Node is"})
            for name, words in (
                ("npm", "run build"),
                ("npx", "tailwindcss --help"),
                ("node", "--version"),
                ("pnpm", "install"),
                ("yarn", "install"),
                ("bun", "install"),
            )
        },
        "exec": Entry(
            "SERVICE COMMAND [WORD...]",
            examples={
                "devkit exec app env": "a command in a service, in this directory if it is mounted there",
                "devkit exec mysql mysql --version": "any service",
            },
        ),
        "shell": Entry(
            "[SERVICE]", examples={"devkit shell": "bash, or else sh, in app", "devkit shell redis": "in another"}
        ),
        "explain": Entry(
            "COMMAND [WORD...]",
            examples={
                "devkit explain artisan migrate --seed": "what to type where there is no devkit",
                "devkit explain up": "more than one command, in order",
            },
        ),
        "completion": Entry(
            "bash|zsh|fish",
            "refresh",
            examples={
                'eval "$(devkit completion bash)"': "a line for ~/.bashrc; with zsh the same in ~/.zshrc",
                "devkit completion fish | source": "a line for ~/.config/fish/config.fish",
                "devkit completion refresh": "read artisan's commands anew, which happens by itself otherwise",
            },
        ),
        "help": Entry("[COMMAND]", examples={"devkit help up": "what a command takes, with examples"}),
    }
)


def usage_text(command: str) -> str:
    """The forms of a command, one or more lines each; the first line begins with `devkit`."""
    entry = REFERENCE.get(command)
    forms = entry.forms if entry is not None else ("[...]",)
    return "\n       ".join(_wrapped(f"devkit {command} {form}".rstrip()) for form in forms)


def examples_text(command: str) -> str:
    """The examples of a command as a table under a heading; empty where there are none."""
    entry = REFERENCE.get(command)
    if entry is None:
        return ""
    width = max(len(line) for line in entry.examples)
    lines = [f"  {line.ljust(width)}  {what}" for line, what in entry.examples.items()]
    return "\n".join(["examples:", *lines])


def _wrapped(form: str) -> str:
    """A long form over several lines, each flag with its value kept together."""
    lines, line = [], ""
    for part in form.replace(" [", "\n[").split("\n"):
        if line and len(line) + len(part) >= WIDTH:
            lines.append(line)
            line = "        "
        line = f"{line} {part}" if line.strip() else line + part
    return "\n       ".join([*lines, line])
