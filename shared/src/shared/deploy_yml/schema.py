"""The JSON Schema of `deploy.yml`, by which editors complete and check it."""

from datetime import timedelta
from typing import Any

from pydantic.json_schema import GenerateJsonSchema

from . import durations
from .fields import File

#: A value with a variable in it is text to an editor, whatever it becomes.
_VARIABLE = {"variable": {"type": "string", "pattern": r"\$\{"}}
_REFERENCE = {"$ref": "#/$defs/variable"}


class _Generator(GenerateJsonSchema):
    def encode_default(self, dft: Any) -> Any:
        """A default as somebody would write it."""
        if isinstance(dft, timedelta):
            return durations.shown(dft)
        return super().encode_default(dft)


def schema() -> dict[str, Any]:
    """The schema: what the file may hold, and what each field means."""
    made = File.model_json_schema(schema_generator=_Generator)
    parts = made.pop("$defs")
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "deploy.yml",
        **_closed(made),
        "$defs": {k: _closed(part) for k, part in parts.items()} | _VARIABLE,
    }


def _closed(part: dict[str, Any]) -> dict[str, Any]:
    """A mapping with no other fields; its first is what it is called by."""
    fields = {k: _eased(v) for k, v in part["properties"].items()}
    first = {k: fields[k] for k in ("name", "type") if k in fields}
    rest = {k: v for k, v in part.items() if k not in {"title", "properties"}}
    return {**rest, "additionalProperties": False, "properties": {**first, **fields}}


def _eased(field: dict[str, Any]) -> dict[str, Any]:
    """A field's schema that takes variables, too, and doesn't offer null."""
    told = {k: v for k, v in field.items() if k in {"description", "default"}}
    kind = {k: v for k, v in field.items() if k not in {"title", *told}}
    kinds = [k for k in kind.pop("anyOf", [kind]) if k != {"type": "null"}]
    if not isinstance(told.get("default"), bool | str | int):
        told.pop("default", None)
    if any(_strict(k) for k in kinds):
        kinds.append(_REFERENCE)
    return {**told, **(kinds[0] if len(kinds) == 1 else {"anyOf": kinds})}


def _strict(kind: dict[str, Any]) -> bool:
    """Whether text with a variable in it doesn't fit already."""
    scalar = kind.get("type") in ("boolean", "integer")
    return scalar or bool({"enum", "const", "pattern"} & kind.keys())
