import pytest
from hypothesis import given
from hypothesis import strategies as st

from gitploy.failing import WRONG, CommandError
from gitploy.picking import picked, program_of

DOCUMENT = {
    "name": "shop",
    "edges": {"user": {"login": "ada"}},
    "a.b": 3,
    "list": [{"n": 1, "of": {"x": 5}}, {"n": 2}],
    "7": "seven",
}


@pytest.mark.parametrize(
    ("path", "found"),
    [
        ("name", "shop"),
        ("edges.user.login", "ada"),
        ("a\\.b", 3),
        ("list.1.n", 2),
        ("list.#", 2),
        ("list.#.n", [1, 2]),
        ("list.#.of.x", [5]),
        ("7", "seven"),
        ("nothing.at.all", None),
        ("name.inside", None),
    ],
)
def test_a_path_finds_what_it_found_for_gitploy(path: str, found: object) -> None:
    assert picked(DOCUMENT, program_of(path)) == [found]


def test_a_program_that_is_none_is_said_so() -> None:
    with pytest.raises(CommandError, match=r"syntax error.*column 3\.$") as ended:
        picked(DOCUMENT, ".[0")
    assert ended.value.code == WRONG


@pytest.mark.parametrize(
    "path", ["", "a..b", ".a", "a.", "list.#(n==1)", "a|b", "@reverse", "na*e", "{a,b}"]
)
def test_a_path_that_says_more_is_not_guessed_at(path: str) -> None:
    with pytest.raises(CommandError, match="--jq can") as ended:
        program_of(path)
    assert ended.value.code == WRONG


@given(st.text(min_size=1).filter(lambda name: name != "#" and not name.isdecimal()))
def test_every_name_can_be_written(name: str) -> None:
    escaped = "".join(f"\\{c}" if c in r"\.*?|@!{[(" else c for c in name)
    assert picked({name: 1}, program_of(escaped)) == [1]


def test_a_program_that_does_not_fit_is_told_in_a_line() -> None:
    with pytest.raises(CommandError) as ended:
        picked(3, ".a.b")
    assert "\n" not in str(ended.value)
