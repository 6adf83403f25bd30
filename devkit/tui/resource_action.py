"""What is done to images, volumes and networks: the plain docker command of each, and what is asked before it."""

from __future__ import annotations

from collections.abc import Sequence

from devkit.engine.belongings import project_label
from devkit.engine.resources import Image, Network, Resources, Volume
from devkit.setup.losses import loss_of
from devkit.tui.choice import Choice
from devkit.tui.compose_action import Action
from devkit.tui.figures import memory

Resource = Image | Volume | Network

_ID = 12
_MOST_USERS = 3


def title(resource: Resource) -> str:
    """What it is called on the screen and in a sentence."""
    if isinstance(resource, Image):
        return ", ".join(resource.names) or short(resource.id)
    return resource.name


def short(id: str) -> str:
    """An image's id as docker prints it."""
    return id.removeprefix("sha256:")[:_ID]


def in_use(resource: Resource) -> str:
    """Why it cannot be removed; empty where nothing uses it."""
    if not resource.users:
        return ""
    return f"{title(resource)} is in use by {listed(resource.users)}: remove what uses it first"


def listed(names: Sequence[str]) -> str:
    """Some of the names, and how many more there are."""
    more = len(names) - _MOST_USERS
    return ", ".join(names[:_MOST_USERS]) + (f" and {more} more" if more > 0 else "")


def remove(resource: Resource) -> Action:
    """Take one away, which nothing uses."""
    name = title(resource)
    match resource:
        case Image():
            whose = "" if resource.own else " It was not made for this project: others may want it."
            question = f"Remove the image {name}?{_won(resource.unshared)} It comes anew when it is needed.{whose}"
            return _action(name, ("image", "rm", *(resource.names or (short(resource.id),))), question)
        case Volume():
            question = f"Remove the volume {name}?{_won(resource.size)}\nLost is {loss_of(resource)}."
            return _action(name, ("volume", "rm", name), question)
        case Network():
            return _action(name, ("network", "rm", name), f"Remove the network {name}? Compose makes it anew.")


def prunings(found: Resources, project: str) -> list[Choice]:
    """What can be taken away at once; only what there is."""
    choices = []
    if left := [image for image in found.images if image.dangling]:
        won = _sum([image.unshared for image in left])
        question = f"Remove {len(left)} images that newer builds have left behind?{_won(won)}"
        words: tuple[str, ...] = ("image", "prune", "--force", "--filter", f"label={project_label(project)}")
        choices.append(_choice("i", f"{len(left)} left-over images", won, _action("left-over images", words, question)))
    if unused := [volume for volume in found.volumes if not volume.users]:
        won = _sum([volume.size for volume in unused])
        lost = "\n".join(f"  {volume.name}: {loss_of(volume)}" for volume in unused)
        question = f"Remove the volumes that no container uses?{_won(won)} Lost is\n{lost}"
        words = ("volume", "rm", *(volume.name for volume in unused))
        choices.append(_choice("v", f"{len(unused)} unused volumes", won, _action("unused volumes", words, question)))
    if won := found.cache_free:
        question = (
            f"Remove the build cache of all projects on this engine?{_won(won)}"
            " The next build of each takes as long as the first one."
        )
        words = ("builder", "prune", "--force")
        choices.append(_choice("c", "build cache of the engine", won, _action("build cache", words, question)))
    return choices


def _action(what: str, words: tuple[str, ...], question: str) -> Action:
    return Action(f"removing {what}", words, question, compose=False)


def _choice(key: str, name: str, won: int | None, action: Action) -> Choice:
    return Choice(key, name if won is None else f"{name}, {memory(won)}", action.plain, action)


def _sum(sizes: Sequence[int | None]) -> int | None:
    known = [size for size in sizes if size is not None]
    return sum(known) if len(known) == len(sizes) else None


def _won(size: int | None) -> str:
    """The space that is won, as far as it has been measured."""
    return "" if size is None else f" That frees {memory(size)}."
