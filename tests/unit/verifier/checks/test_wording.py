"""What others have named, in a sentence."""

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.contracts import Check
from verifier.checks.wording import failed, listed, passed, pending, plain, warning


def test_a_long_name_is_cut() -> None:
    assert plain("x" * 100) == "x" * 100
    assert plain("x" * 101) == "x" * 100 + "…"


@given(st.text())
def test_a_name_never_does_anything_to_a_terminal(name: str) -> None:
    shown = plain(name)
    assert shown.isprintable()
    assert len(shown) <= 101


def test_nobody_is_no_word() -> None:
    assert plain(None) == ""


@pytest.mark.parametrize(("count", "end"), [(20, "19"), (21, "and 1 more")])
def test_a_long_list_is_cut(count: int, end: str) -> None:
    told = listed(map(str, range(count)))
    assert told.startswith("0, 1, 2, ")
    assert told.endswith(f", {end}")


@pytest.mark.parametrize("answer", [passed, failed, pending, warning])
def test_no_address_is_no_link(answer: Callable[..., Check]) -> None:
    assert answer("ref", "There.", "").url is None
    assert answer("ref", "There.", "url").url == "url"
