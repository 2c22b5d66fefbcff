"""The rules of a repository as they are at GitHub now, or why there are none."""

import asyncio
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from http import HTTPStatus
from typing import Any

from api_gateway.ports import (
    FoundFile,
    GitHub,
    Known,
    RefUnknownError,
    RepositoryUnknownError,
)
from api_gateway.read_model.documents import Document
from shared.deploy_yml import ConfigError, Problem, Rules, read
from shared.store import Clock
from shared.web import ApiError

from .browsing import SILENT, unanswered
from .lookup import not_found, shown_repository

#: So long somebody may wait for what is only to spare him a mistake.
BRIEFLY_S = 3.0
#: So old may be what a page shows, and so old while GitHub is away.
FRESH = timedelta(seconds=5)
KEPT = timedelta(hours=4)
#: Of so many repositories.
REMEMBERED = 1000


@dataclass(frozen=True)
class _Read:
    at: datetime
    rules: Rules


class RulesReader:
    def __init__(self, github: GitHub, clock: Clock) -> None:
        self._github = github
        self._clock = clock
        self._lately: OrderedDict[tuple[int, str], _Read] = OrderedDict()

    async def read(
        self, known: Document, ref: str | None = None
    ) -> Known[tuple[Rules, Document]]:
        """The rules and where they were read.

        Raises:
            ApiError: There is no file, it has mistakes, or GitHub doesn't answer.
        """
        path = known["config_path"]
        told = await self._read(known, path, ref)
        place = {"config_path": path, "ref": ref, "sha": told.value.commit}
        rules = await self._rules(told.value, place)
        return Known((rules, place), told.age, told.stale)

    async def lately(self, known: Document) -> Rules | None:
        """The rules as pages show them; none where they can't be told quickly.

        They are seconds old at most, and hours while GitHub does not answer.
        """
        key, now = (known["id"], known["config_path"]), self._clock()
        kept = self._lately.get(key)
        if kept and now - kept.at <= FRESH:
            return kept.rules
        try:
            async with asyncio.timeout(BRIEFLY_S):
                told = await self.read(known)
        except (ApiError, TimeoutError) as error:
            if kept is None or _is_answer(error) or now - kept.at > KEPT:
                return None
            return kept.rules
        rules, _ = told.value
        self._lately[key] = _Read(now - told.age, rules)
        self._lately.move_to_end(key)
        if len(self._lately) > REMEMBERED:
            self._lately.popitem(last=False)
        return rules

    async def _read(
        self, known: Document, path: str, ref: str | None
    ) -> Known[FoundFile]:
        repository = shown_repository(known)
        name = repository.full_name
        try:
            return await self._github.read_file(repository, path, ref)
        except RepositoryUnknownError as error:
            text = f"GitHub does not show the repository {name} to Gitploy"
            raise not_found(text) from error
        except RefUnknownError as error:
            raise not_found(f"There is no commit at {error} in {name}") from error
        except SILENT as error:
            raise unanswered(error, "nobody has asked for this lately") from error

    async def _rules(self, found: FoundFile, place: Mapping[str, Any]) -> Rules:
        where = f"{place['config_path']} in {found.commit[:7]}"
        if not found.readable:
            text = f"{where} is too large, or not text."
            raise ApiError(422, "config_parse_error", text, problems=[], **place)
        if found.text is None:
            raise not_found(f"There is no {where}")
        try:
            # A large file takes a while, and others must not wait for it.
            return await asyncio.to_thread(read, found.text)
        except ConfigError as error:
            problems = [shown_problem(p) for p in error.problems]
            text = f"{where} has mistakes: {error}"
            raise ApiError(
                422, "config_parse_error", text, problems=problems, **place
            ) from error


def _is_answer(error: Exception) -> bool:
    """Whether GitHub has said that there are no rules now, or none without mistakes."""
    return (
        isinstance(error, ApiError) and error.status < HTTPStatus.INTERNAL_SERVER_ERROR
    )


def shown_problem(problem: Problem) -> Document:
    """A mistake, or a doubt, at its place."""
    return {
        "line": problem.line,
        "column": problem.column,
        "message": problem.message,
    }
