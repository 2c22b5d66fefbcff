"""The bus: who takes what, how it is retried, and what sends it."""

from .answering import Hearing as Hearing
from .answering import Listeners as Listeners
from .bus import Bus as Bus
from .bus import BusUnavailableError as BusUnavailableError
from .bus import DeadLetter as DeadLetter
from .bus import MessageRefusedError as MessageRefusedError
from .handling import Handlers as Handlers
from .handling import Retry as Retry
from .handling import Subscription as Subscription
from .handling import UnableError as UnableError
from .handling import bind as bind
from .memory import MemoryBus as MemoryBus
from .memory_file import MemoryFile as MemoryFile
from .rabbit import RabbitBus as RabbitBus
from .relay import Relay as Relay
