"""What `gitploy explain` says: no phase leaves a person without words."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from gitploy.advice import About
from gitploy.explaining import STANDS, explanation, lines

from .documents import SHA, T0, deployment, waits

NOW = datetime(2026, 1, 5, 9, 2, 5, tzinfo=UTC)
LATER = "2026-01-05T12:00:00Z"
WAITING = {
    "requested": "verification",
    "waiting_for_checks": "checks",
    "waiting_for_review": "reviews",
    "verifying": "verification",
    "waiting_in_queue": "queue",
    "dispatching": "github",
    "created": "tooling",
    "queued": "tooling",
    "running": "tooling",
    "canceling": "cancel",
}
REVIEWS = waits("reviews", who=["bob", "carl"], required=1, approved=0)
CHECKS = [
    {"code": "commit_checks", "state": "pending", "message": "No.", "url": "http://c"}
]
LINE = waits("queue", position=2, holder={"number": 9, "uuid": "u", "since": T0})
#: What is not ours has no number.
FOREIGN = waits("queue", position=1, holder={"number": 0, "uuid": "u", "since": T0})
HELD = [{"code": "running", "state": "failed", "message": "v1.", "url": "http://d"}]
FROZEN = {"code": "frozen", "state": "failed", "message": "Ice.", "url": ""}
EVENT = {
    "type": "io.gitploy.GitHubDeploymentRefused.v1", "time": T0,
    "source": "github-dispatcher", "who": None,
    "data": {"code": "invalid", "message": "GitHub refuses."},
}  # fmt: skip


def explained(
    shown: dict[str, Any],
    *events: dict[str, Any],
    environment: dict[str, Any] | None = None,
) -> dict[str, Any]:
    about = About(shown, "demo/shop", environment)
    return explanation(about, events, NOW)


def said(*args: Any, **more: Any) -> str:
    return "\n".join(lines(explained(*args, **more)))


def waiting(phase: str, **more: Any) -> dict[str, Any]:
    full = {"required": 1, "approved": 0, **more}
    return deployment(phase, waits_for=waits(WAITING[phase], **full))


def test_it_says_what_who_and_when() -> None:
    text = said(deployment("success"))
    assert text.startswith("demo/shop #1 to production\nbranch main at 8350dd2, by ada")
    assert "(api) at 2026-01-05 09:00:00 UTC (2 min 5 s ago)" in text
    assert "It has ended: success." in text


def test_every_phase_that_waits_is_known() -> None:
    assert set(STANDS) == set(WAITING)


@pytest.mark.parametrize("phase", WAITING)
def test_what_waits_says_since_when_what_follows_and_what_to_do(phase: str) -> None:
    told = explained(waiting(phase, until=LATER))
    text = "\n".join(lines(told))
    assert STANDS[phase] in text
    assert "Since 2026-01-05 09:00:00 UTC (2 min 5 s ago)." in text
    assert "Until 2026-01-05 12:00:00 UTC (in 2 h 57 min)." in text
    assert told["follows"] in text
    assert told["do"]
    stops = [each for each in told["do"] if each["what"] == "Stop it:"]
    assert len(stops) == (phase != "canceling")


@pytest.mark.parametrize(
    ("shown", "word"),
    [
        (deployment("waiting_for_review", waits_for=REVIEWS), "Ask bob or carl"),
        (
            deployment("waiting_for_review", waits_for={**REVIEWS, "approved": 1}),
            "gitploy deployment send demo/shop 1",
        ),
        (
            deployment(
                "waiting_for_checks",
                waits_for=waits("checks", who=["test"]),
                checks=CHECKS,
            ),
            "See why test has not finished: http://c",
        ),
        (
            deployment("waiting_for_checks", waits_for=waits("checks")),
            "Look at the verifier",
        ),
        (deployment("waiting_in_queue", waits_for=LINE), "gitploy explain demo/shop 9"),
        (deployment("waiting_in_queue", waits_for=LINE), "when #9 has ended"),
        (
            deployment("waiting_in_queue", waits_for=waits("queue")),
            "when its turn has come",
        ),
        (
            deployment("waiting_in_queue", waits_for=FOREIGN, checks=HELD),
            "See what runs there: http://d",
        ),
        (
            deployment("waiting_in_queue", waits_for=FOREIGN),
            "See what runs there at GitHub.",
        ),
        (
            deployment("waiting_in_queue", waits_for=FOREIGN),
            "when that has ended, or was silent for as long as `timeout` says;",
        ),
        (
            deployment("rejected", code="deployment_frozen", checks=[*HELD, FROZEN]),
            "retry demo/shop 1 --override running --override frozen --reason",
        ),
        (
            deployment("running", waits_for=waits("tooling"), log_url="http://log"),
            "http://log",
        ),
        (deployment("created", waits_for=waits("tooling")), "webhook `deployment`"),
        (deployment("failure", log_url="http://log"), "http://log"),
        (deployment("rejected", code="superseded"), "the newer one counts"),
        (
            deployment("rejected", code="auto_deploy_held"),
            "env resume demo/shop production",
        ),
        (
            deployment("rejected", code="deployment_locked"),
            "deployment retry demo/shop 1",
        ),
        (deployment("refused", message="GitHub refuses."), "GitHub refuses."),
    ],
)
def test_each_state_has_its_advice(shown: dict[str, Any], word: str) -> None:
    assert word in said(shown)


@pytest.mark.parametrize("code", ["ref", "review"])
def test_what_nobody_goes_past_is_not_offered_to_be_passed_over(code: str) -> None:
    checks = [FROZEN, {**FROZEN, "code": code}]
    assert "--override" not in said(deployment("rejected", checks=checks))


def test_no_one_is_sent_to_a_deployment_without_a_number() -> None:
    text = said(deployment("waiting_in_queue", waits_for=FOREIGN))
    assert "#0" not in text
    assert "explain demo/shop 0" not in text


@pytest.mark.parametrize(
    ("phase", "waits_for", "code", "told"),
    [
        ("waiting_in_queue", LINE, "running", False),
        ("waiting_in_queue", LINE, "locked", True),
        ("waiting_for_review", REVIEWS, "review", True),
        ("waiting_for_review", {**REVIEWS, "approved": 1}, "review", False),
        ("waiting_for_checks", waits("checks"), "commit_checks", True),
    ],
)
def test_a_check_that_is_told_anew_is_not_told_as_it_was(
    phase: str, waits_for: dict[str, Any], code: str, *, told: bool
) -> None:
    check = {"code": code, "state": "pending", "message": "As it was.", "url": ""}
    text = said(deployment(phase, waits_for=waits_for, checks=[check]))
    assert ("As it was." in text) == told


@pytest.mark.parametrize("phase", ["success", "gone"])
def test_where_nothing_is_to_be_done_nothing_is_said(phase: str) -> None:
    assert explained(deployment(phase))["do"] == []


def test_what_was_canceled_and_keeps_its_place_says_how_to_free_it() -> None:
    environment = {"running": [{"number": 1}], "lock": None, "hold": None}
    assert "gitploy env release demo/shop production --reason" in said(
        deployment("canceled"), environment=environment
    )
    free = {**environment, "running": [{"number": 2}]}
    assert "env release" not in said(deployment("canceled"), environment=free)


def test_who_is_kept_out_is_told() -> None:
    environment = {
        "running": [],
        "lock": {
            "reason": "Move", "expired_at": LATER, "edges": {"user": {"login": "bob"}}
        },
        "hold": {"number": 7, "who": {"login": "carl"}},
    }  # fmt: skip
    text = said(deployment("waiting_in_queue", waits_for=LINE), environment=environment)
    assert "bob has locked it until 2026-01-05 12:00:00 UTC: Move" in text
    assert "Pushes are not deployed since #7, a rollback of carl." in text


def test_asking_again_is_told() -> None:
    for times, words in ((1, "once"), (4, "4 times")):
        asked = {"times": times, "last": T0}
        assert f"Asked again {words}, last at" in said(
            waiting("requested", asked=asked)
        )


def test_the_history_is_told_and_nothing_twice() -> None:
    text = said(deployment("refused", message="GitHub refuses."), EVENT)
    assert "github-dispatcher  GitHub deployment refused" in text
    assert text.count("GitHub refuses.") == 1
    told = explained(deployment("refused"), EVENT)["tried"]
    assert told[0]["said"] == "GitHub refuses."


def test_a_status_and_who_set_it_are_told() -> None:
    status = {
        **EVENT,
        "type": "io.gitploy.StatusUpdated.v1",
        "who": {"login": "tool"},
        "data": {"state": "queued", "description": "Soon."},
    }
    assert "Status updated queued by tool: Soon." in said(deployment("queued"), status)


def test_a_long_history_fits_on_a_screen_and_the_newest_is_shown() -> None:
    newest = {**EVENT, "data": {"message": "The newest."}}
    told = explained(deployment("refused"), *[EVENT] * 30, newest)
    text = list(lines(told))
    assert len(told["tried"]) == 31
    assert len(text) < 25
    assert any("19 earlier" in line for line in text)
    assert any("The newest." in line for line in text)


def test_an_environments_name_is_quoted_for_the_shell() -> None:
    shown = deployment("waiting_in_queue", waits_for=LINE, env="eu; live")
    assert "gitploy env release demo/shop 'eu; live' --reason" in said(shown)


def test_a_commit_is_shortened() -> None:
    assert "commit 8350dd2, by" in said(deployment("success", type="commit", ref=SHA))


@pytest.mark.parametrize(
    ("ago", "words"),
    [
        (timedelta(seconds=5), "5 s ago"),
        (timedelta(minutes=3), "3 min ago"),
        (timedelta(hours=26, minutes=4), "1 d 2 h ago"),
    ],
)
def test_how_long_ago_is_said_in_words(ago: timedelta, words: str) -> None:
    shown = deployment("success", created_at=(NOW - ago).isoformat())
    assert f"({words})" in said(shown)
