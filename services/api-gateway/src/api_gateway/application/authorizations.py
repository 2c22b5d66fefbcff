"""What the gateway does when somebody takes back at GitHub what they allowed."""

from api_gateway.domain.authorization import authorization_of
from shared.contracts import AuthorizationRevoked, Message

from .streams import OwnStreams


class Authorizations(OwnStreams):
    async def take_revocation(self, message: Message[AuthorizationRevoked]) -> None:
        """Nothing that came of it may count any more."""
        person = message.data.person
        stream = authorization_of(person.id)
        known = await self.authorizations.take(stream, message)
        if known.revoked_at:
            # After a crash in between it is done again, and changes nothing.
            await self.end_access(person.id, known.revoked_at)
