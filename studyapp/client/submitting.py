"""Handing in from a shell: find the phase, look at the zip, send it, wait for the score."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from studyapp.batch.pool import Progress, silent
from studyapp.client.packing import as_zip, problems_of, refuse_code
from studyapp.client.sending import Memory, Patience, send
from studyapp.client.server import RefusedError, Server
from studyapp.errors import ProblemsFoundError, StudyError, errors_of

OVER = ("done", "failed", "withdrawn")
_STAGES = {"unpack": "unpacking", "check": "checking"}


@dataclass(frozen=True)
class Submit:
    """What is handed in, and how.

    Attributes
    ----------
    source
        A zip, or a folder that becomes one.
    track, phase
        Where the challenge has several that are open for this team.
    code
        Whether it is the team's code, not images.
    check
        Whether to look at it before it is sent.
    wait
        Whether to wait for what comes of it.
    memory
        Where it is remembered what was begun; by default among the files of the user.
    """

    source: Path
    track: str | None = None
    phase: str | None = None
    code: bool = False
    check: bool = True
    wait: bool = True
    memory: Path | None = None


def submit(
    server: Server,
    what: Submit,
    *,
    patience: Patience | None = None,
    progress: Progress = silent,
    remark: Callable[[str], object] = lambda _: None,
) -> dict[str, Any]:
    """Hand something in; return how it stands in the end, as the server tells it, with its page's address.

    Started again with the same files it goes on where it was, until what came of them was told once.

    Raises
    ------
    ProblemsFoundError
        Naming everything that is wrong with the zip; nothing was sent.
    StudyError
        When the server does not want it, or the line stays dead.
    """
    patience = patience or Patience()
    track, phase = _where(server.ask("GET", "api").told, what)
    kind = "code" if what.code else ""
    query = f"?kind={kind}" if kind else ""
    told = server.ask("GET", f"api/tracks/{track}/{phase}{query}").told
    with as_zip(what.source, progress) as path:
        memory = Memory.of(server.address(told["uploads"]), path, what.memory)
        number = _remembered(server, memory, patience)
        if number is None:
            name = f"{what.source.resolve().name}{'.zip' if what.source.is_dir() else ''}"
            is_new = memory.read("location") is None
            if is_new and told["refused"]:
                raise StudyError(told["refused"])
            if is_new and what.check and what.code:
                refuse_code(path, name)
            elif is_new and what.check and told["images"]:
                _look(path, name, told, progress, remark)
            number = send(
                server,
                told["uploads"],
                path,
                name,
                memory,
                kind=kind,
                patience=patience,
                progress=progress,
                remark=remark,
            )
            memory.write(submission=str(number))
        else:
            remark(f"these files are submission {number} already; going on from there")
    found = _standing(server, number, patience)
    while what.wait and found["state"] not in OVER:
        _tell(found, progress)
        patience.sleep(_pause(found))
        found = _standing(server, number, patience)
    if found["sha256"] not in ("", memory.sha256):
        raise StudyError(f"{what.source} changed while it was sent; withdraw submission {number}, send again")
    if what.wait:
        memory.forget()
    return {**found, "page": server.address(found["page"])}


def _where(told: dict[str, Any], what: Submit) -> tuple[str, str]:
    """Choose track and phase: those asked for, or the only ones that are open for this team."""
    if told["account"] is None:
        raise StudyError("the access token is not known, or was revoked; make a new one under Access")
    tracks = told["tracks"]
    track = what.track or _only("track", [name for name, row in tracks.items() if row["team"]], tracks)
    if track not in tracks:
        raise StudyError(f"there is no track {track!r}; choose one of {', '.join(tracks)}")
    if tracks[track]["missing"]:
        raise StudyError(tracks[track]["missing"])
    phases = tracks[track]["phases"]
    phase = what.phase or _only(
        "phase", [name for name, row in phases.items() if row["stage"] == "open"], phases
    )
    if phase not in phases:
        raise StudyError(f"the track {track} has no phase {phase!r}; choose one of {', '.join(phases)}")
    if what.code and phases[phase]["kind"] != "final":
        raise StudyError(f"the phase {phase} takes images; leave out --code")
    return track, phase


def _only(what: str, fitting: list[str], there: dict[str, Any]) -> str:
    if len(fitting) == 1:
        return fitting[0]
    if fitting:
        raise StudyError(f"choose one with --{what}: {', '.join(fitting)}")
    if what == "track":
        raise StudyError(
            next((row["missing"] for row in there.values() if row["missing"]), "there is no track")
        )
    opens = [f"{name} opens at {row['opens']}" for name, row in there.items() if row["stage"] == "before"]
    raise StudyError(f"no phase is open now{'; ' if opens else ''}{', '.join(opens)}")


def _look(
    path: Path, name: str, told: dict[str, Any], progress: Progress, remark: Callable[[str], object]
) -> None:
    problems = problems_of(path, name, told, progress)
    if errors_of(problems):
        raise ProblemsFoundError(problems)
    for problem in problems:
        remark(str(problem))


def _remembered(server: Server, memory: Memory, patience: Patience) -> int | None:
    """Return the submission that the same files were made before; None for none, or one that is gone."""
    number = memory.read("submission")
    if number is None:
        return None
    try:
        _standing(server, int(number), patience)
    except (RefusedError, ValueError):
        memory.forget()
        return None
    return int(number)


def _standing(server: Server, number: int, patience: Patience) -> dict[str, Any]:
    return patience.of(lambda: server.ask("GET", f"api/submissions/{number}").told)


def _tell(found: dict[str, Any], progress: Progress) -> None:
    if found["total"]:
        progress(str(_STAGES.get(found["stage"], found["stage"])), found["done"], found["total"])
    else:
        progress(found["words"], 0, 0)


def _pause(found: dict[str, Any]) -> float:
    """Return how long to wait before the next look: less when it will soon be over."""
    return min(10.0, 1.0 + found["ahead"] / 2) if found["ahead"] else 0.5
