"""Refs, commits and files are git's own."""

import base64

from .world import REPO, World


async def test_refs_are_what_git_has_now(world: World) -> None:
    sha = world.repository.commit()
    world.repository.branch("feature/a")
    world.repository.git("tag", "v1")
    world.repository.git("tag", "-a", "v2", "-m", "Two")
    tag = world.repository.git("rev-parse", "refs/tags/v2")

    names = [one["name"] for one in (await world.call("GET", f"{REPO}/branches")).json]
    assert names == ["feature/a", "main"]
    branch = (await world.call("GET", f"{REPO}/branches/feature/a")).json
    assert branch["commit"]["sha"] == sha
    head = (await world.call("GET", f"{REPO}/git/ref/heads/feature/a")).json
    assert head["object"]["sha"] == sha
    annotated = (await world.call("GET", f"{REPO}/git/ref/tags/v2")).json["object"]
    assert (annotated["type"], annotated["sha"]) == ("tag", tag)
    peeled = (await world.call("GET", f"{REPO}/git/tags/{tag}")).json
    assert (peeled["tag"], peeled["object"]["sha"]) == ("v2", sha)
    tags = (await world.call("GET", f"{REPO}/tags")).json
    assert {one["name"]: one["commit"]["sha"] for one in tags} == {"v1": sha, "v2": sha}
    for path in ("branches/none", "git/ref/heads/feature", f"git/tags/{sha}"):
        assert (await world.call("GET", f"{REPO}/{path}")).status == 404


async def test_a_commit_is_found_by_any_of_its_names(world: World) -> None:
    sha = world.repository.commit("a.txt", "1\n2\n")
    world.repository.branch("feature/a")
    world.repository.git("tag", "-a", "v1", "-m", "One")
    for ref in ("main", "feature/a", "v1", sha, sha[:8]):
        shown = (await world.call("GET", f"{REPO}/commits/{ref}")).json
        assert shown["sha"] == sha
    assert shown["stats"] == {"additions": 2, "deletions": 0, "total": 2}
    assert [one["filename"] for one in shown["files"]] == ["a.txt"]
    reply = await world.call("GET", f"{REPO}/commits/nowhere")
    assert reply.status == 422
    assert reply.json["message"] == "No commit found for SHA: nowhere"


async def test_the_sha_alone_is_its_own_etag(world: World) -> None:
    sha = world.repository.commit()
    only = {"Accept": "application/vnd.github.sha"}
    reply = await world.call("GET", f"{REPO}/commits/main", headers=only)
    assert reply.raw.decode() == sha
    only["If-None-Match"] = reply.headers["etag"]
    again = await world.call("GET", f"{REPO}/commits/main", headers=only)
    assert again.status == 304


async def test_two_commits_are_compared(world: World) -> None:
    base = world.repository.git("rev-parse", "main")
    world.repository.branch("topic")
    topic = world.repository.commit("topic.txt")
    path = f"{REPO}/compare/main...topic"
    ahead = (await world.call("GET", path)).json
    assert (ahead["status"], ahead["ahead_by"], ahead["behind_by"]) == ("ahead", 1, 0)
    assert [one["sha"] for one in ahead["commits"]] == [topic]
    world.repository.git("checkout", "-q", "main")
    world.repository.commit("main.txt")
    both = (await world.call("GET", path)).json
    assert (both["status"], both["behind_by"]) == ("diverged", 1)
    assert both["merge_base_commit"]["sha"] == base
    assert (await world.call("GET", f"{REPO}/compare/main...x")).status == 404


async def test_files_and_directories_are_read_at_a_ref(world: World) -> None:
    old = world.repository.commit("ops/deploy.yml", "old\n")
    world.repository.commit("ops/deploy.yml", "new\n")
    path = f"{REPO}/contents/ops/deploy.yml"

    async def text(query: str) -> str:
        found = (await world.call("GET", path + query)).json
        return base64.b64decode(found["content"]).decode()

    assert await text("") == "new\n"
    assert await text(f"?ref={old}") == "old\n"
    raw = {"Accept": "application/vnd.github.raw+json"}
    assert (await world.call("GET", path, headers=raw)).raw == b"new\n"
    listed = (await world.call("GET", f"{REPO}/contents/ops")).json
    assert [(one["type"], one["path"]) for one in listed] == [
        ("file", "ops/deploy.yml")
    ]
    assert (await world.call("GET", f"{REPO}/contents/none")).status == 404
    assert (await world.call("GET", f"{path}?ref=none")).status == 404


async def test_commits_are_listed_newest_first(world: World) -> None:
    made = [world.repository.commit(text=f"{n}\n") for n in range(3)]
    listed = (await world.call("GET", f"{REPO}/commits?per_page=3")).json
    assert [one["sha"] for one in listed] == made[::-1]


async def test_an_author_is_known_by_the_address_of_an_account(world: World) -> None:
    world.repository.commit()
    git = world.repository.git
    address = "mona@users.noreply.github.sandbox"
    git("commit", "-q", "--allow-empty", "-m", "x", "--author", f"Mona <{address}>")
    known, unknown = (await world.call("GET", f"{REPO}/commits?per_page=2")).json
    assert known["author"]["login"] == "mona"
    assert (known["committer"], unknown["author"]) == (None, None)


async def test_the_default_branch_is_not_what_a_person_has_checked_out(
    world: World,
) -> None:
    world.repository.branch("topic")
    world.repository.commit()
    assert (await world.call("GET", REPO)).json["default_branch"] == "main"
