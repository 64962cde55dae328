"""The owner's page of accounts: who may sign in, and what each may do in which study."""

from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from analysis.texts import Text, say
from studyapp.db.site_tables import Account
from studyapp.errors import StudyError
from studyapp.services.ground.site import LONE
from studyapp.services.people import accounts, sign_in_links
from studyapp.web.address import outside_url
from studyapp.web.entrance.people import the_organiser
from studyapp.web.security_log import note
from studyapp.web.state import now, the_site

blueprint = Blueprint("accounts", __name__, url_prefix="/accounts")


@blueprint.get("")
def page() -> str:
    """List the accounts."""
    return _page()


@blueprint.post("/invite")
def invite() -> str | tuple[str, int]:
    """Make an account, and show the link that sets it up, once."""
    name, email = request.form.get("name", ""), request.form.get("email", "")
    try:
        role, study = _role_asked()
        with the_site().database.writing() as session:
            account = accounts.make(session, name, email=email, now=now())
            accounts.give_role(session, account, role, study)
            token = sign_in_links.set_up_link(session, account, now=now())
    except StudyError as error:
        return _page(problem=say("Nobody was invited: %(why)s", why=error.args[0])), 400
    _note("account made", account, role=role)
    return _page(link=outside_url("sign_in.set_up_page", token=token), linked=account)


@blueprint.post("/<int:number>/link")
def link(number: int) -> str:
    """Make a new link that sets the account up: for whoever lost link, password or second factor."""
    with the_site().database.writing() as session:
        account = accounts.numbered(session, number)
        token = sign_in_links.set_up_link(session, account, now=now())
    _note("set-up link made", account)
    return _page(link=outside_url("sign_in.set_up_page", token=token), linked=account)


@blueprint.post("/<int:number>/disable")
def disable(number: int) -> Response | tuple[str, int]:
    """Let an account sign in no more."""
    if number == the_organiser().account:
        return _page(problem=say("You cannot disable your own account. Ask another owner.")), 400
    with the_site().database.writing() as session:
        account = accounts.numbered(session, number)
        accounts.disable(session, account, now=now())
    return _done("account disabled", account)


@blueprint.post("/<int:number>/enable")
def enable(number: int) -> Response:
    """Let a disabled account sign in again."""
    with the_site().database.writing() as session:
        account = accounts.numbered(session, number)
        accounts.enable(session, account)
    return _done("account enabled", account)


@blueprint.post("/<int:number>/roles")
def give_role(number: int) -> Response:
    """Give an account a role."""
    role, study = _role_asked()
    with the_site().database.writing() as session:
        account = accounts.numbered(session, number)
        accounts.give_role(session, account, role, study)
    return _done("role given", account, role=role, in_study=study)


@blueprint.post("/<int:number>/roles/take")
def take_role(number: int) -> Response | tuple[str, int]:
    """Take a role from an account."""
    role, study = _role_asked()
    if number == the_organiser().account and role == accounts.OWNER:
        return _page(problem=say("You cannot take the owner's role from yourself. Ask another owner.")), 400
    with the_site().database.writing() as session:
        account = accounts.numbered(session, number)
        accounts.take_role(session, account, role, study)
    return _done("role taken", account, role=role, in_study=study)


def _role_asked() -> tuple[str, str]:
    """Read a role and its study, as one field: "owner", or a role, a space and the study's name.

    Raises
    ------
    StudyError
        When there is no such role or study.
    """
    role, _, study = request.form.get("role", "").partition(" ")
    known = role in accounts.ROLES and (study in the_site().studies() or (study, role) == (LONE, "owner"))
    if not known:
        raise StudyError(say("choose a role from the list"))
    return role, study


def _done(event: str, account: Account, **facts: str) -> Response:
    _note(event, account, **facts)
    return redirect(url_for("accounts.page"))


def _note(event: str, account: Account, **facts: str) -> None:
    note(event, account=the_organiser().account, of_account=account.id, **facts)


def _page(*, problem: Text | None = None, link: str | None = None, linked: Account | None = None) -> str:
    site = the_site()
    with site.database.reading() as session:
        listed = accounts.listed(session)
    return render_template(
        "accounts.html",
        accounts=listed,
        studies=site.studies(),
        lone=site.is_lone,
        mine=the_organiser().account,
        problem=problem,
        link=link,
        linked=linked,
        days=sign_in_links.SET_UP_WITHIN.days,
    )
