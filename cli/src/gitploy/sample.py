"""A small repository to try things on, made with git's own objects.

`main` has the `deploy.yml`. `feature/express-checkout` is ahead of it, and
`fix/rounding` behind it, so that an environment with `auto_merge` refuses that one.
`v1.0.0` is a plain tag and `v1.1.0` an annotated one.
"""

import shutil
from pathlib import Path
from typing import Final

import pygit2
from pygit2.enums import FileMode, ObjectType

NAME: Final = "demo/shop"
CONFIG: Final = """\
# Where this repository can be deployed, and what must hold before it is.
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
