"""The command line: one verb each. Results go to stdout, chatter and progress to stderr.

A verb is a click command in one of this package's modules and is imported when it is called, so that help is
quick. A new verb is one more line of `VERBS` and one function.
"""

import importlib
import keyword
import os
from collections.abc import Iterator
from contextlib import contextmanager

import click

from analysis.frame import Framed

# Verb: the module it lives in, and its line in the help. The function has the verb's name
# (- becomes _, and a word of Python gets one behind).
VERBS = {
    "init": ("folder", "Make a study folder to fill in."),
    "check": ("folder", "Name everything that is wrong with a study folder."),
    "import": ("folder", "Take in what teams handed in: folders and zips."),
    "tile": ("folder", "Check, make the tile packs, enter the study in its database."),
    "score": ("scoring", "Metrics and SCORE of the images with ground truth."),
    "weights": ("scoring", "Fetch or check the weights that LPIPS and DISTS need."),
    "schema": ("folder", "Print the JSON schema of study.yaml."),
    "invite": ("judges", "Invite judges; print their links."),
    "serve": ("running", "Open the study and serve it."),
    "status": ("running", "How far the judges are."),
    "start-over": ("lifecycle", "Clear rehearsals before the first real invitation."),
    "open": ("lifecycle", "Let ballots in, without serving."),
    "pause": ("lifecycle", "Stop taking ballots for a while."),
    "resume": ("lifecycle", "Take ballots again."),
    "amend": ("lifecycle", "Enter a change of study.yaml, with its reason."),
    "withdraw-judge": ("lifecycle", "Leave a judge's ballots out of the results."),
    "disqualify-team": ("lifecycle", "Take a team out of the results."),
    "unseal": ("lifecycle", "See before closing who made what."),
    "close": ("lifecycle", "End the voting for good; print the study digest."),
    "measure": ("measuring", "What the teams' models cost: parameters, FLOPs, time."),
    "rank": ("results", "Print the final ranking of a closed study."),
    "export": ("results", "Write the tables and the report of a closed study."),
    "organiser": ("security", "Let organisers sign in by password and code."),
    "blind-audit": ("security", "Try every way by which a judge could tell teams apart."),
    "verify": ("proof", "Check the ledger and everything that rests on it."),
    "doctor": ("proof", "Complete the second record of ballots."),
    "backup": ("moving", "Write a backup while judges vote."),
    "restore": ("moving", "Put a backup into a folder."),
    "migrate": ("moving", "Move from SQLite to PostgreSQL."),
    "demo": ("demo", "A sample study, from photographs to the final ranking."),
}


class LazyVerbs(Framed, click.Group):
    """Import a verb when it is called; turn errors that the user can put right into one message."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(VERBS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in VERBS:
            return None
        module = importlib.import_module(f"studyapp.cli.{VERBS[cmd_name][0]}")
        return getattr(module, f"{cmd_name}_" if keyword.iskeyword(cmd_name) else cmd_name.replace("-", "_"))

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(verb, text) for verb, (_, text) in VERBS.items()])

    @contextmanager
    def frame(self) -> Iterator[None]:
        from studyapp.cli.faults import in_words

        with in_words():
            yield


@click.group(cls=LazyVerbs)
@click.version_option(package_name="studyapp")
def main() -> None:
    """Blind user studies and final rankings for image-restoration challenges."""
    # What a study's files say about teams and judges is for whoever runs the command.
    os.umask(0o077)
