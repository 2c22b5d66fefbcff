"""The webhooks that Gitploy knows, reduced to what it reads of them."""

from typing import Any, Final

from pydantic import AwareDatetime

from .resources import (
    Account,
    Deployment,
    DeploymentStatus,
    Repository,
    Resource,
    Text,
)


class WebhookInstallation(Resource):
    id: int


class Webhook(Resource):
    """What all webhooks have in common."""

    #: The name of the event, in GitHub's words.
    event: str
    #: GitHub's GUID: the same for repeats, and for all hooks that hear the event.
    delivery: str


class Unknown(Webhook):
    """An event that Gitploy does not know; nothing in it is believed."""

    action: Any = None


class RepositoryEvent(Webhook):
    """What all webhooks about a repository have in common."""

    action: Text = ""
    repository: Repository
    sender: Account | None = None


class WorkflowRun(Resource):
    id: int
    #: What started it: `push`, `deployment` …
    event: Text = ""


class DeploymentWebhook(RepositoryEvent):
    deployment: Deployment
    #: Set if an Actions job made the deployment.
    workflow_run: WorkflowRun | None = None


class DeploymentStatusWebhook(RepositoryEvent):
    deployment_status: DeploymentStatus
    deployment: Deployment
    workflow_run: WorkflowRun | None = None


class HeadCommit(Resource):
    id: str


class PushedRepository(Repository):
    #: Here a number of seconds, elsewhere a text.
    pushed_at: AwareDatetime | None = None


class PushWebhook(RepositoryEvent):
    repository: PushedRepository
    #: In full: `refs/heads/main`.
    ref: str
    before: str
    #: For an annotated tag not a commit, but the tag's own id: see `commit`.
    after: str
    deleted: bool = False
    head_commit: HeadCommit | None = None

    @property
    def commit(self) -> str | None:
        """The commit that the ref is at now; None if the ref is gone."""
        if self.deleted:
            return None
        return self.head_commit.id if self.head_commit else self.after


class StatusWebhook(RepositoryEvent):
    """A commit status; its own fields are at the top."""

    sha: str


class CheckSuite(Resource):
    head_sha: Text = ""


class CheckRun(Resource):
    head_sha: str


class CheckRunWebhook(RepositoryEvent):
    check_run: CheckRun


class CheckSuiteWebhook(RepositoryEvent):
    check_suite: CheckSuite


class RepositoryWebhook(RepositoryEvent):
    """What happened to it says `action`: renamed, transferred, deleted, archived."""


class MetaWebhook(Webhook):
    """The hook itself was deleted at GitHub; this is the last that it tells."""

    #: None for the hook of an organization or of an App.
    repository: Repository | None = None


class PingWebhook(Webhook):
    """GitHub tries whether somebody is there."""


class ShortRepository(Resource):
    """As the webhooks of an installation list it."""

    id: int
    full_name: str


class InstallationWebhook(Webhook):
    """Of an App: where it was installed, and what its owner changed."""

    action: Text = ""
    installation: WebhookInstallation
    #: All that it may see, when it was installed.
    repositories: tuple[ShortRepository, ...] = ()
    #: Of `installation_repositories`.
    repositories_removed: tuple[ShortRepository, ...] = ()
    repositories_added: tuple[ShortRepository, ...] = ()


class AuthorizationWebhook(Webhook):
    """Of an App: somebody has taken back what they allowed to it."""

    action: Text = ""
    sender: Account | None = None


MODELS: Final[dict[str, type[Webhook]]] = {
    "check_run": CheckRunWebhook,
    "check_suite": CheckSuiteWebhook,
    "deployment": DeploymentWebhook,
    "deployment_status": DeploymentStatusWebhook,
    "github_app_authorization": AuthorizationWebhook,
    "installation": InstallationWebhook,
    "installation_repositories": InstallationWebhook,
    "meta": MetaWebhook,
    "ping": PingWebhook,
    "push": PushWebhook,
    "repository": RepositoryWebhook,
    "status": StatusWebhook,
}
