"""What people are told: each code and each sentence is named by a test.

A sentence stands in the source in pieces, between the names that are put into it. Of
each piece some words in a row have to stand in a test of the same part, so that a
sentence can't be written, or come to be about something else, without a test that reads
it. Looked at is where sentences are made: what the verifier decides, the services'
domains, the mistakes of `deploy.yml`, and what the API answers.
"""

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from verifier import checks
from verifier.domain.conclusion import ERROR_CODES

ROOT = Path(__file__).parents[2]
#: Where sentences are made, and whose tests have to name them.
PARTS = {
    "services/verifier/src/verifier": "verifier",
    "services/github-dispatcher/src/github_dispatcher/domain": "github_dispatcher",
    "services/status-sync/src/status_sync/domain": "status_sync",
    "services/api-gateway/src/api_gateway/domain": "api_gateway",
    "services/api-gateway/src/api_gateway/application": "api_gateway",
    "services/api-gateway/src/api_gateway/routes": "api_gateway",
    "shared/src/shared/deploy_yml": "deploy_yml",
}
#: What the API's description says of each code is no answer to anybody.
DESCRIBED = ROOT / "services/api-gateway/src/api_gateway/routes/errors.py"
SOURCES = [
    pytest.param(file, tests, id=f"{tests}/{file.relative_to(ROOT / part)}")
    for part, tests in PARTS.items()
    for file in sorted((ROOT / part).rglob("*.py"))
    if file != DESCRIBED
]
#: So many words in a row are looked for.
ENOUGH = 3
#: What pydantic says before what we do: it is taken away.
PYDANTICS = "Value error, "


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
    """Whether it is a piece of a sentence, and neither a query nor a pattern."""
    return len(text.split()) > 1 and not set(text) & set("\n%\\") and text != PYDANTICS


def runs(text: str) -> set[str]:
    """The words in a row that name a text."""
    words = text.split()
    length = min(ENOUGH, len(words))
    return {" ".join(words[i : i + length]) for i in range(len(words) - length + 1)}


@cache
def said_by(part: str) -> str:
    """All that the tests of a part say."""
    files = [*(ROOT / "tests").glob(f"**/{part}/**/*.py")]
    return "\n".join(text for file in files for text in texts(file))


@pytest.mark.parametrize(("file", "tests"), SOURCES)
def test_every_sentence_is_named_by_a_test(file: Path, tests: str) -> None:
    said = said_by(tests)
    sentences = filter(is_said, texts(file))
    unnamed = [t for t in sentences if not any(run in said for run in runs(t))]
    assert unnamed == []


def test_every_code_is_named_by_a_test() -> None:
    assert set(ERROR_CODES) == set(checks.ORDER)
    named = set(said_by("verifier").splitlines())
    assert {*ERROR_CODES, *ERROR_CODES.values()} <= named
