"""Does the ref mean a commit, and is it one that may go there?"""

from typing import assert_never
from urllib.parse import quote

from shared.contracts import Check, Ref
from shared.deploy_yml import Env
from verifier.domain.found import Found

from .codes import REF, UP_TO_DATE
from .wording import failed, passed, plain, skipped


def ref(found: Found, wanted: Ref) -> Check:
    """Does the ref exist, and mean a commit?"""
    name, repository = plain(wanted.name), found.repository.full_name
    if found.sha:
        url = f"{found.page}/commit/{found.sha}"
        return passed(REF, f"{wanted.type} {name} is at {found.sha[:7]}.", url)
    match wanted.type:
        case "branch":
            what = f"{repository} has no branch {name}."
        case "tag":
            what = f"{repository} has no tag {name} that names a commit."
        case "commit":
            what = (
                f"{repository} has no commit {name}, or several that begin so. "
                "Give its whole id, or at least 7 digits of it."
            )
        case _:
            assert_never(wanted.type)
    return failed(REF, what, found.page)


def up_to_date(found: Found, env: Env | None, wanted: Ref) -> Check:
    """Does it have all commits of the default branch, if that is asked?"""
    if env is None:
        return skipped(UP_TO_DATE, "there are no rules for this environment")
    if not env.auto_merge:
        return skipped(UP_TO_DATE, "deploy.yml does not say `auto_merge: true`")
    if found.sha is None:
        return skipped(UP_TO_DATE, "there is no such ref")
    name, branch = plain(wanted.name), plain(found.default_branch)
    url = f"{found.page}/compare/{found.sha}...{quote(found.default_branch or '')}"
    match found.behind_by:
        case None:
            what = f"GitHub can't compare {name} ({found.sha[:7]}) with {branch}"
            return failed(UP_TO_DATE, f"{what}: they have no common history.", url)
        case 0:
            return passed(UP_TO_DATE, f"{name} has all commits of {branch}.", url)
        case behind:
            commits = "1 commit" if behind == 1 else f"{behind} commits"
            what = f"{name} ({found.sha[:7]}) is {commits} behind {branch}"
            why = "deploy.yml says `auto_merge: true`"
            return failed(UP_TO_DATE, f"{what}: merge it first; {why}.", url)
