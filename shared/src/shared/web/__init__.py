"""HTTP that all services have: one error format, health, metrics."""

from .errors import ApiError as ApiError
from .errors import problem as problem
from .errors import problem_middleware as problem_middleware
from .health import Dependency as Dependency
from .health import health as health
