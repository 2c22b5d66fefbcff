"""Secrets: how they are made, recognized and kept.

What we give out is 256 random bits, of which only a digest is kept: nobody can guess
one, so no slow hash is needed. What GitHub gave us must be sent back as it is, so it is
encrypted, with the first key of the settings; the others still open what they closed.
"""

import hashlib
import hmac
import secrets
from collections.abc import Sequence

from cryptography.fernet import Fernet, InvalidToken, MultiFernet

#: By this everybody sees what it is, and scanners for leaked secrets find it.
PREFIX = "gitploy_"


def new_secret(prefix: str = "") -> str:
    """A secret for somebody."""
    return prefix + secrets.token_urlsafe(32)


def digest(secret: str) -> str:
    """What is kept of it."""
    return hashlib.sha256(secret.encode(errors="surrogateescape")).hexdigest()


def csrf_token(secret: str) -> str:
    """What a page must send with a write that the browser proves by its cookie."""
    return hmac.new(secret.encode(), b"csrf", hashlib.sha256).hexdigest()


class UnreadableError(Exception):
    """None of the keys opens it, or it is too old."""


class Keys:
    def __init__(self, keys: Sequence[str]) -> None:
        self._newest = Fernet(keys[0])
        self._all = MultiFernet([Fernet(key) for key in keys])

    def close(self, text: str) -> str:
        return self._newest.encrypt(text.encode()).decode()

    def open(self, closed: str, within_s: int | None = None) -> str:
        """What was closed.

        Args:
            closed: As `close` gave it.
            within_s: How old it may be.

        Raises:
            UnreadableError: It can't be opened.
        """
        # It may come from a cookie, where anything may stand.
        sent = closed.encode(errors="surrogateescape")
        try:
            return self._all.decrypt(sent, within_s).decode()
        except InvalidToken as error:
            raise UnreadableError from error

    def renew(self, closed: str) -> str:
        """The same under the newest key.

        Raises:
            UnreadableError: None of the keys opens it.
        """
        try:
            self._newest.decrypt(closed.encode())
        except InvalidToken:
            return self.close(self.open(closed))
        return closed
