"""Reports that cannot be believed, the table, the plot."""

import csv
import math

import numpy as np
import pandas as pd
import pytest

from analysis.efficiency.command import Measured, show
from analysis.efficiency.measures import reader_notes, validate_measures
from analysis.efficiency.measuring.environment import state
from analysis.efficiency.measuring.isolation import Ending
from analysis.efficiency.measuring.plan import Plan
from analysis.efficiency.measuring.results import read_run
from analysis.efficiency.measuring.run import Measurement
from analysis.efficiency.measuring.table import mean_interval, measures_table, notes
from analysis.efficiency.measuring.writing import write_measures
from analysis.efficiency.plot import efficiency_plot
from analysis.efficiency.points import efficiency_scores
from analysis.plots.canvas import svg
from analysis.rule import read_rule

COUNTS = {
    "params": 2_000_000,
    "flops": 8e9,
    "macs": 4e9,
    "activations": 5e6,
    "complete": True,
    "uncounted": [{"name": "aten.relu", "share": 0.25}],
}


def reports(times=((10.0, 20.0), (12.0, 18.0)), **counted):
    yield {"stage": "started", "at": 1.0, "facts": {}}
    yield {"stage": "imported", "at": 1.1, "entry": "main"}
    yield {"stage": "restored", "at": 2.0, "tile": None, "forwards": 2}
    for number, values in enumerate(times):
        yield {"stage": "pass", "at": 2.05 + 0.05 * number, "times": list(values), "whole_ms": 40}
    facts = {"device": "a card", "comparable": True}
    found = {"memory": {"peak": 9}, "precision": "float32", "facts": facts, "params": 2_000_000}
    yield {"stage": "counted", "at": 3.0, **found, "counts": COUNTS, "why": "", "remarks": [], **counted}
    yield {"stage": "done", "at": 3.1}


def run(lines, **ending):
    facts = {"status": 0, "stopped": "", "printed": "", "seconds": 3.0} | ending
    return read_run(Ending(tuple(lines), **facts), images=2, passes=2)


def test_a_run_that_said_everything():
    found = run(reports())
    assert found.problem == ""
    assert found.times == ((10.0, 20.0), (12.0, 18.0))
    assert found.coverage == pytest.approx(0.6)


@pytest.mark.parametrize(
    ("lines", "ending", "message"),
    [
        (list(reports())[:3], {}, "ended after the stage 'restored', with exit status 0"),
        (list(reports())[:3], {"status": 137}, "killed (SIGKILL"),
        ([], {"status": 1}, "exit status 1, after the stage 'of starting'"),
        (reports(((1, 2),)), {}, "ended after the stage 'done'"),
        (reports(((1, 2), (3,))), {}, "1 times for 2 images"),
        (reports(((1, 2), (3, -4))), {}, "-4 is not a number from 0 up"),
        (reports(((1, 2), (3, math.nan))), {}, "nan is not a number from 0 up"),
        (reports(((1, 2), (3, 9000))), {}, "9006 ms of forward passes in 100 ms"),
        (reports(params="many"), {}, "its report is not what measuring reports"),
        (reports(params=10**400), {}, "its report is not what measuring reports"),
        (reports(facts=["a card"]), {}, "its report is not what measuring reports"),
        (reports(counts={"params": 3}), {}, "its report is not what measuring reports"),
        (reports(), {"stopped": "printed more than 16 MB"}, "printed more than 16 MB"),
    ],
)
def test_a_run_that_cannot_be_believed(lines, ending, message):
    assert message in run(lines, **ending).problem


def measurement(team="team01", **changes):
    return Measurement(team, f"{team}_x", runs=(run(reports(**changes)),))


def test_texts_that_steer_a_terminal_are_made_harmless():
    found = run(reports(facts={"device": "\x1b[2J card\n\n=1+1", "comparable": True}))
    assert found.facts["device"] == "?[2J card =1+1"


def test_the_row_of_a_model():
    table = measures_table([measurement(), Measurement("team02", "", problem="exit status 3")])
    row = table.iloc[0]
    assert row[["params_m", "flops_g", "macs_g", "activations_m"]].tolist() == [2, 8, 4, 5]
    assert row[["time_ms", "time_median_ms", "images", "passes"]].tolist() == [15, 15, 2, 2]
    assert (row["uncounted"], row["comparable"], row["device"]) == ("aten.relu 25.0%", "yes", "a card")
    assert table.iloc[1][["status", "problem"]].tolist() == ["failed", "exit status 3"]
    validate_measures(table)


def test_a_model_without_counts_says_why_and_has_no_flops():
    table = measures_table([measurement(counts=None, why="main calls several networks")])
    assert np.isnan(table["flops_g"][0])
    assert table["problem"][0] == "FLOPs unknown: main calls several networks"
    assert table["params_m"][0] == 2


def test_a_count_that_is_not_complete_says_so_first():
    table = measures_table([measurement(counts=COUNTS | {"complete": False})])
    assert table["uncounted"][0] == "INCOMPLETE: aten.relu 25.0%"


def test_the_interval_is_students():
    mean, low, high = mean_interval(np.array([[9.0], [10.0], [11.0], [10.0]]))
    half = 3.182446 * np.sqrt(2 / 3) / 2
    assert (mean, low, high) == (10, pytest.approx(10 - half, abs=1e-3), pytest.approx(10 + half, abs=1e-3))
    assert np.isnan(mean_interval(np.array([[9.0, 8.0]]))[1:]).all()


def test_the_interval_covers_the_mean_as_often_as_it_says():
    rng = np.random.default_rng(1)
    ends = np.array([mean_interval(rng.normal(50, 2, (3, 1)))[1:] for _ in range(1000)])
    covered = ((ends[:, 0] <= 50) & (ends[:, 1] >= 50)).mean()
    assert covered == pytest.approx(0.95, abs=0.025)


def test_remarks_stand_in_the_table_and_among_the_notes_of_those_who_read_it():
    table = measures_table([measurement(remarks=["an image takes 8 forward passes"])])
    assert table["remarks"][0] == "an image takes 8 forward passes"
    assert reader_notes(validate_measures(table)) == ["team01: an image takes 8 forward passes"]


def test_forwards_that_are_a_small_part_of_the_time_are_noted():
    assert notes([measurement()]) == []
    (note,) = notes([measurement(times=((0.1, 0.1), (0.1, 0.1)))])
    assert "forward passes are only 0% of the elapsed time" in note


def test_the_files_of_a_run_and_rows_that_are_kept(tmp_path):
    out = tmp_path / "deep" / "measures.csv"
    plan = Plan()
    write_measures([measurement("team01"), measurement("team02")], plan, out)
    again = write_measures([measurement("team02", params=1)], plan, out, keep=["team01", "team02"])
    assert again.scored["team"].tolist() == ["team01", "team02"]
    assert {path.suffix for path in again.paths} == {".csv", ".json", ".svg", ".png"}
    assert '"team01"' in (tmp_path / "deep" / "measures.json").read_text()
    facts = {"device": "CPU", "comparable": False}
    mixed = write_measures([measurement("team02", facts=facts)], plan, out, keep=["team01"])
    assert "times with device 'CPU' and 'a card' are in one table" in mixed.warnings[0]


def test_counts_in_the_files_are_whole_numbers_beside_rows_without(tmp_path):
    out = tmp_path / "measures.csv"
    failed = Measurement("team02", "", problem="crashed")
    write_measures([measurement("team01"), failed], Plan(), out)
    write_measures([failed], Plan(), out, keep=["team01", "team02"])
    with out.open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert [(row["images"], row["passes"]) for row in rows] == [("2", "2"), ("", "")]


def test_small_models_are_shown_with_their_parameters(capsys):
    table = pd.DataFrame({"team": ["Ada", "Bea"], "params_m": [443e-6, 444e-6], "flops_g": 1, "time_ms": 1})
    table = table.assign(time_low_ms=1, time_high_ms=1, comparable="", reproduced="")
    show(Measured(efficiency_scores(table, read_rule("raim-escore")), (), (), False), "markdown")
    assert "| Ada | 0.000443 | 1.0000 | 1.000 |" in capsys.readouterr().out


def test_the_plot_says_what_is_not_known_and_is_the_same_every_time(tmp_path):
    found = [measurement("team01"), Measurement("team02", "", problem="crashed")]
    scored = write_measures(found, Plan(), tmp_path / "measures.csv").scored
    assert svg(efficiency_plot(scored)) == svg(efficiency_plot(scored))


def test_the_state_of_a_machine_without_a_gpu_says_not_available(monkeypatch):
    monkeypatch.setenv("PATH", "")
    assert state(on_gpu=True)["gpus"] == "not available"
