"""`gitploy config`, on files and in git repositories."""

import json
from pathlib import Path

import pygit2
import pytest
from typer.testing import CliRunner, Result

from gitploy.main import app

GOOD = "envs:\n- name: staging\n- name: production\n  deployable_ref: main\n"
BAD = 'envs:\n- name: a\n  foo: 1\n  payload: {x: !!x "\\e[2J"}\n  timeout: x\n'


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "deploy.yml"


def validate(*arguments: str | Path, stdin: str | bytes | None = None) -> Result:
    words = ["config", "validate", *map(str, arguments)]
    return CliRunner().invoke(app, words, input=stdin)


def test_a_file_without_mistakes(file: Path) -> None:
    file.write_text(GOOD)
    result = validate(file)
    assert result.exit_code == 0
    assert result.output == f"{file} is valid: staging, production\n"


def test_it_is_the_deploy_yml_here_if_none_is_named(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file.write_text(GOOD)
    monkeypatch.chdir(file.parent)
    assert validate().output == "deploy.yml is valid: staging, production\n"


def test_all_mistakes_are_told_with_their_places(file: Path) -> None:
    file.write_text(BAD)
    result = validate(file)
    assert result.exit_code == 1
    places = [line.split(": ")[0] for line in result.output.splitlines()]
    assert places == [f"{file}:3:3", f"{file}:4:16", f"{file}:5:3"]


def test_no_mistake_controls_the_terminal(file: Path) -> None:
    file.write_text('envs:\n- name: a\n  "\\e[2J": 1\n')
    assert "unknown field `�[2J`" in validate(file).output


def test_the_standard_input_is_read() -> None:
    assert validate("-", stdin=GOOD).output.startswith("<stdin> is valid")
    assert validate("-", stdin="envs: 1").output.startswith("<stdin>:1:1: `envs`")


def test_a_rollback_is_read_as_one(file: Path) -> None:
    file.write_text('envs: [{name: "e${GITPLOY_ROLLBACK_TASK}"}]')
    assert validate(file).output.endswith(": e\n")
    assert validate(file, "--rollback").output.endswith(": erollback\n")


def test_what_is_wrong_on_a_rollback_alone_is_told_before_one(file: Path) -> None:
    """At night nobody wants to learn it."""
    late = "timeout: ${GITPLOY_ROLLBACK_TASK:-5m}"
    file.write_text(f"envs:\n  - name: a\n    foo: 1\n    {late}\n")
    told = validate(file).output.splitlines()
    assert [line.removeprefix(str(file))[:20] for line in told] == [
        ":3:5: unknown field ",
        ":4:5: on a rollback:",
    ]
    file.write_text(f"envs:\n  - name: a\n    {late}\n")
    result = validate(file)
    assert result.exit_code == 1
    assert ":3:5: on a rollback: `envs[0].timeout` must be a duration" in result.output


@pytest.mark.parametrize(
    ("content", "code", "what"),
    [(None, 2, "No such file"), (b"a: 1\nb: \xff", 1, "no UTF-8 text, see line 2")],
)
def test_a_file_that_can_not_be_read(
    file: Path, content: bytes | None, code: int, what: str
) -> None:
    if content is not None:
        file.write_bytes(content)
    result = validate(file)
    assert result.exit_code == code
    assert what in result.output


def test_patterns_are_held_against_the_branches_and_tags_around(file: Path) -> None:
    repository = pygit2.init_repository(file.parent)
    tree = repository.TreeBuilder().write()
    me = pygit2.Signature("me", "me@example.com")
    commit = repository.create_commit("refs/heads/main", me, me, "first", tree, [])
    for ref in (
        "refs/remotes/origin/not-main-2",
        "refs/tags/main-1",
        "refs/notes/main",
    ):
        repository.references.create(ref, commit)
    file.write_text(GOOD + "  auto_deploy_on: main\n")
    result = validate(file)
    deployable, auto, valid = result.output.splitlines()
    assert result.exit_code == 0
    assert deployable.startswith(f"{file}:4:3: warning: `main` is matched against")
    assert "not `not-main-2`, `main-1`, as Gitploy would" in deployable
    assert "`refs/heads/main`, `refs/heads/not-main-2`, `refs/tags/main-1`" in auto
    assert "is valid" in valid


def test_a_repository_that_can_not_be_read_is_no_obstacle(file: Path) -> None:
    pygit2.init_repository(file.parent)
    (file.parent / ".git/config").write_text("[core")
    file.write_text(GOOD)
    result = validate(file)
    assert result.exit_code == 0
    assert "git repository can't be read" in result.stderr


def test_the_schema_is_json() -> None:
    result = CliRunner().invoke(app, ["config", "schema"])
    assert json.loads(result.output)["title"] == "deploy.yml"
