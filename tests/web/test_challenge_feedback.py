"""After the closing: a team's own results, without others' names, and the ranking where it is public."""

import csv
import io
import json
import re
import shutil
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner
from flask import Flask
from markupsafe import escape
from PIL import Image
from pypdfium2 import PdfDocument
from sqlmodel import col, select

from studyapp.app import create_app
from studyapp.cli import main
from studyapp.core.reasons import Reason
from studyapp.db.site_tables import Account
from studyapp.db.tables import Study
from studyapp.services.challenge import factsheets, teams
from studyapp.services.challenge.factsheet_form import Sheet
from studyapp.services.ground import studies
from studyapp.services.ground.site import Site, init_site, open_site
from studyapp.services.ground.workspace import open_workspace
from studyapp.services.results import feedback, ranking_text
from studyapp.services.results.ranking import rank_study
from studyapp.services.voting import lifecycle
from studyapp.study.site_file import SITE_FILE
from tests.conftest import NOW
from tests.services.challenge_site import CHALLENGE
from tests.services.joined import closed_joined_study
from tests.services.test_looking_tables import trial_of
from tests.services.test_reasons import team_in
from tests.services.voting import picked, save_ballot
from tests.sqlite_alone import *  # noqa: F403
from tests.web.conftest import Browser
from tests.web.teams_here import led, signed_in

PAGE = "/challenge/tracks/lowlight/feedback"
SAID = "=Hair like plastic <b>"


def with_a_reason(workspace) -> None:
    trial, judge = trial_of(workspace, "Jude", 2)
    reason = Reason(slot=1, rect=(1, 2, 30, 20), attribute="Noise", direction="worse", severity=4, text=SAID)
    with workspace.database.writing() as session:
        save_ballot(session, picked(judge, trial, "a reason", 3, (1, 2, 3), reasons=(reason,)))


@pytest.fixture(scope="module")
def closed(tmp_path_factory) -> Path:
    root = tmp_path_factory.mktemp("closed") / "study"
    return closed_joined_study(root, before_closing=with_a_reason)


@pytest.fixture
def site(closed, tmp_path, monkeypatch) -> Iterator[Site]:
    monkeypatch.delenv("STUDYAPP_DATABASE_URL", raising=False)
    init_site(tmp_path / "site")
    (tmp_path / "site" / SITE_FILE).write_text(CHALLENGE, encoding="utf-8")
    shutil.copytree(closed, tmp_path / "site" / "studies" / "lowlight")
    with closing(open_site(tmp_path / "site")) as made:
        led(made, "Owls", "Ada", study_team="team01")
        led(made, "Bats", "Bo", study_team="team02")
        led(made, "Cats", "Cy")  # not in the final phase
        yield made


@pytest.fixture
def app(site) -> Iterator[Flask]:
    app = create_app(site.root)
    yield app
    app.extensions["studyapp"].close()


@pytest.fixture
def workspace(site):
    workspace = open_workspace(site.study_root("lowlight"))
    with closing(workspace.database):
        yield workspace


def declare(site, results: str) -> None:
    text = CHALLENGE.replace("    lowlight:\n", f"    lowlight:\n      results: {results}\n")
    (site.root / SITE_FILE).write_text(text, encoding="utf-8")


def test_a_team_sees_its_own_results_and_numbers_of_others(app, site, workspace):
    ada, bo, cy = (signed_in(app, name) for name in ("Ada", "Bo", "Cy"))
    assert f'href="{PAGE}"' in ada.get("/challenge/tracks/lowlight").text
    page = ada.get(PAGE).text
    names = [one.name for one in workspace.file.teams]
    assert names[0] in page
    assert not any(name in page for name in names[1:])
    assert not re.search(r"team0[2-4]|judge0|Jude", page.split("<main")[1])
    assert page.count("another team") == 3
    assert "<td>4 of 4</td>" in page, "the most parameters of four"
    assert "EScore: " in page
    for text in ("Images that judges liked best", "Worst images by the score", "% intervals"):
        assert text in page
    with workspace.database.reading() as session:
        own = feedback.feedback(session, workspace, "team01", names=False)
        judged = feedback.feedback(session, workspace, "team02", names=False).judged
        said = team_in(workspace, trial_of(workspace, "Jude", 2)[0], 1)
    assert [row.rank for row in own.ranking] == ["1", "2", "3", "4"]
    for row in own.ranking:
        low, high = map(int, row.span.split("–"))
        assert low <= int(row.rank) <= high
    assert [one.score for one in own.paired] == sorted((one.score or 0 for one in own.paired), reverse=True)
    assert sum(one.answers for one in own.judged) == 6, "two judges, three images"
    assert [one.image for one in own.judged] != [one.image for one in judged]
    shown = own.judged[0].image
    picture = Image.open(io.BytesIO(ada.client.get(f"{PAGE}/{shown}.webp").data))
    assert picture.size == (60, 40)
    assert ada.get(f"{PAGE}/..%2fstudy.webp").status_code == ada.get(f"{PAGE}/999.webp").status_code == 404
    with_reason = ada if said == "team01" else bo if said == "team02" else None
    if with_reason:
        assert "=Hair like plastic &lt;b&gt;" in with_reason.get(PAGE).text
    for other in (cy, Browser(app.test_client())):
        assert other.get(PAGE).status_code in (401, 404)
        assert other.get(f"{PAGE}/{shown}.webp").status_code in (401, 404)
    declare(site, "public")
    public = ada.get(PAGE).text
    assert all(name in public for name in names)
    assert not re.search(r"judge0|Jude", public.split("<main")[1])
    declare(site, "hidden")
    assert ada.get(PAGE).status_code == 404
    assert f'href="{PAGE}"' not in ada.get("/challenge/tracks/lowlight").text


def test_the_best_image_is_the_lowest_where_lower_is_better(workspace):
    with workspace.database.reading() as session:
        ranking = rank_study(session, workspace)
    rule = ranking.rule
    formula = rule.entry("s2")
    assert formula is not None
    names = []
    for better in ("higher", "lower"):
        other = replace(rule, entries={**rule.entries, "s2": replace(formula, better=better)})
        found = feedback._paired(replace(ranking, rule=other), "team01")
        names.append([one.image for one in found])
        assert len(found) > 1
    assert names[0] == names[1][::-1]


def test_reasons_are_told_to_their_team_alone_in_an_order_without_judges(workspace):
    with workspace.database.reading() as session:
        said = team_in(workspace, trial_of(workspace, "Jude", 2)[0], 1)
        found = {
            one: feedback.feedback(session, workspace, one, names=False).reasons
            for one in ("team01", "team02", "team03", "team04")
        }
        out = feedback.feedback(session, workspace, "disqualified", names=False)
    assert (out.scores, out.judged, out.paired, out.costs, out.reasons) == ({}, (), (), (), ())
    assert "not in the ranking" in str(out.why)
    assert {one for one, reasons in found.items() if reasons} == {said}
    (reason,) = found[said]
    assert (reason["text"], reason["rect"], reason["severity"]) == (SAID, [1, 2, 30, 20], 4)
    assert set(reason) == {"image", "region", "attribute", "text", "direction", "severity", "rect"}


def test_before_the_closing_there_is_nothing_even_when_unsealed(app, workspace):
    with workspace.database.writing() as session:
        study = session.get(Study, 1)
        assert study is not None
        study.state, study.closed_at = "open", None
        session.add(study)
        session.flush()
        lifecycle.unseal_study(session, "the committee has to decide early", now=NOW)
    ada = signed_in(app, "Ada")
    assert ada.get(PAGE).status_code == 404
    assert ada.get(f"{PAGE}/001.webp").status_code == 404
    assert f'href="{PAGE}"' not in ada.get("/challenge/tracks/lowlight").text


RANKING = "/challenge/tracks/lowlight/ranking"


def test_the_ranking_is_everybodys_where_it_is_public_and_the_study_closed(app, site, workspace):
    readers = [Browser(app.test_client()), signed_in(app, "Ada")]

    def answers(results: str) -> set[int]:
        declare(site, results)
        links = {f'href="{RANKING}"' in one.get("/challenge/tracks/lowlight").text for one in readers}
        codes = {one.get(RANKING + end).status_code for one in readers for end in ("", ".csv")}
        assert links == {codes == {200}}
        return codes

    with workspace.database.writing() as session:
        lifecycle.disqualify_team(session, "team04", "it came too late", now=NOW)
        lifecycle.withdraw_judge(session, "june@example.org", "she was asleep", now=NOW)
    assert [answers(results) for results in ("hidden", "private", "public")] == [{404}, {404}, {200}]
    page = readers[0].get(RANKING).text.split("<main")[1]
    with workspace.database.reading() as session:
        result = rank_study(session, workspace)
    for row in ranking_text.as_text(result.table):
        assert all(escape(row[name]) in page for name in ("rank", "name", "final", "s2", "s3", "award"))
    assert "1 judge, 3 images" in page
    assert f"Fourth wall is disqualified ({NOW:%Y-%m-%d}): it came too late" in page
    assert f"a judge is withdrawn ({NOW:%Y-%m-%d})" in page
    assert not re.search(r"judge\d|June|asleep", page)
    assert "SIMULATED" not in page
    table = readers[0].get(f"{RANKING}.csv").data.decode("utf-8-sig")
    assert table.strip() == ranking_text.format_ranking(result, "csv")

    with workspace.database.writing() as session:
        study = studies.the_study(session)
        study.file = json.dumps(json.loads(study.file) | {"simulated": True})
    assert "SIMULATED" in readers[0].get(RANKING).text
    assert ",simulated" in readers[0].get(f"{RANKING}.csv").text.splitlines()[0]

    with workspace.database.writing() as session:
        study = studies.the_study(session)
        study.state, study.closed_at = "open", None
        session.flush()
        lifecycle.unseal_study(session, "the committee has to decide early", now=NOW)
    assert [answers(results) for results in ("hidden", "private", "public")] == [{404}] * 3


def test_every_team_gets_its_sheet_and_nobody_elses(site, workspace, tmp_path):
    """The figures are those of its page; files keep their names, which tell nothing."""
    with site.database.writing() as session:
        for leader in session.exec(select(Account).where(col(Account.name).in_(("Ada", "Bo")))):
            leader.email = f"{leader.name.lower()}@example.org"
        [owls] = [one for one, _ in teams.in_track(session, "lowlight") if one.name == "Owls"]
        sheet = Sheet(method="Twice", parameters_m=4.1, hardware="A GPU", ensemble=False)
        factsheets.save(
            session, site, team=owls.id or 0, track="lowlight", sheet=sheet, over=0, by=1, now=NOW
        )
    root, out = site.study_root("lowlight"), tmp_path / "sheets"
    done = CliRunner().invoke(main, ["team-sheets", str(root), str(out)])
    assert (done.exit_code, done.stderr.strip()) == (0, ""), done.output
    rows = list(csv.DictReader(io.StringIO((out / "index.csv").read_text("utf-8-sig"))))
    assert {path.name for path in out.iterdir()} == {
        "index.csv",
        *(row["page"] for row in rows),
        *(row["pdf"] for row in rows),
    }
    assert {row["team"]: row["email"] for row in rows} == {
        "team01": "ada@example.org", "team02": "bo@example.org", "team03": "", "team04": ""
    }  # fmt: skip
    assert all(re.fullmatch(r"results-[0-9a-f]{16}\.html", row["page"]) for row in rows)
    names = [one.name for one in workspace.file.teams]
    said = team_in(workspace, trial_of(workspace, "Jude", 2)[0], 1)
    for row in rows:
        page = (out / row["page"]).read_text("utf-8")
        text = re.sub("<[^>]*>", " ", page.split("<body>")[1])
        printed = "".join(one.get_textpage().get_text_range() for one in PdfDocument(out / row["pdf"]))
        others = [name for name in names if name != row["name"]]
        for shown in (page, printed):
            assert row["name"] in shown
            assert not any(name in shown for name in others), others
            assert not re.search(r"judge\d|\bJude\b|\bJune\b", shown)
        with workspace.database.reading() as session:
            own = feedback.feedback(session, workspace, row["team"], names=False)
        [place] = [one for one in own.ranking if one.own]
        summary = f"Rank {place.rank} of 4, with a final score of {place.final}."
        assert summary in text
        assert summary in printed.replace("\r\n", " ").replace("  ", " ")
        assert text.count("another team") == 3
        for one in (*feedback.ends(own.judged)[0], *feedback.ends(own.judged)[1]):
            told = f"Better than the mean of the others in {one.better} of {one.answers} answers"
            assert re.search(rf"Image {one.image}, \d+ x \d+ pixels at .*{told}", text)
        assert ("=Hair like plastic &lt;b&gt;" in page) == (row["team"] == said)
        assert ("with what judges marked" in page) == (row["team"] == said)
        assert page.count("data:image/jpeg") == 4 + (row["team"] == said), "two images and their inputs"
        assert ("4 (much" in text, "A GPU" in text) == (False, row["team"] == "team01")
        assert b"<pdfuaid:part>1" in (out / row["pdf"]).read_bytes()
    declare(site, "public")
    assert CliRunner().invoke(main, ["team-sheets", str(root), str(out)]).exit_code == 0
    again = list(csv.DictReader(io.StringIO((out / "index.csv").read_text("utf-8-sig"))))
    assert again == rows
    assert all(name in (out / rows[0]["page"]).read_text("utf-8") for name in names)
    with workspace.database.writing() as session:
        study = studies.the_study(session)
        study.state, study.closed_at = "paused", None
    refused = CliRunner().invoke(main, ["team-sheets", str(root), str(tmp_path / "early")])
    assert (refused.exit_code, (tmp_path / "early").exists()) == (2, False)
