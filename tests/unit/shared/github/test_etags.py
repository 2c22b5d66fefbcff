from datetime import UTC, datetime

from multidict import CIMultiDict

from shared.github.etags import EtagCache
from shared.github.wire import Answer

NOW = datetime(2030, 1, 1, tzinfo=UTC)


def answer(status: int = 200, body: bytes = b"{}", etag: str | None = '"1"') -> Answer:
    headers = CIMultiDict({"ETag": etag} if etag else {})
    return Answer(status, headers, body, None, NOW)


def test_a_confirmed_answer_is_the_one_that_was_kept() -> None:
    cache = EtagCache()
    known = cache.resolve(("me", "/a"), answer(body=b"[1]"))
    assert cache.etag(("me", "/a")) == '"1"'
    assert cache.resolve(("me", "/a"), answer(304, b"")) is known


def test_another_identity_shares_nothing() -> None:
    cache = EtagCache()
    cache.resolve(("me", "/a"), answer())
    assert cache.etag(("you", "/a")) is None


def test_a_changed_or_lost_answer_replaces_the_old_one() -> None:
    cache = EtagCache()
    cache.resolve(("me", "/a"), answer())
    cache.resolve(("me", "/a"), answer(etag='"2"'))
    assert cache.etag(("me", "/a")) == '"2"'
    cache.resolve(("me", "/a"), answer(404))
    assert cache.etag(("me", "/a")) is None


def test_what_was_used_longest_ago_makes_room() -> None:
    cache = EtagCache(max_bytes=10)
    for url in ("/a", "/b"):
        cache.resolve(("me", url), answer(body=b"12345"))
    cache.resolve(("me", "/a"), answer(304, b""))
    cache.resolve(("me", "/c"), answer(body=b"12345"))
    kept = [url for url in ("/a", "/b", "/c") if cache.etag(("me", url))]
    assert kept == ["/a", "/c"]


def test_an_answer_larger_than_the_cache_is_not_kept() -> None:
    cache = EtagCache(max_bytes=3)
    cache.resolve(("me", "/a"), answer(body=b"12345"))
    assert cache.etag(("me", "/a")) is None
    cache.resolve(("me", "/b"), answer(body=b"123"))
    assert cache.etag(("me", "/b"))
