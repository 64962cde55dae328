"""What several processes do at once in test_attempts; here, so that they load nothing else of the tests."""

import time
from contextlib import closing

from studyapp.services.ground.site import open_site
from studyapp.services.people import attempts

TIMES, WINDOW = 30, 60


def count_many(root, together) -> None:
    """Count in many windows, each begun by all of the processes at once."""
    with closing(open_site(root)) as site:
        for number in range(TIMES):
            together.wait()
            with site.database.writing() as session:
                attempts.add(session, f"{number}", WINDOW, 1, now=time.time())
