"""HTTP that all services have: one error format, health, metrics."""

from .addresses import MAX_LINE as MAX_LINE
from .addresses import bound_addresses as bound_addresses
from .caching import caching as caching
from .errors import ApiError as ApiError
from .errors import problem as problem
from .errors import problem_middleware as problem_middleware
from .health import Dependency as Dependency
from .health import health as health
from .origins import Origins as Origins
from .rates import Rates as Rates
from .unreadable import server_log as server_log
