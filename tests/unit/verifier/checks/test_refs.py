"""`ref`, `deployable_ref` and `up_to_date`: does it mean a commit that may go there?"""

from typing import Any

import pytest

from shared.contracts import Check, Ref
from tests.unit.verifier.examples import (
    FORMER,
    MAIN,
    PAGE,
    SHA,
    found,
    request,
    rollback,
    rules,
)
from verifier import checks

FEATURE = Ref(type="branch", name="feature")
V1 = Ref(type="tag", name="v1")
COMMIT = Ref(type="commit", name=SHA)
BOTH = frozenset({"branch", "tag"})


def told(check: Check) -> tuple[str, str]:
    return check.state, check.message


def test_a_ref_that_there_is() -> None:
    check = checks.ref(found(), request())
    assert told(check) == ("passed", "branch main is at aaaaaaa.")
    assert check.url == f"{PAGE}/commit/{SHA}"


@pytest.mark.parametrize(
    ("ref", "message"),
    [
        (FEATURE, "octo/shop has no branch feature."),
        (V1, "octo/shop has no tag v1 that names a commit."),
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
def test_a_ref_that_there_is_not(ref: Ref, message: str) -> None:
    check = checks.ref(found(sha=None), request(ref=ref))
    assert told(check) == ("failed", message)


def test_a_ref_that_has_moved_names_both_commits_and_who_moved_it() -> None:
    check = checks.ref(found(), request(expected_sha=FORMER))
    assert told(check) == (
        "failed",
        (
            "branch main is at aaaaaaa now, a commit of bob, and not at ddddddd, which "
            "was to be deployed: it has moved meanwhile. Look at what has changed, and "
            "deploy again."
        ),
    )
    assert check.url == f"{PAGE}/compare/{FORMER}...{SHA}"
    unknown = checks.ref(found(author=None), request(expected_sha=FORMER))
    assert "is at aaaaaaa now, and not at ddddddd" in unknown.message


@pytest.mark.parametrize("source", ["api", "retry", "promotion"])
def test_a_ref_is_still_at_the_commit_that_was_seen(source: str) -> None:
    wanted = request(source=source, expected_sha=SHA)
    assert checks.ref(found(), wanted).state == "passed"
    assert checks.ref(found(sha=FORMER), wanted).state == "failed"


@pytest.mark.parametrize("ref", [Ref(type="branch", name="v1"), V1])
def test_a_branch_and_a_tag_of_one_name_ask_for_the_full_one(ref: Ref) -> None:
    check = checks.ref(found(kinds=BOTH), request(ref=ref))
    assert told(check) == (
        "failed",
        (
            "octo/shop has a branch and a tag v1: say which one is meant, as "
            "refs/heads/v1 or refs/tags/v1."
        ),
    )


@pytest.mark.parametrize(
    "changes",
    [
        {"ref": Ref(type="tag", name="refs/tags/v1")},
        {"ref": Ref(type="branch", name="refs/heads/v1")},
        {"ref": V1, "expected_sha": SHA},
        {"ref": COMMIT},
        {"ref": V1, "source": "push", "expected_sha": SHA},
    ],
)
def test_one_that_is_clear_is_taken(changes: dict[str, Any]) -> None:
    assert checks.ref(found(kinds=BOTH), request(**changes)).state == "passed"


def test_a_push_deploys_its_commit_wherever_the_branch_is_now() -> None:
    pushed = request(source="push", expected_sha=SHA)
    check = checks.ref(found(), pushed)
    assert told(check) == ("passed", "aaaaaaa was pushed to branch main.")


def test_a_pushed_commit_is_of_no_branch_that_could_be_deleted() -> None:
    pushed = request(source="push", expected_sha=SHA, ref=COMMIT)
    check = checks.ref(found(kinds=frozenset()), pushed)
    assert check.state == "passed"


def test_a_branch_that_was_deleted_after_the_push() -> None:
    pushed = request(source="push", expected_sha=SHA)
    for kinds in (frozenset(), frozenset({"tag"})):
        assert told(checks.ref(found(kinds=kinds), pushed)) == (
            "failed",
            (
                "branch main was deleted after aaaaaaa was pushed to it: there is "
                "nothing to deploy."
            ),
        )


def test_a_pushed_commit_that_is_gone() -> None:
    pushed = request(source="push", expected_sha=SHA)
    assert told(checks.ref(found(sha=None), pushed)) == (
        "failed",
        (
            "octo/shop no longer has aaaaaaa, the commit that the push of main was "
            "about: deploy another one."
        ),
    )


def test_a_rollback_needs_its_commit_and_no_ref() -> None:
    check = checks.ref(found(sha=FORMER, kinds=frozenset()), rollback())
    assert told(check) == ("passed", "#7 deployed ddddddd.")
    assert told(checks.ref(found(sha=None), rollback())) == (
        "failed",
        (
            "octo/shop no longer has ddddddd, the commit that #7 deployed: deploy "
            "another one."
        ),
    )


ONLY_MAIN = rules("deployable_ref: main|release/.*")


@pytest.mark.parametrize(
    ("ref", "passes"),
    [
        (MAIN, True),
        (Ref(type="branch", name="refs/heads/main"), True),
        (Ref(type="branch", name="release/1"), True),
        (FEATURE, False),
        (Ref(type="branch", name="not-main"), False),
        (Ref(type="branch", name="main-2"), False),
        (V1, False),
        (COMMIT, False),
    ],
)
def test_deployable_ref(ref: Ref, passes: bool) -> None:
    check = checks.deployable_ref(found(ahead_by=1), ONLY_MAIN, ref, "url")
    assert (check.state == "passed") == passes
    assert check.url == "url"


def test_a_ref_that_may_not_be_deployed_is_told_which_may() -> None:
    check = checks.deployable_ref(found(), ONLY_MAIN, FEATURE)
    assert told(check) == (
        "failed",
        (
            "feature may not be deployed to production: deploy.yml says "
            "`deployable_ref: main|release/.*`, and that must match the whole name. "
            "Deploy a ref that does."
        ),
    )


def test_a_commit_of_the_default_branch_counts_as_that_branch() -> None:
    of_main = found(ahead_by=0, behind_by=5)
    check = checks.deployable_ref(of_main, ONLY_MAIN, COMMIT)
    assert told(check) == (
        "passed",
        "aaaaaaa is part of main, which matches `deployable_ref: main|release/.*`.",
    )
    others = rules("deployable_ref: release/.*")
    assert checks.deployable_ref(of_main, others, COMMIT).state == "failed"
    for unknown in (found(ahead_by=None), found(ahead_by=1)):
        assert checks.deployable_ref(unknown, ONLY_MAIN, COMMIT).state == "failed"
    assert checks.deployable_ref(of_main, ONLY_MAIN, FEATURE).state == "failed"


def test_deployable_ref_says_what_has_matched() -> None:
    check = checks.deployable_ref(found(), ONLY_MAIN, MAIN)
    assert told(check) == ("passed", "main matches `deployable_ref: main|release/.*`.")


def test_deployable_ref_is_asked_only_where_it_is_wanted() -> None:
    assert checks.deployable_ref(found(), rules(), MAIN).state == "skipped"
    assert checks.deployable_ref(found(), None, MAIN).state == "skipped"
    absent = checks.deployable_ref(found(sha=None), ONLY_MAIN, MAIN)
    assert told(absent) == ("skipped", "Not asked: there is no such ref.")


@pytest.mark.parametrize(
    ("behind_by", "state", "message"),
    [
        (0, "passed", "feature has all commits of main."),
        (
            1,
            "failed",
            (
                "feature (aaaaaaa) is 1 commit behind main: merge main into it; "
                "deploy.yml says `auto_merge: true`."
            ),
        ),
        (
            12,
            "failed",
            (
                "feature (aaaaaaa) is 12 commits behind main: merge main into it; "
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
    check = checks.up_to_date(known, rules("auto_merge: true"), FEATURE)
    assert told(check) == (state, message)
    assert check.url == f"{PAGE}/compare/{SHA}...main"


@pytest.mark.parametrize("ref", [COMMIT, Ref(type="tag", name="v1")])
def test_what_never_gets_more_commits_is_not_to_be_merged(ref: Ref) -> None:
    known = found(behind_by=1)
    check = checks.up_to_date(known, rules("auto_merge: true"), ref)
    name = "v1" if ref.type == "tag" else COMMIT.name[:7]
    assert told(check) == (
        "failed",
        (
            f"{name} (aaaaaaa) is 1 commit behind main: deploy one that has them; "
            "deploy.yml says `auto_merge: true`."
        ),
    )


def test_up_to_date_is_asked_only_where_it_is_wanted() -> None:
    strict = rules("auto_merge: true")
    for known, env in (
        (found(behind_by=12), rules()),
        (found(behind_by=12), rules("auto_merge: false")),
        (found(behind_by=12), None),
    ):
        assert checks.up_to_date(known, env, FEATURE).state == "skipped"
    absent = checks.up_to_date(found(sha=None), strict, FEATURE)
    assert told(absent) == ("skipped", "Not asked: there is no such ref.")
