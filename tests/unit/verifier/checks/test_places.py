"""`locked`, `running`, `auto_deploy` and `superseded`: is the environment free?"""

from dataclasses import replace
from datetime import timedelta

import pytest

from shared.contracts import Holder, Person, Ref
from shared.testing import T0
from tests.unit.verifier.examples import ANN, FIRST, MAIN, PAGE, SHA, rules
from verifier import checks
from verifier.domain.situation import Foreign, Held, Hold, Lock

BOB = Person(id=2, login="bob")
HELD = Held(Holder(deployment_id=str(FIRST), number=12, since=T0), MAIN, ANN)
ONE_AT_A_TIME = rules("serialization: true")
LOCK = Lock(BOB, "Migration", T0 + timedelta(hours=2), T0)


def test_nobody_has_locked_it() -> None:
    check = checks.locked(None, ANN, "production")
    assert (check.state, check.message) == ("passed", "Nobody has locked production.")


def test_a_lock_says_who_and_why_and_until_when() -> None:
    check = checks.locked(LOCK, ANN, "production")
    assert check.state == "failed"
    assert check.message == (
        "bob has locked production since 2026-01-05 09:00:00 UTC, until 2026-01-05 "
        "11:00:00 UTC: Migration. Ask bob to unlock it, or take the lock over."
    )


def test_a_lock_without_end_and_reason() -> None:
    check = checks.locked(Lock(BOB, "", None, T0), ANN, "production")
    assert check.message.startswith(
        "bob has locked production since 2026-01-05 09:00:00 UTC, until unlocked. Ask"
    )


def test_the_owner_deploys_through_the_lock() -> None:
    check = checks.locked(LOCK, Person(id=2, login="bobby"), "production")
    assert check.state == "passed"
    assert check.message.startswith("bobby has locked production since 2026-01-05")
    same_name = checks.locked(LOCK, Person(id=9, login="bob"), "production")
    assert same_name.state == "failed"


def test_running_names_who_runs() -> None:
    check = checks.running(HELD, ONE_AT_A_TIME, PAGE)
    assert check.state == "failed"
    assert check.url == f"{PAGE}/deployments"
    assert check.message == (
        "#12 (main, ann) has been running in production since 2026-01-05 09:00:00 UTC, "
        "and deploy.yml lets only one run at a time: wait for its end, or cancel it."
    )


def test_running_names_a_commit_as_people_read_it() -> None:
    back = replace(HELD, ref=Ref(type="commit", name=SHA))
    check = checks.running(back, ONE_AT_A_TIME, PAGE)
    assert check.message.startswith("#12 (aaaaaaa, ann) has been running")


def test_running_names_who_is_first_in_line() -> None:
    check = checks.running(replace(HELD, running=False), ONE_AT_A_TIME, PAGE)
    assert check.state == "failed"
    assert check.message.startswith(
        "#12 (main, ann) is before it in line for production since 2026-01-05 09:00:00 "
    )


def test_a_free_place() -> None:
    check = checks.running(None, ONE_AT_A_TIME, PAGE)
    assert (check.state, check.message) == (
        "passed",
        "Nothing else runs in production.",
    )


def test_an_environment_without_serialization_has_room_for_all() -> None:
    check = checks.running(HELD, rules(), PAGE)
    assert check.state == "skipped"
    assert "no `serialization: true`" in check.message
    assert checks.running(HELD, None, PAGE).state == "skipped"


ACTIONS = Foreign(4001, "main", BOB, T0)
OTHER = Foreign(4002, "v1", None, T0)
MADE = "made at GitHub and not by Gitploy"


@pytest.mark.parametrize("text", ["", "serialization: true"])
def test_one_that_was_made_at_github_is_a_warning(text: str) -> None:
    check = checks.running(None, rules(text), PAGE, [ACTIONS])
    assert check.state == "warning"
    assert check.message == (
        "main (bob, since 2026-01-05 09:00:00 UTC) runs in production, "
        f"{MADE}. This keeps nobody from deploying."
    )


@pytest.mark.parametrize("text", ["", "serialization: true, "])
def test_one_that_was_made_at_github_holds_where_that_is_wanted(text: str) -> None:
    check = checks.running(None, rules(f"{text}foreign: hold"), PAGE, [ACTIONS, OTHER])
    assert check.state == "failed"
    assert check.message == (
        "main (bob, since 2026-01-05 09:00:00 UTC), v1 (since 2026-01-05 09:00:00 UTC) "
        f"run in production, {MADE}: wait for the end, or release the place if nothing "
        "is at work there; deploy.yml says `foreign: hold`."
    )


def test_ours_is_told_before_one_of_others() -> None:
    check = checks.running(HELD, ONE_AT_A_TIME, PAGE, [ACTIONS])
    assert check.message.startswith("#12")
    assert check.state == "failed"


def test_auto_deploys_stand_still_after_a_rollback() -> None:
    check = checks.held(Hold(12, BOB, T0), "production")
    assert check.state == "failed"
    assert check.message == (
        "Auto deploys of production stand still since bob rolled it back with #12 "
        "(2026-01-05 09:00:00 UTC): deploy by hand what should run there, or resume "
        "auto deploys."
    )
    assert checks.held(None, "production").state == "passed"


def test_an_auto_deploy_gives_way_to_a_newer_one() -> None:
    check = checks.superseded(13)
    assert check.state == "failed"
    assert check.message == (
        "The newer #13 takes its place: look there. Nothing is to be done here."
    )
    assert checks.superseded(None).state == "passed"
