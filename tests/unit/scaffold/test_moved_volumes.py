from __future__ import annotations

import pytest

from devkit.scaffold.moved_volumes import MovedVolume, moved_volumes
from devkit.scaffold.plan import PlannedFile

pytestmark = pytest.mark.unit

OLD = """\
services:
  app: {volumes: [".:/app", "caddy:/data"]}
  pgsql: {volumes: ["data:/var/lib/postgresql"]}
  redis: {volumes: [{type: volume, source: redis, target: /data}]}
volumes: {caddy: , data: , redis: {name: mine}}
"""


def moved(old: str | None, new: str) -> list[MovedVolume]:
    return moved_volumes("shop", [PlannedFile("compose.yaml", "merged", old, new, "")])


def test_a_service_that_gets_another_volume_is_found_with_both_names() -> None:
    new = OLD.replace("data:/var", "devkit-pgsql:/var").replace(" data:", " devkit-pgsql:")
    assert moved(OLD, new) == [MovedVolume("pgsql", "shop_data", "shop_devkit-pgsql", "devkit-pgsql")]
    named = OLD.replace("name: mine", "name: other")
    assert moved(OLD, named) == [MovedVolume("redis", "mine", "other", "redis")]


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (OLD, OLD.replace("caddy", "devkit-caddy-data")),  # what Caddy keeps is made anew
        (OLD, OLD.replace("data:/var", "devkit-pgsql:/var").replace(" data:", " devkit-pgsql: {name: shop_data}")),
        (OLD, OLD.replace("pgsql:", "mysql:")),  # another service
        (None, OLD),
        ("services: [", OLD),
        ("services: {pgsql: , redis: {volumes: no}}\nvolumes: []\n", OLD),
    ],
)
def test_nothing_is_said_where_no_data_would_seem_to_have_gone(old: str | None, new: str) -> None:
    assert moved(old, new) == []
