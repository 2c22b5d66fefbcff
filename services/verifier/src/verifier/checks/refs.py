"""Does the ref mean a commit, and is it one that may go there?"""

from typing import Final, assert_never
from urllib.parse import quote

from shared.contracts import Check, Ref
from shared.deploy_yml import Env, matches
from verifier.domain.found import Found
from verifier.domain.refs import FOLDERS, is_full, short_name
from verifier.domain.wanted import Wanted

from .codes import DEPLOYABLE_REF, REF, UP_TO_DATE
from .wording import called, failed, passed, plain, skipped

#: What neither a tag nor a commit gets any more.
_NEWER: Final = "deploy one that has them"


def ref(found: Found, wanted: Wanted) -> Check:
    """Does it exist, and mean the commit that is expected?"""
    if wanted.rollback_of:
        return _rolled_back(found, wanted.rollback_of.number, wanted.rollback_of.sha)
    if found.sha is None:
        return _absent(found, wanted)
    if wanted.source == "push":
        return _pushed(found, wanted.ref, found.sha)
    expected = wanted.expected_sha
    if expected and expected != found.sha:
        return _moved(found, wanted.ref, expected, found.sha)
    others = found.kinds - {wanted.ref.type}
    if others and wanted.ref.type != "commit" and not (expected or is_full(wanted.ref)):
        return _ambiguous(found, wanted.ref)
    what = f"{wanted.ref.type} {called(wanted.ref)} is at {found.sha[:7]}."
    return passed(REF, what, _commit(found, found.sha))


def deployable_ref(
    found: Found, rules: Env | None, wanted: Ref, url: str | None = None
) -> Check:
    """Is it one of those that may be deployed there?

    A commit has no name to match, so what counts for it is the branch that it is part
    of; of branches only the default one is known.
    """
    if rules is None:
        return skipped(DEPLOYABLE_REF, "there are no rules for this environment")
    if rules.deployable_ref is None:
        return skipped(DEPLOYABLE_REF, f"{plain(rules.name)} takes every ref")
    if found.sha is None:
        return skipped(DEPLOYABLE_REF, "there is no such ref")
    pattern, name = rules.deployable_ref, short_name(wanted) or wanted.name
    told = f"`deployable_ref: {plain(pattern)}`"
    if matches(pattern, name):
        return passed(DEPLOYABLE_REF, f"{called(wanted)} matches {told}.", url)
    branch = found.default_branch or ""
    if wanted.type == "commit" and found.ahead_by == 0 and matches(pattern, branch):
        what = f"{found.sha[:7]} is part of {plain(branch)}, which matches {told}."
        return passed(DEPLOYABLE_REF, what, url)
    return failed(
        DEPLOYABLE_REF,
        f"{called(wanted)} may not be deployed to {plain(rules.name)}: deploy.yml says "
        f"{told}, and that must match the whole name. Deploy a ref that does.",
        url,
    )


def up_to_date(found: Found, env: Env | None, wanted: Ref) -> Check:
    """Does it have all commits of the default branch, if that is asked?"""
    if env is None:
        return skipped(UP_TO_DATE, "there are no rules for this environment")
    if not env.auto_merge:
        return skipped(UP_TO_DATE, "deploy.yml does not say `auto_merge: true`")
    if found.sha is None:
        return skipped(UP_TO_DATE, "there is no such ref")
    name, branch = called(wanted), plain(found.default_branch)
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
            todo = f"merge {branch} into it" if wanted.type == "branch" else _NEWER
            return failed(UP_TO_DATE, f"{what}: {todo}; {why}.", url)


def _absent(found: Found, wanted: Wanted) -> Check:
    name, repository = plain(wanted.ref.name), found.repository.full_name
    if wanted.source == "push" and wanted.expected_sha:
        return _gone(found, f"the push of {name} was about", wanted.expected_sha)
    match wanted.ref.type:
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
            assert_never(wanted.ref.type)
    return failed(REF, what, found.page)


def _rolled_back(found: Found, number: int, sha: str) -> Check:
    if found.sha is None:
        return _gone(found, f"#{number} deployed", sha)
    return passed(REF, f"#{number} deployed {sha[:7]}.", _commit(found, sha))


def _pushed(found: Found, wanted: Ref, sha: str) -> Check:
    what = f"{wanted.type} {plain(wanted.name)}"
    if wanted.type != "commit" and wanted.type not in found.kinds:
        was = f"{what} was deleted after {sha[:7]} was pushed to it"
        return failed(REF, f"{was}: there is nothing to deploy.", _commit(found, sha))
    return passed(REF, f"{sha[:7]} was pushed to {what}.", _commit(found, sha))


def _moved(found: Found, wanted: Ref, expected: str, sha: str) -> Check:
    by = f", a commit of {plain(found.author)}" if found.author else ""
    return failed(
        REF,
        f"{wanted.type} {plain(wanted.name)} is at {sha[:7]} now{by}, and not at "
        f"{expected[:7]}, which was to be deployed: it has moved meanwhile. Look at "
        "what has changed, and deploy again.",
        f"{found.page}/compare/{expected}...{sha}",
    )


def _ambiguous(found: Found, wanted: Ref) -> Check:
    name = plain(short_name(wanted))
    full = " or ".join(f"{folder}{name}" for folder in FOLDERS.values())
    what = f"{found.repository.full_name} has a branch and a tag {name}"
    return failed(REF, f"{what}: say which one is meant, as {full}.", found.page)


def _gone(found: Found, what: str, sha: str) -> Check:
    told = f"{found.repository.full_name} no longer has {sha[:7]}, the commit that"
    return failed(REF, f"{told} {what}: deploy another one.", found.page)


def _commit(found: Found, sha: str) -> str:
    return f"{found.page}/commit/{sha}"
