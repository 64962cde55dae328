"""Results that pages keep: made once for as long as nothing changes."""

from threading import Thread

from studyapp.services.results.kept import kept
from tests.services.voting import cast, close
from tests.sqlite_alone import database_url  # noqa: F401 (the same on every database)


def test_a_kept_result_may_be_made_of_another_and_each_is_made_once(workspace, links):
    cast(workspace, "Jude", 1, 1, 2, 3)
    close(workspace)
    made, found = [], []

    def part(_session, _workspace):
        made.append("part")
        return 1

    def whole(session, workspace):
        made.append("whole")
        return kept(session, workspace, part) + 1

    def look():
        with workspace.database.reading() as session:
            found.extend(kept(session, workspace, make) for make in (whole, part, whole))

    looking = Thread(target=look, daemon=True)  # which would wait for itself for good
    looking.start()
    looking.join(60)
    assert found == [2, 1, 2]
    assert made == ["whole", "part"]
