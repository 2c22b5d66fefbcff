"""A role and the older word that GitHub has for it."""

import pytest

from github_sandbox.shapes import Links, collaboration

LINKS = Links("http://sandbox", "octo/shop")


@pytest.mark.parametrize(
    ("role", "permission", "may"),
    [
        ("none", "none", []),
        ("read", "read", ["pull"]),
        ("triage", "read", ["pull", "triage"]),
        ("write", "write", ["pull", "triage", "push"]),
        ("maintain", "write", ["pull", "triage", "push", "maintain"]),
        ("admin", "admin", ["pull", "triage", "push", "maintain", "admin"]),
    ],
)
def test_roles(role: str, permission: str, may: list[str]) -> None:
    told = collaboration(LINKS, "ann", role)
    assert (told["role_name"], told["permission"]) == (role, permission)
    assert [name for name, yes in told["user"]["permissions"].items() if yes] == may
