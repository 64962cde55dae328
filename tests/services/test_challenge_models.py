"""Models that teams hand in: what is refused, which one counts, when it is run, and what the team is told."""

import io
import json
import zipfile
from contextlib import suppress
from datetime import UTC, datetime

import pytest

from analysis.efficiency.measures import read_measures
from analysis.efficiency.measuring.isolation import why_not_isolated
from analysis.efficiency.measuring.results import Run
from analysis.efficiency.measuring.run import Measurement
from studyapp.errors import ProblemsFoundError, StudyError
from studyapp.services.challenge import models, submissions, teams
from studyapp.services.challenge.scoring import Work
from studyapp.services.ground.only_run import only_run
from studyapp.services.jobs import queue
from studyapp.services.jobs.worker import Worker, Working
from studyapp.services.paired import measuring
from studyapp.services.paired.kept_measures import MEASURES, REPLACED
from studyapp.settings import Folders
from tests.conftest import NOW, write_study
from tests.services.challenge_site import CHALLENGE, challenge_site, team
from tests.services.handed_in import TRACK, upload, zipped
from tests.services.test_measuring_study import MODEL
from tests.web.jobs_here import do_jobs_of

FINAL = datetime(2026, 3, 12, tzinfo=UTC)
RUN = MODEL.replace("LEVEL", "1").encode()
GOOD = {
    "models/team07_Brighter.py": RUN,
    "models/team00_Baseline.py": b"raise SystemExit",
    "model_zoo/notes.txt": b"no weights",
    "utils/tools.py": b"",
}
REFUSED = {
    "no zip": (b"PK", "models.zip: not a zip"),
    "no models": (zipped({"code/net.py": b""}), "models/: missing; pack the repository as NTIRE has it"),
    "nothing but junk": (zipped({"__MACOSX/models/a.py": b"", ".git/models/x.py": b""}), "models/: missing"),
    "two models": (
        zipped({"models/team07_A.py": b"", "models/team08_B.py": b""}),
        "models/: models has 2 models (team07_A, team08_B); keep one",
    ),
    "no entry": (zipped({"models/team07_A/net.txt": b""}), "models/: models/team07_A has no entry point"),
    "leads out": (zipped({"models/../../x.py": b""}), "leads out of the archive"),
    "absolute": (zipped({"/models/x.py": b""}), "leads out of the archive"),
    "a bomb": (zipped({"models/team07_A.py": b"\0" * (80 << 20)}), "as only a zip bomb does"),
    "a file and a folder": (
        zipped({"models/team07_A": b"", "models/team07_A/main.py": b""}),
        "is a file and a folder",
    ),
    "too deep": (zipped({"models/" + "a/" * 40 + "x.py": b""}), "lies too deep"),
    "a long name": (zipped({f"models/{'x' * 300}.py": b""}), "its name is too long"),
    "a package by address": (
        zipped({**GOOD, "models/team07_Brighter.requirements.txt": b"git+https://example.org/x"}),
        "is not a package with versions",
    ),
}


def linked() -> bytes:
    """Return a zip whose weights are a link to a file of the server."""
    info = zipfile.ZipInfo("model_zoo/team07_Brighter.pth")
    info.external_attr = 0o120777 << 16
    target = io.BytesIO(zipped(GOOD))
    with zipfile.ZipFile(target, "a") as archive:
        archive.writestr(info, "/etc/passwd")
    return target.getvalue()


@pytest.fixture
def site(tmp_path):
    with challenge_site(tmp_path) as made:
        write_study(made.root / "studies" / TRACK)
        for name, leader, id_ in (("Owls", "Ada", "team01"), ("Bats", "Bo", "team02")):
            number = team(made, name, leader)
            with made.database.writing() as session:
                entry = teams.entry_of(session, number, TRACK)
                assert entry is not None
                entry.study_team = id_
                session.add(entry)
        yield made


def hand_in(site, data, *, of=1, when=FINAL):
    """Enter a model and ask for its check; return its number."""
    with site.database.writing() as session:
        sent = upload(session, site, of, data, when=when)
        made = submissions.enter(
            session, site, team=of, track=TRACK, phase="final", kind="code", upload=sent, sent_by=of, now=when
        )
        queue.ask(session, TRACK, "model", {"submission": made.id}, by="", now=when)
        number = made.id or 0
    with suppress(FileNotFoundError):
        (site.uploads / sent).unlink()
    return number


def work(site):
    while Worker(site, Working(processes=1)).work_once():
        pass


def row(site, number):
    with site.database.reading() as session:
        found = submissions.the_submission(session, number)
        return found, json.loads(found.result)


@pytest.mark.parametrize(
    ("data", "said"), [*REFUSED.values(), (linked(), "is a link")], ids=[*REFUSED, "a link"]
)
def test_what_is_not_one_model_in_a_plain_zip_is_refused_and_leaves_nothing(site, data, said):
    number = hand_in(site, data)
    with pytest.raises((ProblemsFoundError, StudyError)) as caught:
        models.take(site, number, Work())
    assert said in str(caught.value).replace("results.zip", "models.zip")
    assert str(site.root) not in str(caught.value)
    folder = submissions.folder_of(site, number)
    assert [path.name for path in folder.iterdir()] == ["package.zip"]
    assert not (site.study_root(TRACK) / "models").exists()


def test_a_repository_in_a_folder_of_its_own_is_read_and_remarked_on(site):
    inside = {f"NTIRE-main/{name}": data for name, data in GOOD.items()}
    inside["NTIRE-main/models/models.csv"] = b"model,team\nteam07_Brighter,team02\n"  # not read
    inside["NTIRE-main/models/team07_Brighter.requirements.txt"] = b"no-such-package-7>=1\n"
    found = models.take(site, hand_in(site, zipped(inside)), Work())
    assert (found["model"], found["weights"], found["files"], found["at_once"]) == (
        "team07_Brighter",
        "",
        5,
        False,
    )
    assert [remark["what"] for remark in found["remarks"]] == [
        "no-such-package-7>=1 is not installed here",
        "no weights called like team07_Brighter",
    ]


def test_the_last_model_in_time_counts_with_the_hash_that_was_shown(site):
    first, second = hand_in(site, zipped(GOOD)), hand_in(site, zipped({**GOOD, "README.md": b"2"}))
    hand_in(site, b"no zip")
    assert do_jobs_of(site) == ["done", "done", "failed"]
    with pytest.raises(StudyError, match="Final closed at"):
        hand_in(site, zipped(GOOD), when=datetime(2026, 3, 20, tzinfo=UTC))
    with site.database.writing() as session:
        with pytest.raises(StudyError, match="a later one replaced it"):
            models.begin_measuring(session, submissions.the_submission(session, first))
        with pytest.raises(StudyError, match="replaced by handing in others"):
            submissions.withdraw(session, site, submissions.the_submission(session, second), now=FINAL)
        assert models.begin_measuring(session, submissions.the_submission(session, second)) == {
            "teams": ["team01"],
            "submissions": [second],
        }
    assert row(site, second)[1]["measuring"] == {"state": "waiting"}
    place = site.study_root(TRACK) / "models" / "team01"
    assert not place.exists(), "nothing was put anywhere by handing it in"
    assert models.put_in(site, TRACK) == {"team01": second}
    assert (place / "README.md").read_text() == "2"
    models.put_in(site, TRACK)
    package = submissions.folder_of(site, second) / "package.zip"
    (place / ".handed-in").write_text(json.dumps({"sha256": "of another"}))
    package.write_bytes(zipped({**GOOD, "README.md": b"changed"}))
    with pytest.raises(StudyError, match="is not the one that was handed in"):
        models.put_in(site, TRACK)
    (place / ".handed-in").unlink()
    with pytest.raises(StudyError, match="move it away first"):
        models.put_in(site, TRACK)
    assert (place / "README.md").read_text() == "2"


def failing(chosen, _inputs, _plan, *, handed_in, progress):
    """What measuring finds of models that end with an error, without running them."""
    root = chosen[0].root.parents[1]
    printed = f"the end of the log of {root}/models/{chosen[0].team}"
    runs = (Run("exit status 1", printed),)
    return [Measurement(model.team, model.stem, problem="exit status 1", runs=runs) for model in chosen]


def test_a_model_is_measured_only_when_that_is_asked_for_and_its_team_is_told(site, monkeypatch):
    monkeypatch.setattr(measuring, "measure_models", failing)
    first = hand_in(site, zipped(GOOD))
    assert do_jobs_of(site) == ["done"], "checked, and not run"
    found, result = row(site, first)
    assert (found.state, len(found.sha256), "measuring" in result) == ("done", 64, False)
    text = CHALLENGE.replace("    lowlight:\n", "    lowlight:\n      measure: at-once\n")
    (site.root / "site.yaml").write_text(text, encoding="utf-8")
    second = hand_in(site, zipped({**GOOD, "README.md": b"2"}))
    assert do_jobs_of(site) == ["done", "done"]
    told = row(site, second)[1]["measuring"]
    assert (told["state"], told["problem"]) == ("done", "exit status 1")
    assert told["log"] == "the end of the log of models/team01"
    assert "measuring" not in row(site, first)[1]
    with site.database.writing() as session:
        other = begin_and_replace(session, site, second)
    do_jobs_of(site)
    assert row(site, second)[1]["measuring"]["problem"] == "a later model replaced it"
    assert "measuring" in row(site, other)[1]


def begin_and_replace(session, site, number):
    """Ask for a model to be measured, and let a later one be accepted before that begins."""
    asked = models.begin_measuring(session, submissions.the_submission(session, number))
    sent = upload(session, site, 1, zipped({**GOOD, "README.md": b"3"}), when=FINAL)
    made = submissions.enter(
        session, site, team=1, track=TRACK, phase="final", kind="code", upload=sent, sent_by=1, now=FINAL
    )
    queue.ask(session, TRACK, "model", {"submission": made.id}, by="", now=FINAL)
    queue.ask(session, TRACK, "measure", asked, by="Olga", now=NOW)
    return made.id or 0


def test_costs_of_a_model_that_a_later_one_replaced_are_called_so(site):
    first = hand_in(site, zipped(GOOD))
    do_jobs_of(site)
    table = Folders(site.study_root(TRACK)).measures / MEASURES
    table.parent.mkdir(parents=True)
    head = "team,params_m,flops_g,time_ms,status,problem,remarks\n"
    table.write_text(f"{head}team01,1,2,3,measured,,alone\nteam02,1,2,4,measured,,\n")

    def remarks():
        return read_measures(table).set_index("team")["remarks"].to_dict()

    models.note_replaced_models(site, TRACK, {"team01": first})
    assert remarks() == {"team01": "alone", "team02": ""}
    with only_run(table.parent, "measuring"):
        second = hand_in(site, zipped({**GOOD, "README.md": b"2"}))
        assert do_jobs_of(site) == ["done"], "nobody waits hours for the marks"
    assert remarks()["team01"] == "alone"
    for _ in range(2):
        models.note_replaced_models(site, TRACK, {"team01": first})  # as at the end of measuring
        assert remarks() == {"team01": f"alone; {REPLACED}", "team02": ""}
    table.write_text(f"{head}team01,1,2,3,measured,,\n")
    models.note_replaced_models(site, TRACK, {"team01": second})
    assert remarks() == {"team01": ""}
    hand_in(site, zipped({**GOOD, "README.md": b"3"}))
    do_jobs_of(site)
    assert remarks() == {"team01": REPLACED}


@pytest.mark.slow
@pytest.mark.skipif(bool(why_not_isolated()), reason=f"no isolation here: {why_not_isolated()}")
def test_a_model_that_was_handed_in_is_really_run_beside_one_that_fails(site):
    pytest.importorskip("torch", reason="measuring needs torch")
    shout = b"print('before the end')\nimport no_such_package\n"
    numbers = [hand_in(site, zipped(GOOD)), hand_in(site, zipped({"models/team09_Bad.py": shout}), of=2)]
    work(site)
    with site.database.writing() as session:
        plan = {"passes": 1, "rounds": 1, "device": "cpu"}
        for number in numbers:
            asked = models.begin_measuring(session, submissions.the_submission(session, number))
            queue.ask(session, TRACK, "measure", {**asked, "plan": plan}, by="Olga", now=NOW)
    work(site)
    measured, failed = (row(site, number)[1]["measuring"] for number in numbers)
    assert (measured["state"], measured["problem"], measured["reproduced"]) == ("done", "", "equal")
    assert measured["params_m"] == 1e-6
    assert measured["time_ms"] > 0
    assert "No module named 'no_such_package'" in failed["problem"]
    assert "import no_such_package" in failed["log"]
    assert str(site.root) not in failed["log"] + failed["problem"]
    table = read_measures(site.study_root(TRACK) / "var" / "measures" / "measures.csv").set_index("team")
    assert table["status"].to_dict() == {"team01": "measured", "team02": "failed"}
