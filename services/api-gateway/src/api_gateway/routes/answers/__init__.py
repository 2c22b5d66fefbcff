"""What the API answers: the models of its documents.

They are published, and every answer of the gateway's tests is held against them; the
documents themselves are made by the read model.
"""

from .browsing import Commit as Commit
from .browsing import CommitStatuses as CommitStatuses
from .browsing import NamedCommit as NamedCommit
from .browsing import RateLimit as RateLimit
from .delivery import Delivery as Delivery
from .deployments import Deployment as Deployment
from .deployments import DeploymentRecorded as DeploymentRecorded
from .deployments import Event as Event
from .deployments import Release as Release
from .deployments import Repository as Repository
from .deployments import RepositoryAsked as RepositoryAsked
from .deployments import Review as Review
from .deployments import ReviewGiven as ReviewGiven
from .deployments import Status as Status
from .environments import Environment as Environment
from .environments import Lock as Lock
from .environments import LockRecorded as LockRecorded
from .environments import Preflight as Preflight
from .environments import Waiting as Waiting
from .others import Config as Config
from .others import Error as Error
from .others import RemoteStatus as RemoteStatus
from .others import RemoteStatusRecorded as RemoteStatusRecorded
from .people import AuditEntry as AuditEntry
from .people import License as License
from .people import Myself as Myself
from .people import NewToken as NewToken
from .people import Token as Token
from .people import User as User
from .permissions import Permission as Permission
