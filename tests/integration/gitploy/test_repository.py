"""The repository that the sandbox serves: the sample, or one of somebody's."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pygit2
import pytest

from gitploy.failing import CommandError
from gitploy.local.repository import choose
from shared.deploy_yml import frozen_until, read

WHO = pygit2.Signature("Ada", "ada@example.com")


def repository(path: Path, config: str | None) -> Path:
    made = pygit2.init_repository(str(path), initial_head="trunk")
    tree = made.TreeBuilder()
    if config is not None:
        tree.insert("deploy.yml", made.create_blob(config.encode()), 0o100644)
    made.create_commit("HEAD", WHO, WHO, "Begin", tree.write(), [])
    return path


def test_the_sample_has_one_of_each(tmp_path: Path) -> None:
    chosen = choose(None, tmp_path)
    assert (chosen.name, chosen.branch, chosen.remark) == ("demo/shop", "main", "")
    sample = pygit2.Repository(str(chosen.path))
    main = sample.branches["main"].target
    ahead = sample.branches["feature/express-checkout"].target
    behind = sample.branches["fix/rounding"].target
    assert sample.ahead_behind(ahead, main) == (1, 0)
    assert sample.ahead_behind(behind, main) == (1, 1)
    assert isinstance(sample.revparse_single("v1.0.0"), pygit2.Commit)
    assert isinstance(sample.revparse_single("v1.1.0"), pygit2.Tag)


def test_the_samples_rules_are_valid_and_show_each_kind(tmp_path: Path) -> None:
    chosen = choose(None, tmp_path)
    file = pygit2.Repository(str(chosen.path)).revparse_single("main:deploy.yml")
    assert isinstance(file, pygit2.Blob)
    envs = read(file.data.decode()).envs
    production = next(iter(envs.values()))
    assert production.name == chosen.environment == "production"
    assert production.auto_merge
    assert production.serialization
    assert not production.queue
    assert chosen.lock
    assert chosen.lock.environment in envs
    written = {field for env in envs.values() for field in env.model_fields_set}
    assert written >= {
        "auto_deploy_on", "auto_merge", "checks_timeout", "deployable_ref",
        "deployers", "dynamic_payload", "foreign", "frozen_windows", "needs",
        "overriders", "payload", "production_environment", "queue",
        "required_contexts", "review", "serialization", "soak", "task",
    }  # fmt: skip
    assert {env.queue for env in envs.values()} == {False, True, "latest"}


def test_the_frozen_one_is_frozen_at_any_time(tmp_path: Path) -> None:
    chosen = choose(None, tmp_path)
    file = pygit2.Repository(str(chosen.path)).revparse_single("main:deploy.yml")
    assert isinstance(file, pygit2.Blob)
    archive = read(file.data.decode()).envs["archive"]
    for day in range(0, 366 * 5, 30):
        now = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(days=day)
        assert frozen_until(archive.frozen_windows, now)


def test_the_sample_is_made_once_and_the_same_everywhere(tmp_path: Path) -> None:
    first, again = choose(None, tmp_path), choose(None, tmp_path)
    other = choose(None, tmp_path / "other")
    heads = {
        str(pygit2.Repository(str(chosen.path)).branches["main"].target)
        for chosen in (first, again, other)
    }
    assert len(heads) == 1


def test_one_of_somebodys_is_named_after_its_directory(tmp_path: Path) -> None:
    mine = repository(tmp_path / "my shop.git", "envs:\n  - name: live\n")
    chosen = choose(mine, tmp_path)
    assert chosen.name == "local/my-shop"
    assert (chosen.branch, chosen.environment, chosen.remark) == ("trunk", "live", "")


@pytest.mark.parametrize("config", [None, "", "envs: []", "envs: [", "- envs"])
def test_without_environments_it_goes_on_and_says_so(
    tmp_path: Path, config: str | None
) -> None:
    chosen = choose(repository(tmp_path / "shop", config), tmp_path)
    assert chosen.environment == "production"
    assert "has no deploy.yml with an environment on trunk" in chosen.remark


def test_what_is_no_repository_is_refused(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="is no git repository"):
        choose(tmp_path, tmp_path)


def test_one_without_a_commit_is_refused(tmp_path: Path) -> None:
    pygit2.init_repository(str(tmp_path / "new"))
    with pytest.raises(CommandError, match="has no commit yet"):
        choose(tmp_path / "new", tmp_path)
