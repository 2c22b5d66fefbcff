"""The rules of a repository as they are at GitHub now, or why there are none."""

import asyncio
from collections.abc import Collection, Mapping
from typing import Any

from api_gateway.ports import (
    FoundFile,
    GitHub,
    GitHubAwayError,
    RefUnknownError,
    RepositoryUnknownError,
)
from api_gateway.read_model.documents import Document
from shared.contracts import Repository
from shared.deploy_yml import ConfigError, Problem, Rules, read
from shared.web import ApiError

from .lookup import not_found

#: So long somebody may wait for what is only to spare him a mistake.
BRIEFLY_S = 3.0


class RulesReader:
    def __init__(self, github: GitHub) -> None:
        self._github = github

    async def read(
        self, known: Document, ref: str | None = None
    ) -> tuple[Rules, Document]:
        """The rules and where they were read.

        Raises:
            ApiError: There is no file, it has mistakes, or GitHub doesn't answer.
        """
        path = known["config_path"]
        found = await self._read(known, path, ref)
        place = {"config_path": path, "ref": ref, "sha": found.commit}
        return await self._rules(found, place), place

    async def environments(self, known: Document) -> Collection[str] | None:
        """Those that the rules define; none where that can't be told quickly."""
        try:
            async with asyncio.timeout(BRIEFLY_S):
                rules, _ = await self.read(known)
        except (ApiError, TimeoutError):
            return None
        return rules.envs

    async def _read(self, known: Document, path: str, ref: str | None) -> FoundFile:
        name = f"{known['namespace']}/{known['name']}"
        repository = Repository(id=known["id"], full_name=name)
        try:
            return await self._github.read_file(repository, path, ref)
        except RepositoryUnknownError as error:
            text = f"GitHub does not show the repository {name} to Gitploy"
            raise not_found(text) from error
        except RefUnknownError as error:
            raise not_found(f"There is no commit at {error} in {name}") from error
        except GitHubAwayError as error:
            raise ApiError(503, "internal_error", str(error)) from error

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


def shown_problem(problem: Problem) -> Document:
    """A mistake, or a doubt, at its place."""
    return {
        "line": problem.line,
        "column": problem.column,
        "message": problem.message,
    }
