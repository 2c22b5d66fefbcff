"""Keys, the tables as they grow, and the rules about who may come in."""

from datetime import timedelta

import pytest
from cryptography.fernet import Fernet
from sqlalchemy import inspect, text

from api_gateway.accounts import Keys, Page, Records, UnreadableError, new_secret
from api_gateway.accounts import people as kept
from api_gateway.accounts.ports import Profile
from api_gateway.accounts.tables import METADATA, PEOPLE
from api_gateway.domain.access import AccessRules, Permission, Scope, is_full_name
from shared.contracts import GATEWAY
from shared.store import Database, Tables
from shared.testing import FakeClock

OLD, NEW = (Fernet.generate_key().decode() for _ in range(2))


def test_what_an_old_key_closed_is_opened_and_closed_anew() -> None:
    closed = Keys([OLD]).close("secret")
    both = Keys([NEW, OLD])
    assert both.open(closed) == "secret"
    renewed = both.renew(closed)
    assert Keys([NEW]).open(renewed) == "secret"
    assert both.renew(renewed) == renewed
    with pytest.raises(UnreadableError):
        Keys([NEW]).open(closed)
    with pytest.raises(UnreadableError):
        Keys([NEW]).renew(closed)


def test_secrets_differ_and_are_long() -> None:
    made = {new_secret("gitploy_") for _ in range(100)}
    assert len(made) == 100
    assert {len(one) for one in made} == {len("gitploy_") + 43}


@pytest.mark.parametrize(
    ("members", "login", "organizations", "comes_in"),
    [
        ((), "ann", [], True),
        (("ann",), "Ann", [], True),
        (("acme",), "ann", ["other", "ACME"], True),
        (("acme",), "ann", ["other"], False),
        (("acme",), "acme-2", [], False),
    ],
)
def test_who_comes_in(
    members: tuple[str, ...], login: str, organizations: list[str], comes_in: bool
) -> None:
    rules = AccessRules(members=frozenset(members))
    assert rules.admit(login, organizations) is comes_in


def test_which_repositories_count() -> None:
    assert AccessRules().count("any/thing")
    rules = AccessRules(organizations=frozenset({"acme"}))
    assert rules.count("ACME/shop")
    assert not rules.count("acme2/shop")
    rules = AccessRules(admins=frozenset({"olga"}), admin_ids=frozenset({7}))
    assert rules.name_admin("Olga", 1)
    assert rules.name_admin("otto", 7)
    assert not rules.name_admin("otto", 1)


def test_rights_compare() -> None:
    ranks = [Permission(may).rank for may in ("none", "read", "write", "admin")]
    assert ranks == sorted(set(ranks))
    assert Scope.named("read") < Scope.named("deploy") < Scope.named("admin")


@pytest.mark.parametrize(
    ("text", "is_one"),
    [
        ("octo/shop", True),
        ("octo/.github", True),
        ("octo", False),
        ("octo/", False),
        ("../shop", False),
        ("octo/..", False),
        ("octo/shop/x", False),
        ("octo/sh op", False),
    ],
)
def test_names_of_repositories(text: str, is_one: bool) -> None:
    assert is_full_name(text) is is_one


async def test_tables_of_an_older_version_get_what_they_lack() -> None:
    records = Records(Tables(Database(GATEWAY, "memory://"), "accounts"), FakeClock())
    await records.prepare()
    await records.write(lambda c: kept.put(c, Profile(1, "ann"), records.clock()))
    await records.write(
        lambda c: c.execute(text("ALTER TABLE people DROP COLUMN signed_in_at"))
    )
    await records.prepare()
    [shown] = await records.read(lambda c: kept.known(c, "", Page()))
    assert (shown.login, shown.signed_in_at) == ("ann", None)
    there = await records.read(lambda c: inspect(c).get_table_names())
    assert set(there) == set(METADATA.tables)
    added = {column.name for column in PEOPLE.columns if column.nullable}
    assert "signed_in_at" in added
    records.tables.close()


async def test_whoever_had_a_login_before_has_it_no_more() -> None:
    records = Records(Tables(Database(GATEWAY, "memory://"), "accounts"), FakeClock())
    await records.prepare()
    later = records.clock() + timedelta(days=1)
    await records.write(lambda c: kept.put(c, Profile(1, "Ann"), records.clock()))
    await records.write(lambda c: kept.put(c, Profile(2, "ann"), later))
    shown = await records.read(lambda c: kept.known(c, "", Page()))
    assert [(one.id, one.login) for one in shown] == [(2, "ann"), (1, "renamed-1")]
    records.tables.close()
