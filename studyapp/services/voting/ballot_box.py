"""Where ballots are put in: those that arrive while others are being saved are saved together.

Under load they share one transaction, its fsync and a few statements (docs/decisions/0205). Whoever comes
first serves all that wait; nobody is told "saved" before the transaction of all is on disk.
"""

import threading
import time
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy.exc import OperationalError

from studyapp.db.database import Database
from studyapp.services.voting.ballots import Ballot, Cast, save_ballots

ENOUGH = 12  # half of the server's threads: the others work while these are being saved
MOMENT = 0.0005  # seconds


@dataclass(eq=False)
class _Turn:
    """A ballot in the line, and what came of it."""

    cast: Cast
    outcome: Ballot | BaseException | None = None


class BallotBox:
    """Saves ballots for many threads; there is one for each database and process."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._line: deque[_Turn] = deque()
        self._serving = threading.Lock()

    def save(self, cast: Cast) -> Ballot:
        """Save a ballot; return when it is on disk, in both records.

        Raises
        ------
        StudyError
            As `studyapp.services.voting.ballots.save_ballots` has it.
        Exception
            When database or disk fail. Whoever sent the ballot is not told that it is saved.
        """
        mine = _Turn(cast)
        self._line.append(mine)
        with self._serving:
            while mine.outcome is None:
                self._gather()
                self._serve(self._next())
        if isinstance(mine.outcome, BaseException):
            raise mine.outcome
        return mine.outcome

    def _gather(self) -> None:
        """Where several wait, give those on their way a moment: fewer transactions serve all sooner."""
        waiting = len(self._line)
        while 1 < waiting < ENOUGH:
            time.sleep(MOMENT)
            if len(self._line) == waiting:
                return
            waiting = len(self._line)

    def _next(self) -> list[_Turn]:
        """Take from the line whoever waits, at most one ballot of each judge: the next builds on it.

        They are in the order of judges: two processes that lock several never wait for each other.
        """
        waiting = [self._line.popleft() for _ in range(len(self._line))]
        first = {turn.cast.judge_id: turn for turn in reversed(waiting)}
        self._line.extendleft(reversed([turn for turn in waiting if first[turn.cast.judge_id] is not turn]))
        return [first[judge] for judge in sorted(first)]

    def _serve(self, turns: Sequence[_Turn]) -> None:
        try:
            with self._database.writing() as session:
                outcomes = save_ballots(session, [turn.cast for turn in turns])
        except (OperationalError, OSError) as error:
            # Disk or database: it would fail each of them.
            outcomes = [error] * len(turns)
        except BaseException as error:
            if len(turns) > 1:
                # It may be the fault of one, and all was undone: each once more, alone.
                for turn in turns:
                    self._serve([turn])
                return
            outcomes = [error]
        for turn, outcome in zip(turns, outcomes, strict=True):
            turn.outcome = outcome
