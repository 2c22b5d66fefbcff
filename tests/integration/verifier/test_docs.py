"""What the documents promise."""

from pathlib import Path

from verifier.application import HANDLERS

ROOT = Path(__file__).parents[3]


def test_the_readme_names_what_is_taken() -> None:
    text = (ROOT / "services/verifier/README.md").read_text()
    assert [event.__name__ for event in HANDLERS if event.__name__ not in text] == []
