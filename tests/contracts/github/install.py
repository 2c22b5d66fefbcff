"""Takes GitHub's schemas out of their npm packages, as package-lock.json names them.

The packages unpack to 400 MB, of which a few files are wanted. So each package is
fetched as it is packed, compared with the lock's digest, and only those are taken.
"""

import base64
import hashlib
import json
import re
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path

HERE = Path(__file__).parent
INTO = HERE.parents[2] / ".cache" / "github-schemas"
#: The files of each package as a pattern, and what they are called here.
WANTED = {
    "@octokit/openapi": (r"generated/api\.github\.com\.json", "openapi.json"),
    "@octokit/openapi-webhooks": (r"generated/api\.github\.com\.json", "webhooks.json"),
    "@octokit/graphql-schema": (r"schema\.graphql", "schema.graphql"),
    "@octokit/webhooks-examples": (r"([\w.-]+)/index\.json", r"examples/\1.json"),
}


def main() -> int:
    lock = (HERE / "package-lock.json").read_bytes()
    stamp = INTO / "installed"
    digest = hashlib.sha256(lock).hexdigest()
    if stamp.exists() and stamp.read_text() == digest:
        return 0
    if "--check" in sys.argv:
        return 1
    INTO.mkdir(parents=True, exist_ok=True)
    locked = json.loads(lock)["packages"]
    for name, (pattern, file) in WANTED.items():
        about = locked[f"node_modules/{name}"]
        take(name, about["version"], about["integrity"], pattern, file)
    stamp.write_text(digest)
    return 0


def take(name: str, version: str, integrity: str, pattern: str, file: str) -> None:
    with tempfile.TemporaryDirectory() as directory:
        package = pack(f"{name}@{version}", Path(directory))
        kind, _, wanted = integrity.partition("-")
        digest = hashlib.new(kind, package.read_bytes()).digest()
        if base64.b64encode(digest).decode() != wanted:
            sys.exit(f"{name}@{version} is not what package-lock.json names")
        with tarfile.open(package) as archive:
            taken = [unpack(archive, member, pattern, file) for member in archive]
        if not any(taken):
            sys.exit(f"{name}@{version} has no {pattern}")


def unpack(
    archive: tarfile.TarFile, member: tarfile.TarInfo, pattern: str, file: str
) -> bool:
    """Whether this was one of the files that are wanted."""
    found = re.fullmatch(f"package/{pattern}", member.name)
    content = archive.extractfile(member) if found else None
    if found is None or content is None:
        return False
    into = INTO / found.expand(file)
    into.parent.mkdir(parents=True, exist_ok=True)
    into.write_bytes(content.read())
    return True


def pack(package: str, into: Path) -> Path:
    command = ["npm", "pack", "--silent", "--ignore-scripts", package]
    subprocess.run(command, cwd=into, check=True, stdout=subprocess.DEVNULL)
    (packed,) = into.glob("*.tgz")
    return packed


if __name__ == "__main__":
    sys.exit(main())
