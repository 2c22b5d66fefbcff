"""Patterns match whole texts, in bounded time; and people from Gitploy are warned."""

import pytest

from shared.deploy_yml import matches, read, unanchored
from shared.deploy_yml.patterns import mistake, occurs


@pytest.mark.parametrize(
    ("pattern", "text", "expected"),
    [
        ("main", "main", True),
        ("main", "not-main-2", False),
        ("main|release/.*", "release/1", True),
        ("main|release", "main-2", False),
        ("^main$", "main", True),
        ("main", "main\n", False),
        (".*", "a\nb", False),
        ("(?i)MAIN", "main", True),
        (r"v\d+\.\d+", "v1.20", True),
        ("ü.", "üß", True),
        ("a.b", "a\ud800b", True),
        ("", "", True),
    ],
)
def test_a_pattern_matches_the_whole_text(
    pattern: str, text: str, expected: bool
) -> None:
    assert matches(pattern, text) is expected


def test_gitploys_way_is_to_match_any_part() -> None:
    assert occurs("main", "not-main-2")


def test_no_pattern_takes_long() -> None:
    assert not matches("(a|aa)*(a|aa)*(a|aa)*b", "a" * 10_000)


def test_no_pattern_grows_large() -> None:
    assert "too large" in (mistake(r"\pL{50}\pN{50}") or "")
    assert "repetition" in (mistake("(a{100}){100}") or "")


REFS = [f"refs/{r}" for r in ("heads/main", "heads/not-main-2", "tags/v1", "pull/1/x")]


def warnings(field: str, refs: list[str]) -> list[str]:
    rules = read(f"envs:\n- name: a\n  {field}\n")
    return [str(problem) for problem in unanchored(rules, refs)]


def test_a_pattern_that_no_longer_matches_a_ref_is_warned_of() -> None:
    (warning,) = warnings("deployable_ref: main", REFS)
    assert warning == (
        "line 3, column 3: `main` is matched against the whole text, so not "
        "`not-main-2`, as Gitploy would; if they are meant, write `.*(main).*`"
    )
    assert "`refs/heads/main`" in warnings("auto_deploy_on: main", REFS)[0]


def test_of_many_refs_some_are_named() -> None:
    (warning,) = warnings("deployable_ref: m", [f"refs/heads/m{i}" for i in range(9)])
    assert "`m0`, `m1`, `m2` and 6 more" in warning


@pytest.mark.parametrize(
    "field",
    [
        "deployable_ref: .*main.*",
        "deployable_ref: main|not-main-2",
        "deployable_ref: ^main$|.*-2",
        "auto_deploy_on: refs/heads/main|refs/heads/not-main-2",
        "auto_deploy_on: .*/main|refs/heads/not.*",
        "auto_deploy_on: refs/tags/.*",
    ],
)
def test_a_pattern_that_matches_what_it_did_is_not(field: str) -> None:
    assert warnings(field, REFS) == []


@pytest.mark.parametrize(
    ("field", "doubt"),
    [
        ("auto_deploy_on: main", "write `refs/heads/…` for a branch"),
        ("auto_deploy_on: ^main$", "write `refs/heads/…` for a branch"),
        ("auto_deploy_on: ^release/.*$", "write `refs/heads/…` for a branch"),
        ("deployable_ref: ^v", "at both ends"),
        ("deployable_ref: -final$", "at both ends"),
        ("auto_deploy_on: ^refs/tags/v", "at both ends"),
    ],
)
def test_without_refs_a_pattern_is_judged_by_its_looks(field: str, doubt: str) -> None:
    (warning,) = warnings(field, [])
    assert doubt in warning


@pytest.mark.parametrize(
    "field",
    [
        "deployable_ref: main",
        "deployable_ref: ^v.*$",
        "auto_deploy_on: refs/heads/main",
        "auto_deploy_on: ^refs/heads/main$",
        "auto_deploy_on: (refs/heads/a|refs/tags/b)",
        "auto_deploy_on: .*/main",
    ],
)
def test_a_pattern_that_looks_well_is_not_warned_of(field: str) -> None:
    assert warnings(field, []) == []
