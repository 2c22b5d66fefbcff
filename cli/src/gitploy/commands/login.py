"""`gitploy login` and `logout`: which gateway, and as whom."""

import asyncio
import sys
from typing import Annotated, Any, Final

import typer

from gitploy.arguments import PANEL
from gitploy.failing import WRONG, CommandError, told
from gitploy.logins import Login, Logins
from gitploy.reaching import HOST_VARIABLES, address, is_open
from gitploy.text import printable

Host = Annotated[
    str | None,
    typer.Option(
        "--host", "-H", envvar=HOST_VARIABLES, metavar="URL", rich_help_panel=PANEL,
        help="The gateway.",
    ),
]  # fmt: skip

#: In a browser: signs in, and leads to where the API's page makes a token.
MAKING: Final = "/signin?next=/docs/api%23/user/tokens_make"


def login(
    *,
    host: Host = None,
    with_token: Annotated[
        bool, typer.Option("--with-token", help="Read the token from standard input.")
    ] = False,
) -> None:
    """Log in to a gateway, with a token that its web page or `token create` makes.

    It is checked, and kept in a file that you alone can read.
    """
    with told():
        url = address(host or _asked("The gateway's address"))
        if is_open(url):
            typer.echo(f"{url} is not encrypted: others may read your token.", err=True)
        token = (sys.stdin.read() if with_token else _token(url)).strip()
        if not token:
            raise CommandError("There is no token.", WRONG)
        user = asyncio.run(_user(url, token))
        Logins().keep(Login(url, str(user["login"]), token))
    typer.echo(printable(f"You are {user['login']} at {url}."))


def logout(*, host: Host = None) -> None:
    """Forget the token of a gateway, by default the one where you logged in last."""
    with told():
        logins = Logins()
        known = logins.of(address(host) if host else None)
        if known is None:
            raise CommandError("You are not logged in there.")
        logins.forget(known)
    typer.echo(printable(f"The token of {known.login} at {known.url} is forgotten."))
    typer.echo("`gitploy token revoke` would have ended it.", err=True)


def _token(url: str) -> str:
    typer.echo(f"Without a token, sign in and make one at {url}{MAKING}", err=True)
    return _asked("Token", hide=True)


def _asked(what: str, *, hide: bool = False) -> str:
    if not sys.stdin.isatty():
        raise CommandError(
            f"{what} can't be asked for here: use --host and --with-token.", WRONG
        )
    return str(typer.prompt(what, hide_input=hide, err=True))


async def _user(url: str, token: str) -> Any:
    from gitploy.client import reached  # noqa: PLC0415 - takes a moment

    async with reached(url, token) as client:
        return await client.get("/user")
