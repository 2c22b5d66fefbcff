"""What is given for a dynamic payload."""

from typing import Any

import pytest

from shared.deploy_yml import DynamicPayload, filled, payload_problems, read

DYNAMIC = read("""\
envs:
- name: a
  dynamic_payload:
    enabled: true
    inputs:
      region: {type: select, options: [eu, us], required: true}
      size: {type: number, required: true, default: 3}
      migrate: {type: boolean, default: false}
      note: {type: string}
""").envs["a"].dynamic_payload  # fmt: skip


@pytest.mark.parametrize(
    ("given", "payload"),
    [
        ({"region": "eu"}, {"region": "eu", "size": 3, "migrate": False}),
        (
            {"region": "us", "size": 1.5, "migrate": True, "note": ""},
            {"region": "us", "size": 1.5, "migrate": True, "note": ""},
        ),
        (
            {"region": "eu", "size": None, "note": None},
            {"region": "eu", "size": 3, "migrate": False},
        ),
    ],
)
def test_defaults_fill_what_is_not_given(
    given: dict[str, Any], payload: dict[str, Any]
) -> None:
    assert DYNAMIC
    assert payload_problems(DYNAMIC, given) == []
    assert filled(DYNAMIC, given) == payload


@pytest.mark.parametrize(
    ("given", "problems"),
    [
        ({}, ["The input `region` is required."]),
        ({"region": None}, ["The input `region` is required."]),
        ({"region": "asia"}, [
            'The input `region` must be one of "eu", "us", not "asia".'
        ]),
        ({"region": ["eu"]}, [
            'The input `region` must be one of "eu", "us", not a list.'
        ]),
        ({"region": "eu", "size": "3"}, [
            'The input `size` must be a number, not "3".'
        ]),
        ({"region": "eu", "size": True}, [
            "The input `size` must be a number, not true."
        ]),
        ({"region": "eu", "size": float("inf")}, [
            "The input `size` must be a number, not Infinity."
        ]),
        ({"region": "eu", "migrate": 0}, [
            "The input `migrate` must be true or false, not 0."
        ]),
        ({"region": "eu", "note": 1}, ["The input `note` must be text, not 1."]),
        ({"Region": "eu", "x" * 99: 1}, [
            ("There is no input `Region` here, but: `region`, `size`, `migrate`, "
             "`note`."),
            (f"There is no input `{'x' * 40}…` here, but: `region`, `size`, "
             "`migrate`, `note`."),
            "The input `region` is required.",
        ]),
    ],
)  # fmt: skip
def test_all_that_is_wrong_is_told(given: dict[str, Any], problems: list[str]) -> None:
    assert DYNAMIC
    assert payload_problems(DYNAMIC, given) == problems


def test_nothing_is_asked_where_it_is_not_enabled() -> None:
    off = DynamicPayload(inputs=DYNAMIC.inputs if DYNAMIC else {})
    assert payload_problems(off, {}) == []
    assert payload_problems(off, {"region": "eu"}) == [
        "There is no input `region` here, but: none."
    ]
    assert filled(off, {"region": "eu"}) == {}
