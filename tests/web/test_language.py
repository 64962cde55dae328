"""A page speaks the language that its reader chose, or the browser's first; what is kept stays English."""

import json
import re

import numpy as np
import pandas as pd
import pytest

from analysis.rule.awards import ORDINALS, award_names
from analysis.texts import joined, listed, plural, say
from studyapp.services.ground.studies import the_study
from studyapp.services.results.exports import export_study
from studyapp.services.results.ranking import rank_study
from studyapp.services.results.ranking_text import as_text
from studyapp.study.study_file import StudyFile
from studyapp.web import language
from tests.services.voting import cast_all, close
from tests.sqlite_alone import database_url  # noqa: F401 (one database is enough here)
from tests.web.jobs_here import do_jobs


@pytest.fixture
def closed(workspace, links):
    cast_all(workspace, "Jude", "June")
    close(workspace)
    return workspace


def tag(page: str) -> str:
    return re.search(r'<html lang="([^"]+)"', page)[1]


@pytest.mark.parametrize(
    ("asked", "spoken"),
    [
        ("", "en"),
        ("zh-CN,zh;q=0.9,en;q=0.8", "zh-Hans"),
        ("zh", "zh-Hans"),
        ("zh-TW", "zh-Hans"),  # the other script is nearer than English
        ("de-AT,zh;q=0.5,en;q=0.4", "zh-Hans"),
        ("en-US,zh;q=0.5", "en"),
        ("xx, *;q=0.1, ][", "en"),
        ("fr", "en"),
    ],
)
def test_the_browser_chooses_first(jude, asked: str, spoken: str) -> None:
    page = jude.client.get("/judge", headers={"Accept-Language": asked}).get_data(as_text=True)
    assert tag(page) == spoken


def test_the_reader_chooses_for_good_and_comes_back(jude) -> None:
    answer = jude.client.get("/language/zh_Hans?next=/judge/guidelines")
    assert (answer.status_code, answer.location) == (302, "/judge/guidelines")
    assert tag(jude.get("/judge").get_data(as_text=True)) == "zh-Hans"
    page = jude.client.get("/judge", headers={"Accept-Language": "en"}).get_data(as_text=True)
    assert tag(page) == "zh-Hans"
    assert "你的登录会话" in page
    jude.client.get("/language/en?next=/judge")
    assert tag(jude.client.get("/judge", headers={"Accept-Language": "zh"}).get_data(as_text=True)) == "en"


@pytest.mark.parametrize(
    "away", ["//evil.example", "https://evil.example/", "/\\evil.example", "javascript:1", "x"]
)
def test_no_choice_leads_away(browser, away: str) -> None:
    answer = browser().client.get("/language/en", query_string={"next": away})
    assert answer.location == "/"


@pytest.mark.parametrize("name", ["fr", "..%2fsecret", "zh_Hans.po", "%00"])
def test_a_language_that_is_not_there_is_no_page(browser, name: str) -> None:
    assert browser().client.get(f"/language/{name}").status_code == 404


def test_a_personal_link_is_never_part_of_another_address(browser, links) -> None:
    page = browser().client.get(f"/j/{links['Jude']}", headers={"Sec-Fetch-Site": "cross-site"})
    assert page.status_code == 200
    assert "/language/" not in page.get_data(as_text=True)


def test_the_study_speaks_the_readers_language_and_records_english(jude, olga, workspace) -> None:
    with workspace.database.writing() as session:
        study = the_study(session)
        whole = json.loads(study.file) | {"title": {"en": "Night", "zh": "夜景"}}
        whole["reasons"]["regions"] = ["Global", {"en": "Sky", "zh_Hans": "天空"}]
        study.file = StudyFile.model_validate(whole).model_dump_json()
    asked = {}
    for tag in ("en", "zh"):
        data = jude.client.get(f"/api/trials/{jude.trial()['trial']}", headers={"Accept-Language": tag})
        asked[tag] = data.json["asks_why"]["regions"]
    assert asked["en"] == [{"name": name, "label": name} for name in ("Global", "Sky")]
    assert asked["zh"][1] == {"name": "Sky", "label": "天空"}
    assert asked["zh"][0]["name"] == "Global"
    chinese = {"Accept-Language": "zh"}
    for person, page in ((jude, "/judge"), (olga, "/console")):
        assert "夜景" in person.client.get(page, headers=chinese).get_data(as_text=True)
    guidelines = jude.client.get("/judge/guidelines", headers=chinese).get_data(as_text=True)
    noise = language.catalogue("zh_Hans").gettext("Noise")
    assert (noise in guidelines, "Noise" in guidelines) == (True, False), "studyapp's own criteria, too"


def test_a_text_is_said_in_another_language_and_kept_in_english() -> None:
    class Backwards:
        def gettext(self, message: str) -> str:
            return {"slot %(slot)s was not shown": "%(slot)s ton"}.get(message, message)

        def ngettext(self, one: str, many: str, count: int) -> str:
            return "%(count)s egdujs"

    shown = say("slot %(slot)s was not shown", slot=9)
    many = plural("%(count)s judge", "%(count)s judges", 2)
    both = joined("; ", [shown, say("of %(who)s", who=many)])
    assert both == "slot 9 was not shown; of 2 judges"
    assert both.said(Backwards()) == "9 ton; of 2 egdujs"
    assert json.dumps(listed(["a", "b", many])) == '"a, b and 2 judges"'


def test_what_a_text_quotes_is_escaped_in_every_language(app) -> None:
    with app.test_request_context("/", headers={"Accept-Language": "zh"}):
        template = app.jinja_env.from_string("{{ _('Candidate %(slot)s', slot=name) }} {{ note }}")
        template.environment.autoescape = True
        said = template.render(name="<b>", note=say("Candidate %(slot)s", slot="<i>"))
    assert said == "候选结果 &lt;b&gt; 候选结果 &lt;i&gt;"


def test_every_language_calls_itself_something() -> None:
    assert [called for _, _, called in language.languages()] == ["English", "中文"]


def test_awards_and_moments_are_said_in_the_language(app) -> None:
    names = award_names(np.array([2, 2, 0]), (1, 1, 1))
    row, _, nothing = as_text(pd.DataFrame({"award": pd.Series(names, dtype=object)}))
    assert (row["award"], nothing["award"]) == ("tied: second/third", "–")
    with app.test_request_context("/", headers={"Accept-Language": "zh"}):
        assert language.said(row["award"]) == "并列：二等奖/三等奖"
        assert language.moment("2026-03-01T12:00:30.123Z") == "2026年3月1日 12:00"
    with app.test_request_context("/"):
        assert language.moment("2026-03-01T12:00:30.123Z") == "1 Mar 2026, 12:00"


def test_every_award_is_known() -> None:
    assert [name for name in ORDINALS if name.said(language.catalogue("zh_Hans")) == name] == []


def test_every_missing_page_is_the_same(jude, june) -> None:
    foreign = june.trial()["trial"]
    pages = [
        re.sub(r'nonce="[^"]+"', "", jude.get(f"/judge/trial/{name}").text)
        for name in (foreign, foreign[::-1], "x")
    ]
    assert len({*pages}) == 1
    assert "/language/zh_Hans" in pages[0]


def test_what_an_organiser_writes_does_not_depend_on_their_language(app, closed, olga) -> None:
    """The export is English, whoever's browser asked for it, and the same bytes as by command."""
    olga.client.set_cookie(language.COOKIE, "zh_Hans")
    olga.get("/console/ranking")
    assert olga.post("/console/export").status_code == 302
    assert do_jobs(app) == ["done"]
    by_page = {path.name: path.read_bytes() for path in closed.folders.exports.iterdir()}
    with closed.database.reading() as session:
        export_study(session, closed, rank_study(session, closed))
    assert {path.name: path.read_bytes() for path in closed.folders.exports.iterdir()} == by_page
    assert not any(re.search(rb"\xe6\x8e\x92\xe5\x90\x8d", content) for content in by_page.values())


def test_a_judge_is_refused_in_their_language_and_the_organiser_sees_english(jude, olga) -> None:
    jude.client.set_cookie(language.COOKIE, "zh_Hans")
    trial = jude.trial()
    answer = jude.pick(trial, 1, 1)
    assert (answer.status_code, answer.json["error"]["message"]) == (
        422,
        "编号 1 被选了两次；每个名次请选不同的编号",
    )
    assert "slot 1 is picked twice" in olga.get("/console/judges").text
