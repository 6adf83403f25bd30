"""`devkit cache`: what is known of this project's builds, and what would make them faster."""

from __future__ import annotations

import re
import shutil
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from devkit.cli.arguments import CommandParser
from devkit.cli.context import Context
from devkit.cli.exit_status import ExitStatus
from devkit.cli.narration import narrator
from devkit.cli.output import print_json
from devkit.project.errors import UsageError

if TYPE_CHECKING:
    from devkit.project.paths import ProjectPaths
    from devkit.project.settings import Settings

_AGE = re.compile(r"(\d{1,6})([hdw])")
_SECONDS = {"h": 3_600, "d": 86_400, "w": 7 * 86_400}


def run(context: Context, arguments: Sequence[str]) -> int:
    """Run the command."""
    parser = CommandParser("cache")
    parser.add_argument("action", nargs="?", choices=("import", "export"), metavar="import|export")
    parser.add_argument("file", nargs="?", metavar="FILE", help="JSON lines, - for stdin or stdout")
    parser.add_argument("--since", default="4w", metavar="AGE", help="such as 12h, 10d or 8w (default: 4w)")
    parser.add_argument("--svg", metavar="FILE", help="write the plots as a picture, too")
    parser.add_argument("--png", metavar="FILE", help="the same as PNG; needs Pillow")
    context, options = parser.read(context, arguments)
    if options.action and (options.svg or options.png):
        raise UsageError(f"devkit cache {options.action} draws no picture", "devkit cache --svg FILE")
    since = time.time() - _age(options.since)
    if options.action == "import":
        if options.file is None:
            raise UsageError("devkit cache import needs a file", "devkit cache import builds.jsonl")
        return _import(context, options.file)
    if options.action == "export":
        return _export(context, options.file or "-", since)
    return _show(context, since, svg=options.svg, png=options.png)


def _show(context: Context, since: float, *, svg: str | None, png: str | None) -> int:
    from devkit.cli.cache_text import report_text
    from devkit.setup.cache_report import cache_report

    paths, settings = _project(context)
    report = cache_report(paths, settings, since)
    title = settings.name
    if svg or png:
        from devkit.delivery.picture import builds_picture
        from devkit.delivery.picture_files import write_png, write_svg

        picture = builds_picture(report.headline(title), report.plotted, report.weekdays)
        for name, write in ((svg, write_svg), (png, write_png)):
            if name:
                write(picture, _writable(name))
    if context.json:
        print_json(report.to_json())
    else:
        width = shutil.get_terminal_size().columns if sys.stdout.isatty() else 100
        print(report_text(report, title, width))
    return ExitStatus.DONE


def _export(context: Context, file: str, since: float) -> int:
    from devkit.delivery.exchange import export_lines
    from devkit.delivery.history import build_history
    from devkit.project.files import write_atomically
    from devkit.project.paths import machine_paths

    builds = build_history(machine_paths()).builds(_project(context)[1].name, since)
    lines = list(export_lines(builds))
    if file == "-":
        for line in lines:
            print(line)
        return ExitStatus.DONE
    write_atomically(_writable(file), "".join(f"{line}\n" for line in lines))
    if context.json:
        print_json({"file": file, "builds": len(lines)})
    else:
        narrator(context).mark("done", f"{len(lines)} builds written to {file}")
    return ExitStatus.DONE


def _import(context: Context, file: str) -> int:
    from devkit.delivery.exchange import read_lines
    from devkit.delivery.history import build_history
    from devkit.project.paths import machine_paths

    project = _project(context)[1].name
    try:
        text = sys.stdin.read() if file == "-" else Path(file).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is no text"
        raise UsageError(f"{file} cannot be read: {reason}", "name a file of JSON lines") from error
    found = read_lines(text, project=project, source=file)
    added = build_history(machine_paths()).add_imported(found.builds)
    if context.json:
        print_json({"added": added, "known": len(found.builds) - added, "others": found.others})
        return ExitStatus.DONE
    said = narrator(context)
    known = f", {len(found.builds) - added} were known" if added < len(found.builds) else ""
    said.mark("done", f"{added} builds of {project} added{known}")
    if found.others:
        said.warning(f"{found.others} builds of other projects were left out")
    return ExitStatus.DONE


def _project(context: Context) -> tuple[ProjectPaths, Settings]:
    """What is asked for needs neither an engine nor a docker command."""
    from devkit.project.paths import find_project
    from devkit.project.settings_file import read_settings

    paths = find_project(context.directory)
    return paths, read_settings(paths.settings)


def _writable(name: str) -> Path:
    path = Path(name)
    if not path.parent.is_dir():
        raise UsageError(f"{name}: there is no directory {path.parent}", "name a file in one that is there")
    return path


def _age(text: str) -> float:
    match = _AGE.fullmatch(text)
    if match is None:
        raise UsageError(f"--since {text}: no age", "such as 12h, 10d or 8w")
    return int(match[1]) * _SECONDS[match[2]]
