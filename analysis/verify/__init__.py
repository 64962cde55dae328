"""Check a study's export against its own ledger: chains, digest, sealed key, design, ballots, votes, ranking.

Written from docs/ledger.md alone. It shares no code with the application that wrote the export, so that a
fault there cannot hide itself here (docs/decisions/0201).
"""

from analysis.verify.receipts import read_receipts
from analysis.verify.record import Event, Opening, Record, read_record
from analysis.verify.replay import Replay
from analysis.verify.site import verify_folder
from analysis.verify.summary import (
    Published,
    export_findings,
    published_findings,
    verify_export,
    verify_record,
)

__all__ = [
    "Event",
    "Opening",
    "Published",
    "Record",
    "Replay",
    "export_findings",
    "published_findings",
    "read_receipts",
    "read_record",
    "verify_export",
    "verify_folder",
    "verify_record",
]
