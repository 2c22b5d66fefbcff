"""The repository itself: shown, renamed, archived, deleted."""

import re

from github_sandbox import shapes, webhooks
from github_sandbox.bodies import Field, read_body
from github_sandbox.errors import validation_failed
from github_sandbox.sandbox import Answer, Call

_FIELDS = {"name": Field(), "archived": Field((bool,))}
_NAME = re.compile(r"[A-Za-z0-9._-]{1,100}")


async def show(call: Call) -> Answer:
    told = shapes.full_repository(call.links, call.sandbox.facts, call.role)
    return Answer(told)


async def update(call: Call) -> Answer:
    body = read_body(call.raw_body, "Repository", _FIELDS)
    if "name" in body:
        _rename(call, body["name"])
    if "archived" in body:
        _archive(call, archived=body["archived"])
    return await show(call)


async def delete(call: Call) -> Answer:
    """GitHub tells hooks of organizations, and those of the repository unless told."""
    if call.sandbox.faults.webhooks("deleted"):
        webhooks.repository_changed(call, "deleted")
    call.store.repositories.update(call.sandbox.repository, deleted=True)
    return Answer(status=204)


def _rename(call: Call, name: str) -> None:
    if not _NAME.fullmatch(name):
        raise validation_failed("Repository", "name", "name is invalid")
    known = call.sandbox.repository
    owner, _, before = known.full_name.partition("/")
    full_name = f"{owner}/{name}"
    if full_name == known.full_name:
        return
    former = [one for one in [*known.former_names, known.full_name] if one != full_name]
    call.store.repositories.update(known, full_name=full_name, former_names=former)
    call.links = call.sandbox.links(call.links.base)
    changes = {"repository": {"name": {"from": before}}}
    webhooks.repository_changed(call, "renamed", changes)


def _archive(call: Call, *, archived: bool) -> None:
    if archived == call.sandbox.repository.archived:
        return
    call.store.repositories.update(call.sandbox.repository, archived=archived)
    webhooks.repository_changed(call, "archived" if archived else "unarchived")
