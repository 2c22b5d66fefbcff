"""Each field: what it takes, and what is told of everything else."""

import json
from contextlib import suppress
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.deploy_yml import (
    ConfigError,
    DynamicPayload,
    Env,
    FrozenWindow,
    Input,
    Review,
    read,
)


def env(fields: str) -> Env:
    """Read an environment with these fields; they begin in line 3."""
    return read(f"envs:\n- name: a\n{indented(fields)}").envs["a"]


def indented(fields: str) -> str:
    return "".join(f"  {line}\n" for line in fields.splitlines())


def mistakes(fields: str) -> list[str]:
    with pytest.raises(ConfigError) as error:
        env(fields)
    return [f"{p.line - 2}:{p.column - 2} {p.message}" for p in error.value.problems]


def test_what_is_not_given_has_its_default() -> None:
    a = read("envs: [{name: a}]").envs["a"]
    assert a == Env(name="a")
    assert a.review == Review(
        enabled=False, required=1, on_approval="wait", timeout=timedelta(days=7)
    )
    assert (a.checks_timeout, a.timeout) == (timedelta(minutes=30), timedelta(hours=1))
    assert (a.soak, a.queue, a.foreign) == (timedelta(0), False, "warn")


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("serialization: true\nqueue: latest", "latest"),
        ("serialization: true\nqueue: true", True),
        ("checks_timeout: 1h30m", timedelta(minutes=90)),
        ("timeout: 90s", timedelta(seconds=90)),
        ("needs: [b]\nsoak: 1.5d", timedelta(hours=36)),
        ("deployable_ref: main|release/.*", "main|release/.*"),
        ("auto_deploy_on: ^refs/tags/v[0-9]+$", "^refs/tags/v[0-9]+$"),
        ("ignore_contexts: [codecov/.*]", ["codecov/.*"]),
        ('deployers: [a, "@o/t", "x[bot]", a_corp]', ["a", "@o/t", "x[bot]", "a_corp"]),
        ("overriders: []", []),
        ("ref_at_github: name", "name"),
        ("foreign: hold", "hold"),
        ("frozen_windows: [{start: 0 17 * * FRI, duration: 63h}]", [
            FrozenWindow(start="0 17 * * FRI", duration=timedelta(hours=63))
        ]),
        ("review: {enabled: true, reviewers: [x, '@o/t'], required: 5}", Review(
            enabled=True, reviewers=["x", "@o/t"], required=5
        )),
        ("dynamic_payload: {inputs: {x: {type: select, options: [p], default: p}}}",
         DynamicPayload(
             inputs={"x": Input(type="select", options=["p"], default="p")}
         )),
    ],
)  # fmt: skip
def test_a_field_is_read(field: str, value: object) -> None:
    rules = read(f"envs:\n- name: b\n- name: a\n{indented(field)}")
    name = field.splitlines()[-1].partition(":")[0]
    assert getattr(rules.envs["a"], name) == value


DURATION = "must be a duration like 90s, 30m, 1h30m, 7d or 2w (units: w, d, h, m, s)"
PEOPLE = "must be a login like `octocat` or a team like `@org/team`"
ZONE = "must be a time zone like Europe/Berlin or UTC"
INPUT = "dynamic_payload.inputs.x"
CRON = "must be a cron line of five fields: minute hour day month weekday"


@pytest.mark.parametrize(
    ("fields", "place", "field", "what"),
    [
        ("timeout: 30", "1:1", "timeout", f"{DURATION}, not 30"),
        ("timeout: soon", "1:1", "timeout", f'{DURATION}, not "soon"'),
        ("timeout: 8d", "1:1", "timeout", 'must be between 1s and 7d, not "8d"'),
        ("timeout: 0s", "1:1", "timeout", 'must be between 1s and 7d, not "0s"'),
        ("checks_timeout: 1.5s", "1:1", "checks_timeout",
         'must be a duration of whole seconds, not "1.5s"'),
        ("deployable_ref: '('", "1:1", "deployable_ref",
         'must be a pattern of RE2 (missing ): (), not "("'),
        ("auto_deploy_on: '(?=a)'", "1:1", "auto_deploy_on",
         'must be a pattern of RE2 (invalid perl operator: (?=), not "(?=a)"'),
        ("ignore_contexts: [a, '[']", "1:22", "ignore_contexts[1]",
         'must be a pattern of RE2 (missing ]: [), not "["'),
        (f"deployable_ref: {'a' * 1001}", "1:1", "deployable_ref",
         "must have at most 1,000 characters"),
        ("serialization: true\nqueue: last", "2:1", "queue",
         'must be true, false or `latest`, not "last"'),
        ("queue: true", "1:1", "queue",
         "needs `serialization: true`: else nothing waits in line"),
        ("soak: 1h", "1:1", "soak",
         "needs `needs`: the environments where it must have succeeded"),
        ("deployers: ['@x']", "1:13", "deployers[0]", f'{PEOPLE}, not "@x"'),
        ("overriders: [o/t]", "1:14", "overriders[0]", f'{PEOPLE}, not "o/t"'),
        (f"deployers: [{', '.join(['x'] * 101)}]", "1:1", "deployers",
         "must have at most 100 entries"),
        ("review: {reviewers: ['a b']}", "1:22", "review.reviewers[0]",
         f'{PEOPLE}, not "a b"'),
        ("foreign: no", "1:1", "foreign", 'must be `warn` or `hold`, not "no"'),
        ("review: {on_approval: go}", "1:10", "review.on_approval",
         'must be `wait` or `deploy`, not "go"'),
        ("review: {required: 0}", "1:10", "review.required",
         "must be at least 1, not 0"),
        ("review: {required: 101}", "1:10", "review.required",
         "must be at most 100, not 101"),
        ("review: {required: '2'}", "1:10", "review.required",
         'must be a whole number, not "2"'),
        ("review: {enabled: true}", "1:1", "review",
         "needs `reviewers`: with none nobody could ever approve"),
        ("review: {enabled: true, reviewers: [a, A], required: 2}", "1:44",
         "review.required", "must be at most 1, the number of reviewers, not 2"),
        ("frozen_windows: [{start: '* * * *', duration: 1h}]", "1:19",
         "frozen_windows[0].start", f'{CRON}, not "* * * *"'),
        ("frozen_windows: [{start: 0 0 31 2 *, duration: 1h}]", "1:19",
         "frozen_windows[0].start",
         'must be a cron line with a possible day-of-month, not "0 0 31 2 *"'),
        ("frozen_windows: [{start: 0 0 * * *, duration: 1s}]", "1:37",
         "frozen_windows[0].duration", 'must be between 1m and 366d, not "1s"'),
        ("frozen_windows: [{start: 0 0 * * *, duration: 1h, location: X}]", "1:51",
         "frozen_windows[0].location", f'{ZONE}, not "X"'),
        ("frozen_windows: [{start: 0 0 * * *}]", "1:18",
         "frozen_windows[0].duration", "is missing"),
        ("dynamic_payload: {inputs: {x: {type: list}}}", "1:32", f"{INPUT}.type",
         'must be `select`, `number`, `string` or `boolean`, not "list"'),
        ("dynamic_payload: {inputs: {x: {type: select}}}", "1:28", INPUT,
         "needs `options` to select from"),
        ("dynamic_payload: {inputs: {x: {type: number, options: [a]}}}", "1:46",
         f"{INPUT}.options", "belongs to `type: select` alone"),
        ("dynamic_payload: {inputs: {x: {type: boolean, default: maybe}}}", "1:47",
         f"{INPUT}.default", 'must be true or false, not "maybe"'),
        ("dynamic_payload: {inputs: {x: {type: select, options: [a], default: b}}}",
         "1:60", f"{INPUT}.default", 'must be one of "a", not "b"'),
    ],
)  # fmt: skip
def test_a_mistake_is_told(fields: str, place: str, field: str, what: str) -> None:
    assert mistakes(fields) == [f"{place} `envs[0].{field}` {what}"]


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ("serialisation: true", "`serialisation`; did you mean `serialization`?"),
        ("reviewers: []", "`reviewers` here; it belongs to `review`"),
        ("envs: []", "`envs` here; it belongs to the top"),
        ("options: []", "`options` here; it belongs to an input"),
        ("zzz: 1", "`zzz`"),
        # What is alike belongs elsewhere: an input has a `type`.
        ("typ: 1", "`typ`"),
    ],
)
def test_an_unknown_field_is_told(fields: str, expected: str) -> None:
    assert mistakes(fields) == [f"1:1 unknown field {expected}"]


@pytest.mark.parametrize(
    ("field", "most"),
    [("ignore_contexts", 100), ("needs", 100), ("required_contexts", 1000)],
)
def test_a_list_has_an_end_where_each_entry_costs_something(
    field: str, most: int
) -> None:
    written = [f"c{i}" for i in range(most + 1)]
    told = mistakes(f"{field}: {json.dumps(written)}")
    assert f"1:1 `envs[0].{field}` must have at most {most:,} entries" in told
    if field != "needs":
        assert len(getattr(env(f"{field}: {json.dumps(written[:-1])}"), field)) == most
    stored = Env.model_validate({"name": "a", field: written})
    assert len(getattr(stored, field)) == most + 1, "what was judged stays readable"


@pytest.mark.parametrize(
    ("text", "guess"),
    [
        ("review: {reviewer: []}", "reviewers"),
        (
            "frozen_windows: [{start: 0 0 * * *, duration: 1h, locations: UTC}]",
            "location",
        ),
        ("dynamic_payload: {inputs: {inputs: {typ: string, type: string}}}", "type"),
        ("dynamic_payload: {input: {}}", "inputs"),
    ],
)
def test_what_was_meant_is_guessed_from_the_fields_of_its_place(
    text: str, guess: str
) -> None:
    (told,) = mistakes(text)
    assert told.endswith(f"; did you mean `{guess}`?")


@pytest.mark.parametrize(
    ("text", "guess"),
    [("defaults: {tasks: x}\nenvs: []", "task"), ("env: 1\nenvs: []", "envs")],
)
def test_what_was_meant_outside_of_environments(text: str, guess: str) -> None:
    with pytest.raises(ConfigError, match=f"did you mean `{guess}`"):
        read(text)


def test_what_was_meant_is_guessed_a_few_times() -> None:
    told = mistakes("".join(f"tasks{i}: x\n" for i in range(30)))
    assert len(told) == 30
    assert len([m for m in told if "did you mean `task`?" in m]) == 20


def test_mistakes_of_all_kinds_are_told_together() -> None:
    fields = "queue: true\ntimeout: x\nneeds: [b]\nfoo: 1\npayload: {x: .nan}"
    fields += "\nreview: {enabled: true, required: x}"
    assert [m.partition(" ")[0] for m in mistakes(fields)] == [
        "1:1", "2:1", "3:9", "4:1", "5:14", "6:1", "6:25"
    ]  # fmt: skip


def test_a_name_has_no_characters_that_can_not_be_seen() -> None:
    with pytest.raises(ConfigError, match="printable characters only"):
        read('envs: [{name: "a\\e[2J"}]')


def test_what_is_stored_is_read_back_whatever_the_rules_are_now() -> None:
    stored = Env(name="a\n", deployable_ref="(", timeout=timedelta(days=99))
    text = stored.model_dump_json().replace("{", '{"later": 1, ', 1)
    assert Env.model_validate_json(text) == stored


TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"))
SOME = TEXT.filter(bool)
NAME = SOME.map(lambda text: text[:255])
NUMBER = st.integers(-(2**63), 2**63 - 1) | st.floats(allow_nan=False).filter(
    lambda number: abs(number) != float("inf")
)
JSON = st.recursive(
    TEXT | NUMBER | st.booleans() | st.none(),
    lambda inner: st.lists(inner) | st.dictionaries(TEXT, inner),
    max_leaves=8,
)
LASTS = st.timedeltas(timedelta(0), timedelta(days=400)).map(
    lambda duration: timedelta(seconds=int(duration.total_seconds()))
)
INPUTS = st.builds(
    Input,
    type=st.sampled_from(["select", "number", "string", "boolean"]),
    default=JSON,
    options=st.lists(SOME, max_size=3),
)
ENVS = st.builds(
    Env,
    name=NAME,
    task=SOME,
    description=TEXT,
    required_contexts=st.none() | st.lists(SOME, max_size=3),
    payload=TEXT | st.dictionaries(TEXT, JSON),
    dynamic_payload=st.none()
    | st.builds(DynamicPayload, inputs=st.dictionaries(NAME, INPUTS, max_size=3)),
    deployable_ref=st.none() | SOME,
    queue=st.sampled_from([True, False, "latest"]),
    needs=st.lists(NAME, max_size=2),
    soak=LASTS,
    timeout=LASTS,
    review=st.builds(Review, reviewers=st.lists(TEXT, max_size=3), timeout=LASTS),
    frozen_windows=st.lists(st.builds(FrozenWindow, start=SOME, duration=LASTS)),
)


@given(ENVS)
def test_an_environment_survives_being_stored(one: Env) -> None:
    again = Env.model_validate_json(one.model_dump_json())
    assert again == one
    assert again.digest == one.digest


@given(name=st.sampled_from(sorted(Env.model_fields)), value=JSON)
def test_any_value_of_any_field_is_read_or_refused(name: str, value: Any) -> None:
    file = {"defaults": {name: value}, "envs": [{name: value}, {"name": "b"}]}
    with suppress(ConfigError):
        read(json.dumps(file, ensure_ascii=False), rollback=True)
