"""What the sandbox is told at its start, from flags or from the environment.

Tokens are best given in the environment: flags show in the list of processes. A
setting that is missing or malformed ends the start with one line that names it.
"""

import argparse
import os
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from github_sandbox.clients import App, Client, read_client
from github_sandbox.numbers import stable_number as stable_number

PREFIX = "GITPLOY_SANDBOX_"

_FULL_NAME = re.compile(r"[A-Za-z0-9._-]+/[A-Za-z0-9._-]+")

PERMISSIONS = ("none", "read", "triage", "write", "maintain", "admin")
"""What somebody may do in a repository, in GitHub's words; each includes the former."""

SAMPLE_PEOPLE = {"reader": "read", "deployer": "write", "admin": "admin"}
SAMPLE_TEAMS = {"deployers": ("deployer", "admin")}


class SettingError(Exception):
    """A setting is missing or malformed; the text names it."""


@dataclass(frozen=True)
class Settings:
    repository: Path
    full_name: str
    data: Path
    tokens: Mapping[str, str]
    """Which login each known token belongs to."""
    people: Mapping[str, str] = field(default_factory=lambda: SAMPLE_PEOPLE)
    """What each may do, by login. Whose token is known and who isn't here: all."""
    teams: Mapping[str, tuple[str, ...]] = field(default_factory=lambda: SAMPLE_TEAMS)
    """The owner's teams and their members' logins."""
    repository_id: int = 0
    host: str = "127.0.0.1"
    port: int = 8090
    watch_every_s: float = 0.5
    oauth: Client | None = None
    """The OAuth app that people sign in to."""
    app: App | None = None
    """The GitHub App; people sign in to it, too."""

    def client(self, id: str) -> Client | None:  # noqa: A002
        known = [self.oauth, self.app.client if self.app else None]
        return next((client for client in known if client and client.id == id), None)

    @property
    def id(self) -> int:
        """The repository's number: as told, else one that its name always gives."""
        return self.repository_id or stable_number(self.full_name)


def read(argv: Sequence[str], environ: Mapping[str, str] = os.environ) -> Settings:
    flags = vars(_parser().parse_args(argv))

    def told(name: str, default: str | None = None) -> str:
        value = flags[name] or environ.get(PREFIX + name.upper()) or default
        if value is None:
            raise SettingError(f"{PREFIX}{name.upper()} (--{name}) is missing")
        return str(value)

    def number(name: str, default: int) -> int:
        text = told(name, str(default))
        if not text.isdecimal():
            raise SettingError(f"{PREFIX}{name.upper()}: {text!r} is not a number")
        return int(text)

    full_name = told("name")
    if not _FULL_NAME.fullmatch(full_name):
        raise SettingError(f"{PREFIX}NAME: {full_name!r} is not owner/name")
    repository = Path(told("repository"))
    if not repository.is_dir():
        raise SettingError(f"{PREFIX}REPOSITORY: {repository} is not a directory")

    def pairs(flag: str, name: str) -> list[str]:
        return [*(flags[flag] or ()), *_split(environ.get(PREFIX + name, ""))]

    def said(name: str) -> str:
        return environ.get(PREFIX + name.upper(), "")

    return Settings(
        repository=repository,
        full_name=full_name,
        data=Path(told("data")),
        tokens=_tokens(pairs("token", "TOKENS")),
        people=_people(pairs("person", "PEOPLE")) or SAMPLE_PEOPLE,
        teams=_teams(pairs("team", "TEAMS")) or SAMPLE_TEAMS,
        host=told("host", "127.0.0.1"),
        port=number("port", 8090),
        oauth=read_client(said, "oauth"),
        app=_app(said),
    )


def _app(said: Callable[[str], str]) -> App | None:
    client = read_client(said, "app")
    if client is None:
        return None
    hook_url = said("app_hook_url")
    return App(client, said("app_public_key"), hook_url, said("app_hook_secret"))


def _tokens(pairs: Sequence[str]) -> dict[str, str]:
    tokens = {}
    for pair in pairs:
        token, _, login = pair.partition("=")
        if not (token and login):
            raise SettingError(f"{PREFIX}TOKENS (--token): one isn't TOKEN=login")
        tokens[token] = login
    if not tokens:
        raise SettingError(f"{PREFIX}TOKENS (--token) is missing: TOKEN=login")
    return tokens


def _people(pairs: Sequence[str]) -> dict[str, str]:
    people = {}
    for pair in pairs:
        login, _, permission = pair.partition("=")
        if not login or permission not in PERMISSIONS:
            known = ", ".join(PERMISSIONS)
            raise SettingError(
                f"{PREFIX}PEOPLE (--person): {pair!r} isn't LOGIN=PERMISSION ({known})"
            )
        people[login] = permission
    return people


def _teams(pairs: Sequence[str]) -> dict[str, tuple[str, ...]]:
    teams = {}
    for pair in pairs:
        slug, equals, logins = pair.partition("=")
        if not (slug and equals):
            raise SettingError(
                f"{PREFIX}TEAMS (--team): {pair!r} isn't TEAM=LOGIN+LOGIN…"
            )
        teams[slug] = tuple(login for login in logins.split("+") if login)
    return teams


def _split(text: str) -> list[str]:
    return [part for part in re.split(r"[,\s]+", text) if part]


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m github_sandbox")
    parser.add_argument("--repository", help="the git repository, bare or not")
    parser.add_argument("--name", help="owner/name, as GitHub shall call it")
    parser.add_argument("--data", help="where deployments and the like are kept")
    parser.add_argument("--host", help="default 127.0.0.1")
    parser.add_argument("--port", help="default 8090; 0 picks a free one")
    parser.add_argument("--token", action="append", help="TOKEN=login; repeatable")
    parser.add_argument(
        "--person", action="append", help="LOGIN=PERMISSION; repeatable"
    )
    parser.add_argument("--team", action="append", help="TEAM=LOGIN+LOGIN; repeatable")
    return parser
