"""A closed study, or the closed ones of a site, as a folder of files for any web server."""

from pathlib import Path

import click

from analysis.formats import format_options
from analysis.frame import note
from analysis.progress import shown_progress
from studyapp.cli.common import Folder, accept_loss, hold_to_records, print_facts


@click.command()
@Folder
@click.argument("out", metavar="OUT", required=False, type=click.Path(file_okay=False, path_type=Path))
@click.option("--estimate", "only_estimate", is_flag=True, help="Print only what the site takes.")
@click.option(
    "--crops",
    is_flag=True,
    help="The small form, without tiles: overviews, and at 1:1 what organisers or judges marked.",
)
@click.option("--originals", is_flag=True, help="Also the images as they were handed in, to download.")
@click.option(
    "--with",
    "evidence",
    multiple=True,
    type=click.Choice(("conditions", "looking")),
    help="Also judges' screens and rooms, or where they looked; repeatable. Either says much of a judge.",
)
@click.option("--language", default="en", show_default=True, help="Of the pages: en or zh_Hans.")
@accept_loss
@format_options
def publish(
    folder: Path,
    out: Path | None,
    *,
    only_estimate: bool,
    crops: bool,
    originals: bool,
    evidence: tuple[str, ...],
    language: str,
    accept_loss: bool,
    form: str | None,
) -> None:
    """Write a closed study, or all closed studies of a site, to the folder OUT as a web site.

    Any web server can serve it as files; it asks nothing of any other. It names every team and no judge, but
    holds every word that judges and organisers wrote in the ledger: read them first, the command counts them.
    `studyapp analyse verify OUT` checks it. A run that was killed goes on when the command is given again.
    """
    from studyapp.services.publishing.settings import Choice
    from studyapp.services.results.exports import lacking
    from studyapp.web.language import known
    from studyapp.web.published.publish import publications

    if out is None and not only_estimate:
        raise click.UsageError("say where to write the site: studyapp publish DIR OUT")
    if language not in known():
        raise click.BadParameter(f"there is no language {language!r}; use {' or '.join(known())}")
    choice = Choice(language, "crops" if crops else "full", originals, evidence)
    with publications(folder, ready=lambda one: hold_to_records(one, accept=accept_loss)) as found:
        takes = found.estimate(out or folder, choice)
        told = [study.told() for study in found.studies]
        facts = {
            "files": takes.files,
            "bytes": takes.size,
            "bytes_on_disk": takes.on_disk,
            "bytes_linked": takes.linked,
            "minutes": takes.minutes,
            "images": takes.images,
            "pictures": takes.pictures,
            "reasons": sum(one.reasons for one in told),
            "comments": sum(one.comments for one in told),
        }
        for title in found.open:
            note(f"not closed, and left out: {title}")
        said = f"{takes.words()}; {facts['comments']} comments of judges become public, and all reasons"
        if only_estimate:
            print_facts(said, form, **facts)
            return
        note(said)
        for line in (line for one in told for line in one.notes):
            note(f"organisers' words that become public: {line}")
        assert out is not None
        with shown_progress() as progress:
            written = found.write(out, choice, progress=progress)
        incomplete = [line for study in found.studies for line in lacking(study.workspace.folders.public)]
    print_facts(f"{out}: {written} files written", form, path=str(out), written=written)
    for line in incomplete:
        note(f"incomplete: {line}")
    if incomplete:
        click.get_current_context().exit(1)
