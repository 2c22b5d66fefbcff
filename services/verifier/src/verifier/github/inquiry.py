"""One inquiry at GitHub: a question, and more only where its answer ends too early.

That is so for a commit with more than a hundred checks, a tag of a tag, a comparison
that GitHub understood differently, a repository that has got another name.
"""

import re
from dataclasses import dataclass
from typing import Any, Final

from shared.contracts import Ref, Repository
from shared.github import (
    GitHubClient,
    GitHubForbidden,
    GitHubNotFound,
    GitHubUnavailable,
    GraphQLError,
)
from verifier.domain.found import Contexts, Found
from verifier.domain.refs import FOLDERS, short_name

from .answers import Answer, Comparison, RepositoryAnswer, Target
from .questions import COMPARE, GATE, OBJECT
from .reports import contexts

#: Tags of tags of tags …, and pages of checks: nobody has more.
_FAR_ENOUGH: Final = 30
_COMMIT_ID: Final = re.compile(r"[0-9a-f]{7,40}|[0-9a-f]{64}", re.IGNORECASE)
#: What git forbids in names of refs.
_NO_REF_NAME: Final = re.compile(
    r"[\x00-\x20\x7f~^:?*\[\\]|\.\.|@\{|//|/\.|\.lock(/|$)|^[/.]|[/.]$|^$"
)
#: The id of no object at all.
_NOTHING: Final = "0" * 40

#: Where the answer does without what GitHub could not say.
RUNS = frozenset({"workflowRun"})
RUNS_AND_COMPARISON = RUNS | {"compare"}


@dataclass
class Inquiry:
    """What is asked about one repository on one occasion."""

    client: GitHubClient
    #: By its present name, once GitHub has answered.
    repository: Repository
    #: GitHub withholds reports about the commit from our token.
    withheld: bool = False

    async def found(self, ref: Ref, sha: str | None, path: str) -> Found | None:
        """All that a verification needs; none if there is no such repository."""
        meant = Ref(type="commit", name=sha) if sha else ref
        asked = {"path": path, **_name(ref), **_meaning(meant)}
        told = await self._ask(GATE, asked)
        if told is None:
            return None
        commit = await self._commit(meant, told.target)
        pages = await self._pages(commit) if commit else []
        compared = await self._compared(told, commit) if commit else None
        branch = told.default_branch_ref
        head = branch.target if branch else None
        return Found(
            repository=self.repository,
            page=told.url,
            default_branch=branch.name if branch else None,
            head=head.oid if head else None,
            config_path=path,
            config_file=head.file.file() if head and head.file else None,
            sha=commit.oid if commit else None,
            author=commit.made_by if commit else None,
            committed_at=commit.committed_date if commit else None,
            kinds=told.kinds,
            behind_by=compared.behind_by if compared else None,
            ahead_by=compared.ahead_by if compared else None,
            contexts=contexts(pages, withheld=self.withheld),
        )

    async def contexts(self, sha: str) -> Contexts | None:
        """What was reported about a commit; none if the commit is gone."""
        told = await self._ask(OBJECT, {"oid": sha})
        if told is None or told.object is None:
            return None
        pages = await self._pages(told.object)
        return contexts(pages, withheld=self.withheld)

    async def _commit(self, ref: Ref, target: Target | None) -> Target | None:
        """The commit that a ref means in the end."""
        for _ in range(_FAR_ENOUGH):
            match target:
                case Target(kind="Commit", oid=oid):
                    # A branch may have a name that looks like an id.
                    meant = ref.type != "commit" or oid.startswith(ref.name.lower())
                    return target if meant else None
                case Target(kind="Tag", target=Target() as inner):
                    target = inner
                case Target(kind="Tag", oid=oid):
                    told = await self._ask(OBJECT, {"oid": oid})
                    target = told.object if told else None
                case _:
                    break
        return None

    async def _pages(self, commit: Target) -> list[Target]:
        """The commit with its first suites and contexts, then with further ones."""
        pages, cursors = [commit], dict[str, str]()
        while any(page.has_next_page for page in pages[-1].pages.values()):
            if len(pages) > _FAR_ENOUGH:
                raise GitHubUnavailable(f"GitHub has no end of checks for {commit.oid}")
            ends = pages[-1].pages.items()
            cursors |= {name: end.end_cursor for name, end in ends if end.end_cursor}
            told = await self._ask(OBJECT, {"oid": commit.oid, **cursors})
            if told is None or told.object is None:
                raise GitHubUnavailable(f"GitHub has lost {commit.oid} meanwhile")
            pages.append(told.object)
        return pages

    async def _compared(
        self, told: RepositoryAnswer, commit: Target
    ) -> Comparison | None:
        """With the default branch; asked by its id where its name misled GitHub."""
        if compared := told.compared(commit.oid):
            return compared
        again = await self._ask(COMPARE, {"head": commit.oid}, made_good_for=RUNS)
        return again.compared(commit.oid) if again else None

    async def _ask(
        self,
        question: str,
        variables: dict[str, Any],
        *,
        made_good_for: frozenset[str] = RUNS_AND_COMPARISON,
    ) -> RepositoryAnswer | None:
        """Ask about the repository that has this id, whatever it is called now."""
        told = await self._ask_by_name(question, variables, made_good_for)
        if told is None or told.database_id != self.repository.id:
            try:
                known = await self.client.get_repository(self.repository.id)
            except GitHubNotFound:
                return None
            self._is_called(known.full_name)
            told = await self._ask_by_name(question, variables, made_good_for)
        if told:
            self._is_called(told.name_with_owner)
        return told

    async def _ask_by_name(
        self, question: str, variables: dict[str, Any], made_good_for: frozenset[str]
    ) -> RepositoryAnswer | None:
        full_name = self.repository.full_name
        owner, _, name = full_name.partition("/")
        named = {"owner": owner, "name": name, **variables}
        answer = await self.client.graphql(question, named, repo=full_name)
        for error in answer.errors:
            self._bear(error, made_good_for)
        return Answer.model_validate(answer.data).repository

    def _is_called(self, full_name: str) -> None:
        self.repository = Repository(id=self.repository.id, full_name=full_name)

    def _bear(self, error: GraphQLError, made_good_for: frozenset[str]) -> None:
        """Go on where an error leaves an answer that can be used.

        What isn't found is null in the data; and a missing event of a workflow run is
        made good for elsewhere, as is a missing comparison the first time.
        """
        place = set(error.path)
        if error.type == "NOT_FOUND" or place & made_good_for:
            return
        if error.type != "FORBIDDEN":
            raise GitHubUnavailable(f"GitHub could not answer in full: {error.message}")
        if not place & {"statusCheckRollup", "checkSuites"}:
            where = ".".join(map(str, error.path))
            raise GitHubForbidden(f"{error.message} ({where})", "contents=read")
        self.withheld = True


def _meaning(ref: Ref) -> dict[str, Any]:
    """The question's variables that say what is meant. Names are hostile input."""
    if ref.type == "commit":
        oid = ref.name.lower() if _COMMIT_ID.fullmatch(ref.name) else _NOTHING
        return {"byId": True, "ref": oid, "head": oid}
    name = _fit(ref)
    if name == _NOTHING:
        return {"byId": True, "ref": _NOTHING, "head": _NOTHING}
    return {"byId": False, "ref": FOLDERS[ref.type] + name, "head": name}


def _name(ref: Ref) -> dict[str, str]:
    """Those that say what is called so, whatever is meant."""
    name = _fit(ref)
    return {kind: folder + name for kind, folder in FOLDERS.items()}


def _fit(ref: Ref) -> str:
    """The ref's name, where git allows it."""
    name = short_name(ref)
    return _NOTHING if name is None or _NO_REF_NAME.search(name) else name
