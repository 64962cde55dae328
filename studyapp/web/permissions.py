"""Who may use which route: one table over short predicates. What is not in it, nobody may.

Strangers get 401, people of another role 404: they need not know that there is anything. Whose trial or tile
it is, the services decide.
"""

from collections.abc import Callable

from flask import Flask, abort, request
from sqlmodel import select

from studyapp.db.tables import Study
from studyapp.errors import StudyError
from studyapp.services.challenge import teams
from studyapp.services.people.accounts import ANALYST, ORGANISER, OWNER
from studyapp.web.challenge.acting import acting
from studyapp.web.entrance.people import judge, organiser, somebody, who
from studyapp.web.security_log import note
from studyapp.web.state import app_state, study_here, the_site
from studyapp.web.watching import metrics

Predicate = Callable[[], bool]


def anyone() -> bool:
    """Strangers too."""
    return True


def a_judge() -> bool:
    """Whoever came by a judge's link."""
    return judge() is not None


def an_owner() -> bool:
    """Whoever may do everything in every study: also by the link that the server printed."""
    mine = organiser()
    return mine is not None and mine.is_owner


def an_organiser() -> bool:
    """Organisers of this study, and owners."""
    return _role() in (OWNER, ORGANISER)


def an_analyst() -> bool:
    """Whoever has a role in this study; analysts read what it says of itself."""
    return _role() is not None


def reads_results() -> bool:
    """Organisers; analysts once the study is closed, even when it is unsealed before."""
    role = _role()
    if role != ANALYST:
        return role is not None
    with app_state().workspace.database.reading() as session:
        return session.exec(select(Study.state)).first() == "closed"


def a_member() -> bool:
    """Members of an approved team of the track that the address names; also a program with their token."""
    return acting() is not None


def may_look_for_a_member() -> bool:
    """Members, and whoever signed in: others are led to the track, which says what they lack."""
    return has_own_account() or a_member()


def has_account() -> bool:
    """Whoever signed in as an owner, organiser or analyst, of whatever study."""
    return organiser() is not None


def signed_in() -> bool:
    """Judges, and whoever signed in."""
    return somebody()


def a_monitor() -> bool:
    """Programs that watch the server: on this machine, or with the token of the settings."""
    return metrics.may_be_told()


def has_own_account() -> bool:
    """Whoever signed in by an account of their own, not by the printed link."""
    return _account() is not None


def in_this_team() -> bool:
    """Whoever is in the team in the address, whatever its state."""
    return _is_in_this_team(leads=False)


def leads_this_team() -> bool:
    """Whoever leads the team in the address."""
    return _is_in_this_team(leads=True)


def manages_challenge() -> bool:
    """Owners, and organisers of one of the challenge's tracks."""
    mine, challenge = organiser(), the_site().file.challenge
    if mine is None or challenge is None:
        return False
    return mine.is_owner or any(mine.role_in(track) == ORGANISER for track in challenge.tracks)


def _account() -> int | None:
    mine = organiser()
    return mine.account if mine is not None else None


def _is_in_this_team(*, leads: bool) -> bool:
    account, team = _account(), (request.view_args or {}).get("team")
    if account is None or not isinstance(team, int):
        return False
    with the_site().database.reading() as session:
        return teams.is_member(session, account, team, leads=leads)


def _role() -> str | None:
    mine, study = organiser(), study_here()
    return mine.role_in(study) if mine is not None and study is not None else None


PERMISSIONS: dict[str, Predicate] = {
    "static": anyone,
    "language.choose": anyone,
    "watching.healthz": anyone,
    "watching.readyz": anyone,
    "watching.numbers": a_monitor,
    "auth.home": anyone,
    "auth.judge_link": anyone,
    "auth.judge_link_meant": anyone,
    "sign_in.page": anyone,
    "sign_in.enter": anyone,
    "sign_in.printed_link": anyone,
    "sign_in.printed_link_meant": anyone,
    "sign_in.set_up_page": anyone,
    "sign_in.set_up": anyone,
    "sign_in.logout": anyone,
    "account.page": signed_in,
    "account.end": signed_in,
    "account.password": has_account,
    "accounts.page": an_owner,
    "accounts.invite": an_owner,
    "accounts.link": an_owner,
    "accounts.disable": an_owner,
    "accounts.enable": an_owner,
    "accounts.give_role": an_owner,
    "accounts.take_role": an_owner,
    "judge.overview": a_judge,
    "judge.guidelines": a_judge,
    "judge.guidelines_read": a_judge,
    "judge.screen": a_judge,
    "judge.trial": a_judge,
    "judge.finish": a_judge,
    "judge.finished": a_judge,
    "trials.trials": a_judge,
    "trials.trial": a_judge,
    "trials.save": a_judge,
    "looking.save": a_judge,
    "conditions.save": a_judge,
    "tiles.tile": a_judge,
    "site.home": anyone,
    "site.new_page": an_owner,
    "site.new": an_owner,
    "site.not_served": anyone,
    "challenge.pages.home": anyone,
    "challenge.pages.track": anyone,
    "challenge.ranking.page": anyone,
    "challenge.ranking.as_csv": anyone,
    **dict.fromkeys(
        ("challenge.board.page", "challenge.board.as_csv", "challenge.board.as_codabench"), anyone
    ),
    "challenge.api.challenge": anyone,
    "challenge.entering.register_page": anyone,
    "challenge.entering.register": anyone,
    "challenge.entering.invited_page": anyone,
    "challenge.entering.invited": anyone,
    "challenge.entering.join_page": anyone,
    "challenge.entering.join": anyone,
    "challenge.team.mine": has_own_account,
    "challenge.team.page": in_this_team,
    "challenge.team.save": leads_this_team,
    "challenge.team.link": leads_this_team,
    "challenge.team.leave": in_this_team,
    "challenge.team.members": leads_this_team,
    "challenge.team.tracks": leads_this_team,
    "challenge.tokens.page": has_own_account,
    "challenge.tokens.make": has_own_account,
    "challenge.tokens.revoke": has_own_account,
    "challenge.tokens.second_factor": has_own_account,
    "challenge.registrations.page": manages_challenge,
    "challenge.registrations.decide": manages_challenge,
    "challenge.registrations.lead": manages_challenge,
    "challenge.registrations.invite": manages_challenge,
    "challenge.registrations.revoke": manages_challenge,
    "challenge.submissions.page": may_look_for_a_member,
    "organiser": an_analyst,
    **dict.fromkeys(
        (
            "challenge.uploads.offers",
            "challenge.uploads.create",
            "challenge.uploads.look",
            "challenge.uploads.add",
            "challenge.uploads.entered",
            "challenge.submissions.readme",
            "challenge.submissions.one",
            "challenge.submissions.part",
            "challenge.submissions.withdraw",
            "challenge.submissions.choose",
            "challenge.submissions.compare",
            "challenge.submissions.picture",
            "challenge.api.wanted",
            "challenge.api.one",
            "challenge.feedback.page",
            "challenge.feedback.picture",
            "challenge.models.page",
            "challenge.factsheet.page",
            "challenge.factsheet.save",
            "challenge.factsheet.upload",
            "challenge.factsheet.one",
            "challenge.factsheet.as_file",
        ),
        a_member,
    ),
    "console.overview.page": an_analyst,
    "console.overview.open_": an_organiser,
    "console.overview.pause": an_organiser,
    "console.overview.resume": an_organiser,
    "console.overview.close": an_organiser,
    "console.judges.page": an_organiser,
    "console.judges.link": an_organiser,
    "console.judges.one": an_organiser,
    "console.judges.deadline": an_organiser,
    "console.inviting.page": an_organiser,
    "console.inviting.one": an_organiser,
    "console.inviting.upload": an_organiser,
    "console.inviting.preview": an_organiser,
    "console.inviting.all_of_list": an_organiser,
    "console.links.as_file": an_organiser,
    "console.links.for_mail_merge": an_organiser,
    "console.links.sheet": an_organiser,
    "console.mail.page": an_organiser,
    "console.mail.send": an_organiser,
    "console.live.page": an_organiser,
    "console.rehearsal.page": an_organiser,
    "console.rehearsal.preview": an_organiser,
    "console.rehearsal.open_": an_organiser,
    "console.rehearsal.start_over": an_organiser,
    "console.results.ranking_page": reads_results,
    "console.results.reasons_page": reads_results,
    "console.results.team_page": reads_results,
    "console.results.ballots_page": reads_results,
    "console.results.looking_page": reads_results,
    "console.results.compare_page": reads_results,
    "console.results.compare_image": reads_results,
    "console.results.compare_tile": reads_results,
    "console.results.files_page": reads_results,
    "console.results.export": an_organiser,
    "console.results.download_all": reads_results,
    "console.results.anonymous": an_organiser,
    "console.results.download_anonymous": reads_results,
    "console.results.forms": an_organiser,
    "console.results.download_forms": reads_results,
    "console.results.team_sheets": an_organiser,
    "console.results.download_team_sheets": an_organiser,
    "console.results.proof_page": an_organiser,
    "console.results.prove": an_organiser,
    "console.results.download": reads_results,
    "console.publishing.page": an_organiser,
    "console.publishing.publish": an_organiser,
    "console.publishing.download": an_organiser,
    "console.actions.page": an_organiser,
    "console.actions.withdraw": an_organiser,
    "console.actions.disqualify": an_organiser,
    "console.actions.unseal": an_organiser,
    "console.actions.backup": an_organiser,
    "console.actions.backup_file": an_organiser,
    "console.actions.records": an_organiser,
    "console.actions.loss": an_organiser,
    "console.jobs.page": an_organiser,
    "console.jobs.job": an_organiser,
    "console.jobs.ask": an_organiser,
    "console.jobs.cancel": an_organiser,
    "console.jobs.again": an_organiser,
    "console.rules.page": an_organiser,
    "console.rules.save": an_organiser,
    "console.rules.example": an_organiser,
    "console.rules.record": an_organiser,
    "console.regions.first": an_organiser,
    "console.regions.page": an_organiser,
    "console.regions.tile": reads_results,
    "console.regions.save": an_organiser,
    "console.images.page": an_organiser,
    "console.images.decide": an_organiser,
    "console.images.work": an_organiser,
    "console.images.remedy": an_organiser,
    "console.images.picture": an_organiser,
    "console.images.finding": an_organiser,
    "console.phases.page": an_organiser,
    "console.phases.save": an_organiser,
    "console.phases.add": an_organiser,
    "console.phases.save_phase": an_organiser,
    "console.phases.remove": an_organiser,
    "console.models.page": an_organiser,
    "console.models.measure": an_organiser,
    "console.factsheets.page": an_organiser,
    "console.factsheets.one": an_organiser,
    "console.factsheets.whole": an_organiser,
    "console.factsheets.as_csv": an_organiser,
    "console.factsheets.as_latex": an_organiser,
    "console.submissions.page": an_organiser,
    "console.submissions.again": an_organiser,
    "console.submissions.score_outdated": an_organiser,
    "console.board.page": an_organiser,
    "console.board.as_csv": an_organiser,
    "console.board.as_codabench": an_organiser,
    "console.board.cut": an_organiser,
    "console.teams.page": an_organiser,
    "console.teams.add": an_organiser,
    "console.teams.save": an_organiser,
    "console.uploads.offers": an_organiser,
    "console.uploads.create": an_organiser,
    "console.uploads.look": an_organiser,
    "console.uploads.add": an_organiser,
}


def init_permissions(app: Flask) -> None:
    """Ask the table before every request, before anything else is looked at."""
    app.before_request(_check)
    app.jinja_env.globals["may"] = may
    app.jinja_env.globals["somebody"] = somebody


def check_routes(app: Flask) -> None:
    """Make sure that every route is in the table.

    Raises
    ------
    StudyError
        Naming those that are not.
    """
    missing = sorted({rule.endpoint for rule in app.url_map.iter_rules()} - PERMISSIONS.keys())
    if missing:
        raise StudyError(
            f"no permission is set for {', '.join(missing)}; add it in studyapp/web/permissions.py"
        )


def may(endpoint: str) -> bool:
    """Tell whether whoever asks may use a route."""
    return PERMISSIONS[endpoint]()


def _check() -> None:
    if request.endpoint is None or may(request.endpoint):
        return
    if not somebody():
        abort(401)
    note("not permitted", **who(), route=request.endpoint)
    abort(404)
