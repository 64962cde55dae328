"""Links that are shown once: on a page, and from it as a file, for a mail merge, as a sheet to print.

The server keeps their hashes only, so the page sends them back for a download.
"""

import csv
import io
from collections.abc import Iterable

from flask import Blueprint, Response, render_template, request

from analysis.spreadsheets import plain_cell, read_cell
from analysis.texts import Text
from studyapp.core.links_file import ListedLink, links_text
from studyapp.services.people import deadlines
from studyapp.services.people.invitations import Invitation
from studyapp.web.address import outside_url
from studyapp.web.attachments import attachment
from studyapp.web.state import app_state

blueprint = Blueprint("links", __name__, url_prefix="/links")

LARGEST_FORM = 4 * 2**20
"""Bytes of a form with the links of some thousand judges."""


@blueprint.url_value_preprocessor
def _allow_long_lists(_endpoint: str | None, _values: dict[str, str] | None) -> None:
    request.max_content_length = request.max_form_memory_size = LARGEST_FORM


def links_page(invited: Iterable[Invitation], message: Text | None = None) -> str:
    """Show fresh links, each with the judge whose it is."""
    links = [
        ListedLink(item.name, item.email, outside_url("auth.judge_link", token=item.token))
        for item in invited
    ]
    return render_template("console/links.html", links=links, text=links_text(links), message=message)


@blueprint.post("/links.csv")
def as_file() -> Response:
    """Send the links as `studyapp invite --output` writes them."""
    return attachment(links_text(_sent()), "links.csv", "text/csv")


@blueprint.post("/mail-merge.csv")
def for_mail_merge() -> Response:
    """Send the links with what a letter says besides, for the mail merge of an office program."""
    with app_state().workspace.database.reading() as session:
        until = deadlines.deadline(session)
    file = app_state().workspace.file
    rest = [plain_cell(str(file.title)), until.words if until else "", plain_cell(file.contact or "")]
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(["name", "email", "link", "study", "deadline", "contact"])
    writer.writerows([plain_cell(item.name), plain_cell(item.email), item.link, *rest] for item in _sent())
    # Office programs take UTF-8 for what it is by its mark.
    return attachment("\ufeff" + out.getvalue(), "mail-merge.csv", "text/csv")


@blueprint.post("/sheet")
def sheet() -> str:
    """Show the links as strips of paper, one for each judge."""
    with app_state().workspace.database.reading() as session:
        until = deadlines.deadline(session)
    file = app_state().workspace.file
    return render_template(
        "console/link_sheet.html",
        links=_sent(),
        study=file.title,
        deadline=until,
        contact_of_study=file.contact,
    )


def _sent() -> list[ListedLink]:
    """Read the links that the page sent back."""
    rows = list(csv.reader(io.StringIO(request.form.get("links", ""))))[1:]
    return [ListedLink(read_cell(row[0]), read_cell(row[1]), row[2]) for row in rows if len(row) == 3]
