"""What the verifier says to people: each code and each sentence is named by a test.

A sentence stands in the source in pieces, between the names that are put into it. Of
each piece some words in a row have to stand in a test, so that a sentence can't be
written, or come to be about something else, without a test that reads it.
"""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from verifier import checks
from verifier.domain.conclusion import ERROR_CODES

ROOT = Path(__file__).parents[2]
VERIFIER = ROOT / "services/verifier/src/verifier"
#: So many words in a row are looked for.
ENOUGH = 3
SOURCES = sorted(VERIFIER.rglob("*.py"))


def texts(file: Path) -> Iterator[str]:
    """Every text in a file that is no docstring and no annotation."""
    nodes = list(ast.walk(ast.parse(file.read_text())))
    others = {id(n.value) for n in nodes if isinstance(n, ast.Expr)}
    for node in nodes:
        typed = getattr(node, "returns", None) or getattr(node, "annotation", None)
        others |= {id(part) for part in ast.walk(typed)} if typed else set()
    for node in nodes:
        text = node.value if isinstance(node, ast.Constant) else None
        if isinstance(text, str) and id(node) not in others:
            yield text


def is_said(text: str) -> bool:
    """Whether it is a piece of a sentence, and neither a query nor a format."""
    return len(text.split()) > 1 and "\n" not in text and "%" not in text


def runs(text: str) -> set[str]:
    """The words in a row that name a text."""
    words = text.split()
    length = min(ENOUGH, len(words))
    return {" ".join(words[i : i + length]) for i in range(len(words) - length + 1)}


@pytest.fixture(scope="module")
def tested() -> str:
    """All that the verifier's tests say."""
    files = (ROOT / "tests").glob("*/verifier/**/*.py")
    return "\n".join(text for file in files for text in texts(file))


@pytest.mark.parametrize("file", SOURCES, ids=lambda f: str(f.relative_to(VERIFIER)))
def test_every_sentence_is_named_by_a_test(file: Path, tested: str) -> None:
    sentences = filter(is_said, texts(file))
    unnamed = [t for t in sentences if not any(run in tested for run in runs(t))]
    assert unnamed == []


def test_every_code_is_named_by_a_test(tested: str) -> None:
    assert set(ERROR_CODES) == set(checks.ORDER)
    named = set(tested.splitlines())
    assert {*ERROR_CODES, *ERROR_CODES.values()} <= named
