"""Who may use which route: one table over short predicates. What is not in it, nobody may.

Strangers get 401, people of another role 404: they need not know that there is anything. Whose trial or tile
it is, the services decide.
"""

from collections.abc import Callable

from flask import Flask, abort, request
from flask_login import current_user

from studyapp.errors import StudyError
from studyapp.web.security_log import note
from studyapp.web.watching import metrics

Predicate = Callable[[], bool]


def anyone() -> bool:
    """Strangers too."""
    return True


def a_judge() -> bool:
    """Whoever came by a judge's link."""
    return current_user.is_authenticated and current_user.role == "judge"


def an_organiser() -> bool:
    """Whoever came by the organiser's link or signed in by password."""
    return current_user.is_authenticated and current_user.role == "organiser"


def signed_in() -> bool:
    """Judges and organisers."""
    return current_user.is_authenticated


def a_monitor() -> bool:
    """Programs that watch the server: on this machine, or with the token of the settings."""
    return metrics.may_be_told()


PERMISSIONS: dict[str, Predicate] = {
    "static": anyone,
    "language.choose": anyone,
    "watching.healthz": anyone,
    "watching.readyz": anyone,
    "watching.numbers": a_monitor,
    "auth.home": anyone,
    "auth.judge_link": anyone,
    "auth.judge_link_meant": anyone,
    "auth.organiser_link": anyone,
    "auth.organiser_link_meant": anyone,
    "auth.sign_in_page": anyone,
    "auth.sign_in": anyone,
    "auth.logout": anyone,
    "account.page": signed_in,
    "account.end": signed_in,
    "account.password": an_organiser,
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
    "console.overview.page": an_organiser,
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
    "console.results.ranking_page": an_organiser,
    "console.results.reasons_page": an_organiser,
    "console.results.team_page": an_organiser,
    "console.results.ballots_page": an_organiser,
    "console.results.looking_page": an_organiser,
    "console.results.files_page": an_organiser,
    "console.results.export": an_organiser,
    "console.results.download_all": an_organiser,
    "console.results.proof_page": an_organiser,
    "console.results.prove": an_organiser,
    "console.results.download": an_organiser,
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
    "console.regions.tile": an_organiser,
    "console.regions.save": an_organiser,
    "console.images.page": an_organiser,
    "console.images.decide": an_organiser,
    "console.images.work": an_organiser,
    "console.images.remedy": an_organiser,
    "console.images.picture": an_organiser,
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


def _check() -> None:
    if request.endpoint is None or PERMISSIONS[request.endpoint]():
        return
    if not current_user.is_authenticated:
        abort(401)
    note("not permitted", link=current_user.session.link, route=request.endpoint)
    abort(404)
