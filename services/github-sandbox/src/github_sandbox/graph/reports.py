"""What was reported about a commit: statuses, check runs and their suites."""

from functools import partial
from typing import Any

from github_sandbox import reports
from github_sandbox.graph.connections import Node, connection
from github_sandbox.graph.world import Graph
from github_sandbox.numbers import stable_number
from github_sandbox.records import CheckRun, CheckSuite, CommitStatus
from github_sandbox.shapes import node_id, user


def rollup(graph: Graph, sha: str) -> Node | None:
    """Null when nothing was reported."""
    state = reports.rollup_state(graph.store, sha)
    if state is None:
        return None
    runs = reports.runs_of_commit(graph.store, sha)
    statuses = reports.latest_statuses(graph.store, sha)
    nodes = [_run(graph, run) for run in runs]
    nodes += [_context(graph, one) for one in statuses]
    return {
        "id": node_id("SCR", sha),
        "state": state,
        "commit": lambda _: graph.object(graph, sha),
        "contexts": connection(
            lambda: nodes,
            lambda node: node,
            checkRunCount=len(runs),
            statusContextCount=len(statuses),
        ),
    }


def status(graph: Graph, sha: str) -> Node | None:
    """Commit statuses alone, as they were before there were checks."""
    statuses = reports.latest_statuses(graph.store, sha)
    if not statuses:
        return None
    contexts = {one.context: _context(graph, one) for one in statuses}
    return {
        "id": node_id("STA", sha),
        "state": reports.combined_state(statuses).upper(),
        "contexts": list(contexts.values()),
        "context": lambda _, name: contexts.get(name),
    }


def check_suites_field(graph: Graph, sha: str) -> Any:
    def suites(filterBy: dict[str, Any] | None = None) -> list[CheckSuite]:  # noqa: N803
        wanted = filterBy or {}
        name = wanted.get("checkName")
        return [
            suite
            for suite in graph.store.suites.of(sha)
            if wanted.get("appId") in (None, stable_number(suite.app))
            and name in (None, *(run.name for run in graph.store.runs.of(suite.id)))
        ]

    return connection(suites, partial(_suite, graph))


def _suite(graph: Graph, record: CheckSuite) -> Node:
    path = f"/{graph.links.full_name}/commit/{record.sha}/checks"
    return {
        "id": node_id("CS", record.id),
        "databaseId": record.id,
        "status": reports.suite_status(graph.store, record).upper(),
        "conclusion": _upper(reports.suite_conclusion(graph.store, record)),
        "createdAt": record.created_at,
        "updatedAt": record.created_at,
        "resourcePath": path,
        "url": graph.links.base + path,
        "app": _app(graph, record.app),
        "branch": None,
        "commit": lambda _: graph.object(graph, record.sha),
        "repository": lambda _: graph.repository(graph),
        "workflowRun": _workflow_run(graph, record),
        "checkRuns": connection(partial(_runs_of, graph, record), partial(_run, graph)),
    }


def _runs_of(
    graph: Graph,
    suite: CheckSuite,
    filterBy: dict[str, Any] | None = None,  # noqa: N803
) -> list[CheckRun]:
    wanted = filterBy or {}
    every = wanted.get("checkType") == "ALL"
    store = graph.store
    runs = store.runs.of(suite.id) if every else reports.latest_runs(store, suite)
    states = wanted.get("statuses") or [wanted.get("status")]
    conclusions = wanted.get("conclusions")
    return [
        run
        for run in runs
        if wanted.get("checkName") in (None, run.name)
        and (states == [None] or run.status.upper() in states)
        and (conclusions is None or _upper(run.conclusion) in conclusions)
    ]


def _run(graph: Graph, record: CheckRun) -> Node:
    path = f"/{graph.links.full_name}/runs/{record.id}"
    url = graph.links.base + path
    return {
        "__typename": "CheckRun",
        "id": node_id("CR", record.id),
        "databaseId": record.id,
        "name": record.name,
        "status": record.status.upper(),
        "conclusion": _upper(record.conclusion),
        "startedAt": record.started_at,
        "completedAt": record.completed_at,
        "detailsUrl": record.details_url or url,
        "externalId": record.external_id,
        "permalink": url,
        "url": url,
        "title": record.title,
        "summary": record.summary,
        "text": record.text,
        "repository": lambda _: graph.repository(graph),
        "checkSuite": lambda _: _suite_of(graph, record),
    }


def _suite_of(graph: Graph, run: CheckRun) -> Node | None:
    suite = graph.store.suites.get(run.suite_id)
    return _suite(graph, suite) if suite else None


def _context(graph: Graph, record: CommitStatus) -> Node:
    return {
        "__typename": "StatusContext",
        "id": node_id("SC", record.id),
        "context": record.context,
        "state": record.state.upper(),
        "description": record.description,
        "targetUrl": record.target_url,
        "createdAt": record.created_at,
        "creator": lambda _: graph.actor(record.creator),
        "avatarUrl": lambda _, **__: user(graph.links, record.creator)["avatar_url"],
        "commit": lambda _: graph.object(graph, record.sha),
    }


def _app(graph: Graph, slug: str) -> Node:
    number = stable_number(slug)
    return {
        "id": node_id("A", number),
        "databaseId": number,
        "clientId": f"Iv1.{number:016x}",
        "name": slug,
        "slug": slug,
        "url": f"{graph.links.base}/apps/{slug}",
    }


def _workflow_run(graph: Graph, suite: CheckSuite) -> Node | None:
    if suite.workflow is None:
        return None
    number = stable_number(suite.workflow)
    runs = f"/{graph.links.full_name}/actions/runs/{suite.id}"
    workflows = f"/{graph.links.full_name}/actions/workflows/{number}"
    return {
        "id": node_id("WFR", suite.id),
        "databaseId": suite.id,
        "event": suite.event,
        "runNumber": 1,
        "createdAt": suite.created_at,
        "updatedAt": suite.created_at,
        "resourcePath": runs,
        "url": graph.links.base + runs,
        "workflow": {
            "id": node_id("W", number),
            "databaseId": number,
            "name": suite.workflow,
            "resourcePath": workflows,
            "url": graph.links.base + workflows,
        },
    }


def _upper(word: str | None) -> str | None:
    return word.upper() if word else None
