"""Files check runs under their suites, and tells the hooks.

A run belongs to the suite of its commit, app and workflow run (its name and the event
that started it), which is made when its first run is reported.
"""

from dataclasses import dataclass, replace
from typing import Any

from github_sandbox import webhooks
from github_sandbox.bodies import Field
from github_sandbox.clock import now
from github_sandbox.errors import no_commit, validation_failed
from github_sandbox.git import Commit, Git
from github_sandbox.records import CheckRun, CheckSuite
from github_sandbox.reports import suite_status
from github_sandbox.sandbox import Call

_STATUSES = "queued in_progress completed waiting requested pending"
_CONCLUSIONS = (
    "success failure neutral cancelled skipped timed_out action_required stale "
    "startup_failure"
)
FIELDS = {
    "name": Field(required=True),
    "head_sha": Field(required=True),
    "details_url": Field(),
    "external_id": Field(),
    "status": Field(choices=frozenset(_STATUSES.split())),
    "started_at": Field(),
    "conclusion": Field(choices=frozenset(_CONCLUSIONS.split())),
    "completed_at": Field(),
    "output": Field((dict,)),
}
OPTIONAL_FIELDS = {
    name: replace(field, required=False) for name, field in FIELDS.items()
}


@dataclass(frozen=True)
class SuiteKey:
    app: str
    workflow: str | None = None
    event: str | None = None


APPS_OWN = SuiteKey("sandbox-checks")


async def report(call: Call, body: dict[str, Any], key: SuiteKey) -> CheckRun:
    """File a new run; the webhooks go out with the call's answer."""
    head, branch = await call.git.run(head_of, call.git, body["head_sha"])
    suite = suite_of(call, head.sha, key)
    fresh = CheckRun(
        id=call.store.next_id(),
        suite_id=suite.id,
        sha=head.sha,
        name=body["name"],
        status="queued",
        conclusion=None,
        details_url=None,
        external_id="",
        started_at=now(),
        completed_at=None,
        title=None,
        summary=None,
        text=None,
    )
    run = call.store.runs.put(_changed(fresh, body))
    webhooks.check_run(call, "created", run, suite, head, branch)
    _tell_if_completed(call, run, suite, head, branch)
    return run


async def update(call: Call, run: CheckRun, body: dict[str, Any]) -> CheckRun:
    head, branch = await call.git.run(head_of, call.git, run.sha)
    suite = call.store.suites.of(run.sha)
    run = call.store.runs.put(_changed(run, body))
    (own,) = [one for one in suite if one.id == run.suite_id]
    _tell_if_completed(call, run, own, head, branch)
    return run


def suite_of(call: Call, sha: str, key: SuiteKey) -> CheckSuite:
    for suite in call.store.suites.of(sha):
        if SuiteKey(suite.app, suite.workflow, suite.event) == key:
            return suite
    return call.store.suites.put(
        CheckSuite(
            id=call.store.next_id(),
            sha=sha,
            app=key.app,
            workflow=key.workflow,
            event=key.event,
            status=None,
            created_at=now(),
        )
    )


def head_of(git: Git, sha: str) -> tuple[Commit, str | None]:
    """A commit, and a branch that it is on."""
    found = git.peel(sha)
    if found is None or found != sha:
        raise no_commit(sha)
    branches = git.branches_with(sha)
    return git.commit(sha), branches[0][0] if branches else None


def _changed(run: CheckRun, body: dict[str, Any]) -> CheckRun:
    conclusion = body.get("conclusion", run.conclusion)
    status = body.get("status", run.status)
    if "conclusion" in body:
        status = "completed"
    elif status == "completed" and conclusion is None:
        raise validation_failed("CheckRun", "conclusion", "conclusion is missing")
    elif status != "completed":
        conclusion = None
    output = body.get("output", {})
    done = run.completed_at or now()
    return CheckRun(
        id=run.id,
        suite_id=run.suite_id,
        sha=run.sha,
        name=body.get("name", run.name),
        status=status,
        conclusion=conclusion,
        details_url=body.get("details_url", run.details_url),
        external_id=body.get("external_id", run.external_id),
        started_at=body.get("started_at", run.started_at),
        completed_at=body.get("completed_at", done) if conclusion else None,
        title=output.get("title", run.title),
        summary=output.get("summary", run.summary),
        text=output.get("text", run.text),
    )


def _tell_if_completed(
    call: Call, run: CheckRun, suite: CheckSuite, head: Commit, branch: str | None
) -> None:
    if run.status != "completed":
        return
    webhooks.check_run(call, "completed", run, suite, head, branch)
    if suite_status(call.store, suite) == "completed":
        webhooks.check_suite_completed(call, suite, head, branch)
