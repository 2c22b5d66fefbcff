"""Where the links of answers lead: to the place where somebody sees why."""

from collections.abc import Callable

import pytest

from shared.contracts import Check, Ref
from shared.testing import T0
from tests.unit.verifier.examples import (
    ANN,
    FORMER,
    HEAD,
    MAIN,
    PAGE,
    SHA,
    contexts,
    found,
    request,
    rollback,
    rules,
)
from verifier import checks
from verifier.domain.found import Contexts, People
from verifier.domain.situation import Foreign

PUSHED = request(source="push", expected_sha=SHA)
OF_PUSH = Ref(type="commit", name=SHA)
FILE = f"{PAGE}/blob/{HEAD}/deploy.yml"
COMMIT = f"{PAGE}/commit/{SHA}"
CHECKS = f"{COMMIT}/checks"
DEPLOYMENTS = f"{PAGE}/deployments"
OTHERS = [Foreign(4001, "main", ANN, T0)]
DYNAMIC = "dynamic_payload: {enabled: true, inputs: {a: {type: string}}}"


def config(text: str, *, to: bool = False) -> Check:
    known = found(text=text)
    target = rollback().rollback_of if to else None
    return checks.config(known, checks.read_rules(known), target=target)


def environment(name: str, *, to: bool = False) -> Check:
    known = found()
    target = rollback().rollback_of if to else None
    return checks.environment(known, checks.read_rules(known), name, target)


def reported(told: Contexts, text: str = "") -> Check:
    return checks.commit_checks(told, rules(text), SHA, PAGE)


@pytest.mark.parametrize(
    ("answer", "url"),
    [
        (lambda: config("envs: []"), FILE),
        (lambda: config("envs: 1"), f"{FILE}#L1"),
        (lambda: config("envs: 1", to=True), f"{FILE}#L1"),
        (lambda: environment("staging"), f"{FILE}#L3"),
        (lambda: environment("dev"), FILE),
        (lambda: environment("dev", to=True), FILE),
        (lambda: checks.ref(found(), request()), COMMIT),
        (lambda: checks.ref(found(sha=None), request()), PAGE),
        (
            lambda: checks.ref(found(), request(expected_sha=FORMER)),
            f"{PAGE}/compare/{FORMER}...{SHA}",
        ),
        (
            lambda: checks.ref(found(kinds=frozenset({"branch", "tag"})), request()),
            PAGE,
        ),
        (lambda: checks.ref(found(), PUSHED), COMMIT),
        (lambda: checks.ref(found(kinds=frozenset()), PUSHED), COMMIT),
        (lambda: checks.ref(found(sha=None), PUSHED), PAGE),
        (lambda: checks.ref(found(sha=FORMER), rollback()), f"{PAGE}/commit/{FORMER}"),
        (lambda: checks.ref(found(sha=None), rollback()), PAGE),
        (
            lambda: checks.deployable_ref(
                found(ahead_by=0), rules("deployable_ref: main"), OF_PUSH, "url"
            ),
            "url",
        ),
        (
            lambda: checks.up_to_date(
                found(behind_by=0), rules("auto_merge: true"), MAIN
            ),
            f"{PAGE}/compare/{SHA}...main",
        ),
        (
            lambda: checks.up_to_date(
                found(behind_by=None), rules("auto_merge: true"), MAIN
            ),
            f"{PAGE}/compare/{SHA}...main",
        ),
        (lambda: reported(contexts()), CHECKS),
        (lambda: reported(contexts(a="success")), CHECKS),
        (lambda: reported(contexts(a="failure")), CHECKS),
        (lambda: reported(contexts(a="queued")), CHECKS),
        (lambda: reported(Contexts(withheld=True)), CHECKS),
        (
            lambda: checks.commit_checks(contexts(), rules(), SHA, PAGE, first_by=T0),
            CHECKS,
        ),
        (
            lambda: checks.running(None, rules("serialization: true"), PAGE, OTHERS),
            DEPLOYMENTS,
        ),
        (
            lambda: checks.running(None, rules("foreign: hold"), PAGE, OTHERS),
            DEPLOYMENTS,
        ),
        (lambda: checks.payload(rules(DYNAMIC), request(), "url"), "url"),
        (
            lambda: checks.payload(rules(), request(dynamic_payload={"a": 1}), "url"),
            "url",
        ),
        (
            lambda: checks.deployers(rules("deployers: [bob]"), ANN, People(), "url"),
            "url",
        ),
    ],
)
def test_an_answer_links_to_where_somebody_sees_why(
    answer: Callable[[], Check], url: str
) -> None:
    assert answer().url == url
