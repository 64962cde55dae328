"""Verbs about jobs: working on them, listing, cancelling and repeating them."""

import dataclasses
import logging
import os
import signal
from contextlib import closing
from pathlib import Path

import click

from analysis.formats import format_options, print_report
from analysis.frame import note
from analysis.printable import printable
from studyapp.cli.common import now
from studyapp.services.ground.site import open_site
from studyapp.services.jobs import queue
from studyapp.services.jobs.kinds import KINDS
from studyapp.services.jobs.queue import JobView

Root = click.argument("root", metavar="DIR", type=click.Path(file_okay=False, path_type=Path))


@click.command()
@Root
@click.option(
    "--kinds",
    multiple=True,
    type=click.Choice(list(KINDS)),
    help="Only jobs of this kind; repeatable. By default all.",
)
@click.option("--processes", type=click.IntRange(min=1), help="For batch work. By default one per core.")
@click.option("--scheduler", metavar="ADDRESS", help="Batch work runs on a Dask cluster: tcp://host:port.")
def worker(root: Path, kinds: tuple[str, ...], processes: int | None, scheduler: str | None) -> None:
    """Work on the jobs of a site or study until interrupted; what was begun is given back.

    `serve` starts one worker; more may run at once, on other machines too if they reach the same database and
    folder.
    """
    from studyapp.services.jobs.worker import Worker, Working
    from studyapp.web.watching.request_log import write_json

    if not write_json():
        logging.basicConfig(level=logging.WARNING, format="%(message)s")
    with closing(open_site(root)) as site:
        how = Working(
            kinds=kinds or None,
            processes=processes,
            scheduler=scheduler,
        )
        working = Worker(site, how)
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: working.stop())
        note(f"working on jobs of {root} as {working.name}")
        working.work()


@click.command()
@Root
@click.option("--study", help="Only of this study of a site, as in its address.")
@click.option("--limit", default=20, show_default=True, type=click.IntRange(min=1), help="The last so many.")
@click.option("--cancel", type=int, metavar="ID", help="Cancel this job.")
@click.option("--again", type=int, metavar="ID", help="Ask for what this job did once more.")
@click.option("--log", "log_of", type=int, metavar="ID", help="Print what this job printed.")
@format_options
def jobs(
    root: Path,
    *,
    study: str | None,
    limit: int,
    cancel: int | None,
    again: int | None,
    log_of: int | None,
    form: str | None,
) -> None:
    """List the jobs of a site or study, the newest first."""
    if sum(option is not None for option in (cancel, again, log_of)) > 1:
        raise click.UsageError("give only one of --cancel, --again and --log")
    with closing(open_site(root)) as site:
        database = site.database
        if log_of is not None:
            with database.reading() as session:
                click.echo(printable_lines(queue.the_job(session, study, log_of).log), nl=False)
            return
        if cancel is not None or again is not None:
            with database.writing() as session:
                if cancel is not None:
                    found = [queue.cancel(session, study, cancel, now=now())]
                else:
                    assert again is not None
                    found = [queue.again(session, study, again, by=os.environ.get("USER", ""), now=now())]
        else:
            with database.reading() as session:
                found = queue.jobs_of(session, study, limit)
    rows = [
        {name: value for name, value in dataclasses.asdict(job).items() if name != "log"} for job in found
    ]
    print_report([_line(job) for job in found], form, rows=rows)


def printable_lines(text: str) -> str:
    """Return a log with its lines, and nothing in them that a terminal would obey."""
    return "".join(f"{printable(line)}\n" for line in text.splitlines())


def _line(job: JobView) -> str:
    what = f"{job.kind} {job.study}".strip()
    state = "stopping" if job.stopping and not job.is_over else job.state
    said = f"{job.id:>5}  {state:9}  {what}"
    if job.state == "running" and job.stage:
        said += f": {job.stage}" + (f" {job.done} of {job.total}" if job.total else "")
    if job.failures and not job.is_over:
        said += f" (failed {job.failures} of {queue.TRIES} times)"
    return said + (f": {printable(job.error)}" if job.error else "")
