"""Addresses and node ids, as GitHub builds them.

Links start with what the client called, or with the public address that the sandbox
was told, so that they work from wherever they are read.
"""

import base64
from dataclasses import dataclass
from urllib.parse import quote


@dataclass(frozen=True)
class Links:
    base: str
    full_name: str

    def api(self, path: str = "") -> str:
        return f"{self.base}/repos/{self.full_name}{path}"

    def html(self, path: str = "") -> str:
        return f"{self.base}/{self.full_name}{path}"

    def user(self, login: str, path: str = "") -> str:
        return f"{self.base}/users/{quote(login, safe='')}{path}"


def node_id(kind: str, id: object) -> str:  # noqa: A002
    encoded = base64.urlsafe_b64encode(str(id).encode()).decode().rstrip("=")
    return f"{kind}_{encoded}"
