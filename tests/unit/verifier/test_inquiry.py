"""What becomes of GitHub's odder answers."""

from collections.abc import Mapping
from typing import Any, cast

import pytest

from shared.contracts import Ref, Repository
from shared.github import (
    GitHubClient,
    GitHubError,
    GitHubForbidden,
    GitHubNotFound,
    GitHubRateLimited,
    GitHubRejected,
    GitHubUnauthorized,
    GitHubUnavailable,
    GraphQLAnswer,
    GraphQLError,
)
from shared.github.resources import Repository as Resource
from shared.testing import T0
from verifier.domain.found import Contexts, File, Reported
from verifier.github import GitHubReader
from verifier.ports import NoAnswerError

from .examples import HEAD, MAIN, REPOSITORY, SHA, YAML

Answer = dict[str, Any]


class FakeClient:
    """Answers with what it was given, one after the other; the last for ever."""

    def __init__(self, *answers: GraphQLAnswer | GitHubError) -> None:
        self.answers = list(answers)
        self.asked: list[Mapping[str, Any]] = []
        self.known = Resource(id=REPOSITORY.id, full_name=REPOSITORY.full_name)

    async def graphql(
        self, query: str, variables: Mapping[str, Any], *, repo: str
    ) -> GraphQLAnswer:
        self.asked.append(variables)
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if isinstance(answer, GitHubError):
            raise answer
        return answer

    async def get_repository(self, repo: int) -> Resource:
        if repo != self.known.id:
            raise GitHubNotFound("Not Found")
        return self.known


def reader(client: FakeClient) -> GitHubReader:
    return GitHubReader(cast("GitHubClient", client))


def answer(*errors: GraphQLError, **changes: Any) -> GraphQLAnswer:
    told = {
        "databaseId": REPOSITORY.id,
        "nameWithOwner": REPOSITORY.full_name,
        "url": "https://github.com/octo/shop",
        "defaultBranchRef": {
            "name": "main",
            "target": {
                "oid": HEAD,
                "file": {
                    "object": {"isBinary": False, "isTruncated": False, "text": YAML}
                },
            },
            "compare": {"behindBy": 3, "aheadBy": 1, "headTarget": {"oid": SHA}},
        },
        "named": {"target": commit()},
    }
    return GraphQLAnswer({"repository": told | changes}, errors)


def commit(**changes: Any) -> Answer:
    told = {
        "__typename": "Commit",
        "oid": SHA,
        "checkSuites": page(),
        "statusCheckRollup": None,
    }
    return told | changes


def rollup(*nodes: Answer | None, end: str | None = None) -> Answer:
    return {"contexts": page(*nodes, end=end)}


def page(*nodes: Answer | None, end: str | None = None) -> Answer:
    ends = {"hasNextPage": end is not None, "endCursor": end}
    return {"pageInfo": ends, "nodes": list(nodes)}


def status(context: str, state: str = "SUCCESS") -> Answer:
    return {"__typename": "StatusContext", "context": context, "state": state}


def run(name: str, conclusion: str | None = "SUCCESS", **changes: Any) -> Answer:
    told = {
        "__typename": "CheckRun",
        "name": name,
        "status": "COMPLETED" if conclusion else "QUEUED",
        "conclusion": conclusion,
        "startedAt": "2026-01-05T09:00:00Z",
        "checkSuite": {"id": "CS_1", "workflowRun": {"event": "push"}},
    }
    return told | changes


def error(type_: str, *path: str | int) -> GraphQLError:
    return GraphQLError("Resource not accessible", type_, ("repository", *path))


async def reported(*nodes: Answer | None) -> Contexts:
    told = answer(named={"target": commit(statusCheckRollup=rollup(*nodes))})
    found = await reader(FakeClient(told)).look(REPOSITORY, MAIN)
    assert found
    return found.contexts


async def test_the_question_names_the_ref_in_full() -> None:
    for ref, expected in (
        (MAIN, "refs/heads/main"),
        (Ref(type="tag", name="v1"), "refs/tags/v1"),
        (Ref(type="commit", name=SHA.upper()), SHA),
        (Ref(type="commit", name="main"), "0" * 40),
        (Ref(type="branch", name="a..b"), "0" * 40),
        (Ref(type="branch", name="refs/heads/main"), "refs/heads/main"),
        (Ref(type="tag", name="refs/tags/v1"), "refs/tags/v1"),
        (Ref(type="tag", name="refs/heads/main"), "0" * 40),
    ):
        client = FakeClient(answer())
        await reader(client).look(REPOSITORY, ref)
        assert client.asked[0]["ref"] == expected


async def test_a_branch_and_a_tag_of_the_name_are_looked_for() -> None:
    there = {"name": "main"}
    for refs, kinds in (
        ({"branch": there, "tag": None}, {"branch"}),
        ({"branch": there, "tag": there}, {"branch", "tag"}),
        ({}, set()),
    ):
        client = FakeClient(answer(**refs))
        found = await reader(client).look(REPOSITORY, MAIN)
        assert found
        assert found.kinds == kinds
        asked = client.asked[0]
        assert (asked["branch"], asked["tag"]) == ("refs/heads/main", "refs/tags/main")


async def test_the_commit_that_is_meant_wherever_the_branch_is_now() -> None:
    pinned = "d" * 40
    told = answer(named=None, direct=commit(oid=pinned), branch={"name": "main"})
    client = FakeClient(told, answer())
    found = await reader(client).look(REPOSITORY, MAIN, sha=pinned)
    assert found
    assert found.sha == pinned
    assert found.kinds == {"branch"}
    asked = client.asked[0]
    assert (asked["byId"], asked["ref"], asked["head"]) == (True, pinned, pinned)
    assert asked["branch"] == "refs/heads/main"


async def test_the_rules_are_where_the_repository_keeps_them() -> None:
    client = FakeClient(answer())
    found = await reader(client).look(REPOSITORY, MAIN, path="ops/deploy.yml")
    assert found
    assert found.config_path == client.asked[0]["path"] == "ops/deploy.yml"


@pytest.mark.parametrize(
    ("author", "name"),
    [
        ({"name": "Ann A.", "user": {"login": "ann"}}, "ann"),
        ({"name": "Ann A.", "user": None}, "Ann A."),
        ({"name": None, "user": None}, None),
        (None, None),
    ],
)
async def test_who_made_the_commit(author: Answer | None, name: str | None) -> None:
    told = answer(named={"target": commit(author=author)})
    found = await reader(FakeClient(told)).look(REPOSITORY, MAIN)
    assert found
    assert found.author == name


async def test_how_old_the_commit_is() -> None:
    told = answer(named={"target": commit(committedDate=T0.isoformat())})
    found = await reader(FakeClient(told)).look(REPOSITORY, MAIN)
    assert found
    assert found.committed_at == T0


async def test_nothing_reported() -> None:
    found = await reader(FakeClient(answer())).look(REPOSITORY, MAIN)
    assert found
    assert found.contexts == Contexts()
    assert (found.behind_by, found.ahead_by) == (3, 1)


async def test_words_of_github() -> None:
    told = await reported(
        status("a"),
        status("b", "ERROR"),
        status("c", "EXPECTED"),
        run("d", "ACTION_REQUIRED"),
        run("e", None, startedAt=None),
    )
    assert told.reported == (
        Reported("a", "passed", "success"),
        Reported("b", "failed", "error"),
        Reported("c", "pending", "expected"),
        Reported("d", "failed", "action_required"),
        Reported("e", "pending", "queued"),
    )


async def test_the_latest_run_counts_in_whatever_order_they_come() -> None:
    early, late = run("t", "FAILURE"), run("t", startedAt="2026-01-05T09:01:00Z")
    for nodes in ((early, late), (late, early)):
        assert (await reported(*nodes)).reported == (
            Reported("t", "passed", "success"),
        )
    waiting = run("t", None, startedAt=None)
    assert (await reported(waiting, late)).reported[0].state == "pending"


async def test_a_comparison_of_something_else_is_asked_again() -> None:
    other = {"behindBy": 0, "aheadBy": 0, "headTarget": {"oid": "c" * 40}}
    branch = {"name": "main", "target": {"oid": HEAD}, "compare": other}
    client = FakeClient(answer(defaultBranchRef=branch), answer())
    found = await reader(client).look(REPOSITORY, MAIN)
    assert found
    assert found.behind_by == 3
    assert client.asked[1]["head"] == SHA


async def test_pages_of_suites_and_contexts() -> None:
    busy = {
        "status": "IN_PROGRESS",
        "app": {"name": "Actions"},
        "checkRuns": {"totalCount": 2},
    }
    first = commit(
        statusCheckRollup=rollup(status("a"), end="c1"), checkSuites=page(end="s1")
    )
    second = commit(statusCheckRollup=rollup(status("b")), checkSuites=page(end="s2"))
    third = commit(statusCheckRollup=rollup(), checkSuites=page(busy))
    client = FakeClient(
        answer(named={"target": first}), answer(object=second), answer(object=third)
    )
    found = await reader(client).look(REPOSITORY, MAIN)
    assert found
    assert [c.name for c in found.contexts.reported] == ["a", "b"]
    assert found.contexts.unfinished == ("Actions",)
    cursors = [(a["contexts"], a["suites"]) for a in client.asked[1:]]
    assert cursors == [("c1", "s1"), ("c1", "s2")]


async def test_pages_without_end_are_no_answer() -> None:
    endless = commit(statusCheckRollup=rollup(status("a"), end="c1"))
    client = FakeClient(answer(named={"target": endless}, object=endless))
    with pytest.raises(NoAnswerError, match="no end of checks"):
        await reader(client).look(REPOSITORY, MAIN)


async def test_a_commit_that_is_lost_between_two_pages_is_no_answer() -> None:
    first = commit(statusCheckRollup=rollup(status("a"), end="c1"))
    client = FakeClient(answer(named={"target": first}), answer(object=None))
    with pytest.raises(NoAnswerError, match=f"GitHub has lost {SHA} meanwhile"):
        await reader(client).look(REPOSITORY, MAIN)


async def test_who_still_works_without_a_check_of_theirs_that_is_pending() -> None:
    def suite(id_: str, app: str) -> Answer:
        runs = {"totalCount": 2}
        return {"id": id_, "status": "IN_PROGRESS", "app": {"name": app}} | {
            "checkRuns": runs
        }

    told = commit(
        checkSuites=page(suite("CS_1", "Actions"), suite("CS_2", "Buildkite")),
        statusCheckRollup=rollup(run("a"), run("b", None)),
    )
    found = await reader(FakeClient(answer(named={"target": told}))).look(
        REPOSITORY, MAIN
    )
    assert found
    assert found.contexts.unfinished == ("Buildkite",)


@pytest.mark.parametrize(
    ("entry", "file"),
    [
        (None, None),
        ({"object": {"isTruncated": False, "text": "envs: []"}}, File("envs: []")),
        ({"object": {"isTruncated": True, "text": "envs: []"}}, File(None)),
        ({"object": {"isTruncated": False, "text": None}}, File(None)),
        ({"object": {}}, File(None)),
        ({"object": None}, File(None)),
    ],
)
async def test_a_file_is_read_as_a_whole_or_not_at_all(
    entry: Answer | None, file: File | None
) -> None:
    branch = {"name": "main", "target": {"oid": HEAD, "file": entry}}
    found = await reader(FakeClient(answer(defaultBranchRef=branch))).look(
        REPOSITORY, MAIN
    )
    assert found
    assert found.config_file == file


@pytest.mark.parametrize(
    ("app", "runs", "who"),
    [
        ({"name": "Actions"}, 0, ()),
        ({"name": "Actions"}, 1, ("Actions",)),
        (None, 1, ("a check suite",)),
    ],
)
async def test_a_suite_without_runs_was_never_taken_up(
    app: Answer | None, runs: int, who: tuple[str, ...]
) -> None:
    suite = {"id": "CS_1", "status": "QUEUED", "app": app}
    suites = page({**suite, "checkRuns": {"totalCount": runs}})
    told = answer(named={"target": commit(checkSuites=suites)})
    found = await reader(FakeClient(told)).look(REPOSITORY, MAIN)
    assert found
    assert found.contexts.unfinished == who


async def test_suites_that_do_not_count() -> None:
    asleep = {"status": "QUEUED", "checkRuns": {"totalCount": 0}}
    deploying = {
        "status": "IN_PROGRESS",
        "checkRuns": {"totalCount": 1},
        "workflowRun": {"event": "deployment"},
    }
    told = answer(named={"target": commit(checkSuites=page(asleep, deploying))})
    found = await reader(FakeClient(told)).look(REPOSITORY, MAIN)
    assert found
    assert found.contexts.unfinished == ()


@pytest.mark.parametrize(
    "path",
    [
        ("named", "target", "statusCheckRollup"),
        ("named", "target", "statusCheckRollup", "contexts", "nodes", 1),
        ("named", "target", "checkSuites"),
    ],
)
async def test_checks_that_are_withheld(path: tuple[str | int, ...]) -> None:
    told = commit(statusCheckRollup=rollup(status("a"), None))
    client = FakeClient(answer(error("FORBIDDEN", *path), named={"target": told}))
    found = await reader(client).look(REPOSITORY, MAIN)
    assert found
    assert found.contexts.withheld
    assert [c.name for c in found.contexts.reported] == ["a"]


async def test_a_hidden_event_of_a_workflow_hides_nothing_else() -> None:
    node = run("a", checkSuite={"id": "CS_1", "workflowRun": None})
    place = ("named", "target", "statusCheckRollup", "contexts", "nodes", 0)
    hidden = error("FORBIDDEN", *place, "checkSuite", "workflowRun")
    told = answer(hidden, named={"target": commit(statusCheckRollup=rollup(node))})
    found = await reader(FakeClient(told)).look(REPOSITORY, MAIN)
    assert found
    assert not found.contexts.withheld
    assert found.contexts.reported[0].state == "passed"


async def test_a_commit_that_is_gone() -> None:
    client = FakeClient(answer(object=None))
    assert await reader(client).contexts(REPOSITORY, SHA) is None
    client = FakeClient(
        answer(object=commit(statusCheckRollup=rollup(status("a", "PENDING"))))
    )
    told = await reader(client).contexts(REPOSITORY, SHA)
    assert told == Contexts((Reported("a", "pending", "pending"),))


async def test_a_name_that_means_another_repository_now() -> None:
    foreign, ours = answer(databaseId=8), answer(nameWithOwner="octo/new-shop")
    client = FakeClient(foreign, ours)
    client.known = Resource(id=REPOSITORY.id, full_name="octo/new-shop")
    found = await reader(client).look(REPOSITORY, MAIN)
    assert found
    assert found.repository == Repository(id=REPOSITORY.id, full_name="octo/new-shop")
    assert client.asked[1]["name"] == "new-shop"


async def test_a_repository_that_is_gone() -> None:
    client = FakeClient(GraphQLAnswer({"repository": None}, (error("NOT_FOUND"),)))
    client.known = Resource(id=8, full_name="a/b")
    assert await reader(client).look(REPOSITORY, MAIN) is None


@pytest.mark.parametrize(
    ("trouble", "message"),
    [
        (GitHubUnavailable("no connection"), "no connection; is GitHub up?"),
        (GitHubRateLimited(T0), "until 09:00:00 UTC; then it goes on"),
        (
            GitHubUnauthorized("Bad credentials"),
            "refuses our token .*Bad credentials.*: set GITPLOY_GITHUB_TOKEN to a ",
        ),
        (GitHubForbidden("No", "contents=read"), "No: our token needs contents=read$"),
        (GitHubRejected("Field 'x' doesn't exist"), "refuses our question: Field 'x'"),
        (answer(error("FORBIDDEN", "defaultBranchRef")), "needs contents=read"),
        (answer(error("", "named")), "could not answer in full"),
        (answer(named={"target": {}}), "can't be read: repository.named.target"),
    ],
)
async def test_why_there_is_no_answer(
    trouble: GraphQLAnswer | GitHubError, message: str
) -> None:
    with pytest.raises(NoAnswerError, match=message.replace("?", r"\?")):
        await reader(FakeClient(trouble)).look(REPOSITORY, MAIN)


async def test_a_limit_says_when_to_come_back() -> None:
    with pytest.raises(NoAnswerError) as caught:
        await reader(FakeClient(GitHubRateLimited(T0))).contexts(REPOSITORY, SHA)
    assert caught.value.retry_at == T0
