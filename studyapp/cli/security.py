"""Verbs about who may see what."""

import json
import sys
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

import click
import segno

from analysis.formats import format_options, print_report
from analysis.frame import note
from analysis.printable import printable
from analysis.progress import shown_progress
from studyapp.cli.common import Folder, now
from studyapp.cli.links import check_base_url
from studyapp.services.people.passwords import check_password
from studyapp.services.people.second_factors import SecondFactor, new_second_factor, use_code

if TYPE_CHECKING:
    from studyapp.services.ground.site import Site


@click.command()
@Folder
@click.option("--set-password", metavar="NAME", help="Create an account, or change its password.")
@click.option("--no-second-factor", is_flag=True, help="With --set-password: sign in by password alone.")
@click.option(
    "--invite", metavar="NAME", help="Create an account if needed; print the link that sets its password."
)
@click.option("--email", default="", metavar="ADDRESS", help="With --invite: where you send the link.")
@click.option("--second-factor", metavar="NAME", help="Give an account a new second factor.")
@click.option("--grant", metavar="NAME", help="Give an account the --role.")
@click.option("--revoke", metavar="NAME", help="Take the --role from an account.")
@click.option("--disable", metavar="NAME", help="Let an account sign in no more; end its sessions.")
@click.option("--enable", metavar="NAME", help="Let a disabled account sign in again.")
@click.option("--remove", metavar="NAME", help="Remove an account, unless a team needs it.")
@click.option(
    "--role",
    type=click.Choice(["owner", "organiser", "analyst"]),
    help="What the account may do: everything; run the study; read its results after closing. A new one "
    "is an owner unless you say otherwise.",
)
@click.option("--study", metavar="NAME", help="The study of a site in which the account has the --role.")
@click.option("--events", is_flag=True, help="Print the security log: sign-ins, refusals, attempts.")
@format_options
def account(
    folder: Path,
    no_second_factor: bool,
    email: str,
    role: str | None,
    study: str | None,
    events: bool,
    form: str | None,
    **whom: str | None,
) -> None:
    """Set up who signs in by password and code, and what they may do. Without options, list the accounts.

    DIR is a site or a study's folder. You are asked for the password, unless the first line of standard input
    has it. An account gets a second factor along with its password; its secret and recovery codes are printed
    only once. Whatever changes how somebody signs in ends their sessions.
    """
    from studyapp.services.ground.site import open_site

    asked = {verb: name for verb, name in whom.items() if name is not None}
    _check_options(asked, no_second_factor, email, role, study, events)
    with closing(open_site(folder)) as site:
        place = _place(site, role, study)
        if events:
            _print_events(site, form)
        elif not asked:
            _print_accounts(site, form)
        else:
            (verb, name), *_ = asked.items()
            if verb == "set_password":
                _set_password(site, name, place, alone=no_second_factor)
            elif verb == "second_factor":
                _set_second_factor(site, name)
            elif verb == "invite":
                _invite(site, name, email, place)
            else:
                _change(site, verb, name, place)


def _check_options(
    asked: dict[str, str], alone: bool, email: str, role: str | None, study: str | None, events: bool
) -> None:
    if len(asked) + events > 1:
        raise click.UsageError("give only one thing to do at a time")
    if alone and "set_password" not in asked:
        raise click.UsageError("--no-second-factor works only together with --set-password")
    if email and "invite" not in asked:
        raise click.UsageError("--email works only together with --invite")
    if role and not asked.keys() & {"set_password", "invite", "grant", "revoke"}:
        raise click.UsageError("--role works only with --set-password, --invite, --grant or --revoke")
    if asked.keys() & {"grant", "revoke"} and role is None:
        raise click.UsageError("say which --role")
    if study is not None and role in (None, "owner"):
        raise click.UsageError("--study works only with --role organiser or --role analyst")


def _place(site: "Site", role: str | None, study: str | None) -> tuple[str | None, str]:
    """Return the role and the study that it is in."""
    from studyapp.services.ground.site import LONE

    if role in (None, "owner") or site.is_lone:
        if study is not None:
            raise click.UsageError("this folder is one study: leave --study out")
        return role, LONE
    if study is None:
        raise click.UsageError(f"say which --study: {', '.join(site.studies()) or 'there is none yet'}")
    site.study_root(study)
    return role, study


def _set_password(site: "Site", name: str, place: tuple[str | None, str], *, alone: bool) -> None:
    from studyapp.services.people import accounts, signing_in

    name, password = accounts.checked_name(name), _new_password()
    check_password(password, name, site.title)
    with site.database.reading() as session:
        before = accounts.find(session, name)
    factor = None if alone else signing_in.second_factor_of(before)
    if factor is None and not alone:
        factor = _new_factor(name, f"studyapp {site.title}")
    signing_in.set_password(site.database, name, password, title=site.title, second_factor=factor, now=now())
    _give(site, name, place, is_new=before is None)
    note("done; sessions of this account have ended")


def _set_second_factor(site: "Site", name: str) -> None:
    from studyapp.services.people import accounts, signing_in

    with site.database.reading() as session:
        accounts.named(session, name)
    factor = _new_factor(name, f"studyapp {site.title}")
    with site.database.writing() as session:
        signing_in.set_second_factor(session, name, factor)
    note("done; sessions of this account have ended")


def _invite(site: "Site", name: str, email: str, place: tuple[str | None, str]) -> None:
    from studyapp.services.people import accounts, sign_in_links

    with site.database.writing() as session:
        there = accounts.find(session, name)
        found = there or accounts.make(session, name, email=email, now=now())
        token = sign_in_links.set_up_link(session, found, now=now())
    _give(site, name, place, is_new=there is None)
    click.echo(f"{check_base_url(None)}/set-up/{token}")
    note(f"send it to {printable(found.name)}; it works once, for {sign_in_links.SET_UP_WITHIN.days} days")


def _give(site: "Site", name: str, place: tuple[str | None, str], *, is_new: bool) -> None:
    from studyapp.services.people import accounts

    role, study = place
    if role is None and not is_new:
        return
    with site.database.writing() as session:
        accounts.give_role(session, accounts.named(session, name), role or accounts.OWNER, study)


def _change(site: "Site", verb: str, name: str, place: tuple[str | None, str]) -> None:
    from studyapp.services.people import accounts

    role, study = place
    with site.database.writing() as session:
        found = accounts.named(session, name)
        if verb == "grant":
            accounts.give_role(session, found, role or "", study)
        elif verb == "revoke":
            accounts.take_role(session, found, role or "", study)
        elif verb == "disable":
            accounts.disable(session, found, now=now())
        elif verb == "enable":
            accounts.enable(session, found)
        else:
            accounts.remove(session, found)
    note("done")


def _print_accounts(site: "Site", form: str | None) -> None:
    from studyapp.services.people.accounts import listed, roles_text

    with site.database.reading() as session:
        found = listed(session)
    rows = [
        {
            "name": item.name,
            "email": item.email,
            "state": item.state,
            "second_factor": item.has_second_factor,
            "roles": roles_text(item.roles),
        }
        for item in found
    ]
    lines = [
        f"{printable(item.name)}  {item.state}  {roles_text(item.roles) or 'no role'}"
        + ("" if item.has_second_factor or item.state == "invited" else "  no second factor")
        for item in found
    ]
    print_report(lines, form, rows=rows)


def _print_events(site: "Site", form: str | None) -> None:
    from studyapp.services.people.security_events import events

    with site.database.reading() as session:
        found = list(events(session))
    rows = [
        {
            "at": item.at,
            "study": item.study,
            "event": item.event,
            "address": item.address,
            "facts": json.dumps(item.facts),
        }
        for item in found
    ]
    lines = [f"{item.at}  {item.event}  {item.address}  {json.dumps(item.facts)}" for item in found]
    data = [dict(row, facts=item.facts) for row, item in zip(rows, found, strict=True)]
    print_report(lines, form, rows=rows, data=data)


def _new_password() -> str:
    if sys.stdin.isatty():
        return click.prompt("Password", hide_input=True, confirmation_prompt=True, err=True)
    return sys.stdin.readline().rstrip("\r\n")


def _new_factor(name: str, issuer: str) -> SecondFactor:
    """Print a new second factor; at a terminal it is set only when a code shows that the app has it."""
    factor, enrolment = new_second_factor(name, issuer)
    if sys.stdout.isatty():
        segno.make(enrolment.uri, error="l").terminal(compact=True, border=2)
    click.echo(f"secret for the authenticator app: {enrolment.secret}\n{enrolment.uri}")
    click.echo("recovery codes; each works once. Keep them away from the device with the app:")
    click.echo("\n".join(f"  {code}" for code in enrolment.recovery))
    while sys.stdin.isatty():
        code = click.prompt("Code shown by the app now", err=True)
        if used := use_code(factor, code, now=now()):
            return used
        note("this code is wrong; check that this machine's clock is right")
    return factor


@click.command("blind-audit")
@Folder
@click.option(
    "--tiles",
    default=1,
    show_default=True,
    type=click.IntRange(0),
    help="Tiles to fetch per candidate, besides the coarsest level.",
)
@click.option("--seed", default=0, show_default=True, help="Random seed: which tiles, and in what order.")
@format_options
def blind_audit(folder: Path, tiles: int, seed: int, form: str | None) -> None:
    """Try every way a judge could tell teams apart. Exit status 1 if one works.

    Signs in as every judge of a copy of the study and goes through every page, tile, script and error. The
    study itself is not touched.
    """
    from studyapp.blind_audit import report
    from studyapp.blind_audit.run import blind_audit as audit

    with shown_progress() as progress:
        result = audit(folder, tiles=tiles, seed=seed, progress=progress)
    print_report(report.as_text(result), form, rows=report.rows(result), data=report.whole(result))
    if not result.passed:
        raise SystemExit(1)
