"""Sending a file by tus 1.0 (https://tus.io), so that neither a cut line nor a killed program begins anew.

What was begun is remembered in a file of the user's: the same file, sent to the same phase again, goes on
where the server says that it stopped.
"""

import base64
import contextlib
import hashlib
import json
import os
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from analysis.files import file_sha256, write_whole
from analysis.storage import storage_words
from studyapp.batch.pool import Progress, silent
from studyapp.client.server import AwayError, RefusedError, Server
from studyapp.errors import StudyError

VERSION = {"Tus-Resumable": "1.0.0"}
SUBMISSION = "Studyapp-Submission"
CHUNK = 32 * 2**20
"""Bytes of a request: a proxy that keeps whole requests loses no more than this."""
GIVE_UP_S = 600.0
"""Seconds without a byte or an answer after which one gives up."""
LONGEST_PAUSE_S = 20.0
SENT = "sending (MB)"
_PIECE = 1 << 18

Result = TypeVar("Result")


@dataclass
class Patience:
    """How long one waits for a server that does not answer; whatever it answers begins that time anew."""

    give_up: float = GIVE_UP_S
    first_pause: float = 0.5
    sleep: Callable[[float], object] = time.sleep
    clock: Callable[[], float] = time.monotonic

    def __post_init__(self) -> None:
        self.encouraged()

    def encouraged(self) -> None:
        """Note that something went forward."""
        self._since, self._pause = self.clock(), self.first_pause

    def wait(self, error: AwayError) -> None:
        """Pause before the next try, or give up.

        Raises
        ------
        StudyError
            When nothing went forward for too long.
        """
        if self.clock() - self._since > self.give_up:
            raise StudyError(f"{error}; start the same command again later, it goes on from here") from error
        self.sleep(self._pause)
        self._pause = min(2 * self._pause, LONGEST_PAUSE_S)

    def of(self, ask: Callable[[], Result]) -> Result:
        """Ask until there is an answer."""
        while True:
            try:
                answer = ask()
            except AwayError as error:
                self.wait(error)
            else:
                self.encouraged()
                return answer


@dataclass(frozen=True)
class Memory:
    """What was begun with a file: where its bytes go, then which submission it became."""

    path: Path
    sha256: str

    @classmethod
    def of(cls, uploads: str, file: Path, folder: Path | None = None) -> "Memory":
        """Return what may be remembered of a file's upload to an address, in a folder or the user's own."""
        sha256 = file_sha256(file)
        key = hashlib.sha256(f"{uploads}\n{sha256}".encode()).hexdigest()
        return cls((folder or _state_folder()) / f"{key}.json", sha256)

    def read(self, what: str) -> str | None:
        """Return a thing that is remembered: `location` or `submission`."""
        try:
            return json.loads(self.path.read_text(encoding="utf-8")).get(what)
        except (OSError, ValueError, AttributeError):
            return None

    def write(self, **things: str) -> None:
        """Remember these things alone; where that is impossible, an upload is not resumed."""
        with contextlib.suppress(OSError):
            self.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            write_whole(self.path, json.dumps(things), private=True)

    def forget(self) -> None:
        """Let the same file be a new submission from now on."""
        with contextlib.suppress(OSError):
            self.path.unlink()


def send(
    server: Server,
    uploads: str,
    file: Path,
    name: str,
    memory: Memory,
    *,
    kind: str = "",
    patience: Patience | None = None,
    progress: Progress = silent,
    remark: Callable[[str], object] = lambda _: None,
) -> int:
    """Send a file, or the rest of it; return the number of the submission that it became.

    Raises
    ------
    RefusedError
        When the server does not want it.
    StudyError
        When the line stays dead.
    """
    sending = _Sending(server, file, patience or Patience(), progress, remark)
    location = memory.read("location")
    if location is not None:
        with contextlib.suppress(_GoneError):
            return sending.rest(location)
    for _ in range(3):  # whatever removes it does not do so every time
        location = sending.begin(uploads, name, kind)
        memory.write(location=location)
        with contextlib.suppress(_GoneError):
            return sending.rest(location)
    raise StudyError("the server removes the upload again and again; tell the organisers")


class _GoneError(StudyError):
    """The server knows an upload no more."""


@dataclass
class _Sending:
    server: Server
    file: Path
    patience: Patience
    progress: Progress
    remark: Callable[[str], object]

    def __post_init__(self) -> None:
        self.size = self.file.stat().st_size

    def begin(self, uploads: str, name: str, kind: str) -> str:
        """Let the server make room; return where the bytes go."""
        told = {"filename": name} | ({"kind": kind} if kind else {})
        written = ",".join(f"{key} {_encoded(value)}" for key, value in told.items())
        headers = {**VERSION, "Upload-Length": self.size, "Upload-Metadata": written}
        answer = self.patience.of(lambda: self.server.ask("POST", uploads, headers, b""))
        location = answer.headers.get("Location")
        if not location:
            raise StudyError("the server does not say where the file goes; check the address")
        return location

    def rest(self, location: str) -> int:
        """Send what the server does not have yet."""
        there = self._there(location)
        if there:
            self.remark(f"{there:,} of {self.size:,} bytes are there already; going on")
        while there is not None and there < self.size:
            try:
                there, made = self._piece(location, there)
            except AwayError as error:
                self.patience.wait(error)
                there = self._there(location)
            except RefusedError as error:
                if error.status not in (404, 409):
                    raise
                there = self._there(location)
            else:
                if made is not None:
                    return made
        return self._entered(location)

    def _there(self, location: str) -> int | None:
        """Ask how many bytes are there; None when there is no such upload, perhaps as it was entered."""
        try:
            answer = self.patience.of(lambda: self.server.ask("HEAD", location, VERSION))
        except RefusedError as error:
            if error.status in (404, 410):
                return None
            raise
        return int(answer.headers["Upload-Offset"])

    def _piece(self, location: str, offset: int) -> tuple[int, int | None]:
        length = min(CHUNK, self.size - offset)
        headers = {
            **VERSION,
            "Content-Type": "application/offset+octet-stream",
            "Content-Length": length,
            "Upload-Offset": offset,
        }
        answer = self.server.ask("PATCH", location, headers, self._bytes(offset, length))
        self.patience.encouraged()
        made = answer.headers.get(SUBMISSION)
        return int(answer.headers["Upload-Offset"]), int(made) if made else None

    def _bytes(self, offset: int, length: int) -> Iterator[bytes]:
        with self.file.open("rb") as opened:
            opened.seek(offset)
            while length:
                try:
                    piece = opened.read(min(_PIECE, length))
                except OSError as error:  # not the line's
                    raise StudyError(f"{self.file} cannot be read: {storage_words(error)}") from error
                if not piece:
                    raise StudyError(f"{self.file} became shorter while it was sent; start again")
                yield piece
                offset, length = offset + len(piece), length - len(piece)
                self.progress(SENT, offset // 10**6, self.size // 10**6)

    def _entered(self, location: str) -> int:
        """Ask which submission the whole file became: the answer to its last byte was lost."""
        address = f"{location}/entered"
        try:
            answer = self.patience.of(lambda: self.server.ask("POST", address, VERSION, b""))
        except RefusedError as error:
            if error.status == 404:
                raise _GoneError("the upload is gone") from error
            raise
        return int(answer.told["submission"])


def _encoded(value: str) -> str:
    return base64.b64encode(value.encode()).decode()


def _state_folder() -> Path:
    base = os.environ.get("XDG_STATE_HOME")
    return (Path(base) if base else Path.home() / ".local" / "state") / "studyapp" / "uploads"
