"""What environments inherit, and what environments need of each other."""

import pytest

from shared.deploy_yml import ConfigError, Env, Review, read


def mistakes(text: str) -> list[str]:
    with pytest.raises(ConfigError) as error:
        read(text)
    return [f"{p.line}:{p.column} {p.message}" for p in error.value.problems]


def test_an_environment_inherits_what_it_does_not_say_itself() -> None:
    envs = read("""\
defaults:
  serialization: true
  queue: latest
  payload: {region: eu, size: 1}
  needs: [dev]
  review: {enabled: true, reviewers: [a], required: 1}
envs:
- name: dev
  needs: []
  queue: false
- name: production
  payload: {region: us}
  review: {enabled: false}
  needs:
""").envs
    assert envs["dev"] == Env(
        name="dev",
        serialization=True,
        payload={"region": "eu", "size": 1},
        review=Review(enabled=True, reviewers=["a"]),
    )
    assert envs["production"] == Env(
        name="production",
        serialization=True,
        queue="latest",
        payload={"region": "us"},
        needs=["dev"],
    )


def test_a_mistake_in_the_defaults_is_told_once_and_there() -> None:
    text = "defaults:\n  timeout: x\n  name: y\nenvs:\n- name: a\n- name: b\n"
    duration, name = mistakes(text)
    assert duration.startswith("2:3 `defaults.timeout` must be a duration")
    assert name == "3:3 unknown field `name` here; it belongs to an environment"


def test_a_mistake_that_only_an_environment_makes_of_them_is_told_there() -> None:
    text = (
        "defaults:\n  queue: true\nenvs:\n- name: a\n  serialization: true\n- name: b\n"
    )
    assert mistakes(text) == [
        "2:3 `defaults.queue` needs `serialization: true`: else nothing waits in line"
    ]


def test_defaults_of_nobody_are_looked_at_too() -> None:
    (mistake,) = mistakes("defaults: {timeout: x}\nenvs: []")
    assert mistake.startswith("1:12 `defaults.timeout` must be a duration")


@pytest.mark.parametrize("defaults", ["3", "[a]", "text"])
def test_defaults_are_a_mapping(defaults: str) -> None:
    (mistake,) = mistakes(f"defaults: {defaults}\nenvs: [{{name: a}}]")
    assert mistake.startswith("1:1 `defaults` must be a mapping, not")


def test_what_is_inherited_is_counted() -> None:
    values = ", ".join(["1"] * 100)
    envs = "".join(f"- name: e{i}\n" for i in range(100))
    assert mistakes(f"defaults: {{payload: {{x: [{values}]}}}}\nenvs:\n{envs}") == [
        "1:1 100 environments inherit over 10,000 values"
    ]


def chain(*needs: str) -> str:
    """Environments, each with what it needs: `a:bc` needs b and c."""
    return "envs:\n" + "".join(
        f"- {{name: {n[0]}, needs: [{', '.join(n[2:])}]}}\n" for n in needs
    )


def test_environments_in_order() -> None:
    assert list(read(chain("c:ab", "b:a", "a:")).envs) == ["c", "b", "a"]


OF_THIS_FILE = "must be an environment of this file (a, b)"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (chain("a:a"), [
            "2:21 `envs[0].needs[0]` makes `a` need itself; say `needs: []` there"
        ]),
        (chain("a:x", "b:A"), [
            f'2:21 `envs[0].needs[0]` {OF_THIS_FILE}, not "x"',
            f'3:21 `envs[1].needs[0]` {OF_THIS_FILE}, not "A"',
        ]),
        (chain("a:b", "b:a", "c:a"), [
            "2:13 `a` needs `b` needs `a`: none could ever be deployed"
        ]),
        (chain("x:fa", "a:fb", "b:c", "c:a", "d:e", "e:d", "f:"), [
            "3:13 `a` needs `b` needs `c` needs `a`: none could ever be deployed",
            "6:13 `d` needs `e` needs `d`: none could ever be deployed",
        ]),
        ("defaults: {needs: [dev]}\nenvs: [{name: dev}, {name: live}]", [
            "1:20 `defaults.needs[0]` makes `dev` need itself; say `needs: []` there"
        ]),
    ],
)  # fmt: skip
def test_what_could_never_be_deployed_is_a_mistake(
    text: str, expected: list[str]
) -> None:
    assert mistakes(text) == expected


def test_a_long_chain_is_no_trouble() -> None:
    envs = "".join(f"- {{name: e{i}, needs: [e{i + 1}]}}\n" for i in range(990))
    assert len(read(f"envs:\n{envs}- name: e990\n").envs) == 991
    (mistake,) = mistakes(f"envs:\n{envs}- {{name: e990, needs: [e0]}}\n")
    assert mistake.startswith("2:14 `e0` needs `e1`")
