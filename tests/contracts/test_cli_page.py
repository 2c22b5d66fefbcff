"""docs/cli.md names what the command has: every command, option and exit code."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from typer.main import get_command

from gitploy import failing
from gitploy.arguments import REPO, SHARED
from gitploy.main import app

PAGE = Path(__file__).parents[2] / "docs/cli.md"
#: Those that have a row of their own under "Log in" and "In scripts".
EVERYWHERE = {name for name, _, _ in [*SHARED, REPO]}
CTRL_C = 130


def commands(group: Any, *path: str) -> Iterator[tuple[str, Any]]:
    """Each that is shown, by its words."""
    for name, command in group.commands.items():
        if command.hidden:
            continue
        if hasattr(command, "commands"):
            yield from commands(command, *path, name)
        else:
            yield " ".join([*path, name]), command


def arguments(command: Any) -> str:
    """`[REPO] ENV`: what stands in brackets may be left out."""
    words = []
    for each in command.params:
        if each.param_type_name == "argument":
            name = (each.metavar or each.name).upper().strip("[]{}")
            words.append(name if each.required else f"[{name}]")
    return " ".join(words)


def options(command: Any) -> set[str]:
    """Its own; what all take that ask the gateway is told once."""
    asks = "jq" in {each.name for each in command.params}
    told = {"help", *(EVERYWHERE if asks else ())}
    return {
        word
        for each in command.params
        if each.param_type_name == "option" and each.name not in told
        for word in [*each.opts, *each.secondary_opts]
    }


def row(words: str, command: Any) -> str:
    line = " ".join(part for part in (words, arguments(command)) if part)
    own = ", ".join(f"`{word}`" for word in sorted(options(command)))
    return f"| `{line}` | {own} |".replace("|  |", "| |")


def test_every_command_and_option_is_named() -> None:
    told = PAGE.read_text().partition("| all commands |")[2].partition("\n\n")[0]
    rows = told.splitlines()[2:]
    assert rows == [row(*each) for each in commands(get_command(app))]


def test_what_all_commands_take_is_named() -> None:
    text = PAGE.read_text()
    watch = dict(commands(get_command(app)))["watch"]
    for each in watch.params:
        if each.name in EVERYWHERE:
            assert all(f"`{word}`" in text for word in each.opts), each.opts


def test_every_exit_code_is_named() -> None:
    text = PAGE.read_text()
    table = text.partition("| exit code |")[2].partition("\n\n")[0]
    codes = {int(each) for each in re.findall(r"^\| (\d+) \|", table, re.MULTILINE)}
    known = {v for k, v in vars(failing).items() if k.isupper() and isinstance(v, int)}
    assert codes == known | {0, CTRL_C}
    epilog = get_command(app).epilog or ""
    assert {int(each) for each in re.findall(r"\d+", epilog)} == codes - {CTRL_C}
