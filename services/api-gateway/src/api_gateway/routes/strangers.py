"""What those may try whom nobody knows, by the address that they come from.

Each try costs something: a look at the database, or a question to GitHub. So an address
that has failed too often is refused before that. Whoever was known here lately is let
on all the same: they may share the address with somebody who guesses.
"""

from collections import OrderedDict
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address

from aiohttp import web

from api_gateway.settings import Settings
from shared.web import ApiError, Rates

#: So many of those who were known lately are remembered.
REMEMBERED = 10_000


class Strangers:
    def __init__(self, settings: Settings) -> None:
        self._rates = Rates(settings.strangers_per_minute)
        self._hops = settings.trusted_hops
        self._known: OrderedDict[str, None] = OrderedDict()

    @contextmanager
    def trying(self, request: web.Request, proof: str | None = None) -> Iterator[None]:
        """Bound what fails in the block.

        Args:
            request: Whose address counts.
            proof: What names whoever tries, if they are to be known by it next time.

        Raises:
            ApiError: It has failed, or too much has before.
        """
        if proof is None or proof not in self._known:
            self.check(request)
        try:
            yield
        except ApiError:
            if proof is not None:
                self._known.pop(proof, None)
            self.count(request)
            raise
        if proof is not None:
            self._remember(proof)

    def check(self, request: web.Request) -> None:
        """Count nothing.

        Raises:
            ApiError: Too much has failed before.
        """
        self._rates.check(address_of(request, self._hops))

    def count(self, request: web.Request) -> None:
        """Count something that has failed.

        Raises:
            ApiError: It is one too many.
        """
        self._rates.take(address_of(request, self._hops))

    def _remember(self, proof: str) -> None:
        self._known[proof] = None
        self._known.move_to_end(proof)
        if len(self._known) > REMEMBERED:
            self._known.popitem(last=False)


def address_of(request: web.Request, hops: int) -> str:
    """Where a request comes from, as so many proxies of our own say.

    What stands further left in the header may be anybody's invention. Of IPv6 everybody
    has a whole network of 64 bits, so that counts as one address.
    """
    said = ",".join(request.headers.getall("X-Forwarded-For", ())).split(",")
    if 0 < hops <= len(said) and (counted := _counted(said[-hops])):
        return counted
    peer = request.remote or ""
    return _counted(peer) or peer


def _counted(text: str) -> str | None:
    address = _read(text.strip())
    if isinstance(address, IPv6Address):
        if address.ipv4_mapped is None:
            return str(IPv6Network((int(address), 64), strict=False))
        address = address.ipv4_mapped
    return None if address is None else str(address)


def _read(text: str) -> IPv4Address | IPv6Address | None:
    """An address, also with the port that some proxies write to it."""
    for bare in (text.strip("[]"), text.rpartition(":")[0].strip("[]")):
        with suppress(ValueError):
            return ip_address(bare)
    return None
