"""Questions whose answers somebody keeps: conditional, paged, and told apart."""

from typing import Any

import orjson
import pytest

from shared.github import (
    GitHubClient,
    GitHubNotFound,
    GitHubUnauthorized,
    GitHubUnavailable,
    questions,
)
from shared.github.questions import Question, Tag, TagsPage

from .conftest import GitHub

SHA, OTHER = "a" * 40, "b" * 40
BRANCH = {"name": "feature/a", "commit": {"sha": SHA, "url": "x"}, "protected": True}


async def ask(client: GitHubClient, question: Question[Any]) -> Any:
    told = await client.ask(question)
    assert told is not None
    return told.value


async def test_only_what_has_changed_is_told_again(
    github: GitHub, client: GitHubClient
) -> None:
    question = questions.branch(7, "feature/a")
    github.says(200, BRANCH, ETag='"1"').says(304, b"").says(200, BRANCH, ETag='"2"')
    first = await client.ask(question)
    assert first is not None
    assert (first.value.commit.sha, first.etag) == (SHA, '"1"')
    assert first.size == len(orjson.dumps(BRANCH))
    assert await client.ask(question, first.etag) is None
    again = await client.ask(question, first.etag)
    assert again is not None
    assert again.etag == '"2"'
    asked = [seen.headers.get("if-none-match") for seen in github.seen]
    assert asked == [None, '"1"', '"1"']


async def test_a_304_that_nobody_asked_for_is_no_answer(
    github: GitHub, client: GitHubClient
) -> None:
    github.says(304, b"")
    with pytest.raises(GitHubUnavailable):
        await client.ask(questions.branch(7, "main"))


async def test_a_refusal_is_raised_also_when_an_answer_is_known(
    github: GitHub, client: GitHubClient
) -> None:
    github.says(401, {"message": "Bad credentials"})
    with pytest.raises(GitHubUnauthorized):
        await client.ask(questions.branch(7, "main"), '"1"')


async def test_a_list_says_whether_it_goes_on(
    github: GitHub, client: GitHubClient
) -> None:
    github.says(200, [BRANCH], Link=f'<{github.url}/x?page=2>; rel="next"')
    github.says(200, [BRANCH])
    first = await ask(client, questions.branches(7, 1, 30))
    last = await ask(client, questions.branches(7, 2, 30))
    assert (first.more, last.more) == (True, False)
    assert [branch.name for branch in first.items] == ["feature/a"]
    assert [seen.query for seen in github.seen] == [
        {"page": "1", "per_page": "30"},
        {"page": "2", "per_page": "30"},
    ]


@pytest.mark.parametrize(
    ("question", "path"),
    [
        (questions.repository(7), ""),
        (questions.branch(7, "a/b?c"), "/branches/a%2Fb%3Fc"),
        (questions.tag(7, "v1/rc"), "/git/ref/tags/v1%2Frc"),
        (questions.annotated_tag(7, SHA), f"/git/tags/{SHA}"),
        (questions.commit(7, "a/b"), "/commits/a%2Fb"),
        (questions.combined_status(7, SHA, 1), f"/commits/{SHA}/status"),
        (questions.check_runs(7, SHA, 1), f"/commits/{SHA}/check-runs"),
        (questions.comparison(7, SHA, OTHER, 1, 2), f"/compare/{SHA}...{OTHER}"),
    ],
)
async def test_each_thing_has_its_place(
    github: GitHub, client: GitHubClient, question: Question[Any], path: str
) -> None:
    github.says(404)
    with pytest.raises(GitHubNotFound):
        await client.ask(question)
    assert github.paths == [f"GET /api/v3/repositories/7{path}"]


async def test_commits_are_read_with_or_without_a_known_author(
    github: GitHub, client: GitHubClient
) -> None:
    written = {"message": "Fix\n\nit", "author": {"date": "2030-01-01T00:00:00Z"}}
    ann = {"login": "ann", "id": 7, "avatar_url": "https://a/7"}
    commits = [
        {"sha": SHA, "html_url": "https://g/c", "commit": written, "author": ann},
        {"sha": OTHER, "commit": {"message": "", "author": None}, "author": None},
        {"sha": OTHER, "commit": written, "author": {}},
    ]
    github.says(200, commits).says(200, {"commits": commits})
    listed = await ask(client, questions.commits(7, "main", 1, 3))
    assert github.seen[0].query == {"sha": "main", "page": "1", "per_page": "3"}
    assert await ask(client, questions.comparison(7, SHA, OTHER, 1, 3)) == listed
    one, two, three = listed.items
    assert (one.author.login, one.author.avatar_url) == ("ann", "https://a/7")
    assert one.commit.author.date.year == 2030
    assert (two.author, two.commit.author) == (None, None)
    assert three.author.login == ""


def target(kind: str, sha: str, inner: Any = None) -> dict[str, Any]:
    return {"__typename": kind, "oid": sha} | ({"target": inner} if inner else {})


def tags_of(nodes: list[Any], more: bool, repo_id: int = 7) -> dict[str, Any]:
    place = {"hasNextPage": more, "endCursor": "abc"}
    refs = {"pageInfo": place, "nodes": nodes}
    return {"data": {"repository": {"databaseId": repo_id, "refs": refs}}}


async def test_tags_lead_to_their_commits(github: GitHub, client: GitHubClient) -> None:
    commit = target("Commit", SHA)
    nodes = [
        {"name": "v3", "target": target("Tag", OTHER, target("Tag", OTHER, commit))},
        {"name": "v2", "target": target("Tag", OTHER, commit)},
        {"name": "v1", "target": commit},
        {"name": "tree", "target": target("Tag", OTHER, target("Tree", SHA))},
        {"name": "nothing", "target": None},
    ]
    github.says(200, tags_of(nodes, True)).says(200, tags_of([], False))
    known = tuple(Tag(name, SHA) for name in ("v3", "v2", "v1"))
    assert await ask(client, questions.tags("o", "r", 7, None)) == TagsPage(
        known, "abc"
    )
    assert await ask(client, questions.tags("o", "r", 7, "abc")) == TagsPage((), None)
    assert orjson.loads(github.seen[1].body)["variables"]["after"] == "abc"


@pytest.mark.parametrize(
    "told", [{"data": {"repository": None}}, tags_of([], False, repo_id=8)]
)
async def test_another_repository_of_that_name_has_none_of_our_tags(
    github: GitHub, client: GitHubClient, told: Any
) -> None:
    github.says(200, told)
    with pytest.raises(GitHubNotFound):
        await client.ask(questions.tags("o", "r", 7, None))


async def test_an_answer_without_tags_is_none(
    github: GitHub, client: GitHubClient
) -> None:
    github.says(200, {"data": {"repository": {"databaseId": 7, "refs": None}}})
    with pytest.raises(GitHubUnavailable):
        await client.ask(questions.tags("o", "r", 7, None))


async def test_the_budget_that_counts_is_that_of_rest(
    github: GitHub, client: GitHubClient
) -> None:
    core = {"limit": 5000, "remaining": 4999, "reset": 1893456000, "used": 1}
    github.says(200, {"resources": {"core": core, "graphql": {}}})
    told = await ask(client, questions.rate_limit())
    assert (told.limit, told.remaining, told.reset) == (5000, 4999, 1893456000)


def test_only_the_same_question_is_the_same() -> None:
    asked = [
        questions.branches(7, 1, 30),
        questions.branches(7, 2, 30),
        questions.branches(8, 1, 30),
        questions.branch(7, "a/b"),
        questions.commits(7, None, 1, 30),
        questions.commits(7, "main", 1, 30),
        questions.tags("o", "r", 7, None),
        questions.tags("o", "r", 7, "abc"),
        questions.tags("o", "s", 7, None),
    ]
    assert len({question.key for question in asked}) == len(asked)
    assert questions.branches(7, 1, 30).key == asked[0].key
    assert {question.points for question in asked} == {"core", "graphql"}
