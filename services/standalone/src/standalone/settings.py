"""Every setting of the embedded system: those of the four services, told once."""

from typing import Final

from pydantic import SecretStr, field_validator

import api_gateway.settings
import github_dispatcher.settings
import status_sync.settings
import verifier.settings
from shared.store import Database

#: The bus lives inside the process.
IN_MEMORY: Final = SecretStr("memory://")


class Settings(
    api_gateway.settings.Settings,
    verifier.settings.Settings,
    github_dispatcher.settings.Settings,
    status_sync.settings.Settings,
):
    """Environment variables that begin with GITPLOY_."""

    http_port: int = 8080
    amqp_url: SecretStr = IN_MEMORY
    #: Each service has its files in that directory, and so has the bus.
    database_url: SecretStr = SecretStr("sqlite:///data/")

    @field_validator("database_url")
    @classmethod
    def _names_a_directory(cls, url: SecretStr) -> SecretStr:
        if not url.get_secret_value().startswith("sqlite:///"):
            raise ValueError("it must be a directory, like sqlite:///data/")
        return url

    @property
    def database(self) -> Database:
        """Where the files are."""
        return Database("standalone", self.database_url.get_secret_value())
