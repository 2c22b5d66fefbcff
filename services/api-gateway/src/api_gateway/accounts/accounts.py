"""One door to what is kept of people; what belongs together is one transaction."""

from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import datetime
from functools import partial
from typing import Any, TypeVar

from sqlalchemy import Connection

from api_gateway.domain.access import AccessRules, Scope
from api_gateway.domain.acts import ActsWanted
from shared.contracts import Person, Repository

from . import audit, people, permissions, proofs
from .audit import Entry
from .directory import Directory
from .people import Account
from .ports import Profile
from .proofs import Proof, Token
from .records import Records

T = TypeVar("T")


class Accounts:
    def __init__(self, records: Records, rules: AccessRules) -> None:
        #: Counts the changes: whoever remembers something looks whether there was one.
        self.generation = 0
        self.records = records
        self.directory = Directory(records)
        self.rules = rules

    async def prove(self, secret: str) -> Proof | None:
        """Whose session or token it is, while it lasts."""
        now = self.records.clock()
        look = partial(proofs.find, secret=secret, rules=self.rules, now=now)
        proof = await self.records.read(look)
        if proof and proof.unseen:
            await self.records.write(lambda c: proofs.write_use(c, proof, now))
        return proof

    async def prove_all(self, secrets: Collection[str]) -> Mapping[str, Proof]:
        """The same of many who are there all the time: it is no use of a proof."""
        now = self.records.clock()
        look = partial(proofs.find_all, secrets=secrets, rules=self.rules, now=now)
        return await self.records.read(look) if secrets else {}

    async def sign_in(
        self, who: Profile, kept: Mapping[str, object], before: str
    ) -> str:
        """Begin a session, with what GitHub gave; the one of before ends.

        Returns:
            The secret for the cookie.
        """
        now = self.records.clock()

        def write(c: Connection) -> str:
            known = people.find(c, who.id)
            if known and known.refused_at:
                # Whatever GitHub ended does not live again by this.
                proofs.end_sessions(c, who.id)
            people.put(c, who, now)
            people.change(c, who.id, **kept, active_at=now, signed_in_at=now)
            proofs.end_session(c, before)
            proofs.forget_ended(c, self.rules, now)
            self._note(c, Person(id=who.id, login=who.login), audit.SIGNED_IN)
            return proofs.begin_session(c, who.id, now)

        return await self._change(write)

    async def refuse_sign_in(self, who: Profile, why: str) -> None:
        """Keep that somebody was not let in."""
        person = Person(id=who.id, login=who.login)
        await self.note(person, audit.SIGN_IN_REFUSED, reason=why)

    async def sign_out(self, secret: str) -> bool:
        """End a session; whether there was one."""
        proof = await self.prove(secret)
        if proof is None or proof.token_id is not None:
            return False

        def write(c: Connection) -> None:
            proofs.end_session(c, secret)
            self._note(c, _person(proof.account), audit.SIGNED_OUT)

        await self._change(write)
        return True

    async def end(self, user_id: int, before: datetime) -> None:
        """Somebody has told GitHub that Gitploy may act no more in their name.

        What they did later, like signing in again, stands.
        """

        def write(c: Connection) -> None:
            if _put_out(c, user_id, before):
                proofs.revoke_tokens(c, user_id)

        await self._change(write)

    async def put_out(self, who: Person, before: datetime, why: str) -> None:
        """Somebody may not come in any more; their tokens rest until they may again.

        Who has signed in since then was let in.
        """

        def write(c: Connection) -> None:
            if _put_out(c, who.id, before):
                self._note(c, who, audit.MEMBERSHIP_ENDED, reason=why)

        await self._change(write)

    async def make_token(
        self,
        who: Person,
        name: str,
        scope: Scope,
        repository: Repository | None,
        expires_at: datetime | None,
    ) -> tuple[str, Token]:
        """A token, which is shown now and never again, and what is shown later."""
        now = self.records.clock()

        def write(c: Connection) -> tuple[str, Token]:
            _be_known(c, who, now)
            made = proofs.make_token(
                c,
                who.id,
                name=name,
                scope=scope.word,
                repo_id=repository and repository.id,
                repository=repository and repository.full_name,
                created_at=now,
                expires_at=expires_at,
            )
            told = {"scope": scope.word, "repository": made[1].repository}
            self._note(c, who, audit.TOKEN_MADE, name, **told)
            return made

        return await self._change(write)

    async def tokens(self, who: Person) -> Sequence[Token]:
        return await self.records.read(lambda c: proofs.tokens_of(c, who.id))

    async def revoke_token(self, who: Person, token_id: int) -> bool:
        """Whether there was one."""

        def write(c: Connection) -> bool:
            revoked = proofs.revoke_token(c, who.id, token_id)
            if revoked:
                self._note(c, who, audit.TOKEN_REVOKED, revoked.name)
            return revoked is not None

        return await self._change(write)

    async def change_admin(self, by: Person, user_id: int, admin: bool) -> bool:
        """Make somebody an administrator, or no more; whether there is somebody."""
        now = self.records.clock()

        def write(c: Connection) -> bool:
            known = people.find(c, user_id)
            if known and known.admin is not admin:
                people.change(c, user_id, admin=admin, updated_at=now)
                self._note(c, by, audit.ADMIN_CHANGED, known.login, admin=admin)
            return known is not None

        return await self._change(write)

    async def delete_user(self, by: Person, user_id: int) -> bool:
        """Forget somebody; whether there was somebody."""

        def write(c: Connection) -> bool:
            known = people.find(c, user_id)
            if known:
                people.remove(c, user_id)
                self._note(c, by, audit.USER_DELETED, known.login, id=user_id)
            return known is not None

        return await self._change(write)

    async def audit(
        self,
        wanted: ActsWanted,
        limit: int,
        before: tuple[datetime, int] | None = None,
    ) -> Sequence[Entry]:
        """What people did, the newest first."""
        look = partial(audit.newest, wanted=wanted, limit=limit, before=before)
        return await self.records.read(look)

    async def note(
        self, who: Person, action: str, subject: str = "", /, **details: Any
    ) -> None:
        """Keep for the audit that somebody has done something."""
        await self.records.write(
            lambda c: self._note(c, who, action, subject, **details)
        )

    async def _change(self, work: Callable[[Connection], T]) -> T:
        done = await self.records.write(work)
        self.generation += 1
        return done

    def _note(
        self,
        c: Connection,
        who: Person,
        action: str,
        subject: str = "",
        /,
        **details: Any,
    ) -> None:
        entry = Entry(
            at=self.records.clock(),
            user_id=who.id,
            who=who.login,
            action=action,
            subject=subject,
            details=details,
        )
        audit.add(c, entry)


def _person(account: Account) -> Person:
    return Person(id=account.id, login=account.login)


def _put_out(c: Connection, user_id: int, before: datetime) -> bool:
    """End what somebody may do; not if they have signed in since then."""
    known = people.find(c, user_id)
    if known is None or (known.signed_in_at or before) > before:
        return False
    proofs.end_sessions(c, user_id)
    permissions.forget(c, user_id)
    return people.change(c, user_id, **people.NO_GRANT, refused_at=before)


def _be_known(c: Connection, who: Person, now: datetime) -> None:
    """Whoever has a token of the settings may not have signed in."""
    if people.find(c, who.id) is None:
        people.put(c, Profile(who.id, who.login), now)
