"""Bodies are refused in GitHub's words."""

import pytest

from github_sandbox.bodies import Field, read_body
from github_sandbox.errors import ApiError

FIELDS = {
    "ref": Field(required=True),
    "payload": Field((dict, str)),
    "note": Field(nullable=True),
    "state": Field(choices=frozenset({"up", "down"})),
}


def test_known_fields_are_read_and_allowed_nulls_left_out() -> None:
    raw = b'{"ref": "main", "note": null, "surprise": 1, "payload": {"a": 1}}'
    assert read_body(raw, "Thing", FIELDS) == {"ref": "main", "payload": {"a": 1}}


@pytest.mark.parametrize(
    ("raw", "status", "said"),
    [
        (b"{", 400, "Problems parsing JSON"),
        (b"[]", 400, "JSON object"),
        (b"", 422, '"ref" wasn\'t supplied'),
        (b'{"ref": null}', 422, "'properties/ref', nil is not of type string"),
        (b'{"ref": "a", "payload": 1}', 422, "is not of type object or string"),
        (b'{"ref": "a", "state": "left"}', 422, "Validation Failed"),
    ],
)
def test_a_bad_body_says_what_is_wrong(raw: bytes, status: int, said: str) -> None:
    with pytest.raises(ApiError) as refused:
        read_body(raw, "Thing", FIELDS)
    assert refused.value.status == status
    assert said in str(refused.value)
    assert refused.value.body["status"] == str(status)
