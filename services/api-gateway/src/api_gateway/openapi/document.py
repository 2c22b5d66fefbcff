"""The OpenAPI document: one entry for each operation of the table."""

import inspect
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from http import HTTPStatus
from typing import Any

from api_gateway.routes.answers import Error
from api_gateway.routes.errors import CODES
from api_gateway.routes.operation import Need, Operation, Option
from api_gateway.routes.repeating import REPLAYED

from .examples import error_example, example_of
from .parameters import IN_PATH, JSON, parameters, path_of
from .schemas import Schemas, takes_nothing

Part = dict[str, Any]

ABOUT = """\
Deploys what is on GitHub. Paths, members and codes are those of Gitploy's v1 API, with
more beside them. What changes something is recorded first and done afterwards: `POST`,
`PUT` and `PATCH` wait for the outcome, for 10 seconds or as long as `Prefer: wait=N`
says, and then answer 202 with what is known."""
SECURITY = {
    "bearer": {
        "type": "http",
        "scheme": "bearer",
        "description": "A personal API token, or one of the settings.",
    },
    "session": {
        "type": "apiKey",
        "in": "cookie",
        "name": "__sess__",
        "description": "The session of who has signed in, or a token.",
    },
}
NEEDS = {
    Need.NOBODY: "Needs no token.",
    Need.USER: "Needs a token.",
    Need.UNLIMITED: "Needs a session, or a token for everything.",
    Need.READ: "Needs the permission to read the repository.",
    Need.WRITE: "Needs the permission to write to the repository.",
    Need.ADMIN: "Needs the permission to administer the repository.",
    Need.SYSTEM_ADMIN: "Only for administrators of Gitploy.",
}
#: What one would look for elsewhere.
TAGS = {
    "default-branch": "branches",
    "deploy.schema.json": "config",
    "openapi.json": "description",
    "signin": "session",
    "signout": "session",
}
#: Whoever is known may be told so.
KNOWN = ("unauthorized", "permission_required", "rate_limited")


def document(operations: Sequence[Operation], version: str) -> Part:
    """All that the API can do."""
    schemas = Schemas()
    names = Counter(map(_name, operations))
    paths: defaultdict[str, Part] = defaultdict(dict)
    for operation in operations:
        method, entry = operation.method.lower(), _operation(operation, schemas)
        if names[name := entry["operationId"]] > 1:
            entry["operationId"] = f"{name}_{method}"
        paths[path_of(operation)][method] = entry
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Gitploy",
            "version": version,
            "description": ABOUT,
            "license": {"name": "MIT", "identifier": "MIT"},
        },
        "servers": [{"url": "/"}],
        "security": [{name: []} for name in SECURITY],
        "tags": [{"name": tag} for tag in sorted({*map(_tag, operations)})],
        "paths": dict(sorted(paths.items())),
        "components": {
            "securitySchemes": SECURITY,
            "schemas": dict(sorted(schemas.known.items())),
            "examples": {code: error_example(code) for code in CODES},
        },
    }


def _operation(operation: Operation, schemas: Schemas) -> Part:
    told = inspect.getdoc(operation.handler) or ""
    summary, _, more = told.partition("\n")
    entry: Part = {
        "operationId": _name(operation),
        "tags": [_tag(operation)],
        "summary": summary.removesuffix("."),
        "description": f"{more.strip()}\n\n{NEEDS[operation.needs]}".strip(),
        # For programs; the description ends with the same.
        "x-needs": operation.needs.value,
        "parameters": parameters(operation, schemas),
        "responses": _responses(operation, schemas),
    }
    if operation.needs is Need.NOBODY:
        entry["security"] = []
    if operation.body:
        entry["requestBody"] = {
            "required": not takes_nothing(operation.body),
            "content": {JSON: _content(operation.body, schemas)},
        }
    return entry


def _name(operation: Operation) -> str:
    module = operation.handler.__module__.rpartition(".")[2]
    return f"{module}_{operation.handler.__name__}"


def _tag(operation: Operation) -> str:
    """What it is about: the first word of the path that is not a name."""
    words = IN_PATH.sub("", operation.path.removeprefix("/api/v1")).split("/")
    words = [word for word in words if word]
    word = words[1] if words[:1] == ["repos"] and len(words) > 1 else words[0]
    return TAGS.get(word, word)


def _responses(operation: Operation, schemas: Schemas) -> Part:
    answers = {
        str(status): _answer(operation, status, model, schemas)
        for status, model in operation.answers.items()
    }
    if _is_tagged(operation):
        answers["304"] = {"description": "It is as `If-None-Match` says."}
    return dict(sorted({**_errors(operation, schemas), **answers}.items()))


def _answer(operation: Operation, status: int, model: Any, schemas: Schemas) -> Part:
    response: Part = {"description": HTTPStatus(status).phrase}
    if headers := _headers(operation, status):
        response["headers"] = headers
    if model is not None:
        response["content"] = {operation.media: _content(model, schemas)}
        if operation.also:
            response["content"][operation.also] = {"schema": {"type": "string"}}
    return response


def _content(model: Any, schemas: Schemas) -> Part:
    content: Part = {"schema": schemas.of(model)}
    example = example_of(model)
    return content if example is None else content | {"example": example}


def _headers(operation: Operation, status: int) -> Part:
    text = {"schema": {"type": "string"}}
    headers: Part = {}
    if _is_tagged(operation):
        headers["ETag"] = {"description": "For `If-None-Match`.", **text}
    if operation.query and "per_page" in operation.query.model_fields:
        headers["Link"] = {"description": "Where the other pages are.", **text}
    if operation.method == "POST" and status in (201, 202):
        headers["Location"] = {"description": "Where it can be looked at.", **text}
    if Option.REPEAT in operation.options:
        told = "`true` where it is the answer to an earlier request with this key."
        headers[REPLAYED] = {"description": told, **text}
    return headers


def _is_tagged(operation: Operation) -> bool:
    """Whether an answer can be asked for on the condition that it has changed."""
    return operation.method == "GET" and operation.media == JSON


def _errors(operation: Operation, schemas: Schemas) -> Part:
    """The errors that are its own, and those that follow from what it takes."""
    by_status: defaultdict[int, list[str]] = defaultdict(list)
    for code in dict.fromkeys([*_usual(operation), *operation.errors]):
        by_status[CODES[code].status].append(code)
    by_status[500].append("internal_error")
    return {str(status): _error(codes, schemas) for status, codes in by_status.items()}


def _usual(operation: Operation) -> Iterable[str]:
    if operation.needs is not Need.NOBODY:
        yield from KNOWN
        # GitHub, which tells what they may do, or the database may give no answer.
        yield "internal_error"
    if operation.narrowed_by:
        yield "entity_unprocessable"
    if "{" in operation.path:
        yield "entity_not_found"
    if operation.query or operation.body or "{" in operation.path or operation.options:
        yield "parameter_invalid"
    if operation.body:
        yield "body_too_large"


def _error(codes: Sequence[str], schemas: Schemas) -> Part:
    examples: Mapping[str, Part] = {
        code: {"$ref": f"#/components/examples/{code}"} for code in codes
    }
    return {
        "description": " ".join(CODES[code].when for code in codes),
        "content": {JSON: {"schema": schemas.of(Error), "examples": examples}},
    }
