"""What all commands have in common: where, as whom, which repository, which form."""

import json
from pathlib import Path

import pytest

from .documents import deployment
from .fake import NAME, REPO, FakeGateway, run, told

DEPLOYMENTS = f"GET {REPO}/deployments"
SHOP = {"GITPLOY_REPO": NAME}


@pytest.fixture
def gateway() -> FakeGateway:
    return FakeGateway(
        {
            DEPLOYMENTS: [deployment("success"), deployment("rejected", number=2)],
            f"GET {REPO}/deployments/7": deployment("success", number=7),
            f"POST {REPO}/deployments": deployment("created"),
        }
    )


@pytest.mark.parametrize(
    "words",
    [
        ["deploy", NAME, "production", "main"],
        ["deploy", "-R", NAME, "production", "main"],
        ["deploy", "production", "main", "--repo", NAME],
    ],
)
def test_a_repository_may_stand_first_or_in_an_option(
    gateway: FakeGateway, words: list[str]
) -> None:
    assert run(gateway, *words, "--type", "branch").exit_code == 0
    body = gateway.last.body
    assert (gateway.last.path, body["env"], body["ref"]) == (
        f"{REPO}/deployments",
        "production",
        "main",
    )


def test_an_environment_that_looks_like_a_repository_is_not_taken_for_one(
    gateway: FakeGateway,
) -> None:
    words = ["deploy", "eu/live", "feature/x", "--type", "branch"]
    assert run(gateway, *words, env=SHOP).exit_code == 0
    assert (gateway.last.body["env"], gateway.last.body["ref"]) == (
        "eu/live",
        "feature/x",
    )


def test_a_number_alone_is_the_deployments(gateway: FakeGateway) -> None:
    assert "#7" in run(gateway, "deployment", "get", "7", env=SHOP).stdout
    assert "#7" in run(gateway, "deployment", "get", NAME, "7").stdout


@pytest.mark.parametrize("name", ["shop", "demo/shop/more", "demo/../x", "-/x"])
def test_a_repository_that_is_none_is_wrong(gateway: FakeGateway, name: str) -> None:
    result = run(gateway, "repo", "get", "--repo", name)
    assert result.exit_code == 2
    assert "OWNER/NAME" in result.stderr
    assert not gateway.asked


@pytest.mark.parametrize(
    ("words", "missing"),
    [
        (["deploy", "production"], "REF"),
        (["deploy", NAME, "production"], "REF"),
        (["deployment", "get", NAME], "NUMBER"),
    ],
)
def test_what_is_missing_is_named(
    gateway: FakeGateway, words: list[str], missing: str,
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    monkeypatch.chdir(tmp_path)
    result = run(gateway, *words)
    assert result.exit_code == 2
    assert f"Missing argument '{missing}'" in result.stderr


@pytest.mark.parametrize(
    ("more", "words", "said"),
    [
        (True, [], "There are more: --page 2"),
        (True, ["--page", "4"], "--page 5"),
        (True, ["--json"], ""),
        (False, [], ""),
    ],
)
def test_a_list_that_goes_on_says_so_to_people(
    gateway: FakeGateway, more: bool, words: list[str], said: str
) -> None:
    gateway.more = more
    result = run(gateway, "deployment", "list", *words, env=SHOP)
    assert result.exit_code == 0
    assert said in result.stderr
    assert bool(result.stderr) == bool(said)


def test_the_flags_of_gitploys_own_command_may_stand_first(
    gateway: FakeGateway,
) -> None:
    flags = ["-H", "http://localhost:1/", "-T", "other", "--query", "#.number"]
    assert told(run(gateway, *flags, "deployment", "ls", NAME)) == [1, 2]
    assert gateway.reached == ("http://localhost:1", "other")


def test_an_option_goes_before_the_environment(gateway: FakeGateway) -> None:
    run(gateway, "repo", "get", NAME, "--host", "gitploy.example", "-T", "mine")
    assert gateway.reached == ("https://gitploy.example", "mine")


def test_json_is_the_answer_itself(gateway: FakeGateway) -> None:
    result = run(gateway, "deployment", "list", NAME, "--json")
    assert told(result) == gateway.answers[DEPLOYMENTS]


def test_jq_picks_and_texts_have_no_quotes(gateway: FakeGateway) -> None:
    result = run(gateway, "deployment", "list", NAME, "--jq", ".[].phase")
    assert result.stdout == "success\nrejected\n"


def test_a_program_that_is_none_is_wrong(gateway: FakeGateway) -> None:
    result = run(gateway, "deployment", "list", NAME, "--jq", ".[")
    assert result.exit_code == 2
    assert "--jq" in result.stderr
    assert run(gateway, "repo", "list", "--jq", ".", "--query", "a").exit_code == 2


def test_where_it_is_no_terminal_a_table_is_plain(gateway: FakeGateway) -> None:
    lines = run(gateway, "deployment", "list", NAME).stdout.splitlines()
    assert lines[0].split("\t")[:5] == [
        "#1", "production", "main", "8350dd2", "success",
    ]  # fmt: skip


def test_text_of_strangers_does_not_steer_the_terminal(gateway: FakeGateway) -> None:
    gateway.answers[DEPLOYMENTS] = [deployment("success", ref="\x1b[2Jmain\tx\ny")]
    out = run(gateway, "deployment", "list", NAME).stdout
    assert "\x1b" not in out
    assert len(out.splitlines()) == 1


def test_a_refusal_is_a_sentence_and_for_programs_the_document(
    gateway: FakeGateway,
) -> None:
    body = {"code": "deployment_locked", "message": "Locked.", "number": 9}
    gateway.answers[f"POST {REPO}/deployments"] = 422, body
    words = ["deploy", NAME, "production", "main", "--type", "branch"]
    result = run(gateway, *words)
    assert result.exit_code == 1
    assert result.stderr.startswith("gitploy: Locked.\n")
    assert "gitploy explain demo/shop 9" in result.stderr
    assert not result.stdout
    assert json.loads(run(gateway, *words, "--json").stdout) == body


@pytest.mark.parametrize(("status", "code"), [(401, 3), (403, 3), (404, 4), (500, 5)])
def test_exit_codes(gateway: FakeGateway, status: int, code: int) -> None:
    gateway.answers[f"GET {REPO}"] = status, {"message": "No"}
    assert run(gateway, "repo", "get", NAME).exit_code == code


def test_without_a_gateway_it_says_how_to_name_one(
    gateway: FakeGateway, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    nowhere = {
        "GITPLOY_SERVER_HOST": "",
        "GITPLOY_TOKEN": "",
        "XDG_CONFIG_HOME": str(tmp_path),
    }
    result = run(gateway, "repo", "list", env=nowhere)
    assert result.exit_code == 2
    assert "gitploy login" in result.stderr


def test_who_has_no_token_learns_where_one_is_made(gateway: FakeGateway) -> None:
    result = run(gateway, "login", "--host", "https://gitploy.example")
    assert result.exit_code == 2
    assert (
        "Without a token, sign in and make one at https://gitploy.example/signin?"
        "next=/docs/api%23/user/tokens_make\n"
    ) in result.stderr
