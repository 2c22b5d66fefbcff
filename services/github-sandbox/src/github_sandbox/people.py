"""Who there is, and what each may do.

As the settings say, until `/_sandbox/people` says something else of somebody. Whoever
has a token in the settings and is not among the people may do everything.
"""

from github_sandbox.numbers import stable_number
from github_sandbox.records import Person
from github_sandbox.settings import Settings
from github_sandbox.store import Store


class People:
    def __init__(self, settings: Settings, store: Store) -> None:
        self._settings = settings
        self._store = store
        self._owner = settings.full_name.partition("/")[0]

    def find(self, login: str) -> Person | None:
        """Somebody, as they write their login; none if nobody is called so."""
        told = self._store.people.get(stable_number(login))
        found = told or self._at_first(login)
        return None if found is None or found.removed else found

    def who_sign_in(self) -> list[Person]:
        """All but machines."""
        logins = [*self._settings.people, *(one.login for one in self._store.people)]
        found = (self.find(login) for login in dict.fromkeys(logins))
        return [person for person in found if person]

    def role(self, login: str) -> str:
        """What they may do in the repository."""
        person = self.find(login)
        return person.role if person else "none"

    def _at_first(self, login: str) -> Person | None:
        settings = self._settings
        teams = [who for members in settings.teams.values() for who in members]
        full = (self._owner, *settings.tokens.values())
        known = dict.fromkeys(teams, "none") | dict.fromkeys(full, "admin")
        known |= settings.people
        for name, role in known.items():
            if name.casefold() == login.casefold():
                member = role != "none" or name in teams
                organizations = [self._owner] if member else []
                return Person(stable_number(name), name, role, organizations)
        return None
