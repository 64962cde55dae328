"""`studyapp analyse compliance`: what to report about a test, and which Recommendations it meets in what."""

from pathlib import Path

import click

from analysis.cli import result_command
from analysis.compliance.facts import read_facts
from analysis.compliance.written import compliance
from analysis.output import Output


@result_command("compliance")
@click.argument("folder", metavar="DIR", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option(
    "--stated",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    metavar="FILE",
    help="A study.yaml, or any YAML file, whose key `stated` overrides the export's.",
)
def command(folder: Path, stated: Path | None) -> Output:
    """List what ITU-T P.910 requires to be reported about a subjective test, and which points are met.

    DIR is an export, or a study folder that has been exported. Each point of P.910, P.913, BT.500, BT.2095
    and JPEG AIC-3 is met, deviates (and how) or is unknown (and what the organisers would have to state).
    """
    return compliance(read_facts(folder, stated=stated))
