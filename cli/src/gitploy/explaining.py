"""A deployment explained: what it waits for, since when, until when, what was tried."""

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Final

from gitploy.advice import About, advice, follows
from gitploy.text import span

Document = Mapping[str, Any]
STANDS: Final = {
    "requested": "It waits for the verifier",
    "waiting_for_checks": "It waits for checks of its commit",
    "waiting_for_review": "It waits for people",
    "verifying": "It is sent, and waits for the verifier",
    "waiting_in_queue": "It waits in line",
    "dispatching": "It is verified, and waits for GitHub",
    "created": "GitHub has it; it waits for the deployment tool to take it",
    "queued": "The deployment tool has it, and has not begun",
    "running": "The deployment tool is at work",
    "canceling": "It is being canceled",
}
#: Answers that keep something from going on, or are worth knowing.
TOLD: Final = frozenset({"failed", "pending", "warning", "overridden"})
#: So much fits on a screen.
NEWEST: Final = 12
#: Where an event says what it is about in words, the first of these that it has.
WORDS: Final = ("message", "reason", "description", "comment")


def explanation(
    about: About, events: Sequence[Document], now: datetime
) -> dict[str, Any]:
    """All of it, for programs; `now` is when it was asked."""
    shown = about.deployment
    return {
        "repository": about.repository,
        "number": shown["number"],
        "environment": shown["env"],
        "type": shown["type"],
        "ref": shown["ref"],
        "sha": shown["sha"] or None,
        "asked_for_by": shown["edges"]["user"]["login"],
        "asked_for_at": shown["created_at"],
        "source": shown["source"],
        "at": now.isoformat(),
        "phase": shown["phase"],
        "code": shown["code"],
        "message": shown["message"],
        "waits_for": shown["waits_for"],
        "follows": follows(about),
        "checks": [c for c in shown["checks"] if c["state"] in TOLD],
        "kept_out": list(_kept_out(about.environment)),
        "tried": [_tried(event) for event in events],
        "do": [vars(each) for each in advice(about)],
    }


def lines(told: Document) -> Iterator[str]:
    """The same for a person, on one screen; nothing is said twice."""
    at = datetime.fromisoformat(told["at"])
    yield f"{told['repository']} #{told['number']} to {told['environment']}"
    yield (
        f"{_ref(told)}, by {told['asked_for_by']} ({told['source']}) "
        f"at {_when(told['asked_for_at'], at)}"
    )
    yield ""
    yield from _standing(told, at)
    stale = _told_anew(told["waits_for"])
    checks = [
        c
        for c in told["checks"]
        if c["message"] != told["message"] and c["code"] != stale
    ]
    said = {told["message"], *(check["message"] for check in told["checks"])}
    yield from _listed(
        "Checks", [f"{c['state']:<10}  {c['code']}: {c['message']}" for c in checks]
    )
    yield from _listed(f"In {told['environment']}", told["kept_out"])
    yield from _listed("What has happened", list(_history(told["tried"], said)))
    yield from _listed("What to do", list(_to_do(told["do"])))


def _told_anew(waits: Document | None) -> str | None:
    """The check that says how it was when the waiting began, and no longer is."""
    match waits:
        case {"what": "queue"}:
            return "running"
        case {"what": "reviews", "approved": int(approved)} if approved:
            return "review"
    return None


def _ref(told: Document) -> str:
    if told["type"] == "commit":
        return f"commit {told['ref'][:7]}"
    commit = f" at {told['sha'][:7]}" if told["sha"] else ""
    return f"{told['type']} {told['ref']}{commit}"


def _listed(title: str, entries: Sequence[str]) -> Iterator[str]:
    if entries:
        yield from ("", title, *(f"  {entry}" for entry in entries))


def _history(tried: Sequence[Document], said: Collection[str]) -> Iterator[str]:
    earlier = len(tried) - NEWEST
    if earlier > 0:
        yield f"… {earlier} earlier ones: --json shows them"
    for event in tried[-NEWEST:]:
        time = f"{datetime.fromisoformat(event['time']):%m-%d %H:%M:%S}"
        who = f" by {event['who']}" if event["who"] else ""
        words = event["said"] if event["said"] not in said else ""
        what = f"{event['what']}{who}{f': {words}' if words else ''}"
        yield f"{time}  {event['source']:<17}  {what}"


def _to_do(advice: Sequence[Document]) -> Iterator[str]:
    for each in advice:
        yield each["what"]
        if each["command"]:
            yield f"  {each['command']}"


def _standing(told: Document, at: datetime) -> Iterator[str]:
    waits = told["waits_for"]
    stands = STANDS.get(told["phase"], f"It has ended: {told['phase']}")
    code = f" ({told['code']})" if told["code"] else ""
    yield f"{stands}{code}."
    if told["message"]:
        yield f"  {told['message']}"
    if waits is None:
        return
    if waits["message"] and waits["message"] != told["message"]:
        yield f"  {waits['message']}"
    if waits["since"]:
        yield f"  Since {_when(waits['since'], at)}."
    if asked := waits.get("asked"):
        times = "once" if asked["times"] == 1 else f"{asked['times']} times"
        yield f"  Asked again {times}, last at {_when(asked['last'], at)}."
    if waits["until"]:
        yield f"  Until {_when(waits['until'], at)}."
    if told["follows"]:
        yield f"  {told['follows']}"


def _kept_out(environment: Document | None) -> Iterator[str]:
    """Who is kept out of the environment, now or when their turn has come."""
    if environment is None:
        return
    if lock := environment["lock"]:
        who, why = lock["edges"]["user"]["login"], lock["reason"]
        until = f" until {_utc(lock['expired_at'])}" if lock["expired_at"] else ""
        yield f"{who} has locked it{until}{f': {why}' if why else '.'}"
    if hold := environment["hold"]:
        who = hold["who"]["login"]
        yield f"Pushes are not deployed since #{hold['number']}, a rollback of {who}."


def _tried(event: Document) -> dict[str, Any]:
    name = re.sub(r"^io\.gitploy\.|\.v\d+$", "", event["type"])
    words = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", name).capitalize()
    data, who = event["data"], event["who"]
    state = f" {data['state']}" if isinstance(data.get("state"), str) else ""
    return {
        "time": event["time"],
        "source": event["source"],
        "what": f"{words}{state}".replace("Git hub", "GitHub"),
        "who": who["login"] if who else None,
        "said": next((data[word] for word in WORDS if data.get(word)), None),
    }


def _when(time: str, now: datetime) -> str:
    """A time, and how far that is from now."""
    far = datetime.fromisoformat(time) - now
    distance = f"in {span(far)}" if far > timedelta() else f"{span(-far)} ago"
    return f"{_utc(time)} ({distance})"


def _utc(time: str) -> str:
    return f"{datetime.fromisoformat(time):%Y-%m-%d %H:%M:%S} UTC"
