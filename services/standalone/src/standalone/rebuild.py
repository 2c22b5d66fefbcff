"""Makes a service's read model again, from outside of the service."""

from pydantic import SecretStr

from api_gateway.bootstrap import rebuild_read_model
from api_gateway.settings import Settings

from .settings import IN_MEMORY

UNUSED = SecretStr("unused")


async def rebuild_gateway(database_url: str) -> int:
    """The gateway's, with the deadlines that the environment sets."""
    settings = Settings(
        amqp_url=IN_MEMORY,
        database_url=SecretStr(database_url),
        api_token=UNUSED,
        # GitHub isn't asked, whatever the environment says of it.
        github_token=UNUSED,
        github_app_client_id="",
        github_app_private_key=None,
    )
    return await rebuild_read_model(settings)
