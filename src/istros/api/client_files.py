"""The web client's files: hashed assets for ever, the page never from a cache; every screen's address is the page."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path, PurePosixPath

from fastapi import APIRouter
from fastapi.responses import FileResponse, HTMLResponse, Response

from istros.api.problems import NotFound
from istros.base.paths import PathRefused, below

ASSETS = "assets"
"""The folder in which the build puts files whose names carry their hash."""

_NOT_BUILT = """<!doctype html>
<html lang="en"><meta charset="utf-8"><title>Istros</title>
<h1>The web client is not built</h1>
<p>The node runs, and its interface answers under <code>/api</code>, but the screens are missing.</p>
<p>In a checkout, run <code>./istros demo</code>, which builds them, and load this page again.</p>
</html>
"""


def packaged_client() -> Path:
    """Where the built client lies inside the installed package."""
    return Path(str(files("istros"))) / "_web"


def client_router(folder: Path) -> APIRouter:
    """Serve the client from `folder`; only files that are in it, whatever the address says."""
    router = APIRouter(include_in_schema=False)

    @router.api_route("/{path:path}", methods=["GET", "HEAD"])
    async def client_file(path: str) -> Response:
        return _answer(folder, path)

    return router


def _answer(folder: Path, path: str) -> Response:
    if path == "api" or path.startswith("api/"):
        raise NotFound(f"There is nothing at /{path}.", "Check the address.")
    file = _inside(folder, path)
    if file is not None:
        hashed = PurePosixPath(path).parts[0] == ASSETS
        return FileResponse(
            file, headers={"cache-control": "public, max-age=31536000, immutable" if hashed else "no-cache"}
        )
    if PurePosixPath(path).suffix:
        raise NotFound(f"There is no file /{path}.", "Load the page again: the client may have been renewed.")
    page = _inside(folder, "index.html")
    if page is None:
        return HTMLResponse(_NOT_BUILT, 503, headers={"cache-control": "no-store"})
    return FileResponse(page, headers={"cache-control": "no-cache"})


def _inside(folder: Path, path: str) -> Path | None:
    try:
        file = below(folder, path)
    except PathRefused:
        return None
    return file if file.is_file() else None
