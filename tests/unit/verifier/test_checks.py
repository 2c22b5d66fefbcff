"""Each question and its answers, as the people read them."""

from dataclasses import replace

import pytest

from shared.contracts import Check, Holder, Ref
from shared.deploy_yml import Env, read
from shared.testing import T0
from verifier import checks
from verifier.domain.found import Contexts, File, Found, Reported
from verifier.domain.resolution import resolve
from verifier.domain.situation import Held

from .examples import ANN, FIRST, MAIN, PAGE, SHA, contexts, found, request

FEATURE = Ref(type="branch", name="feature")


def answers(found: Found, environment: str = "production") -> dict[str, Check]:
    resolved = resolve(request(environment=environment), found, T0)
    assert [c.code for c in resolved.checks] == [
        "config",
        "environment",
        "ref",
        "up_to_date",
        "commit_checks",
    ]
    return {c.code: c for c in resolved.checks}


def env(text: str = "") -> Env:
    return read("envs: [{name: production, " + text + "}]").envs["production"]


def test_everything_is_well() -> None:
    told = answers(found())
    assert {code: c.state for code, c in told.items()} == {
        "config": "passed",
        "environment": "passed",
        "ref": "passed",
        "up_to_date": "skipped",
        "commit_checks": "passed",
    }
    assert told["config"].url == f"{PAGE}/blob/{'b' * 40}/deploy.yml"
    assert told["environment"].url == f"{PAGE}/blob/{'b' * 40}/deploy.yml#L2"
    assert told["ref"].message == "branch main is at aaaaaaa."


def test_every_question_is_answered_also_after_a_failure() -> None:
    told = answers(found(text="envs: 1", sha=None))
    assert {code: c.state for code, c in told.items()} == {
        "config": "failed",
        "environment": "skipped",
        "ref": "failed",
        "up_to_date": "skipped",
        "commit_checks": "skipped",
    }


def test_without_a_repository_the_ref_is_missing() -> None:
    resolved = resolve(request(), None, T0)
    states = {c.code: c.state for c in resolved.checks}
    assert [code for code, state in states.items() if state == "failed"] == ["ref"]
    assert list(states) == list(answers(found()))
    assert "octo/shop" in resolved.checks[2].message


@pytest.mark.parametrize(
    ("known", "message"),
    [
        (
            found(text="envs:\n- name: a\n  foo: 1\nbar: 2"),
            (
                "deploy.yml at the head of main (bbbbbbb) has 2 mistakes: line 3, "
                "column 3: unknown field `foo`; line 4, column 1: unknown field `bar`"
            ),
        ),
        (
            found(config_file=None),
            (
                "There is no deploy.yml at the head of main (bbbbbbb). Rules are read "
                "from there, whatever is deployed: add the file."
            ),
        ),
        (
            found(config_file=File(None)),
            "deploy.yml at the head of main (bbbbbbb) is too large, or not text.",
        ),
        (
            found(head=None, default_branch=None, config_file=None),
            "octo/shop has no commit on a default branch yet: push one.",
        ),
    ],
)
def test_config_fails(known: Found, message: str) -> None:
    check = answers(known)["config"]
    assert check.state == "failed"
    assert check.message == message


def test_a_mistake_links_to_its_line() -> None:
    check = answers(found(text="envs:\n- name: a\n  foo: 1"))["config"]
    assert (check.url or "").endswith("deploy.yml#L3")


def test_an_undefined_environment_names_those_that_are_defined() -> None:
    told = answers(found(), environment="Staging")["environment"]
    assert told.state == "failed"
    assert told.message == (
        "deploy.yml at the head of main defines no environment Staging, but: "
        "production, staging. Write it exactly so: staging."
    )


@pytest.mark.parametrize(
    ("ref", "message"),
    [
        (FEATURE, "octo/shop has no branch feature."),
        (Ref(type="tag", name="v1"), "octo/shop has no tag v1 that names a commit."),
        (
            Ref(type="commit", name="abc"),
            (
                "octo/shop has no commit abc, or several that begin so. "
                "Give its whole id, or at least 7 digits of it."
            ),
        ),
        (Ref(type="branch", name="a\x1b[2Jb"), "octo/shop has no branch a�[2Jb."),
    ],
)
def test_ref_fails(ref: Ref, message: str) -> None:
    check = checks.ref(found(sha=None), ref)
    assert (check.state, check.message) == ("failed", message)


@pytest.mark.parametrize(
    ("behind_by", "state", "message"),
    [
        (0, "passed", "feature has all commits of main."),
        (
            1,
            "failed",
            (
                "feature (aaaaaaa) is 1 commit behind main: merge it first; "
                "deploy.yml says `auto_merge: true`."
            ),
        ),
        (
            12,
            "failed",
            (
                "feature (aaaaaaa) is 12 commits behind main: merge it first; "
                "deploy.yml says `auto_merge: true`."
            ),
        ),
        (
            None,
            "failed",
            (
                "GitHub can't compare feature (aaaaaaa) with main: "
                "they have no common history."
            ),
        ),
    ],
)
def test_up_to_date(behind_by: int | None, state: str, message: str) -> None:
    known = found(behind_by=behind_by)
    check = checks.up_to_date(known, env("auto_merge: true"), FEATURE)
    assert (check.state, check.message) == (state, message)
    assert check.url == f"{PAGE}/compare/{SHA}...main"


@pytest.mark.parametrize("text", ["", "auto_merge: false"])
def test_up_to_date_is_asked_only_where_it_is_wanted(text: str) -> None:
    check = checks.up_to_date(found(behind_by=12), env(text), FEATURE)
    assert check.state == "skipped"


FORBIDDEN = Contexts(contexts(ci="success").reported, withheld=True)


@pytest.mark.parametrize(
    ("reported", "required", "state", "message"),
    [
        (contexts(), None, "passed", "aaaaaaa has no checks."),
        (
            contexts(a="success", b="success"),
            None,
            "passed",
            "2 of 2 checks of aaaaaaa have passed.",
        ),
        (
            contexts(a="failure", b="success"),
            None,
            "failed",
            "Of the checks of aaaaaaa, a (failure) has failed.",
        ),
        (
            contexts(a="in_progress", b="queued"),
            None,
            "pending",
            (
                "Of the checks of aaaaaaa, a (in_progress), b (queued) have not passed."
                " Deploy again when they have passed."
            ),
        ),
        (
            contexts(a="queued", b="failure"),
            None,
            "failed",
            (
                "Of the checks of aaaaaaa, b (failure) has failed and "
                "a (queued) has not passed."
            ),
        ),
        (contexts(a="failure"), (), "skipped", None),
        (contexts(a="failure", b="success"), ("b",), "passed", None),
        (
            contexts(a="success"),
            ("a", "b"),
            "pending",
            (
                "Of the checks of aaaaaaa, b (absent) has not passed. "
                "Deploy again when they have passed."
            ),
        ),
        (
            replace(contexts(a="success"), unfinished=("Actions",)),
            None,
            "pending",
            (
                "Of the checks of aaaaaaa, Actions (not finished) has not passed. "
                "Deploy again when they have passed."
            ),
        ),
        (
            replace(contexts(a="success"), unfinished=("Actions",)),
            ("a",),
            "passed",
            None,
        ),
        (FORBIDDEN, None, "failed", None),
        (FORBIDDEN, ("ci",), "passed", None),
        (FORBIDDEN, ("ci", "test"), "failed", None),
    ],
)
def test_commit_checks(
    reported: Contexts,
    required: tuple[str, ...] | None,
    state: str,
    message: str | None,
) -> None:
    check = checks.commit_checks(reported, required, SHA, PAGE)
    assert check.state == state
    assert message is None or check.message == message


def test_two_checks_of_one_name_must_both_pass() -> None:
    twice = Contexts(
        (Reported("t", "passed", "success"), Reported("t", "failed", "failure"))
    )
    assert checks.commit_checks(twice, ("t",), SHA, PAGE).state == "failed"


def test_what_is_withheld_is_said_with_what_to_do() -> None:
    message = checks.commit_checks(FORBIDDEN, None, SHA, PAGE).message
    assert "GitHub App" in message
    assert "required_contexts" in message


def test_a_long_list_is_cut() -> None:
    many = contexts(**{f"c{i}": "failure" for i in range(30)})
    message = checks.commit_checks(many, None, SHA, PAGE).message
    assert "c19 (failure), and 10 more have failed" in message


HELD = Held(Holder(deployment_id=str(FIRST), number=12, since=T0), MAIN, ANN)


def test_running_names_who_runs() -> None:
    rules = resolve(request(environment="staging"), found(), T0).rules
    check = checks.running(HELD, rules, PAGE)
    assert check.state == "failed"
    assert check.message == (
        "#12 (main, ann) has been running in staging since 2026-01-05 09:00:00 UTC, "
        "and deploy.yml lets only one run at a time: wait for its end, or cancel it."
    )
    assert checks.running(None, rules, PAGE).state == "passed"


def test_an_environment_without_serialization_has_room_for_all() -> None:
    rules = resolve(request(), found(), T0).rules
    assert checks.running(HELD, rules, PAGE).state == "skipped"
    assert checks.running(HELD, None, PAGE).state == "skipped"
