"""Server logs: they say nothing of teams and hold no secret of a judge."""

from collections.abc import Iterator

from studyapp.blind_audit.channels.text import leaks
from studyapp.blind_audit.evidence import Evidence


def server_logs(evidence: Evidence) -> Iterator[str]:
    """No line of the server's log names a team, a file, a person, a token or a session."""
    tokens = {item.path.split("/")[2] for item in evidence.exchanges if item.path.startswith(("/j/", "/o/"))}
    for line in dict.fromkeys(evidence.logs.splitlines()):
        for word in leaks(evidence, line):
            yield f"{word!r} in {line[:200]!r}"
        if any(len(token) > 8 and token in line for token in (*tokens, *evidence.truth.slots)):
            yield f"a token in {line[:60]!r}..."
