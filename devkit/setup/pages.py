"""The pages of a project as they answer on this machine: with the ports that were chosen, and what .env says."""

from __future__ import annotations

from devkit.engine.state import ServiceState
from devkit.laravel.pages import Page, pages_of
from devkit.project.env_file import read_env
from devkit.project.errors import UsageError
from devkit.project.remembered_ports import remembered_ports
from devkit.project.services import SERVICES
from devkit.setup.project import Project


def pages(project: Project) -> tuple[Page, ...]:
    """Every page, the application first. UsageError for a .env that cannot be read; it may be missing."""
    env = project.paths.env
    environment = read_env(env) if env.is_file() else {}
    return pages_of(project.settings, remembered_ports(project.paths), project.paths.root, environment)


def page_of(project: Project, state: ServiceState) -> Page | None:
    """The page of a service as it is now; of one that devkit does not know, what its first published port answers."""
    known = next((one for one in pages(project) if one.name == state.name), None)
    if (
        known is not None
        or state.name in SERVICES
        or not (ports := [one for one in state.ports if one.protocol == "tcp"])
    ):
        return known
    return Page(state.name, state.name, f"http://localhost:{ports[0].published}")


def page(project: Project, name: str) -> Page:
    """The page of this name; UsageError where the project has none."""
    known = pages(project)
    found = next((one for one in known if one.name == name), None)
    if found is None:
        raise UsageError(f"this project has no page {name!r}", f"it has: {', '.join(one.name for one in known)}")
    return found
