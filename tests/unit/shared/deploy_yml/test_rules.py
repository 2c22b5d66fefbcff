"""What `deploy.yml` may say, and how every mistake is told."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.deploy_yml import ConfigError, read
from shared.deploy_yml.nodes import MAX_BYTES, DocumentError, compose
from shared.deploy_yml.source import Source

FULL = """\
envs:
  - name: production
    task: deploy:app
    description: The shop
    auto_merge: true
    required_contexts: [test, "lint: all"]
    payload: {region: no, since: 2024-01-01, ports: [0o17, 1.5], on: null}
    production_environment: true
    serialization: true
  - name: staging
    payload: plain text
"""


def mistakes(text: str) -> list[str]:
    with pytest.raises(ConfigError) as error:
        read(text)
    return [str(p) for p in error.value.problems]


def test_all_fields() -> None:
    rules = read(FULL)
    production = rules.envs["production"]
    assert production.task == "deploy:app"
    assert production.auto_merge
    assert production.required_contexts == ["test", "lint: all"]
    assert production.payload == {
        "region": "no",
        "since": "2024-01-01",
        "ports": [15, 1.5],
        "on": None,
    }
    assert rules.envs["staging"].payload == "plain text"
    assert rules.lines == {"production": 2, "staging": 10}


def test_what_is_not_given_has_a_default() -> None:
    env = read("envs: [{name: a, task: , required_contexts: }]").envs["a"]
    assert env.task == "deploy"
    assert env.required_contexts is None
    assert env.payload is None
    flags = {env.auto_merge, env.production_environment, env.serialization}
    assert flags == {False}


def test_no_required_contexts_are_not_all_of_them() -> None:
    assert (
        read("envs: [{name: a, required_contexts: []}]").envs["a"].required_contexts
        == []
    )


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", ["line 1, column 1: `deploy.yml` must be a mapping, not empty"]),
        ("- a", ["line 1, column 1: `deploy.yml` must be a mapping, not a list"]),
        ("x: 1", [
            "line 1, column 1: `envs` is missing",
            "line 1, column 1: unknown field `x`",
        ]),
        ("envs: 3", ["line 1, column 1: `envs` must be a list, not 3"]),
        ("envs:\n", ["line 1, column 1: `envs` is missing"]),
        ("envs:\n- task: a", ["line 2, column 3: `envs[0].name` is missing"]),
        ("envs:\n- name: 12", [
            "line 2, column 3: `envs[0].name` must be text, not 12; put it in quotes"
        ]),
        ("envs:\n- a", ['line 2, column 3: `envs[0]` must be a mapping, not "a"']),
        ("envs:\n- name: ''", [
            'line 2, column 3: `envs[0].name` must be text that is not empty, not ""'
        ]),
        ("envs:\n- name: a\n  foo: 1", ["line 3, column 3: unknown field `foo`"]),
        ("envs:\n- name: a\n  foo:", ["line 3, column 3: unknown field `foo`"]),
        ("envs:\n- name: a\n  auto_merge: yes", [
            'line 3, column 3: `envs[0].auto_merge` must be true or false, not "yes"'
        ]),
        ("envs:\n- name: a\n  payload: [1]", [
            "line 3, column 3: `envs[0].payload` must be a mapping or text, not a list"
        ]),
        ("envs:\n- name: a\n  required_contexts: [a, 1]", [
            ("line 3, column 26: `envs[0].required_contexts[1]` must be text, not 1"
            "; put it in quotes")
        ]),
        ("envs:\n- name: a\n  name: b", [
            "line 3, column 3: `name` stands here twice, first in line 2"
        ]),
        ("envs:\n- name: a\n- name: A", [
            "line 3, column 3: environment `A` is defined twice: `a` in line 2"
        ]),
        ("envs:\n- name: a\n- name: a", [
            "line 3, column 3: environment `a` is defined twice: `a` in line 2"
        ]),
        ("envs:\n- name: a\n\tb", [
            ("line 3, column 1: while scanning a plain scalar, found a tab character "
            "that violates indentation")
        ]),
        ("envs: [{name: a, payload: {x: .nan}}]", [
            "line 1, column 31: JSON has no number `.nan`; put it in quotes"
        ]),
        (f"envs: [{{name: a, payload: {{x: {10**30}}}}}]", [
            f"line 1, column 31: JSON has no number `{10**30}`; put it in quotes"
        ]),
        ("envs: [{name: a, payload: {3: x}}]", [
            "line 1, column 28: a key must be text; put it in quotes"
        ]),
        ("envs: [{name: !!binary aaaa}]", [
            "line 1, column 9: `envs[0].name` is missing",
            "line 1, column 15: the tag `binary` is not supported",
        ]),
        ("envs: [{name: a, payload: {x: !!int 1.5, y: !!bool no}}]", [
            "line 1, column 31: is tagged `int`, and isn't: `1.5`",
            "line 1, column 45: is tagged `bool`, and isn't: `no`",
        ]),
        ('envs: [{name: "a\\0"}]', [
            "line 1, column 9: `envs[0].name` is missing",
            "line 1, column 15: has a character that no database takes",
        ]),
        ("envs: []\n---\nenvs: []", [
            "line 2, column 1: there is a second document"
        ]),
        ("envs: [\x07]", ["line 1, column 8: has a forbidden character"]),
    ],
)  # fmt: skip
def test_a_mistake_is_told_with_its_place(text: str, expected: list[str]) -> None:
    assert mistakes(text) == expected


def test_all_mistakes_are_told_at_once() -> None:
    text = "envs:\n- name: a\n  foo: 1\n  task: 2\n- bar: {}\n  name: a\nbaz: 0\n"
    assert [m.partition(":")[0] for m in mistakes(text)] == [
        "line 3, column 3",
        "line 4, column 3",
        "line 5, column 3",
        "line 6, column 3",
        "line 7, column 1",
    ]


def test_aliases_and_merge_keys_save_repetition() -> None:
    text = """\
envs:
  - &all
    name: staging
    serialization: true
    payload: &where {region: eu}
  - <<: *all
    name: production
    payload: {<<: [{zone: a}, *where], zone: b}
"""
    rules = read(text)
    assert rules.envs["production"].serialization
    assert rules.envs["production"].payload == {"region": "eu", "zone": "b"}
    assert rules.envs["staging"].payload == {"region": "eu"}


BOMB = "a0: &a0 [1, 1]\n" + "".join(
    f"a{i}: &a{i} [{', '.join([f'*a{i - 1}'] * 10)}]\n" for i in range(1, 20)
)
PATTERNS = ", ".join(f"p{i}" for i in range(1001))
MERGES = "a0: &a0 {k: 1}\n" + "".join(
    f"a{i}: &a{i} {{<<: [{', '.join([f'*a{i - 1}'] * 10)}]}}\n" for i in range(1, 20)
)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (BOMB, "over 10,000 values"),
        (MERGES, "over 10,000 values"),
        ("[" * 100_000, "is nested too deeply"),
        ("a: &a [*a]", "is nested too deeply"),
        ("a: &a {<<: *a}", "is nested too deeply"),
        ("%TAG ! x\n" * 9, "`%TAG` is not supported"),
        (
            f"envs: [{{name: a, ignore_contexts: [{PATTERNS}]}}]",
            "is one of over 1,000 different ones, too many",
        ),
        ("# " + "x" * MAX_BYTES, "is larger than 1,000,000 bytes"),
    ],
    ids=["bomb", "merges", "deep", "cycle", "merge cycle", "tags", "patterns", "large"],
)
def test_text_that_would_explode_is_refused(text: str, expected: str) -> None:
    (mistake,) = mistakes(text)
    assert expected in mistake


def test_what_stands_for_nothing_is_refused() -> None:
    assert mistakes("envs: [{name: a, payload: *b}]") == [
        "line 1, column 27: there is no `&b` above"
    ]
    assert mistakes("envs: [{name: a, <<: 3}]") == [
        "line 1, column 22: only a mapping can be merged with `<<`"
    ]


def test_a_long_text_is_not_read_to_its_end() -> None:
    text = "- a\n" * 20_001
    with pytest.raises(DocumentError, match=r"line 20000, .* over 10,000 values"):
        compose(Source(text, text))


def test_a_mark_of_byte_order_counts_for_nothing() -> None:
    assert mistakes("\ufeffenvs: [{name: a, foo: 1}]") == [
        "line 1, column 18: unknown field `foo`"
    ]


@given(st.text(alphabet="envs:\n -[]{}&*!<>'\"a1.~|#%@`\t,?", max_size=60))
def test_any_text_is_read_or_refused(text: str) -> None:
    try:
        rules = read("envs: \n- name: a\n" + text)
    except ConfigError as error:
        places = [(p.line, p.column) for p in error.problems]
    else:
        places = [(line, 1) for line in rules.lines.values()]
        json.dumps([e.model_dump() for e in rules.envs.values()], allow_nan=False)
    assert all(line >= 1 and column >= 1 for line, column in places)


def test_the_digest_is_of_the_meaning_and_not_of_the_text() -> None:
    one = read("envs: [{name: a, serialization: true, payload: {x: 1, y: ü}}]")
    two = read("envs:\n- payload: {y: ü, x: 1}\n  serialization: true\n  name: a\n")
    three = read("envs: [{name: a, serialization: true, payload: {x: 2, y: ü}}]")
    assert one.envs["a"].digest == two.envs["a"].digest
    assert one.envs["a"].digest != three.envs["a"].digest
