"""What the tool is told: flags, and the environment for what is secret."""

import argparse
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path


@dataclass(frozen=True)
class Options:
    directory: Path
    repository: str
    github_url: str
    host: str
    port: int
    #: Where GitHub and people reach the tool.
    public_url: str
    failing_environments: frozenset[str]
    step_s: float
    token: str = field(repr=False)
    secret: str = field(repr=False)


def parse(arguments: Sequence[str], environment: Mapping[str, str]) -> Options:
    """Read the options; end the process with one line when one is missing."""
    parser = argparse.ArgumentParser(
        prog="deploy-tool",
        description="Carries out GitHub deployments, for show.",
        epilog="DEPLOY_TOOL_TOKEN is GitHub's token, DEPLOY_TOOL_SECRET the webhook's.",
    )
    parser.add_argument("--repository", required=True, metavar="OWNER/NAME")
    parser.add_argument("--github-url", default="https://api.github.com")
    parser.add_argument("--directory", type=Path, default=Path())
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=8091)
    parser.add_argument("--public-url")
    parser.add_argument("--fail-environment", action="append", default=[])
    parser.add_argument("--step-seconds", type=float, default=1.0)
    told = parser.parse_args(arguments)
    for name in ("DEPLOY_TOOL_TOKEN", "DEPLOY_TOOL_SECRET"):
        if not environment.get(name):
            parser.error(f"the environment variable {name} is missing")
    return Options(
        directory=told.directory,
        repository=told.repository,
        github_url=told.github_url.rstrip("/"),
        host=told.host,
        port=told.port,
        public_url=(told.public_url or f"http://{told.host}:{told.port}").rstrip("/"),
        failing_environments=frozenset(told.fail_environment),
        step_s=told.step_seconds,
        token=environment["DEPLOY_TOOL_TOKEN"],
        secret=environment["DEPLOY_TOOL_SECRET"],
    )
