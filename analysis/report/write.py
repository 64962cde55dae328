"""Gather the sections and write the files; a part that fails is named, and the rest is still written."""

import logging
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

import pandas as pd

from analysis.amounts import how_many
from analysis.errors import AnalysisError
from analysis.files import write_whole
from analysis.fonts import fonts_for, unshown_in_words
from analysis.plots.canvas import pdf
from analysis.report.agreement_part import agreement_section
from analysis.report.basis import notes_of, size_in_words
from analysis.report.blocks import Block, Document, Plot, Section, Table, Text, texts_of
from analysis.report.certainty_part import certainty_section
from analysis.report.efficiency_part import efficiency_section
from analysis.report.gallery_part import gallery_section
from analysis.report.html import to_html
from analysis.report.images_part import all_images, images_section
from analysis.report.judges_part import judges_section
from analysis.report.latex import to_latex
from analysis.report.method_part import audit_section, method_section
from analysis.report.metrics_part import metrics_latex, metrics_section
from analysis.report.pair_parts import (
    comparers_section,
    consistency_section,
    sides_section,
    wins_section,
)
from analysis.report.paired_part import paired_section
from analysis.report.pdf import to_pdf
from analysis.report.ranking_part import points_section, ranking_section
from analysis.report.rating_parts import (
    all_stimuli,
    opinions_section,
    raters_section,
    rating_agreement_section,
)
from analysis.report.reasons_part import reasons_section, teams_reasons_section, words_of
from analysis.report.rules_part import rules_section
from analysis.report.screening_part import screening_section, slots_section
from analysis.report.study import Study, make_study
from analysis.report.summary_part import short_summary, summary_document
from analysis.report.viewing_part import viewing_section
from analysis.resampling.joint import JointDraws
from analysis.storage import storage_words
from analysis.study_notes import StudyNotes

SIMULATED = "SIMULATED ANSWERS: no person gave them. The figures say nothing about the methods shown."


Part = Callable[[Study], Section | Iterable[Section]]
_OF_ANY: Mapping[str, Part] = {
    "Final ranking": ranking_section,
    "How certain is the ranking?": certainty_section,
    "Would another rule change the result?": rules_section,
    "Why": reasons_section,
    "Reasons by team": teams_reasons_section,
    "Gallery": gallery_section,
    "The paired score (S2)": paired_section,
    "Efficiency (EScore)": efficiency_section,
    "Do metrics agree with the judges?": metrics_section,
}
_OWN: Mapping[str, Mapping[str, Part]] = {
    "votes": {
        "Where the points come from": points_section,
        "Do the judges agree?": agreement_section,
        "Judges": judges_section,
        "Images": images_section,
        "Judges worth a second look": screening_section,
        "Viewing conditions": viewing_section,
        "Position on the screen": slots_section,
        "Audit": audit_section,
        "All images": all_images,
    },
    "pairs": {
        "Which team was preferred?": wins_section,
        "Do the comparisons agree?": consistency_section,
        "Judges": comparers_section,
        "Judges worth a second look": screening_section,
        "Viewing conditions": viewing_section,
        "Left and right": sides_section,
    },
    "ratings": {
        "Opinion scores": opinions_section,
        "Do the judges agree?": rating_agreement_section,
        "Judges": raters_section,
        "Judges worth a second look": screening_section,
        "Viewing conditions": viewing_section,
        "All results": all_stimuli,
    },
}
PARTS: Mapping[str, Mapping[str, Part]] = {
    table: {**_OF_ANY, **own, "How this was computed": method_section} for table, own in _OWN.items()
}
"""The titles of a report's sections, in order; they depend on what judges were asked."""

FIGURES = ("svg", "pdf")
Made = TypeVar("Made")


@dataclass(frozen=True)
class ReportPaths:
    """Where the report was written.

    Attributes
    ----------
    figures
        The plots as separate files, if requested.
    failures
        What could not be made or written, and why; files named here do not exist.
    """

    html: Path
    pdf: Path
    latex: Path
    summary_html: Path
    summary_pdf: Path
    figures: tuple[Path, ...] = ()
    failures: tuple[str, ...] = ()
    metrics: Path | None = None

    @property
    def _always(self) -> tuple[Path, ...]:
        return (self.html, self.pdf, self.latex, self.summary_html, self.summary_pdf)

    @property
    def files(self) -> list[Path]:
        """The files that exist."""
        return [path for path in (*self._always, self.metrics, *self.figures) if path and path.exists()]


def write_report(
    drawn: JointDraws,
    out_dir: Path,
    *,
    about: Mapping[str, Any] | None = None,
    title: str = "User study",
    team_names: Mapping[str, str] | None = None,
    simulated: bool = False,
    anonymous: bool = False,
    inputs: Mapping[str, str] | None = None,
    notes: StudyNotes | None = None,
    reasons: pd.DataFrame | None = None,
    metrics: Mapping[str, Any] | None = None,
    pictures: Mapping[tuple[str, str], Path] | None = None,
    input_pictures: Mapping[str, Path] | None = None,
    looking: pd.DataFrame | None = None,
    declared: Mapping[str, str] | None = None,
    conditions: pd.DataFrame | None = None,
    figures: str | None = None,
) -> ReportPaths:
    """Write the report of a study into a folder.

    Parameters
    ----------
    drawn
        Votes, other parts, rule and resamples of the study, and the seed of every random number.
    out_dir
        Created if it does not exist; files of an earlier report are replaced.
    about
        Formula and definitions of the paired scores (the content of definitions.json).
    title
        Title of the study.
    team_names
        Names to print for the teams of the votes and scores, if these are identifiers.
    simulated
        Print the banner even if no vote is marked as simulated.
    anonymous
        Call the judges "judge 1", "judge 2", ... in the order of their names, for publication.
    inputs
        SHA-256 of each input file by its name; by default, of the votes as canonical CSV.
    notes
        What happened to the study; printed first, and used by the audit to explain gaps.
    reasons
        What judges said about candidates, as read by `analysis.reasons.reading.read_reasons`.
    metrics
        How metrics agree with the judges (`analysis.metrics_against_judges.summary.metrics_summary`); also
        written as metrics.tex.
    pictures
        The file of each candidate by image and team, for the page, if teams may be known.
    input_pictures
        The file of the input by image, likewise.
    looking
        Where judges looked, as read by `analysis.looking.reading.read_maps`.
    declared
        By Recommendation, how many of its points are met (`analysis.compliance`).
    conditions
        How each judge looked, as read by `analysis.viewing.reading.read_conditions`.
    figures
        "svg" or "pdf": also write each plot as a file, into the folder figures.

    Returns
    -------
    ReportPaths
        Parts and files that could not be made are in `failures`; everything else is still written.

    Raises
    ------
    AnalysisError
        If no rule can rank the study, or if a file cannot be written (after the others were).
    """
    study = make_study(
        drawn,
        about=about,
        title=title,
        team_names=team_names,
        simulated=simulated,
        anonymous=anonymous,
        inputs=inputs,
        notes=notes,
        reasons=reasons,
        metrics=metrics,
        pictures=pictures,
        input_pictures=input_pictures,
        looking=looking,
        declared=declared,
        conditions=conditions,
    )
    if figures not in (None, *FIGURES):
        raise AnalysisError(f"figures {figures!r}: use {' or '.join(FIGURES)}")
    _ = study.ranking  # refuses scores and awards that no rule can use, before anything is written
    paths = ReportPaths(
        html=out_dir / "report.html",
        pdf=out_dir / "report.pdf",
        latex=out_dir / "ranking.tex",
        summary_html=out_dir / "summary.html",
        summary_pdf=out_dir / "summary.pdf",
    )
    try:
        out_dir.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise AnalysisError(storage_words(error)) from error
    plain = make_document(study)
    with fonts_for(texts_of(plain), plain.names) as fonts:
        unshown = unshown_in_words(fonts, plain.names)
        document = with_plots_drawn(replace(plain, failures=(*plain.failures, *unshown)))
        out = _Out(list(document.failures), [])
        plots = _figures(document, out_dir / "figures", figures, out)
    if not out.file(paths.latex, lambda: to_latex(study).encode()):
        out.file(paths.latex, lambda: to_latex(study, intervals=False).encode())
    if metrics is not None:
        paths = replace(paths, metrics=out_dir / "metrics.tex")
        latex = partial(metrics_latex, metrics, study.title, simulated=study.simulated)
        out.file(out_dir / "metrics.tex", lambda: latex().encode())
    told = _summary(study, document, out.failures)
    out.file(paths.summary_html, lambda: to_html(told).encode())
    out.file(paths.summary_pdf, lambda: to_pdf(told))
    out.file(paths.pdf, lambda: to_pdf(replace(document, failures=tuple(out.failures))))
    out.file(paths.html, lambda: to_html(replace(document, failures=tuple(out.failures))).encode())
    if out.unwritten:
        raise AnalysisError(storage_words(out.unwritten[0]))
    return replace(paths, figures=tuple(plots), failures=tuple(out.failures))


@dataclass(frozen=True)
class _Out:
    """Writes files one by one: what cannot be made, and what cannot be written, stops no other."""

    failures: list[str]
    unwritten: list[OSError]

    def file(self, path: Path, make: Callable[[], bytes]) -> bool:
        """Say whether the file could be made; if not, remove that of an earlier report."""
        made = _attempt(path.name, make, self.failures)
        try:
            if made is None:
                path.unlink(missing_ok=True)
            else:
                write_whole(path, made)
        except OSError as error:
            self.unwritten.append(error)
        return made is not None


def make_document(study: Study) -> Document:
    """Return the whole report, not yet rendered; a part that cannot be made is replaced by a note."""
    user = study.user
    failures: list[str] = []
    sections = [section for title in PARTS[study.user.table] for section in _part(study, title, failures)]
    return Document(
        title=study.title,
        subtitle=f"Blind user study: {how_many(len(user.teams), 'teams')}, {size_in_words(study)}",
        summary=_attempt("Summary", lambda: short_summary(study), failures) or (),
        sections=tuple(sections),
        banner=SIMULATED if study.simulated else None,
        notes=notes_of(study),
        failures=tuple(failures),
        names=(study.title, *user.teams, *user.judges, *user.images, *words_of(study)),
    )


def _summary(study: Study, report: Document, failures: list[str]) -> Document:
    """Return the summary; what fails in it is named there and among the others."""
    own: list[str] = []
    attempt = partial(_attempt, failures=own)
    told = summary_document(study, banner=report.banner, names=report.names, attempt=attempt)
    failures += own
    return replace(told, failures=tuple(own))


def with_plots_drawn(document: Document) -> Document:
    """Return the report with every plot drawn; one that cannot be drawn is replaced by a note."""
    failures = list(document.failures)

    def block(section: Section, block: Block) -> Block:
        if not isinstance(block, Plot):
            return block
        drawn = _attempt(f"{section.title}, a figure", lambda: block.svg, failures)
        return (
            block
            if drawn
            else Text(f"A figure is missing here. {failures[-1]}. Its caption: {block.caption}")
        )

    sections = tuple(
        replace(section, blocks=tuple(block(section, one) for one in section.blocks))
        for section in document.sections
    )
    return replace(document, sections=sections, failures=tuple(failures))


def _attempt(what: str, make: Callable[[], Made], failures: list[str]) -> Made | None:
    """Return what is made, or None and its failure among the others."""
    try:
        return make()
    except Warning:  # an error only where warnings were made errors
        raise
    except Exception as error:
        logging.getLogger(__name__).debug("%s failed", what, exc_info=True)
        why = " ".join(str(error).split())[:300]
        failures.append(f"{what} failed ({type(error).__name__}{': ' + why if why else ''})")
        return None


def _part(study: Study, title: str, failures: list[str]) -> list[Section]:
    def make() -> list[Section]:
        made = PARTS[study.user.table][title](study)
        return [made] if isinstance(made, Section) else list(made)

    sections = _attempt(title, make, failures)
    if sections is not None:
        return sections
    blocks: list[Text | Table] = [Text(f"This part could not be made. {failures[-1]}.")]
    if title == "Final ranking":
        columns = ["rank", "team", "final", "award"]
        blocks.append(Table("The ranking, without intervals.", study.ranking.table[columns]))
    return [Section(title, tuple(blocks))]


def _figures(document: Document, folder: Path, form: str | None, out: _Out) -> list[Path]:
    """Write each plot as a file, named by its number and section; those of an earlier report go."""
    if form is None:
        return []
    folder.mkdir(exist_ok=True)
    for old in folder.glob("[0-9][0-9]-*.*"):
        if old.suffix[1:] in FIGURES:
            old.unlink()
    plots = [
        (section.title, block)
        for section in document.sections
        for block in section.blocks
        if isinstance(block, Plot)
    ]
    made = []
    for number, (title, plot) in enumerate(plots, start=1):
        path = folder / f"{number:02}-{re.sub('[^a-z0-9]+', '-', title.lower()).strip('-')}.{form}"
        if out.file(path, lambda plot=plot: plot.svg.encode() if form == "svg" else pdf(plot.figure)):
            made.append(path)
    return made
