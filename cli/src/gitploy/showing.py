"""Deployments as people read them."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from gitploy.output import NOTHING, Styled, Table, Time
from gitploy.steps import STYLES
from gitploy.text import SHORT, ago

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
