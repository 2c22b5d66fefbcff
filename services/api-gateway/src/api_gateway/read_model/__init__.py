"""What people read, derived from the log: disposable, and the same after a rebuild.

In: the `follower` follows the log; `rows` makes rows of its entries, one of the `kinds`
from the state of each stream, which `folds` keeps; `projection` holds the `tables` at a
position, and `rebuilding` makes them again. Out: `queries` reads the rows, with a file
for each thing that is looked for; `showing` makes of them what the API shows. `feed`
makes live events (`updates`), and the `watcher` finds what is due.
"""

from .acts import Acts as Acts
from .delivery import Delivery as Delivery
from .environments import EnvironmentQueries as EnvironmentQueries
from .feed import Feed as Feed
from .feed import Lost as Lost
from .finding import Finding as Finding
from .follower import Changes as Changes
from .follower import Follower as Follower
from .lock_queries import LockQueries as LockQueries
from .past import Past as Past
from .previous import previous as previous
from .projection import Projection as Projection
from .queries import Queries as Queries
from .rebuilding import rebuild as rebuild
from .remote_statuses import remote_status as remote_status
from .repositories import Listing as Listing
from .repositories import RepositoryQueries as RepositoryQueries
from .search import Search as Search
from .updates import EventId as EventId
from .updates import Update as Update
from .updates import frame as frame
from .watcher import Watcher as Watcher
