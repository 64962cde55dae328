"""Factsheets: what is read and refused, versions, what was measured beside them, the tables."""

import csv
import io
import re
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.spreadsheets import read_cell
from studyapp.errors import StudyError
from studyapp.services.challenge import factsheet_tables, factsheets, teams
from studyapp.services.challenge.factsheet_form import (
    WHOLE,
    BadSheetError,
    Sheet,
    as_yaml,
    read_sheet,
    read_yaml,
)
from tests.conftest import NOW
from tests.services.challenge_site import CHALLENGE, account_of, challenge_site, team

TRACK = "lowlight"
WRITTEN = {
    "team": "Night & Owls_2",
    "leader": "Ada",
    "leader_email": "ada@example.org",
    "members": "Bo\n清华\n",
    "affiliations": ["ETH Zürich", "#1 Lab"],
    "method": "First: a U-Net.\n\n  Then & a loss of 50 %.",
    "parameters_m": "1.5",
    "flops_g": 20,
    "runtime_s": 0.25,
    "hardware": "RTX 4090",
    "extra_data": "yes",
    "extra_data_which": "DIV2K",
    "pretrained": False,
    "ensemble": "no",
}
HOSTILE = [
    (b"a: &x [1, 2]\nb: *x", WHOLE),
    (b"a: &a [x]\nb: &b [*a, *a]\nc: &c [*b, *b]", WHOLE),
    (b"[1, 2", WHOLE),
    (b"\xff\xfe\x00", WHOLE),
    (b"[" * 50_000, WHOLE),  # minutes for the parser
    (b"team: x\n" * 20_000, WHOLE),
    (b"method: |\n  " + b"x" * 300_000, WHOLE),
    (b"!!python/object/apply:os.system ['true']", WHOLE),
    (b"team: 2024-99-99", WHOLE),
    (b"? [1]\n: 2", WHOLE),
    (b"", WHOLE),
    (b"- team", WHOLE),
    (b"team: a\nteam: b", "team"),
    (b"team: [a]", "team"),
    (b'team: "a\\nb"', "team"),
    (b'team: "\\ud800"', "team"),
    (b'method: "\\x07"', "method"),
    (b"team: " + b"x" * 300, "team"),
    (b"method: " + b"x" * 30_000, "method"),
    (b"members: {a: b}", "members"),
    (b"members: [a, [b]]", "members"),
    (b"members: [" + b"a, " * 100 + b"a]", "members"),
    (b"parameters_m: 5 M", "parameters_m"),
    (b"parameters_m: .nan", "parameters_m"),
    (b"parameters_m: true", "parameters_m"),
    (b"flops_g: 0x" + b"f" * 9000, "flops_g"),
    (b"runtime_s: -1", "runtime_s"),
    (b"ensemble: perhaps", "ensemble"),
    (b"code: javascript:alert(1)", "code"),
    (b"colour: red", "colour"),
    (b"1: 2", "1"),
]


@pytest.fixture
def site(tmp_path):
    with challenge_site(tmp_path, CHALLENGE) as made:
        team(made, "Owls", "Ada", "Bo")
        team(made, "=Late & Co", "Cy")
        yield made


def save(site, values, *, over, by="Ada", now=NOW):
    with site.database.writing() as session:
        return factsheets.save(
            session, site, team=1, track=TRACK, sheet=read_sheet(values), over=over,
            by=account_of(site, by), now=now,
        )  # fmt: skip


@pytest.mark.parametrize(("data", "field"), HOSTILE, ids=range(len(HOSTILE)))
def test_a_file_that_cannot_be_kept_is_refused_by_the_name_of_the_field(data, field):
    with pytest.raises(BadSheetError) as caught:
        read_yaml(data)
    assert list(caught.value.problems) == [field]
    assert len(str(caught.value)) < 500


def test_every_problem_is_named_at_once_with_the_line():
    with pytest.raises(BadSheetError) as caught:
        read_sheet({**WRITTEN, "members": "Bo\n" + "x" * 300, "parameters_m": "many", "paper": "here"})
    assert list(caught.value.problems) == ["members", "parameters_m", "paper"]
    assert str(caught.value.problems["members"]).startswith("line 2 must have at most 200 characters")


TEXTS = st.text(st.characters(exclude_categories=("Cs", "Cc")), max_size=40)


@settings(max_examples=30)
@given(line=TEXTS, prose=st.lists(TEXTS, max_size=4), names=st.lists(TEXTS, max_size=3))
def test_what_is_written_as_yaml_is_read_as_the_same(line, prose, names):
    try:
        sheet = read_sheet({**WRITTEN, "team": line, "method": "\n".join(prose), "members": names})
    except BadSheetError:
        return
    assert read_yaml(as_yaml(sheet).encode()) == sheet


def test_what_is_empty_is_not_said_and_what_is_lacking_is_named():
    sheet = read_sheet(WRITTEN)
    assert sheet.members == ("Bo", "清华")
    assert (sheet.extra_data, sheet.pretrained, sheet.parameters_m) == (True, False, 1.5)
    assert sheet.lacking == []
    assert read_yaml(as_yaml(Sheet()).encode()) == Sheet()
    assert read_sheet({**WRITTEN, "flops_g": " ", "extra_data_which": "", "hardware": None}).lacking == [
        "flops_g",
        "hardware",
        "extra_data_which",
    ]


def test_each_save_is_a_version_and_nobody_overwrites_another_unseen(site):
    with site.database.reading() as session:
        begun = factsheets.begun(session, teams.numbered(session, 1))
    assert (begun.team, begun.leader, begun.members) == ("Owls", "Ada", ("Bo",))
    assert save(site, WRITTEN, over=0) == 1
    assert save(site, WRITTEN, over=1) == 1, "the same is not saved again"
    assert save(site, {**WRITTEN, "hardware": "A100"}, over=1, by="Bo") == 2
    with pytest.raises(StudyError, match="Bo saved version 2 meanwhile"):
        save(site, {**WRITTEN, "hardware": "H100"}, over=1)
    with site.database.reading() as session:
        found = factsheets.versions(session, 1, TRACK)
        assert [(one.number, one.saved_by, one.sheet.hardware) for one in found] == [
            (2, "Bo", "A100"),
            (1, "Ada", "RTX 4090"),
        ]
        assert factsheets.versions(session, 2, TRACK) == factsheets.versions(session, 1, "details") == []
        with pytest.raises(StudyError, match="no version 3"):
            factsheets.version(session, 1, TRACK, 3)
        lines = factsheets.of_track(session, TRACK)
    assert [(one.name, one.newest and one.newest.number) for one in lines] == [
        ("=Late & Co", None),
        ("Owls", 2),
    ]


def test_they_close_at_the_declared_moment_and_stay_open_without(site):
    path = site.root / "site.yaml"
    assert save(site, WRITTEN, over=0, now=NOW + timedelta(days=3650)) == 1
    declared = f"    lowlight:\n      factsheets_close: {NOW:%Y-%m-%dT%H:%M:%SZ}\n"
    path.write_text(CHALLENGE.replace("    lowlight:\n", declared), encoding="utf-8")
    assert save(site, {**WRITTEN, "team": "x"}, over=1, now=NOW - timedelta(seconds=1)) == 2
    with pytest.raises(StudyError, match="factsheets of this track closed at 2026-"):
        save(site, {**WRITTEN, "team": "y"}, over=2, now=NOW)


@pytest.mark.parametrize(
    ("said", "cost", "far"),
    [(1.0, 1.04, False), (1.0, 1.06, True), (1.06, 1.0, True), (0.0, 1.0, True), (None, 1.0, False)],
)
def test_a_value_far_from_what_was_measured_is_marked(said, cost, far):
    sheet = read_sheet({"parameters_m": said})
    assert factsheet_tables.beside(sheet, {"parameters_m": cost})["parameters_m"].is_far is far


def test_the_tables_hold_every_team_and_nothing_runs_in_them(site, tmp_path):
    save(site, {**WRITTEN, "hardware": "=cmd()", "team": r"\input{x} 100%"}, over=0)
    table = tmp_path / "measures.csv"
    table.write_text("team,params_m,flops_g,time_ms\nteam07,1.5,,250\n", encoding="utf-8")
    costs = factsheet_tables.measured(tmp_path)
    assert costs == {"team07": {"parameters_m": 1.5, "runtime_s": 0.25}}
    with site.database.writing() as session:
        entry = teams.entry_of(session, 1, TRACK)
        assert entry is not None
        entry.study_team = "team07"
        session.add(entry)
    with site.database.reading() as session:
        lines = factsheets.of_track(session, TRACK)
    late, owls = csv.DictReader(io.StringIO(factsheet_tables.as_csv(lines, costs)))
    assert (late["registered_as"], late["lacking"], late["method"]) == ("'=Late & Co", "everything", "")
    assert (owls["hardware"], read_cell(owls["hardware"])) == ("'=cmd()", "=cmd()")
    assert (owls["measured_parameters_m"], owls["measured_flops_g"], owls["members"]) == (
        "1.5",
        "",
        "Bo; 清华",
    )
    assert (
        list(csv.DictReader(io.StringIO(factsheet_tables.as_csv(lines, {}, simulated=True))))[1]["simulated"]
        == "true"
    )
    assert "SIMULATED" in factsheet_tables.as_latex(lines, {}, simulated=True)
    latex = factsheet_tables.as_latex(lines, costs)
    assert "SIMULATED" not in latex
    assert r"\textbackslash{}input\{x\} 100\%" in latex
    assert "1.5 (1.5) & 20 & 0.25 (0.25)" in latex
    assert re.sub(r"\\[a-zA-Z]+", "", latex.split("tabular")[1]).count("&") == 2 * 7
    assert latex.count("otherletters") > 1
    assert "Ada (leader), Bo, " in latex
    assert "ada@example.org" not in latex
