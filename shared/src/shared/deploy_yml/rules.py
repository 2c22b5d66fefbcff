"""The fields of `deploy.yml`, and every mistake in them with its line.

A file is read as a whole: all mistakes are told at once, because each round of fixing
costs somebody a push. An unknown field is a mistake and not a wish for later; silently
ignored, a typo in `required_contexts` would deploy what nobody has tested.
"""

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Final

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    JsonValue,
    ValidationError,
    field_validator,
    model_validator,
)
from pydantic_core import ErrorDetails

from .document import Document, DocumentError, Path, Problem, parse

Text = Annotated[str, Field(min_length=1)]


class _Part(BaseModel):
    """A mapping of the file. A field without a value counts as not given."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    @model_validator(mode="before")
    @classmethod
    def _without_empty_fields(cls, given: Any) -> Any:
        if not isinstance(given, dict):
            return given
        known = cls.model_fields
        return {k: v for k, v in given.items() if v is not None or k not in known}


class Env(_Part):
    """One environment and its rules."""

    name: Annotated[str, Field(min_length=1, max_length=255)]
    task: Text = "deploy"
    description: str = ""
    #: The ref must not be behind the default branch. Nothing is ever merged.
    auto_merge: bool = False
    #: Whose success is needed; none given: of all that are reported.
    required_contexts: list[Text] | None = None
    payload: JsonValue = None
    production_environment: bool = False
    serialization: bool = False

    @field_validator("payload", mode="before")
    @classmethod
    def _object_or_text(cls, given: Any) -> Any:
        if isinstance(given, dict | str):
            return given
        raise ValueError("must be a mapping or text")

    @property
    def digest(self) -> str:
        """SHA-256 over the canonical JSON of all fields, given or not."""
        rules = self.model_dump(mode="json")
        canonical = json.dumps(rules, sort_keys=True, separators=(",", ":"))
        return hashlib.sha256(canonical.encode()).hexdigest()


class _File(_Part):
    envs: list[Env]


@dataclass(frozen=True)
class Rules:
    """A file without mistakes."""

    envs: Mapping[str, Env]
    #: Where each environment begins in the file.
    lines: Mapping[str, int]


class ConfigError(Exception):
    """The file has mistakes: all of them, in the order of their lines."""

    def __init__(self, problems: list[Problem]) -> None:
        self.problems = tuple(sorted(set(problems)))
        super().__init__("; ".join(map(str, self.problems)))


def read(text: str) -> Rules:
    """The rules that the text of a `deploy.yml` lays down.

    Raises:
        ConfigError: It has mistakes.
    """
    try:
        document = parse(text)
    except DocumentError as error:
        raise ConfigError([error.problem]) from error
    problems = [*document.problems, *_repeated(document)]
    try:
        file = _File.model_validate(document.value)
    except ValidationError as error:
        problems += [_explained(document, e) for e in error.errors()]
        raise ConfigError(problems) from error
    if problems:
        raise ConfigError(problems)
    return Rules(
        envs={env.name: env for env in file.envs},
        lines={
            env.name: document.places["envs", i].line + 1
            for i, env in enumerate(file.envs)
        },
    )


def _repeated(document: Document) -> Iterator[Problem]:
    """Environments whose names GitHub, which ignores case, can't tell apart."""
    file = document.value
    envs = file.get("envs") if isinstance(file, dict) else None
    seen: dict[str, str] = {}
    for i, env in enumerate(envs if isinstance(envs, list) else []):
        name = env.get("name") if isinstance(env, dict) else None
        if not isinstance(name, str):
            continue
        line = document.places["envs", i].line + 1
        first = seen.setdefault(name.casefold(), f"`{name}` in line {line}")
        if not first.endswith(f" {line}"):
            yield document.problem(
                ("envs", i, "name"), f"environment `{name}` is defined twice: {first}"
            )


#: pydantic's kinds of mistakes in our words; the others keep pydantic's.
_EXPECTED: Final = {
    "bool_type": "true or false",
    "string_type": "text",
    "list_type": "a list",
    "model_type": "a mapping",
    "model_attributes_type": "a mapping",
    "string_too_short": "text that is not empty",
    "string_too_long": "shorter than 256 characters",
}


def _explained(document: Document, error: ErrorDetails) -> Problem:
    path: Path = error["loc"]
    return document.problem(path, _sentence(path, error))


def _sentence(path: Path, error: ErrorDetails) -> str:
    where = _dotted(path) or "deploy.yml"
    match error["type"]:
        case "extra_forbidden":
            return f"unknown field `{path[-1]}`"
        case "missing":
            return f"`{where}` is missing"
        case "value_error":
            return f"`{where}` {error['ctx']['error']}, not {_shown(error['input'])}"
        case kind if kind in _EXPECTED:
            hint = _hint(kind, error["input"])
            shown = _shown(error["input"])
            return f"`{where}` must be {_EXPECTED[kind]}, not {shown}{hint}"
    return f"`{where}`: {error['msg']}"


def _hint(kind: str, given: Any) -> str:
    quotable = kind == "string_type" and isinstance(given, bool | int | float)
    return "; put it in quotes" if quotable else ""


def _shown(given: Any) -> str:
    match given:
        case None:
            return "empty"
        case dict():
            return "a mapping"
        case list():
            return "a list"
    shown = json.dumps(given, ensure_ascii=False)
    return f"{shown[:40]}…" if len(shown) > 40 else shown


def _dotted(path: Path) -> str:
    dotted = "".join(f"[{p}]" if isinstance(p, int) else f".{p}" for p in path)
    return dotted.removeprefix(".")
