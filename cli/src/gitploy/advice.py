"""What follows when nothing happens to a deployment, and what a person can do about it.

For whoever is called at night and has never seen Gitploy: sentences, and commands that
can be pasted.
"""

import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

Document = Mapping[str, Any]
#: Deployments that can be asked for once more, if that makes sense.
RETRIED: Final = frozenset({"rejected", "refused", "canceled", "failure", "error"})
#: What an overrider may go past with a request.
PASSED_OVER: Final = frozenset(
    {"up_to_date", "commit_checks", "needs", "frozen", "locked", "running"}
)


@dataclass(frozen=True)
class About:
    """A deployment, where it is, and how its environment stands if that is known."""

    deployment: Document
    repository: str
    environment: Document | None = None

    @property
    def phase(self) -> str:
        return str(self.deployment["phase"])

    @property
    def waits(self) -> Document:
        return dict(self.deployment["waits_for"] or {})

    @property
    def has_place(self) -> bool:
        """Whether others may have to wait for its place."""
        running = self.environment["running"] if self.environment else ()
        return any(d["number"] == self.deployment["number"] for d in running)

    def url_of(self, code: str) -> str | None:
        """What a check points at."""
        checks = self.deployment["checks"]
        return next((c["url"] for c in checks if c["code"] == code), None)

    def command(self, verb: str, *options: str) -> str:
        """What does something with the deployment."""
        return self._of("deployment", verb, str(self.deployment["number"]), *options)

    def in_environment(self, verb: str, *options: str) -> str:
        """What does something with its environment."""
        return self._of("env", verb, self.deployment["env"], *options)

    def _of(self, group: str, verb: str, *rest: str) -> str:
        return shlex.join(["gitploy", group, verb, self.repository, *rest])


@dataclass(frozen=True)
class Advice:
    """Something to do, and the command that does it, if one does."""

    what: str
    command: str | None = None


#: For whoever pastes it to say.
WHY: Final = ("--reason", "…")
NO_TOOL: Final = Advice(
    "Check that your deployment tool runs, and that GitHub's webhook `deployment` "
    "reaches it."
)
VERIFIER: Final = (
    Advice("Look at the verifier: its /readyz and its log say what it lacks."),
    Advice("GitHub may be away: see githubstatus.com."),
)
DISPATCHER: Final = Advice(
    "Look at the github-dispatcher: its /readyz, its log, its token's limits."
)


def follows(about: About) -> str | None:
    """What happens when the wait is over and nothing was heard."""
    if about.waits.get("what") == "queue":
        return _after_the_line(about)
    sentences = {
        "verification": "Then it is canceled (verification_unavailable).",
        "checks": "Then it is rejected.",
        "reviews": "Then it is canceled (review_timeout).",
        "github": "Then it is refused (stale, or github_unavailable).",
        "tooling": "Then GitHub is asked; if it knows nothing new, it is canceled.",
        "cancel": "It is asked again until GitHub answers.",
    }
    return sentences.get(about.waits.get("what", ""))


def advice(about: About) -> Sequence[Advice]:
    """What a person can do, the most likely first."""
    if not about.waits:
        return _at_the_end(about)
    told = _meanwhile(about)
    if about.phase == "canceling":
        return told
    return [*told, Advice("Stop it:", about.command("cancel", *WHY))]


def _meanwhile(about: About) -> Sequence[Advice]:
    match about.waits["what"]:
        case "checks":
            return _checks(about)
        case "reviews":
            return _reviews(about)
        case "queue":
            return _line(about)
        case "tooling":
            return _tooling(about)
        case "github" | "cancel":
            return [DISPATCHER]
        case _:
            return VERIFIER


def _after_the_line(about: About) -> str:
    holder = about.waits["holder"]
    if holder is None:
        after = "its turn has come"
    elif holder["number"]:
        after = f"#{holder['number']} has ended"
    else:
        after = "that has ended, or was silent for as long as `timeout` says"
    return f"It goes on by itself when {after}; what may have changed counts again."


def _checks(about: About) -> Sequence[Advice]:
    missing = ", ".join(about.waits["who"])
    if not missing:
        return VERIFIER
    url = about.url_of("commit_checks")
    return [Advice(f"See why {missing} has not finished{f': {url}' if url else '.'}")]


def _reviews(about: About) -> Sequence[Advice]:
    waits = about.waits
    if waits["approved"] >= waits["required"]:
        return [Advice("It has its approvals. Send it:", about.command("send"))]
    who = " or ".join(waits["who"]) or "the reviewers"
    answer = about.command("approve")
    return [Advice(f"Ask {who} for an answer, with their own token:", answer)]


def _line(about: About) -> Sequence[Advice]:
    free = _release("If nothing is at work there any more, free the place:", about)
    holder = about.waits["holder"]
    if holder is None:
        return [free]
    if not holder["number"]:
        # Nobody knows more of it than GitHub.
        url = about.url_of("running")
        where = f": {url}" if url else " at GitHub."
        return [Advice(f"See what runs there{where}"), free]
    ask = f"gitploy explain {about.repository} {holder['number']}"
    return [Advice(f"See what #{holder['number']} does:", ask), free]


def _tooling(about: About) -> Sequence[Advice]:
    return [
        _log(about) or NO_TOOL,
        Advice("Ask GitHub now:", about.command("sync")),
    ]


def _at_the_end(about: About) -> Sequence[Advice]:
    code, phase = about.deployment["code"], about.phase
    if code == "superseded":
        return [Advice("Nothing: the newer one counts.")]
    told: list[Advice | None] = []
    if code == "auto_deploy_held":
        resume = about.in_environment("resume")
        told.append(Advice("Deploy pushes again:", resume))
    if phase in {"failure", "error"}:
        told.append(_log(about))
    if about.has_place:
        told.append(
            _release(
                "It keeps its place until the deployment tool has ended it, or for 5 "
                "minutes. If nothing is at work there any more, free the place:",
                about,
            )
        )
    if phase in RETRIED:
        retry = about.command("retry")
        told.append(Advice("Try it again, when the reason is gone:", retry))
        told.append(_past(about))
    return [each for each in told if each]


def _past(about: About) -> Advice | None:
    """How to go past what refuses it, if that is all that does."""
    checks = about.deployment["checks"]
    refusing = [c["code"] for c in checks if c["state"] in {"failed", "pending"}]
    if about.phase != "rejected" or not refusing or set(refusing) - PASSED_OVER:
        return None
    past = [word for code in refusing for word in ("--override", code)]
    return Advice(
        "If it can't wait, who may override that goes past it:",
        about.command("retry", *past, *WHY),
    )


def _log(about: About) -> Advice | None:
    url = about.deployment["log_url"]
    return Advice(f"Look at the log of the deployment tool: {url}") if url else None


def _release(when: str, about: About) -> Advice:
    return Advice(when, about.in_environment("release", *WHY))
