"""Style sheet and scripts, under an address that changes with their content, so that browsers may keep them."""

import hashlib
from pathlib import Path
from typing import Final

from fastapi import FastAPI
from starlette.responses import Response
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

_FOLDER: Final = Path(__file__).with_name("static")
_KEPT: Final = "public, max-age=31536000, immutable"


def _digest() -> str:
    digest = hashlib.sha256()
    for file in sorted(_FOLDER.iterdir()):
        digest.update(file.name.encode() + b"\0" + file.read_bytes() + b"\0")
    return digest.hexdigest()[:12]


VERSION: Final = _digest()
# In the path and not in a query: a script's own imports then carry it too
BASE: Final = f"/static/{VERSION}"


class _Versioned(StaticFiles):
    async def get_response(self, path: str, scope: Scope) -> Response:
        response = await super().get_response(path, scope)
        # While versions change, a page of one may ask a server of the other: that answer must not stay
        current = scope["path_params"]["version"] == VERSION
        response.headers["Cache-Control"] = _KEPT if current else "no-store"
        return response


def mount_static(app: FastAPI) -> None:
    """Serve the style sheet, scripts and logo under `/static/VERSION/`."""
    app.mount("/static/{version}", _Versioned(directory=_FOLDER), name="static")
