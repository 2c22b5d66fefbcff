"""JSON Schemas of the models that check requests, and of those of the answers."""

from typing import Any

from pydantic import BaseModel, TypeAdapter, ValidationError
from pydantic.json_schema import GenerateJsonSchema

REF = "#/components/schemas/{model}"
Schema = dict[str, Any]


class Untitled(GenerateJsonSchema):
    """A member's title would only repeat its name."""

    def field_title_should_be_set(self, *_: Any, **__: Any) -> bool:
        return False


class Schemas:
    """What stands below `components.schemas`, collected while it is referred to."""

    def __init__(self) -> None:
        self.known: dict[str, Schema] = {}

    def of(self, model: Any) -> Schema:
        """What refers to a model, a list or a union of them."""
        adapter = TypeAdapter[Any](model)
        schema = adapter.json_schema(ref_template=REF, schema_generator=Untitled)
        self._keep(schema.pop("$defs", {}))
        if isinstance(model, type) and issubclass(model, BaseModel):
            # A model that is referred to by itself is among the others already.
            if "$ref" not in schema:
                self._keep({model.__name__: schema})
            return {"$ref": REF.format(model=model.__name__)}
        return schema

    def members(self, model: type[BaseModel]) -> dict[str, Schema]:
        """Those of a model that is written as parameters."""
        schema = model.model_json_schema(ref_template=REF, schema_generator=Untitled)
        self._keep(schema.pop("$defs", {}))
        return {name: _present(part) for name, part in schema["properties"].items()}

    def _keep(self, found: dict[str, Schema]) -> None:
        for name, schema in found.items():
            if self.known.setdefault(name, schema) != schema:
                raise ValueError(f"two models are called {name}")


def _present(schema: Schema) -> Schema:
    """A parameter that isn't given is absent; it can't be null."""
    kinds = [kind for kind in schema.get("anyOf", []) if kind != {"type": "null"}]
    kept = {k: v for k, v in schema.items() if k != "anyOf" and v is not None}
    return kept | (kinds[0] if len(kinds) == 1 else {"anyOf": kinds} if kinds else {})


def required_members(model: type[BaseModel]) -> set[str]:
    """The names of those that have to be given."""
    fields = model.model_fields.items()
    return {field.alias or name for name, field in fields if field.is_required()}


def takes_nothing(model: type[BaseModel]) -> bool:
    """Whether nothing has to be given at all."""
    try:
        model()
    except ValidationError:
        return False
    return True
