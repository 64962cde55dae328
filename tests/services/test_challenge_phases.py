"""When teams may hand in and how often, to the microsecond and over midnight, whatever zone it is said in."""

from datetime import UTC, datetime, timedelta
from itertools import count
from zoneinfo import ZoneInfo

import pytest

from studyapp.db.site_tables import Submission
from studyapp.db.tables import utc_text
from studyapp.errors import NotFoundError, StudyStateError
from studyapp.services.challenge import phases
from studyapp.study.challenge_file import Phase
from studyapp.study.site_file import SITE_FILE
from tests.conftest import NOW
from tests.services.challenge_site import CHALLENGE, account_of, challenge_site, team

STEP = timedelta(microseconds=1)


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    with challenge_site(tmp_path_factory.mktemp("site")) as made:
        yield made


def test_a_phase_opens_and_closes_to_the_microsecond():
    opens, closes = datetime(2026, 2, 1, tzinfo=UTC), datetime(2026, 3, 1, 23, 59, tzinfo=UTC)
    freezes = closes - timedelta(days=1)
    phase = Phase(title="Feedback", opens=opens, closes=closes, freezes=freezes)
    for moment, expected, frozen in (
        (opens - STEP, "before", False),
        (opens, "open", False),
        (freezes - STEP, "open", False),
        (freezes, "open", True),
        (closes - STEP, "open", True),
        (closes, "over", False),
    ):
        assert (phases.stage(phase, moment), phases.is_frozen(phase, moment)) == (expected, frozen), moment
        # What decides is the moment, not the zone in which somebody's clock shows it.
        elsewhere = moment.astimezone(ZoneInfo("America/Los_Angeles"))
        assert phases.stage(phase, elsewhere) == expected
    phases.refuse_late(phase, closes - STEP)
    with pytest.raises(StudyStateError, match="closed at 2026-03-01 23:59:00 UTC"):
        phases.refuse_late(phase, closes)
    with pytest.raises(StudyStateError, match="opens at 2026-02-01 00:00:00 UTC"):
        phases.refuse_late(phase, opens - STEP)


@pytest.mark.parametrize(
    ("written", "late", "early"),
    [
        # 02:30 comes twice in this night; the offset says which one is meant.
        ("2026-10-25T02:30:00+02:00", "2026-10-25T02:30:00+01:00", "2026-10-25T02:29:59.999999+02:00"),
        # Half an hour before the clock is put forward, and half an hour after: one hour, not two.
        ("2026-03-29T03:30:00+02:00", "2026-03-29T01:30:00+00:00", "2026-03-29T01:59:59+01:00"),
        ("2026-03-10T23:59:00-08:00", "2026-03-11T07:59:00+00:00", "2026-03-11T15:58:59+08:00"),
    ],
)
def test_an_hour_is_not_lost_with_another_zone_or_the_change_of_daylight_saving(written, late, early):
    phase = Phase.model_validate({"title": "F", "opens": "2026-01-01T00:00:00Z", "closes": written})
    assert phases.stage(phase, datetime.fromisoformat(late)) == "over"
    assert phases.stage(phase, datetime.fromisoformat(early)) == "open"


NUMBERS = count(1)


def send(
    site, number, when, *, state="done", phase="feedback", result="{}", score=None, kind="results", **more
):
    with site.database.writing() as session:
        row = Submission(
            team_id=number, track="lowlight", phase=phase, number=next(NUMBERS), name="results.zip", size=1,
            sha256="0", sent_by=account_of(site, "Ada"), arrived_at=utc_text(when), state=state,
            result=result, score=score, kind=kind, **more,
        )  # fmt: skip
        session.add(row)


def left(site, number, when):
    with site.database.reading() as session:
        return phases.quota(session, site, number, "lowlight", "feedback", when)


def test_quotas_count_days_of_utc_and_only_what_brought_something(site):
    ours, theirs = team(site, "Ours", "Ada"), team(site, "Theirs", "Bo")
    midnight = datetime(2026, 3, 2, tzinfo=UTC)
    late = midnight - STEP
    send(site, ours, late - timedelta(hours=1))
    send(site, ours, late, state="failed")
    send(site, ours, late, state="withdrawn")
    send(site, ours, late, phase="final")
    send(site, ours, late, kind="code")
    assert left(site, ours, late) == phases.Quota(1, None)
    send(site, ours, late, state="waiting")
    assert left(site, ours, late) == phases.Quota(0, None, midnight)
    assert left(site, ours, late).is_used_up
    assert left(site, theirs, late) == phases.Quota(2, None)
    # A microsecond later it is another day in UTC, whatever day it is where the team sits.
    assert left(site, ours, midnight.astimezone(ZoneInfo("America/New_York"))) == phases.Quota(2, None)
    # Once its score was seen, taking it back gives nothing back.
    send(site, ours, midnight, state="withdrawn", result='{"n": 3}', score=80.0)
    assert left(site, ours, midnight) == phases.Quota(1, None)
    # Nor while it is scored again, by another formula.
    send(site, ours, midnight, state="withdrawn", readme='{"runtime": 1}')
    assert left(site, ours, midnight).today == 0


def test_a_quota_in_all_and_the_last_day_promise_no_other_time(site):
    number = team(site, "Last", "Cy")
    for day in (8, 9, 10, 10):
        send(site, number, datetime(2026, 3, day, 12, tzinfo=UTC))
    last = datetime(2026, 3, 10, 13, tzinfo=UTC)
    assert left(site, number, last) == phases.Quota(0, None, None)
    with pytest.raises(NotFoundError, match="no phase 'nothing'"):
        phases.phase_of(site, "lowlight", "nothing")
    with pytest.raises(NotFoundError, match="no track 'nothing'"):
        phases.phase_of(site, "nothing", "feedback")


def test_what_site_yaml_says_now_counts_at_once(tmp_path):
    with challenge_site(tmp_path) as site, challenge_site(tmp_path) as other_process:
        number = team(site, "Ours", "Ada")
        path = tmp_path / SITE_FILE
        for text, daily in ((CHALLENGE.replace("daily: 2", "daily: 3, total: 2"), 3), ("challenge: [", 3)):
            path.write_text(text, encoding="utf-8")
            for one in (site, other_process):
                # What cannot be read leaves what was read before.
                assert left(one, number, NOW) == phases.Quota(daily, 2)
        path.write_text("title: No challenge\n", encoding="utf-8")
        with pytest.raises(NotFoundError, match="no challenge"):
            phases.challenge_of(site)
