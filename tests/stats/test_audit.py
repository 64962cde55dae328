"""Audits of published tables and of tables with one thing wrong."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from analysis.audit.scores import audit_scores
from analysis.cli import main
from analysis.efficiency.points import efficiency_scores
from analysis.errors import AnalysisError
from analysis.ranking import rank_teams
from analysis.rule import POINTS, read_rule
from analysis.tables import read_table

PUBLISHED = Path(__file__).parent / "published"


def audit(name: str, **options):
    options = {"points": POINTS, **options}
    findings = audit_scores(read_table(PUBLISHED / f"{name}.csv"), **options)
    return {finding.check: finding for finding in findings}


def test_track_2_as_printed_cannot_be_right():
    findings = audit("raim-2025-track2", images=50)
    escore = findings["sum of escore"]
    assert escore.verdict == "wrong"
    assert (escore.expected, round(escore.found, 2)) == (180, 69.07)
    assert "69.09 in whole rank steps" in escore.message
    finals = findings["finals"]
    assert finals.verdict == "wrong"
    assert "raim-2025 (" in finals.message
    assert set(finals.teams) == set(read_table(PUBLISHED / "raim-2025-track2.csv")["team"]) - {
        "NulltoZero",
        "webbzhou",
    }
    assert "ICANT-IR (printed 95.26 like its s2" in finals.message
    implied = findings["implied escore"]
    assert (implied.expected, implied.found, implied.teams) == (198, 198, ("ICANT-IR",))
    assert findings["ranks"].verdict == "ok"
    assert findings["sum of uscore"].verdict == "note"


def test_track_1_is_consistent_but_for_the_sum_of_points():
    findings = audit("raim-2025-track1", images=50)
    wrong = [name for name, finding in findings.items() if finding.verdict == "wrong"]
    assert wrong == ["sum of uscore"]
    assert (findings["sum of uscore"].expected, findings["sum of uscore"].found) == (300, 254)
    assert "reproduces 7 of 7" in findings["finals"].message


def test_raim_2024_lacks_a_team():
    findings = audit("raim-2024", images=50)
    assert (findings["sum of s3"].verdict, findings["sum of s3"].found) == ("wrong", 189)
    assert findings["finals"].verdict == "ok"
    assert "raim-2024 (" in findings["finals"].message


def table(**changes) -> pd.DataFrame:
    """A table of three teams that is right: 10 images, 60 points, EScore 45, raim-2025 finals."""
    parts = pd.DataFrame(
        {
            "team": ["Ada", "Bea", "Cyd"],
            "s2": [90.0, 80.0, 70.0],
            "s3": [30.0, 20.0, 10.0],
            "escore": [5.0, 10.0, 30.0],
        }
    )
    ranked = rank_teams(parts, read_rule("raim-2025")).table.drop(columns="award")
    return ranked.assign(rank=ranked["rank"].astype(int)).assign(**changes)


def verdicts(scores: pd.DataFrame, **options) -> dict[str, str]:
    return {
        finding.check: finding.verdict
        for finding in audit_scores(scores, images=10, points=POINTS, **options)
    }


def test_a_right_table_passes():
    assert set(verdicts(table()).values()) == {"ok"}


@pytest.mark.parametrize(
    ("changes", "check"),
    [
        ({"s3": [31.0, 20.0, 10.0]}, "sum of s3"),
        ({"s3": [31.0, 30.0, -1.0]}, "range of s3"),
        ({"escore": [5.0, 10.0, 25.0]}, "sum of escore"),
        ({"escore": [6.0, 9.0, 30.0]}, "steps of escore"),
        ({"escore": [5.0, 5.0, 35.0]}, "range of escore"),
        ({"rank": [1, 3, 2]}, "ranks"),
        ({"rank": [1, 1, 3]}, "ranks"),
    ],
)
def test_one_thing_wrong_is_found(changes, check):
    assert verdicts(table(**changes))[check] == "wrong"


def test_a_final_that_does_not_follow_is_named():
    scores = table()
    scores.loc[1, "final"] += 1
    finding = next(finding for finding in audit_scores(scores, points=POINTS) if finding.check == "finals")
    assert finding.verdict == "wrong"
    assert finding.teams == (scores["team"][1],)


def test_finals_that_are_not_there_are_not_reproduced():
    scores = table()
    scores.loc[2, ["final", "escore"]] = np.nan
    found = {finding.check: finding for finding in audit_scores(scores.drop(columns="rank"), points=POINTS)}
    assert found["finals"].verdict == "ok"
    assert "reproduces 2 of 2 finals (no final for 1 of 3 teams)" in found["finals"].message
    assert found["sum of escore"].teams == (scores["team"][2],)
    assert found["sum of escore"].message.endswith(f"; missing for {scores['team'][2]}")


def test_a_final_that_is_missing_beside_all_its_parts_is_named():
    scores = table()
    scores.loc[2, "final"] = np.nan
    finding = next(finding for finding in audit_scores(scores, points=POINTS) if finding.check == "finals")
    assert (finding.verdict, finding.teams) == ("wrong", (scores["team"][2],))
    assert "reproduces 2 of 2 finals (no final for 1 of 3 teams)" in finding.message
    assert "printed nothing, rule" in finding.message


def test_a_table_whose_finals_are_all_empty_leaves_them_unchecked():
    assert verdicts(table(final=[np.nan] * 3, rank=[np.nan] * 3))["finals"] == "unchecked"


def test_the_sum_of_points_needs_the_number_of_images():
    findings = {finding.check: finding for finding in audit_scores(table(), points=POINTS)}
    assert findings["sum of s3"].verdict == "unchecked"


def test_finals_of_an_unknown_rule_prove_nothing():
    assert verdicts(table(final=[9.0, 8.0, 7.0]))["finals"] == "note"
    assert verdicts(table(final=[9.0, 8.0, 7.0]), rule=read_rule("raim-2025"))["finals"] == "wrong"


def test_equal_finals_in_print_may_have_ranks_either_way():
    scores = pd.DataFrame({"team": ["Ada", "Bea"], "final": ["50.1", "50.1"], "rank": ["1", "2"]})
    assert audit_scores(scores, points=POINTS)[0].verdict == "ok"


def test_a_table_without_anything_to_check_is_refused():
    with pytest.raises(AnalysisError, match="nothing to audit"):
        audit_scores(pd.DataFrame({"team": ["Ada"], "s2": [1.0]}), points=POINTS)


measure = st.lists(st.integers(0, 4), min_size=2, max_size=8)


@given(measure, st.data())
def test_scores_that_the_rule_gives_pass_ties_or_not(params, data):
    others = st.lists(st.integers(0, 4), min_size=len(params), max_size=len(params))
    scored = efficiency_scores(
        pd.DataFrame(
            {
                "team": [f"T{index}" for index in range(len(params))],
                "params_m": params,
                "flops_g": data.draw(others),
                "time_ms": data.draw(others),
            }
        ),
        read_rule("raim-escore"),
    )
    found = audit_scores(scored[["team", "escore"]], points=POINTS)
    assert all(finding.verdict != "wrong" for finding in found)


def test_the_tables_of_ntire_2026_follow_from_their_rules():
    scores = read_table(PUBLISHED / "ntire-2026-sr-x4.csv").rename(columns={"perceptual_score": "final"})
    found = {item.check: item for item in audit_scores(scores, points=POINTS)}
    assert found["finals"].verdict == "ok"
    assert "ntire-2026-sr-perceptual" in found["finals"].message
    assert "reproduces 31 of 31" in found["finals"].message


def test_a_table_of_efficiency_is_audited_by_its_rule_with_gates_and_the_lowest_best():
    scores = read_table(PUBLISHED / "ntire-2026-esr.csv")
    scores = scores.rename(columns={"model": "team", "score_2026": "final", "ave_ms": "time_ms"})
    scores["rank"] = [*range(1, 8), None, *range(8, 15), None]
    rule = read_rule("esr-2026").with_base("00_SPAN")
    found = {item.check: item for item in audit_scores(scores, points=POINTS, rule=rule)}
    assert {item.check for item in found.values() if item.verdict == "ok"} == {"finals", "ranks"}
    assert {item.verdict for item in found.values()} == {"ok", "note"}
    assert "is met only because of rounding" in found["gates"].message
    scores["rank"] = range(1, 17)
    (wrong,) = [item for item in audit_scores(scores, points=POINTS, rule=rule) if item.verdict == "wrong"]
    assert "009_RFDN_SPAN (printed 8, rule none)" in wrong.message


def test_a_rule_that_is_not_the_tables_is_told_which_fits_better():
    found = audit("raim-2024", rule=read_rule("0.5*s2 + 50*minmax(u)"))
    assert found["finals"].verdict == "wrong"
    assert "raim-2024: 0.4*s2 + 0.6*100*minmax(u) fits better" in found["another rule"].message


def sr_x4() -> pd.DataFrame:
    """The table of both tracks, in the report's order, which is the overall one."""
    scores = read_table(PUBLISHED / "ntire-2026-sr-x4.csv").rename(columns={"perceptual_score": "perceptual"})
    return scores.astype(object).assign(rank=[str(place + 1) for place in range(len(scores))])


def test_ranks_without_finals_are_audited_by_the_rule_as_far_as_the_printed_decimals_tell():
    rule = read_rule("ntire-2026-sr-overall")
    plain = rank_teams(sr_x4(), rule).table
    assert (plain["rank"] != plain["printed_rank"].astype(int)).any()  # two teams print the same PSNR
    found = {item.check: item.verdict for item in audit_scores(sr_x4(), points=POINTS, rule=rule)}
    assert found == {"ranks": "ok", "values of perceptual": "ok"}
    swapped = sr_x4()
    swapped.loc[[0, 4], "rank"] = ["5", "1"]
    (ranks, _) = audit_scores(swapped, points=POINTS, rule=rule)
    assert (ranks.verdict, len(ranks.teams)) == ("wrong", 2)


def test_a_printed_part_is_audited_by_its_own_formula():
    scores = sr_x4()
    scores.loc[3, "perceptual"] = "3.5600"
    rule = read_rule("ntire-2026-sr-overall")
    found = {item.check: item for item in audit_scores(scores, points=POINTS, rule=rule)}
    assert found["values of perceptual"].verdict == "wrong"
    assert found["values of perceptual"].teams == (scores["team"][3],)


def test_a_rule_that_lacks_a_column_is_unchecked_and_the_one_that_fits_is_named():
    found = audit("raim-2024", rule=read_rule("raim-2025"))
    assert found["finals"].message == "raim-2025 needs escore, which the table lacks"
    assert found["another rule"].message.endswith("reproduces 8 of 8 finals")


ESR = ["--column", "team=model", "--column", "final=score_2026", "--column", "time_ms=ave_ms"]


@pytest.mark.parametrize(
    ("table", "options", "status", "told"),
    [
        (
            "ntire-2026-esr",
            [*ESR, "--rule", "esr-2026", "--base", "00_SPAN"],
            0,
            "reproduces 16 of 16 finals",
        ),
        (
            "ntire-2026-esr",
            [*ESR, "--rule", "esr-2025", "--base", "00_SPAN"],
            1,
            "fits better: it reproduces 16 of 16",
        ),
        ("ntire-2026-sr-x4", ["--column", "final=perceptual_score"], 0, "reproduces 31 of 31 finals"),
        ("ntire-2026-sr-x4", [], 2, "--column final=score"),
        ("ntire-2026-esr", ["--column", "team=moel"], 2, "did you mean 'model'?"),
        ("ntire-2026-esr", ["--column", "team"], 2, "give NAME=PRINTED"),
        (
            "raim-2024",
            ["--rule", "0.4*s2 + 60*minmax(v2)"],
            2,
            "    0.4*s2 + 60*minmax(v2)\n" + " " * 23 + "^",
        ),
    ],
)
def test_printed_tables_on_the_command_line(table, options, status, told):
    done = CliRunner().invoke(main, ["audit", str(PUBLISHED / f"{table}.csv"), *options])
    assert (done.exit_code, told in done.output) == (status, True), done.output
