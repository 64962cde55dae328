"""Read the streams of a process that may print gigabytes, or lie in its reports."""

import json
import os
import selectors
import subprocess
import time
from typing import Any

TAIL = 16 * 1024
_CHUNK = 1 << 16
_MOST_REPORTED = 64 * 10**6
_LONGEST_LINE = 8 * 10**6


class Streams:
    """The reports, stdout and stderr of one process; of what it prints only the end is kept."""

    def __init__(
        self, process: "subprocess.Popen[bytes]", reports: int, token: str, most_printed: int
    ) -> None:
        assert process.stdout is not None
        assert process.stderr is not None
        self.too_much = ""
        self._token = token
        self._most_printed = most_printed
        self._printed = 0
        self._tails = {"stdout": b"", "stderr": b""}
        self._reported = bytearray()
        self._told = 0
        self._parsed: list[dict[str, Any]] = []
        self._given = 0
        self._problem = ""
        self._start = time.monotonic()
        self._selector = selectors.DefaultSelector()
        for name, descriptor in (
            ("reports", reports),
            ("stdout", process.stdout.fileno()),
            ("stderr", process.stderr.fileno()),
        ):
            os.set_blocking(descriptor, False)
            self._selector.register(descriptor, selectors.EVENT_READ, name)
        self._reports = reports

    def read(self, seconds: float) -> bool:
        """Read what arrives within some seconds; False when all streams have ended."""
        for key, _ in self._selector.select(seconds):
            data = os.read(key.fd, _CHUNK)
            if not data:
                self._selector.unregister(key.fd)
                if key.fd == self._reports:
                    os.close(key.fd)
                continue
            self._take(key.data, data)
        return bool(self._selector.get_map())

    def drain(self) -> None:
        """Read what has already arrived from a process that has ended."""
        while not self.too_much and self._selector.get_map() and self._selector.select(0):
            self.read(0)

    def new(self) -> list[dict[str, Any]]:
        """Return the reports that came in since the last call."""
        found = self._parsed[self._given :]
        self._given = len(self._parsed)
        return found

    def reports(self) -> tuple[tuple[dict[str, Any], ...], str]:
        """Return all reports, and what is wrong with them ("" for nothing). Closes the streams."""
        if self._reports in self._selector.get_map():
            os.close(self._reports)
        self._selector.close()
        return tuple(self._parsed), self._problem

    def printed(self) -> str:
        """Return the end of stderr, or of stdout if stderr is empty, without control characters."""
        data = self._tails["stderr"].strip() or self._tails["stdout"].strip()
        return printable(data.decode("utf-8", "replace"))

    def _take(self, name: str, data: bytes) -> None:
        if name != "reports":
            self._printed += len(data)
            self._tails[name] = (self._tails[name] + data)[-TAIL:]
            if self._printed > self._most_printed:
                self.too_much = f"printed more than {self._most_printed / 1e6:g} MB"
            return
        self._reported += data
        self._told += len(data)
        if self._told > _MOST_REPORTED:
            self.too_much = f"reported more than {_MOST_REPORTED / 1e6:g} MB"
        if b"\n" not in data and len(self._reported) < _LONGEST_LINE:
            return
        *lines, rest = self._reported.split(b"\n")
        if len(rest) >= _LONGEST_LINE:
            self.too_much = f"reported a line of more than {_LONGEST_LINE / 1e6:g} MB"
        self._reported = bytearray(rest)
        for line in lines:
            self._parse(bytes(line))

    def _parse(self, line: bytes) -> None:
        try:
            report = json.loads(line)
        except (ValueError, RecursionError):
            report = None
        known = isinstance(report, dict) and report.pop("token", None) == self._token
        if not known or not isinstance(report, dict) or not isinstance(report.get("stage"), str):
            self._problem = "wrote into the results; only the measuring code may"
            return
        if report.pop("number", None) != len(self._parsed) and report["stage"] != "breach":
            self._problem = "reports are missing or duplicated; only the measuring code may write them"
        self._parsed.append({**report, "at": time.monotonic() - self._start})


def printable(text: str) -> str:
    """Return text without characters that steer a terminal."""
    return "".join(letter if letter.isprintable() or letter == "\n" else "?" for letter in text)
