"""Counts for Prometheus: requests, ballots, time; none is of a judge, a team or an image.

The client of Prometheus is loaded by whoever serves. Its counts are one for each process; `studyapp.server`
gives the processes a folder where they stand side by side, and any of them adds them up.
"""

import functools
import hmac
import logging
import os
import shutil
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from flask import Flask, current_app, request
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from studyapp.errors import StudyError
from studyapp.services.ground.site import Site
from studyapp.settings import metrics_token
from studyapp.web.watching.requests import Request, this_request

# Seconds. A judge notices a tenth; saving a ballot must stay below 0.15 (docs/reliability.md).
BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.15, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
SAVES = "trials.save"

# Called when the counts are asked for: name, meaning, and values by the words of one label ("" for no label).
Measured = tuple[str, str, str, Iterable[tuple[str, float]]]
_MEASURES = "studyapp_measures"
_TOKEN = "studyapp_metrics_token"  # noqa: S105 (a name)


@dataclass(frozen=True)
class _Counts:
    requests: Any
    seconds: Any
    running: Any
    saved: Any
    refused: Any
    registry: Any


@functools.cache
def _counts() -> _Counts:
    """Make the counts of this process, once: two of the same name would overwrite each other's file."""
    from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

    registry = CollectorRegistry()
    return _Counts(
        requests=Counter(
            "studyapp_requests",
            "Requests by the pattern of their address",
            ["route", "method", "status"],
            registry=registry,
        ),
        seconds=Histogram(
            "studyapp_request_seconds",
            "Time from a whole request to the end of its answer",
            ["route"],
            buckets=BUCKETS,
            registry=registry,
        ),
        running=Gauge(
            "studyapp_requests_running",
            "Requests being answered",
            multiprocess_mode="livesum",
            registry=registry,
        ),
        saved=Counter("studyapp_ballots_saved", "Ballots on disk, practice included", registry=registry),
        refused=Counter("studyapp_ballots_refused", "Ballots refused", ["status"], registry=registry),
        registry=registry,
    )


class _Counting:
    """Counts what it hears. Should that fail, it stops: no judge waits for a count."""

    def __init__(self, counts: _Counts) -> None:
        self._counts, self._works = counts, True

    def begun(self) -> None:
        self._try(self._counts.running.inc)

    def ended(self, noted: Request) -> None:
        self._try(lambda: self._count(noted))

    def _count(self, noted: Request) -> None:
        counts = self._counts
        counts.running.dec()
        if noted.is_quiet:
            return
        counts.requests.labels(noted.route, noted.method, str(noted.status)).inc()
        counts.seconds.labels(noted.route).observe(noted.seconds)
        if noted.endpoint == SAVES:
            (counts.saved if noted.status < 400 else counts.refused.labels(str(noted.status))).inc()

    def _try(self, count: Callable[[], None]) -> None:
        if self._works:
            try:
                count()
            except Exception as error:  # such as a disk that is full, where its file should grow
                self._works = False
                logging.getLogger("studyapp").warning("counting ended: %s", type(error).__name__)


def init_metrics(app: Flask, measures: Sequence[Callable[[], Measured]]) -> None:
    """Say what is looked up whenever the counts are asked for."""
    app.extensions[_TOKEN] = metrics_token()
    app.extensions[_MEASURES] = measures


def observer() -> _Counting:
    """Return who counts requests."""
    return _Counting(_counts())


def free_space(folder: Path) -> Measured:
    """Measure the room on a folder's disk."""
    return (
        "studyapp_disk_free_bytes",
        "Room on the disk of the study",
        "",
        [("", shutil.disk_usage(folder).free)],
    )


def jobs(site: Site) -> Measured:
    """Count the jobs that wait, run or failed."""
    with site.database.looking() as connection:
        rows = connection.execute(text("SELECT state, count(*) FROM job GROUP BY state")).all()
    found = {row[0]: row[1] for row in rows}
    states = [(state, float(found.get(state, 0))) for state in ("waiting", "running", "failed")]
    return "studyapp_jobs", "Jobs that wait, run or failed", "state", states


def may_be_told() -> bool:
    """Tell whether whoever asks may see the counts: by the token, or, without one, on this machine."""
    token = current_app.extensions[_TOKEN]
    if token is not None:
        given = request.headers.get("Authorization", "").encode()
        return hmac.compare_digest(given, f"Bearer {token}".encode())
    noted = this_request()
    return noted is not None and noted.is_local


def exposition() -> tuple[bytes, str]:
    """Return all counts of all processes as Prometheus reads them, and the type of that text."""
    from prometheus_client import CollectorRegistry, generate_latest
    from prometheus_client.exposition import CONTENT_TYPE_LATEST
    from prometheus_client.multiprocess import MultiProcessCollector

    if "PROMETHEUS_MULTIPROC_DIR" in os.environ:
        together = CollectorRegistry()
        MultiProcessCollector(together)
        counted = generate_latest(together)
    else:
        counted = generate_latest(_counts().registry)
    now = CollectorRegistry()
    now.register(_Now(current_app.extensions[_MEASURES]))
    return counted + generate_latest(now), CONTENT_TYPE_LATEST


class _Now:
    """What is measured when it is asked for."""

    def __init__(self, measures: Iterable[Callable[[], Measured]]) -> None:
        self._measures = measures

    def collect(self) -> Iterator[Any]:
        from prometheus_client.core import GaugeMetricFamily

        for take in self._measures:
            try:
                name, meaning, label, values = take()
            except (OSError, DBAPIError, StudyError) as error:  # away: the other counts are told all the same
                current_app.logger.warning("a measure could not be taken: %s", type(error).__name__)
                continue
            family = GaugeMetricFamily(name, meaning, labels=[label] if label else [])
            for word, value in values:
                family.add_metric([word] if label else [], value)
            yield family
