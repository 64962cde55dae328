"""Every route for every role: what the table of permissions says is what the server answers."""

import pytest
from flask import Blueprint

from studyapp.errors import StudyError
from studyapp.services.ground import studies
from studyapp.web.permissions import (
    PERMISSIONS,
    a_judge,
    a_monitor,
    an_analyst,
    an_organiser,
    an_owner,
    anyone,
    check_routes,
    has_account,
    reads_results,
    signed_in,
)
from studyapp.web.static_files import version
from tests.accounts import make_account
from tests.conftest import NOW
from tests.sqlite_alone import database_url  # noqa: F401
from tests.web.test_sign_in import sign_in

# Routes with something of one judge in the address: for another judge there is nothing.
OWNED = {"judge.trial", "trials.trial", "trials.save", "tiles.tile"}
ROLES = {"stranger": (), "judge": (a_judge, signed_in)}
ROLES |= {"other judge": ROLES["judge"], "nothing": (has_account, signed_in)}
ROLES |= {"analyst": (an_analyst, *ROLES["nothing"])}
ROLES |= {"organiser": (an_organiser, reads_results, *ROLES["analyst"])}
ROLES |= {"owner": (an_owner, *ROLES["organiser"]), "judge and analyst": (a_judge, *ROLES["analyst"])}


@pytest.fixture
def people(eve, jude, june, olga, browser, site, links) -> dict:
    """One browser for each role; in the last somebody is a judge and has an account, too."""
    found = {"stranger": eve, "judge": jude, "other judge": june, "owner": olga}
    for name, role in (("nothing", None), ("analyst", "analyst"), ("organiser", "organiser")):
        make_account(site, name, role=role)
        found[name] = browser()
        assert sign_in(found[name], name).status_code == 302
    both = found["judge and analyst"] = browser()
    both.get(f"/j/{links['June']}")
    sign_in(both, "analyst")
    return found


def requests(app, trial):
    """Yield (endpoint, method, address) for every route, with what belongs to Jude filled in."""
    values = {
        "public_id": trial["trial"],
        "token": trial["slots"][0]["tiles"].removeprefix("/t/"),
        "level": 0,
        "column": 0,
        "row": 0,
        "number": 1,
        "place": "1",
        "name": "votes.csv",
        "team": "team01",
        "image": "001",
        "of_version": version(),
        "filename": "css/base.css",
        "upload": "0" * 32,
        "judge": 1,
        "kind": "reminder",
        "kept": "0" * 32,
        "phase": "feedback",
        "submission": 1,
    }
    with app.test_request_context():
        adapter = app.url_map.bind("localhost")
        for rule in app.url_map.iter_rules():
            address = adapter.build(rule.endpoint, {name: values[name] for name in rule.arguments})
            for method in sorted(rule.methods - {"HEAD", "OPTIONS"} or rule.methods):
                yield rule.endpoint, method, address


def expected(endpoint: str, method: str, role: str) -> set[int]:
    predicate = PERMISSIONS[endpoint]
    if predicate is a_monitor:  # the test asks from this machine; tests/web/test_watching.py from elsewhere
        return {200}
    if predicate is not anyone and predicate not in ROLES[role]:
        return {401} if role == "stranger" else {404}
    of_tracks = ("phases", "submissions", "factsheets", "models", "board")
    if method == "GET" and endpoint.startswith(tuple(f"console.{name}." for name in of_tracks)):
        # This study is no track of a challenge.
        return {404}
    if endpoint in ("console.images.picture", "console.images.finding"):  # judges are invited
        return {404}
    if endpoint == "language.choose":  # votes.csv is no language
        return {404}
    if endpoint.endswith(("_link", "set_up_page")) and method == "GET":
        return {404}  # a token of tiles is no personal link
    if method in ("OPTIONS", "HEAD"):  # of tus: what the server can do; a question in no version of it
        return {204} if method == "OPTIONS" else {412}
    if method != "GET":
        return {401} if role == "stranger" else {400}  # let in, and stopped for want of a CSRF token
    if endpoint in OWNED and role in ("other judge", "judge and analyst"):
        return {404}
    # No job, no list and no site is there.
    if endpoint in ("console.jobs.job", "console.inviting.preview", "console.publishing.download"):
        return {404}
    return (
        {409}
        if endpoint
        in (
            "console.results.ranking_page",
            "console.results.team_page",
            "console.results.reasons_page",
            "console.results.ballots_page",
            "console.results.looking_page",
            "console.results.compare_page",
            "console.results.compare_image",
            "console.results.compare_tile",
            "console.results.files_page",
            "console.results.download",
            "console.results.download_all",
            "console.results.download_team_sheets",
            "console.results.download_anonymous",
            "console.results.download_forms",
            "console.actions.backup_file",
        )
        else {200, 302}
    )


def test_every_route_answers_every_role_by_the_table(app, people):
    trial = people["judge"].trial()
    seen = set()
    for endpoint, method, address in list(requests(app, trial)):
        for role, person in people.items():
            with person.client.open(address, method=method) as answer:
                assert answer.status_code in expected(endpoint, method, role), (endpoint, method, role)
        seen.add(endpoint)
    of_site = {
        endpoint for endpoint in PERMISSIONS if endpoint.startswith(("site.", "challenge."))
    }  # tests/web/test_sites.py, test_challenge_pages.py
    assert seen == PERMISSIONS.keys() - of_site


def test_what_another_judge_owns_cannot_be_written_either(jude, june):
    trial = jude.trial()
    june.trial()
    assert june.pick(trial, 1).status_code == 404
    assert jude.trial()["ballot"]["revision"] == 0


def test_an_analyst_reads_results_once_the_study_is_closed(browser, site, workspace, jude):
    make_account(site, "Ana", role="analyst")
    ana = browser()
    sign_in(ana, "Ana")
    page = ana.get("/console")
    assert page.status_code == 200
    assert "/console/ranking" not in page.text
    assert "<form" not in page.text.split("<main")[1], "nothing to open, pause or close"
    jude.pick(jude.trial(), 1, 2, 3)
    with workspace.database.writing() as session:
        studies.close_study(session, now=NOW)
    assert "/console/ranking" in ana.get("/console").text
    assert ana.get("/console/ranking").status_code == 200
    assert ana.client.get("/console/judges").status_code == 404
    assert ana.post("/console/export").status_code == 404


@pytest.mark.parametrize("method", ["HEAD", "OPTIONS", "DELETE", "PATCH", "TRACE"])
@pytest.mark.parametrize("path", ["/console", "/judge", "/api/trials"])
def test_other_methods_open_no_door(eve, method, path):
    answer = eve.client.open(path, method=method)
    assert answer.status_code in (401, 405)


def test_a_route_without_a_permission_keeps_the_server_from_starting(app):
    app._got_first_request = False
    blueprint = Blueprint("new", __name__)
    blueprint.add_url_rule("/new", "page", lambda: "")
    app.register_blueprint(blueprint)
    with pytest.raises(StudyError, match=r"no permission is set for new\.page"):
        check_routes(app)
