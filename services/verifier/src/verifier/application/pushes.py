"""Pushes: which of them are deployed where, and how repositories are to be treated."""

from collections.abc import Callable
from datetime import timedelta
from functools import partial
from typing import Final

from shared.contracts import Message, RefPushed
from shared.deploy_yml import Rules
from shared.messaging import Retry
from shared.store import change_both
from verifier import checks
from verifier.domain import push
from verifier.domain.following import Following, FollowingFact, following_id
from verifier.domain.found import Found
from verifier.domain.push import Push, Told, push_id
from verifier.ports import NoAnswerError

from .streams import SOON, Kept, log

#: What has just been pushed GitHub may not show yet, and who has just activated a
#: repository may be heard of later than its first push.
SETTLING: Final = timedelta(minutes=1)


class Pushes(Kept):
    """Matches pushes with the environments that want them."""

    async def take_push(self, message: Message[RefPushed]) -> None:
        """Somebody has pushed."""
        known = await self.pushes.take(push_id(message.data), message)
        if known.matched:
            return
        try:
            await self._match(message)
        except NoAnswerError as error:
            name = message.data.repository.full_name
            waited = self.clock() - message.time
            raise self.later(error, waited, repository=name) from error

    async def take_following(self, message: Message[FollowingFact]) -> None:
        """How a repository is to be treated has changed, or its name."""
        await self.followings.take(following_id(message.data.repository), message)

    async def _match(self, message: Message[RefPushed]) -> None:
        pushed, stream = message.data, push_id(message.data)
        fresh = self.clock() - message.time < SETTLING
        followed = await self.followed(pushed.repository)
        if fresh and not followed.known:
            raise Retry(SOON, "it is not known yet whether the repository is followed")
        if reason := push.passed_over(pushed, followed):
            leave = partial(push.leave, reason=reason)
            await self.pushes.change(stream, leave, message.cause)
            return
        found = await self.github.look(
            followed.named(pushed.repository),
            push.called(pushed.ref),
            sha=pushed.after,
            path=followed.config_path,
        )
        if fresh and found and found.sha is None:
            raise Retry(SOON, "GitHub does not show the pushed commit yet")
        # A large deploy.yml takes a while to read; others must not wait for it.
        decide = await self.store.run(lambda: _by_the_rules(found))
        known, _ = await change_both(
            self.pushes,
            stream,
            self.followings,
            following_id(pushed.repository),
            decide,
            message.cause,
        )
        if known.matched and known.matched.reason:
            log.warning(
                "push_deployed_nowhere",
                repository=pushed.repository.full_name,
                sha=pushed.after,
                reason=known.matched.reason,
            )


def _by_the_rules(found: Found | None) -> Callable[[Push, Following], Told]:
    """What the rules at the head of the default branch say of a push."""
    if found is None:
        return partial(
            push.fail,
            why="GitHub does not show the repository to our token: it is gone, or the "
            "token may not read it.",
        )
    rules = checks.read_rules(found, rollback=False)
    if isinstance(rules, Rules):
        envs = tuple(rules.envs.values())
        return partial(push.match, repository=found.repository, envs=envs)
    return partial(push.fail, why=rules.message)
