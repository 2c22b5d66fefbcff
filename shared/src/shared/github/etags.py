"""Answers that GitHub may confirm instead of repeating: a 304 costs no quota.

The same address has another answer for another token, so an entry belongs to the
identity that got it: shared by address alone, one tenant would see another's data.
Every read sends the same `Accept`, so it needs no place in the key. Bounded in bytes;
what was used longest ago goes first.
"""

from collections import OrderedDict

from .wire import Answer

Key = tuple[str, str]


class EtagCache:
    def __init__(self, max_bytes: int = 8 * 1024 * 1024) -> None:
        self._max_bytes = max_bytes
        self._size = 0
        self._answers: OrderedDict[Key, Answer] = OrderedDict()

    def etag(self, key: Key) -> str | None:
        known = self._answers.get(key)
        return known.headers["etag"] if known else None

    def resolve(self, key: Key, answer: Answer) -> Answer:
        """What is known if GitHub says that it still holds, else what it says now."""
        if answer.status == 304 and key in self._answers:
            self._answers.move_to_end(key)
            return self._answers[key]
        self._forget(key)
        if answer.status == 200 and "etag" in answer.headers:
            self._keep(key, answer)
        return answer

    def _keep(self, key: Key, answer: Answer) -> None:
        self._answers[key] = answer
        self._size += len(answer.body)
        while self._size > self._max_bytes:
            self._forget(next(iter(self._answers)))

    def _forget(self, key: Key) -> None:
        known = self._answers.pop(key, None)
        self._size -= len(known.body) if known else 0
