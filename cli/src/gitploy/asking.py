"""What every command that asks the gateway has in common, as one decorator.

It adds the options that say where, as whom and in which form, guesses the repository
where none is named, and tells an error in a sentence.
"""

import asyncio
import inspect
import os
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any, Concatenate, Final, ParamSpec

import typer
from typer.core import TyperCommand

from gitploy.arguments import REPO, SHARED
from gitploy.failing import CommandError, told
from gitploy.local.system import Api, find_api
from gitploy.output import Output
from gitploy.picking import program_of
from gitploy.reaching import reach
from gitploy.remotes import NAME, repository_of

if TYPE_CHECKING:
    from gitploy.client import Client

P = ParamSpec("P")


@dataclass(frozen=True)
class Asked:
    """With what a command works."""

    client: "Client"
    out: Output
    api: Api


#: What a command does.
Work = Callable[Concatenate[Asked, P], Awaitable[None]]

#: Typer passes it.
CONTEXT: Final = inspect.Parameter(
    "ctx", inspect.Parameter.KEYWORD_ONLY, annotation=typer.Context
)


class RepositoryFirst(TyperCommand):
    """A command whose first argument, the repository, may be left out.

    It is as if it were empty, where a later one would be missing.
    """

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        if not ctx.resilient_parsing and self._lacks_one(ctx, args):
            args = ["", *args]
        return super().parse_args(ctx, args)

    def _lacks_one(self, ctx: Any, args: list[str]) -> bool:
        arguments = [p for p in self.params if p.param_type_name == "argument"]
        if not arguments or arguments[0].name != "repository":
            return False
        words, _, _ = self.make_parser(ctx).parse_args(args=list(args))
        given = [words.get(each.name or "") for each in arguments]
        needed = [each.required for each in arguments]
        if given[0] is None or given[-1] is not None:
            return False
        if not NAME.fullmatch(given[0]):
            return True
        # It may be an environment with a slash, if the repository is known otherwise.
        return (True, None) in zip(needed, given, strict=True) and _is_known(words)


def _is_known(words: Mapping[str, Any]) -> bool:
    """Whether something else than the first word names the repository."""
    if words.get("repo") or os.environ.get("GITPLOY_REPO"):
        return True
    try:
        return bool(repository_of(None))
    except CommandError:
        return False


def command(
    app: typer.Typer,
    *names: str,
    hidden: bool = False,
    panel: str | None = None,
    cls: type[RepositoryFirst] = RepositoryFirst,
) -> Callable[[Work[P]], Work[P]]:
    """Offer a function as a command, under each of the names; the first is shown."""

    def offer(work: Work[P]) -> Work[P]:
        made = asking(work)
        for name in names:
            old = hidden or name != names[0]
            app.command(name, cls=cls, hidden=old, rich_help_panel=panel)(made)
        return work

    return offer


def asking(work: Work[P]) -> Callable[..., None]:
    """Give a function the options, and the gateway that they name."""
    _, *own = inspect.signature(work, eval_str=True).parameters.values()
    names = {each.name for each in own}
    shared = [*SHARED, REPO] if "repository" in names else SHARED
    added = [
        inspect.Parameter(
            name, inspect.Parameter.KEYWORD_ONLY, default=default, annotation=kind
        )
        for name, kind, default in shared
    ]

    # What it takes is known to typer alone, which reads the signature.
    run: Callable[..., Awaitable[None]] = work

    @wraps(work)
    def asked(
        ctx: typer.Context,
        *,
        host: str | None,
        token: str | None,
        data: Path | None,
        as_json: bool,
        jq: str | None,
        query: str | None,
        repo: str | None = None,
        **given: Any,
    ) -> None:
        # Gitploy's own command took them before the name of the command.
        before = ctx.find_root().params
        host, token = before.get("_host") or host, before.get("_token") or token
        query = before.get("_query") or query
        with told():
            out = Output(as_json=as_json, program=_program(jq, query))
            if "repository" in names:
                given["repository"] = repository_of(given["repository"] or repo)
            api = find_api(data, host, token) if data else reach(host, token)
            asyncio.run(_ask(api, out, lambda ask: run(ask, **given)))

    every = [CONTEXT, *(_by_name(each) for each in own), *added]
    asked.__signature__ = inspect.Signature(every)  # type: ignore[attr-defined]
    asked.__annotations__ = {each.name: each.annotation for each in every}
    return asked


def _by_name(own: inspect.Parameter) -> inspect.Parameter:
    """As it is passed; the repository may be left out, though others follow it."""
    default = "" if own.name == "repository" else own.default
    return own.replace(kind=inspect.Parameter.KEYWORD_ONLY, default=default)


async def _ask(api: Api, out: Output, work: Callable[[Asked], Awaitable[None]]) -> None:
    from gitploy.client import reached  # noqa: PLC0415 - takes a moment
    from gitploy.refusals import Refused  # noqa: PLC0415

    try:
        async with reached(api.url, api.token) as client:
            await work(Asked(client, out, api))
    except Refused as refused:
        if out.for_programs and refused.body:
            out.document(refused.body)
        raise


def _program(jq: str | None, query: str | None) -> str | None:
    if jq is not None and query is not None:
        raise CommandError("Give --jq or --query, not both.", 2)
    return program_of(query) if query is not None else jq
