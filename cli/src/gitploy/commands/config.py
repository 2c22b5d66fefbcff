"""`gitploy config`: deploy.yml, as it holds, and checked before it is merged."""

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from gitploy.arguments import Repository
from gitploy.asking import Asked, command
from gitploy.failing import FAILED, WRONG, CommandError, told
from gitploy.rules import Ref, show_rules

if TYPE_CHECKING:
    from shared.deploy_yml import Problem, Rules

app = typer.Typer(help="The rules of a repository: deploy.yml.", no_args_is_help=True)

STDIN: Final = Path("-")
_LOCAL: Final = "refs/heads/"
_REMOTE: Final = "refs/remotes/"


@app.command()
def validate(
    file: Annotated[
        Path, typer.Argument(help="The file; `-` reads the standard input.")
    ] = Path("deploy.yml"),
    *,
    rollback: Annotated[
        bool, typer.Option("--rollback", help="Read it as for a rollback alone.")
    ] = False,
) -> None:
    """Tell all mistakes of a deploy.yml, each with its line and column.

    It is read as for a deployment, and once more as for a rollback. Warns of patterns
    that no longer match what they would have matched at Gitploy; in a git repository,
    of each branch and tag there.
    """
    from shared.deploy_yml import unanchored  # noqa: PLC0415

    with told():
        text = _text(file)
    rules, wrong = _read(text, rollback=rollback)
    going_back = () if rollback else _read(text, rollback=True)[1]
    for problem in wrong:
        _tell(file, problem)
    for problem in going_back:
        if problem not in wrong:
            _tell(file, problem, "on a rollback: ")
    if rules is None or going_back:
        raise typer.Exit(FAILED)
    for problem in unanchored(rules, _refs(file)):
        _tell(file, problem, "warning: ")
    typer.echo(f"{_name(file)} is valid: {', '.join(rules.envs) or 'no environment'}")


@command(app, "get")
async def get(ask: Asked, repository: Repository, *, ref: Ref = None) -> None:
    """Show the rules that hold at a repository, or would at a ref."""
    await show_rules(ask, repository, ref)


@app.command()
def schema() -> None:
    """Print the JSON Schema of deploy.yml, for editors."""
    from shared.deploy_yml import schema as made  # noqa: PLC0415

    typer.echo(json.dumps(made(), indent=2, ensure_ascii=False))


def _read(text: str, *, rollback: bool) -> "tuple[Rules | None, tuple[Problem, ...]]":
    """The rules, or all that is wrong with them."""
    from shared.deploy_yml import ConfigError, read  # noqa: PLC0415

    try:
        return read(text, rollback=rollback), ()
    except ConfigError as error:
        return None, error.problems


def _tell(file: Path, problem: "Problem", kind: str = "") -> None:
    message = "".join(c if c.isprintable() else "�" for c in problem.message)
    typer.echo(f"{_name(file)}:{problem.line}:{problem.column}: {kind}{message}")


def _name(file: Path) -> str:
    return "<stdin>" if file == STDIN else str(file)


def _text(file: Path) -> str:
    try:
        content = sys.stdin.buffer.read() if file == STDIN else file.read_bytes()
    except OSError as error:
        what = f"{_name(file)} can't be read: {error.strerror}."
        raise CommandError(what, WRONG) from error
    try:
        return content.decode()
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        what = f"{_name(file)} is no UTF-8 text, see line {line}."
        raise CommandError(what) from error


def _refs(file: Path) -> list[str]:
    """The branches and tags of the git repository that the file lies in, if in one."""
    import pygit2  # noqa: PLC0415 - takes a moment

    if file == STDIN:
        return []
    try:
        found = pygit2.discover_repository(str(file.resolve().parent))
        names = list(pygit2.Repository(found).references) if found else []
    except pygit2.GitError as error:
        what = f"its git repository can't be read ({error})"
        typer.echo(f"{file}: {what}, so patterns are judged by their looks.", err=True)
        return []
    return [_at_github(name) for name in names if not name.endswith("/HEAD")]


def _at_github(name: str) -> str:
    """A ref as it is called there: `refs/remotes/origin/main` is a branch."""
    if not name.startswith(_REMOTE):
        return name
    _, _, branch = name.removeprefix(_REMOTE).partition("/")
    return _LOCAL + branch
