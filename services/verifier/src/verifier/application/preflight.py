"""Questions: would this be deployed? Nothing of them is recorded."""

from datetime import timedelta

from shared.contracts import PreflightAnswered, PreflightAsked
from verifier.domain.case import Moment
from verifier.domain.environment import environment_id
from verifier.domain.preflight import foretell, request_for
from verifier.ports import NoAnswerError

from .deployments import Deployments


class Preflights(Deployments):
    """Says what would become of a request."""

    async def preflight(self, asked: PreflightAsked) -> PreflightAnswered:
        """All checks, and what the button would do.

        Raises:
            Retry: GitHub says nothing for now.
        """
        request = request_for(asked, self.clock())
        try:
            resolved = await self.looked_up(request)
        except NoAnswerError as error:
            raise self.later(error, timedelta()) from error
        here = environment_id(asked.repository, asked.environment)
        place = await self.environments.get(here)
        moment = Moment(
            now=self.clock(),
            holds_for=self.verdict_holds,
            succeeded=await self.succeeded(resolved),
        )
        return foretell(request, resolved, place, moment)
