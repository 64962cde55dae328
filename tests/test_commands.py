"""The command line as a whole: help, formats, tables, completion, progress, and the page of commands."""

import importlib
import io
import json
import queue
import re
import subprocess
import sys
import tomllib
import warnings
from pathlib import Path

import click
import pytest
from click.shell_completion import ShellComplete
from click.testing import CliRunner

from analysis.efficiency.measures import read_measures
from analysis.efficiency.times import read_times
from analysis.errors import InputWarning
from analysis.formats import FORMATS, table_form
from analysis.metrics_against_judges.table import read_metrics
from analysis.output import Output, render
from analysis.paired.table import read_paired
from analysis.pairs import read_pairs
from analysis.progress import Lines, shown_progress, working
from analysis.ranking import read_scores
from analysis.ratings import read_ratings
from analysis.reasons.reading import read_reasons
from analysis.table_help import TABLES, TableArgument, TableOption, table_help
from analysis.viewing.reading import read_conditions
from analysis.votes import read_votes
from studyapp.cli import main
from studyapp.cli.judges import JUDGES
from studyapp.core.judges_file import read_judges

ROOT = Path(__file__).parents[1]
READERS = {
    "votes": read_votes,
    "pairs": read_pairs,
    "ratings": read_ratings,
    "scores": read_scores,
    "reasons": read_reasons,
    "conditions": read_conditions,
    "paired": read_paired,
    "candidates": read_metrics,
    "measures": read_measures,
    "times": read_times,
}
NO_TABLES = {"definitions", "notes_file", "candidate_definitions"}  # JSON


def every_command(group: click.Group = main, path: str = "studyapp"):
    context = click.Context(group)
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        if isinstance(command, click.Group):
            yield from every_command(command, f"{path} {name}")
        else:
            yield f"{path} {name}", command


COMMANDS = dict(every_command())


def help_of(path: str) -> str:
    told = CliRunner().invoke(main, [*path.split()[1:], "--help"])
    assert told.exit_code == 0
    return told.stdout


def test_help_imports_nothing_slow():
    slow = "{'numpy', 'pandas', 'sqlalchemy', 'flask', 'pydantic', 'tqdm'}"
    code = "import sys; from studyapp.cli import main; main(sys.argv[1:], standalone_mode=False); "
    for words in (["--help"], ["analyse", "--help"]):
        done = subprocess.run(
            [sys.executable, "-c", f"{code} print({slow} & set(sys.modules))", *words],
            capture_output=True,
            text=True,
            check=True,
        )
        assert done.stdout.endswith("\nset()\n"), done.stdout


@pytest.mark.parametrize("path", COMMANDS)
def test_every_option_and_command_says_what_it_does(path):
    command = COMMANDS[path]
    assert command.help
    assert [
        parameter.name
        for parameter in command.params
        if isinstance(parameter, click.Option) and not parameter.help and not parameter.hidden
    ] == []


def test_whatever_has_a_format_has_all_of_them_and_the_short_form():
    found = 0
    for path, command in COMMANDS.items():
        options = {parameter.name: parameter for parameter in command.params}
        if "form" in options:
            found += 1
            assert tuple(options["form"].type.choices) == FORMATS, path
            assert options["short"].opts == ["--json"], path
    assert found > 30


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        (["chekc"], "there is no command 'chekc'; did you mean 'check'?"),
        (["analyse", "rnk"], "there is no command 'rnk'; did you mean 'rank'?"),
        (["analyse", "xyzzy"], "there is no command 'xyzzy'; choose from points, rank, "),
    ],
)
def test_a_misspelt_command_is_told_with_the_right_one(typed, said):
    done = CliRunner().invoke(main, typed)
    assert done.exit_code == 2
    assert said in done.stderr


def test_json_beside_another_format_is_refused(tmp_path):
    done = CliRunner().invoke(main, ["check", str(tmp_path), "--json", "--format", "csv"])
    assert done.exit_code == 2
    assert "--json means --format json, but you gave --format csv; drop one" in done.stderr


def test_a_table_is_text_for_people_and_csv_for_files(monkeypatch):
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True, raising=False)
    assert (table_form(None), table_form("latex"), table_form(None, to_file=True)) == ("text", "latex", "csv")
    monkeypatch.setattr(sys.stdout, "isatty", lambda: False, raising=False)
    assert table_form(None) == "csv"


def test_text_is_aligned_whatever_the_script():
    import pandas as pd

    table = pd.DataFrame({"team": ["Ada", "李明"], "final": [100.0, 7.25]})
    assert render(Output(table), "text") == "team   final\nAda   100.00\n李明    7.25\n"


@pytest.mark.parametrize("path", COMMANDS)
def test_a_command_that_reads_a_table_lists_its_columns(path):
    files = [
        parameter
        for parameter in COMMANDS[path].params
        if isinstance(parameter.type, click.File) or "csv" in (parameter.metavar or "").lower()
    ]
    told = help_of(path) if files else ""
    words = set(re.findall(r"[\w-]+", told))
    for parameter in files:
        if parameter.name in NO_TABLES:
            continue
        assert isinstance(parameter, TableArgument | TableOption), f"{path}: {parameter.name} has no tables"
        for table in parameter.tables:
            given = table_help(table) if isinstance(table, str) else table
            assert f"Columns of {given.name.upper()}.csv:" in told
            assert {*given.required, *given.optional} <= words
            assert all(f"    {line}\n" in told for line in given.example.splitlines())


@pytest.mark.parametrize("name", TABLES)
def test_the_example_of_a_table_can_be_read(name):
    example = table_help(name).example
    assert len(example.splitlines()) == 2
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", InputWarning)  # one row of votes is picks alone
        READERS[name](io.BytesIO(example.encode()))


def test_the_example_of_judges_can_be_read(tmp_path):
    file = tmp_path / "judges.csv"
    file.write_text(JUDGES.example, encoding="utf-8")
    judges, problems = read_judges(file, ["team01", "team03", "team05", "team07"], 2)
    assert (judges[0].conflicts, problems) == (("team03", "team07"), [])


@pytest.mark.parametrize(
    ("typed", "incomplete", "offered"),
    [
        ([], "disq", {"disqualify-team"}),
        (["analyse"], "ra", {"rank", "ratings"}),
        (["analyse", "rank"], "--form", {"--format"}),
        (["analyse", "rank", "--rule"], "raim-2025", {"raim-2025", "raim-2025-as-written"}),
        (["analyse", "efficiency", "--rule"], "esr-2", {"esr-2025", "esr-2026"}),
        (["analyse", "bootstrap", "--table"], "", {"teams", "pairs", "head-to-head"}),
        (["analyse", "convert", "--to"], "su", {"subjectify", "sureal"}),
        (["rank", "study", "--format"], "l", {"latex"}),
        (["init", "study", "--protocol"], "acr", {"acr", "acr_hr"}),
        (["export", "study", "--as"], "pw", {"pwcmp"}),
    ],
)
def test_the_shell_completes(typed, incomplete, offered):
    completer = ShellComplete(main, {}, "studyapp", "_STUDYAPP_COMPLETE")
    assert {item.value for item in completer.get_completions(typed, incomplete)} == offered


@pytest.mark.parametrize("shell", ["zsh", "fish"])
def test_a_script_for_each_shell(shell):
    told = CliRunner().invoke(main, ["completion", shell])
    assert f"_STUDYAPP_COMPLETE={shell}_complete" in told.stdout


def test_the_aliases_are_the_same_commands(monkeypatch, capsys):
    scripts = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["scripts"]
    called = {}
    for name, place in scripts.items():
        module, _, function = place.partition(":")
        called[name] = getattr(importlib.import_module(module), function)
    assert called["studyapp"] is main
    assert called["study-analysis"] is main.get_command(click.Context(main), "analyse")
    monkeypatch.setattr(sys, "argv", ["study-measure", "--help"])
    with pytest.raises(SystemExit) as ended:
        called["study-measure"]()
    assert ended.value.code == 0
    assert capsys.readouterr().out.startswith("Usage: studyapp measure ")


class Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def test_progress_without_a_terminal_is_a_line_every_half_minute():
    clock, said = Clock(), []
    lines = Lines(said.append, clock)
    for second in range(0, 75, 5):
        clock.now = second
        lines.update("tiling", second, 100)
    clock.now = 80
    lines.update("checking", 0, 3)
    clock.now = 91
    lines.tick()
    assert said == [
        "tiling: 30 of 100 done, 30 s so far",
        "tiling: 60 of 100 done, 1 min 0 s so far",
        "checking: 0 of 3 done, 11 s so far",
    ]


@pytest.fixture
def told(monkeypatch):
    """What is told, by whichever thread, and a way to wait for it."""
    lines: queue.Queue[str] = queue.Queue()
    monkeypatch.setattr("analysis.progress.note", lines.put)
    return lines


def test_work_that_reports_nothing_for_long_is_still_told_of(told):
    clock = Clock()
    with shown_progress(clock=clock, poll_s=0.01) as progress:
        progress("measuring team01", 0, 2)
        clock.now = 40
        assert told.get(timeout=60) == "measuring team01: 0 of 2 done, 40 s so far"


def test_a_command_that_cannot_say_how_far_it_is_says_that_it_works(told):
    clock = Clock()
    with working("bootstrap", clock=clock, poll_s=0.01):
        clock.now = 95
        assert told.get(timeout=60) == "bootstrap: 1 min 35 s so far"
    assert told.empty()


def test_ctrl_c_has_a_status_of_its_own(monkeypatch, tmp_path):
    def interrupted(*_arguments, **_options):
        raise KeyboardInterrupt

    monkeypatch.setattr("studyapp.services.folder.checking.check_study", interrupted)
    done = CliRunner().invoke(main, ["check", str(tmp_path)])
    assert (done.exit_code, done.stderr) == (130, "stopped\n")


def test_measure_asks_for_what_only_a_study_says_itself(tmp_path):
    done = CliRunner().invoke(main, ["measure", str(tmp_path)])
    assert done.exit_code == 2
    assert "is not a study (it has no study.yaml); give --inputs and --output" in done.stderr
    (tmp_path / "study.yaml").write_text("title: T\n", encoding="utf-8")
    done = CliRunner().invoke(main, ["measure", str(tmp_path), "--output", str(tmp_path / "out.csv")])
    assert done.exit_code == 2
    assert "--output: " in done.stderr
    assert "is a study" in done.stderr


def test_facts_come_in_every_format(tiled_folder):
    told = {
        form: CliRunner().invoke(main, ["status", str(tiled_folder), "--format", form]).stdout
        for form in FORMATS
    }
    assert json.loads(told["json"])["state"] == "draft"
    assert CliRunner().invoke(main, ["status", str(tiled_folder), "--json"]).stdout == told["json"]
