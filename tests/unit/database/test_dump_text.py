"""What changes in a dump on its way to a server: the head, and nothing else."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from devkit.database.dump_kinds import recognise
from devkit.database.dump_text import Watched, mysql_text, postgres_text
from devkit.project.errors import UsageError

pytestmark = pytest.mark.unit

MYSQL_HEAD = b"""-- MySQL dump 10.13  Distrib 9.7.4, for Linux (x86_64)
--
-- Host: localhost    Database: shop

/*!50503 SET NAMES utf8mb4 */;
SET @@SESSION.SQL_LOG_BIN= 0;
SET @@GLOBAL.GTID_PURGED=/*!80000 '+'*/ 'a6f5a12e-e8af-11f1-b96e-0242ac110003:1-552,
b6f5a12e-e8af-11f1-b96e-0242ac110003:1-5';
/*!40000 DROP DATABASE IF EXISTS `shop`*/;
CREATE DATABASE /*!32312 IF NOT EXISTS*/ `shop` /*!40100 DEFAULT CHARACTER SET utf8mb4 */;
/* a remark
USE `kept`;
*/
USE `shop`;
"""
MYSQL_BODY = b"""CREATE TABLE `a` (
  `b` text
);
INSERT INTO `a` VALUES ('
USE `shop`;
CREATE DATABASE x;
');
"""
POSTGRES_HEAD = b"""--
-- PostgreSQL database dump
--

\\restrict abc

SET statement_timeout = 0;
SELECT pg_catalog.set_config('search_path', '', false);
DROP DATABASE shop;
CREATE DATABASE shop WITH TEMPLATE = template0 ENCODING = 'UTF8';
ALTER DATABASE shop OWNER TO forge;
\\unrestrict abc
\\connect shop
\\restrict abc
ALTER ROLE ro IN DATABASE shop SET work_mem TO '5MB';
GRANT CONNECT ON DATABASE shop TO ro;
COMMENT ON DATABASE shop IS 'x';
"""
POSTGRES_BODY = b"""CREATE TABLE a (b text);
INSERT INTO a VALUES ('
DROP DATABASE shop;
\\connect shop
');
"""


def pieces(text: bytes, size: int) -> Iterator[bytes]:
    return iter([text[at : at + size] for at in range(0, len(text), size)])


def statements(text: bytes) -> list[bytes]:
    return [line for line in text.split(b"\n") if line and not line.startswith(b"--")]


@given(st.integers(1, 600))
def test_a_mysql_dump_names_no_database_and_keeps_its_lines(size: int) -> None:
    changed = b"".join(mysql_text(pieces(MYSQL_HEAD + MYSQL_BODY, size), mariadb=False))
    assert changed.endswith(b"\n" + MYSQL_BODY)
    assert changed.count(b"\n") == (MYSQL_HEAD + MYSQL_BODY).count(b"\n")
    head = changed.removesuffix(MYSQL_BODY)
    assert statements(head) == [
        b"/*!50503 SET NAMES utf8mb4 */;",
        b"SET @@SESSION.SQL_LOG_BIN= 0;",
        b"/* a remark",
        b"USE `kept`;",
        b"*/",
    ]


@given(st.integers(1, 600))
def test_a_postgresql_dump_names_no_database_and_keeps_its_lines(size: int) -> None:
    changed = b"".join(postgres_text(pieces(POSTGRES_HEAD + POSTGRES_BODY, size)))
    assert changed.endswith(b"\n" + POSTGRES_BODY)
    assert changed.count(b"\n") == (POSTGRES_HEAD + POSTGRES_BODY).count(b"\n")
    assert statements(changed.removesuffix(POSTGRES_BODY)) == [
        b"\\restrict abc",
        b"SET statement_timeout = 0;",
        b"SELECT pg_catalog.set_config('search_path', '', false);",
        b"\\unrestrict abc",
        b"\\restrict abc",
    ]


@given(st.integers(1, 300))
def test_the_same_database_named_again_is_left_out_and_another_is_not(size: int) -> None:
    again, other = (
        b"\n--\n-- Current Database: `%s`\n--\n\nUSE `%s`;\nSELECT 1;\n" % (n, n) for n in (b"shop", b"other")
    )
    dump = b"CREATE DATABASE `shop`;\nUSE `shop`;\nCREATE TABLE a (b int);" + again + other
    changed = b"".join(mysql_text(pieces(dump, size), mariadb=False))
    assert changed == b"\n\nCREATE TABLE a (b int);\n--\n\n\n\n\nSELECT 1;\n" + other


def test_only_mariadb_is_told_to_go_without_shell_commands() -> None:
    dump = b"/*M!999999\\- enable the sandbox mode */ \nCREATE TABLE a (b int);\n"
    assert b"".join(mysql_text(iter([dump]), mariadb=True)) == dump
    assert b"".join(mysql_text(iter([dump]), mariadb=False)) == b"\nCREATE TABLE a (b int);\n"


@given(st.integers(1, 300))
def test_views_of_mariadb_do_not_name_the_database_that_they_come_from(size: int) -> None:
    dump = (
        b"-- Host: localhost    Database: shop\n-- --\nINSERT INTO `a` VALUES ('`shop`.');\n"
        b"/*!50001 VIEW `v` AS select `shop`.`p`.`id` AS `id` from `p` */;\n"
        b"/*!50001 VIEW `w` AS select `shop`.`p`.`id` AS `id` from `p` */;\nSELECT 1;"
    )
    changed = b"".join(mysql_text(pieces(dump, size), mariadb=True))
    rows, _, views = dump.partition(b"/*!50001")
    assert changed == rows + b"/*!50001" + views.replace(b"`shop`.", b"")


@given(st.binary(max_size=2000), st.integers(1, 700))
def test_whatever_is_no_head_passes_unchanged(body: bytes, size: int) -> None:
    dump = b"CREATE TABLE a (b int);\n" + body
    assert b"".join(postgres_text(pieces(dump, size))) == dump
    assert b"".join(mysql_text(pieces(dump, size), mariadb=False)) == dump


def test_a_dump_without_its_writers_last_line_is_cut_short() -> None:
    head = b"--\n-- PostgreSQL database dump\n--\nCREATE TABLE a (b int);\n"
    dump = recognise(head, "x.sql")
    whole, cut = Watched(iter([head, b"-- PostgreSQL database", b" dump complete\n"])), Watched(iter([head]))
    for watched in (whole, cut):
        list(watched)
    whole.check_end(dump, "x.sql")
    with pytest.raises(UsageError, match=r"x\.sql is cut short"):
        cut.check_end(dump, "x.sql")
