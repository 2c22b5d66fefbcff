"""A service's events: streams, log, outbox, and the tables derived from them."""

from .actions import Action as Action
from .actions import Actions as Actions
from .actions import WantedActions as WantedActions
from .database import READ_WITHIN_S as READ_WITHIN_S
from .database import Database as Database
from .database import DatabaseUnavailableError as DatabaseUnavailableError
from .database import DatabaseUrlError as DatabaseUrlError
from .database import TooLongError as TooLongError
from .dialects import among as among
from .dialects import among_selected as among_selected
from .dialects import bytewise as bytewise
from .dialects import each as each
from .dialects import gathered as gathered
from .failures import STORE_FAILURES as STORE_FAILURES
from .outbox import Outbox as Outbox
from .outbox import Parked as Parked
from .outbox import Said as Said
from .recording import Logged as Logged
from .recording import Recorded as Recorded
from .store import Clock as Clock
from .store import Store as Store
from .store import Tables as Tables
from .store import utc_now as utc_now
from .streams import Streams as Streams
from .streams import change_both as change_both
