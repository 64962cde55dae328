"""Publishing a study, or all closed studies of a site: `studyapp publish`, and the job of that name."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import pandas as pd
from sqlmodel import Session

from analysis.texts import say
from studyapp.batch.pool import Progress
from studyapp.errors import StudyError, StudyStateError
from studyapp.resources import resource_folder
from studyapp.services.ground.site import LONE, STUDIES, Site, open_site
from studyapp.services.ground.studies import current_file, the_study
from studyapp.services.ground.workspace import Workspace, open_workspace
from studyapp.services.publishing.contents import Scene, Shown, published_scenes
from studyapp.services.publishing.crops import OVERVIEW, Parts, crops, parts_of
from studyapp.services.publishing.data import DATA, Told, public_export, told_by_people
from studyapp.services.publishing.estimate import Estimate, estimate, refuse_full_disk
from studyapp.services.publishing.folder import PublishedFolder, publishing
from studyapp.services.publishing.marks import Mark, marks_of, regions_of
from studyapp.services.publishing.settings import Choice
from studyapp.services.results.ranking import StudyRanking, rank_study
from studyapp.services.results.reasons import reasons_table
from studyapp.web.protocol_names import PROTOCOL_NAMES
from studyapp.web.published.comparing import comparing, in_ranking_order
from studyapp.web.published.pages import Pages
from studyapp.web.published.study_pages import (
    answers_by_image,
    dictionary_of,
    filed,
    proof,
    reasons_by_image,
)
from studyapp.web.ranking_table import shown_ranking

REPORT = "report.html"


@dataclass(frozen=True)
class Publication:
    """A closed study to be published, in a folder of its own where there are several."""

    name: str
    session: Session
    workspace: Workspace

    @property
    def prefix(self) -> str:
        """What its files' names begin with."""
        return f"{STUDIES}/{self.name}/" if self.name else ""

    @cached_property
    def title(self) -> str:
        """Of the study."""
        return current_file(self.session).title

    @cached_property
    def scenes(self) -> tuple[Scene, ...]:
        """Its images."""
        return published_scenes(self.session, self.workspace)

    @cached_property
    def reasons(self) -> pd.DataFrame:
        """What judges said of candidates."""
        return reasons_table(self.session)

    @cached_property
    def regions(self) -> Mapping[str, list[Mark]]:
        """Of the organisers, by image."""
        return regions_of(self.session)

    @cached_property
    def marks(self) -> Mapping[str, list[Mark]]:
        """Of judges, by image."""
        teams = {one.team for scene in self.scenes for one in scene.candidates if one.team}
        return marks_of(self.reasons, teams)

    def parts(self, scene: Scene) -> Parts:
        """What the small form cuts out of an image."""
        return parts_of(scene, self.regions.get(scene.name, []), self.marks.get(scene.name, []))

    def told(self) -> Told:
        """What people wrote that becomes public."""
        return told_by_people(self.session, self.reasons)

    def estimate(self, out: Path, choice: Choice) -> Estimate:
        """What it takes."""
        return estimate(self.scenes, self.workspace, out, choice, self.regions, self.marks)


@dataclass(frozen=True)
class Publications:
    """All that is published together: a study, or the closed ones of a site with a page before them.

    Attributes
    ----------
    title
        Of the site; None of a lone study.
    open
        Titles of studies that are not closed and stay out.
    """

    studies: tuple[Publication, ...]
    title: str | None = None
    open: tuple[str, ...] = ()

    def estimate(self, out: Path, choice: Choice) -> Estimate:
        """What they take together."""
        found = [study.estimate(out, choice) for study in self.studies]
        return Estimate(*(sum(values) for values in zip(*(one.row() for one in found), strict=True)))

    def write(self, out: Path, choice: Choice, *, progress: Progress) -> int:
        """Write the site, or bring one that is there up to date; return how many files were written.

        Raises
        ------
        StudyError
            When the folder holds anything else, there is no room, or something cannot be made.
        """
        with publishing(out) as folder:
            refuse_full_disk(self.estimate(out, choice), out, there=folder.size())
            pages = Pages(choice.language, site_title=self.title)
            rows = [_write_study(folder, pages, study, choice, progress) for study in self.studies]
            if self.title is not None:
                simulated = any(ranking.simulated for _, ranking in rows)
                home = pages.page(
                    "site.html",
                    "index.html",
                    home="",
                    title=self.title,
                    study=None,
                    rows=rows,
                    simulated=simulated,
                )
                folder.put("index.html", home)
            for name in sorted(pages.static):
                folder.put(f"static/{name}", (resource_folder("static") / name).read_bytes())
            folder.finish(
                {"form": choice.form, "language": choice.language, "evidence": sorted(choice.evidence)}
            )
            return folder.written


@contextmanager
def publications(
    root: Path, *, ready: Callable[[Workspace], None] = lambda _: None
) -> Iterator[Publications]:
    """Open what a folder has to publish.

    Parameters
    ----------
    root
        Of a study or a site.
    ready
        Called with each workspace before it is read.

    Raises
    ------
    StudyStateError
        When nothing is closed.
    """
    site = open_site(root)
    with ExitStack() as stack:
        found, still_open = [], []
        for name in site.studies():
            workspace = _workspace(site, name)
            if workspace is None:
                continue
            stack.callback(workspace.database.close)
            ready(workspace)
            session = stack.enter_context(workspace.database.reading())
            study = Publication(name, session, workspace)
            if the_study(session).state == "closed" or site.is_lone:
                found.append(study)
            else:
                still_open.append(study.title)
        if not found:
            raise StudyStateError(say("no study of this site is closed, so there is nothing to publish"))
        for study in found:
            _ = study.scenes  # refuses one that is not closed
        yield Publications(tuple(found), None if site.is_lone else site.title, tuple(still_open))


def _workspace(site: Site, name: str) -> Workspace | None:
    """A study's workspace; None of a site's study that is not tiled yet."""
    try:
        return open_workspace(site.study_root(name))
    except StudyError:
        if name == LONE:
            raise
        return None


def publish_study(
    session: Session, workspace: Workspace, out: Path, choice: Choice, *, progress: Progress
) -> int:
    """Write a closed study to a folder, or bring one that is there up to date; return how many files.

    Raises
    ------
    StudyStateError
        While the study is not closed.
    StudyError
        As `Publications.write`.
    """
    study = Publication("", session, workspace)
    _ = study.scenes
    return Publications((study,)).write(out, choice, progress=progress)


def _write_study(
    folder: PublishedFolder, pages: Pages, study: Publication, choice: Choice, progress: Progress
) -> tuple[Publication, StudyRanking]:
    progress("ranking", 0, 0)
    ranking = rank_study(study.session, study.workspace)
    files = public_export(study.session, study.workspace, ranking, choice.evidence, progress)
    for path in files:
        name = path.relative_to(study.workspace.folders.public).as_posix()
        folder.take(f"{study.prefix}{DATA}/{name}", path)
    _write_pictures(folder, study, choice, progress)
    progress("pages", 0, 0)
    _StudyPages(folder, pages, study, ranking, choice, files).write()
    return study, ranking


def _write_pictures(folder: PublishedFolder, study: Publication, choice: Choice, progress: Progress) -> None:
    pictures = [(scene, picture) for scene in study.scenes for picture in scene.pictures]
    parts = {scene.number: study.parts(scene) for scene in study.scenes} if choice.form == "crops" else {}
    stage = "crops" if choice.form == "crops" else "tiles"
    for number, (scene, picture) in enumerate(pictures):
        progress(stage, number, len(pictures))
        if choice.form == "crops":
            _write_crops(folder, study, picture, parts[scene.number])
        else:
            folder.tiles(f"{study.prefix}tiles/{picture.place}", picture.pack)
        if choice.originals:
            at = f"{study.prefix}{_original(picture)}"
            folder.take(at, picture.source, picture.sha256_source)
    progress(stage, len(pictures), len(pictures))


def _write_crops(folder: PublishedFolder, study: Publication, picture: Shown, parts: Parts) -> None:
    own = parts.of[picture.place]
    names = [OVERVIEW, *(part.name for part in own)]
    made_of = f"{picture.index.sha256_pack} {' '.join(names)}"
    folder.pieces(
        f"{study.prefix}crops/{picture.place}", made_of, dict.fromkeys(names), lambda: crops(picture, own)
    )


def _original(picture: Shown) -> str:
    return f"originals/{picture.place}{picture.source.suffix.lower()}"


class _StudyPages:
    """Writes the pages of a study."""

    def __init__(
        self,
        folder: PublishedFolder,
        pages: Pages,
        study: Publication,
        ranking: StudyRanking,
        choice: Choice,
        files: list[Path],
    ) -> None:
        self._folder, self._pages, self._study = folder, pages, study
        self._ranking, self._choice, self._files = ranking, choice, files
        self._names = {team.id: team.name for team in current_file(study.session).teams}

    def write(self) -> None:
        """Write all of them."""
        study, ranking, scenes = self._study, self._ranking, self._study.scenes
        file, row = current_file(study.session), the_study(study.session)
        self._put(
            "index.html",
            "index.html",
            shown=shown_ranking(ranking, for_strangers=True),
            protocol_name=PROTOCOL_NAMES[file.protocol.kind],
            criteria=file.criteria,
            teams=len(ranking.table),
            opened_at=row.opened_at,
            closed_at=row.closed_at,
        )
        self._put("images.html", "images/index.html", thumbnails=dict(self._thumbnails()))
        self._images()
        self._answers()
        public = study.workspace.folders.public
        originals = [
            (scene, one, _original(one))
            for scene in scenes
            for one in scene.pictures
            if self._choice.originals
        ]
        self._put(
            "files.html",
            "files/index.html",
            files=filed(self._files, public),
            originals=originals,
            left_out=[LEFT_OUT[name] for name in self._choice.left_out],
        )
        self._put("columns.html", "files/columns.html", dictionary=dictionary_of(public / "columns.csv"))
        self._put("proof.html", "proof/index.html", proof=proof(study.session, tuple(self._names.values())))

    def _put(self, template: str, path: str, **values: Any) -> None:
        within = self._study.prefix + path
        page = self._pages.page(
            template,
            within,
            home="../" * path.count("/"),
            here=path,
            study=self._study.name,
            title=self._study.title,
            simulated=self._ranking.simulated,
            scenes=self._study.scenes,
            form=self._choice.form,
            answers_file=f"{self._ranking.user.table}.csv",
            report=any(file.name == REPORT for file in self._files),
            **values,
        )
        self._folder.put(within, page)

    def _thumbnails(self) -> Iterator[tuple[int, str]]:
        for scene in self._study.scenes:
            first = next(iter(scene.pictures))
            small = self._choice.form == "crops"
            at = f"crops/{first.place}/{OVERVIEW}" if small else f"tiles/{first.place}/0/0_0.webp"
            yield scene.number, f"../{at}"

    def _images(self) -> None:
        study = self._study
        if self._choice.form == "full":
            data = comparing(self._ranking, study.scenes, study.regions, study.marks)
            for scene in study.scenes:
                self._put("compare.html", f"images/{scene.number}/index.html", scene=scene, data=data(scene))
            return
        ordered = in_ranking_order(self._ranking)
        for scene in study.scenes:
            self._put(
                "crops.html",
                f"images/{scene.number}/index.html",
                scene=scene,
                parts=study.parts(scene),
                ordered=ordered(scene),
                beside=[one for one in (scene.input, scene.reference) if one],
                names=self._names,
            )

    def _answers(self) -> None:
        answers = answers_by_image(self._ranking, self._names)
        reasons = reasons_by_image(self._study.reasons, self._names)
        self._put("answers.html", "answers/index.html", answers=answers, reasons=reasons)
        for scene in self._study.scenes:
            self._put(
                "answers_of_image.html",
                f"images/{scene.number}/answers.html",
                scene=scene,
                answers=answers.get(scene.name),
                reasons=reasons.get(scene.name),
            )


LEFT_OUT = {"conditions": say("judges' screens and rooms"), "looking": say("where judges looked")}
"""What a site is without, for people."""
