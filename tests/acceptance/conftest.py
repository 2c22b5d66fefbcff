"""One running system for the tests of a module: starting processes takes seconds."""

from collections.abc import Generator, Iterator
from contextlib import ExitStack
from typing import Any, Protocol

import pytest

from .command import Running
from .system import System

# So that a broken invariant shows what differs.
pytest.register_assert_rewrite("tests.acceptance.invariants")


class Start(Protocol):
    def __call__(self, *, tool: bool = True, **more: Any) -> System: ...


@pytest.fixture(scope="module")
def start(
    tmp_path_factory: pytest.TempPathFactory,
    module_amqp_url: str,
    module_database_url: str,
) -> Iterator[Start]:
    """Start a system as the module wants it; it stops when the module is done."""
    with ExitStack() as stack:

        def started(*, tool: bool = True, **more: Any) -> System:
            folder = tmp_path_factory.mktemp("system")
            system = System(folder, module_amqp_url, module_database_url, **more)
            stack.callback(system.stop)
            system.start(tool=tool)
            return system

        yield started


@pytest.fixture(scope="module")
def system(start: Start) -> System:
    return start()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item,
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Show with a failed test what the processes said last."""
    report = yield
    if report.failed and isinstance(item, pytest.Function):
        for each in item.funcargs.values():
            report.sections.extend(last_words(each))
    return report


def last_words(of: object) -> list[tuple[str, str]]:
    match of:
        case System():
            return [
                (log.name, of.log(log.stem)) for log in sorted(of.dir.glob("*.log"))
            ]
        case Running():
            return [("output of the command", of.output)]
        case _:
            return []
