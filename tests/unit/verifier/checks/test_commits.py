"""`commit_checks`: have the checks of the commit passed?"""

from dataclasses import replace
from datetime import timedelta
from itertools import groupby

import pytest

from shared.deploy_yml import Env, matches
from shared.testing import T0
from tests.unit.verifier.examples import PAGE, SHA, contexts, rules
from verifier import checks
from verifier.domain.found import Contexts, Reported

FORBIDDEN = Contexts(contexts(ci="success").reported, withheld=True)


MEND = "Run what has failed again, or mend it, and deploy then."
IGNORING = "ignore_contexts: [rabbit, 'vercel/.*']"


@pytest.mark.parametrize(
    ("reported", "text", "state", "message"),
    [
        (contexts(), "", "passed", "aaaaaaa has no checks."),
        (
            contexts(a="success", b="success"),
            "",
            "passed",
            "2 of 2 checks of aaaaaaa have passed.",
        ),
        (
            contexts(a="failure", b="success"),
            "",
            "failed",
            f"Of the checks of aaaaaaa, a (failure) has failed. {MEND}",
        ),
        (
            contexts(a="in_progress", b="queued"),
            "",
            "pending",
            "Of the checks of aaaaaaa, a (in_progress), b (queued) have not passed.",
        ),
        (
            contexts(a="queued", b="failure"),
            "",
            "failed",
            (
                "Of the checks of aaaaaaa, b (failure) has failed and "
                f"a (queued) has not passed. {MEND}"
            ),
        ),
        (contexts(a="failure"), "required_contexts: []", "skipped", None),
        (contexts(a="failure", b="success"), "required_contexts: [b]", "passed", None),
        (
            contexts(a="success"),
            "required_contexts: [a, b]",
            "pending",
            "Of the checks of aaaaaaa, b (absent) has not passed.",
        ),
        (
            replace(contexts(a="success"), unfinished=("Actions",)),
            "",
            "pending",
            "Of the checks of aaaaaaa, Actions (not finished) has not passed.",
        ),
        (
            replace(contexts(a="success"), unfinished=("Actions",)),
            "required_contexts: [a]",
            "passed",
            None,
        ),
        (contexts(a="success", rabbit="queued"), IGNORING, "passed", None),
        (contexts(a="success", rabbit="failure"), IGNORING, "passed", None),
        (contexts(a="success", rabbits="failure"), IGNORING, "failed", None),
        (contexts(rabbit="failure"), IGNORING, "passed", "aaaaaaa has no checks."),
        (
            replace(contexts(a="success"), unfinished=("rabbit",)),
            IGNORING,
            "passed",
            None,
        ),
        (
            contexts(a="failure", rabbit="queued"),
            f"required_contexts: [rabbit], {IGNORING}",
            "pending",
            None,
        ),
        (FORBIDDEN, "", "failed", None),
        (FORBIDDEN, "required_contexts: [ci]", "passed", None),
        (FORBIDDEN, "required_contexts: [ci, test]", "failed", None),
    ],
)
def test_commit_checks(
    reported: Contexts, text: str, state: str, message: str | None
) -> None:
    check = checks.commit_checks(reported, rules(text), SHA, PAGE)
    assert check.state == state
    assert message is None or check.message == message
    pending = (
        [] if state != "pending" else list(checks.unfinished(reported, rules(text)))
    )
    assert all(name in check.message for name in pending)


@pytest.mark.parametrize(
    ("env", "sha", "why"),
    [
        (None, SHA, "there are no rules for this environment"),
        (rules(), None, "there is no such ref"),
    ],
)
def test_without_rules_or_commit_there_is_no_question(
    env: Env | None, sha: str | None, why: str
) -> None:
    check = checks.commit_checks(contexts(a="failure"), env, sha, PAGE)
    assert (check.state, check.message) == ("skipped", f"Not asked: {why}.")
    assert checks.unfinished(contexts(a="queued"), None) == ()


def test_two_checks_of_one_name_must_both_pass() -> None:
    twice = Contexts(
        (Reported("t", "passed", "success"), Reported("t", "failed", "failure"))
    )
    env = rules("required_contexts: [t]")
    assert checks.commit_checks(twice, env, SHA, PAGE).state == "failed"


def test_what_is_withheld_is_said_with_what_to_do() -> None:
    assert checks.commit_checks(FORBIDDEN, rules(), SHA, PAGE).message == (
        "GitHub does not show all checks of aaaaaaa to our token: it needs to read "
        "checks and commit statuses, which a fine-grained personal token can't. Use a "
        "GitHub App, or name what is needed in `required_contexts`."
    )


def test_a_long_list_is_cut() -> None:
    many = contexts(**{f"c{i}": "failure" for i in range(30)})
    message = checks.commit_checks(many, rules(), SHA, PAGE).message
    assert "c19 (failure), and 10 more have failed" in message


def test_a_first_check_is_awaited_for_a_while() -> None:
    by = T0 + timedelta(minutes=2)
    check = checks.commit_checks(contexts(), rules(), SHA, PAGE, first_by=by)
    assert check.state == "pending"
    assert check.message == (
        "aaaaaaa has no checks yet; one is awaited until 2026-01-05 09:02:00 UTC."
    )
    reported = contexts(a="success")
    told = checks.commit_checks(reported, rules(), SHA, PAGE, first_by=by)
    assert told.state == "passed"
    none = rules("required_contexts: []")
    told = checks.commit_checks(contexts(), none, SHA, PAGE, first_by=by)
    assert told.state == "skipped"
    assert told.message == "Not asked: deploy.yml says `required_contexts: []`."


def test_the_names_of_those_that_have_not_finished() -> None:
    reported = replace(
        contexts(a="queued", b="failure", c="success", rabbit="queued"),
        unfinished=("Actions",),
    )
    assert checks.unfinished(reported, rules(IGNORING)) == ("a", "Actions")
    named = rules("required_contexts: [a, c, d]")
    assert checks.unfinished(reported, named) == ("a", "d")
    assert checks.unfinished(reported, rules("required_contexts: []")) == ()


def test_a_commit_that_vanished() -> None:
    check = checks.commit_gone(SHA, PAGE)
    assert (check.state, check.url) == ("failed", PAGE)
    assert check.message == (
        "GitHub no longer has aaaaaaa: it was removed after it was resolved."
    )


def test_patterns_are_taken_one_after_the_other(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """To make one ready takes a while, and few are kept ready."""
    taken = list[str]()

    def spy(pattern: str, name: str) -> bool:
        taken.append(pattern)
        return matches(pattern, name)

    monkeypatch.setattr("verifier.checks.commits.matches", spy)
    env = rules("ignore_contexts: [a, b, 'c.*']")
    reported = contexts(a="failure", b="failure", cd="failure", d="success")
    check = checks.commit_checks(reported, env, SHA, PAGE)
    assert check.state == "passed"
    assert [pattern for pattern, _ in groupby(taken)] == ["a", "b", "c.*"]
