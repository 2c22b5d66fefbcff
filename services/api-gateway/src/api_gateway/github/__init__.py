"""The gateway's questions to GitHub: for commands and rules, and for pages.

`cache` keeps what pages were told; `browsing` asks through it.
"""

from .askers import Askers as Askers
from .browsing import GitHubBrowsing as GitHubBrowsing
from .cache import Cache as Cache
from .people import GitHubAccounts as GitHubAccounts
from .repositories import GitHubRepositories as GitHubRepositories
