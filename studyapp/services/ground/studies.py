"""The life of a study: registering its teams and pictures, opening, closing."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pydantic import ValidationError
from sqlmodel import Session, col, delete, select

from analysis.texts import say
from studyapp.core.canonical import canonical_json
from studyapp.core.hidden_trials import CONTROLS, KNOWN_WORSE
from studyapp.core.ledger import study_digest
from studyapp.core.lifecycle import check_step
from studyapp.core.records import damaged
from studyapp.core.regions_file import Rect
from studyapp.db.tables import BallotEvent, Image, Judge, Picture, Region, Study, Team, utc_text
from studyapp.errors import NotFoundError, StudyError, StudyStateError, errors_of
from studyapp.protocols import Protocol, read_protocol
from studyapp.services.ground.ledger import append_event, chain_heads, standing
from studyapp.services.ground.workspace import Workspace
from studyapp.study.folder import PREVIEW, plan_folder
from studyapp.study.study_file import STUDY_FILE, StudyFile, rules_of

_NAMED = 10


@dataclass(frozen=True)
class RegisteredPicture:
    """A tiled picture as it is entered in the database; `team` is None for the input."""

    image: str
    team: str | None
    pack: str
    source: str
    width: int
    height: int
    sha256_file: str
    sha256_pixels: str


@dataclass(frozen=True)
class _Entered:
    """What a study is made of: by (image, team) a picture's source, pack and hashes; marked rectangles."""

    study_file: str
    teams: tuple[tuple[str, str], ...]
    pictures: dict[tuple[str, str], tuple[str, ...]]
    regions: set[tuple[object, ...]]


def the_study(session: Session, *, lock: bool = False, share: bool = False) -> Study:
    """Return the study's row; `share` keeps it from changing and `lock` claims it until the transaction ends.

    Raises
    ------
    NotFoundError
        When nothing has been registered yet.
    """
    query = select(Study)
    if lock or share:
        query = query.with_for_update(read=not lock)
    study = session.exec(query).one_or_none()
    if study is None:
        raise NotFoundError(say("this study has no images yet; run `studyapp tile DIR` first"))
    return study


def is_registered(session: Session) -> bool:
    """Tell whether the study's images are entered; before that it is a draft without anything to show."""
    return session.exec(select(Study.id)).first() is not None


def has_judges(session: Session) -> bool:
    """Tell whether anybody is invited, test judges too."""
    return session.exec(select(Judge.id).limit(1)).first() is not None


def current_file(session: Session) -> StudyFile:
    """Return the study file that the study goes by: as registered, with every amendment.

    Raises
    ------
    DamagedError
        When it cannot be read any more.
    """
    try:
        return StudyFile.model_validate_json(the_study(session).file)
    except ValidationError:
        raise damaged("the study file that was registered") from None


def the_protocol(session: Session) -> Protocol[Any]:
    """Return how the study asks its judges."""
    return read_protocol(the_study(session).protocol)


def team_keys(session: Session, numbers: Collection[int]) -> set[str]:
    """Return the ids of the teams with these numbers (from 1, in the order of study.yaml)."""
    positions = [number - 1 for number in numbers]
    return set(session.exec(select(Team.key).where(col(Team.position).in_(positions))))


def file_text(file: StudyFile) -> str:
    """Write a study file as the database keeps it."""
    return canonical_json(file.model_dump(mode="json")).decode("utf-8")


def protocol_text(file: StudyFile) -> str:
    """Write a study's protocol as the database keeps it."""
    return canonical_json(file.protocol.model_dump(mode="json")).decode("utf-8")


def register_study(
    session: Session,
    workspace: Workspace,
    pictures: list[RegisteredPicture],
    regions: Mapping[str, Sequence[Rect]],
    *,
    now: datetime,
) -> bool:
    """Enter the study, its teams and its pictures; return whether anything changed.

    Before the first judge is invited a changed folder replaces what was entered; afterwards the study is
    frozen, because judges' orders have been drawn from it.

    Raises
    ------
    StudyStateError
        When judges have been invited and the folder no longer is what it was.
    """
    changed = changes(session, workspace, pictures, regions)
    if not changed:
        return False
    if has_judges(session):
        raise StudyStateError(_frozen(changed))
    tests = session.exec(select(Study.tests)).first() or 0
    for table in (Region, Picture, Image, Team, Study):
        session.exec(delete(table))
    file = workspace.file
    session.add(
        Study(
            title=file.title,
            simulated=file.simulated,
            protocol=protocol_text(file),
            study_file_sha256=workspace.study_file_sha256(),
            file=file_text(file),
            created_at=utc_text(now),
            tests=tests,
        )
    )
    teams = [Team(key=team.id, name=team.name, position=number) for number, team in enumerate(file.teams)]
    shown = {item.team for item in pictures}
    for control in (KNOWN_WORSE, *CONTROLS):
        if control in shown:
            teams.append(Team(key=control, name=control, position=len(teams), control=True))
    images = _images(file.practice, pictures)
    session.add_all([*teams, *images])
    session.flush()
    team_ids = {team.key: team.id for team in teams}
    image_ids = {image.key: image.id for image in images}
    for item in pictures:
        session.add(
            Picture(
                image_id=image_ids[item.image] or 0,
                team_id=team_ids[item.team] if item.team is not None else None,
                pack=item.pack,
                source=item.source,
                sha256_file=item.sha256_file,
                sha256_pixels=item.sha256_pixels,
            )
        )
    session.add_all(
        Region(image_id=image_ids[image] or 0, number=number, x=x, y=y, width=width, height=height)
        for image, rects in regions.items()
        for number, (x, y, width, height) in enumerate(rects, start=1)
    )
    return True


def open_study(session: Session, *, now: datetime) -> bool:
    """Let ballots in; return whether the study was still a draft.

    Raises
    ------
    StudyStateError
        When it is closed for good, or has no judges.
    """
    study = the_study(session, lock=True)
    if study.state == "open":
        return False
    check_step("open", study.state)
    if not has_judges(session):
        raise StudyStateError(
            say("no judges have been invited yet; run `studyapp invite DIR judges.csv` first")
        )
    study.state = "open"
    study.opened_at = utc_text(now)
    session.add(study)
    append_event(session, "opened", now=now, rules=rules_of(current_file(session)))
    return True


def enter_file(session: Session, workspace: Workspace) -> bool:
    """Let a study that nobody is invited to go by the present study.yaml, with the pictures it has.

    Return False, and change nothing, if the file needs other pictures: then the images have to be prepared
    again.
    """
    entered = _registered(session)
    plan = plan_folder(workspace.folders.root, workspace.file)
    wanted = {(image, "") for image in plan.inputs} | {(image, team) for image, team in plan.candidates}
    if entered is None or errors_of(plan.problems) or wanted != set(entered.pictures):
        return False
    if current_file(session).policy != workspace.file.policy:
        return False
    regions: dict[str, list[Rect]] = {}
    for image, _, *rect in sorted(entered.regions):  # pyright: ignore[reportArgumentType]
        regions.setdefault(str(image), []).append(tuple(rect))  # pyright: ignore[reportArgumentType]
    register_study(
        session,
        workspace,
        _pictures(session),
        regions,
        now=datetime.fromisoformat(the_study(session).created_at),
    )
    return True


def close_study(session: Session, *, now: datetime) -> bool:
    """End the voting for good and sum up every chain in the study digest; return whether it still went on.

    Raises
    ------
    StudyError
        When the study never opened, or no ballot was cast.
    """
    study = the_study(session, lock=True)
    if study.state == "closed":
        return False
    check_step("close", study.state)
    if session.exec(select(BallotEvent.id).limit(1)).first() is None:
        raise StudyError(say("no answer has been saved yet, and closing cannot be undone"))
    study.state = "closed"
    study.closed_at = utc_text(now)
    session.add(study)
    heads = chain_heads(session)
    append_event(session, "closed", now=now, heads=heads, digest=study_digest(heads))
    return True


def require_unsealed(session: Session) -> Study:
    """Return the study when it is closed or was unsealed on purpose: before that, who made what stays sealed.

    Raises
    ------
    StudyStateError
        While it is not.
    """
    study = the_study(session)
    if not standing(session).unsealed:
        check_step("results", study.state)
    return study


def changes(
    session: Session,
    workspace: Workspace,
    pictures: list[RegisteredPicture],
    regions: Mapping[str, Sequence[Rect]],
) -> list[str]:
    """Say of each file what happened to it since the study was entered; of a study that was not, one line."""
    before, after = _registered(session), _wanted(workspace, pictures, regions)
    if before is None:
        return ["the study is new"]
    found = [f"{STUDY_FILE} changed"] if before.study_file != after.study_file else []
    for team in sorted({*before.teams} ^ {*after.teams}):
        added = team in after.teams and team not in before.teams
        found.append(f"team {team[0]} ({team[1]}) {'added' if added else 'removed'}")
    if not found and before.teams != after.teams:
        found.append("the order of teams changed")
    for key in sorted({*before.pictures} | {*after.pictures}):
        old, new = before.pictures.get(key), after.pictures.get(key)
        if old != new:
            said = "added" if old is None else "removed" if new is None else "changed"
            found.append(f"{(new or old or ('',))[0]} {said}")
    return [*found, *(["regions.csv changed"] if before.regions != after.regions else [])]


def _frozen(changed: Sequence[str]) -> str:
    named = ", ".join(changed[:_NAMED]) + (
        f" and {len(changed) - _NAMED} more" if len(changed) > _NAMED else ""
    )
    said = f"judges have been invited, so the study is frozen, but this changed: {named}; restore it"
    if any(change.startswith(STUDY_FILE) for change in changed):
        said += ", or record what may change in study.yaml with `studyapp amend DIR --reason ...`"
    return said


def _images(practice: str | None, pictures: list[RegisteredPicture]) -> list[Image]:
    sizes = {item.image: (item.width, item.height) for item in pictures}
    counted = sorted(key for key in sizes if key != practice)
    positions: dict[str, int | None] = {key: number for number, key in enumerate(counted)}
    return [
        Image(key=key, position=positions.get(key), width=width, height=height)
        for key, (width, height) in sorted(sizes.items())
    ]


def _wanted(
    workspace: Workspace, pictures: list[RegisteredPicture], regions: Mapping[str, Sequence[Rect]]
) -> _Entered:
    return _Entered(
        workspace.study_file_sha256(),
        tuple((team.id, team.name) for team in workspace.file.teams),
        {
            (item.image, item.team or ""): (item.source, item.pack, item.sha256_file, item.sha256_pixels)
            for item in pictures
        },
        {(image, number, *rect) for image, found in regions.items() for number, rect in enumerate(found, 1)},
    )


def shows_previews(session: Session) -> bool:
    """Whether the inputs that judges see were developed from raw data."""
    inputs = select(Picture.id).where(
        col(Picture.team_id).is_(None), col(Picture.source).startswith(f"{PREVIEW}/")
    )
    return session.exec(inputs.limit(1)).first() is not None


def _pictures(session: Session) -> list[RegisteredPicture]:
    rows = session.exec(
        select(Image, Team.key, Picture)
        .join(Image, col(Picture.image_id) == Image.id)
        .outerjoin(Team, col(Picture.team_id) == Team.id)
    )
    return [
        RegisteredPicture(
            image=image.key,
            team=team,
            pack=picture.pack,
            source=picture.source,
            width=image.width,
            height=image.height,
            sha256_file=picture.sha256_file,
            sha256_pixels=picture.sha256_pixels,
        )
        for image, team, picture in rows
    ]


def _registered(session: Session) -> _Entered | None:
    study = session.exec(select(Study)).one_or_none()
    if study is None:
        return None
    taking_part = select(Team).where(~col(Team.control)).order_by(col(Team.position))
    rows = session.exec(
        select(Image.key, Team.key, Picture)
        .join(Image, col(Picture.image_id) == Image.id)
        .outerjoin(Team, col(Picture.team_id) == Team.id)
    )
    marked = session.exec(select(Image.key, Region).join(Image, col(Region.image_id) == Image.id))
    return _Entered(
        study.study_file_sha256,
        tuple((team.key, team.name) for team in session.exec(taking_part)),
        {
            (image, team or ""): (picture.source, picture.pack, picture.sha256_file, picture.sha256_pixels)
            for image, team, picture in rows
        },
        {(image, row.number, row.x, row.y, row.width, row.height) for image, row in marked},
    )
