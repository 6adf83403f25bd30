from __future__ import annotations

import pytest

from devkit.scaffold.adopt_ports import local_port, published_ports

pytestmark = pytest.mark.unit


def test_ports_that_services_publish_are_read_with_the_values_of_env() -> None:
    entries = ["8080:80", 9600, "${SEARCH:-9200}:9200", "0.0.0.0:53:53/udp", "3000-3002:3000-3002"]
    entries += [{"target": 1, "published": "7000"}, {"target": 2}, "${NONE}:3", "x:4"]  # type: ignore[list-item]
    assert published_ports(entries, {"SEARCH": "9201"}) == {8080, 9201, 53, 3000, 3001, 3002, 7000}


@pytest.mark.parametrize(
    ("entry", "local"),
    [
        ("8080:80", "127.0.0.1:8080:80"),
        (9000, "127.0.0.1::9000"),
        ("0.0.0.0:53:53/udp", "127.0.0.1:53:53/udp"),
        ("192.168.1.5:80:80", "192.168.1.5:80:80"),
        ("[::1]:80:80", "[::1]:80:80"),
        ("[::]:80:80", "127.0.0.1:80:80"),
        ("${A:-1}:${B:-2}", "127.0.0.1:${A:-1}:${B:-2}"),
        ({"target": 80, "published": 8080}, {"target": 80, "published": 8080, "host_ip": "127.0.0.1"}),
    ],
)
def test_ports_are_published_on_this_machine_only(entry: object, local: object) -> None:
    assert local_port(entry) == local
