"""The control surface, for tests and demos only: `/_sandbox/…`, without a token.

It is not GitHub's: how to misbehave, what was asked and delivered, and what the runs of
workflows do, which GitHub's API lets nobody else do.
"""

from typing import Any

import orjson
from aiohttp import web

from github_sandbox import suites
from github_sandbox.bodies import Field, read_body, read_json
from github_sandbox.control_people import routes as people_routes
from github_sandbox.errors import ApiError
from github_sandbox.faults import FaultError
from github_sandbox.records import Deployment, Run
from github_sandbox.routes import deployments
from github_sandbox.sandbox import Call, Sandbox
from github_sandbox.shapes import deployment
from github_sandbox.shapes import reports as shapes

_RUN_FIELDS = suites.FIELDS | {
    "workflow": Field(),
    "event": Field(),
    "suite_status": Field(nullable=True),
}
_FILED_FIELDS = {
    "ref": Field(required=True),
    "environment": Field(),
    "workflow": Field(),
    "event": Field(),
}


class Control:
    def __init__(self, sandbox: Sandbox) -> None:
        self._sandbox = sandbox

    def routes(self) -> list[web.RouteDef]:
        return [
            web.get("/healthz", self.say_healthy),
            web.get("/readyz", self.say_healthy),
            web.get("/_sandbox/faults", self.show_faults),
            web.put("/_sandbox/faults", self.merge_faults),
            web.delete("/_sandbox/faults", self.clear_faults),
            web.get("/_sandbox/requests", self.list_requests),
            web.get("/_sandbox/deliveries", self.list_deliveries),
            web.post("/_sandbox/check-runs", self.report_run),
            web.post("/_sandbox/deployments", self.file_deployment),
            *people_routes(self._sandbox),
        ]

    async def say_healthy(self, _: web.Request) -> web.Response:
        """It depends on nothing: once it listens, it is ready."""
        return _json({"status": "ok"})

    async def show_faults(self, _: web.Request) -> web.Response:
        return _json(self._sandbox.faults.values)

    async def merge_faults(self, request: web.Request) -> web.Response:
        try:
            self._sandbox.faults.merge(read_json(await request.read()))
        except ApiError as error:
            return _json(error.body, error.status)
        except FaultError as error:
            return _json({"message": str(error)}, 422)
        return _json(self._sandbox.faults.values)

    async def clear_faults(self, _: web.Request) -> web.Response:
        self._sandbox.faults.clear()
        return _json(self._sandbox.faults.values)

    async def list_requests(self, _: web.Request) -> web.Response:
        return _json(list(self._sandbox.journal.requests))

    async def list_deliveries(self, _: web.Request) -> web.Response:
        return _json(list(self._sandbox.journal.deliveries))

    async def report_run(self, request: web.Request) -> web.Response:
        """File a check run as part of a workflow's run that some event started."""
        sandbox = self._sandbox
        links = sandbox.links(f"{request.scheme}://{request.host}")
        call = Call(sandbox, sandbox.owner, links)
        try:
            body = read_body(await request.read(), "CheckRun", _RUN_FIELDS)
            key = suites.SuiteKey(
                "github-actions", body.get("workflow", "CI"), body.get("event", "push")
            )
            run = await suites.report(call, body, key)
        except ApiError as error:
            return _json(error.body, error.status)
        suite = suites.suite_of(call, run.sha, key)
        suite = sandbox.store.suites.update(suite, status=body.get("suite_status"))
        await sandbox.store.settled()
        sandbox.courier.send(call.caused)
        return _json(shapes.check_run(links, run, suite), 201)

    async def file_deployment(self, request: web.Request) -> web.Response:
        """File what GitHub files for a job of a workflow that names an environment."""
        sandbox = self._sandbox
        links = sandbox.links(f"{request.scheme}://{request.host}")
        call = Call(sandbox, sandbox.owner, links, raw_body=await request.read())
        try:
            record = await _file(call)
        except ApiError as error:
            return _json(error.body, error.status)
        await sandbox.store.settled()
        sandbox.courier.send(call.caused)
        return _json(deployment(links, record), 201)


async def _file(call: Call) -> Deployment:
    body = read_body(call.raw_body, "Deployment", _FILED_FIELDS)
    found = await call.git.run(call.git.named, body["ref"])
    if found is None:
        raise ApiError(422, f"No ref found for: {body['ref']}")
    run = Run(
        id=call.store.next_id(),
        workflow=body.get("workflow", "deploy"),
        event=body.get("event", "push"),
    )
    return deployments.file(call, body, found.commit, run)


def _json(body: Any, status: int = 200) -> web.Response:
    return web.Response(
        status=status, body=orjson.dumps(body), content_type="application/json"
    )
