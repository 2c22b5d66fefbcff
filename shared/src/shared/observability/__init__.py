"""What people see from outside: logs, metrics."""

from . import metrics as metrics
from .logs import configure as configure
