"""What GitHub says about what is wanted, in as few questions as there can be."""

from shared.contracts import Person
from verifier.domain.found import People
from verifier.domain.people import asked_about_overrider, is_overrider
from verifier.domain.reading import read
from verifier.domain.resolution import RefResolved, resolve
from verifier.domain.wanted import Wanted, pinned_sha

from .streams import Kept


class Resolving(Kept):
    """Asks GitHub, for a deployment and for a question alike."""

    async def resolved(self, wanted: Wanted, path: str = "deploy.yml") -> RefResolved:
        """The commit, the rules, and every answer that GitHub's word decides.

        That is one question; rules that name people need more, once they are known.
        """
        found = await self.github.look(
            wanted.repository, wanted.ref, sha=pinned_sha(wanted), path=path
        )
        # A large deploy.yml takes a while to read; others must not wait for it.
        reading = await self.store.run(lambda: read(wanted, found)) if found else None
        people = People()
        if reading and reading.named:
            people = await self.github.people(reading.found.repository, reading.named)
        return resolve(wanted, reading, people, self.clock(), self.first_check)

    async def may_override(self, resolved: RefResolved, person: Person) -> bool:
        """Whether somebody may pass over checks, by the rules that were pinned."""
        if resolved.rules is None:
            return False
        people, named = People(), asked_about_overrider(resolved.rules, person)
        if named:
            followed = await self.followed(resolved.repository)
            repository = followed.named(resolved.repository)
            people = await self.github.people(repository, named)
        return is_overrider(resolved.rules, person, people)
