"""What the API can do, one entry for each route: the only table of them.

Who is let in, the published description and the test of every route against every role
are all made from it.

What a handler is asked stands in its signature: a parameter `query` is what stands
behind the path, `body` what was sent, each with the pydantic model that checks it. So
the model that is published is the one that validates.
"""

import inspect
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from functools import cached_property
from typing import Any

from aiohttp import web
from pydantic import BaseModel

from shared.store import TooLongError

from .answering import too_long
from .reading import body_of, idempotency_key_of, query_of

Handler = Callable[..., Awaitable[web.StreamResponse]]


class Need(Enum):
    """What somebody must be to do something."""

    NOBODY = "nobody"
    USER = "user"
    #: By a proof that nothing limits: whoever finds a weak token must not be able to
    #: make a strong one of it.
    UNLIMITED = "user, unlimited"
    #: Of the repository in the path, as GitHub says.
    READ = "read"
    WRITE = "write"
    ADMIN = "admin"
    SYSTEM_ADMIN = "system admin"


class Option(Enum):
    """What a request may say in its header about how it wants to be answered."""

    WAIT = "Prefer"
    REPEAT = "Idempotency-Key"
    RESUME = "Last-Event-ID"


@dataclass(frozen=True)
class Operation:
    """One method on one path.

    Its summary is the first line of the handler's docstring, the rest describes it.
    """

    method: str
    path: str
    handler: Handler
    needs: Need
    #: What is answered, by status: a model of `answers`, a list or a union of them, or
    #: None where there is no body (`NoneType`: it is `null`). Empty: not described yet.
    answers: Mapping[int, Any] = field(default_factory=dict)
    #: The codes of its own errors (`errors.CODES`). Those that follow from the rest,
    #: like 401 and 404 of the path, need no mention.
    errors: Sequence[str] = ()
    options: Sequence[Option] = ()
    #: Whether it answers with a secret that is kept nowhere.
    shows_once: bool = False
    #: What it answers with.
    media: str = "application/json"
    #: What whoever asks for it by `Accept` gets instead.
    also: str | None = None

    @cached_property
    def query(self) -> type[BaseModel] | None:
        """What stands behind the path."""
        return self._asked("query")

    @cached_property
    def body(self) -> type[BaseModel] | None:
        """What is sent."""
        return self._asked("body")

    @property
    def narrowed_by(self) -> Sequence[str]:
        """By which parameters less has to be looked through."""
        return getattr(self.query, "narrowed_by", ())

    async def answer(self, request: web.Request) -> web.StreamResponse:
        """Check what is asked, then do it.

        Raises:
            ApiError: It is wrong, or can't be done.
        """
        asked: dict[str, BaseModel] = {}
        if Option.REPEAT in self.options:
            idempotency_key_of(request)
        if self.query:
            asked["query"] = query_of(request, self.query)
        if self.body:
            asked["body"] = await body_of(request, self.body)
        try:
            return await self.handler(request, **asked)
        except TooLongError as error:
            raise too_long(self.narrowed_by) from error

    def _asked(self, name: str) -> type[BaseModel] | None:
        parameter = inspect.signature(self.handler).parameters.get(name)
        return parameter.annotation if parameter else None
