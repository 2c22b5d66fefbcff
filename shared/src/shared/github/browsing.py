"""What GitHub tells of a repository's refs, its commits and what was reported on them.

As in `resources`: the few fields that we read, and nearly all of them optional.
"""

from pydantic import AwareDatetime

from .resources import Account, Resource, Text


class Profile(Account):
    """An account with its picture."""

    avatar_url: Text = ""


class Pointer(Resource):
    """A commit, by its id alone."""

    sha: str


class Branch(Resource):
    name: str
    commit: Pointer


class Signature(Resource):
    """Who says in git to have made a commit."""

    name: Text = ""
    date: AwareDatetime | None = None


class CommitText(Resource):
    message: Text = ""
    author: Signature | None = None


class Commit(Resource):
    sha: str
    html_url: Text = ""
    commit: CommitText = CommitText()
    #: The account of the author; none if GitHub knows no account of that address.
    author: Profile | None = None


class Comparison(Resource):
    """What one commit has and another has not, the oldest first."""

    commits: tuple[Commit, ...] = ()


class GitObject(Resource):
    """What a ref or a tag points at: a `commit`, a `tag`, a `tree` or a `blob`."""

    type: Text = ""
    sha: str


class Target(Resource):
    """A ref, or an annotated tag."""

    object: GitObject


class CommitStatus(Resource):
    context: Text = ""
    state: Text = ""
    target_url: Text = ""
    avatar_url: Text = ""


class CombinedStatus(Resource):
    """The newest status of each context."""

    total_count: int = 0
    statuses: tuple[CommitStatus, ...] = ()


class OwnedApp(Resource):
    owner: Profile | None = None


class CheckRun(Resource):
    name: Text = ""
    status: Text = ""
    conclusion: str | None = None
    html_url: Text = ""
    details_url: Text = ""
    app: OwnedApp | None = None


class CheckRuns(Resource):
    total_count: int = 0
    check_runs: tuple[CheckRun, ...] = ()


class RateLimit(Resource):
    limit: int
    remaining: int
    #: Seconds since 1970.
    reset: int


class RateLimitResources(Resource):
    core: RateLimit


class RateLimits(Resource):
    resources: RateLimitResources
