"""Files of npm packages, as browsers get them.

The set-up installs them (`make assets`); a gateway without them does all else.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from hashlib import blake2b
from pathlib import Path

from aiohttp import web

from shared.web import ApiError

#: Where npm puts them: beside `package.json`.
HOME = Path(__file__).parents[3] / "node_modules"
SWAGGER = "swagger-ui-dist"
FILES = {
    f"{SWAGGER}/swagger-ui.css": "text/css",
    f"{SWAGGER}/swagger-ui-bundle.js": "text/javascript",
}
#: The address changes with the content, so nobody has to ask again.
FOR_EVER = "public, max-age=31536000, immutable"


@dataclass(frozen=True)
class Asset:
    """One file."""

    content: bytes
    media: str

    @property
    def digest(self) -> str:
        return blake2b(self.content, digest_size=8).hexdigest()


class Assets:
    """The files that are installed."""

    def __init__(self, home: Path = HOME) -> None:
        self._found = _found(home)
        self._by_url = {
            f"/assets/{asset.digest}/{name}": asset
            for name, asset in self._found.items()
        }

    @property
    def complete(self) -> bool:
        """Whether all are there."""
        return self._found.keys() == FILES.keys()

    def url(self, name: str) -> str:
        """Where a file is served."""
        return f"/assets/{self._found[name].digest}/{name}"

    async def show(self, request: web.Request) -> web.Response:
        """A file; unknown ones, and those of another version, are not there."""
        asset = self._by_url.get(request.path)
        if asset is None:
            raise ApiError(404, "entity_not_found", "There is no such file.")
        response = web.Response(
            body=asset.content,
            content_type=asset.media,
            charset="utf-8",
            headers={
                "Cache-Control": FOR_EVER,
                "X-Content-Type-Options": "nosniff",
                "Vary": "Accept-Encoding",
            },
        )
        response.enable_compression()
        return response


@cache
def _found(home: Path) -> Mapping[str, Asset]:
    return {
        name: Asset((home / name).read_bytes(), media)
        for name, media in FILES.items()
        if (home / name).is_file()
    }
