"""`deploy.yml`: what it says now, or would say at another ref, and its schema."""

from collections.abc import Sequence
from datetime import timedelta
from functools import cache
from typing import Any

import orjson
from aiohttp import web

from api_gateway.read_model.documents import Document
from shared.deploy_yml import Env, durations, schema, unanchored

from . import answers
from .answering import BASE, answer
from .bodies import ConfigQuery
from .browsing import ERRORS, aged
from .lookup import Lookup
from .operation import Need, Operation
from .rules import RulesReader, shown_problem

#: Editors read it without a token.
SCHEMA = "/deploy.schema.json"
KEPT_S = 3600


class Config:
    def __init__(self, lookup: Lookup, reader: RulesReader) -> None:
        self._lookup = lookup
        self._reader = reader

    async def show(self, request: web.Request, query: ConfigQuery) -> web.Response:
        """What the file says at the head of the default branch, or at a ref."""
        known = await self._lookup.repository_document(request)
        told = await self._reader.read(known, query.ref)
        rules, place = told.value
        return answer(
            {
                "envs": [_written(env) for env in rules.envs.values()],
                **place,
                "warnings": [shown_problem(p) for p in unanchored(rules, [])],
            },
            headers=aged(told),
        )

    def operations(self) -> Sequence[Operation]:
        """What can be done with the resource."""
        return [
            Operation(
                "GET",
                f"{BASE}/config",
                self.show,
                Need.READ,
                answers={200: answers.Config},
                errors=["config_parse_error", *ERRORS],
            ),
            Operation(
                "GET",
                SCHEMA,
                show_schema,
                Need.NOBODY,
                answers={200: dict[str, Any]},
                media="application/schema+json",
            ),
        ]


async def show_schema(_: web.Request) -> web.Response:
    """The JSON Schema of `deploy.yml`."""
    return web.Response(
        body=_schema(),
        content_type="application/schema+json",
        headers={"Cache-Control": f"max-age={KEPT_S}"},
    )


@cache
def _schema() -> bytes:
    return orjson.dumps(schema(), option=orjson.OPT_INDENT_2)


def _written(env: Env) -> Document:
    """An environment as somebody would write it, with all that it does not say."""
    document = _shown(env.model_dump())
    return dict(document)


def _shown(value: Any) -> Any:
    match value:
        case timedelta():
            return durations.shown(value)
        case dict():
            return {name: _shown(part) for name, part in value.items()}
        case list() | tuple():
            return [_shown(part) for part in value]
        case _:
            return value
