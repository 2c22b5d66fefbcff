"""Check runs and the suites that they make up.

Any token may report here; at GitHub only an app may. Each app has one suite per
commit; a workflow's run is a suite of its own, which only `/_sandbox/check-runs` can
make (`suites.py`).
"""

from typing import Any

from github_sandbox import shapes as common
from github_sandbox import suites
from github_sandbox.bodies import read_body
from github_sandbox.errors import ApiError, not_found
from github_sandbox.paging import page_of
from github_sandbox.records import CheckRun
from github_sandbox.reports import latest_runs
from github_sandbox.routes.commits import find
from github_sandbox.sandbox import Answer, Call
from github_sandbox.shapes import reports as shapes


async def create(call: Call) -> Answer:
    body = read_body(call.raw_body, "CheckRun", suites.FIELDS)
    run = await suites.report(call, body, suites.APPS_OWN)
    shaped = _shaped(call, run)
    return Answer(shaped, 201, {"Location": shaped["url"]})


async def update(call: Call) -> Answer:
    run = _run_of(call)
    body = read_body(call.raw_body, "CheckRun", suites.OPTIONAL_FIELDS)
    return Answer(_shaped(call, await suites.update(call, run, body)))


async def show(call: Call) -> Answer:
    return Answer(_shaped(call, _run_of(call)))


async def list_runs(call: Call) -> Answer:
    sha = await call.git.run(find, call.git, call.where["ref"])
    every = call.query.get("filter") == "all"
    store = call.store
    runs = [
        run
        for suite in store.suites.of(sha)
        for run in (store.runs.of(suite.id) if every else latest_runs(store, suite))
        if run.name == call.query.get("check_name", run.name)
        and run.status == call.query.get("status", run.status)
    ]
    page, links = page_of(call, sorted(runs, key=lambda run: -run.id))
    shaped = [_shaped(call, run) for run in page]
    return Answer({"total_count": len(runs), "check_runs": shaped}, headers=links)


async def list_suites(call: Call) -> Answer:
    sha = await call.git.run(find, call.git, call.where["ref"])
    found = call.store.suites.of(sha)
    page, links = page_of(call, found)
    repository = common.repository(call.links, call.sandbox.facts)
    head, branch = await call.git.run(suites.head_of, call.git, sha)
    shaped = [
        shapes.check_suite(call.links, call.store, suite, head=head, branch=branch)
        | {"repository": repository}
        for suite in page
    ]
    return Answer({"total_count": len(found), "check_suites": shaped}, headers=links)


def _run_of(call: Call) -> CheckRun:
    run = call.store.runs.get(int(call.where["run_id"]))
    if run is None:
        raise not_found()
    return run


def _shaped(call: Call, run: CheckRun) -> dict[str, Any]:
    suite = call.store.suites.get(run.suite_id)
    if suite is None:
        raise ApiError(500, f"check run {run.id} has lost its suite {run.suite_id}")
    return shapes.check_run(call.links, run, suite)
