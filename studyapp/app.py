"""The application factory. It wires, and decides nothing."""

from pathlib import Path

from flask import Flask
from flask_wtf import CSRFProtect
from sqlalchemy import URL

from studyapp.resources import resource_folder
from studyapp.services.ground.second_record import mend_record, refuse_loss
from studyapp.services.ground.site import LONE, Site, open_site
from studyapp.services.ground.workspace import open_workspace
from studyapp.services.voting.tile_store import TileStore
from studyapp.web.address import check_path, init_address
from studyapp.web.console import blueprint as console
from studyapp.web.entrance import account, accounts_page, auth, sign_in
from studyapp.web.entrance.cookies import init_cookies
from studyapp.web.entrance.limits import init_limits
from studyapp.web.entrance.login import init_login
from studyapp.web.entrance.organisers import init_organisers
from studyapp.web.entrance.origin import init_origin
from studyapp.web.errors import init_errors
from studyapp.web.judge import conditions, looking, tiles, trials
from studyapp.web.judge import pages as judge
from studyapp.web.judge.allowance import init_allowance
from studyapp.web.language import init_language
from studyapp.web.modules import modules_of
from studyapp.web.permissions import check_routes, init_permissions
from studyapp.web.security import init_security
from studyapp.web.state import AppState
from studyapp.web.watching import init_watching, note_pages


def create_app(
    root: Path, *, url: URL | None = None, path: str = "", site: Site | None = None, study: str = LONE
) -> Flask:
    """Make the application that serves the study in `root`.

    Parameters
    ----------
    root
        The study's folder.
    url
        That of another database than its own, as of a copy; the site's then lies in the folder, too.
    path
        Below which the study is reached, unless the base URL says it.
    site
        The site that the study is of; by default it is served alone.
    study
        Its name in the site's addresses.

    Raises
    ------
    StudyError
        When the study is not ready to be served, or its database lost events that were acknowledged.
    """
    app = Flask(
        "studyapp",
        template_folder=str(resource_folder("templates")),
        static_folder=str(resource_folder("static")),
    )
    # First, because they refuse wrong settings, before anything is opened.
    init_security(app)
    init_address(app, path=path)
    init_limits(app)
    init_allowance(app)
    workspace = open_workspace(root, url=url)
    mend_record(workspace)
    refuse_loss(workspace)
    init_cookies(app, workspace.session_key)
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    init_language(app)
    # From the file read at the start: error pages show it too, when the database is away.
    app.jinja_env.globals["contact"] = workspace.file.contact
    app.jinja_env.globals["modules_of"] = modules_of
    site = site or open_site(root, apart=url is not None)
    _ = site.database  # made now, where it is not there, and not by whoever comes first
    app.extensions["studyapp"] = AppState(
        site, workspace, TileStore(workspace.database, workspace.folders.var), study
    )
    init_login(app)
    init_permissions(app)
    init_organisers(app)
    init_origin(app)
    CSRFProtect(app)
    init_errors(app)
    for module in (auth, sign_in, account, accounts_page, judge, trials, looking, conditions, tiles, console):
        app.register_blueprint(module.blueprint)
    note_pages(app)
    init_watching(app, app.extensions["studyapp"].site, workspace)
    check_routes(app)
    check_path(app)
    return app
