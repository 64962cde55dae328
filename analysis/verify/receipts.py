"""Receipts kept outside the export: by judges, or line by line on another machine."""

import re
from dataclasses import dataclass
from pathlib import Path

from analysis.amounts import how_many
from analysis.errors import AnalysisError
from analysis.verify.record import MisfitError, Record

_RECEIPT = re.compile(r"(?<![0-9a-f])[0-9a-f]{16,64}(?![0-9a-f])", re.IGNORECASE)
_NAMED = 5


@dataclass(frozen=True)
class ReceiptFile:
    """The receipts of a file, by line."""

    name: str
    receipts: tuple[tuple[int, str], ...]


def read_receipts(path: Path) -> ReceiptFile:
    """Read receipts, 16 to 64 hexadecimal digits each, and ignore any text around them.

    Raises
    ------
    AnalysisError
        If the file cannot be read or has none.
    """
    try:
        lines = path.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError as error:
        raise AnalysisError(f"cannot read {path}: {error.strerror}") from None
    found = [(number, text) for number, line in enumerate(lines, 1) for text in _RECEIPT.findall(line)]
    if not found:
        raise AnalysisError(f"{path} contains no receipts; a receipt is 16 or more hexadecimal digits")
    return ReceiptFile(path.name, tuple(found))


def check_receipts(record: Record, file: ReceiptFile) -> str:
    """Every receipt belongs to an event in the ledger, or to one that the ledger says is lost."""
    known = [event.hash for event in record.events]
    gone = [event[2] for item in record.study_events("loss-accepted") for event in item.body["lost"]]
    beginnings = {hash_[:length] for hash_ in (*known, *gone) for length in _lengths(file)}
    strange = [(line, text) for line, text in file.receipts if text.lower() not in beginnings]
    if strange:
        named = ", ".join(f"line {line} ({text[:16]})" for line, text in strange[:_NAMED])
        more = f" and {len(strange) - _NAMED} more" if len(strange) > _NAMED else ""
        raise MisfitError(f"{file.name}: {named}{more}: not in the ledger")
    return f"{how_many(len(file.receipts), 'receipts')} of {file.name} found in the ledger"


def _lengths(file: ReceiptFile) -> set[int]:
    return {len(text) for _, text in file.receipts}
