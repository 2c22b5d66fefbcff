from typing import Any
from uuid import UUID, uuid4

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.github import (
    Marker,
    UnmarkablePayload,
    add_marker,
    find_marker,
    mark_status,
    status_mark,
)
from shared.github.marker import DESCRIPTION_LIMIT

texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=300)
values = st.none() | st.booleans() | st.integers(0, 9) | texts
objects = st.dictionaries(texts, values, max_size=4)


def marker(deployment_id: UUID) -> Marker:
    return Marker(deployment_id, 3, "main", "octocat", url="https://x/3")


@given(st.uuids(), objects | texts | st.none(), texts | st.none())
def test_a_marker_is_found_again(
    deployment_id: UUID, payload: Any, description: str | None
) -> None:
    sent, text = add_marker(payload, description, marker(deployment_id))
    assert find_marker(sent, text) == deployment_id
    assert len(text) <= DESCRIPTION_LIMIT
    # GraphQL tells every payload as a string.
    as_text = sent if isinstance(sent, str) else orjson.dumps(sent).decode()
    assert find_marker(as_text, text) == deployment_id


@given(objects)
def test_an_objects_own_members_stay(payload: dict[str, Any]) -> None:
    sent, _ = add_marker(payload, "", marker(uuid4()))
    assert isinstance(sent, dict)
    assert {k: v for k, v in sent.items() if k != "gitploy"} == {
        k: v for k, v in payload.items() if k != "gitploy"
    }


def test_the_marker_of_an_object_tells_all() -> None:
    deployment_id = uuid4()
    sent, text = add_marker({"a": 1}, "Ship it", marker(deployment_id))
    assert text == "Ship it"
    assert sent == {
        "a": 1,
        "gitploy": {
            "deployment_id": str(deployment_id),
            "number": 3,
            "ref": "main",
            "requested_by": "octocat",
            "is_rollback": False,
            "url": "https://x/3",
        },
    }


def test_a_string_is_left_alone_and_the_persons_text_is_cut() -> None:
    deployment_id = uuid4()
    sent, text = add_marker("k=v", "x" * 200, marker(deployment_id))
    assert sent == "k=v"
    assert text.endswith(f"x… (gitploy {deployment_id})")
    assert len(text) == DESCRIPTION_LIMIT


def test_the_description_counts_before_what_a_string_happens_to_say() -> None:
    ours, other = uuid4(), uuid4()
    payload = f'{{"gitploy": {{"deployment_id": "{other}"}}}}'
    assert find_marker(*add_marker(payload, "", marker(ours))) == ours


@pytest.mark.parametrize("payload", [[1], 5, True, 1.5])
def test_other_payloads_are_an_error_of_the_configuration(payload: Any) -> None:
    with pytest.raises(UnmarkablePayload, match=r"deploy\.yml"):
        add_marker(payload, "", marker(uuid4()))


@pytest.mark.parametrize(
    ("payload", "description"),
    [
        (None, None),
        ({}, ""),
        ("", "Deployed by hand"),
        ({"gitploy": None}, None),
        ({"gitploy": {"deployment_id": 5}}, None),
        ({"gitploy": {"deployment_id": "not-an-id"}}, None),
        ("[1]", None),
        ('{"gitploy": [', None),
        ([1], "(gitploy 1)"),
        ({}, f"(gitploy {UUID(int=7)}) and more"),
        ({}, "(gitploy ------------------------------------)"),
    ],
)
def test_what_is_not_ours_has_no_marker(payload: Any, description: str | None) -> None:
    assert find_marker(payload, description) is None


@given(st.uuids(), texts | st.none())
def test_our_own_statuses_are_known_by_their_command(
    command_id: UUID, description: str | None
) -> None:
    marked = mark_status(description, command_id)
    assert status_mark("error", marked) == command_id
    assert len(marked) <= DESCRIPTION_LIMIT


def test_the_toolings_statuses_are_not_ours() -> None:
    assert status_mark("error", "Deployed in 3 s") is None
    assert status_mark("error", None) is None


def test_a_tool_may_repeat_the_description_of_its_deployment() -> None:
    marker = Marker(uuid4(), 1, "main", "ann")
    _, description = add_marker("theirs", "The shop", marker)
    for state in ("queued", "in_progress", "success", "failure"):
        assert status_mark(state, description) is None
