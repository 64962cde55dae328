"""How judges looked: what is kept of it, for how long, and who gets to see it."""

import pytest
from sqlmodel import select

from studyapp.db.tables import EyeScreening, Judge, ViewingConditions
from studyapp.services.results.conditions import EYES, conditions_table
from studyapp.services.voting import viewing
from studyapp.services.voting.lifecycle import withdraw_judge
from tests.conftest import NOW
from tests.services.voting import demand
from tests.sqlite_alone import database_url  # noqa: F401 (the same on every database)

READ = {"control": True, "protan": 3, "deutan": 1, "tritan": 3}
SEEN = {"acuity": {"decimal": 0.8, "gap_px": 2, "limited": False}, "colour": READ}


@pytest.fixture
def note(workspace, links):
    def noted(name: str = "Jude", **report) -> None:
        with workspace.database.writing() as session:
            judge = session.exec(select(Judge.id).where(Judge.name == name)).one()
            assert judge is not None
            viewing.note_conditions(session, judge, {"kind": "check", **report}, now=NOW)

    return noted


def table(workspace):
    with workspace.database.reading() as session:
        return conditions_table(session)


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_eyes_are_private_unless_the_study_says_so_and_can_be_removed(workspace, note):
    with workspace.database.writing() as session:
        demand(session, eyes="private")
    note(at="1", eyes={"acuity": SEEN["acuity"]})
    note(at="2", eyes=SEEN)
    private = table(workspace)
    assert not {*EYES} & {*private}
    with workspace.database.writing() as session:
        bodies = session.exec(select(ViewingConditions.body)).all()
        assert not [body for body in bodies if "acuity" in body], (
            "what cannot be deleted knows nothing of eyes"
        )
        demand(session, eyes="exported")
    first, last = table(workspace)[EYES].to_dict("records")
    assert last == {"acuity": 0.8, "acuity_limited": False, "colours": "red_green"}
    assert first["acuity"] != first["acuity"], "only the last result is kept"

    note("June", eyes=SEEN)
    note(at="3", eyes={})
    with workspace.database.writing() as session:
        assert len(session.exec(select(EyeScreening)).all()) == 1
        withdraw_judge(session, "june@example.org", "she asked", now=NOW)
    with workspace.database.reading() as session:
        assert session.exec(select(EyeScreening)).all() == []
    assert table(workspace)[EYES].isna().all(axis=None)

    with workspace.database.writing() as session:
        demand(session, eyes="left_out")
    note(at="4", eyes=SEEN)
    with workspace.database.reading() as session:
        assert session.exec(select(EyeScreening)).all() == []


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_change_is_held_against_the_limits_with_what_was_known_before(workspace, note):
    with workspace.database.writing() as session:
        demand(session, window=(1000, 700), pixel_ratio=(1, 2))
    note(dpr=1, width=1200, height=800, px_per_mm=4, told={"distance_cm": 57.29})
    note(kind="change", changed={"dpr": 0.5})
    note(kind="altered")
    note(kind="change", changed={"dpr": 2, "px_per_mm": 8})
    found = table(workspace)
    assert list(found["outside"].fillna("")) == ["", "window pixel_ratio", "window pixel_ratio", ""]
    assert list(found["pixels_per_degree"].fillna(0).round()) == [40, 0, 0, 80]
