"""What is asked of Doppler's API, and what is made of its answers."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator

import pytest
from fake_doppler import DOWNLOAD, PROJECTS, SECRETS, FakeDoppler, Secret, faults

from devkit.project.errors import SecretsError, UsageError
from devkit.secrets.doppler.access import Access, Token
from devkit.secrets.doppler.client import Doppler
from devkit.secrets.doppler.retries import Backoff

pytestmark = pytest.mark.unit

CONFIGS = "/v3/configs"


@pytest.fixture
def fake() -> Iterator[FakeDoppler]:
    with FakeDoppler(prefix="/doppler") as running:
        running.add_config("shop", "dev", {"APP_KEY": "a", "HOST": "shop.test", "URL": "https://${HOST}/é?a=1&b"})
        yield running


def doppler(fake: FakeDoppler, token: str = "", project: str = "shop", config: str = "dev") -> Doppler:
    access = Access(Token(token or fake.personal_token(), "DOPPLER_TOKEN"), project, config, fake.url)
    return Doppler(access, seconds=60, backoff=Backoff(first=0.001))


def test_a_config_is_fetched_with_references_resolved_and_without_dopplers_own_names(fake: FakeDoppler) -> None:
    fetched = doppler(fake).secrets()
    assert dict(fetched.values) == {"APP_KEY": "a", "HOST": "shop.test", "URL": "https://shop.test/é?a=1&b"}
    assert (fetched.project, fetched.config, fetched.restricted) == ("shop", "dev", frozenset())
    assert "shop.test" not in repr(fetched)


def test_one_request_fetches_a_config(fake: FakeDoppler) -> None:
    doppler(fake).secrets()
    (seen,) = fake.requests
    assert (seen.method, seen.path, dict(seen.query)) == ("GET", SECRETS, {"project": "shop", "config": "dev"})


def test_what_can_be_done_meanwhile_is_done_after_the_question_was_sent_and_the_sdk_is_not_waited_for(
    fake: FakeDoppler,
) -> None:
    program = f"""
import sys
from devkit.secrets.doppler import find_access
from devkit.secrets.doppler.access import Access, Token
from devkit.secrets.doppler.client import Doppler
from devkit.secrets.doppler.connection import Connection
send, receive = Connection.send, Connection.receive
Connection.send = lambda *arguments: (print("sent"), send(*arguments))[1]
Connection.receive = lambda *arguments: (print("received"), receive(*arguments))[1]
access = Access(Token({fake.personal_token()!r}, "typed"), "shop", "dev", {fake.url!r})
Doppler(access, seconds=60, meanwhile=lambda: print("meanwhile")).secrets()
print(sorted({{"dopplersdk", "requests", "keyring"}} & sys.modules.keys()))
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines() == ["sent", "meanwhile", "received", "[]"]


def test_what_the_token_may_not_read_is_restricted_and_not_empty(fake: FakeDoppler) -> None:
    fake.set_secrets("shop", "dev", {"HIDDEN": Secret("h", "restricted"), "EMPTY": "", "VIA": "${HIDDEN}"})
    fetched = doppler(fake).secrets()
    assert fetched.restricted == {"HIDDEN", "VIA"}
    assert fetched.values["EMPTY"] == ""
    assert not fetched.restricted & fetched.values.keys()
    assert doppler(fake, fake.service_token("shop", "dev")).secrets().values["HIDDEN"] == "h"


def test_a_service_token_alone_is_asked_what_it_opens(fake: FakeDoppler) -> None:
    fetched = doppler(fake, fake.service_token("shop", "dev"), "", "").secrets()
    assert (fetched.project, fetched.config, fetched.values["APP_KEY"]) == ("shop", "dev", "a")
    assert [seen.path for seen in fake.requests] == [DOWNLOAD]


def test_what_a_service_token_opens_is_told_without_what_it_holds(fake: FakeDoppler) -> None:
    assert doppler(fake, fake.service_token("shop", "dev"), "", "").opened() == ("shop", "dev")
    (seen,) = fake.requests
    assert seen.query["secrets"] == "DOPPLER_PROJECT,DOPPLER_CONFIG"


def test_a_service_token_with_a_project_and_a_config_says_whose_secrets_it_gives(fake: FakeDoppler) -> None:
    fetched = doppler(fake, fake.service_token("shop", "dev"), "shop", "prd").secrets()
    assert [seen.path for seen in fake.requests] == [SECRETS]
    assert (fetched.project, fetched.config) == ("shop", "dev")


@pytest.mark.parametrize(("project", "config"), [("", ""), ("shop", ""), ("", "dev")])
def test_a_token_for_many_configs_has_to_be_told_which(fake: FakeDoppler, project: str, config: str) -> None:
    with pytest.raises(SecretsError) as raised:
        doppler(fake, project=project, config=config).secrets()
    assert "devkit config set secrets." in raised.value.hint
    assert fake.requests == []


def test_a_slash_at_the_end_of_the_address_changes_nothing(fake: FakeDoppler) -> None:
    access = Access(Token(fake.personal_token(), "typed"), "shop", "dev", f"{fake.url}/")
    assert Doppler(access).secrets().values["APP_KEY"] == "a"


def test_a_config_without_secrets_is_a_failure_that_says_that_nothing_was_changed(fake: FakeDoppler) -> None:
    with pytest.raises(SecretsError, match="shop/prd holds no secrets in Doppler: nothing was changed"):
        doppler(fake, config="prd").secrets()
    with pytest.raises(SecretsError, match="shop/stg holds no secrets in Doppler: nothing was changed"):
        doppler(fake, fake.service_token("shop", "stg"), "", "").secrets()


@pytest.mark.parametrize(
    "content",
    [
        None,
        [],
        "text",
        {},
        {"secrets": None},
        {"secrets": []},
        {"secrets": {"A": "sesame"}},
        {"secrets": {"A": {"computed": 7}}},
        {"secrets": {"A": {"computed": ["sesame"]}}},
        {"secrets": {"A": {"computed": "sesame \ud800"}}},
        {"secrets": {"A B": {"computed": "sesame"}}},
        {"secrets": {"A\nB": {"computed": "sesame"}}},
        {"self": 1},
    ],
)
def test_an_answer_of_another_shape_is_a_failure_and_its_values_are_not_told(
    fake: FakeDoppler, content: object
) -> None:
    fake.fail(faults.Says(json.dumps(content).encode()))
    with pytest.raises(SecretsError, match="is not what Doppler's API gives") as raised:
        doppler(fake).secrets()
    assert "sesame" not in str(raised.value)


@pytest.mark.parametrize("most_per_page", [1, 2, 7, 1000])
def test_all_pages_are_read_however_long_they_are(fake: FakeDoppler, most_per_page: int) -> None:
    fake.most_per_page = most_per_page
    for number in range(6):
        fake.add_project(f"slug-{number}", f"Name {number}")
    fake.add_config("shop", "dev_personal")
    assert doppler(fake, project="", config="").projects() == ["shop", *(f"slug-{number}" for number in range(6))]
    assert doppler(fake, project="", config="").configs("shop") == ["dev", "stg", "prd", "dev_personal"]


def test_a_server_that_knows_no_pages_is_not_asked_for_ever(fake: FakeDoppler) -> None:
    fake.fail(faults.Says(b'{"projects": [{"slug": "a"}]}'))
    assert doppler(fake).projects() == ["a"]
    assert len(fake.requests_for(PROJECTS)) == 2


@pytest.mark.parametrize("content", [{}, {"projects": {}}, {"projects": [{}]}, {"projects": ["a"]}])
def test_a_page_of_another_shape_is_a_failure(fake: FakeDoppler, content: object) -> None:
    fake.fail(faults.Says(json.dumps(content).encode()))
    with pytest.raises(SecretsError, match="is not what Doppler's API gives"):
        doppler(fake).projects()


def test_an_unknown_project_is_named(fake: FakeDoppler) -> None:
    with pytest.raises(SecretsError, match="Doppler has no project market"):
        doppler(fake).configs("market")


def test_names_that_would_change_the_question_are_refused_before_it_is_asked(fake: FakeDoppler) -> None:
    with pytest.raises(UsageError):
        doppler(fake, project="a&b")
    with pytest.raises(UsageError):
        doppler(fake).configs("a&b")
    assert fake.requests == []


@pytest.mark.parametrize("token", ["dp.pt.with space", "dp.pt.line\nX-Injected: 1", "dp.pt.ä"])
def test_what_cannot_be_a_token_is_not_sent_and_not_told(fake: FakeDoppler, token: str) -> None:
    with pytest.raises(SecretsError, match="what comes from DOPPLER_TOKEN cannot be a token") as raised:
        doppler(fake, token)
    assert token not in str(raised.value)
    assert fake.requests == []


def test_a_change_is_written_and_names_that_read_back_otherwise_are_given(fake: FakeDoppler) -> None:
    fake.set_secrets("shop", "dev", {"HIDDEN": Secret("h", "restricted")})
    sent = {"PLAIN": "a b\n'\"$", "REFERENCE": "https://${HOST}", "UNKNOWN": "${NOBODY}", "HIDDEN": "new"}
    assert doppler(fake).update(sent) == {"REFERENCE"}
    held = fake.secrets("shop", "dev")
    assert {name: held[name] for name in sent} == sent
    assert held["APP_KEY"] == "a"
    assert fake.requests[0].json == {"project": "shop", "config": "dev", "secrets": sent}


def test_a_name_that_is_not_there_afterwards_is_given(fake: FakeDoppler) -> None:
    fake.fail(faults.Says(b'{"secrets": {}}'), method="POST")
    assert doppler(fake).update({"NEW": "n"}) == {"NEW"}


def test_no_values_are_no_request(fake: FakeDoppler) -> None:
    assert doppler(fake).update({}) == frozenset()
    assert fake.requests == []


def test_dopplers_own_names_are_not_written(fake: FakeDoppler) -> None:
    with pytest.raises(SecretsError, match="DOPPLER_CONFIG is set by Doppler itself"):
        doppler(fake).update({"DOPPLER_CONFIG": "x", "A": "a"})
    assert fake.requests == []


def test_a_service_token_changes_what_it_opens_without_being_told_what_that_is(fake: FakeDoppler) -> None:
    token = fake.service_token("shop", "dev", can_write=True)
    assert doppler(fake, token, "", "").update({"NEW": "n"}) == frozenset()
    assert fake.secrets("shop", "dev")["NEW"] == "n"


def test_a_change_meant_for_another_config_than_the_service_tokens_is_refused(fake: FakeDoppler) -> None:
    token = fake.service_token("shop", "dev", can_write=True)
    with pytest.raises(SecretsError, match="opens shop/dev alone, not shop/prd: nothing was changed"):
        doppler(fake, token, "shop", "prd").update({"NEW": "n"})
    assert "NEW" not in fake.secrets("shop", "dev") | fake.secrets("shop", "prd")


def test_a_token_that_may_only_read_is_told_so(fake: FakeDoppler) -> None:
    with pytest.raises(SecretsError, match=r"may not change shop/dev \(403\)"):
        doppler(fake, fake.service_token("shop", "dev"), "", "").update({"NEW": "n"})


def test_an_empty_config_can_be_written_to(fake: FakeDoppler) -> None:
    assert doppler(fake, config="prd").update({"A": "a"}) == frozenset()
    assert fake.secrets("shop", "prd") == {"A": "a"}


def test_a_change_that_is_made_and_cannot_be_read_back_says_both(fake: FakeDoppler) -> None:
    fake.fail(faults.Status(403, "No"), method="GET")
    with pytest.raises(SecretsError, match=r"shop/dev was changed, and could not be read back: .* \(403\)"):
        doppler(fake).update({"NEW": "sesame"})
    assert fake.secrets("shop", "dev")["NEW"] == "sesame"


@pytest.mark.parametrize(
    "fault",
    [faults.Status(500), faults.Status(503), faults.LostAnswer(), faults.CutShort(), faults.Page()],
    ids=lambda fault: repr(fault)[:20],
)
def test_a_change_that_may_have_been_made_is_not_sent_again_and_the_person_is_told_to_compare(
    fake: FakeDoppler, fault: faults.Fault
) -> None:
    fake.fail(fault, method="POST")
    with pytest.raises(SecretsError, match=r"whether Doppler took the change of shop/dev is not known") as raised:
        doppler(fake).update({"NEW": "sesame"})
    assert "devkit env diff" in raised.value.hint
    assert "sesame" not in str(raised.value)
    assert len(fake.requests) == 1


def test_a_change_that_hangs_at_its_second_try_is_not_known_to_be_made(fake: FakeDoppler) -> None:
    fake.fail(faults.Status(429, retry_after=0), method="POST", times=1)
    fake.fail(faults.Hang(), method="POST")
    access = Access(Token(fake.personal_token(), "DOPPLER_TOKEN"), "shop", "dev", fake.url)
    with pytest.raises(SecretsError, match="is not known: no whole answer within"):
        Doppler(access, seconds=0.5, backoff=Backoff(first=0.001)).update({"NEW": "n"})


def test_a_change_that_was_surely_not_made_is_sent_again(fake: FakeDoppler) -> None:
    fake.fail(faults.Status(429, retry_after=0), method="POST", times=2)
    assert doppler(fake).update({"NEW": "n"}) == frozenset()
    assert [seen.method for seen in fake.requests] == ["POST", "POST", "POST", "GET"]


def test_what_a_server_says_about_a_value_is_not_repeated(fake: FakeDoppler) -> None:
    fake.fail(faults.Status(422, "The value sesame of A is invalid"), method="POST")
    with pytest.raises(SecretsError, match=r"\(422\) \(see") as raised:
        doppler(fake).update({"A": "sesame"})
    assert "sesame" not in str(raised.value)
