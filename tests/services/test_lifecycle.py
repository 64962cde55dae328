"""The life of a study: what each state allows, who is out of the results, what may be amended."""

import json
import threading
import time

import pytest
from sqlmodel import select

from studyapp.core.judges_file import JudgeLine
from studyapp.core.reasons import Reason
from studyapp.db.tables import Judge, Study, Trial
from studyapp.errors import NotFoundError, StudyError, StudyPausedError, StudyStateError
from studyapp.services.ground import studies
from studyapp.services.ground.ledger import bodies, standing, study_events
from studyapp.services.ground.workspace import load_workspace
from studyapp.services.people import invitations
from studyapp.services.results.monitoring import study_status
from studyapp.services.results.ranking import rank_study
from studyapp.services.results.verifying import verify_study
from studyapp.services.voting import lifecycle
from studyapp.services.voting.amending import amend_study, amendments
from tests.conftest import NOW
from tests.services.test_reasons import say
from tests.services.voting import cast, cast_all, close
from tests.sqlite_alone import database_url  # noqa: F401 (the same on every database)


def do(workspace, step, *arguments, **options):
    """Take a step in a transaction of its own."""
    with workspace.database.writing() as session:
        return step(session, *arguments, now=NOW, **options)


def ranking(workspace):
    with workspace.database.reading() as session:
        return rank_study(session, workspace)


def points(workspace) -> dict[str, float]:
    return ranking(workspace).scores.set_index("team")["points"].to_dict()


def fits(workspace) -> bool:
    with workspace.database.reading() as session:
        return all(item.verdict == "ok" for item in verify_study(session, workspace))


def team_at(workspace, name: str, position: int) -> dict[int, str]:
    """Return the team in each slot of a trial; only a test may know."""
    from analysis.verify.design import judge_trials
    from studyapp.services.ground.sealing import opening

    with workspace.database.reading() as session:
        listing = opening(session, workspace.key)["list"]
        number = session.exec(select(Judge.position).where(Judge.name == name)).one()
    trials = judge_trials(workspace.key, listing, name, number, ())
    trial = next(item for item in trials if (item.kind, item.position) == ("main", position))
    return dict(enumerate(trial.slots, start=1))


def slots_of(workspace, name: str, position: int, *teams: str) -> list[int]:
    places = {team: slot for slot, team in team_at(workspace, name, position).items()}
    return [places[team] for team in teams]


def test_a_paused_study_takes_no_ballots_and_goes_on(workspace, links):
    cast(workspace, "Jude", 1, 1)
    do(workspace, lifecycle.pause_study)
    with pytest.raises(StudyPausedError, match="paused"):
        cast(workspace, "Jude", 1, 1, 2, base=1)
    assert cast(workspace, "Jude", 1, 1), "a retry of what was saved is still acknowledged"
    for step in (lifecycle.pause_study, studies.open_study):
        with pytest.raises(StudyStateError, match="paused"):
            do(workspace, step)
    do(workspace, lifecycle.resume_study)
    cast(workspace, "Jude", 1, 1, 2, base=1)
    assert fits(workspace)


def test_a_paused_study_can_be_closed(workspace, links):
    cast_all(workspace, "Jude")
    do(workspace, lifecycle.pause_study)
    close(workspace)
    for step in (lifecycle.pause_study, lifecycle.resume_study):
        with pytest.raises(StudyStateError, match="closed"):
            do(workspace, step)
    assert do(workspace, studies.close_study) is False, "closing again changes nothing"
    with pytest.raises(StudyStateError, match="closed"):
        do(workspace, studies.open_study)


def test_the_closing_lists_every_chain_and_nothing_tells_an_address(workspace, links):
    cast_all(workspace, "Jude")
    close(workspace)
    with workspace.database.reading() as session:
        events = [json.loads(event.body) for event in study_events(session)]
        text = " ".join(event.body for event in study_events(session))
    assert [event["kind"] for event in events] == ["committed", "invited", "invited", "opened", "closed"]
    assert [head[:2] for head in events[-1]["heads"]] == [["study", 4], ["judge01", 5], ["judge02", 0]]
    assert "example.org" not in text
    assert "Jude" not in text
    assert "team0" not in text


def test_results_stay_sealed_until_an_organiser_unseals_on_purpose(workspace, links):
    cast_all(workspace, "Jude")
    with pytest.raises(StudyStateError, match="sealed"):
        ranking(workspace)
    with pytest.raises(StudyError, match="the reason is empty"):
        do(workspace, lifecycle.unseal_study, "  ")
    do(workspace, lifecycle.unseal_study, "the jury must meet tomorrow")
    result = ranking(workspace)
    assert any("unsealed before closing" in note and "the jury must meet" in note for note in result.notes)
    assert any("INTERIM" in note for note in result.notes)
    with pytest.raises(StudyStateError, match="already"):
        do(workspace, lifecycle.unseal_study, "again")
    cast(workspace, "June", 1, 1, 2, 3)
    close(workspace)
    assert not any("INTERIM" in note for note in ranking(workspace).notes)
    assert fits(workspace)


def test_test_judges_never_count_and_take_nobodys_place(workspace, links):
    with workspace.database.writing() as session:
        lines = [JudgeLine("Tess", "tess@example.org", test=True), JudgeLine("Joan", "joan@example.org")]
        invitations.invite_judges(session, workspace.key, lines, now=NOW)
    with workspace.database.reading() as session:
        numbers = dict(session.exec(select(Judge.name, Judge.position)).all())
    assert numbers == {"Jude": 0, "June": 1, "Joan": 2, "Tess": 9000}
    cast_all(workspace, "Jude")
    cast_all(workspace, "Tess")
    with workspace.database.reading() as session:
        status = study_status(session)
    assert (status.complete, status.total) == (3, 9)
    close(workspace)
    result = ranking(workspace)
    assert result.judges == 1
    assert set(result.user.answers.table["judge"]) == {"judge01"}
    assert any("1 test judge does not count" in note for note in result.notes)
    assert fits(workspace)


def test_a_withdrawn_judge_is_out_of_the_results_but_not_of_the_ledger(workspace, links):
    cast_all(workspace, "Jude", "June")
    do(workspace, lifecycle.withdraw_judge, "June@example.org", "holds one team's images")
    with workspace.database.reading() as session, pytest.raises(NotFoundError):
        invitations.live_link(session, token=links["June"])
    close(workspace)
    assert set(ranking(workspace).user.answers.table["judge"]) == {"judge01"}
    assert any("judge02 is withdrawn" in note for note in ranking(workspace).notes)
    assert fits(workspace)
    do(workspace, lifecycle.withdraw_judge, "june@example.org", "it was a mistake", undo=True)
    assert ranking(workspace).judges == 2
    assert fits(workspace)
    with pytest.raises(StudyStateError, match="is not out"):
        do(workspace, lifecycle.withdraw_judge, "june@example.org", "twice", undo=True)
    with pytest.raises(NotFoundError, match="nobody@example"):
        do(workspace, lifecycle.withdraw_judge, "nobody@example.org", "who?")


def test_picks_behind_a_disqualified_team_move_up(workspace, links):
    picks = slots_of(workspace, "Jude", 1, "team02", "team01", "team04")
    cast(workspace, "Jude", 1, *picks)
    close(workspace)
    assert points(workspace) == {"team02": 3, "team01": 2, "team04": 1, "team03": 0}
    do(workspace, lifecycle.disqualify_team, "team02", "trained on the test set")
    assert points(workspace) == {"team01": 3, "team04": 2, "team03": 0}
    table = ranking(workspace).table
    assert list(table["team"]) == ["team01", "team04", "team03"]
    assert any("Second light is disqualified" in note for note in ranking(workspace).notes)
    assert fits(workspace)
    do(workspace, lifecycle.disqualify_team, "team02", "the accusation was false", undo=True)
    assert points(workspace)["team02"] == 3


def test_judges_see_nothing_of_a_disqualification(workspace, links):
    cast(workspace, "Jude", 1, 1, 2, 3)

    def shown() -> list[tuple[str, int]]:
        from studyapp.services.voting.judging import trial_view

        with workspace.database.reading() as session:
            judge = session.exec(select(Judge.id).where(Judge.name == "Jude")).one()
            ids = session.exec(
                select(Trial.public_id).where(Trial.judge_id == judge).order_by(Trial.id)
            ).all()
            return [trial_view(session, judge, public_id) for public_id in ids]

    before = shown()
    do(workspace, lifecycle.disqualify_team, "team02", "trained on the test set")
    assert shown() == before
    cast(workspace, "Jude", 2, 4, 3, 2)
    assert fits(workspace)


def test_two_teams_must_be_left(workspace, links):
    do(workspace, lifecycle.disqualify_team, "team01", "a")
    with pytest.raises(StudyStateError, match="already out"):
        do(workspace, lifecycle.disqualify_team, "team01", "b")
    do(workspace, lifecycle.disqualify_team, "team02", "c")
    with pytest.raises(StudyStateError, match="needs two teams"):
        do(workspace, lifecycle.disqualify_team, "team03", "d")
    with pytest.raises(NotFoundError, match="'team09'; the ids are team01, team02"):
        do(workspace, lifecycle.disqualify_team, "team09", "e")


def amended(workspace, old: str, new: str):
    path = workspace.folders.root / "study.yaml"
    path.write_text(path.read_text().replace(old, new))
    return load_workspace(workspace.folders.root)


def test_the_study_file_is_frozen_and_amended_by_number_and_reason(workspace, links):
    cast_all(workspace, "Jude")
    changed = amended(
        workspace,
        "title: Spring study",
        "title: Spring study 2026\nrules: {final: {score: user-study, awards: [1, 1]}}",
    )
    with workspace.database.reading() as session:
        assert studies.current_file(session).title == "Spring study", "a changed file alone changes nothing"
    with workspace.database.writing() as session:
        made = amend_study(session, changed, "the sponsor gives two awards", now=NOW)
    assert (made.number, made.keys) == (1, ("title", "rules"))
    with workspace.database.reading() as session:
        assert session.exec(select(Study.title)).one() == "Spring study 2026"
        assert [item.reason for item in amendments(session)] == ["the sponsor gives two awards"]
    with workspace.database.writing() as session, pytest.raises(StudyStateError, match="nothing to amend"):
        amend_study(session, changed, "again", now=NOW)
    close(workspace)
    assert sorted(filter(None, ranking(workspace).table["award"].astype(object).fillna(""))) == [
        "first",
        "second",
    ]
    assert any("amendment 1 of title, rules" in note for note in ranking(workspace).notes)
    assert fits(workspace)


def test_reasons_may_gain_words_while_ballots_are_cast(workspace, links):
    cast_all(workspace, "Jude")
    words = "Moire, Sharpness, Texture, Noise, Color, Artifacts, Realism, Fidelity"
    changed = amended(workspace, "seed: 7", f"seed: 7\nreasons: {{attributes: [{words}]}}")
    with workspace.database.writing() as session:
        assert amend_study(session, changed, "a judge asked for it", now=NOW).keys == ("reasons",)
    moire = Reason(slot=1, region="Face", attribute="Moire", direction="worse")
    say(workspace, "Jude", moire)
    close(workspace)
    assert fits(workspace)


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("title:", "protocol: {places: 2, points: [2, 1]}\ntitle:", "protocol cannot be changed"),
        ('practice: "000"\n', "", "practice cannot be changed"),
        ("seed: 7", "seed: 8", "seed cannot be changed"),
        ("seed: 7", "seed: 7\nreasons: {required: 1}", "reasons.required cannot be changed .* put 0 back"),
        ("seed: 7", "seed: 7\nreasons: {most: 9}", "reasons.most cannot be changed .* put 20 back"),
        ("seed: 7", "seed: 7\nreasons: {regions: [Face]}", "can only gain words .* put Global, Hair,"),
        ("name: Third eye", "name: Third ear", "order are sealed"),
        ("  - {id: team04, name: Fourth wall}\n", "", "order are sealed"),
    ],
)
def test_what_ballots_were_cast_under_is_never_amended(workspace, links, old, new, words):
    changed = amended(workspace, old, new)
    with workspace.database.writing() as session, pytest.raises(StudyStateError, match=words):
        amend_study(session, changed, "please", now=NOW)
    with workspace.database.reading() as session:
        assert amendments(session) == []


def test_rules_are_not_amended_by_those_who_know_the_results(workspace, links):
    cast_all(workspace, "Jude")
    do(workspace, lifecycle.unseal_study, "the jury must meet tomorrow")
    changed = amended(workspace, "title: Spring", "title: Autumn")
    with (
        workspace.database.writing() as session,
        pytest.raises(StudyStateError, match="unsealed; its rules can no longer change"),
    ):
        amend_study(session, changed, "please", now=NOW)
    close(workspace)
    with (
        workspace.database.writing() as session,
        pytest.raises(StudyStateError, match="closed; its rules can no longer change"),
    ):
        amend_study(session, changed, "please", now=NOW)


def test_links_leave_a_trace_without_the_token(workspace, links):
    do(workspace, invitations.reissue_link, "jude@example.org")
    do(workspace, invitations.revoke_link, "jude@example.org")
    do(workspace, invitations.revoke_link, "jude@example.org")
    with workspace.database.reading() as session:
        told = [body["judge"] for body in bodies(session, "link-reissued", "link-revoked")]
        assert standing(session).withdrawn == frozenset()
    assert told == ["judge01", "judge01"], "revoking what is revoked is no event"


def test_closing_among_ballots_in_flight_counts_every_acknowledged_one(workspace, links):
    """Two judges vote as fast as they can while the study is closed: all acknowledged is in the digest."""
    acknowledged, closing = [], threading.Barrier(3)

    def vote(name: str) -> None:
        closing.wait()
        for base in range(200):
            try:
                acknowledged.append(cast(workspace, name, 1, base % 4 + 1, base=base))
            except StudyStateError:
                return

    judges = [threading.Thread(target=vote, args=(name,)) for name in ("Jude", "June")]
    for judge in judges:
        judge.start()
    closing.wait()
    while len(acknowledged) < 6:
        time.sleep(0.002)
    close(workspace)
    for judge in judges:
        judge.join()
    with workspace.database.reading() as session:
        heads = {chain: length for chain, length, _ in next(iter(bodies(session, "closed")))["heads"]}
    assert heads["judge01"] + heads["judge02"] == len(acknowledged) >= 6
    assert fits(workspace)
