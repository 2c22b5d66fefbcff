"""What PostgreSQL and SQLite say differently, for statements that both understand.

Many values are one parameter, however many they are: a statement takes only so many,
and one for each value would make another statement of each number of values.
"""

import json
from collections.abc import Collection
from typing import Any, cast

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Dialect,
    FromClause,
    Select,
    Text,
    TypeDecorator,
    column,
    literal,
)
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement
from sqlalchemy.types import TypeEngine


class _Numbers(TypeDecorator[Collection[int]]):
    """An array where there are arrays, and else JSON."""

    impl = Text
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        if dialect.name == "postgresql":
            return dialect.type_descriptor(ARRAY(BigInteger))
        return dialect.type_descriptor(Text())

    def process_bind_param(
        self, value: Collection[int] | None, dialect: Dialect
    ) -> Any:
        numbers = sorted(value or ())
        return numbers if dialect.name == "postgresql" else json.dumps(numbers)

    def process_result_value(self, value: Any, dialect: Dialect) -> list[int]:
        if dialect.name == "postgresql":
            return value or []
        return cast("list[int]", json.loads(value))


class _Each(FunctionElement[int]):
    inherit_cache = True


class _Among(FunctionElement[bool]):
    # It has no type: a Boolean would be compared with 1 where there are none.
    inherit_cache = True


class _AmongSelected(_Among):
    inherit_cache = True


class _Gathered(FunctionElement[Collection[int]]):
    inherit_cache = True
    type = _Numbers()


class _Bytewise(FunctionElement[str]):
    inherit_cache = True


def each(numbers: Collection[int]) -> FromClause:
    """A table of them, with the column `id`."""
    given = literal(numbers, _Numbers())
    return _Each(given).table_valued(column("id", BigInteger))


def among(one: ColumnElement[int], numbers: Collection[int]) -> ColumnElement[bool]:
    """Whether it is one of them."""
    return _Among(one, literal(numbers, _Numbers()))


def among_selected(
    one: ColumnElement[int], numbers: Select[int]
) -> ColumnElement[bool]:
    """Whether it is one of those, which are few: they are selected first.

    With a plain `IN` PostgreSQL would look at all that there are, and compare.
    """
    return _AmongSelected(one, numbers.scalar_subquery())


def gathered(numbers: ColumnElement[int]) -> ColumnElement[Collection[int]]:
    """All of them as one value: a row for each would take ten times as long."""
    return _Gathered(numbers)


def bytewise(text: ColumnElement[str]) -> ColumnElement[str]:
    """In the order in which Python has it, whatever language a database speaks."""
    return _Bytewise(text)


@compiles(_Each, "postgresql")
def _each_of_array(element: _Each, compiler: SQLCompiler, **kw: Any) -> str:
    return f"(SELECT unnest({compiler.process(element.clauses, **kw)}) AS id)"


@compiles(_Each)
def _each_of_json(element: _Each, compiler: SQLCompiler, **kw: Any) -> str:
    given = compiler.process(element.clauses, **kw)
    # It is a parameter.
    return f"(SELECT value AS id FROM json_each({given}))"  # noqa: S608


@compiles(_Among, "postgresql")
def _among_array(element: _Among, compiler: SQLCompiler, **kw: Any) -> str:
    one, numbers = (compiler.process(part, **kw) for part in element.clauses)
    return f"{one} = ANY ({numbers})"


@compiles(_Among)
def _among_json(element: _Among, compiler: SQLCompiler, **kw: Any) -> str:
    one, numbers = (compiler.process(part, **kw) for part in element.clauses)
    # The second is a parameter.
    return f"{one} IN (SELECT value FROM json_each({numbers}))"  # noqa: S608


@compiles(_AmongSelected, "postgresql")
def _among_selected_array(element: _Among, compiler: SQLCompiler, **kw: Any) -> str:
    one, numbers = (compiler.process(part, **kw) for part in element.clauses)
    return f"{one} = ANY (ARRAY{numbers})"


@compiles(_AmongSelected)
def _among_selected(element: _Among, compiler: SQLCompiler, **kw: Any) -> str:
    one, numbers = (compiler.process(part, **kw) for part in element.clauses)
    return f"{one} IN {numbers}"


@compiles(_Gathered, "postgresql")
def _gathered_as_array(element: _Gathered, compiler: SQLCompiler, **kw: Any) -> str:
    return f"array_agg({compiler.process(element.clauses, **kw)})"


@compiles(_Gathered)
def _gathered_as_json(element: _Gathered, compiler: SQLCompiler, **kw: Any) -> str:
    return f"json_group_array({compiler.process(element.clauses, **kw)})"


@compiles(_Bytewise, "postgresql")
def _in_c(element: _Bytewise, compiler: SQLCompiler, **kw: Any) -> str:
    return f'{compiler.process(element.clauses, **kw)} COLLATE "C"'


@compiles(_Bytewise)
def _as_it_is(element: _Bytewise, compiler: SQLCompiler, **kw: Any) -> str:
    return compiler.process(element.clauses, **kw)
