"""What holds for the repository as a whole: layers, locks, links, addresses."""

import re
import subprocess
import sys
import tomllib
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
#: Names of package registries, in pieces so that this file doesn't name one.
REGISTRY = re.compile(
    r"\b(py[p]i|python[h]osted|np[m]js|yarn[p]kg|ruby[g]ems)\.(org|com|io)\b",
    re.IGNORECASE,
)
LINK = re.compile(r"\[([^\]]*)\]\(([^)\s]+)\)")
CODE = re.compile(r"```.*?```|~~~.*?~~~", re.DOTALL)


@cache
def committed() -> list[Path]:
    """List the files that git knows, new ones included."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
    )
    paths = [ROOT / line for line in listed.stdout.splitlines()]
    return [path for path in paths if path.is_file()]


def documents() -> list[Path]:
    return [path for path in committed() if path.suffix == ".md"]


def named(path: Path) -> str:
    return str(path.relative_to(ROOT))


def test_imports_keep_to_the_layers() -> None:
    lint_imports = Path(sys.executable).parent / "lint-imports"
    done = subprocess.run(
        [lint_imports, "--no-cache"],
        cwd=ROOT,
        check=False,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout


def test_no_file_names_the_host_of_a_package_registry() -> None:
    found = [
        f"{named(path)}: {match.group()}"
        for path in committed()
        if (match := REGISTRY.search(path.read_text(errors="replace")))
    ]
    assert not found


@pytest.mark.parametrize("lock", ["requirements.lock", "requirements-dev.lock"])
def test_each_locked_version_has_a_hash(lock: str) -> None:
    text = (ROOT / lock).read_text().replace("\\\n", " ")
    pinned = [line for line in text.splitlines() if re.match(r"[\w-]+==", line)]
    assert pinned
    assert [line for line in pinned if "--hash=sha256:" not in line] == []


def test_the_lock_has_all_that_the_members_want() -> None:
    lock = (ROOT / "requirements.lock").read_text()
    members = [path for path in committed() if path.name == "pyproject.toml"]
    missing = {
        f"{named(member)}: {name}"
        for member in members
        if member.parent != ROOT
        for name in wanted(member)
        if f"\n{name}==" not in f"\n{lock}"
    }
    assert not missing, "run `make lock`"


def wanted(member: Path) -> list[str]:
    """Name what a member depends on, other members aside."""
    asked = tomllib.loads(member.read_text())["project"]["dependencies"]
    names = [re.split(r"[^\w.-]", wish, maxsplit=1)[0].lower() for wish in asked]
    return [name for name in names if not name.startswith("gitploy-")]


@pytest.mark.parametrize("document", documents(), ids=named)
def test_links_in_the_documents_lead_somewhere(document: Path) -> None:
    text = CODE.sub("", document.read_text())
    broken = [
        target
        for label, target in LINK.findall(text)
        if not target.startswith(("http://", "https://", "mailto:"))
        and not leads_somewhere(document, label, target)
    ]
    assert not broken


def leads_somewhere(document: Path, label: str, target: str) -> bool:
    """Whether the file, its heading, and the code that the label names are there."""
    where, _, anchor = target.partition("#")
    path = (document.parent / where).resolve() if where else document
    if not path.exists():
        return False
    if anchor and path.suffix == ".md":
        return anchor in headings(path)
    if path.suffix == ".py" and (code := re.fullmatch(r"`([\w.]+)(\(\))?`", label)):
        name = code.group(1).removesuffix(".py").rsplit(".", 1)[-1]
        return name == path.stem or bool(re.search(rf"\b{name}\b", path.read_text()))
    return True


def headings(document: Path) -> set[str]:
    """Return the anchors that GitHub makes of a document's headings."""
    titles = re.findall(r"^#+ +(.+)$", CODE.sub("", document.read_text()), re.MULTILINE)
    plain = [re.sub(r"[^\w\- ]", "", title.strip().lower()) for title in titles]
    return {title.replace(" ", "-") for title in plain}
