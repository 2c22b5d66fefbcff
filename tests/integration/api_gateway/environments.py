"""The verifier's part in locks and holds, as far as the gateway sees it."""

from dataclasses import dataclass, field
from uuid import UUID

from shared.contracts import (
    AutoDeployHeld,
    AutoDeployResumed,
    AutoDeployResumeRequested,
    EnvironmentLocked,
    EnvironmentUnlocked,
    Event,
    LockChangeRequested,
    LockRefused,
    LockRequested,
    Message,
    Person,
    Repository,
    UnlockRequested,
)

REPO = Repository(id=7, full_name="Octo/shop")
LockCommand = LockRequested | LockChangeRequested | UnlockRequested


@dataclass
class Locking:
    """Answers each command about locks as the verifier would."""

    #: Whether it answers at all.
    awake: bool = True
    there: dict[str, EnvironmentLocked] = field(default_factory=dict)
    answered: set[UUID] = field(default_factory=set)

    def answer(self, message: Message[LockCommand]) -> list[Event]:
        command = message.data
        if not self.awake or command.command_id in self.answered:
            return []
        self.answered.add(command.command_id)
        lock = self.there.get(command.environment.casefold())
        match command:
            case LockRequested():
                return self._lock(command, lock)
            case _ if lock is None or lock.lock_id != command.lock_id:
                return [_refused(command, "entity_not_found", "It has ended.")]
            case LockChangeRequested():
                return [
                    self._there(
                        lock.model_copy(
                            update={
                                "command_id": command.command_id,
                                "reason": command.reason,
                                "expires_at": command.expires_at,
                            }
                        )
                    )
                ]
            case UnlockRequested():
                del self.there[command.environment.casefold()]
                return [_ended(lock, command)]

    def _lock(
        self, command: LockRequested, there: EnvironmentLocked | None
    ) -> list[Event]:
        if there and not command.take_over:
            return [_refused(command, "lock_already_exist", "gitploy has locked it.")]
        lock = EnvironmentLocked(
            repository=command.repository,
            environment=command.environment,
            lock_id=command.lock_id,
            command_id=command.command_id,
            owner=command.requested_by,
            reason=command.reason,
            expires_at=command.expires_at,
            locked_at=command.requested_at,
        )
        ended = [_ended(there, None)] if there else []
        return [*ended, self._there(lock)]

    def _there(self, lock: EnvironmentLocked) -> EnvironmentLocked:
        self.there[lock.environment.casefold()] = lock
        return lock


def _refused(command: LockCommand, code: str, message: str) -> LockRefused:
    return LockRefused(
        repository=command.repository,
        environment=command.environment,
        lock_id=command.lock_id,
        command_id=command.command_id,
        code=code,
        message=message,
    )


def _ended(
    lock: EnvironmentLocked, command: UnlockRequested | None
) -> EnvironmentUnlocked:
    if command is None:
        cause, who = "taken_over", lock.owner
    elif command.by == "deadline":
        cause, who = "expired", None
    else:
        cause, who = "person", command.requested_by
    return EnvironmentUnlocked.model_validate(
        {
            "repository": lock.repository,
            "environment": lock.environment,
            "lock_id": lock.lock_id,
            "command_id": command and command.command_id,
            "cause": cause,
            "who": who,
        }
    )


def held(rollback_id: str, number: int, environment: str = "production") -> Event:
    return AutoDeployHeld(
        repository=REPO,
        environment=environment,
        rollback_id=UUID(rollback_id),
        number=number,
        who=Person(id=42, login="ann"),
    )


def resumed(command: AutoDeployResumeRequested) -> AutoDeployResumed:
    return AutoDeployResumed(
        repository=command.repository,
        environment=command.environment,
        rollback_id=command.rollback_id,
        command_id=command.command_id,
        who=command.requested_by,
    )
