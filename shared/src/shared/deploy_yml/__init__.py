"""`deploy.yml`: what it may say, what it says, and what that means.

Text goes in, rules or mistakes come out. Nothing is fetched and no clock is read, so
that the verifier, the gateway and the command line are of one mind.
"""

from .fields import DynamicPayload as DynamicPayload
from .fields import Env as Env
from .fields import FrozenWindow as FrozenWindow
from .fields import Input as Input
from .fields import Review as Review
from .patterns import matches as matches
from .payload import filled as filled
from .payload import payload_problems as payload_problems
from .rules import ConfigError as ConfigError
from .rules import Rules as Rules
from .rules import read as read
from .schema import schema as schema
from .source import Problem as Problem
from .unanchored import unanchored as unanchored
from .windows import frozen_until as frozen_until
from .windows import holding as holding
