"""The teams and the judges of the sample study, all of them invented."""

from dataclasses import dataclass

JUDGES = 14


@dataclass(frozen=True)
class Entry:
    """A fictitious team and the classical method that makes its candidates."""

    id: str
    name: str
    method: str


# Names of trees, in no order of quality and unlike the names of the methods.
ENTRIES = (
    Entry("alder", "Alder", "wavelet shrinkage"),
    Entry("birch", "Birch", "unsharp mask"),
    Entry("cedar", "Cedar", "total variation"),
    Entry("hazel", "Hazel", "the input itself"),
    Entry("larch", "Larch", "bilateral filter"),
    Entry("maple", "Maple", "non-local means"),
    Entry("rowan", "Rowan", "median filter"),
)


def judge_rows() -> list[tuple[str, str, str]]:
    """Return name, e-mail address and conflicts of every simulated judge.

    The number is a multiple of the number of teams, so that each team can stand in each slot equally often.
    Nobody can own the addresses: example.org is reserved for examples (RFC 2606).
    """
    return [
        (f"Simulated judge {number:02d}", f"simulated-judge-{number:02d}@example.org", "")
        for number in range(1, JUDGES + 1)
    ]
