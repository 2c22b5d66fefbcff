"""Arguments and options that many commands take."""

from pathlib import Path
from typing import Annotated, Any, Final

import typer

from gitploy.completing import repositories
from gitploy.reaching import HOST_VARIABLES, TOKEN_VARIABLES

PANEL: Final = "Where, as whom, in which form"

Repository = Annotated[
    str,
    typer.Argument(
        metavar="REPO",
        help="OWNER/NAME. May be left out: then --repo, or the folder's git remote.",
        autocompletion=repositories,
        show_default=False,
    ),
]


def number_of(text: str) -> int:
    """As people read it, so that what is shown can be typed: `7` or `#7`."""
    digits = text.removeprefix("#")
    if not (digits.isascii() and digits.isdigit() and int(digits)):
        raise typer.BadParameter(f"{text!r} is no deployment's number: it is like 7.")
    return int(digits)


Number = Annotated[
    int,
    typer.Argument(metavar="NUMBER", parser=number_of, help="The deployment's number."),
]

#: The options that every command of the API gets: name in the code, type, default.
SHARED: Final[list[tuple[str, Any, Any]]] = [
    (
        "host",
        Annotated[
            str | None,
            typer.Option(
                "--host", "-H", "--url", envvar=HOST_VARIABLES, rich_help_panel=PANEL,
                metavar="URL", help="The gateway. Default: where you have logged in.",
            ),
        ],
        None,
    ),
    (
        "token",
        Annotated[
            str | None,
            typer.Option(
                "--token", "-T", envvar=TOKEN_VARIABLES, rich_help_panel=PANEL,
                help="Best as the variable: others can see what is typed.",
            ),
        ],
        None,
    ),
    (
        "data",
        Annotated[
            Path | None,
            typer.Option(
                "--data", rich_help_panel=PANEL,
                help="The directory of what `demo` or `up` runs here.",
            ),
        ],
        None,
    ),
    (
        "as_json",
        Annotated[
            bool, typer.Option("--json", rich_help_panel=PANEL, help="For programs.")
        ],
        False,
    ),
    (
        "jq",
        Annotated[
            str | None,
            typer.Option(
                "--jq", rich_help_panel=PANEL, metavar="PROGRAM",
                help="Of the JSON only what a program of jq picks.",
            ),
        ],
        None,
    ),
    (
        "query",
        Annotated[
            str | None,
            typer.Option(
                "--query", rich_help_panel=PANEL, metavar="PATH",
                help="The same by a path like edges.user.login or #.number.",
            ),
        ],
        None,
    ),
]  # fmt: skip
REPO: Final = (
    "repo",
    Annotated[
        str | None,
        typer.Option(
            "--repo", "-R", envvar="GITPLOY_REPO", rich_help_panel=PANEL,
            metavar="OWNER/NAME", help="The repository, where it isn't named.",
            autocompletion=repositories,
        ),
    ],
    None,
)  # fmt: skip
