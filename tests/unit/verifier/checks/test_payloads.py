"""`payload`: does what was given fit what is asked for?"""

from typing import Any

import pytest

from shared.deploy_yml import Env
from tests.unit.verifier.examples import found, request, resolution, rollback, rules
from verifier import checks

DYNAMIC = """\
payload: {region: eu},
dynamic_payload: {enabled: true, inputs: {
  region: {type: select, options: [eu, us], required: true},
  count: {type: number, default: 2}}}"""
OFF = DYNAMIC.replace("enabled: true", "enabled: false")


@pytest.mark.parametrize(
    ("env", "given"),
    [(None, {"a": 1}), (rules(), None), (rules(), {}), (rules(OFF), None)],
)
def test_where_nothing_is_asked_for_and_nothing_given(
    env: Env | None, given: dict[str, Any] | None
) -> None:
    assert checks.payload(env, request(dynamic_payload=given)).state == "skipped"


@pytest.mark.parametrize("text", ["", OFF])
def test_what_nobody_asks_for_is_not_taken(text: str) -> None:
    check = checks.payload(rules(text), request(dynamic_payload={"a": 1}))
    assert check.state == "failed"
    assert check.message == (
        "deploy.yml has no `dynamic_payload` for production, and one was given: leave "
        "it out, or define its inputs."
    )


def test_valid_values() -> None:
    check = checks.payload(rules(DYNAMIC), request(dynamic_payload={"region": "us"}))
    assert (check.state, check.message) == ("passed", "The dynamic payload is valid.")


def test_all_that_is_wrong_is_told_at_once() -> None:
    given = {"count": "two", "typo": 1}
    check = checks.payload(rules(DYNAMIC), request(dynamic_payload=given), "url")
    assert (check.state, check.url) == ("failed", "url")
    assert check.message == (
        "The dynamic payload is not valid. There is no input `typo` here, but: "
        "`region`, `count`. The input `region` is required. The input `count` must be "
        'a number, not "two".'
    )


def test_a_rollback_brings_its_payload() -> None:
    check = checks.payload(rules(DYNAMIC), rollback())
    assert check.state == "skipped"
    assert check.message == "Not asked: a rollback takes over the payload of #7."


YAML = "envs: [{name: production, " + DYNAMIC + "}]"
OPTIONAL = YAML.replace("required: true", "required: false").replace(", default: 2", "")


@pytest.mark.parametrize(
    ("text", "given", "payload"),
    [
        (YAML, {"region": "us"}, {"region": "us", "count": 2}),
        (YAML, {"region": "us", "count": 3}, {"region": "us", "count": 3}),
        (OPTIONAL, {"count": 1}, {"count": 1}),
        (OPTIONAL, None, {"region": "eu"}),
        ("envs: [{name: production, payload: text}]", None, "text"),
        ("envs: [{name: production}]", None, None),
    ],
)
def test_what_is_given_replaces_what_is_written(
    text: str, given: dict[str, Any] | None, payload: Any
) -> None:
    wanted = request(dynamic_payload=given)
    config = resolution(wanted, found(text=text)).config
    assert config
    assert config.payload == payload


def test_a_rollback_goes_out_with_the_payload_of_its_target() -> None:
    config = resolution(rollback(), found(text=YAML)).config
    assert config
    assert config.payload == {"a": 1}
    assert config.commit == "b" * 40, "the other rules are those of now"


def test_a_question_without_values_is_told_what_will_be_asked_for() -> None:
    size = ", size: {type: number, required: true}, count:"
    two = rules(DYNAMIC.replace(",\n  count:", size))
    refused = checks.payload(two, request(), "url")
    check = checks.payload_to_come(two, refused)
    assert (check.code, check.state, check.url) == ("payload", "warning", "url")
    assert check.message == (
        "A deployment to production needs a dynamic payload, and this question has "
        "none. The input `region` is required. The input `size` is required."
    )


def test_another_answer_about_values_stays_as_it_is() -> None:
    unasked = checks.payload(rules(), request(dynamic_payload={"a": 1}))
    assert checks.payload_to_come(rules(), unasked) == unasked
    valid = checks.payload(rules(DYNAMIC), request(dynamic_payload={"region": "us"}))
    assert checks.payload_to_come(rules(DYNAMIC), valid) == valid
