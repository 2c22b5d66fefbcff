"""The records of each kind, in memory.

Every change is also said as the SQL statement that keeps it, to whoever takes it:
`store` writes them down. Tables are read by git's thread, too (GraphQL), so whoever
walks one gets a copy.
"""

import dataclasses
from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Iterator
from typing import Any, Generic, TypeVar

import orjson

from github_sandbox import records
from github_sandbox.records import Record

R = TypeVar("R", bound=Record)

TakeChange = Callable[[str, tuple[Any, ...]], None]


class Table(Generic[R]):
    """The records of one kind by id, and in order of their ids under one more key."""

    def __init__(
        self,
        kind: type[R],
        change: TakeChange,
        key: Callable[[R], Hashable] = lambda _: None,
    ) -> None:
        self.kind = kind
        self._change = change
        self._key = key
        self._records: dict[int, R] = {}
        self._groups: defaultdict[Hashable, dict[int, R]] = defaultdict(dict)

    def get(self, id: int) -> R | None:  # noqa: A002
        return self._records.get(id)

    def __iter__(self) -> Iterator[R]:
        """All, oldest first; a copy, because GraphQL reads on another thread."""
        return iter(list(self._records.values()))

    def __len__(self) -> int:
        return len(self._records)

    def first(self) -> R:
        return next(iter(self._records.values()))

    def of(self, key: Hashable) -> list[R]:
        return list(self._groups[key].values()) if key in self._groups else []

    def put(self, record: R) -> R:
        self._keep(record)
        body = orjson.dumps(record)
        self._change(
            "INSERT INTO records VALUES (?, ?, ?) "
            "ON CONFLICT (kind, id) DO UPDATE SET body = excluded.body",
            (self.kind.__name__, record.id, body),
        )
        return record

    def update(self, record: R, **changes: Any) -> R:
        return self.put(dataclasses.replace(record, **changes))

    def delete(self, record: R) -> None:
        del self._records[record.id]
        del self._groups[self._key(record)][record.id]
        self._change(
            "DELETE FROM records WHERE kind = ? AND id = ?",
            (self.kind.__name__, record.id),
        )

    def load(self, bodies: Iterable[bytes]) -> None:
        for body in bodies:
            self._keep(self.kind(**orjson.loads(body)))

    def _keep(self, record: R) -> None:
        self._records[record.id] = record
        self._groups[self._key(record)][record.id] = record


class Tables:
    """One table for each kind of record, each by the key that it is asked for."""

    def __init__(self, change: TakeChange) -> None:
        self.repositories = Table(records.Repository, change)
        self.deployments = Table(records.Deployment, change)
        self.deployment_statuses = Table(
            records.DeploymentStatus, change, lambda status: status.deployment_id
        )
        self.commit_statuses = Table(
            records.CommitStatus, change, lambda status: status.sha
        )
        self.suites = Table(records.CheckSuite, change, lambda suite: suite.sha)
        self.runs = Table(records.CheckRun, change, lambda run: run.suite_id)
        self.hooks = Table(records.Hook, change)
        self.deliveries = Table(
            records.Delivery, change, lambda delivery: delivery.hook_id
        )
        self.people = Table(records.Person, change)
        self.codes = Table(records.Code, change, lambda code: code.digest)
        self.user_tokens = Table(records.UserToken, change, lambda token: token.digest)
        self.installations = Table(records.Installation, change)
        self.installation_tokens = Table(
            records.InstallationToken, change, lambda token: token.digest
        )
        self.refs = Table(records.SeenRef, change, lambda ref: ref.name)

    def all(self) -> list[Table[Any]]:
        return [table for table in vars(self).values() if isinstance(table, Table)]
