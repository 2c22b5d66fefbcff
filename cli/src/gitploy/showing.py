"""Documents of the API as people read them."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from gitploy.output import NOTHING, Styled, Table, Time
from gitploy.steps import STYLES
from gitploy.text import NEVER, SHORT, ago

Document = Mapping[str, Any]
ENDED: Final = frozenset(
    {"success", "failure", "error", "rejected", "refused", "canceled", "gone"}
)
MARKS: Final = {
    "passed": Styled("passed", "green"),
    "failed": Styled("failed", "bold red"),
    "pending": Styled("pending", "yellow"),
    "warning": Styled("warning", "yellow"),
    "overridden": Styled("overridden", "magenta"),
}


def deployments(documents: Sequence[Document]) -> Table:
    return Table(
        ("", "Environment", "Ref", "Commit", "Phase", "By", "Asked for"),
        [
            (
                number_of(each),
                each["env"],
                short(each["ref"]) if each["type"] == "commit" else each["ref"],
                short(each["sha"]),
                Styled(each["phase"], STYLES.get(each["phase"], "cyan")),
                who(each),
                Time(each["created_at"]),
            )
            for each in documents
        ],
        "There are no such deployments.",
    )


def found(documents: Sequence[Document]) -> Table:
    """Deployments of several repositories."""
    told = deployments(documents)
    rows = [
        (repository_of(each), *row)
        for each, row in zip(documents, told.rows, strict=True)
    ]
    return Table(("Repository", *told.titles), rows, told.empty)


def reviews(documents: Sequence[Document]) -> Table:
    """Reviews that somebody is asked for, each with its deployment."""
    about = [each["edges"]["deployment"] for each in documents]
    return Table(
        ("Repository", "", "Environment", "Ref", "Commit", "By", "Since"),
        [
            (
                repository_of(told),
                number_of(told),
                told["env"],
                told["ref"],
                short(told["sha"]),
                who(told),
                Time(review["created_at"]),
            )
            for review, told in zip(documents, about, strict=True)
        ],
        "Nothing waits for your review.",
    )


def repository_of(told: Document) -> str:
    repo = told["edges"].get("repo")
    return f"{repo['namespace']}/{repo['name']}" if repo else NOTHING


def deployment(repository: str, told: Document) -> Iterator[str]:
    """One of them, on a few lines."""
    yield f"{repository} {title(told)}"
    asked = f"by {who(told)} ({told['source']}), {ago(told['created_at'])}"
    yield f"{told['type']} {what(told)}, {asked}"
    code = f" ({told['code']})" if told["code"] else ""
    yield f"{told['phase']}{code}"
    waits = told["waits_for"] or {}
    for sentence in dict.fromkeys((told["message"], waits.get("message"))):
        if sentence:
            yield f"  {sentence}"
    if told["log_url"]:
        yield f"  {told['log_url']}"
    for check in told["checks"]:
        if (
            check["state"] not in {"passed", "skipped"}
            and check["message"] != told["message"]
        ):
            yield f"  {check['state']}  {check['code']}: {check['message']}"


def title(told: Document) -> str:
    return f"{number_of(told)} to {told['env']}"


def number_of(told: Document) -> str:
    return "-" if told["number"] is None else f"#{told['number']}"


def what(told: Document) -> str:
    """The ref, and the commit that it stands for."""
    if told["type"] == "commit":
        return short(told["ref"])
    return f"{told['ref']} at {short(told['sha'])}" if told["sha"] else told["ref"]


def who(told: Document) -> str:
    user = told["edges"].get("user") or {}
    return str(user.get("login") or "-")


def short(sha: str | None) -> str:
    return (sha or "")[:SHORT]


def checks(documents: Sequence[Document]) -> Table:
    return Table(
        ("", "Check", ""),
        [
            (
                MARKS.get(each["state"], each["state"]),
                each["code"],
                " ".join(filter(None, (each["message"], each["url"]))),
            )
            for each in documents
        ],
        "Nothing was checked.",
    )


def statuses(documents: Sequence[Document]) -> Table:
    return Table(
        ("At", "Status", "By", "", "Log"),
        [
            (
                Time(each["created_at"]),
                Styled(each["status"], STYLES.get(each["status"], "cyan")),
                (each.get("creator") or {}).get("login"),
                each["description"],
                each["log_url"],
            )
            for each in documents
        ],
        "The deployment tool has not answered yet.",
    )


def commits(documents: Sequence[Document]) -> Table:
    return Table(
        ("Commit", "", "By", "At"),
        [
            (
                short(each["sha"]),
                each["message"].partition("\n")[0],
                (each.get("author") or {}).get("login"),
                Time((each.get("author") or {}).get("date")),
            )
            for each in documents
        ],
        "Nothing has changed, or nothing succeeded there before.",
    )


def locks(documents: Sequence[Document]) -> Table:
    return Table(
        ("Environment", "By", "Since", "Until", "State", "Why"),
        [
            (
                each["env"],
                who(each),
                Time(each["created_at"]),
                Time(each["expired_at"]),
                each.get("state", "locked"),
                each.get("reason"),
            )
            for each in documents
        ],
        "Nothing is locked.",
    )


def line(documents: Sequence[Document], environment: str | None = None) -> list[Any]:
    """Who waits in line, a row each."""
    return [
        (
            *((environment,) if environment else ()),
            each["position"],
            f"#{each['number']}",
            Time(each["since"]),
        )
        for each in documents
    ]


def environments(documents: Sequence[Document]) -> Table:
    return Table(
        ("Environment", "Live", "Since", "Running", "In line", "Held up by"),
        [
            (
                each["name"],
                _live(each["live"]),
                Time((each["live"] or {}).get("updated_at")),
                ", ".join(number_of(d) for d in each["running"]),
                ", ".join(number_of(d) for d in each["queue"]),
                "; ".join(_held_up(each)),
            )
            for each in documents
        ],
        "Nothing was ever deployed, and nothing is locked.",
    )


def _live(told: Document | None) -> str | None:
    return f"{number_of(told)} {what(told)}" if told else None


def _held_up(environment: Document) -> Iterator[str]:
    if lock := environment["lock"]:
        why = f": {lock['reason']}" if lock["reason"] else ""
        yield f"locked by {who(lock)}{why}"
    if hold := environment["hold"]:
        yield f"no pushes since #{hold['number']}, a rollback"
    if until := environment.get("frozen_until"):
        yield f"frozen until {until}"


def repositories(documents: Sequence[Document]) -> Table:
    return Table(
        ("Repository", "Active", "Newest deployment", "At"),
        [
            (
                f"{each['namespace']}/{each['name']}",
                Styled("yes", "green") if each["active"] else Styled("no", "dim"),
                _newest(each),
                Time(each["latest_deployed_at"]),
            )
            for each in documents
        ],
        "Gitploy knows no repository yet: `gitploy repo activate OWNER/NAME`.",
    )


def _newest(repository: Document) -> str | None:
    newest = (repository["edges"].get("deployments") or [None])[0]
    return f"{title(newest)}: {newest['phase']}" if newest else None


def repository(told: Document) -> Iterator[str]:
    yield f"{told['namespace']}/{told['name']}"
    yield f"active: {'yes' if told['active'] else 'no'}"
    yield f"rules: {told['config_path']}"
    yield f"webhook at GitHub: {told['webhook_id'] or 'none'}"
    latest = told["latest_deployed_at"]
    yield f"deployed last: {'never' if latest == NEVER else ago(latest)}"
    command = told.get("command") or {}
    if command.get("state") in {"pending", "refused", "unanswered"}:
        wanted = "activation" if command["active"] else "deactivation"
        yield f"{wanted}: {command['state']}. {command['message'] or ''}".rstrip()


def tokens(documents: Sequence[Document]) -> Table:
    return Table(
        ("Id", "Name", "Scope", "Repository", "Made", "Ends", "Last used"),
        [
            (
                each["id"],
                each["name"],
                each["scope"],
                each["repository"],
                Time(each["created_at"]),
                Time(each["expires_at"]),
                Time(each["last_used_at"]),
            )
            for each in documents
        ],
        "You have no token of your own: `gitploy token create NAME` makes one.",
    )
