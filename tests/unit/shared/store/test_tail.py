"""The tail gives what follows a position, or nothing: never with something left out."""

from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from shared.store.recording import Logged
from shared.store.tail import KEPT, Tail
from shared.testing import said
from shared.testing.streams import Noted

MESSAGE = said(Noted(text="a"))


def rows(*positions: int) -> list[Logged]:
    return [Logged(position, UUID(int=position), MESSAGE) for position in positions]


def test_it_gives_what_follows() -> None:
    tail = Tail()
    assert (tail.after(0, 10), tail.end) == ([], 0)
    tail.add(rows(4, 5))
    tail.add(rows(6))
    assert tail.after(3, 10) == rows(4, 5, 6)
    assert tail.after(4, 1) == rows(5)
    assert (tail.after(6, 10), tail.end) == ([], 6)


def test_it_does_not_know_what_came_before() -> None:
    tail = Tail()
    tail.add(rows(4, 5))
    assert tail.after(2, 10) == []


def test_it_keeps_only_the_newest() -> None:
    tail = Tail()
    for position in range(1, KEPT + 2):
        tail.add(rows(position))
    assert tail.after(0, 10) == []
    assert len(tail.after(1, 2 * KEPT)) == KEPT


@given(st.lists(st.tuples(st.booleans(), st.integers(1, 3)), max_size=20))
def test_who_reads_where_it_gives_nothing_misses_nothing(
    commits: list[tuple[bool, int]],
) -> None:
    """Ours are added; others' are not, and only the database knows of them."""
    tail, log = Tail(), list[Logged]()
    for ours, count in commits:
        new = rows(*range(len(log) + 1, len(log) + count + 1))
        log += new
        if ours:
            tail.add(new)
    for after in range(len(log)):
        given = tail.after(after, 500)
        assert given == log[after : after + len(given)]
