"""The examples of the API's pages, each run as it stands beside a demo.

Only the address, the repository, the numbers and the commit are put in: a page can't
know them. Each has to be answered with what was asked for, and not with an error.
"""

import re
import subprocess
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from pathlib import Path

import pytest

from .command import Running
from .page import DOCS, blocks
from .system import PATIENCE_S, eventually, make_repository

PAGES = ("api.md", *sorted(f"api/{page.name}" for page in (DOCS / "api").glob("*.md")))
EXAMPLES = [
    (page, text) for page in PAGES for kind, text in blocks(DOCS / page) if kind == "sh"
]
NAMES = [f"{page}-{n}" for n, (page, _) in enumerate(EXAMPLES)]
CONFIG = """\
envs:
  - name: production
  - name: staging
  - name: payments
    overriders: [gitploy]
    review: {enabled: true, reviewers: [admin], emergency: true}
"""
#: An error is the end, and says why.
SHELL = 'set -eo pipefail; curl() { command curl --fail-with-body -sS "$@"; echo; }\n'
SHA = re.compile(r"\b[0-9a-f]{40}\b")


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    folder = tmp_path_factory.mktemp("pages")
    make_repository(folder / "shop", CONFIG)
    running = Running("demo", folder, "--repo", str(folder / "shop"))
    try:
        running.wait_until_ready()
        yield running
    finally:
        running.stop()


def deployed(demo: Running, env: str = "staging") -> int:
    return int(demo.ends(int(demo.deploy(env).json()["number"]))["number"])


def waiting(demo: Running) -> int:
    """One that waits for its reviews, asked for by the deployer."""
    people = demo.ready["people"]
    answer = demo.call(
        "POST",
        "/deployments",
        json={"type": "branch", "ref": "main", "env": "payments"},
        headers={"Authorization": f"Bearer {people['deployer']}"},
    )
    number = int(answer.json()["number"])
    demo.ends(number, "waiting_for_review")

    def asked() -> bool:
        told = demo.call("GET", f"/deployments/{number}/reviews").json()
        return "admin" in [review["edges"]["user"]["login"] for review in told]

    eventually(asked, bool)
    return number


def approved(demo: Running) -> int:
    number = waiting(demo)
    answer = demo.call(
        "PATCH",
        f"/deployments/{number}/review",
        json={"status": "approved"},
        headers={"Authorization": f"Bearer {demo.ready['people']['admin']}"},
    )
    assert answer.status_code == 200, answer.text
    return number


def canceled(demo: Running) -> int:
    number = waiting(demo)
    demo.call("POST", f"/deployments/{number}/cancel", json={})
    return int(demo.ends(number, "canceled")["number"])


#: What has to be there before an example, by a part of it, and its number.
BEFORE: Mapping[str, Callable[[Running], int]] = {
    "/rollback": deployed,
    "/dora": partial(deployed, env="production"),
    "/remote-statuses": deployed,
    "/cancel": waiting,
    "/review ": waiting,
    '{"override"': waiting,
    "-X PUT": approved,
}


@pytest.mark.parametrize(("page", "example"), EXAMPLES, ids=NAMES)
def test_an_example_does_what_the_page_says(
    page: str, example: str, demo: Running, tmp_path: Path
) -> None:
    done = subprocess.run(
        ["bash", "-c", SHELL + fitted(demo, example)],
        env={"TOKEN": demo.ready["token"], "PATH": "/usr/bin:/bin",
             "TOKEN_OF_A_REVIEWER": demo.ready["people"]["admin"]},
        capture_output=True, text=True, timeout=PATIENCE_S, cwd=tmp_path, check=False,
    )  # fmt: skip
    assert done.returncode == 0, f"{page}:\n{example}\n{done.stdout}\n{done.stderr}"
    assert '"code": ' not in done.stdout


def fitted(demo: Running, example: str) -> str:
    """The example with what there is now."""
    address = demo.ready["gateway_url"].removeprefix("http://")
    example = example.replace("localhost:8080", address)
    example = example.replace("demo/shop", demo.ready["repository"])
    prepare = next((p for part, p in BEFORE.items() if part in example), None)
    if prepare is None:
        return example
    number = prepare(demo)
    sha = demo.call("GET", f"/deployments/{number}").json()["sha"]
    if "/9/retry" in example:
        example = example.replace("/9/retry", f"/{canceled(demo)}/retry")
    return SHA.sub(sha, example).replace("deployments/4", f"deployments/{number}")


def test_there_are_examples() -> None:
    assert len(EXAMPLES) > 10
