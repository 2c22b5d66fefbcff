"""The repository itself."""

from github_sandbox import shapes
from github_sandbox.sandbox import Answer, Call


async def show(call: Call) -> Answer:
    return Answer(shapes.full_repository(call.links, call.sandbox.facts))
