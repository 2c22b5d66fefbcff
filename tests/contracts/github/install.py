"""Takes GitHub's schemas out of their npm packages, as package-lock.json names them.

The packages unpack to 400 MB, of which three files are wanted. So each package is
fetched as it is packed, compared with the lock's digest, and only its file is taken.
"""

import base64
import hashlib
import json
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path

HERE = Path(__file__).parent
INTO = HERE.parents[2] / ".cache" / "github-schemas"
WANTED = {
    "@octokit/openapi": ("generated/api.github.com.json", "openapi.json"),
    "@octokit/openapi-webhooks": ("generated/api.github.com.json", "webhooks.json"),
    "@octokit/graphql-schema": ("schema.graphql", "schema.graphql"),
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
    for name, (member, file) in WANTED.items():
        about = locked[f"node_modules/{name}"]
        take(name, about["version"], about["integrity"], member, INTO / file)
    stamp.write_text(digest)
    return 0


def take(name: str, version: str, integrity: str, member: str, into: Path) -> None:
    with tempfile.TemporaryDirectory() as directory:
        package = pack(f"{name}@{version}", Path(directory))
        kind, _, wanted = integrity.partition("-")
        digest = hashlib.new(kind, package.read_bytes()).digest()
        if base64.b64encode(digest).decode() != wanted:
            sys.exit(f"{name}@{version} is not what package-lock.json names")
        with tarfile.open(package) as archive:
            file = archive.extractfile(f"package/{member}")
            if file is None:
                sys.exit(f"{name}@{version} has no {member}")
            into.write_bytes(file.read())


def pack(package: str, into: Path) -> Path:
    command = ["npm", "pack", "--silent", "--ignore-scripts", package]
    subprocess.run(command, cwd=into, check=True, stdout=subprocess.DEVNULL)
    (packed,) = into.glob("*.tgz")
    return packed


if __name__ == "__main__":
    sys.exit(main())
