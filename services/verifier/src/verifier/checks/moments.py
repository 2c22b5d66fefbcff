"""What hangs on the moment: successes elsewhere, and windows without deployments."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from shared.contracts import Check
from shared.deploy_yml import Env, FrozenWindow, frozen_until, holding
from shared.deploy_yml.durations import shown

from .codes import FROZEN, NEEDS
from .wording import failed, listed, moment, passed, plain, skipped, waits


def needs(
    rules: Env | None,
    sha: str | None,
    succeeded: Mapping[str, Mapping[str, datetime]],
    now: datetime,
) -> Check:
    """Has this very commit succeeded where it has to, and long enough ago?

    `succeeded` says when which commit last succeeded, by environment.
    """
    if rules is None:
        return skipped(NEEDS, "there are no rules for this environment")
    if not rules.needs:
        return skipped(NEEDS, f"{plain(rules.name)} needs no other environment first")
    if sha is None:
        return skipped(NEEDS, "there is no such ref")
    known = {name.casefold(): times.get(sha) for name, times in succeeded.items()}
    since = {name: known.get(name.casefold()) for name in rules.needs}
    absent = [name for name, at in since.items() if at is None]
    soaking = {n: at for n, at in since.items() if at and at + rules.soak > now}
    if absent or soaking:
        wanting = failed(NEEDS, _wanting(rules, sha[:7], absent, soaking))
        over = None if absent else max(soaking.values()) + rules.soak
        return waits(wanting, [*absent, *soaking], over)
    told = (f"in {plain(name)} on {moment(at)}" for name, at in since.items() if at)
    return passed(NEEDS, f"{sha[:7]} succeeded {listed(told)}.")


def frozen(rules: Env | None, now: datetime) -> Check:
    """Is this a time at which deployments are allowed?"""
    if rules is None:
        return skipped(FROZEN, "there are no rules for this environment")
    name = plain(rules.name)
    if not rules.frozen_windows:
        return skipped(FROZEN, f"{name} has no frozen windows")
    until = frozen_until(rules.frozen_windows, now)
    if until is None:
        return passed(FROZEN, f"{name} is not frozen now.")
    open_ = listed(map(_told, holding(rules.frozen_windows, now)))
    if frozen_until(rules.frozen_windows, until):
        told = f"{name} is frozen until deploy.yml changes: {open_} leaves no gap."
        return failed(FROZEN, f"{told} Change that, or ask who may override this.")
    told = f"{name} is frozen until {moment(until)}, by deploy.yml: {open_}."
    return waits(failed(FROZEN, f"{told} Deploy then."), until=until)


def _wanting(
    rules: Env, commit: str, absent: Sequence[str], soaking: Mapping[str, datetime]
) -> str:
    name = plain(rules.name)
    sentences = []
    if absent:
        where = listed(map(plain, absent))
        sentences.append(
            f"{commit} has not succeeded in {where}, which {name} needs: deploy this "
            "very commit there first."
        )
    if soaking:
        places = (
            f"in {plain(n)} since {moment(at)}, until {moment(at + rules.soak)}"
            for n, at in soaking.items()
        )
        sentences.append(
            f"{commit} has to soak for {shown(rules.soak)} before {name}: "
            f"{listed(places, '; ')}. Deploy then."
        )
    return " ".join(sentences)


def _told(window: FrozenWindow) -> str:
    clocks = plain(window.location)
    return f"`{plain(window.start)}` for {shown(window.duration)} ({clocks})"
