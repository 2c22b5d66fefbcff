"""A small repository to try things on, made with git's own objects.

`main` has the `deploy.yml`, in which each environment shows another rule.
`feature/express-checkout` is ahead of it, and `fix/rounding` behind it, so that an
environment with `auto_merge` refuses that one. `v1.0.0` is a plain tag and `v1.1.0` an
annotated one.
"""

import shutil
from pathlib import Path
from typing import Final

import pygit2
from pygit2.enums import FileMode, ObjectType

NAME: Final = "demo/shop"
#: In no file stands that it is locked: people do that, and the demo begins with it.
LOCKED: Final = "warehouse"
LOCKED_BECAUSE: Final = "Stocktaking"
CONFIG: Final = """\
# Where this repository can be deployed, and what must hold before it is. Each
# environment shows another rule; docs/walkthrough.md leads through them.
envs:
  - name: production
    description: What customers see.
    production_environment: true
    # Only what contains all of the default branch, and one deployment at a time.
    auto_merge: true
    serialization: true

  - name: staging
    description: The last look before production.

  - name: dev
    task: deploy:dev

  - name: certified
    description: Waits for somebody to report the check `certification`.
    required_contexts:
      - certification
    checks_timeout: 10m

  - name: warehouse
    description: Somebody has locked it.

  - name: payments
    description: One of these people has to agree; it is sent when they do.
    review:
      enabled: true
      reviewers: [admin, "@demo/deployers"]
      on_approval: deploy

  - name: archive
    description: Frozen all year round, but for whoever may pass over that.
    frozen_windows:
      - start: "0 0 1 JAN *"
        duration: 366d
    overriders: [admin]

  - name: qa
    description: Testers wait in line for their turn.
    serialization: true
    queue: true
    # What others deploy at GitHub is told of; with `hold` it would hold the place.
    foreign: warn
    # So that there is a line to be seen: the deployment tool takes its time.
    payload:
      step_seconds: 2

  - name: preview
    description: Each push to main is deployed; of those that wait the newest one.
    auto_deploy_on: refs/heads/main
    required_contexts: []
    serialization: true
    queue: latest
    payload:
      step_seconds: 2

  - name: canary
    description: Only what has been in staging for a while.
    needs: [staging]
    soak: 5s

  - name: mobile
    description: Releases alone, by those who may, with what the stores have to know.
    deployable_ref: v[0-9]+\\.[0-9]+\\.[0-9]+
    deployers: [gitploy, "@demo/deployers"]
    dynamic_payload:
      enabled: true
      inputs:
        store:
          type: select
          options: [apple, google]
          required: true
        rollout_percent:
          type: number
          default: 10
"""
README: Final = "# Shop\n\nThe sample repository of the Gitploy demo.\n"
BEGAN: Final = 1_767_603_600  # the 5th of January 2026


def make(path: Path) -> Path:
    """The repository at this path; it is made unless it is there."""
    if not path.exists():
        new = path.with_name(path.name + ".new")
        shutil.rmtree(new, ignore_errors=True)  # of an earlier start that was killed
        repository = pygit2.init_repository(new, bare=True, initial_head="main")
        _History(repository).write()
        new.rename(path)
    return path


class _History:
    """Writes one commit after another, an hour apart."""

    def __init__(self, repository: pygit2.Repository) -> None:
        self._repository = repository
        self._hours = 0

    def write(self) -> None:
        files = {"README.md": README, "deploy.yml": CONFIG, "prices.py": "TAX = 19\n"}
        first = self._commit("main", "Open the shop", files)
        self._repository.create_reference("refs/tags/v1.0.0", first)
        fix = {**files, "prices.py": "TAX = 19.0\n"}
        self._commit("fix/rounding", "Round prices", fix, first)
        files["cart.py"] = "ITEMS = []\n"
        second = self._commit("main", "Add a cart", files, first)
        self._tag("v1.1.0", second, "The first shop with a cart")
        files["checkout.py"] = "EXPRESS = True\n"
        self._commit("feature/express-checkout", "Check out faster", files, second)

    def _commit(
        self,
        branch: str,
        message: str,
        files: dict[str, str],
        parent: pygit2.Oid | None = None,
    ) -> pygit2.Oid:
        tree = self._repository.TreeBuilder()
        for name, text in files.items():
            blob = self._repository.create_blob(text.encode())
            tree.insert(name, blob, FileMode.BLOB)
        who, parents = self._who(), [parent] if parent else []
        commit = self._repository.create_commit(
            None, who, who, message, tree.write(), parents
        )
        self._repository.references.create(f"refs/heads/{branch}", commit, force=True)
        return commit

    def _tag(self, name: str, commit: pygit2.Oid, message: str) -> None:
        self._repository.create_tag(
            name, commit, ObjectType.COMMIT, self._who(), message
        )

    def _who(self) -> pygit2.Signature:
        self._hours += 1
        return pygit2.Signature("Ada", "ada@example.com", BEGAN + 3600 * self._hours, 0)
