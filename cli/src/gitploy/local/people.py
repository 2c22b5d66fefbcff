"""The people of a system that `demo` or `up` runs: known to the sandbox, with tokens.

So what one person asks for another can approve, as it is meant.
"""

import json
from collections.abc import Mapping

from github_sandbox.settings import SAMPLE_PEOPLE, stable_number
from gitploy.local.place import Place


def tokens(place: Place) -> Mapping[str, str]:
    """The token of each of them for the API, by login; the same at each start."""
    return {login: place.secret(f"token-of-{login}") for login in SAMPLE_PEOPLE}


def as_setting(people: Mapping[str, str]) -> str:
    """Tokens by logins, as `GITPLOY_API_TOKENS` has them."""
    told = [
        {
            "token": token,
            "id": stable_number(login),
            "login": login,
            "admin": SAMPLE_PEOPLE[login] == "admin",
        }
        for login, token in people.items()
    ]
    return json.dumps(told)
