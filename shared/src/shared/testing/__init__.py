"""What tests of all services use: messages, a clock that stands still."""

from .clock import T0 as T0
from .clock import FakeClock as FakeClock
from .messages import said as said
from .waiting import until as until
