"""`python -m github_dispatcher`: the service in a process of its own."""

from shared.process import run

from .bootstrap import build
from .settings import Settings

run(build, Settings)
