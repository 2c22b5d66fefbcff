"""Circles among things that need each other."""

from collections.abc import Iterator, Mapping, Sequence


def circles(needs: Mapping[str, Sequence[str]]) -> Iterator[list[str]]:
    """Ways from something back to itself, one through each knot at least."""
    stuck = _stuck(needs)
    seen: set[str] = set()
    for start in stuck:
        way: dict[str, None] = {}
        here = start
        while here not in seen:
            seen.add(here)
            way[here] = None
            here = next(need for need in needs[here] if need in stuck)
        if here in way:
            names = list(way)
            yield [*names[names.index(here) :], here]


def _stuck(needs: Mapping[str, Sequence[str]]) -> dict[str, None]:
    """What can't be done before itself, or before something that can't."""
    left = {name: set(wanted) for name, wanted in needs.items()}
    needed_by: dict[str, list[str]] = {name: [] for name in needs}
    for name, wanted in left.items():
        for need in wanted:
            needed_by[need].append(name)
    free = [name for name, wanted in left.items() if not wanted]
    while free:
        done = free.pop()
        del left[done]
        for name in needed_by[done]:
            left[name].discard(done)
            if not left[name]:
                free.append(name)
    return dict.fromkeys(left)
