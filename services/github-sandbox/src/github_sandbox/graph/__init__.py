"""GitHub's GraphQL API: parsed, validated and executed, not matched as text.

Nodes are dictionaries of values and, for what costs something, of functions that are
called when a query asks for them. A query runs on git's thread, where its questions
to git may block. Documents are kept parsed, because clients send few different ones.
"""

from functools import lru_cache
from importlib.resources import files
from typing import Any

from graphql import (
    DocumentNode,
    GraphQLError,
    GraphQLInt,
    build_schema,
    execute_sync,
    parse,
    validate,
)

from github_sandbox.bodies import read_json
from github_sandbox.errors import ApiError
from github_sandbox.graph.repository import query_root
from github_sandbox.sandbox import Answer, Call

_SDL = files(__package__).joinpath("schema.graphql").read_text()
SCHEMA = build_schema(_SDL)


# GitHub's `databaseId: Int` exceeds GraphQL's 32 bits, and so do ours.
GraphQLInt.coerce_output_value = int


async def answer(call: Call) -> Answer:
    body = read_json(call.raw_body)
    query = body.get("query") if isinstance(body, dict) else None
    if not isinstance(query, str):
        raise ApiError(400, "A query attribute must be specified and must be a string.")
    parsed = _parse(query)
    if isinstance(parsed, list):
        return Answer({"errors": parsed})
    return Answer(await call.git.run(_execute, call, parsed, body))


@lru_cache(maxsize=128)
def _parse(query: str) -> DocumentNode | list[dict[str, Any]]:
    try:
        document = parse(query)
    except GraphQLError as error:
        return [_shaped(error)]
    return [_shaped(error) for error in validate(SCHEMA, document)] or document


def _execute(call: Call, document: DocumentNode, body: dict[str, Any]) -> Any:
    result = execute_sync(
        SCHEMA,
        document,
        query_root(call),
        variable_values=body.get("variables") or {},
        operation_name=body.get("operationName"),
    )
    if result.errors:
        return {"data": result.data, "errors": [_shaped(e) for e in result.errors]}
    return {"data": result.data}


def _shaped(error: GraphQLError) -> dict[str, Any]:
    """GitHub puts the kind of an error beside its message."""
    shaped: dict[str, Any] = dict(error.formatted)
    return shaped | dict(shaped.pop("extensions", {}))
