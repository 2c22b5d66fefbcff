"""What is asked in GraphQL is a question to GitHub, and what it costs."""

from collections.abc import Iterator

import pytest
from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    InlineFragmentNode,
    IntValueNode,
    OperationDefinitionNode,
    SelectionNode,
    SelectionSetNode,
    parse,
    validate,
)

from shared.github.questions import TAGS
from verifier.github.questions import COMPARE, GATE, OBJECT

from .test_graphql_schema import githubs


def requests(question: str, *, by_id: bool = False) -> int:
    """So many requests GitHub counts: one for each page of each connection."""
    document = parse(question)
    (operation,) = (
        node
        for node in document.definitions
        if isinstance(node, OperationDefinitionNode)
    )
    return _requests(document, operation.selection_set, 1, by_id=by_id)


def _requests(
    document: DocumentNode, among: SelectionSetNode | None, times: int, *, by_id: bool
) -> int:
    total = 0
    for node, inside in _asked(document, among, by_id=by_id):
        first = _first(node)
        total += times if first else 0
        total += _requests(document, inside, times * (first or 1), by_id=by_id)
    return total


def _asked(
    document: DocumentNode, among: SelectionSetNode | None, *, by_id: bool
) -> Iterator[tuple[SelectionNode, SelectionSetNode | None]]:
    for node in among.selections if among else ():
        names = {directive.name.value for directive in node.directives or ()}
        if names & ({"skip"} if by_id else {"include"}):
            continue
        if isinstance(node, FragmentSpreadNode):
            yield node, _fragment(document, node.name.value).selection_set
        elif isinstance(node, FieldNode | InlineFragmentNode):
            yield node, node.selection_set


def _fragment(document: DocumentNode, name: str) -> FragmentDefinitionNode:
    return next(
        node
        for node in document.definitions
        if isinstance(node, FragmentDefinitionNode) and node.name.value == name
    )


def _first(node: SelectionNode) -> int:
    """How many nodes it asks for, if it is a connection."""
    for argument in (isinstance(node, FieldNode) and node.arguments) or ():
        if argument.name.value == "first":
            assert isinstance(argument.value, IntValueNode)
            return int(argument.value.value)
    return 0


@pytest.mark.parametrize("question", [GATE, OBJECT, COMPARE, TAGS])
def test_github_understands_it(question: str) -> None:
    assert validate(githubs(), parse(question)) == []


@pytest.mark.parametrize("by_id", [False, True])
def test_a_verification_costs_two_points(by_id: bool) -> None:
    # GitHub divides by a hundred: suites, their runs and contexts, of what is meant
    # and of what that points to if it is a tag.
    assert requests(GATE, by_id=by_id) == requests(OBJECT) == 2 * (1 + 100 + 1)
    assert requests(COMPARE) == 0


def test_a_hundred_tags_cost_one_point() -> None:
    assert requests(TAGS) == 1


def test_what_github_does_not_know_is_noticed() -> None:
    assert validate(githubs(), parse(GATE.replace("databaseId", "number"))) != []
