"""Repositories that GitHub has never shown to somebody who asks for them.

Anybody may try names, and nothing that they have depends on the answer. So it is the
person's own limit at GitHub that goes into it. Whoever has no token of their own is
asked about with Gitploy's, but seldom; and a name that leads nowhere is asked for once
in a while.
"""

from collections import OrderedDict
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Final

from api_gateway.ports import LookedUpTooMuchError
from shared.contracts import Person
from shared.web import ApiError, Rates

#: What Gitploy asks in its own name about one person, each minute.
OWN_PER_MINUTE: Final = 30
#: As long as somebody may take to make the repository that they have looked for.
ABSENT_FOR: Final = timedelta(seconds=30)
REMEMBERED: Final = 10_000

Name = tuple[int, str]


class Unknown:
    def __init__(self, clock: Callable[[], datetime]) -> None:
        self._clock = clock
        self._own = Rates(OWN_PER_MINUTE)
        #: Until when it is no use to ask again.
        self._absent: OrderedDict[Name, datetime] = OrderedDict()

    def spend(self, who: Person) -> None:
        """Count a question in Gitploy's own name.

        Raises:
            LookedUpTooMuchError: It is one too many.
        """
        try:
            self._own.take(str(who.id))
        except ApiError as error:
            raise LookedUpTooMuchError from error

    def absent(self, name: Name) -> bool:
        """Whether GitHub has just shown nothing of that name."""
        return self._absent.get(name, self._clock()) > self._clock()

    def missed(self, name: Name) -> None:
        """GitHub shows nothing of that name."""
        self._absent[name] = self._clock() + ABSENT_FOR
        self._absent.move_to_end(name)
        if len(self._absent) > REMEMBERED:
            self._absent.popitem(last=False)
