"""Why something that somebody wants can't be done."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Refusal:
    """The API's error code, and a sentence for the person."""

    code: str
    message: str


class RefusedError(Exception):
    """It can't be done; nothing was recorded."""

    def __init__(self, refusal: Refusal) -> None:
        super().__init__(refusal.message)
        self.refusal = refusal
