from __future__ import annotations

from pathlib import Path

import pytest

from devkit.project.services import SERVICES
from devkit.scaffold.adopt import Existing
from devkit.scaffold.asked_for import ASKED_FOR
from devkit.scaffold.deliveries import DELIVERIES
from devkit.setup.answers import Answers
from devkit.setup.offers import NO_IMAGE, unavailable
from devkit.wizard.questions import answered, delivery_question, questions, suggested_directory

pytestmark = pytest.mark.unit

HERE = Path("/projects/shop")
EMPTY = Existing(HERE, "empty")
PACKAGES = ("laravel/reverb", "league/flysystem-aws-s3-v3")


def test_an_empty_directory_is_asked_three_questions_with_the_default_stack_chosen() -> None:
    asked = questions(Answers(HERE), EMPTY, {})
    assert [(question.key, question.default) for question in asked] == [
        ("database", ("sqlite",)),
        ("cache", ("none",)),
        ("extras", ()),
    ]


def test_what_the_application_uses_is_chosen_beforehand() -> None:
    existing = Existing(HERE, "laravel", database="pgsql", services=("valkey", "mailpit", "queue"))
    defaults = {question.key: set(question.default) for question in questions(Answers(HERE), existing, {})}
    assert defaults == {"database": {"pgsql"}, "cache": {"valkey"}, "extras": {"mailpit", "queue"}}


def test_a_flag_answers_its_question() -> None:
    assert [question.key for question in questions(Answers(HERE, services=("redis",)), EMPTY, {})] == ["database"]
    assert questions(Answers(HERE, services=("mysql",)), EMPTY, {}) == []
    keys = [question.key for question in questions(Answers(HERE, database="mysql"), EMPTY, {})]
    assert keys == ["cache", "extras"]


def test_every_service_is_offered_once() -> None:
    asked = questions(Answers(HERE), EMPTY, {})
    offered = [option.value for question in asked for option in question.options]
    assert sorted(offered) == sorted([*SERVICES, "sqlite", "none"])


def test_what_cannot_be_had_is_not_offered_and_why_is_known() -> None:
    extras = questions(Answers(HERE), EMPTY, {"mongodb": NO_IMAGE})[2]
    assert "mongodb" not in {option.value for option in extras.options}
    assert extras.left_out == {"MongoDB": NO_IMAGE}


def test_a_detected_service_that_cannot_be_had_is_no_default() -> None:
    existing = Existing(HERE, "laravel", database="mysql", services=("mongodb",))
    asked = questions(Answers(HERE), existing, {"mongodb": NO_IMAGE, "mysql": NO_IMAGE})
    assert [question.default for question in asked] == [("sqlite",), ("none",), ()]


def test_answers_add_up() -> None:
    answers = answered(Answers(HERE), "database", ["mysql"])
    answers = answered(answers, "cache", ["redis"])
    answers = answered(answers, "extras", ["mailpit", "queue"])
    assert (answers.database, answers.services) == ("mysql", ("redis", "mailpit", "queue"))


def test_choosing_nothing_is_an_answer_too() -> None:
    answers = answered(answered(Answers(HERE), "cache", ["none"]), "extras", [])
    assert answers.services == ()


def test_delivery_is_asked_for_several_or_none_unless_a_flag_says_it() -> None:
    question = delivery_question(Answers(HERE))
    assert question is not None
    assert (question.kind, question.default, question.left_out) == ("several", (), {})
    assert [option.title for option in question.options] == ["GitHub Actions", "GitLab CI", "Kubernetes"]
    assert delivery_question(Answers(HERE, delivery=("github",))) is None
    assert delivery_question(Answers(HERE, delivery=())) is None
    assert answered(Answers(HERE), "delivery", ["github", "kubernetes"]).delivery == ("github", "kubernetes")
    assert answered(Answers(HERE), "delivery", []).delivery == ()


def test_every_delivery_is_one_that_can_be_scaffolded() -> None:
    assert set(DELIVERIES) <= set(ASKED_FOR)


def test_a_new_directory_is_suggested_where_none_can_be_used() -> None:
    assert suggested_directory(HERE, Existing(HERE, "other")) == "./my-app"
    assert suggested_directory(Path.home(), EMPTY) == "./my-app"
    assert suggested_directory(HERE, EMPTY) == "."


def asked_too_much() -> bool:
    raise AssertionError("this is known without the network")


def test_without_a_registry_only_what_has_a_stand_in_can_be_had() -> None:
    missing = unavailable("auto", PACKAGES, registry_answers=lambda: False, packagist_answers=asked_too_much)
    assert missing["mongodb"] == NO_IMAGE
    assert not {"mysql", "mariadb", "pgsql", "redis", "valkey", "mailpit", "vite", "queue"} & set(missing)


def test_with_a_registry_everything_can_be_had_but_a_package_that_nobody_gives() -> None:
    for images, answers in (("auto", lambda: True), ("registry", asked_too_much)):
        missing = unavailable(images, (), registry_answers=answers, packagist_answers=lambda: False)
        assert set(missing) == {"reverb", "s3"}
