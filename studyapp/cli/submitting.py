"""The verb for teams of a challenge: handing in from a shell."""

from pathlib import Path
from typing import Any

import click

from analysis.formats import format_options, print_report
from analysis.frame import note
from analysis.printable import printable
from analysis.progress import shown_progress

TOKEN = "STUDYAPP_TOKEN"  # noqa: S105 (the name of a variable)


@click.command()
@click.argument("url")
@click.argument("source", metavar="FOLDER_OR_ZIP", type=click.Path(exists=True, path_type=Path))
@click.option(
    "--token",
    envvar=TOKEN,
    help=f"From the page Access of your account. Better in the environment, as {TOKEN}: options can be seen.",
)
@click.option("--track", help="By default that of URL, or the only one in which you are in a team.")
@click.option("--phase", help="By default that of URL, or the only one that is open.")
@click.option(
    "--code",
    is_flag=True,
    help="The team's code, not images: a repository with models/.",
)
@click.option("--no-check", is_flag=True, help="Do not look at the files before they are sent.")
@click.option("--no-wait", is_flag=True, help="Do not wait for the score.")
@format_options
def submit(
    url: str,
    source: Path,
    *,
    token: str | None,
    track: str | None,
    phase: str | None,
    code: bool,
    no_check: bool,
    no_wait: bool,
    form: str | None,
) -> None:
    """Hand in for a challenge, and wait for the score.

    URL is the site's address, or that of the page where you would hand in. A folder becomes a zip. It is
    checked here first as the server checks it. When the line is cut it goes on by itself; after this command
    was stopped or killed, start it again with the same files.

    Exit status 1 if the files are not as they must be, or got no score; 2 if the server refuses them.
    """
    from studyapp.client.server import Server, place_of
    from studyapp.client.submitting import Submit
    from studyapp.client.submitting import submit as hand_in
    from studyapp.errors import ProblemsFoundError

    if not token:
        raise click.UsageError(f"give --token, or set {TOKEN}; the page Access of your account makes one")
    place = place_of(url)
    if place.challenge.startswith("http://") and not place.is_here:
        note("warning: this address is not encrypted (http://): whoever is on the line reads your token")
    what = Submit(
        source, track or place.track, phase or place.phase, code=code, check=not no_check, wait=not no_wait
    )
    try:
        with shown_progress() as progress:
            found = hand_in(Server(place.challenge, token), what, progress=progress, remark=note)
    except ProblemsFoundError as error:
        rows = [vars(problem) for problem in error.problems]
        print_report([str(problem) for problem in error.problems], form, rows=rows, data={"problems": rows})
        note("nothing was sent")
        raise SystemExit(1) from None
    row = {name: found[name] for name in ("submission", "number", "track", "phase", "state", "score")}
    row |= {"simulated": True} if found["simulated"] else {}
    print_report(_lines(found), form, rows=[row | found["means"] | {"problem": found["problem"]}], data=found)
    if not no_wait and not _is_good(found):
        raise SystemExit(1)


def _is_good(found: dict[str, Any]) -> bool:
    return found["state"] == "done" and (found["score"] is not None or found["kind"] != "results")


def _lines(found: dict[str, Any]) -> list[str]:
    where = f"number {found['number']} of your team in {found['track']}, {found['phase']}"
    lines = [f"submission {found['submission']} ({where}): {found['words']}"]
    lines += ["SIMULATED: no real team is behind the results of this track"] * found["simulated"]
    lines += [f"{name} {'n/a' if value is None else value}" for name, value in found["means"].items()]
    if found["state"] == "done" and found["kind"] == "results":
        lines.append(f"SCORE {'n/a' if found['score'] is None else found['score']}")
    lines += found["missing"] if found["score"] is None else []
    lines += found["problem"].splitlines()
    return [*(printable(line) for line in lines), found["page"]]
