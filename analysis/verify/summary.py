"""All checks, one after the other; the first that fails names the mismatch."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from analysis.audit.findings import Finding
from analysis.errors import AnalysisError
from analysis.verify.chains import check_chains, check_closing
from analysis.verify.draws import check_draws
from analysis.verify.life import check_life
from analysis.verify.manifest import check_manifest, manifest_sha256
from analysis.verify.parts import check_parts, check_rule
from analysis.verify.ranking import check_ranking
from analysis.verify.reasons import check_reasons
from analysis.verify.receipts import ReceiptFile, check_receipts
from analysis.verify.record import MisfitError, Record, read_record
from analysis.verify.replay import Replay
from analysis.verify.results import SCORES, check_answers, check_scores, check_simulated
from analysis.verify.seal import check_ballots, check_commitment, check_design

# What a damaged record can raise where a number or a name was expected.
DAMAGED = (KeyError, TypeError, ValueError, IndexError, AttributeError, ArithmeticError, AnalysisError)


@dataclass(frozen=True)
class Published:
    """What was published or kept outside the export: on paper, in an e-mail, by a judge."""

    digest: str | None = None
    commitment: str | None = None
    manifest: str | None = None
    receipts: tuple[str, ...] = ()
    files: tuple[ReceiptFile, ...] = ()


def verify_export(folder: Path, published: Published | None = None) -> list[Finding]:
    """Check everything in an export folder.

    Parameters
    ----------
    folder
        What `studyapp export` wrote.
    published
        Digest, commitment and receipts known from elsewhere; only they can reveal a ledger that was rewritten
        as a whole.

    Raises
    ------
    AnalysisError
        If the ledger is missing or is not one.
    """
    return list(export_findings(folder, published))


def export_findings(folder: Path, published: Published | None = None) -> Iterator[Finding]:
    """Yield the results of `verify_export`, one check after the other."""
    record = read_record(folder)
    yield from verify_record(record)
    replay = Replay(record, record.opening) if record.opening else None
    answers, scores = _names(replay)
    tables = (("design.csv", check_design), (answers, check_answers), ("reasons.csv", check_reasons),
              ("simulated", check_simulated), ("rule.json", check_rule), (scores, check_scores),
              ("scores.csv", check_parts),
              ("ranking.csv", check_ranking))  # fmt: skip
    for name, check in tables:
        yield _finding(name, lambda check=check: check(_opened(replay), folder))
    yield _finding("manifest", lambda: check_manifest(record, folder))
    known = published or Published()
    if known.manifest:
        yield _told("manifest published", known.manifest, [manifest_sha256(folder)])
    yield from published_findings(record, known)


def _names(replay: Replay | None) -> tuple[str, str]:
    """The files of answers and of their scores, as far as the ledger says what judges were asked."""
    try:
        table = _opened(replay).protocol.table
    except (MisfitError, *DAMAGED):
        table = "votes"
    return f"{table}.csv", SCORES[table]


def verify_record(record: Record, *, opened: bool = True, closed: bool = True) -> list[Finding]:
    """Check a ledger in itself: chains, closing, commitment, ballots.

    Parameters
    ----------
    record
        With the opening, if the key is known.
    opened, closed
        False for a study that has not come that far: ballots, or the closing, are then not expected.
    """
    replay = Replay(record, record.opening) if record.opening else None
    findings = [
        _finding("chains", lambda: check_chains(record)),
        _finding("life", lambda: check_life(record)),
    ]
    if closed:
        findings.append(_finding("closing", lambda: check_closing(record)))
    findings.append(_finding("commitment", lambda: check_commitment(record)))
    findings += _losses(record)
    if opened:
        findings.append(_finding("draws", lambda: check_draws(_opened(replay))))
        findings.append(_finding("ballots", lambda: check_ballots(_opened(replay))))
    return findings


def _losses(record: Record) -> list[Finding]:
    found = []
    for event in record.study_events("loss-accepted"):
        try:
            lost = ", ".join(f"{chain}, event {number}" for chain, number, _ in event.body["lost"])
            found.append(Finding("loss", "note", f"{event}: acknowledged but lost: {lost}"))
        except DAMAGED as error:
            found.append(Finding("loss", "wrong", f"{event}: cannot be followed: {error}"))
    return found


def _opened(replay: Replay | None) -> Replay:
    if replay is None:
        raise MisfitError("nothing can be recomputed without the key")
    return replay


def published_findings(record: Record, published: Published) -> Iterator[Finding]:
    """Compare what was published or kept elsewhere with the ledger."""
    if published.digest:
        told = [event.body.get("digest") for event in record.study_events("closed")]
        yield _told("digest", published.digest, told)
    if published.commitment:
        told = [event.body.get("commitment") for event in record.study_events("committed")]
        yield _told("commitment published", published.commitment, told)
    for receipt in published.receipts:
        found = next((event for event in record.events if event.hash.startswith(receipt.lower())), None)
        message = f"receipt {receipt} is {found}" if found else f"receipt {receipt} is not in the ledger"
        yield Finding("receipt", "ok" if found else "wrong", message)
    for file in published.files:
        yield _finding("receipts", lambda file=file: check_receipts(record, file))


def _told(check: str, published: str, told: list[str | None]) -> Finding:
    if published.lower() in told:
        return Finding(check, "ok", f"{published} is in the ledger")
    return Finding(
        check, "wrong", f"{published} was published, but the ledger says {told[0] if told else 'nothing'}"
    )


def _finding(name: str, check: Callable[[], str]) -> Finding:
    try:
        return Finding(name, "ok", check())
    except MisfitError as error:
        return Finding(name, "wrong", str(error))
    except DAMAGED as error:
        return Finding(name, "wrong", f"cannot be followed: {type(error).__name__} {error}")
