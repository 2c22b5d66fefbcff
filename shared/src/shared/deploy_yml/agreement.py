"""What fields have to do with each other.

It is asked of the values as they were written, right or wrong in themselves, so that
these mistakes are told together with all others.
"""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from .document import Path
from .inheritance import ENVS, Inherited
from .order import circles
from .payload import unfit
from .sentences import dotted, shortened, shown
from .source import Problem

_Env = Mapping[str, Any]
_Found = Iterator[tuple[Path, str]]

#: So many names are spelled out in one sentence.
_SPELLED_OUT: Final = 20


def disagreements(inherited: Inherited) -> Iterator[Problem]:
    """Everything that fits its field, and doesn't fit the others."""
    yield from _repeated(inherited)
    for i, env in inherited.envs():
        for rule in (_queue, _soak, _review, _inputs):
            for path, message in rule(env):
                yield _problem(inherited, (ENVS, i, *path), message)
    yield from _needs(inherited)


def _problem(inherited: Inherited, path: Path, message: str) -> Problem:
    return inherited.problem(path, f"`{dotted(inherited.path(path))}` {message}")


def _repeated(inherited: Inherited) -> Iterator[Problem]:
    """Environments whose names GitHub, which ignores case, can't tell apart."""
    seen: dict[str, str] = {}
    for i, env in inherited.envs():
        if not isinstance(name := env.get("name"), str):
            continue
        if first := seen.get(name.casefold()):
            what = f"environment `{shortened(name)}` is defined twice: {first}"
            yield inherited.problem((ENVS, i, "name"), what)
        else:
            line = inherited.document.line((ENVS, i))
            seen[name.casefold()] = f"`{shortened(name)}` in line {line}"


def _queue(env: _Env) -> _Found:
    waits = env.get("queue") is True or env.get("queue") == "latest"
    if waits and env.get("serialization") is not True:
        yield ("queue",), "needs `serialization: true`: else nothing waits in line"


def _soak(env: _Env) -> _Found:
    if env.get("soak") and not env.get("needs"):
        yield ("soak",), "needs `needs`: the environments where it must have succeeded"


def _review(env: _Env) -> _Found:
    review = env.get("review")
    if not isinstance(review, dict) or review.get("enabled") is not True:
        return
    reviewers = review.get("reviewers") or []
    required = review.get("required")
    if not reviewers:
        yield ("review",), "needs `reviewers`: with none nobody could ever approve"
    elif isinstance(required, int) and (most := _most(reviewers)) < required:
        what = f"must be at most {most}, the number of reviewers, not {required}"
        yield ("review", "required"), what


def _most(reviewers: Any) -> float:
    """How many can approve; a team may have any number of members."""
    names = {n.casefold() for n in reviewers if isinstance(n, str)}
    return float("inf") if any("/" in n for n in names) else len(names)


def _inputs(env: _Env) -> _Found:
    dynamic = env.get("dynamic_payload")
    inputs = dynamic.get("inputs") if isinstance(dynamic, dict) else None
    for name, each in inputs.items() if isinstance(inputs, dict) else ():
        if isinstance(each, dict):
            for path, message in _input(each):
                yield ("dynamic_payload", "inputs", name, *path), message


def _input(each: _Env) -> _Found:
    kind, options, default = (each.get(f) for f in ("type", "options", "default"))
    if kind == "select" and not options:
        yield (), "needs `options` to select from"
    elif kind != "select" and options:
        yield ("options",), "belongs to `type: select` alone"
    offered = options if isinstance(options, list) else []
    if default is not None and (what := unfit(kind, offered, default)):
        yield ("default",), what


def _needs(inherited: Inherited) -> Iterator[Problem]:
    """Needs that no deployment could ever meet."""
    envs = dict(inherited.envs())
    names = {n: i for i, env in envs.items() if isinstance(n := env.get("name"), str)}
    graph: dict[str, list[str]] = {}
    for name, i in names.items():
        needs = envs[i].get("needs")
        graph[name] = []
        for at, need in enumerate(needs if isinstance(needs, list) else []):
            path: Path = (ENVS, i, "needs", at)
            if need == name:
                what = f"makes `{shortened(name)}` need itself; say `needs: []` there"
                yield _problem(inherited, path, what)
            elif isinstance(need, str) and need not in names:
                known = ", ".join(map(shortened, list(names)[:_SPELLED_OUT]))
                what = f"must be an environment of this file ({known})"
                yield _problem(inherited, path, f"{what}, not {shown(need)}")
            elif isinstance(need, str):
                graph[name].append(need)
    for circle in circles(graph):
        what = " needs ".join(f"`{shortened(n)}`" for n in circle[:_SPELLED_OUT])
        what = f"{what}: none could ever be deployed"
        yield inherited.problem((ENVS, names[circle[0]], "needs"), what)
