"""The port `Browsing`: what pages show of a repository, asked through the cache."""

import asyncio
import re
from datetime import UTC, datetime
from typing import Any, Final, TypeVar

from api_gateway.ports import (
    MOST_TAGS,
    Commit,
    Known,
    NamedCommit,
    Part,
    Quota,
    RefUnknownError,
    Report,
    RepositoryUnknownError,
)
from shared.contracts import Person, Repository
from shared.github import (
    Clock,
    GitHubNotFound,
    GitHubRejected,
    questions,
)
from shared.github.questions import Question

from . import translation
from .askers import Asker, Askers
from .cache import EXACT, LASTING, LISTED, Cache, Pace
from .explaining import explaining
from .translation import answering

T = TypeVar("T")

#: So many hundreds of statuses, and as many of check runs, are looked at.
MOST_REPORT_PAGES: Final = 10
#: So often a tag may point at a tag.
MOST_NESTED: Final = 5
FULL_SHA: Final = re.compile(r"[0-9a-f]{40}(?:[0-9a-f]{24})?")


class GitHubBrowsing:
    def __init__(self, cache: Cache, askers: Askers, clock: Clock) -> None:
        self._cache = cache
        self._askers = askers
        self._clock = clock

    async def branches(
        self, who: Person, repository: Repository, page: int, per_page: int
    ) -> Known[Part[NamedCommit]]:
        question = questions.branches(repository.id, page, per_page)
        told = await self._ask(who, repository, question, pace=LISTED)
        return translation.part(told, translation.branch)

    async def branch(
        self, who: Person, repository: Repository, name: str
    ) -> Known[NamedCommit]:
        question = questions.branch(repository.id, name)
        told = await self._ask(who, repository, question, f"branch {name}")
        return answering(translation.branch(told.value), told)

    async def default_branch(
        self, who: Person, repository: Repository
    ) -> Known[NamedCommit]:
        told = await self._ask(who, repository, questions.repository(repository.id))
        name = told.value.default_branch
        if not name:
            raise RefUnknownError("default branch")
        branch = await self.branch(who, repository, name)
        return answering(branch.value, told, branch)

    async def tags(
        self, who: Person, repository: Repository, page: int, per_page: int
    ) -> Known[Part[NamedCommit]]:
        """GitHub tells a hundred at a time, each with the place of the next."""
        owner, _, name = repository.full_name.partition("/")
        begin, end = (page - 1) * per_page, page * per_page
        after: str | None = None
        tags: list[NamedCommit] = []
        asked: list[Known[Any]] = []
        while not asked or (after and len(tags) < end):
            question = questions.tags(owner, name, repository.id, after)
            told = await self._ask(who, repository, question, pace=LISTED)
            asked.append(told)
            tags += [NamedCommit(tag.name, tag.sha) for tag in told.value.tags]
            after = told.value.after
        more = (len(tags) > end or after is not None) and end + per_page <= MOST_TAGS
        return answering(Part(tuple(tags[begin:end]), more), *asked)

    async def tag(
        self, who: Person, repository: Repository, name: str
    ) -> Known[NamedCommit]:
        what = f"tag {name}"
        told = await self._ask(
            who, repository, questions.tag(repository.id, name), what
        )
        asked: list[Known[Any]] = [told]
        target = told.value.object
        while target.type == "tag" and len(asked) <= MOST_NESTED:
            question = questions.annotated_tag(repository.id, target.sha)
            told = await self._ask(who, repository, question, what, LASTING)
            asked.append(told)
            target = told.value.object
        if target.type != "commit":
            raise RefUnknownError(what)
        return answering(NamedCommit(name, target.sha), *asked)

    async def commits(
        self,
        who: Person,
        repository: Repository,
        branch: str | None,
        page: int,
        per_page: int,
    ) -> Known[Part[Commit]]:
        question = questions.commits(repository.id, branch, page, per_page)
        what = f"branch {branch}" if branch else "default branch"
        told = await self._ask(who, repository, question, what, LISTED)
        return translation.part(told, translation.commit)

    async def commit(
        self, who: Person, repository: Repository, ref: str
    ) -> Known[Commit]:
        question = questions.commit(repository.id, ref)
        pace = LASTING if FULL_SHA.fullmatch(ref) else EXACT
        told = await self._ask(who, repository, question, f"commit {ref}", pace)
        return answering(translation.commit(told.value), told)

    async def reports(
        self, who: Person, repository: Repository, ref: str
    ) -> Known[tuple[Report, ...]]:
        """Both kinds at once, and then all their other pages at once."""

        async def statuses(page: int) -> Known[Any]:
            question = questions.combined_status(repository.id, ref, page)
            return await self._ask(who, repository, question, f"commit {ref}")

        async def runs(page: int) -> Known[Any]:
            question = questions.check_runs(repository.id, ref, page)
            return await self._ask(who, repository, question, f"commit {ref}")

        first = await asyncio.gather(statuses(1), runs(1))
        of_statuses, of_runs = (_others(told.value.total_count) for told in first)
        others = await asyncio.gather(*map(statuses, of_statuses), *map(runs, of_runs))
        asked = [*first, *others]
        told = (translation.reports(one.value) for one in asked)
        return answering(tuple(report for page in told for report in page), *asked)

    async def changes(
        self,
        who: Person,
        repository: Repository,
        base: str,
        head: str,
        page: int,
        per_page: int,
    ) -> Known[Part[Commit]]:
        question = questions.comparison(repository.id, base, head, page, per_page)
        what = f"commit {base} or {head}"
        told = await self._ask(who, repository, question, what, LASTING)
        return translation.part(told, translation.commit)

    async def quota(self, who: Person) -> Known[Quota]:
        async def ask(asker: Asker) -> Known[Any]:
            with explaining(asker, self._clock):
                return await self._cache.get(asker, questions.rate_limit())

        told = await self._askers.ask(who, ask)
        reset = datetime.fromtimestamp(told.value.reset, UTC)
        return answering(Quota(told.value.limit, told.value.remaining, reset), told)

    async def _ask(
        self,
        who: Person,
        repository: Repository,
        question: Question[T],
        what: str | None = None,
        pace: Pace = EXACT,
    ) -> Known[T]:
        """Ask about something in a repository, or about the repository itself."""

        async def ask(asker: Asker) -> Known[T]:
            with explaining(asker, self._clock):
                try:
                    return await self._cache.get(asker, question, pace)
                except (GitHubNotFound, GitHubRejected) as error:
                    if what is None:
                        raise RepositoryUnknownError(repository.full_name) from error
                    raise RefUnknownError(what) from error

        return await self._askers.ask(who, ask)


def _others(count: int) -> range:
    """The pages after the first."""
    pages = -(-count // questions.MOST)
    return range(2, min(pages, MOST_REPORT_PAGES) + 1)
