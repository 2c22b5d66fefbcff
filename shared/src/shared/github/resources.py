"""What GitHub's answers and webhooks are about: the few fields that we read.

Nearly everything is optional and unknown fields are ignored, because what GitHub
sends differs between github.com, its older self and GitHub Enterprise Server. The
same classes read REST answers and webhooks; only ids and what a thing can't be
understood without are required.
"""

from typing import Annotated, Any

from pydantic import AwareDatetime, BaseModel, BeforeValidator, ConfigDict, Field

#: Text for which GitHub also says null.
Text = Annotated[str, BeforeValidator(lambda value: "" if value is None else value)]


class Resource(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")


class Account(Resource):
    """A user, an organization or a bot."""

    id: int | None = None
    login: Text = ""
    type: Text = ""


class Collaboration(Resource):
    """What somebody may do in a repository."""

    #: `admin`, `write`, `read` or `none`.
    permission: Text = ""
    user: Account | None = None


class OwnApp(Resource):
    """The GitHub App that Gitploy is."""

    slug: Text = ""
    #: Its page, from which it can be installed.
    html_url: Text = ""
    owner: Account | None = None
    #: What it asks of whoever installs it; they may not have granted all of it yet.
    permissions: dict[str, str] = {}
    #: What its webhook hears of.
    events: tuple[str, ...] = ()


class Installation(Resource):
    """Where an App is installed, and what it was granted there."""

    id: int
    permissions: dict[str, str] = {}
    suspended_at: AwareDatetime | None = None
    #: Where the owner changes it.
    html_url: Text = ""


class Repository(Resource):
    id: int
    full_name: str
    #: `main` or `master` …; webhooks of deleted repositories may lack it.
    default_branch: Text = ""


class Deployment(Resource):
    """GitHub's deployment."""

    id: int
    #: The commit that GitHub resolved when it was created.
    sha: str
    #: What was asked for: a branch, a tag or a commit.
    ref: Text = ""
    environment: Text = ""
    task: Text = ""
    #: An object, a string (even if it is JSON) or null: as it was sent.
    payload: Any = None
    description: Text = ""
    creator: Account | None = None
    created_at: AwareDatetime | None = None
    #: The API's address of the deployment.
    url: Text = ""


class DeploymentStatus(Resource):
    id: int
    #: GitHub's word; there may be more of them than those that we know.
    state: str
    description: Text = ""
    environment_url: Text = ""
    log_url: Text = ""
    #: The older name of `log_url`.
    target_url: Text = ""
    creator: Account | None = None
    created_at: AwareDatetime | None = None

    @property
    def log(self) -> str:
        """Where the tooling's log is; empty if it didn't say."""
        return self.log_url or self.target_url


class HookConfig(Resource):
    url: Text = ""
    #: Stars, if there is one.
    secret: Text = Field(default="", repr=False)


class Hook(Resource):
    """A webhook of a repository."""

    id: int
    active: bool = True
    events: tuple[str, ...] = ()
    config: HookConfig = HookConfig()


class DeliveryRequest(Resource):
    headers: dict[str, Any] | None = None
    #: The webhook's body; its bytes are gone, so its signature can't be checked again.
    payload: Any = None


class HookDelivery(Resource):
    """One try of GitHub's to deliver a webhook; a retry has the same guid."""

    id: int
    guid: str
    event: str
    delivered_at: AwareDatetime | None = None
    #: `OK`, or what went wrong.
    status: Text = ""
    status_code: int | None = None
    repository_id: int | None = None
    #: Only when the delivery was asked for by its id.
    request: DeliveryRequest | None = Field(default=None, repr=False)

    @property
    def arrived(self) -> bool:
        return self.status == "OK"
