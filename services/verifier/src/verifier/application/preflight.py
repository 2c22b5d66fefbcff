"""Questions: would this be deployed? Nothing of them is recorded."""

import structlog

from shared.contracts import PreflightAnswered, PreflightAsked
from verifier.domain.case import Moment
from verifier.domain.environment import environment_id
from verifier.domain.preflight import foretell, request_for
from verifier.ports import NoAnswerError

from .deployments import Deployments

log = structlog.get_logger()


class Preflights(Deployments):
    """Says what would become of a request."""

    async def preflight(self, asked: PreflightAsked) -> PreflightAnswered:
        """All checks, and what the button would do; or why GitHub does not say."""
        request = request_for(asked, self.clock())
        try:
            resolved = await self.looked_up(request)
        except NoAnswerError as error:
            log.warning("github_gives_no_answer", reason=str(error))
            return PreflightAnswered(checks=(), would=None, message=str(error))
        here = environment_id(asked.repository, asked.environment)
        place = await self.environments.get(here)
        moment = Moment(
            now=self.clock(),
            holds_for=self.verdict_holds,
            succeeded=await self.succeeded(resolved),
        )
        return foretell(request, resolved, place, moment)
