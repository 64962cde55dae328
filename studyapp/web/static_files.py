"""Scripts and styles, at addresses that name their version, so that browsers keep them for good.

The version is one digest over all files and comes before the name: what a module imports is then of the same
version, and after an update every address is new. A page that was open meanwhile goes on asking for the old
addresses; it gets the files of now, which its browser must ask for again the next time.
"""

import hashlib
import mimetypes
from functools import cache

from flask import Flask, Response, abort, request

from studyapp.resources import resource_folder
from studyapp.web.entrance.site_cookie import site_root

A_YEAR = 365 * 24 * 3600


def init_static_files(app: Flask) -> None:
    """Serve the files. In a site only its own application does: its studies name the same addresses."""
    version()  # read now, once for all processes that are forked
    app.add_url_rule("/static/<of_version>/<path:filename>", "static", _file)


def static_file(name: str) -> str:
    """Return the address of a file, such as ``css/base.css``, for the page that is being made."""
    return f"{site_root()}{static_path(name)}"


def static_path(name: str) -> str:
    """Return the address of a file below the path of the site."""
    return f"/static/{version()}/{name}"


@cache
def version() -> str:
    """Return a digest of the names and contents of all files, as they were when this process read them."""
    listed = [f"{hashlib.sha256(content).hexdigest()} {name}\n" for name, content in _files().items()]
    return hashlib.sha256("".join(listed).encode("utf-8")).hexdigest()[:16]


@cache
def _files() -> dict[str, bytes]:
    """Keep all files (less than a megabyte): what is sent under a version is what the version was made of."""
    root = resource_folder("static")
    paths = sorted(path for path in root.rglob("*") if path.is_file())
    return {path.relative_to(root).as_posix(): path.read_bytes() for path in paths}


def _file(of_version: str, filename: str) -> Response:
    if (content := _files().get(filename)) is None:
        abort(404)
    response = Response(content, mimetype=mimetypes.guess_type(filename)[0] or "application/octet-stream")
    if of_version == version():
        response.headers["Cache-Control"] = f"public, max-age={A_YEAR}, immutable"
    else:
        response.headers["Cache-Control"] = "no-cache"
    response.set_etag(version())
    response.make_conditional(request)
    return response
