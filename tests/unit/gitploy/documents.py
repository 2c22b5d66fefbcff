"""Documents as the gateway's API gives them, as far as the command reads them."""

from typing import Any

T0 = "2026-01-05T09:00:00Z"
SHA = "8350dd2c1e45cd30f3d6f83af35fe5d06a6f7906"


def deployment(phase: str, **more: Any) -> dict[str, Any]:
    return {
        "id": 4, "number": 1, "type": "branch", "env": "production", "ref": "main",
        "phase": phase, "code": None, "message": None, "created_at": T0,
        "updated_at": T0, "waits_for": None, "sha": SHA, "uid": 31,
        "checks": [{"code": "ref", "state": "passed", "message": "Found.", "url": ""}]
        * 6,
        "foreign": False, "source": "api", "rollback_of": None, "override": None,
        "log_url": "",
        "edges": {"user": {"login": "ada"}}, **more,
    }  # fmt: skip


def waits(what: str, **more: Any) -> dict[str, Any]:
    return {
        "what": what, "message": None, "since": T0, "until": None, "asked": None,
        "who": [], "required": None, "approved": None, "position": None,
        "holder": None, **more,
    }  # fmt: skip
