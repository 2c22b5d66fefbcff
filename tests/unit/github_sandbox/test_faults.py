"""Faults take over all that is given, or nothing."""

from typing import Any

import pytest

from github_sandbox.faults import DEFAULTS, FaultError, Faults, happens


def test_only_the_given_parts_change() -> None:
    faults = Faults()
    faults.merge({"webhooks": {"drop": 1}, "answers": {}})
    assert faults.webhooks("drop") == 1
    assert faults.webhooks("duplicate") == 0
    faults.clear()
    assert faults.values == DEFAULTS


@pytest.mark.parametrize(
    ("given", "named"),
    [
        ([], "JSON object"),
        ({"webhook": {}}, "'webhook'"),
        ({"webhooks": 1}, "webhooks"),
        ({"webhooks": {"lose": 1}}, "'webhooks.lose'"),
        ({"webhooks": {"drop": 1.1}}, "webhooks.drop"),
        ({"webhooks": {"drop": -0.1}}, "webhooks.drop"),
        ({"webhooks": {"drop": True}}, "webhooks.drop"),
        ({"webhooks": {"drop": "1"}}, "webhooks.drop"),
        ({"webhooks": {"shuffle": 1}}, "webhooks.shuffle"),
        ({"create_deployment": {"refuse": 0.5}}, "create_deployment.refuse"),
        ({"create_deployment": {"refuse": None}}, "create_deployment.refuse"),
    ],
)
def test_what_is_wrong_is_named_and_changes_nothing(given: Any, named: str) -> None:
    faults = Faults()
    with pytest.raises(FaultError, match=named):
        faults.merge(given)
    if isinstance(given, dict):
        with pytest.raises(FaultError):
            faults.merge({"answers": {"delay_s": 1}, **given})
    assert faults.values == DEFAULTS


def test_a_count_hits_so_many_calls() -> None:
    faults = Faults()
    faults.merge({"create_deployment": {"refuse": 2}})
    assert [faults.hits_create("refuse") for _ in range(3)] == [True, True, False]
    assert faults.values == DEFAULTS


def test_never_and_always() -> None:
    assert not any(happens(0.0) for _ in range(100))
    assert all(happens(1.0) for _ in range(100))
