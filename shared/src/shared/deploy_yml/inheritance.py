"""What environments inherit of `defaults`.

A field that an environment gives itself wins as a whole: a mapping is replaced, and
not merged with that of the defaults.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from .document import Document, Path
from .nodes import MAX_VALUES, DocumentError
from .source import Problem

DEFAULTS = "defaults"
ENVS = "envs"


@dataclass(frozen=True)
class Inherited:
    """A document whose environments have all that they inherit."""

    document: Document
    value: Any
    #: The fields that each environment has of the defaults.
    borrowed: Mapping[int, frozenset[str]] = field(default_factory=dict)

    def path(self, path: Path) -> Path:
        """Where that what stands at this path was written."""
        match path:
            case ("envs", int() as i, str() as name, *_):
                borrowed = name in self.borrowed.get(i, ())
                return (DEFAULTS, *path[2:]) if borrowed else path
        return path

    def problem(self, path: Path, message: str) -> Problem:
        return self.document.problem(self.path(path), message)

    def place(self, path: Path) -> tuple[int, int]:
        """Line and column of what stands at this path."""
        problem = self.problem(path, "")
        return problem.line, problem.column

    def envs(self) -> Iterator[tuple[int, Mapping[str, Any]]]:
        """The environments that are mappings, in their order."""
        envs = self.value.get(ENVS) if isinstance(self.value, dict) else None
        for i, env in enumerate(envs if isinstance(envs, list) else []):
            if isinstance(env, dict):
                yield i, env


def inherit(document: Document) -> Inherited:
    """Give each environment what it inherits.

    Raises:
        DocumentError: Together that would be too much.
    """
    plain = Inherited(document, document.value)
    value = document.value
    defaults = value.get(DEFAULTS) if isinstance(value, dict) else None
    envs = dict(plain.envs())
    if not isinstance(defaults, dict) or not envs:
        return plain
    given = sum(path[:1] == (DEFAULTS,) for path in document.places)
    if given * len(envs) > MAX_VALUES:
        what = f"{len(envs)} environments inherit over {MAX_VALUES:,} values"
        raise DocumentError(document.problem((DEFAULTS,), what))
    whole = [
        {**defaults, **_own(envs[i], defaults)} if i in envs else env
        for i, env in enumerate(value[ENVS])
    ]
    borrowed = {
        i: frozenset(defaults.keys() - _own(env, defaults).keys())
        for i, env in envs.items()
    }
    return Inherited(document, {**value, ENVS: whole}, borrowed)


def _own(env: Mapping[str, Any], defaults: Mapping[str, Any]) -> Mapping[str, Any]:
    """What an environment gives itself; a field without a value is not given."""
    return {k: v for k, v in env.items() if v is not None or k not in defaults}
