"""Branches, tags and refs, as git has them at this moment."""

import pygit2

from github_sandbox.errors import ApiError, not_found
from github_sandbox.git import person
from github_sandbox.paging import page_of
from github_sandbox.sandbox import Answer, Call
from github_sandbox.shapes import commits as shapes

_HEADS, _TAGS = "refs/heads/", "refs/tags/"


async def list_branches(call: Call) -> Answer:
    page, links = page_of(call, await call.git.run(_tips, call, _HEADS))
    shaped = [shapes.short_branch(call.links, name, sha) for name, sha in page]
    return Answer(shaped, headers=links)


async def list_tags(call: Call) -> Answer:
    page, links = page_of(call, (await call.git.run(_tips, call, _TAGS))[::-1])
    return Answer(
        [shapes.tag(call.links, name, sha) for name, sha in page], headers=links
    )


async def show_branch(call: Call) -> Answer:
    name = call.where["branch"]
    found = await call.git.run(call.git.named, _HEADS + name)
    if found is None:
        raise ApiError(404, "Branch not found")
    tip = await call.git.run(call.git.commit, found.commit)
    return Answer(shapes.branch(call.links, name, tip))


async def show_ref(call: Call) -> Answer:
    return Answer(await call.git.run(_ref, call, f"refs/{call.where['ref']}"))


async def show_tag(call: Call) -> Answer:
    return Answer(await call.git.run(_annotated, call, call.where["sha"]))


def _tips(call: Call, prefix: str) -> list[tuple[str, str]]:
    """The short names and commits; tags of other things are left out."""
    refs = sorted(call.git.refs().items())
    tips = [
        (name.removeprefix(prefix), call.git.peel(sha))
        for name, sha in refs
        if name.startswith(prefix)
    ]
    return [(name, sha) for name, sha in tips if sha]


def _ref(call: Call, ref: str) -> dict[str, object]:
    target = call.git.target(ref)
    if target is None:
        raise not_found()
    return shapes.git_ref(call.links, ref, target.type_str, str(target.id))


def _annotated(call: Call, sha: str) -> dict[str, object]:
    found = call.git.object(sha)
    if not isinstance(found, pygit2.Tag):
        raise not_found()
    target = found.get_object()
    return shapes.git_tag(
        call.links,
        sha=str(found.id),
        name=found.name or "",
        message=found.raw_message.decode("utf-8", "replace"),
        tagger=person(found.tagger),
        target=(target.type_str, str(target.id)),
    )
