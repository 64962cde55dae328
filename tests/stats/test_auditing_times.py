"""Times of each image, and costs of a table: what they cannot be, and whose rank hangs on them."""

import contextlib
import io
import json
import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from click.testing import CliRunner

from analysis.audit.costs import audit_costs, plain_bound
from analysis.audit.efficiency import audit_efficiency, audit_measures
from analysis.audit.findings import Finding
from analysis.audit.timings import drifts
from analysis.cli import main
from analysis.efficiency.measures import read_measures
from analysis.efficiency.times import Times, read_times
from analysis.errors import AnalysisError
from analysis.report import efficiency_part
from analysis.rule import read_rule
from tests.test_damaged_json import changed

PUBLISHED = Path(__file__).parent / "published"
IMAGES = 40
# What each image takes by itself, the same for every model.
TAKES = 1 + 0.5 * np.random.default_rng(3).random(IMAGES)
# (valid, test), parameters and FLOPs as the NTIRE 2026 ESR table prints them for 00, 01, 21 and 22.
PRINTED = {
    "00_SPAN": (7.74, 0.150688, 9.833808),
    "01_PDS": (6.70, 0.141748, 9.253683),
    "21_SAFMN": (129.70, 0.149248, 9.620355),
    "22_SPANV2_ESR_C2": (5.24, 0.139104, 1.591738),
}


def noisy(ms: float, seed: int) -> np.ndarray:
    return ms * TAKES * np.exp(0.005 * np.random.default_rng(seed).normal(size=IMAGES))


def entry(model: str, seed: int, **changed) -> dict:
    ms, params, flops = PRINTED[model]
    sets = {"valid": noisy(ms * 1.1, seed), "test": noisy(ms * 0.9, seed + 100)} | changed
    times = {f"{name}_runtime": list(values) for name, values in sets.items()}
    averages = {f"{name}_ave_runtime": float(np.mean(values)) for name, values in sets.items()}
    gates = {"valid_ave_psnr": 26.94, "test_ave_psnr": 27.01}
    return {**times, **averages, **gates, "num_parameters": params, "flops": flops, "num_conv": 22}


def results(**changed: dict) -> dict:
    return {
        f" {model}": entry(model, seed) | changed.get(model[3:], {}) for seed, model in enumerate(PRINTED)
    }


def opened(data: object) -> Times:
    return read_times(io.BytesIO(json.dumps(data).encode()))


def by_check(found: list[Finding]) -> dict[str, list[tuple[str, str]]]:
    told: dict[str, list[tuple[str, str]]] = {}
    for one in found:
        told.setdefault(one.check, []).append((one.verdict, one.message))
    return told


def test_results_of_ntire_are_read_as_their_script_writes_them():
    times = opened(results())
    assert [one.model for one in times.models] == list(PRINTED)  # names are padded there
    first = times.models[0]
    assert [one.name for one in first.series] == ["valid", "test"]
    assert first.mean == pytest.approx((first.series[0].ms.mean() + first.series[1].ms.mean()) / 2)
    assert times.costs.iloc[0][["params_m", "flops_g", "val_psnr"]].tolist() == [0.150688, 9.833808, 26.94]


@pytest.mark.parametrize(
    ("text", "models"),
    [
        ("model,image,time_ms\nAda,1,5\nAda,2,6\nBea,1,7\nBea,2,9\n", [("Ada", 5.5), ("Bea", 8)]),
        ("model,image,set,time_ms\nAda,1,valid,5\nAda,2,valid,7\nAda,1,test,8\n", [("Ada", 7)]),
        ('{"Ada": [5, 6], "Bea": {"001": 7, "002": 9}}', [("Ada", 5.5), ("Bea", 8)]),
    ],
)
def test_plainer_forms_are_read_too(text, models):
    assert [(one.model, one.mean) for one in read_times(io.BytesIO(text.encode())).models] == models


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("{", "is not valid JSON"),
        ("[3]", "contains no model"),
        ('{"Ada": {"flops": 3, "valid_runtime": "none"}}', "model 'Ada': there are no times; give"),
        ('{"Ada": [1, 0]}', "times of Ada, image 2: '0' is not a time; give milliseconds above 0"),
        ('{"Ada": [1, "x"]}', "times of Ada"),
        ('{"Ada": [1], " Ada": [2]}', "model 'Ada' appears twice"),
        ('{"models": [{"team": "Ada"}]}', "is not what `studyapp measure` writes"),
        ("model,time_ms\nAda,3\n", "image"),
    ],
)
def test_what_is_no_file_of_times_is_refused(text, said):
    with pytest.raises(AnalysisError, match=re.escape(said)):
        read_times(io.BytesIO(text.encode()))


MEASURED = {
    "models": [
        {
            "team": "Ada",
            "problem": "",
            "runs": [
                {
                    "times": [[1.0, 2.0], [1.5, 2.5]],
                    "counts": {
                        "params": 900,
                        "macs": 1e9,
                        "flops": 2e9,
                        "complete": False,
                        "uncounted": [
                            {
                                "name": "x::scan",
                                "kind": "unknown",
                                "share": 0.1,
                                "elements": 9,
                                "possible": 3e8,
                            }
                        ],
                        "weights": {"full": 600, "fewer": 100, "hidden": 100, "added": 50, "unused": 50},
                        "fvcore": {
                            "macs": 1e7,
                            "ours": 6e7,
                            "shape": [1, 3, 256, 256],
                            "unsupported": [["aten::x", 2]],
                        },
                    },
                    "why_no_counts": "",
                    "probes": {
                        "weights": [{"kind": "parameter", "dtype": "int8", "bits": 8, "elements": 900}],
                        "inputs": {
                            "seen_ms": [1.0],
                            "moved_ms": [2.0],
                            "cropped_ms": [4.0],
                            "cropped_problem": "",
                            "differs": True,
                            "repeats": 0.0,
                            "cropped_psnr": 20.0,
                        },
                        "deployed": {
                            "method": "repa",
                            "difference": 0.5,
                            "params_before": 900,
                            "params_after": 600,
                            "macs_before": 9,
                            "macs_after": 6,
                        },
                    },
                }
            ],
        }
    ]
}


@pytest.mark.parametrize("whole", [MEASURED, {"Ada": entry("00_SPAN", 0), "Bea": [1.0, 2.0]}])
def test_a_file_changed_by_hand_is_read_or_refused_in_words(whole):
    assert audit_efficiency(opened(whole))
    for value in changed(whole):
        with contextlib.suppress(AnalysisError):
            audit_efficiency(opened(value))


def test_quiet_times_have_nothing_wrong():
    told = by_check(audit_efficiency(opened(results())))
    for check in ("averages", "cold start", "drift", "ranks of time by medians"):
        assert [verdict for verdict, _ in told[check]] == ["ok"], told[check]


def test_a_cold_start_is_told_with_the_ranks_that_hang_on_it():
    valid = noisy(5.24 * 1.1, 3)
    valid[0] = 200.0
    times = opened(results(SPANV2_ESR_C2=entry("22_SPANV2_ESR_C2", 3, valid=valid)))
    told = by_check(audit_efficiency(times, read_rule("esr-2026")))
    ((verdict, message),) = told["cold start"]
    assert (verdict, message.split(": ")[1].split(" ms")[0]) == ("note", "22_SPANV2_ESR_C2 (valid) 200")
    ((verdict, message),) = told["ranks of time without the first image of each run"]
    assert (verdict, set(message.split(": ")[1].split(", "))) == (
        "note",
        {"22_SPANV2_ESR_C2 2 -> 1", "01_PDS 1 -> 2"},
    )
    ((verdict, message),) = told["ranks of esr-2026 without the first image of each run"]
    assert (verdict, "22_SPANV2_ESR_C2 2 -> 1" in message) == ("note", True)
    assert "no rank for 21_SAFMN" not in str(told)  # its PSNR is that of the others here


def test_a_drift_has_a_size_and_an_interval_that_holds_it():
    test = noisy(6.7, 7) * np.linspace(1, 1.1, IMAGES)
    times = opened(results(PDS=entry("01_PDS", 1, test=test)))
    ((verdict, message),) = by_check(audit_efficiency(times))["drift"]
    assert message.startswith("the time drifts over a run: 01_PDS (test) +"), message
    assert verdict == "note"
    (found,) = [one for one in drifts(times.models) if (one.model, one.series) == ("01_PDS", "test")]
    assert found.by_image
    assert found.low < 0.1 * (1 - 3 / IMAGES) < found.high
    assert found.low > 0.05


def test_the_order_of_images_alone_is_no_drift_where_other_models_show_it():
    slower = np.linspace(1, 2, IMAGES)
    many = {name: list(noisy(5, seed) * slower) for seed, name in enumerate("abcd")}
    assert by_check(audit_efficiency(opened(many)))["drift"][0][0] == "ok"
    ((verdict, message),) = by_check(audit_efficiency(opened({"a": many["a"]})))["drift"]
    assert (verdict, "it may be due to the order of the images" in message) == ("note", True)


def test_averages_that_are_not_those_of_the_times_are_wrong():
    found = results(PDS={"valid_ave_runtime": 5.0})
    ((verdict, message),) = by_check(audit_efficiency(opened(found)))["averages"]
    assert (verdict, "01_PDS, valid: 5.0000 (its times: " in message) == ("wrong", True)


def test_the_bound_of_a_plain_network():
    bound = plain_bound(0.14, 1.6, 256 * 256)
    assert (round(bound.least_g, 2), round(bound.factor, 1)) == (9.18, 5.7)


def test_a_table_of_ntire_counts_multiply_adds_and_one_row_too_few_of_them():
    told = by_check(audit_efficiency(opened(results())))
    ((verdict, message),) = told["MACs or FLOPs"]
    assert verdict == "note"
    assert message.startswith("the column FLOPs counts multiply-adds (MACs), as fvcore does: ")
    assert "4 of 4 rows are below" in message
    low, fine = told["FLOPs by parameters"]
    assert low[0] == "note"
    assert low[1].startswith(
        "22_SPANV2_ESR_C2: 1.59 G multiply-adds, printed as FLOPs, with 0.139 M parameters at 256x256 is 5.7 "
        "times too low for a plain full-resolution network: each weight works at every pixel, which takes "
        "9.12 G"
    )
    assert "It may be right where weights work at fewer positions" in low[1]
    assert fine[0] == "ok"


def test_the_printed_table_of_2026_counts_multiply_adds_and_three_rows_too_few():
    table = pd.read_csv(PUBLISHED / "ntire-2026-esr.csv").rename(columns={"model": "team"})
    unit, *low, fine = audit_costs(table, side=256)
    assert "16 of 16 rows are below" in unit.message
    assert unit.message.endswith("read as multiply-adds, 3")
    assert [one.teams[0] for one in low] == [
        "22_SPANV2_ESR_C2",
        "05_SPANMamba_single_1_4T05",
        "12_DWMamba",
    ]
    assert fine.message.startswith("13 of 16 models")


@pytest.mark.parametrize(
    ("flops", "macs", "verdict", "said"),
    [
        ([19.8, 39.6], None, "note", "fits FLOPs, two for each multiply-add"),
        ([90.0, 50.0], None, "note", "can be either of the two; a table has to say which"),
        ([20.0, 40.0], [10.0, 20.0], "ok", "two for each multiply-add"),
        ([20.0, 20.0], [10.0, 20.0], "wrong", "fewer than two for each multiply-add: b"),
    ],
)
def test_which_of_flops_and_multiply_adds_a_table_prints(flops, macs, verdict, said):
    table = pd.DataFrame({"team": ["a", "b"], "params_m": [0.15, 0.3], "flops_g": flops})
    if macs:
        table["macs_g"] = macs
    first = audit_costs(table, side=256)[0]
    assert (first.verdict, said in first.message) == (verdict, True), first


def test_a_table_of_measures_is_audited_too():
    csv = (
        "team,params_m,flops_g,macs_g,time_ms,time_median_ms,uncounted\n"
        "Ada,1,2100,1050,5,5,\nBea,1,300,150,6,4,INCOMPLETE: x::scan 3.0%\n"
    )
    told = by_check(audit_measures(read_measures(io.BytesIO(csv.encode()))))
    assert told["MACs or FLOPs"][0][0] == "ok"
    low = told["FLOPs by parameters"][0][1]
    assert low.startswith("Bea: 300 G FLOPs with 1 M parameters at 1024x1024 is 7.0 times too low")
    assert told["operators not counted"] == [("wrong", "Bea: INCOMPLETE: x::scan 3.0%")]
    assert "Ada 1 -> 2" in told["mean and median"][0][1]


def test_a_report_shows_what_is_odd_about_its_measures_and_nothing_else():
    csv = "team,params_m,flops_g,macs_g,time_ms\nAda,1,2100,1050,5\n{}"
    fine, odd = (read_measures(io.BytesIO(csv.format(more).encode())) for more in ("", "Bea,1,300,150,6\n"))
    assert efficiency_part.audit_tables(fine) == []
    (table,) = efficiency_part.audit_tables(odd)
    assert table.frame["Check"].tolist() == ["FLOPs by parameters"]
    assert table.frame["What was found"][0].startswith("Bea: 300 G FLOPs")


def invoked(tmp_path, *arguments: str, **changed):
    (tmp_path / "results.json").write_text(json.dumps(results(**changed)))
    return CliRunner().invoke(main, ["efficiency", "--times", str(tmp_path / "results.json"), *arguments])


@pytest.mark.parametrize("form", [None, "json", "csv", "markdown", "latex"])
def test_the_command_writes_findings_in_every_form(tmp_path, form):
    done = invoked(tmp_path, *(["--format", form] if form else []))
    assert done.exit_code == 0, done.stderr
    assert "5.7" in done.stdout
    if form == "json":
        found = json.loads(done.stdout)
        assert {one["verdict"] for one in found["findings"]} == {"ok", "note"}
        assert found["models"][0]["model"] == "22_SPANV2_ESR_C2"


def test_the_command_scores_an_edition_and_exits_with_1_where_something_is_wrong(tmp_path):
    done = invoked(tmp_path, "--rule", "esr-2026", "--table", "scores", "--format", "csv")
    table = pd.read_csv(io.StringIO(done.stdout))
    assert table["model"].tolist()[:2] == ["22_SPANV2_ESR_C2", "01_PDS"]
    wrong = invoked(tmp_path, PDS={"valid_ave_runtime": 5.0})
    assert wrong.exit_code == 1
    assert "1 of " in wrong.stderr


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ([], "give MEASURES.csv, or --times FILE"),
        (["--table", "scores"], "give the rule for the scores with --rule, such as esr-2026"),
    ],
)
def test_the_command_says_what_it_lacks(tmp_path, arguments, said):
    done = invoked(tmp_path, *arguments) if arguments else CliRunner().invoke(main, ["efficiency"])
    assert (done.exit_code, said in done.stderr) == (2, True), done.stderr
