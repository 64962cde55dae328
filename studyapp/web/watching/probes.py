"""Two addresses for whoever starts, stops and balances servers: does it answer, can it save ballots?"""

import os
import shutil
from collections.abc import Callable, Mapping
from pathlib import Path

from flask import Blueprint, Flask, Response, current_app, jsonify
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as NoConnectionError

from studyapp.db.database import Database
from studyapp.db.revision import SITE, STUDY, check_schema
from studyapp.errors import StudyError
from studyapp.services.ground.site import Site
from studyapp.services.ground.workspace import Workspace
from studyapp.web.watching import metrics

# What says nothing of anybody: "ok", or in a word what is wrong.
Check = Callable[[], str]

ROOM = 64 << 20  # bytes: some hundred thousand ballots
_CHECKS = "studyapp_checks"

blueprint = Blueprint("watching", __name__)


def init_probes(app: Flask, checks: Mapping[str, Check]) -> None:
    """Add the addresses."""
    app.extensions[_CHECKS] = checks
    app.register_blueprint(blueprint)


def checks_of(site: Site, workspace: Workspace | None) -> dict[str, Check]:
    """Return what must be well for ballots to be taken, and for organisers to sign in."""
    study = {"database": lambda: database_check(workspace.database)} if workspace else {}
    return {
        **study,
        "site": lambda: database_check(site.database, tables=SITE),
        "disk": lambda: disk_check((workspace or site).folders.var),
    }


def database_check(database: Database, *, tables: str = STUDY) -> str:
    """Tell whether a database answers and has the schema of this version."""
    try:
        check_schema(database, tables=tables)
    except StudyError:
        return "other schema"
    except (DBAPIError, NoConnectionError, OSError):
        return "away"
    return "ok"


def disk_check(folder: Path) -> str:
    """Tell whether a folder can be written, and its disk has room for ballots."""
    try:
        free = shutil.disk_usage(folder).free
    except OSError:
        return "away"
    if not os.access(folder, os.W_OK):
        return "read-only"
    return "ok" if free >= ROOM else "full"


@blueprint.get("/healthz")
def healthz() -> Response:
    """Say that this process answers; nothing else is asked for it."""
    return jsonify({"alive": True})


@blueprint.get("/readyz")
def readyz() -> Response:
    """Say whether ballots can be saved."""
    found = {name: check() for name, check in current_app.extensions[_CHECKS].items()}
    ready = set(found.values()) <= {"ok"}
    response = jsonify({"ready": ready, **found})
    response.status_code = 200 if ready else 503
    return response


@blueprint.get("/metrics")
def numbers() -> Response:
    """Give the counts, in Prometheus's words."""
    text, content_type = metrics.exposition()
    return Response(text, content_type=content_type)
