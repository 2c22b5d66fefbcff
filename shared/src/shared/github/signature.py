"""The signature under which GitHub sends a webhook: HMAC-SHA-256 of the raw bytes.

Checked before anything of the body is parsed, in constant time. GitHub also sends a
SHA-1 signature for old receivers; it is never looked at.
"""

import hashlib
import hmac

HEADER = "X-Hub-Signature-256"


def sign(secret: str, body: bytes) -> str:
    return "sha256=" + hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()


def verify(secret: str, body: bytes, header: str | None) -> bool:
    """Whether `header` is GitHub's signature of `body`; without a secret nothing is."""
    if not secret or header is None:
        return False
    # Bytes that are no text reach us as surrogates.
    given = header.encode(errors="surrogateescape")
    return hmac.compare_digest(sign(secret, body).encode(), given)
