"""The sandbox's GraphQL schema is a part of GitHub's."""

from functools import cache
from typing import Any

import pytest
from graphql import GraphQLSchema, build_schema, is_enum_type, is_union_type, print_ast

from github_sandbox.graph import SCHEMA

from .published import need

_USER = "scalar URI type Query { a: User } type User"


@cache
def githubs() -> GraphQLSchema:
    # GitHub's own file repeats a field, which a strict reading refuses.
    text = need("schema.graphql").read_text()
    return build_schema(text, assume_valid=True, assume_valid_sdl=True)


def differences(ours: GraphQLSchema, theirs: GraphQLSchema) -> list[str]:
    found: list[str] = []
    for name, kind in ours.type_map.items():
        if not name.startswith("__"):
            found += _differing_type(name, kind, theirs.type_map.get(name))
    return found


def _differing_type(name: str, ours: Any, theirs: Any) -> list[str]:
    if type(theirs) is not type(ours):
        return [f"{name} is not GitHub's"]
    if is_enum_type(ours):
        return [
            f"{name}.{value}" for value in ours.values.keys() - theirs.values.keys()
        ]
    if is_union_type(ours):
        known = {kind.name for kind in theirs.types}
        return [f"{name}: {kind}" for kind in ours.types if kind.name not in known]
    interfaces = {kind.name for kind in getattr(theirs, "interfaces", ())}
    found = [
        f"{name} implements {kind}"
        for kind in getattr(ours, "interfaces", ())
        if kind.name not in interfaces
    ]
    for field, about in getattr(ours, "fields", {}).items():
        found += _differing_field(f"{name}.{field}", about, theirs.fields.get(field))
    return found


def _differing_field(name: str, ours: Any, theirs: Any) -> list[str]:
    if theirs is None or str(ours.type) != str(theirs.type):
        return [name]
    known = getattr(theirs, "args", {})
    return [
        f"{name}({argument}:)"
        for argument, about in getattr(ours, "args", {}).items()
        if argument not in known
        or str(about.type) != str(known[argument].type)
        or _default(about) != _default(known[argument])
    ]


def _default(argument: Any) -> str | None:
    value = argument.ast_node.default_value
    return print_ast(value) if value else None


def test_all_of_it_is_in_githubs() -> None:
    assert differences(SCHEMA, githubs()) == []


@pytest.mark.parametrize(
    ("sdl", "difference"),
    [
        ("type Query { a: Int }", "Query.a"),
        ("type Query { viewer: User } type User { login: String! }", "Query.viewer"),
        ("type Query { a: Int } type User { b: Int }", "User.b"),
        ("type Query { a: Surprise } type Surprise { b: Int }", "Surprise is not"),
        ("type Query { rateLimit(wet: Boolean): Int }", "Query.rateLimit"),
        ("type Query { a: StatusState } enum StatusState { B }", "StatusState.B"),
        (f"{_USER} {{ avatarUrl(size: Int = 7): URI! }}", "User.avatarUrl(size:)"),
        (f"{_USER} {{ avatarUrl(wide: Int): URI! }}", "User.avatarUrl(wide:)"),
    ],
)
def test_whatever_is_not_githubs_is_named(sdl: str, difference: str) -> None:
    found = differences(build_schema(sdl), githubs())
    assert any(one.startswith(difference) for one in found)
