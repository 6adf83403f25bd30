"""A Makefile's targets beside the devkit command that does each."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class MakeTarget:
    """`command` is devkit's; where it has none, `suggestion` is a line for `[commands]` in devkit.toml."""

    name: str
    help: str
    recipe: tuple[str, ...]
    command: str | None
    suggestion: str | None


_BY_NAME: Mapping[str, str] = {
    **dict.fromkeys(("up", "start", "serve", "run", "docker-up"), "devkit up"),
    **dict.fromkeys(("down", "stop", "docker-down"), "devkit down"),
    "restart": "devkit restart",
    **dict.fromkeys(("ps", "status"), "devkit status"),
    **dict.fromkeys(("logs", "log"), "devkit logs"),
    **dict.fromkeys(("build", "rebuild", "docker-build"), "devkit build"),
    **dict.fromkeys(("shell", "bash", "sh", "ssh", "exec", "app"), "devkit shell"),
    **dict.fromkeys(("test", "tests", "phpunit", "pest"), "devkit test"),
    **dict.fromkeys(("migrate", "migration", "migrations"), "devkit artisan migrate"),
    **dict.fromkeys(("fresh", "migrate-fresh", "db-fresh"), "devkit db fresh"),
    **dict.fromkeys(("seed", "db-seed"), "devkit artisan db:seed"),
    "rollback": "devkit artisan migrate:rollback",
    "artisan": "devkit artisan",
    "tinker": "devkit tinker",
    "composer": "devkit composer",
    **dict.fromkeys(("composer-install", "vendor"), "devkit composer install"),
    **dict.fromkeys(("npm", "yarn", "pnpm", "bun", "npx", "node", "php"), ""),  # the name itself: see below
    **dict.fromkeys(("npm-install", "node_modules"), "devkit npm install"),
    **dict.fromkeys(("dev", "watch", "vite"), "devkit npm run dev"),
    **dict.fromkeys(("assets", "npm-build"), "devkit npm run build"),
    **dict.fromkeys(("lint", "pint", "format", "cs", "cs-fix"), "devkit pint"),
    **dict.fromkeys(("db", "mysql", "psql", "db-shell"), "devkit db shell"),
    **dict.fromkeys(("dump", "db-dump", "db-export"), "devkit db export"),
    **dict.fromkeys(("cache-clear", "clear", "optimize-clear"), "devkit artisan optimize:clear"),
    **dict.fromkeys(("key", "key-generate"), "devkit artisan key:generate"),
    **dict.fromkeys(("queue", "worker"), "devkit artisan queue:work"),
    **dict.fromkeys(("install", "setup", "init"), "devkit init"),
    **dict.fromkeys(("doctor", "check"), "devkit doctor"),
    "open": "devkit open",
}

_COMPOSE: Mapping[str, str] = {
    "up": "devkit up",
    "start": "devkit up",
    "down": "devkit down",
    "stop": "devkit down",
    "restart": "devkit restart",
    "logs": "devkit logs",
    "build": "devkit build",
    "ps": "devkit status",
}

_TOOLS = ("artisan", "composer", "npm", "npx", "pnpm", "yarn", "bun", "node", "php", "pint", "tinker", "test")
_ASSIGNMENT = re.compile(r"([A-Za-z_][A-Za-z0-9_]*)\s*(?::{1,3}|\?)?=\s*(.*)")
_TARGET = re.compile(r"([A-Za-z0-9_][A-Za-z0-9_./\- ]*?)\s*:{1,2}(?![:=])(?P<rest>.*)")
_COMPOSE_CALL = re.compile(r"(?:docker\s+compose|docker-compose)((?:\s+(?:-f|-p|--\S+)(?:[ =]\S+)?)*)\s+(\S+)(.*)")
_EXEC_OPTIONS = re.compile(r"(?:\s+(?:-u|--user|-e|--env|-w|--workdir)[ =]\S+|\s+-{1,2}\S+)*\s+(\S+)(?:\s+(.*))?")
_SAIL = re.compile(r"(?:\./)?(?:vendor/bin/)?sail\s+(.*)")


def read_makefile(root: Path) -> tuple[MakeTarget, ...]:
    """The targets a person would call, in the file's order; empty without a Makefile."""
    path = next((root / name for name in ("GNUmakefile", "makefile", "Makefile") if (root / name).is_file()), None)
    return () if path is None else parse_makefile(path.read_text(encoding="utf-8", errors="replace"))


def parse_makefile(text: str) -> tuple[MakeTarget, ...]:
    """The same from a text. Includes, conditions and functions are not followed."""
    variables: dict[str, str] = {}
    found: dict[str, tuple[str, list[str]]] = {}
    current: list[str] = []
    comment = ""
    for line in re.sub(r"[ \t]*\\\r?\n[ \t]*", " ", text).splitlines():
        if line.startswith("\t"):
            for name in current:
                found[name][1].append(_expanded(line.strip().lstrip("@-+ "), variables))
            continue
        if line.startswith("#"):
            comment = line.lstrip("# ").strip() if line.startswith("##") else ""
            continue
        assignment = _ASSIGNMENT.fullmatch(line.strip())
        if assignment:
            variables[assignment[1]] = assignment[2]
            continue
        target = _TARGET.fullmatch(line)
        if target:
            before, _, help_text = target["rest"].partition("##")
            current = [name for name in target[1].split() if "." not in name[:1]]
            recipe = [before.partition(";")[2].strip()] if ";" in before else []
            for name in current:
                known = found.get(name, ("", []))
                found[name] = (known[0] or help_text.strip() or comment, [*known[1], *recipe])
        elif line.strip():
            current = []
        comment = ""
    return tuple(_target(name, text, recipe) for name, (text, recipe) in found.items() if name != "help")


def _target(name: str, help_text: str, recipe: list[str]) -> MakeTarget:
    lines = [line for line in recipe if line and not line.startswith(("#", "echo ", "printf "))]
    command = _of_line(lines[0]) if len(lines) == 1 else None
    command = command or _of_name(name)
    suggestion = None
    if command is None and lines:
        joined = " && ".join(lines).replace("\\", "\\\\").replace('"', '\\"')
        suggestion = f'{name} = "{joined}"'
    return MakeTarget(name, help_text, tuple(recipe), command, suggestion)


def _of_name(name: str) -> str | None:
    plain = name.lower().replace("_", "-").replace("/", "-")
    plain = plain if plain in _BY_NAME else plain.removeprefix("docker-").removeprefix("sail-")
    command = _BY_NAME.get(plain)
    return f"devkit {plain}" if command == "" else command


def _of_line(line: str) -> str | None:
    """The devkit command for one recipe line, whatever wrapper it is called through."""
    if re.search(r"[;&|<>`]", line):
        return None
    compose = _COMPOSE_CALL.fullmatch(line)
    if compose:
        verb, rest = compose[2], compose[3]
        if verb in ("exec", "run"):
            inside = _EXEC_OPTIONS.fullmatch(rest)
            return _of_program(inside[2] or "") if inside else None
        return _COMPOSE.get(verb)
    sail = _SAIL.fullmatch(line)
    if sail:
        word = sail[1].split()[0]
        if word in _COMPOSE:
            return _COMPOSE[word]
        return "devkit shell" if word in ("shell", "bash", "root-shell") else _of_program(sail[1])
    return _of_program(line)


def _of_program(line: str) -> str | None:
    line = re.sub(r"^(?:\S*/)?php\s+(?:\./)?artisan\b", "artisan", line.strip())
    line = re.sub(r"^(?:\./)?vendor/bin/", "", line)
    if re.fullmatch(r"(?:/bin/)?(?:ba|z|a)?sh", line):
        return "devkit shell"
    word, _, rest = line.partition(" ")
    if word == "artisan" and rest.split()[:1] in (["test"], ["tinker"]):
        return f"devkit {rest}"
    if word in ("phpunit", "pest"):
        return f"devkit test {rest}".strip()
    return f"devkit {line}" if word in _TOOLS else None


def _expanded(line: str, variables: Mapping[str, str]) -> str:
    for _ in range(5):  # variables that stand in variables; a loop of them ends here
        changed = re.sub(r"\$[({](\w+)[)}]", lambda match: variables.get(match[1], match[0]), line)
        if changed == line:
            break
        line = changed
    return line.strip()
