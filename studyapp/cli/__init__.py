"""The command line: one verb each. Results go to stdout, progress and notes to stderr.

A verb is a click command in one of this package's modules and is imported when it is called, so that help is
quick. A new verb is one more line of `SECTIONS` and one function.
"""

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import ClassVar

import click

from analysis.errors import AnalysisError
from analysis.frame import Refusal, in_words
from analysis.lazy_group import Entry, LazyGroup

SECTIONS = {
    "Prepare a study": {
        "init": Entry("folder:init", "Create a study folder to fill in."),
        "import": Entry("folder:import_", "Copy in what teams submitted: folders and zips."),
        "check": Entry("folder:check", "List everything that is wrong with a study folder."),
        "tile": Entry("folder:tile", "Check the folder, build the image tiles, set up the database."),
        "invite": Entry("judges:invite", "Invite judges and print their links."),
        "start-over": Entry("lifecycle:start_over", "Clear test runs before the first real invitation."),
        "schema": Entry("folder:schema", "Print the JSON schema of study.yaml."),
    },
    "Run it": {
        "serve": Entry("running:serve", "Open the study and serve it to judges."),
        "worker": Entry("jobs:worker", "Work on jobs, besides the worker that `serve` starts."),
        "jobs": Entry("jobs:jobs", "List the jobs of the site; cancel or repeat one."),
        "status": Entry("running:status", "Judges' progress."),
        "open": Entry("lifecycle:open", "Accept ballots, without starting the server."),
        "pause": Entry("lifecycle:pause", "Stop accepting ballots for a while."),
        "resume": Entry("lifecycle:resume", "Accept ballots again."),
        "amend": Entry("lifecycle:amend", "Record a change to study.yaml, with its reason."),
        "withdraw-judge": Entry("lifecycle:withdraw_judge", "Exclude a judge's ballots from the results."),
        "disqualify-team": Entry("lifecycle:disqualify_team", "Exclude a team from the results."),
        "unseal": Entry("lifecycle:unseal", "Reveal team identities before closing."),
        "close": Entry("lifecycle:close", "End voting for good and print the study digest."),
    },
    "Get the results": {
        "score": Entry("scoring:score", "Compute metrics and SCORE of images with ground truth."),
        "measure": Entry("measuring:measure", "Measure what models cost: parameters, FLOPs, time."),
        "rank": Entry("results:rank", "Print the final ranking of a closed study."),
        "export": Entry("results:export", "Write the tables and the report of a closed study."),
        "team-sheets": Entry("results:team_sheets", "Write each team's own results, for mailing."),
        "publish": Entry("publishing:publish", "Write a closed study as a web site of plain files."),
        "analyse": Entry("analysis.cli:main", "Scores, rankings and statistics from CSV files alone."),
    },
    "Take part in a challenge": {
        "submit": Entry("submitting:submit", "Hand in for a challenge, and wait for the score."),
    },
    "Keep it safe": {
        "account": Entry("security:account", "Set up accounts: passwords, codes, roles; the security log."),
        "blind-audit": Entry("security:blind_audit", "Try every way a judge could tell teams apart."),
        "verify": Entry("proof:verify", "Check the ledger and everything that depends on it."),
        "doctor": Entry("proof:doctor", "Complete the second record of ballots."),
        "backup": Entry("moving:backup", "Write a backup, even while judges vote."),
        "restore": Entry("moving:restore", "Restore a backup into a folder."),
        "migrate": Entry("moving:migrate", "Move a study from SQLite to PostgreSQL."),
    },
    "Try it out": {
        "demo": Entry("demo:demo", "Run a sample study, from photographs to the final ranking."),
        "completion": Entry(
            "completion:completion", "Print the script that completes commands in your shell."
        ),
    },
}


class Verbs(LazyGroup):
    """Import a verb when it is called; turn errors that the user can fix into one message."""

    sections: ClassVar[Mapping[str, Mapping[str, Entry]]] = {
        title: {
            name: entry if "." in entry.place else Entry(f"studyapp.cli.{entry.place}", entry.line)
            for name, entry in section.items()
        }
        for title, section in SECTIONS.items()
    }

    @contextmanager
    def frame(self) -> Iterator[None]:
        with in_words(Refusal):
            try:
                yield
            except (click.ClickException, click.exceptions.Exit, click.Abort, AnalysisError, OSError):
                raise
            except Exception as error:
                from studyapp.cli.faults import words_of  # not before: it brings SQLAlchemy

                said = words_of(error)
                if said is None:
                    raise
                raise Refusal(said) from error


@click.group("studyapp", cls=Verbs)
@click.version_option(package_name="studyapp")
def main() -> None:
    """Blind user studies and final rankings for image-restoration challenges.

    `studyapp COMMAND --help` explains a command. docs/commands.md has all of them, and the exit statuses.
    """
    # What a study's files say about teams and judges is for whoever runs the command.
    os.umask(0o077)
