"""Gitploy's own clients, request by request: its web page's and its command's.

What they send, and what they read of the answers, is as in Gitploy v1.1.0. The page is
signed in through GitHub's stand-in and sends its cookie; the command sends a token.
"""

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

import httpx
import pygit2
import pytest

from . import v1_shapes as v1
from .command import Running
from .system import PATIENCE_S, eventually, make_repository

CONFIG = """\
envs:
  - name: production
    production_environment: true
    serialization: true
  - name: staging
  - name: payments
    review: {enabled: true, reviewers: [admin]}
"""
#: A browser says so of what a page of ours asks for.
FROM_A_PAGE = {"Sec-Fetch-Site": "same-origin"}


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    folder = tmp_path_factory.mktemp("v1")
    make_repository(folder / "shop", CONFIG)
    repository = pygit2.Repository(str(folder / "shop"))
    repository.references.create("refs/tags/v1.0", repository.head.target)
    running = Running("demo", folder, "--repo", str(folder / "shop"))
    try:
        running.wait_until_ready()
        yield running
    finally:
        running.stop()


class Client:
    """Asks, and looks whether a client of v1 would understand the answer."""

    def __init__(self, demo: Running, http: httpx.Client) -> None:
        self.http = http
        self.repo = f"/api/v1/repos/{demo.ready['repository']}"

    def ask(
        self, method: str, path: str, status: int, shape: Any = ..., **options: Any
    ) -> Any:
        url = path if path.startswith("/api/") else f"{self.repo}{path}"
        answer = self.http.request(method, url, **options)
        assert answer.status_code == status, f"{method} {url}: {answer.text}"
        told = answer.json() if answer.content else None
        assert v1.differences(told, shape, url) == []
        return told

    def until(self, number: int, *statuses: str) -> Any:
        path = f"/deployments/{number}"
        return eventually(
            lambda: self.ask("GET", path, 200, v1.WHOLE),
            lambda told: told["status"] in statuses,
        )


@contextmanager
def signed_in(demo: Running, login: str) -> Iterator[httpx.Client]:
    """A browser, after `Sign in` and a choice of who one is at GitHub."""
    url = demo.ready["gateway_url"]
    with httpx.Client(base_url=url, timeout=PATIENCE_S, headers=FROM_A_PAGE) as http:
        sign_in(http, login)
        yield http


def sign_in(http: httpx.Client, login: str) -> None:
    asked = http.get("/signin")
    assert asked.status_code == 302, asked.text
    chosen = httpx.URL(asked.headers["Location"]).copy_merge_params({"login": login})
    back = httpx.get(chosen, timeout=PATIENCE_S)
    assert back.status_code == 302, back.text
    landed = http.get(back.headers["Location"])
    assert landed.status_code == 302, landed.text
    assert urlsplit(landed.headers["Location"]).path == "/"
    assert "__sess__" in http.cookies


@pytest.fixture(scope="module")
def page(demo: Running) -> Iterator[Client]:
    """An administrator's."""
    with signed_in(demo, "admin") as http:
        yield Client(demo, http)


@pytest.fixture(scope="module")
def reader(demo: Running) -> Iterator[Client]:
    with signed_in(demo, "reader") as http:
        yield Client(demo, http)


@pytest.fixture(scope="module")
def command(demo: Running) -> Iterator[Client]:
    """The command's, with a token."""
    headers = {"Authorization": f"Bearer {demo.ready['people']['deployer']}"}
    url = demo.ready["gateway_url"]
    with httpx.Client(base_url=url, headers=headers, timeout=PATIENCE_S) as http:
        yield Client(demo, http)


def deploy(client: Client, env: str, ref: str = "main", **more: Any) -> Any:
    body = {"type": "branch", "ref": ref, "env": env, **more}
    return client.ask("POST", "/deployments", 201, v1.DEPLOYMENT, json=body)


def test_the_frame_of_each_page(page: Client) -> None:
    me = page.ask("GET", "/api/v1/user", 200, v1.ME)
    assert (me["login"], me["admin"]) == ("admin", True)
    page.ask("GET", "/api/v1/user/rate-limit", 200, v1.RATE_LIMIT)
    told = page.ask("GET", "/api/v1/license", 200, v1.LICENSE)
    assert told["kind"] == "oss"
    half_an_hour = datetime.now(UTC) - timedelta(minutes=30)
    query = {
        "statuses": "waiting,created,queued,running", "owned": "true",
        "production_only": "false", "from": half_an_hour.isoformat(),
        "to": datetime.now(UTC).isoformat(), "page": "1", "per_page": "30",
    }  # fmt: skip
    path = "/api/v1/search/deployments"
    page.ask("GET", path, 200, [v1.DEPLOYMENT], params=query)
    page.ask("GET", "/api/v1/search/reviews", 200, [v1.REVIEW])
    assert page.http.head("/slack").status_code == 404


def test_the_page_of_all_repositories(page: Client) -> None:
    assert page.http.post("/api/v1/sync").content == b""
    query = {"sort": "true", "q": "", "page": "1", "per_page": "30"}
    listed = page.ask("GET", "/api/v1/repos", 200, [v1.REPO], params=query)
    assert [repo["active"] for repo in listed] == [True]
    assert v1.differences(listed[0]["edges"]["deployments"], [v1.DEPLOYMENT]) == []


def test_the_page_of_a_repository(page: Client) -> None:
    number = deploy(page, "staging")["number"]
    done = page.until(number, "success")
    page.ask("GET", "", 200, v1.REPO)
    query = {"env": "staging", "status": "success", "page": "1", "per_page": "20"}
    listed = page.ask("GET", "/deployments", 200, [v1.DEPLOYMENT], params=query)
    assert number in [d["number"] for d in listed]
    told = page.ask("GET", f"/deployments/{number}/statuses", 200, [v1.STATUS])
    assert [s["id"] for s in told] == [
        s["id"] for s in done["edges"]["deployment_statuses"]
    ]
    assert told[-1]["log_url"].startswith("http")
    page.ask("GET", f"/deployments/{number}/changes", 200, [v1.COMMIT])
    query = {"q": "", "page": "1", "per_page": "100"}
    people = page.ask("GET", "/perms", 200, [v1.PERM], params=query)
    assert "admin" in [perm["repo_perm"] for perm in people]


def test_the_page_for_deploying(page: Client) -> None:
    config = page.ask("GET", "/config", 200, v1.CONFIG)
    assert "production" in [env["name"] for env in config["envs"]]
    query = {"page": "1", "per_page": "30"}
    branches = page.ask("GET", "/branches", 200, [v1.BRANCH], params=query)
    default = page.ask("GET", "/default-branch", 200, v1.BRANCH)
    assert default in branches
    other = next(b for b in branches if "/" in b["name"])
    assert page.ask("GET", f"/branches/{other['name']}", 200, v1.BRANCH) == other
    tags = page.ask("GET", "/tags", 200, [v1.BRANCH], params=query)
    assert [tag["name"] for tag in tags] == ["v1.0"]
    assert page.ask("GET", "/tags/v1.0", 200, v1.BRANCH) == tags[0]
    page.ask("GET", "/tags/v1", 404, v1.ERROR)
    query |= {"branch": default["name"]}
    commits = page.ask("GET", "/commits", 200, [v1.COMMIT], params=query)
    assert commits[0]["sha"] == default["commit_sha"]
    path = f"/commits/{commits[0]['sha']}"
    assert page.ask("GET", path, 200, v1.COMMIT) == commits[0]
    page.ask("GET", f"{path}/statuses", 200, v1.CHECKS)


def test_what_is_refused_says_why(page: Client) -> None:
    def refused(path: str, status: int, **body: Any) -> str:
        return str(page.ask("POST", path, status, v1.ERROR, json=body)["code"])

    wanted = {"type": "branch", "ref": "main", "env": "nowhere"}
    assert refused("/deployments", 422, **wanted) == "config_undefined_env"
    assert refused("/deployments", 400, type="branch") == "parameter_invalid"
    wanted = {"type": "branch", "ref": "no-such", "env": "staging"}
    assert refused("/deployments", 422, **wanted) == "entity_unprocessable"
    assert page.ask("GET", "/deployments/99999", 404, v1.ERROR)["code"] == (
        "entity_not_found"
    )
    page.ask("GET", "/deployments/0x", 400, v1.ERROR)


def test_the_page_for_locking(page: Client) -> None:
    lock = page.ask("POST", "/locks", 201, v1.LOCK, json={"env": "staging"})
    assert lock["expired_at"] is None
    again = page.ask("POST", "/locks", 422, v1.ERROR, json={"env": "staging"})
    assert again["code"] == "lock_already_exist"
    assert page.ask("GET", "/locks", 200, [v1.LOCK]) == [lock]
    until = (datetime.now(UTC) + timedelta(hours=1)).isoformat()
    path = f"/locks/{lock['id']}"
    changed = page.ask("PATCH", path, 200, v1.LOCK, json={"expired_at": until})
    assert changed["expired_at"]
    assert page.ask("DELETE", path, 200) is None
    assert page.ask("GET", "/locks", 200, [v1.LOCK]) == []


def test_the_page_of_a_review(page: Client, command: Client) -> None:
    wanted = deploy(command, "payments")
    assert (wanted["status"], wanted["uid"]) == ("waiting", 0)
    path = f"/deployments/{wanted['number']}"

    def asked() -> Any:
        return page.ask("GET", f"{path}/reviews", 200, [v1.REVIEW])

    reviewers = [r["edges"]["user"]["login"] for r in eventually(asked, bool)]
    assert reviewers == ["admin"]
    mine = page.ask("GET", f"{path}/review", 200, v1.REVIEW)
    assert mine["status"] == "pending"
    open_ = page.ask("GET", "/api/v1/search/reviews", 200, [v1.REVIEW])
    assert mine["id"] in [review["id"] for review in open_]
    said = {"status": "approved", "comment": "Good."}
    told = page.ask("PATCH", f"{path}/review", 200, v1.REVIEW, json=said)
    assert (told["status"], told["comment"]) == ("approved", "Good.")
    sent = page.ask("PUT", path, 200, v1.DEPLOYMENT)
    assert sent["status"] in {"created", "queued", "running", "success"}
    page.until(wanted["number"], "success")
    again = page.ask("PUT", path, 422, v1.ERROR)
    assert again["code"] == "deployment_status_invalid"


def test_the_page_for_rolling_back(page: Client) -> None:
    first = deploy(page, "staging")
    page.until(first["number"], "success")
    path = f"/deployments/{first['number']}/rollback"
    back = page.ask("POST", path, 201, v1.DEPLOYMENT)
    assert back["is_rollback"] is True
    page.until(back["number"], "success")


def test_the_page_of_the_settings(page: Client) -> None:
    sent = {"name": "shop", "config_path": "deploy.yml"}
    told = page.ask("PATCH", "", 200, v1.REPO, json=sent)
    assert told["config_path"] == "deploy.yml"


def test_the_page_of_all_people(page: Client, reader: Client) -> None:
    someone = reader.ask("GET", "/api/v1/user", 200, v1.ME)
    query = {"q": "", "page": "1", "per_page": "30"}
    people = page.ask("GET", "/api/v1/users", 200, [v1.USER], params=query)
    assert {"admin", "reader"} <= {person["login"] for person in people}
    path = f"/api/v1/users/{someone['id']}"
    changed = page.ask("PATCH", path, 200, v1.USER, json={"admin": True})
    assert changed["admin"] is True
    changed = page.ask("PATCH", path, 200, v1.USER, json={"admin": False})
    assert changed["admin"] is False


def test_somebody_is_deleted(demo: Running, page: Client) -> None:
    people = f"{demo.ready['github_url']}/_sandbox/people/guest"
    known = httpx.put(people, json={"role": "read"}, timeout=PATIENCE_S)
    assert known.status_code == 200
    with signed_in(demo, "guest") as http:
        guest = Client(demo, http)
        path = f"/api/v1/users/{guest.ask('GET', '/api/v1/user', 200)['id']}"
        deleted = page.http.delete(path)
        assert (deleted.status_code, deleted.content) == (200, b"")
        guest.ask("GET", "/api/v1/user", 401, v1.ERROR)
    page.ask("DELETE", path, 404, v1.ERROR)


def test_the_links_to_the_rules(demo: Running, page: Client) -> None:
    for path, status, leads in (("config", 301, "blob"), ("config/new", 302, "new")):
        url = f"/link/{demo.ready['repository']}/{path}"
        answer = page.http.get(url)
        assert answer.status_code == status
        assert answer.headers["Location"].endswith(f"/{leads}/main/deploy.yml")


def test_deactivating_and_activating(page: Client) -> None:
    told = page.ask("PATCH", "", 200, v1.REPO, json={"active": False})
    assert (told["active"], told["webhook_id"]) == (False, 0)
    wanted = {"type": "branch", "ref": "main", "env": "staging"}
    page.ask("POST", "/deployments", 422, v1.ERROR, json=wanted)
    told = page.ask("PATCH", "", 200, v1.REPO, json={"active": True})
    assert told["active"] is True
    assert told["webhook_id"] > 0


def test_what_a_reader_may_not(reader: Client) -> None:
    def code(method: str, path: str, status: int, **body: Any) -> str:
        told = reader.ask(method, path, status, v1.ERROR, json=body)
        return str(told["code"])

    wanted = {"type": "branch", "ref": "main", "env": "staging"}
    assert code("POST", "/deployments", 403, **wanted) == "permission_required"
    assert code("POST", "/locks", 403, env="staging") == "permission_required"
    assert code("PATCH", "", 403, active=False) == "permission_required"
    assert code("GET", "/api/v1/users", 403) == "permission_required"
    missing = "/api/v1/repos/demo/no-such"
    assert code("GET", missing, 404) == "entity_not_found"


def test_live_events_of_statuses(page: Client) -> None:
    with page.http.stream("GET", "/api/v1/stream/events") as stream:
        number = deploy(page, "staging")["number"]
        seen = told_of(stream, "deployment_status", number)
    assert v1.differences(seen, v1.STATUS) == []
    assert v1.differences(seen["edges"]["deployment"], v1.DEPLOYMENT) == []


def test_live_events_of_reviews(page: Client, command: Client) -> None:
    with page.http.stream("GET", "/api/v1/stream/events") as stream:
        number = deploy(command, "payments")["number"]
        seen = told_of(stream, "review", number)
        assert v1.differences(seen, v1.REVIEW) == []
        assert (seen["status"], seen["edges"]["user"]["login"]) == ("pending", "admin")


def told_of(stream: httpx.Response, event: str, number: int) -> Any:
    """The first event of this kind about a deployment."""
    kind = ""
    for line in stream.iter_lines():
        name, _, told = line.partition(":")
        if name == "event":
            kind = told.strip()
        elif name == "data" and kind == event:
            seen = json.loads(told)
            if seen["edges"]["deployment"]["number"] == number:
                return seen
    return pytest.fail(f"the stream ended without a {event}")


def test_the_command(command: Client) -> None:
    query = {"page": "1", "per_page": "30"}
    command.ask("GET", "/api/v1/repos", 200, [v1.REPO], params=query)
    command.ask("GET", "", 200, v1.REPO)
    command.ask("GET", "/config", 200, v1.CONFIG)
    made = deploy(command, "staging", dynamic_payload=None)
    number = made["number"]
    command.until(number, "created", "queued", "running", "success")
    query |= {"env": "staging", "status": ""}
    command.ask("GET", "/deployments", 200, [v1.DEPLOYMENT], params=query)
    command.ask("GET", f"/deployments/{number}/statuses", 200, [v1.STATUS])
    said = {"status": "in_progress", "description": "By hand.", "log_url": ""}
    path = f"/deployments/{number}/remote-statuses"
    told = command.ask("POST", path, 201, v1.REMOTE_STATUS, json=said)
    assert told["status"] == "in_progress"


def test_scripts_of_the_command_go_on_working(demo: Running, command: Client) -> None:
    """With its words and flags in their places, and `--query` for what they read."""
    name = demo.ready["repository"]
    wanted = ("--type", "branch", "--env", "staging", "--ref", "main")
    number = told(demo, "number", "deployment", "create", name, *wanted)
    assert command.until(int(number), "success")["env"] == "staging"
    listed = told(demo, "#.number", "deployment", "ls", name, "--env", "staging")
    assert json.loads(listed)[0] == int(number)
    assert told(demo, "status", "deployment", "get", name, number) == "success"
    statuses = told(demo, "#.status", "deployment-status", "ls", name, number)
    assert "success" in json.loads(statuses)
    assert told(demo, "active", "repo", "get", name) == "true"
    assert "production" in told(demo, "envs.#.name", "config", "get", name)


def told(demo: Running, query: str, *words: str) -> str:
    """What the command prints for somebody who says who they are before it."""
    ready = demo.ready
    whom = ["-H", ready["gateway_url"], "-T", ready["people"]["deployer"]]
    done = subprocess.run(
        [sys.executable, "-m", "gitploy", *whom, "--query", query, *words],
        capture_output=True, check=False, text=True,
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout.strip()


def test_without_a_session_there_is_nothing(demo: Running) -> None:
    with httpx.Client(base_url=demo.ready["gateway_url"], timeout=PATIENCE_S) as http:
        stranger = Client(demo, http)
        for path in ("", "/deployments", "/api/v1/user", "/api/v1/stream/events"):
            assert stranger.ask("GET", path, 401, v1.ERROR)["code"] == "unauthorized"


def test_signing_out_ends_the_session(demo: Running) -> None:
    with signed_in(demo, "deployer") as http:
        cookie = http.cookies["__sess__"]
        assert http.get("/api/v1/user").status_code == 200
        assert http.get("/signout").status_code == 302
        kept = {"Cookie": f"__sess__={cookie}"}
        assert http.get("/api/v1/user", headers=kept).status_code == 401
