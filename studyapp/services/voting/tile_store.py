"""From a tile token to the bytes of a tile, without a word about whose it is."""

import os
import threading
from collections import OrderedDict
from pathlib import Path

from sqlmodel import col, select

from studyapp.db.database import Database
from studyapp.db.tables import Picture, Trial, TrialSlot
from studyapp.imaging.pack_reader import PackReader

OPEN_PACKS = 512


class TileStore:
    """Looks up tokens and keeps packs open; safe to share between threads."""

    def __init__(self, database: Database, packs: Path) -> None:
        self._database = database
        self._packs = packs
        # Tokens never change hands, so what was found once stays true, until a rehearsal is cleared.
        self._owners: dict[str, tuple[int, str]] = {}
        self._cleared = 0
        self._readers: OrderedDict[str, PackReader] = OrderedDict()
        self._lock = threading.Lock()

    def tile(self, judge_id: int, token: str, level: int, column: int, row: int) -> bytes | None:
        """Return a tile's bytes, or None when there is none or it is not for this judge."""
        self._forget_rehearsals()
        owner = self._owners.get(token) or self._find(token)
        if owner is None or owner[0] != judge_id:
            return None
        return self.read(owner[1], level, column, row)

    def read(self, pack: str, level: int, column: int, row: int) -> bytes | None:
        """Return a tile of a pack, or None when there is none."""
        return self._reader(pack).tile(level, column, row)

    def _forget_rehearsals(self) -> None:
        try:
            cleared = os.stat(self._packs / "rehearsals").st_mtime_ns
        except OSError:
            return
        if cleared != self._cleared:
            self._owners, self._cleared = {}, cleared

    def _find(self, token: str) -> tuple[int, str] | None:
        query = (
            select(Trial.judge_id, Picture.pack)
            .select_from(TrialSlot)
            .join(Trial, col(TrialSlot.trial_id) == Trial.id)
            .join(Picture, col(TrialSlot.picture_id) == Picture.id)
            .where(TrialSlot.token == token)
        )
        with self._database.reading() as session:
            found = session.exec(query).one_or_none()
        if found is None:
            return None
        owner = (found[0], found[1])
        self._owners[token] = owner
        return owner

    def _reader(self, pack: str) -> PackReader:
        with self._lock:
            reader = self._readers.pop(pack, None) or PackReader(self._packs / pack)
            self._readers[pack] = reader
            if len(self._readers) > OPEN_PACKS:
                # Not closed here: another thread may be reading; it closes with its last reference.
                self._readers.popitem(last=False)
            return reader
