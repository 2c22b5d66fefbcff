"""`needs` and `frozen`: what hangs on the moment."""

from datetime import UTC, datetime, timedelta

import pytest

from shared.deploy_yml import Env, read
from shared.testing import T0
from tests.unit.verifier.examples import FORMER, SHA, rules
from verifier import checks

NEEDY = rules("needs: [staging]")
SOAKING = rules("needs: [staging], soak: 1h30m")
HOUR = timedelta(hours=1)


@pytest.mark.parametrize(
    ("env", "sha", "why"),
    [
        (None, SHA, "there are no rules for this environment"),
        (rules(), SHA, "production needs no other environment first"),
        (NEEDY, None, "there is no such ref"),
    ],
)
def test_needs_is_asked_only_where_it_is_wanted(
    env: Env | None, sha: str | None, why: str
) -> None:
    check = checks.needs(env, sha, {}, T0)
    assert (check.state, check.message) == ("skipped", f"Not asked: {why}.")


@pytest.mark.parametrize(
    "succeeded",
    [{}, {"staging": {}}, {"staging": {FORMER: T0}}, {"dev": {SHA: T0}}],
)
def test_the_very_commit_must_have_succeeded_there(
    succeeded: dict[str, dict[str, datetime]],
) -> None:
    check = checks.needs(NEEDY, SHA, succeeded, T0)
    assert check.state == "failed"
    assert check.message == (
        "aaaaaaa has not succeeded in staging, which production needs: deploy this "
        "very commit there first."
    )


@pytest.mark.parametrize("name", ["staging", "Staging"])
def test_a_commit_that_succeeded_there(name: str) -> None:
    check = checks.needs(NEEDY, SHA, {name: {SHA: T0}}, T0)
    assert check.state == "passed"
    assert check.message == "aaaaaaa succeeded in staging on 2026-01-05 09:00:00 UTC."


def test_it_soaks_until_its_time_has_come() -> None:
    succeeded = {"staging": {SHA: T0}}
    early = checks.needs(
        SOAKING, SHA, succeeded, T0 + HOUR * 1.5 - timedelta.resolution
    )
    assert early.state == "failed"
    assert early.message == (
        "aaaaaaa has to soak for 1h30m before production: in staging since 2026-01-05 "
        "09:00:00 UTC, until 2026-01-05 10:30:00 UTC. Deploy then."
    )
    assert checks.needs(SOAKING, SHA, succeeded, T0 + HOUR * 1.5).state == "passed"


def test_all_that_is_wanting_is_told_at_once() -> None:
    text = """
    envs:
      - {name: production, needs: [a, b, c, d], soak: 1h}
      - {name: a}
      - {name: b}
      - {name: c}
      - {name: d}
    """
    env = read(text).envs["production"]
    check = checks.needs(env, SHA, {"b": {SHA: T0}, "d": {SHA: T0 - HOUR / 2}}, T0)
    assert check.message == (
        "aaaaaaa has not succeeded in a, c, which production needs: deploy this very "
        "commit there first. aaaaaaa has to soak for 1h before production: in b since "
        "2026-01-05 09:00:00 UTC, until 2026-01-05 10:00:00 UTC; in d since 2026-01-05 "
        "08:30:00 UTC, until 2026-01-05 09:30:00 UTC. Deploy then."
    )


WEEKEND = """\
frozen_windows: [{start: "0 18 * * FRI", duration: 62h, location: Europe/Berlin},
                 {start: "0 0 24 12 *", duration: 1w}]"""


def test_frozen_is_asked_only_where_it_is_wanted() -> None:
    for env in (None, rules()):
        assert checks.frozen(env, T0).state == "skipped"


def test_a_window_says_until_when_it_holds() -> None:
    saturday = datetime(2026, 1, 10, 12, tzinfo=UTC)
    check = checks.frozen(rules(WEEKEND), saturday)
    assert check.state == "failed"
    assert check.message == (
        "production is frozen until 2026-01-12 07:00:00 UTC, by deploy.yml: "
        "`0 18 * * FRI` for 2d14h (Europe/Berlin). Deploy then."
    )


def test_windows_without_a_gap_promise_no_end() -> None:
    text = """frozen_windows: [{start: "0 0 * * *", duration: 12h},
                 {start: "0 12 * * *", duration: 12h, location: UTC}]"""
    check = checks.frozen(rules(text), T0)
    assert (check.state, check.until) == ("failed", None)
    assert check.message == (
        "production is frozen until deploy.yml changes: `0 0 * * *` for 12h (UTC) "
        "leaves no gap. Change that, or ask who may override this."
    )


@pytest.mark.parametrize(
    ("now", "state"),
    [
        (datetime(2026, 1, 9, 16, 59, 59, tzinfo=UTC), "passed"),
        (datetime(2026, 1, 9, 17, tzinfo=UTC), "failed"),
        (datetime(2026, 1, 12, 6, 59, 59, tzinfo=UTC), "failed"),
        (datetime(2026, 1, 12, 7, tzinfo=UTC), "passed"),
    ],
)
def test_a_window_begins_and_ends(now: datetime, state: str) -> None:
    assert checks.frozen(rules(WEEKEND), now).state == state


def test_between_windows() -> None:
    check = checks.frozen(rules(WEEKEND), T0)
    assert check.message == "production is not frozen now."
