from shared.github import sign, verify

SECRET = "It's a Secret to Everybody"
BODY = b"Hello, World!"
KNOWN = "sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17"


def test_githubs_own_example_is_signed_alike() -> None:
    assert sign(SECRET, BODY) == KNOWN
    assert verify(SECRET, BODY, KNOWN)


def test_one_other_byte_or_another_secret_does_not_verify() -> None:
    assert not verify(SECRET, BODY + b" ", KNOWN)
    assert not verify("another", BODY, KNOWN)


def test_what_is_no_sha256_signature_does_not_verify() -> None:
    sha1 = "sha1=01dc10d0c83e72ed246219cdd91669667fe2ca59"
    for header in (
        None,
        "",
        sha1,
        KNOWN.removeprefix("sha256="),
        "sha256=ü",
        "sha256=\udcff",
    ):
        assert not verify(SECRET, BODY, header)


def test_without_a_secret_nothing_verifies() -> None:
    assert not verify("", BODY, sign("", BODY))
