"""The settings of a gateway in a test."""

from typing import Any

from api_gateway.settings import Settings

from . import waiting
from .others import TOKEN


def settings_of(database_url: str, **more: Any) -> Settings:
    return Settings(
        amqp_url="memory://",
        database_url=database_url,
        api_token=TOKEN,
        **{
            "api_tokens": waiting.TOKENS,
            "github_token": "t",
            "deadlines_every_s": 0.02,
            **more,
        },
    )
