"""`${…}`: what it becomes, and how its mistakes are told where they were written."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.deploy_yml import ConfigError, read
from shared.deploy_yml.variables import MAX_PROBLEMS, evaluate

from .expressions import CASES

NAMES = "GITPLOY_DEPLOY_TASK, GITPLOY_ROLLBACK_TASK, GITPLOY_IS_ROLLBACK"
UNCLOSED = "`${` is not closed by `}` in its line; write `$${` for the text"
NOT_ONE = "`${` begins no variable here; write `$${` for the text itself"
NO_FUNCTION = "`${…}` has no function like this"
NO_NUMBER = "`${…:n:length}` takes whole numbers from 0 to 9999"
QUOTE = "`${…}` has no place for ': protect it with a backslash"
TOO_LONG = "`${…}` is longer than 1,000 characters"
TOO_DEEP = "`${…}` is nested too deeply"
#: An expression up to where its function stands, in column 22.
TASK = "${GITPLOY_DEPLOY_TASK"


def unknown(name: str) -> str:
    return (
        f"there is no variable `{name}`, only {NAMES}; write `$${{` for the text "
        "`${` itself"
    )


def mistakes(text: str) -> list[tuple[int, int, str]]:
    _, problems = evaluate(text, rollback=False)
    return sorted((p.line, p.column, p.message) for p in problems)


@pytest.mark.parametrize(("expression", "deploying", "rolling_back"), CASES)
def test_an_expression_is_what_bash_makes_of_it(
    expression: str, deploying: str, rolling_back: str
) -> None:
    for rollback, expected in ((False, deploying), (True, rolling_back)):
        source, problems = evaluate(expression, rollback=rollback)
        assert (source.text, problems) == (expected, [])


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("^main$", "^main$"),
        ("$$ $x $(y) $", "$$ $x $(y) $"),
        ("a{2}$", "a{2}$"),
        ("$${GITPLOY_DEPLOY_TASK}", "${GITPLOY_DEPLOY_TASK}"),
        ("$${HOME}/$${X:-y}", "${HOME}/${X:-y}"),
    ],
)
def test_a_dollar_alone_is_safe(text: str, expected: str) -> None:
    source, problems = evaluate(text, rollback=False)
    assert (source.text, problems) == (expected, [])


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a\nb ${HOME}", [(2, 3, unknown("HOME"))]),
        ("${A}" + TASK + ":-${B}}", [(1, 1, unknown("A")), (1, 28, unknown("B"))]),
        (TASK, [(1, 1, UNCLOSED)]),
        (TASK + ":-\n}", [(1, 1, UNCLOSED)]),
        (TASK + ":-\\\n}", [(1, 1, UNCLOSED)]),
        ("${", [(1, 1, UNCLOSED)]),
        ("${}", [(1, 1, NOT_ONE)]),
        ("${1}", [(1, 1, NOT_ONE)]),
        (TASK + ":+x}", [(1, 23, NO_NUMBER)]),
        (TASK + ":01}", [(1, 23, NO_NUMBER)]),
        (TASK + ":1:-2}", [(1, 25, NO_NUMBER)]),
        (TASK + "@Q}", [(1, 22, NO_FUNCTION)]),
        (TASK + "^^x}", [(1, 24, NO_FUNCTION)]),
        (TASK + "#[z-a]}", [(1, 23, "`[z-a]` is no pattern of a shell")]),
        (TASK + ":-'x'}", [(1, 24, QUOTE)]),
        (TASK + ":-" + "x" * 1000 + "}", [(1, 1, TOO_LONG)]),
        ((TASK + ":-") * 6, [
            *((1, 1 + 23 * i, UNCLOSED) for i in range(1, 6)),
            (1, 1 + 23 * 5, TOO_DEEP),
        ]),
    ],
)  # fmt: skip
def test_a_mistake_is_told_with_its_place(
    text: str, expected: list[tuple[int, int, str]]
) -> None:
    assert mistakes(text) == expected


def test_not_everything_is_told_of_a_text_full_of_mistakes() -> None:
    assert len(mistakes("${" * 100_000)) == MAX_PROBLEMS


def test_what_is_found_later_stands_where_it_was_written() -> None:
    text = (
        "envs:\n"
        '- {name: "${GITPLOY_DEPLOY_TASK:-x}-${GITPLOY_IS_ROLLBACK}", foo: 1}\n'
        "- {name: '$${x}', task: ${GITPLOY_DEPLOY_TASK}, bar: 1}\n"
        "- baz: 1\n"
    )
    with pytest.raises(ConfigError) as error:
        read(text)
    places = [(p.line, p.column) for p in error.value.problems]
    assert places == [(2, 62), (3, 49), (4, 3), (4, 3)]


def test_a_value_that_came_of_an_expression_stands_where_that_begins() -> None:
    with pytest.raises(ConfigError) as error:
        read("envs: [x, ${GITPLOY_IS_ROLLBACK}, y]")
    assert [p.column for p in error.value.problems] == [8, 11, 35]


def test_what_is_longer_than_its_expression_stands_inside_it() -> None:
    expression = f"${{GITPLOY_IS_ROLLBACK//?/{'x' * 30}}}"
    source, _ = evaluate(f"{expression} y", rollback=False)
    columns = [source.problem(i, "").column for i in range(len(source.text))]
    end = len(expression)
    assert columns[-3:] == [end, end + 1, end + 2]
    assert columns == sorted(columns)


def test_a_line_with_a_bad_expression_is_not_blamed_for_more() -> None:
    with pytest.raises(ConfigError) as error:
        read("envs:\n- name: ${OOPS}\n  auto_merge: ${OH}\n  foo: 1\n")
    assert [p.line for p in error.value.problems] == [2, 3, 4]


def test_a_rollback_is_another_file() -> None:
    text = "envs: [{name: a, task: '${GITPLOY_DEPLOY_TASK:-back}', auto_merge: ${X}}]"
    text = text.replace("${X}", "${GITPLOY_IS_ROLLBACK}")
    deploying, back = read(text).envs["a"], read(text, rollback=True).envs["a"]
    assert (deploying.task, deploying.auto_merge) == ("deploy", False)
    assert (back.task, back.auto_merge) == ("back", True)


PIECES = st.sampled_from([
    "${", "}", "$${", TASK, "GITPLOY_ROLLBACK_TASK", "X", "\\", "\n", "[", "]", "!",
    "*", "?", "a-z", "/", "//", "/#", "/%", "#", "##", "%", ":", ":-", "=", "'", "9",
    "^", "[:alpha:]", "[:x:]", "é", " ",
])  # fmt: skip


@given(text=st.lists(PIECES, max_size=30).map("".join), rollback=st.booleans())
def test_any_text_has_places_inside_it(text: str, *, rollback: bool) -> None:
    source, problems = evaluate(text, rollback=rollback)
    lines = text.split("\n")
    found = [source.problem(i, "") for i in range(len(source.text) + 1)]
    for problem in [*problems, *found]:
        assert 1 <= problem.line <= len(lines)
        assert 1 <= problem.column <= len(lines[problem.line - 1]) + 1
    assert source.text.count("\n") == text.count("\n")
    order = [(p.line, p.column) for p in found]
    assert order == sorted(order)
