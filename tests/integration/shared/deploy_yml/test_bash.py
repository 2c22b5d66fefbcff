"""bash itself makes of each expression what Gitploy makes of it."""

import shutil
import subprocess

import pytest

from shared.deploy_yml.variables import values
from tests.unit.shared.deploy_yml.expressions import CASES


@pytest.mark.parametrize("rollback", [False, True])
def test_bash_makes_the_same_of_each_expression(*, rollback: bool) -> None:
    # What is empty is not set, as in a deploy.yml.
    known = {k: v for k, v in values(rollback=rollback).items() if v}
    # In an assignment nothing is split, and a subshell forgets what `=` has set.
    script = "\n".join(f"(x={case[0]}; printf '%s\\n' \"$x\")" for case in CASES)
    bash = shutil.which("bash")
    assert bash
    done = subprocess.run(
        [bash],
        input=script,
        env={**known, "LC_ALL": "C.UTF-8"},
        check=True,
        capture_output=True,
        text=True,
    )
    assert done.stderr == ""
    expected = [back if rollback else deploying for _, deploying, back in CASES]
    assert done.stdout.splitlines() == expected
