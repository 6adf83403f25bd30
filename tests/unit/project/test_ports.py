"""Ports, with sockets that really listen."""

from __future__ import annotations

import os
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from devkit.project.errors import UsageError
from devkit.project.ports import PortState, choose_ports, holder, holder_in_lsof, is_free, port_state

pytestmark = pytest.mark.unit


@pytest.fixture
def taken() -> Iterator[int]:
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        server.listen()
        yield server.getsockname()[1]


def free_port() -> int:
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        return int(server.getsockname()[1])


def test_a_port_that_something_listens_on_is_taken(taken: int) -> None:
    assert port_state(taken) is PortState.TAKEN
    assert not is_free(taken)


def test_a_port_that_is_listened_on_at_all_addresses_is_taken() -> None:
    with socket.socket() as server:
        server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        server.bind(("0.0.0.0", 0))
        server.listen()
        assert not is_free(server.getsockname()[1])


def test_a_port_whose_connections_are_still_closing_is_free() -> None:
    with socket.socket() as server:
        server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        server.bind(("127.0.0.1", 0))
        server.listen()
        port = server.getsockname()[1]
        with socket.create_connection(("127.0.0.1", port)):
            server.accept()[0].close()  # the side that closes first keeps TIME_WAIT
    assert is_free(port)


def test_a_free_port_is_free() -> None:
    assert is_free(free_port())


def test_a_port_that_this_user_may_not_bind_is_told_apart_from_a_taken_one() -> None:
    child = os.fork()  # in a process of its own: root gives up its rights for good
    if child == 0:
        status = 99
        try:
            if os.getuid() == 0:
                os.setgroups([])
                os.setuid(65534)
            bound = int(Path("/proc/sys/net/ipv4/ip_unprivileged_port_start").read_text()) <= 1
            expected = (PortState.FREE, PortState.TAKEN) if bound else (PortState.NOT_PERMITTED,)
            status = 0 if port_state(1) in expected else 1
        finally:
            os._exit(status)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0


@pytest.mark.parametrize("port", [0, -1, 65536, 99999])
def test_a_number_that_is_no_port_is_a_usage_error(port: int) -> None:
    with pytest.raises(UsageError, match="is not a port"):
        is_free(port)


def test_the_holder_of_a_port_is_named_with_its_process_id(taken: int) -> None:
    found = holder(taken)
    assert found is not None
    assert f"(pid {os.getpid()})" in found


def test_nobody_holds_a_free_port() -> None:
    assert holder(free_port()) is None


def test_the_holder_is_read_from_lsof() -> None:
    assert holder_in_lsof("p4711\ncnginx\nf6\n") == "process nginx (pid 4711)"
    assert holder_in_lsof("p4711\ng1\ncmy app\nf6\n") == "process my app (pid 4711)"
    assert holder_in_lsof("") is None


def test_a_taken_port_is_replaced_by_a_free_one_above_it(taken: int) -> None:
    chosen = choose_ports({"app": taken}, {}, (), ())
    assert chosen["app"] != taken
    assert is_free(chosen["app"])


def test_a_remembered_port_is_kept_while_it_is_free() -> None:
    wanted, remembered = free_port(), free_port()
    assert choose_ports({"app": wanted}, {"app": remembered}, (), ()) == {"app": remembered}


def test_a_remembered_port_is_kept_while_the_projects_own_containers_hold_it(taken: int) -> None:
    assert choose_ports({"app": free_port()}, {"app": taken}, (), {taken}) == {"app": taken}


def test_a_remembered_port_that_another_took_is_given_up(taken: int) -> None:
    wanted = free_port()
    assert choose_ports({"app": wanted}, {"app": taken}, (), ()) == {"app": wanted}


def test_a_port_that_others_will_want_is_left_to_them() -> None:
    wanted = free_port()
    assert choose_ports({"app": wanted}, {}, {wanted}, ())["app"] != wanted


def test_no_port_is_given_out_twice() -> None:
    port = free_port()
    chosen = choose_ports({"app": port, "vite": port, "mail": port}, {}, (), ())
    assert chosen["app"] == port
    assert len(set(chosen.values())) == 3


def test_a_remembered_port_is_not_given_to_a_service_that_comes_first() -> None:
    port = free_port()
    assert choose_ports({"app": port, "vite": 5173}, {"vite": port}, (), ())["vite"] == port


def test_the_choice_is_the_same_each_time(taken: int) -> None:
    wanted = {"app": taken, "vite": taken}
    assert choose_ports(wanted, {}, (), ()) == choose_ports(wanted, {}, (), ())


def test_a_remembered_value_that_is_no_port_is_passed_over() -> None:
    wanted = free_port()
    assert choose_ports({"app": wanted}, {"app": 99999}, (), ()) == {"app": wanted}


def test_a_port_of_another_service_is_not_taken_also_where_the_projects_own_container_has_it() -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        assert choose_ports({"app": port}, {"app": port}, taken=[port], ours=[port])["app"] != port
