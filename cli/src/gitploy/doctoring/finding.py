"""One thing that was looked at."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Any


class State(StrEnum):
    GOOD = "good"
    #: It may be meant so.
    DOUBTFUL = "doubtful"
    BAD = "bad"
    #: It could not be looked at.
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class Finding:
    state: State
    #: What was looked at, in a word or two.
    about: str
    said: str
    #: What to do, unless there is nothing.
    do: str = ""

    @property
    def document(self) -> dict[str, Any]:
        return {
            "state": self.state.value,
            "about": self.about,
            "message": self.said,
            "do": self.do,
        }


def good(about: str, said: str) -> Finding:
    return Finding(State.GOOD, about, said)


def doubtful(about: str, said: str, do: str) -> Finding:
    return Finding(State.DOUBTFUL, about, said, do)


def bad(about: str, said: str, do: str) -> Finding:
    return Finding(State.BAD, about, said, do)


def unknown(about: str, said: str, do: str) -> Finding:
    return Finding(State.UNKNOWN, about, said, do)
