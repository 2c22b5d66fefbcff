"""What the documents promise."""

import re
from pathlib import Path

from shared.deploy_yml import Env, read
from verifier.application import HANDLERS

ROOT = Path(__file__).parents[3]


def test_the_fields_of_deploy_yml_are_documented() -> None:
    text = (ROOT / "docs/deploy-yml.md").read_text()
    assert set(re.findall(r"^\| `(\w+)` \|", text, re.MULTILINE)) == set(
        Env.model_fields
    )
    (example,) = re.findall(r"```yaml\n(.*?)```", text, re.DOTALL)
    assert list(read(example).envs) == ["production", "staging"]


def test_the_readme_names_what_is_taken() -> None:
    text = (ROOT / "services/verifier/README.md").read_text()
    assert [event.__name__ for event in HANDLERS if event.__name__ not in text] == []
