"""What Gitploy knows of people: who they are, what proves it, and what they may do.

Ordinary tables, not events (docs/decisions/0022). `tables` says what is kept; `people`,
`proofs`, `permissions` and `audit` each change one kind of it, `accounts` is the door
to them, `directory` where they are only looked up. `access` says what somebody may do
now, `syncing` keeps that up to date.
"""

from .accounts import Accounts as Accounts
from .audit import AUDIT_EXPORTED as AUDIT_EXPORTED
from .audit import Entry as Entry
from .directory import Directory as Directory
from .github_tokens import GitHubTokens as GitHubTokens
from .keys import Keys as Keys
from .keys import UnreadableError as UnreadableError
from .keys import csrf_token as csrf_token
from .keys import digest as digest
from .keys import new_secret as new_secret
from .membership import Membership as Membership
from .membership import SigningIn as SigningIn
from .people import Account as Account
from .permissions import Shared as Shared
from .ports import CodeRefusedError as CodeRefusedError
from .ports import GitHubPeople as GitHubPeople
from .ports import Grant as Grant
from .ports import Profile as Profile
from .ports import Seen as Seen
from .proofs import Proof as Proof
from .proofs import Token as Token
from .records import Page as Page
from .records import Records as Records
from .repeats import Answered as Answered
from .repeats import BusyError as BusyError
from .repeats import OtherRequestError as OtherRequestError
from .repeats import Repeats as Repeats
from .syncing import Followed as Followed
