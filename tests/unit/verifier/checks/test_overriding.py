"""Passing over checks: what may be, by whom, and what never."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.contracts import Check, CheckState, Override
from shared.deploy_yml import Env
from tests.unit.verifier.examples import ANN, rules
from verifier import checks

OPEN = ("up_to_date", "commit_checks", "needs", "frozen", "locked", "running")
EMERGENCY = rules(
    "review: {enabled: true, reviewers: [bob], emergency: true}, overriders: [ann]"
)
STATES: list[CheckState] = [
    "passed",
    "failed",
    "pending",
    "warning",
    "overridden",
    "skipped",
]


def answer(code: str, state: CheckState = "failed") -> Check:
    return Check(code=code, state=state, message="No.", url="url")


def overridden(
    check: Check,
    *codes: str,
    reason: str = "It burns.",
    env: Env | None = EMERGENCY,
    may: bool = True,
) -> Check:
    override = Override(checks=codes or (check.code,), reason=reason)
    (told,) = checks.overridden([check], override, ANN, env, may_override=may)
    return told


def test_which_checks_may_be_overridden() -> None:
    assert set(OPEN) == checks.OVERRIDABLE


@pytest.mark.parametrize("code", [*OPEN, "review"])
@pytest.mark.parametrize("state", ["failed", "pending"])
def test_an_override_says_who_and_why(code: str, state: CheckState) -> None:
    told = overridden(answer(code, state), reason=" It burns.\n")
    assert told.state == "overridden"
    assert told.message == "No. Overridden by ann: It burns."
    assert (told.code, told.url) == (code, "url")


@pytest.mark.parametrize(
    "code", [c for c in checks.ORDER if c not in {*OPEN, "review"}]
)
def test_what_is_deployed_and_by_whom_can_not_be_overridden(code: str) -> None:
    told = overridden(answer(code))
    assert (told.state, told.message) == ("failed", "No. This can't be overridden.")


@pytest.mark.parametrize("env", [rules(), rules("review: {emergency: false}")])
def test_a_review_is_overridden_only_where_its_rule_says_so(env: Env) -> None:
    told = overridden(answer("review", "pending"), env=env)
    assert told.state == "pending"
    assert told.message == (
        "No. A review can't be overridden here: no `review.emergency: true`."
    )


@pytest.mark.parametrize(
    ("env", "who"),
    [
        (rules(), "administrators of the repository"),
        (rules("overriders: [bob, '@octo/ops']"), "bob, @octo/ops"),
    ],
)
def test_others_are_told_who_may(env: Env, who: str) -> None:
    told = overridden(answer("locked"), env=env, may=False)
    assert told.state == "failed"
    assert told.message == f"No. Only {who} may override this."


@pytest.mark.parametrize("reason", ["", " \n"])
def test_a_reason_is_required(reason: str) -> None:
    told = overridden(answer("locked"), reason=reason)
    assert told.state == "failed"
    assert told.message == "No. To override this, give a reason."


def test_only_what_was_named_is_passed_over() -> None:
    assert overridden(answer("locked"), "frozen", "needs") == answer("locked")


def test_what_holds_nobody_back_stays_as_it_is() -> None:
    for state in ("passed", "warning", "skipped", "overridden"):
        check = answer("locked", state)
        assert overridden(check) == check


def test_without_an_override_nothing_changes() -> None:
    given_ = (answer("locked"), answer("ref"))
    assert checks.overridden(given_, None, ANN, EMERGENCY, may_override=True) == given_


def test_without_rules_nothing_can_be_overridden() -> None:
    assert overridden(answer("locked"), env=None).state == "failed"


codes = st.sampled_from(checks.ORDER)


@given(
    st.lists(st.tuples(codes, st.sampled_from(STATES)), max_size=20),
    st.frozensets(codes),
    st.sampled_from(["", "It burns."]),
    st.sampled_from([None, rules(), EMERGENCY]),
    st.booleans(),
)
def test_an_override_never_passes_what_it_may_not(
    told: list[tuple[str, CheckState]],
    named: frozenset[str],
    reason: str,
    env: Env | None,
    may: bool,
) -> None:
    before = [answer(code, state) for code, state in told]
    override = Override(checks=tuple(named), reason=reason)
    after = checks.overridden(before, override, ANN, env, may_override=may)
    assert [c.code for c in after] == [c.code for c in before]
    for was, is_ in zip(before, after, strict=True):
        assert is_.state in {was.state, "overridden"}
        if checks.refuses(was) and not checks.refuses(is_):
            assert may
            assert reason
            assert was.code in named & {*OPEN, "review"}
            assert was.code != "review" or env is EMERGENCY
