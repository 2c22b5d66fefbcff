"""The tool's HTTP: it takes GitHub's webhooks and serves the logs that it links to."""

import asyncio
from dataclasses import dataclass

from aiohttp import web

from deploy_tool.tool import Tool
from deploy_tool.webhook import Deployment, MalformedError, is_genuine, parse


@dataclass(frozen=True)
class Routes:
    tool: Tool
    secret: str
    #: The deployments in work; its owner ends them.
    tasks: asyncio.TaskGroup

    async def receive(self, request: web.Request) -> web.Response:
        """Answer at once: the deployment is recorded, and carried out afterwards."""
        body = await request.read()
        signature = request.headers.get("X-Hub-Signature-256", "")
        if not is_genuine(body, signature, self.secret):
            raise web.HTTPUnauthorized(text="the signature is missing or wrong\n")
        if request.headers.get("X-GitHub-Event") != "deployment":
            return web.Response(text="nothing to do\n")
        try:
            deployment = parse(body)
        except MalformedError as error:
            raise web.HTTPBadRequest(text=f"{error}\n") from error
        if not self.tool.history.take(deployment):
            return web.Response(text="known already\n")
        self.begin(deployment)
        return web.Response(status=202, text="taken\n")

    def begin(self, deployment: Deployment) -> None:
        work = self.tool.carry_out(deployment)
        self.tasks.create_task(work, name=f"deployment {deployment.id}")

    async def log(self, request: web.Request) -> web.StreamResponse:
        """Stream the log, to its end where the deployment is still in work."""
        deployment_id = int(request.match_info["id"])
        if self.tool.history.is_finished(deployment_id) is None:
            raise web.HTTPNotFound(text=f"there is no deployment {deployment_id}\n")
        answer = web.StreamResponse(
            headers={"Content-Type": "text/plain; charset=utf-8"}
        )
        await answer.prepare(request)
        async for line in self.tool.log_lines(deployment_id):
            await answer.write(f"{line}\n".encode())
        await answer.write_eof()
        return answer

    def app(self) -> web.Application:
        app = web.Application()
        app.router.add_post("/webhook", self.receive)
        app.router.add_get(r"/logs/{id:\d{1,18}}", self.log)
        return app
