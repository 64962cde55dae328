"""What several processes do at once in test_attempts; here, so that they load nothing else of the tests."""

from studyapp.web.entrance.attempts import AttemptsFile

TIMES, WINDOW = 30, 60


def count_many(path, together) -> None:
    """Count in many windows, each begun by all of the processes at once."""
    for number in range(TIMES):
        together.wait()
        AttemptsFile(f"attempts://{path}").incr(f"{number}", WINDOW)
