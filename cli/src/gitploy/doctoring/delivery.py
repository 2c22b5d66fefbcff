"""What became of the last webhook that GitHub sent, of a repository or of the App."""

from datetime import datetime

from gitploy.doctoring.finding import Finding, bad, doubtful, good
from gitploy.text import ago


def nothing_delivered(do: str) -> Finding:
    return doubtful("delivery", "Nothing was delivered yet.", do)


def delivery(
    *, when: datetime | None, event: str, code: int, status: str, resign: str
) -> Finding:
    """The last one; `resign` is how GitHub learns another secret."""
    far = ago(when.isoformat()) if when else "once"
    if 200 <= code < 300:
        return good("delivery", f"The last was taken {far} ({event}).")
    if code == 401:
        return bad(
            "delivery",
            f"The last was refused {far}: its signature is wrong.",
            "Give dispatcher and status-sync the same GITPLOY_WEBHOOK_SECRET, "
            f"{resign}.",
        )
    return bad(
        "delivery",
        f"The last failed {far}: {status or f'HTTP {code}'}.",
        "GitHub must reach that address: see its TLS, firewall, and status-sync.",
    )
