"""What only the webhook of a GitHub App tells: of its installations, and of people."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from shared.contracts import AuthorizationRevoked, Repository
from shared.github.webhook_models import (
    AuthorizationWebhook,
    InstallationWebhook,
    ShortRepository,
)

from . import fields

REVOKED: Final = "revoked"
UNINSTALLED: Final = "deleted"


@dataclass(frozen=True)
class InstallationChanged:
    """Where the App is installed, or what it may see there, has changed."""

    installation_id: int
    #: Those that the App may see, and those that it may see no more.
    added: tuple[Repository, ...] = ()
    removed: tuple[Repository, ...] = ()
    #: The whole installation is gone.
    uninstalled: bool = False


def read_installation(told: InstallationWebhook) -> InstallationChanged:
    return InstallationChanged(
        fields.identifier(told.installation.id, "installation.id"),
        tuple(map(_repository, told.repositories_added or told.repositories)),
        tuple(map(_repository, told.repositories_removed)),
        uninstalled=told.event == "installation" and told.action == UNINSTALLED,
    )


def read_authorization(
    told: AuthorizationWebhook, received_at: datetime
) -> AuthorizationRevoked | None:
    person = fields.person(told.sender, "sender")
    if told.action != REVOKED or person is None:
        return None
    return AuthorizationRevoked(
        delivery_id=told.delivery, person=person, revoked_at=received_at
    )


def _repository(told: ShortRepository) -> Repository:
    return Repository(
        id=fields.identifier(told.id, "repository.id"),
        full_name=fields.name(told.full_name),
    )
