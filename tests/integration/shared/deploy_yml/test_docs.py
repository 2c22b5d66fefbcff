"""What docs/deploy-yml.md and the published schema promise."""

import json
import re
from pathlib import Path

import jsonschema_rs
import pytest
import yaml

from shared.deploy_yml import Env, Review, read, schema, unanchored

DOCS = Path(__file__).parents[4] / "docs"
TEXT = (DOCS / "deploy-yml.md").read_text()
EXAMPLES = re.findall(r"```yaml\n(.*?)```", TEXT, re.DOTALL)
#: A section for each heading below "The fields".
SECTIONS = {
    name: section
    for heading, section in re.findall(
        r"^### (.+?)\n(.*?)(?=^##)", TEXT, re.DOTALL | re.MULTILINE
    )
    for name in heading.split(" and ")
}


@pytest.mark.parametrize("example", EXAMPLES)
@pytest.mark.parametrize("rollback", [False, True])
def test_each_example_is_read(example: str, *, rollback: bool) -> None:
    rules = read(example, rollback=rollback)
    assert unanchored(rules, []) == []


@pytest.mark.parametrize("example", EXAMPLES)
def test_the_schema_takes_each_example(example: str) -> None:
    jsonschema_rs.validate(schema(), yaml.safe_load(example))


def test_each_field_has_a_row_and_a_section_whose_example_uses_it() -> None:
    rows = re.findall(r"^\| \[`(\w+)`\]\(#([\w-]+)\) \|", TEXT, re.MULTILINE)
    assert {name for name, _ in rows} == set(Env.model_fields)
    assert set(SECTIONS) == set(Env.model_fields)
    unused = [n for n, section in SECTIONS.items() if f"{n}:" not in section]
    assert unused == []


def test_each_field_of_a_review_has_a_row() -> None:
    rows = re.findall(r"^\| `(\w+)` \|", SECTIONS["review"], re.MULTILINE)
    assert set(rows) == set(Review.model_fields)


def test_the_published_schema_is_that_of_the_code() -> None:
    published = json.loads((DOCS / "deploy.schema.json").read_text())
    assert published == schema(), "gitploy config schema > docs/deploy.schema.json"
