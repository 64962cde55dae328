"""Evidence of looking in the export: visits add up once each, and only judges who count are in it."""

import json

import pytest
from sqlmodel import col, select

from analysis.looking.reading import CANDIDATES, MAPS, read_candidates, read_maps
from analysis.verify import Published, verify_export
from studyapp.core.looking import Looking
from studyapp.db.tables import Judge, Trial
from studyapp.errors import StudyStateError
from studyapp.services.results.exports import export_study
from studyapp.services.results.looking_tables import looking_tables
from studyapp.services.results.ranking import rank_study
from studyapp.services.voting.lifecycle import disqualify_team, withdraw_judge
from studyapp.services.voting.looking import note_looking
from tests.conftest import NOW
from tests.services.voting import cast_all, close, picked, save_ballot
from tests.sqlite_alone import database_url  # noqa: F401 (the same on every database)

# Images of 60 x 40: 20 x 14 cells of 3 pixels.
CELLS = 20 * 14


def looked(visit: str, seconds: float, seen: float = 0.5, spot: int = 0) -> Looking:
    cells = [0] * CELLS
    cells[spot] = round(seconds * 1000)
    return Looking(
        version=1,
        seconds=seconds,
        slots={str(slot): {"seen": seen if slot else 0, "dwell": seconds / 5} for slot in range(5)},  # pyright: ignore[reportArgumentType]
        views={"grid": seconds},
        blinks=0,
        path=[],
        visit=visit * 16,
        map={"cell": 3, "columns": 20, "rows": 14, "cells": cells},  # pyright: ignore[reportArgumentType]
    )


def trial_of(workspace, name: str, position: int = 1) -> tuple[str, int]:
    with workspace.database.reading() as session:
        query = select(Trial.public_id, Judge.id).join(Judge, col(Judge.id) == Trial.judge_id)
        return session.exec(
            query.where(Judge.name == name, Trial.kind == "main", Trial.position == position)
        ).one()


def leave(workspace, name: str, looking: Looking) -> None:
    trial, judge = trial_of(workspace, name)
    with workspace.database.writing() as session:
        note_looking(session, judge, trial, looking, now=NOW)


def vote(workspace, name: str, looking: Looking, base: int = 3) -> None:
    trial, judge = trial_of(workspace, name, 2)
    with workspace.database.writing() as session:
        key = f"evidence-{name}-{base:08d}"
        save_ballot(session, picked(judge, trial, key, base, (1, 2, 3), looking=looking))


@pytest.fixture
def studied(workspace, links):
    """A study in which Jude looked twice at one image, and once with a ballot on another."""
    cast_all(workspace, "Jude", "June")
    for seconds in (4.0, 9.0):
        leave(workspace, "Jude", looked("a", seconds))
    leave(workspace, "Jude", looked("b", 3.0, seen=0.2, spot=5))
    vote(workspace, "Jude", looked("c", 2.0))
    leave(workspace, "June", looked("d", 5.0))
    return workspace


def tables(workspace):
    with workspace.database.reading() as session:
        return looking_tables(session)


def test_visits_add_up_and_each_counts_once(studied):
    close(studied)
    found = tables(studied)
    (first,) = found[MAPS].query("judge == 'judge01' and visits == 2").to_dict("records")
    assert (first["seconds"], first["width"], first["cell"]) == (12.0, 60, 3)
    assert first["cells"].split()[:6] == ["9", "0", "0", "0", "0", "3"]
    jude = found[CANDIDATES].query("judge == 'judge01' and visits == 2")
    assert jude["seen"].tolist() == [0, 0.5, 0.5, 0.5, 0.5], "not the sum of two visits that may overlap"
    assert jude["dwell"].tolist() == [2.4] * 5
    assert jude["team"].isna().tolist() == [True, False, False, False, False]
    assert sorted(found[MAPS]["judge"]) == ["judge01", "judge01", "judge02"]


def test_what_is_written_can_be_read_by_the_analysis(studied, tmp_path):
    close(studied)
    for name, table in tables(studied).items():
        table.to_csv(tmp_path / name, index=False)
    assert read_maps(tmp_path)["cells"].iloc[0].shape == (14, 20)
    assert len(read_candidates(tmp_path)) == 15


def test_the_export_holds_them_and_its_ranking_does_not_depend_on_them(studied):
    close(studied)
    with studied.database.reading() as session:
        paths = {path.name: path for path in export_study(session, studied, rank_study(session, studied))}
    assert {CANDIDATES, MAPS} <= paths.keys()
    page = paths["report.html"].read_text()
    assert f"<td>{MAPS}</td>" in page  # the gallery is cut where judges looked
    assert f"<td>{CANDIDATES}</td>" not in page
    findings = verify_export(paths[MAPS].parent, Published())
    assert [item.message for item in findings if item.verdict == "wrong"] == []


def test_who_is_out_is_out_here_too(studied):
    close(studied)
    with studied.database.writing() as session:
        withdraw_judge(session, "june@example.org", "asked to be left out", now=NOW)
        disqualify_team(session, "team02", "broke the rules", now=NOW)
    found = tables(studied)
    assert set(found[MAPS]["judge"]) == {"judge01"}
    assert set(found[CANDIDATES]["team"].dropna()) == {"team01", "team03", "team04"}


def test_a_map_of_another_size_is_left_out(workspace, links):
    cast_all(workspace, "Jude", "June")
    body = json.loads(looked("a", 4.0).model_dump_json())
    body["map"] = {"cell": 1, "columns": 2, "rows": 1, "cells": [4000, 0]}
    leave(workspace, "Jude", Looking.model_validate(body))
    close(workspace)
    assert tables(workspace)[MAPS].empty


def test_nothing_before_identities_are_open(studied):
    with pytest.raises(StudyStateError):
        tables(studied)
