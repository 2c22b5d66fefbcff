"""Each command as a request to the gateway, and what a person reads of its answer."""

import json
from collections.abc import Mapping
from typing import Any

import pytest

from .documents import SHA, T0, deployment, waits
from .fake import NAME, REPO, FakeGateway, run, told

ADA = {"edges": {"user": {"login": "ada"}}}
LOCK = {
    "id": 31, "env": "production", "expired_at": None, "created_at": T0,
    "state": "locked", "reason": "Migration", **ADA,
}  # fmt: skip
KNOWN = {
    "namespace": "demo", "name": "shop", "active": True, "config_path": "deploy.yml",
    "webhook_id": 9, "latest_deployed_at": "0001-01-01T00:00:00Z", "command": None,
    "edges": {"deployments": []},
}  # fmt: skip
RULES = {
    "config_path": "deploy.yml",
    "warnings": [{"line": 3, "column": 1, "message": "It is broad."}],
    "envs": [
        {
            "name": "mobile",
            "deployable_ref": "v.*",
            "auto_deploy_on": None,
            "review": {"enabled": True, "required": 2},
            "dynamic_payload": {
                "enabled": True,
                "inputs": {
                    "store": {"type": "select"},
                    "percent": {"type": "number"},
                    "force": {"type": "boolean"},
                },
            },
        }
    ],
}
OVERRIDE = ["--override", "frozen", "--override", "locked", "--reason", "Hotfix"]
OVERRIDDEN = {"override": {"checks": ["frozen", "locked"], "reason": "Hotfix"}}


@pytest.fixture
def gateway() -> FakeGateway:
    made = deployment("created", number=8, waits_for=waits("tooling"))
    one = f"{REPO}/deployments/7"
    shown = deployment("waiting_for_review", number=7, config_digest="d1")
    return FakeGateway(
        {
            f"POST {REPO}/deployments": made,
            f"POST {REPO}/environments/eu%2Flive/promote": made,
            f"GET {one}": shown,
            f"PUT {one}": made,
            f"PATCH {one}/review": {"status": "approved"},
            f"POST {one}/retry": made,
            f"POST {one}/rollback": made,
            f"POST {one}/sync": made,
            f"POST {one}/cancel": deployment("canceled", number=7),
            f"POST {one}/remote-statuses": {"id": 5},
            f"GET {one}/statuses": [],
            f"GET {one}/changes": [
                {"sha": SHA, "message": "Add a cart\n\nWell.", "author": None}
            ],
            f"GET {REPO}/locks": [LOCK],
            f"POST {REPO}/locks": LOCK,
            f"PATCH {REPO}/locks/31": LOCK,
            f"DELETE {REPO}/locks/31": None,
            f"POST {REPO}/locks/31/take-over": LOCK,
            f"GET {REPO}/config": RULES,
            f"GET {REPO}": KNOWN,
            f"PATCH {REPO}": KNOWN,
            "GET /repos": [KNOWN],
            f"POST {REPO}/environments/qa/resume": {"hold": None},
            f"POST {REPO}/environments/qa/release": {"released": [{"number": 4}]},
            f"GET {REPO}/environments/qa/queue": [
                {"number": 9, "position": 1, "since": T0}
            ],
        }
    )


@pytest.mark.parametrize(
    ("words", "path", "body"),
    [
        (
            f"deploy {NAME} production refs/heads/main --sha {SHA} --wait-for-checks",
            "POST /deployments",
            {
                "type": "branch", "ref": "main", "env": "production",
                "dynamic_payload": None, "expected_sha": SHA, "wait_for_checks": True,
            },
        ),
        (
            (
                f"deploy {NAME} mobile refs/tags/v1 -f store=apple -f percent=20 "
                "-f force=true -f note=a=b"
            ),
            "POST /deployments",
            {
                "type": "tag", "ref": "v1", "env": "mobile",
                "dynamic_payload": {
                    "store": "apple", "percent": 20, "force": True, "note": "a=b"
                },
            },
        ),
        (f"deployment create {NAME} --type branch --env production --ref main",
         "POST /deployments",
         {"type": "branch", "ref": "main", "env": "production",
          "dynamic_payload": None}),
        (f"promote {NAME} staging eu/live", "POST /environments/eu%2Flive/promote",
         {"from": "staging"}),
        (f"promote {NAME} staging eu/live --sha {SHA}",
         "POST /environments/eu%2Flive/promote",
         {"from": "staging", "expected_sha": SHA}),
        (f"deployment retry {NAME} 7", "POST /deployments/7/retry", {}),
        (f"deployment retry {NAME} 7 --sha {SHA}", "POST /deployments/7/retry",
         {"expected_sha": SHA}),
        (f"deployment rollback {NAME} 7 --sha {SHA}", "POST /deployments/7/rollback",
         {"expected_sha": SHA}),
        (f"deployment retry {NAME} 7 --wait-for-checks", "POST /deployments/7/retry",
         {"wait_for_checks": True}),
        (f"deployment rollback {NAME} 7 --take-over", "POST /deployments/7/rollback",
         {"take_over": True}),
        (f"deployment cancel {NAME} 7 --reason Wrong", "POST /deployments/7/cancel",
         {"reason": "Wrong"}),
        (f"deployment cancel {NAME} 7", "POST /deployments/7/cancel", {}),
        (f"deployment approve {NAME} 7 --comment Good", "PATCH /deployments/7/review",
         {"status": "approved", "comment": "Good", "sha": SHA, "config_digest": "d1"}),
        (f"deployment reject {NAME} 7", "PATCH /deployments/7/review",
         {"status": "rejected", "comment": "", "sha": SHA, "config_digest": "d1"}),
        (f"deployment approve {NAME} 7 --send", "PUT /deployments/7",
         {"sha": SHA, "config_digest": "d1"}),
        (f"deployment update {NAME} 7", "PUT /deployments/7",
         {"sha": SHA, "config_digest": "d1"}),
        (f"deployment sync {NAME} 7", "POST /deployments/7/sync", {}),
        (f"deployment sync {NAME} 7 --reason Lost", "POST /deployments/7/sync",
         {"reason": "Lost"}),
        (f"deployment-status create {NAME} 7 --status success --description Done",
         "POST /deployments/7/remote-statuses",
         {"status": "success", "description": "Done", "log_url": "",
          "environment_url": ""}),
        (f"lock {NAME} production --reason Why", "POST /locks",
         {"env": "production", "reason": "Why"}),
        (f"lock {NAME} production --take-over", "POST /locks/31/take-over", {}),
        (f"lock {NAME} production --change --reason New", "PATCH /locks/31",
         {"reason": "New"}),
        (f"lock {NAME} production --change --until never", "PATCH /locks/31",
         {"expired_at": None}),
        (f"lock {NAME} production --change --reason=", "PATCH /locks/31",
         {"reason": ""}),
        (f"deployment cancel {NAME} #7", "POST /deployments/7/cancel", {}),
        (f"unlock {NAME} production", "DELETE /locks/31", None),
        (f"repo activate {NAME}", "PATCH ", {"active": True}),
        (f"repo deactivate {NAME}", "PATCH ", {"active": False}),
        (f"repo config {NAME} --set deploy/eu.yml", "PATCH ",
         {"config_path": "deploy/eu.yml"}),
        (f"repo update {NAME} -C a.yml -A", "PATCH ",
         {"config_path": "a.yml", "active": True}),
        (f"repo update -A true {NAME}", "PATCH ", {"active": True}),
        (f"repo update --active=false {NAME}", "PATCH ", {"active": False}),
        (f"env resume {NAME} qa", "POST /environments/qa/resume", {}),
        (f"env release {NAME} qa --reason Gone", "POST /environments/qa/release",
         {"reason": "Gone"}),
    ],
)  # fmt: skip
def test_each_command_asks_for_what_it_says(
    gateway: FakeGateway, words: str, path: str, body: Any
) -> None:
    result = run(gateway, *words.split())
    assert result.exit_code == 0, result.output
    method, _, below = path.partition(" ")
    assert (gateway.last.method, gateway.last.path) == (method, f"{REPO}{below}")
    assert gateway.last.body == body


@pytest.mark.parametrize(
    "words", ["deploy refs/heads/main", "promote staging", "deployment retry 7"]
)
def test_what_makes_a_deployment_may_go_past_checks(
    gateway: FakeGateway, words: str
) -> None:
    verb, *rest = words.split()
    where = ["eu/live", *rest] if verb == "deploy" else rest
    where = [*rest, "eu/live"] if verb == "promote" else where
    env = {"GITPLOY_REPO": NAME}
    result = run(gateway, verb, *where, *OVERRIDE, env=env)
    assert result.exit_code == 0, result.output
    assert gateway.last.body["override"] == OVERRIDDEN["override"]


@pytest.mark.parametrize(
    "words",
    [
        ["--override", "frozen"],
        ["--reason", "Because"],
        ["-f", "store"],
        ["-f", "percent=many"],
        ["-f", "percent=true"],
        ["-f", "force=1"],
    ],
)
def test_what_makes_no_sense_is_wrong_and_nothing_is_asked_for(
    gateway: FakeGateway, words: list[str]
) -> None:
    result = run(gateway, "deploy", NAME, "mobile", "refs/tags/v1", *words)
    assert result.exit_code == 2
    assert all(each.method == "GET" for each in gateway.asked)


@pytest.mark.parametrize(
    ("ref", "there", "kind"),
    [
        ("feature/x", ["branches/feature%2Fx"], "branch"),
        ("v1", ["tags/v1"], "tag"),
        (SHA, [], "commit"),
        ("8350dd2", [], "commit"),
        ("decade", ["branches/decade"], "branch"),
        ("nowhere", [], "branch"),
    ],
)
def test_a_ref_is_looked_up(
    gateway: FakeGateway, ref: str, there: list[str], kind: str
) -> None:
    gateway.answers |= {f"GET {REPO}/{path}": {"name": ref} for path in there}
    run(gateway, "deploy", NAME, "production", ref)
    assert (gateway.last.body["type"], gateway.last.body["ref"]) == (kind, ref)


def test_a_ref_that_is_a_branch_and_a_tag_is_asked_about(gateway: FakeGateway) -> None:
    for resource in ("branches", "tags"):
        gateway.answers[f"GET {REPO}/{resource}/v1"] = {"name": "v1"}
    result = run(gateway, "deploy", NAME, "production", "v1")
    assert result.exit_code == 2
    assert "--type" in result.stderr


CHECKS = [
    {"code": "ref", "state": "passed", "message": "Found.", "url": None},
    {"code": "frozen", "state": "failed", "message": "Frozen.", "url": "http://f"},
    {"code": "needs", "state": "skipped", "message": "Not asked.", "url": None},
]


@pytest.mark.parametrize(
    ("would", "code", "said"),
    [("deploy", 0, f"--sha {SHA}"), ("queue", 0, "number 2"), ("refuse", 1, "Frozen")],
)
def test_a_preflight_tells_what_would_be(
    gateway: FakeGateway, would: str, code: int, said: str
) -> None:
    gateway.answers[f"GET {REPO}/environments/qa/preflight"] = {
        "would": would, "message": "Frozen.", "position": 2, "sha": SHA,
        "checks": CHECKS,
    }  # fmt: skip
    result = run(gateway, "preflight", NAME, "qa", "refs/heads/main")
    assert result.exit_code == code
    assert gateway.last.query == {"type": "branch", "ref": "main"}
    assert said in result.stderr
    assert "http://f" in result.stdout
    assert "Not asked" not in result.stdout


@pytest.mark.parametrize(
    ("words", "path"),
    [
        ("deploy {} eu/live refs/heads/main", "deployments"),
        ("promote {} staging eu/live", "environments/eu%2Flive/promote"),
        ("deployment retry {} 7", "deployments/7/retry"),
        ("deployment rollback {} 7", "deployments/7/rollback"),
    ],
)
def test_only_the_commit_that_was_shown_goes_out(
    gateway: FakeGateway, words: str, path: str
) -> None:
    gateway.answers |= {
        f"GET {REPO}/environments/staging": {"live": deployment("success")},
        f"GET {REPO}/environments/eu%2Flive/preflight": {
            "would": "deploy", "message": "", "position": None, "sha": SHA,
            "checks": CHECKS,
        },
    }  # fmt: skip
    asked = [*words.format(NAME).split(), "--ask"]
    refused = run(gateway, *asked, said="n\n")
    assert refused.exit_code == 1
    assert SHA[:7] in refused.stderr
    assert {each.method for each in gateway.asked} == {"GET"}
    assert run(gateway, *asked, said="y\n").exit_code == 0
    assert gateway.last.path == f"{REPO}/{path}"
    assert gateway.last.body["expected_sha"] == SHA


def test_a_promotion_is_looked_at_as_the_commit_that_is_live(
    gateway: FakeGateway,
) -> None:
    live = deployment("success", sha="d" * 40)
    gateway.answers[f"GET {REPO}/environments/staging"] = {"live": live}
    run(gateway, "promote", NAME, "staging", "qa", "--ask")
    assert gateway.last.path == f"{REPO}/environments/qa/preflight"
    asked = {"type": "commit", "ref": "d" * 40, "dynamic_payload": {}}
    assert _read(gateway.last.query) == asked


def test_what_was_asked_about_is_offered_in_quotes_for_the_shell(
    gateway: FakeGateway,
) -> None:
    told = {"would": "deploy", "message": "", "position": None, "sha": SHA}
    path = f"GET {REPO}/environments/eu%3B%20live/preflight"
    gateway.answers[path] = {**told, "checks": CHECKS}
    result = run(gateway, "preflight", NAME, "eu; live", "refs/heads/main")
    assert f"deploy {NAME} 'eu; live' refs/heads/main --sha {SHA}\n" in result.stderr


def test_a_question_is_asked_with_all_that_is_given(gateway: FakeGateway) -> None:
    gateway.answers[f"GET {REPO}/environments/mobile/preflight"] = {
        "would": "deploy", "message": "", "position": None, "sha": SHA,
        "checks": CHECKS,
    }  # fmt: skip
    given = ["-f", "store=apple", "-f", "percent=5", "--override", "frozen"]
    given += ["--reason", "It's hot"]
    asked = {
        "type": "branch",
        "ref": "main",
        "dynamic_payload": {"store": "apple", "percent": 5},
        "override": {"checks": ["frozen"], "reason": "It's hot"},
    }
    result = run(gateway, "preflight", NAME, "mobile", "refs/heads/main", *given)
    assert _read(gateway.last.query) == asked
    assert (
        f"--sha {SHA} --field store=apple --field percent=5 --override frozen "
        """--reason 'It'"'"'s hot'"""
    ) in result.stderr
    given += ["--sha", SHA, "--ask"]
    run(gateway, "deploy", NAME, "mobile", "refs/heads/main", *given, said="n\n")
    assert _read(gateway.last.query) == asked | {"expected_sha": SHA}


def test_the_commit_that_somebody_names_is_not_changed_by_what_they_see(
    gateway: FakeGateway,
) -> None:
    gateway.answers[f"GET {REPO}/environments/qa/preflight"] = {
        "would": "refuse", "message": "It has moved.", "position": None, "sha": SHA,
        "checks": CHECKS,
    }  # fmt: skip
    mine = "d" * 40
    asked = ["deploy", NAME, "qa", "refs/heads/main", "--sha", mine, "--ask"]
    run(gateway, *asked, said="y\n")
    assert gateway.last.body["expected_sha"] == mine


def test_who_deploys_without_values_is_shown_that_some_are_missing(
    gateway: FakeGateway,
) -> None:
    for command in (("deploy", "--ask"), ("preflight",)):
        name, *look = command
        run(gateway, name, NAME, "mobile", "refs/heads/main", *look)
    deploy, preflight = [a for a in gateway.asked if a.path.endswith("preflight")]
    assert deploy.query["dynamic_payload"] == "{}"
    assert "dynamic_payload" not in preflight.query


def _read(query: Mapping[str, Any]) -> dict[str, Any]:
    """What is JSON in it as what it says."""
    return {k: json.loads(v) if v[0] == "{" else v for k, v in query.items()}


def test_where_nothing_is_live_there_is_nothing_to_be_shown(
    gateway: FakeGateway,
) -> None:
    gateway.answers[f"GET {REPO}/environments/staging"] = {"live": None}
    result = run(gateway, "promote", NAME, "staging", "qa", "--ask")
    assert result.exit_code == 1
    assert "Nothing is live in staging: deploy there first." in result.stderr


@pytest.mark.parametrize(
    ("number", "whose"), [(4, "#4"), (None, "what was made at GitHub")]
)
def test_a_place_that_was_released_is_told_with_whose_it_was(
    gateway: FakeGateway, number: int | None, whose: str
) -> None:
    path = f"POST {REPO}/environments/qa/release"
    gateway.answers[path] = {"released": [{"number": number}]}
    out = run(gateway, "env", "release", NAME, "qa", "--reason", "Gone").stdout
    assert out == f"The place in qa is free; it was that of {whose}.\n"


@pytest.mark.parametrize(
    ("words", "why"),
    [
        ("lock -R octo/shop production --change",
         "--change wants a --reason or an --until."),
        ("lock -R octo/shop production --change --take-over --reason x",
         "Give --take-over or --change, not both."),
        ("deployment get -R octo/shop seven", "'seven' is no deployment's number"),
        ("deployment get -R octo/shop 0", "'0' is no deployment's number"),
        ("watch -R octo/shop seven", "'seven' is no deployment's number"),
    ],
)  # fmt: skip
def test_what_makes_no_sense_is_said_and_nothing_is_asked_for(
    gateway: FakeGateway, words: str, why: str
) -> None:
    result = run(gateway, *words.split())
    assert result.exit_code == 2
    assert why in " ".join(result.stderr.replace("│", " ").split())
    assert not [each for each in gateway.asked if each.method != "GET"]


def test_unlocking_what_is_not_locked_is_not_there(gateway: FakeGateway) -> None:
    gateway.answers[f"GET {REPO}/locks"] = []
    result = run(gateway, "unlock", NAME, "production")
    assert (result.exit_code, result.stderr) == (
        4,
        "gitploy: production is not locked.\n",
    )


def test_who_waits_in_line(gateway: FakeGateway) -> None:
    out = run(gateway, "queue", NAME, "qa").stdout
    assert out.split("\t") == ["qa", "1", "#9", f"{T0}\n"]


def test_environments_in_one_look(gateway: FakeGateway) -> None:
    shown = {
        "name": "production", "live": deployment("success"), "running": [],
        "lock": LOCK, "queue": [{"number": 9}], "hold": {"number": 3},
    }  # fmt: skip
    gateway.answers[f"GET {REPO}/environments"] = [shown]
    out = run(gateway, "env", "list", NAME).stdout
    for word in ("#1 main at 8350dd2", "#9", "locked by ada: Migration", "since #3"):
        assert word in out


def test_a_push_that_was_deployed_nowhere_is_told(gateway: FakeGateway) -> None:
    assert "auto deploys" not in run(gateway, "repo", "get", NAME).stdout
    gateway.answers[f"GET {REPO}"] = KNOWN | {
        "auto_deploy_problem": {
            "message": "The push of main was deployed nowhere.",
            "ref": "main", "sha": SHA, "at": T0,
        }
    }  # fmt: skip
    out = run(gateway, "repo", "get", NAME).stdout
    assert "auto deploys: The push of main was deployed nowhere. (" in out


def test_rules_and_their_warnings(gateway: FakeGateway) -> None:
    result = run(gateway, "config", "get", NAME)
    assert "2 approvals" in result.stdout
    assert "store, percent, force" in result.stdout
    assert "deploy.yml:3:1: warning: It is broad." in result.stderr


def test_a_list_has_pages_or_all_of_them(gateway: FakeGateway) -> None:
    run(gateway, "repo", "ls", "--page", "2", "--per-page", "5", "-q", "sh")
    assert gateway.last.query == {"q": "sh", "page": 2, "per_page": 5}
    assert told(run(gateway, "repo", "list", "--all", "--json")) == [KNOWN]
    assert gateway.last.query["per_page"] == 100


def test_changes_are_the_first_lines_of_commits(gateway: FakeGateway) -> None:
    out = run(gateway, "deployment", "changes", NAME, "7").stdout
    assert out == "8350dd2\tAdd a cart\t-\t-\n"


def test_nothing_is_told_of_beside_an_empty_answer(gateway: FakeGateway) -> None:
    result = run(gateway, "deployment-status", "list", NAME, "7")
    assert not result.stdout
    assert "has not answered" in result.stderr


TOKEN = {
    "id": 3, "name": "ci", "scope": "deploy", "repository": NAME, "created_at": T0,
    "expires_at": None, "last_used_at": None,
}  # fmt: skip


def test_a_token_is_made_shown_once_and_ended(gateway: FakeGateway) -> None:
    gateway.answers["POST /user/tokens"] = {**TOKEN, "token": "secret"}
    gateway.answers["GET /user/tokens"] = [TOKEN]
    gateway.answers["DELETE /user/tokens/3"] = None
    made = run(
        gateway, "token", "create", "ci", "--scope", "deploy", "--repository", NAME
    )
    assert made.stdout == "secret\n"
    assert gateway.last.body == {"name": "ci", "scope": "deploy", "repository": NAME}
    assert run(gateway, "token", "list").stdout.startswith("3\tci\tdeploy\tdemo/shop\t")
    assert "revoked" in run(gateway, "token", "revoke", "3").stdout


def test_deployments_are_found_in_all_repositories(gateway: FakeGateway) -> None:
    shown = deployment("success")
    shown["edges"]["repo"] = {"namespace": "demo", "name": "shop"}
    gateway.answers["GET /search/deployments"] = [shown, deployment("running")]
    words = ["--ref", "main", "--status", "success", "--status", "running"]
    since = "2026-01-01T00:00:00Z"
    out = run(gateway, "search", *words, "--since", since, "--production").stdout
    assert gateway.last.query == {
        "ref": "main", "statuses": "success,running", "production_only": True,
        "owned": "false", "from": "2026-01-01T00:00:00+00:00", "page": 1,
        "per_page": 30,
    }  # fmt: skip
    assert [line.split("\t")[:2] for line in out.splitlines()] == [
        ["demo/shop", "#1"],
        ["-", "#1"],
    ]


def test_what_waits_for_my_review(gateway: FakeGateway) -> None:
    about = deployment("waiting_for_review")
    review = {"created_at": T0, "edges": {"deployment": about}}
    gateway.answers["GET /search/reviews"] = [review]
    assert "production\tmain\t8350dd2\tada" in run(gateway, "reviews").stdout


def test_the_past_is_asked_for(gateway: FakeGateway) -> None:
    run(gateway, "deployment", "get", NAME, "7", "--at", "2026-01-01T00:00:00Z")
    assert gateway.last.query == {"at": "2026-01-01T00:00:00+00:00"}


def test_repositories_are_synced_with_github(gateway: FakeGateway) -> None:
    gateway.answers["POST /sync"] = None
    assert run(gateway, "repo", "sync").exit_code == 0
