"""Which of GitHub's deployments are ours, by what they deploy and where.

A job of the Actions run that our deployment starts may name the same environment; then
GitHub files another deployment for it. Nothing in that names ours: it is known by the
commit and the environment.
"""

from dataclasses import dataclass
from uuid import UUID, uuid5

from shared.contracts import GitHubDeploymentCreated, Message, Repository

NAMESPACE = UUID("1f3f9d0e-2c55-4d0a-8f0b-6f4c5a7e9b13")


def stream_of(repository: Repository, environment: str, sha: str) -> UUID:
    """Where ours of this commit in this environment are kept."""
    return uuid5(NAMESPACE, f"{repository.id}/{sha}/{environment.casefold()}")


@dataclass(frozen=True)
class Own:
    """Ours of one commit in one environment, by GitHub's ids."""

    numbers: frozenset[int] = frozenset()


def evolve(known: Own, message: Message[GitHubDeploymentCreated]) -> Own:
    """File one of ours."""
    return Own(known.numbers | {message.data.github_deployment_id})
