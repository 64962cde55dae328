"""The application factory. It wires, and decides nothing."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from flask import Flask
from flask_wtf import CSRFProtect

from studyapp.resources import resource_folder
from studyapp.services.ground.second_record import mend_record, refuse_loss
from studyapp.services.ground.site import LONE, Site, open_site
from studyapp.services.ground.workspace import Workspace
from studyapp.services.voting.tile_store import TileStore
from studyapp.web.address import check_path, init_address
from studyapp.web.challenge import blueprint as challenge
from studyapp.web.console import blueprint as console
from studyapp.web.console import overview
from studyapp.web.entrance import account, accounts_page, auth, sign_in
from studyapp.web.entrance.cookies import init_cookies
from studyapp.web.entrance.limits import init_limits
from studyapp.web.entrance.login import init_login
from studyapp.web.entrance.organisers import init_organisers
from studyapp.web.entrance.origin import init_origin
from studyapp.web.entrance.people import shown_token
from studyapp.web.errors import init_errors
from studyapp.web.judge import conditions, looking, tiles, trials
from studyapp.web.judge import pages as judge
from studyapp.web.judge.allowance import init_allowance
from studyapp.web.language import init_language
from studyapp.web.modules import modules_of
from studyapp.web.mounting import Mounts
from studyapp.web.permissions import check_routes, init_permissions
from studyapp.web.security import init_security
from studyapp.web.site import pages as site_pages
from studyapp.web.state import AppState, SiteState
from studyapp.web.static_files import init_static_files, static_file
from studyapp.web.watching import init_watching, note_pages


def create_app(root: Path, *, apart: bool = False, path: str = "") -> Flask:
    """Make the application that serves a folder: a site with all its studies, or one study.

    Parameters
    ----------
    root
        The folder.
    apart
        Whether it is a copy, whose databases lie in the folder whatever the settings say.
    path
        Below which it is reached, unless the base URL says it.

    Raises
    ------
    StudyError
        When it is not ready to be served, or a study's database lost events that were acknowledged.
    """
    site = open_site(root, apart=apart)
    return _lone(site, path) if site.is_lone else _site(site, path)


def _lone(site: Site, path: str) -> Flask:
    app = _new_app()
    init_static_files(app)
    init_address(app, path=path)
    workspace = SiteState(site).workspace_of(LONE)
    _study(app, AppState(site, workspace, TileStore(workspace.database, workspace.folders.var)))
    app.register_blueprint(accounts_page.blueprint)
    return _checked(app, site, workspace)


def _site(site: Site, path: str) -> Flask:
    app = _new_app()
    init_static_files(app)
    state = SiteState(site)

    def mounted(study: str) -> Flask:
        within, workspace = _new_app(), state.workspace_of(study)
        _study(within, AppState(site, workspace, TileStore(workspace.database, workspace.folders.var), study))
        check_routes(within)
        return within

    _common(app, state, site.session_key, lambda: site.file.contact)
    for module in (site_pages, accounts_page, account, sign_in, challenge):
        app.register_blueprint(module.blueprint)
    app.wsgi_app = Mounts(app.wsgi_app, is_there=site.has, make=mounted, report=site_pages.report)
    # After the mounts: the address is settled once for all that lies below.
    init_address(app, path=path)
    return _checked(app, site, None)


def _new_app() -> Flask:
    app = Flask(
        "studyapp",
        template_folder=str(resource_folder("templates")),
        static_folder=None,
    )
    # First, because it refuses wrong settings, before anything is opened.
    init_security(app)
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    return app


def _study(app: Flask, state: AppState) -> None:
    """Give an application the pages of a study: for judges, and the console."""
    workspace = state.workspace
    mend_record(workspace)
    refuse_loss(workspace)
    init_allowance(app)
    # From the file, not the database: error pages show it too, when the database is away.
    _common(app, state, workspace.session_key, lambda: state.workspace.file.contact)
    app.jinja_env.globals["modules_of"] = modules_of
    # For typing, and for who remembers it: the console's first page.
    app.add_url_rule("/organiser", "organiser", overview.page)
    for module in (auth, account, sign_in, judge, trials, looking, conditions, tiles, console):
        app.register_blueprint(module.blueprint)


def _common(
    app: Flask, state: AppState | SiteState, session_key: bytes, contact: Callable[[], str | None]
) -> None:
    """Give an application what all have: limits, languages, who asks and what they may, errors in words."""
    _ = state.site.database  # made now, where it is not there, and not by whoever comes first
    app.extensions["studyapp"] = state
    init_limits(app)
    init_cookies(app, session_key)
    init_language(app)
    app.context_processor(lambda: {"contact": contact()})
    of_study = isinstance(state, AppState)
    app.jinja_env.globals.update(
        the_site=state.site,
        frame="console/base.html" if of_study else "site/base.html",
        static_file=static_file,
    )
    if isinstance(state, AppState):
        init_login(app)
    init_permissions(app)
    init_organisers(app)
    init_origin(app)
    _Forms(app)
    init_errors(app)
    note_pages(app)


class _Forms(CSRFProtect):
    """Asks for a form's token, but not where an access token is shown: then no cookie counts."""

    def protect(self, *arguments: Any, **options: Any) -> None:
        if shown_token() is None:
            super().protect(*arguments, **options)


def _checked(app: Flask, site: Site, workspace: Workspace | None) -> Flask:
    init_watching(app, site, workspace)
    check_routes(app)
    check_path(app)
    return app
