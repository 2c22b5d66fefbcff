"""The rules of a repository: what `deploy.yml` may say, and what it says."""

from .document import Problem as Problem
from .rules import ConfigError as ConfigError
from .rules import Env as Env
from .rules import Rules as Rules
from .rules import read as read
