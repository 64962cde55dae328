"""The channels by which a team's identity could leak: one small check for each, in a module by kind."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from studyapp.blind_audit.evidence import Evidence

Check = Callable[[Evidence], Iterator[str]]


@dataclass(frozen=True)
class Channel:
    """A named check; its meaning is the first line of the check's docstring.

    `left_out` tells what the check had to pass over.
    """

    name: str
    look: Check
    basis: str = "responses"
    left_out: Check | None = None

    @property
    def meaning(self) -> str:
        """What must hold."""
        return (self.look.__doc__ or "").split("\n")[0].rstrip(".")

    def looked_at(self, evidence: Evidence) -> str:
        """How much the check saw."""
        if self.basis == "logs":
            return f"{len(evidence.logs.splitlines())} lines"
        counts = {
            "responses": len(evidence.exchanges),
            "texts": len(evidence.texts),
            "tiles": len(evidence.tiles),
            "trials": len(evidence.trials),
            "timings": len(evidence.timings),
        }
        return f"{counts[self.basis]} {self.basis}"
