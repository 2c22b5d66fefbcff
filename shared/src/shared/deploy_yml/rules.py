"""The rules of a repository, or every mistake in them with its line.

A file is read as a whole: all mistakes are told at once, because each round of fixing
costs somebody a push. An unknown field is a mistake and not a wish for later; silently
ignored, a typo in `required_contexts` would deploy what nobody has tested.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final

from pydantic import ValidationError

from .agreement import disagreements
from .document import Path, parse
from .fields import Env, File
from .inheritance import ENVS, Inherited, inherit
from .nodes import MAX_BYTES, DocumentError
from .sentences import dotted, explained
from .source import Problem, Source
from .values import Reading
from .variables import evaluate

#: So many problems are spelled out by the error itself.
_SPELLED_OUT: Final = 20


@dataclass(frozen=True)
class Rules:
    """A file without mistakes."""

    envs: Mapping[str, Env]
    #: Where each environment begins in the file.
    lines: Mapping[str, int]
    #: Line and column of each field of each environment, where it is written.
    places: Mapping[tuple[str, str], tuple[int, int]] = field(default_factory=dict)


class ConfigError(Exception):
    """The file has mistakes: all of them, in the order of their lines."""

    def __init__(self, problems: list[Problem]) -> None:
        self.problems = tuple(sorted(set(problems)))
        super().__init__("; ".join(map(str, self.problems[:_SPELLED_OUT])))


def read(text: str, *, rollback: bool = False) -> Rules:
    """The rules that the text of a `deploy.yml` lays down.

    Args:
        text: The file's.
        rollback: Whether they are to be those for a rollback.

    Raises:
        ConfigError: It has mistakes.
    """
    if len(text.encode(errors="surrogatepass")) > MAX_BYTES:
        raise ConfigError([Problem(1, 1, f"is larger than {MAX_BYTES:,} bytes")])
    source, problems = evaluate(text.removeprefix("\ufeff"), rollback=rollback)
    # An expression that is none spoils its line for whatever is read there.
    spoiled = {problem.line for problem in problems}
    file, found = _file(source)
    problems += [problem for problem in found if problem.line not in spoiled]
    if problems or file is None:
        raise ConfigError(problems)
    return file


def _file(source: Source) -> tuple[Rules | None, list[Problem]]:
    try:
        document = parse(source)
        inherited = inherit(document)
    except DocumentError as error:
        return None, [error.problem]
    problems = [*document.problems, *disagreements(inherited)]
    try:
        file = File.model_validate(inherited.value, extra="forbid", context=Reading())
    except ValidationError as error:
        return None, [*problems, *_misfits(inherited, error)]
    return _rules(inherited, file), problems


def _misfits(inherited: Inherited, error: ValidationError) -> Iterator[Problem]:
    """What doesn't fit its field."""

    def named(path: Path) -> str:
        return dotted(inherited.path(path))

    for path, sentence in explained(error.errors(include_url=False), named):
        yield inherited.problem(path, sentence)


def _rules(inherited: Inherited, file: File) -> Rules:
    names = [env.name for env in file.envs]
    return Rules(
        envs=dict(zip(names, file.envs, strict=True)),
        lines={
            name: inherited.document.line((ENVS, i)) for i, name in enumerate(names)
        },
        places={
            (names[i], name): inherited.place((ENVS, i, name))
            for i, env in inherited.envs()
            for name in env
        },
    )
