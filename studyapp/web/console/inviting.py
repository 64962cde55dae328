"""The console's pages for inviting judges: by hand, or from a list that is shown first."""

import dataclasses
from pathlib import PurePath

from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from analysis.printable import printable
from analysis.texts import say
from studyapp.core.addresses import address_key
from studyapp.core.judges_file import JudgeLine, JudgesFile, problems_of, read_judges_bytes
from studyapp.core.small_files import LARGEST
from studyapp.errors import StudyError, errors_of
from studyapp.services.challenge import conflicts
from studyapp.services.people import invitations, uploaded_lists
from studyapp.services.results import monitoring
from studyapp.services.results.monitoring import StudyStatus
from studyapp.web.console.handed_links import links_page
from studyapp.web.console.sorting import one_page
from studyapp.web.state import app_state, now, the_site

blueprint = Blueprint("inviting", __name__, url_prefix="/invite")

LETTERS = (
    ("utf-8-sig", say("Unicode (UTF-8)")),
    ("utf-16", say("Unicode (UTF-16)")),
    ("gb18030", "简体中文 (GBK)"),
    ("big5hkscs", "繁體中文 (Big5)"),
    ("cp932", "日本語 (Shift-JIS)"),
    ("cp949", "한국어 (EUC-KR)"),
    ("cp1252", say("Western European (Windows-1252)")),
    ("cp1250", say("Central European (Windows-1250)")),
    ("cp1251", "Кириллица (Windows-1251)"),
    ("cp1253", "Ελληνικά (Windows-1253)"),
    ("cp1254", "Türkçe (Windows-1254)"),
    ("mac_roman", say("Mac Roman")),
)
"""How the letters of a text may be written, as people know it."""


@blueprint.url_value_preprocessor
def _allow_lists(_endpoint: str | None, _values: dict[str, str] | None) -> None:
    request.max_content_length = LARGEST + 64 * 1024


@blueprint.get("")
def page() -> str:
    """Show the form for one judge, and the one for a list."""
    return _page()


@blueprint.post("")
def one() -> str | tuple[str, int]:
    """Invite one judge."""
    line = JudgeLine(
        name=request.form.get("name", "").strip(),
        email=request.form.get("email", "").strip(),
        conflicts=tuple(request.form.getlist("conflicts")),
        test="test" in request.form,
    )
    file = app_state().workspace.file
    wrong = problems_of(line, [team.id for team in file.teams], file.protocol.least)
    if wrong:
        return _page(problems=[f"{what}: {remedy}" for what, remedy in wrong], typed=line), 422
    try:
        return _invite([line])
    except StudyError as error:
        return _page(problems=[error.args[0]], typed=line), 409


@blueprint.post("/list")
def upload() -> Response | tuple[str, int]:
    """Take a list in, and show what was read."""
    sent = request.files.get("list")
    data = sent.read(LARGEST + 1) if sent else b""
    if not data:
        return _page(problems=[say("Choose a file first: it was empty, or there was none.")]), 422
    if len(data) > LARGEST:
        return _page(problems=[say("The file is larger than 4 MiB: save the list of judges alone.")]), 413
    name = PurePath((sent.filename or "").replace("\\", "/")).name if sent else ""
    kept = uploaded_lists.keep_list(app_state().workspace.folders, data)
    return redirect(url_for("console.inviting.preview", kept=kept, name=name[:80] or "judges"))


@blueprint.get("/list/<kept>")
def preview(kept: str) -> str:
    """Show what a list says, whom it invites, and every problem with its row."""
    return _preview(kept)


@blueprint.post("/list/<kept>")
def all_of_list(kept: str) -> str | tuple[str, int]:
    """Invite the people on a list."""
    file = _read(kept)
    if errors_of(file.problems) or not file.lines:
        return _preview(kept), 422
    lines = file.lines
    if "test" in request.form:
        lines = [dataclasses.replace(line, test=True) for line in lines]
    try:
        shown = _invite(lines)
    except StudyError as error:
        return _preview(kept, problem=error.args[0]), 409
    uploaded_lists.forget_list(app_state().workspace.folders, kept)
    return shown


def _invite(lines: list[JudgeLine]) -> str:
    workspace, site = app_state().workspace, the_site()
    if site.file.challenge is not None:
        known = {address_key(judge.email) for judge in _status().judges}
        new = [line for line in lines if address_key(line.email) not in known]
        conflicts.refuse_judges(site, app_state().study, new, now())
    with workspace.database.writing() as session:
        fresh = invitations.invite_judges(session, workspace.key, lines, now=now())
    if not fresh:
        raise StudyError(
            say("Everybody here has been invited already. A judge's page makes a new link if one is lost.")
        )
    return links_page(fresh)


def _read(kept: str) -> JudgesFile:
    workspace = app_state().workspace
    data = uploaded_lists.kept_list(workspace.folders, kept)
    chosen = request.values.get("letters", "")
    return read_judges_bytes(
        printable(request.values.get("name", "judges"))[:80],
        data,
        [team.id for team in workspace.file.teams],
        workspace.file.protocol.least,
        encoding=chosen if chosen in dict(LETTERS) else None,
    )


def _preview(kept: str, *, problem: str | None = None) -> str:
    file, status = _read(kept), _status()
    known = {address_key(judge.email) for judge in status.judges}
    errors = errors_of(file.problems)
    wrong = {item.line for item in errors}
    rows = [
        (number, line, number in wrong, address_key(line.email) in known)
        for number, line in zip(file.numbers, file.lines, strict=True)
    ]
    shown, pages = one_page(rows, most=200)
    return render_template(
        "console/list_preview.html",
        kept=kept,
        name=request.values.get("name", ""),
        file=file,
        rows=shown,
        pages=pages,
        fresh=sum(not again for *_, again in rows),
        errors=errors,
        warnings=[item for item in file.problems if item.severity == "warning"],
        letters=LETTERS,
        problem=problem,
        is_first=all(judge.test for judge in status.judges),
    )


def _page(*, problems: list[str] | None = None, typed: JudgeLine | None = None) -> str:
    status = _status()
    return render_template(
        "console/invite.html",
        status=status,
        teams=app_state().workspace.file.teams,
        typed=typed or JudgeLine("", ""),
        problems=problems or [],
        is_first=all(judge.test for judge in status.judges),
    )


def _status() -> StudyStatus:
    workspace = app_state().workspace
    with workspace.database.reading() as session:
        return monitoring.status_or_draft(session, workspace)
