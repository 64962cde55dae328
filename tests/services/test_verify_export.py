"""`studyapp analyse verify` on an export: every kind of tampering is found, and named."""

import csv
import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner

from analysis.cli import main
from analysis.verify import Published, verify_export
from analysis.verify.hashing import GENESIS, event_hash, study_digest
from studyapp.services.ground import studies
from studyapp.services.ground.workspace import open_workspace
from studyapp.services.people import invitations
from studyapp.services.results.exports import export_study
from studyapp.services.results.ranking import rank_study
from studyapp.services.voting import lifecycle
from tests.conftest import CAST, NOW
from tests.services.test_reasons import WORSE, say
from tests.services.voting import cast_all, close

Lines = list[dict]


@pytest.fixture(scope="module")
def exported(tiled_folder, tmp_path_factory) -> Path:
    """The export of a study with two judges and a reason, closed; then a team was disqualified. Copy it."""
    root = Path(shutil.copytree(tiled_folder, tmp_path_factory.mktemp("exported") / "study"))
    workspace = open_workspace(root, url=f"sqlite:///{root}/var/study.db")
    with workspace.database.writing() as session:
        invitations.invite_judges(session, workspace.key, CAST, now=NOW)
        studies.open_study(session, now=NOW)
    cast_all(workspace, "Jude", "June")
    say(workspace, "Jude", WORSE)
    close(workspace)
    with workspace.database.writing() as session:
        lifecycle.disqualify_team(session, "team03", "used the test images", now=NOW)
    with workspace.database.reading() as session:
        export_study(session, workspace, rank_study(session, workspace))
    workspace.database.close()
    return workspace.folders.exports


@pytest.fixture
def folder(exported, tmp_path) -> Path:
    return Path(shutil.copytree(exported, tmp_path / "export"))


def misfits(folder: Path, published: Published | None = None) -> dict[str, str]:
    return {item.check: item.message for item in verify_export(folder, published) if item.verdict == "wrong"}


def ledger(folder: Path) -> Lines:
    return [json.loads(line) for line in (folder / "ledger.jsonl").read_text().splitlines()]


def write(folder: Path, events: Lines) -> None:
    text = "".join(json.dumps(event, sort_keys=True) + "\n" for event in events)
    (folder / "ledger.jsonl").write_text(text, encoding="utf-8")


def of(events: Lines, chain: str) -> Lines:
    return [event for event in events if event["chain"] == chain]


def rehash(events: Lines) -> Lines:
    """Make every chain consistent again, as somebody with the program would."""
    last: dict[str, tuple[int, str]] = {}
    for event in events:
        count, previous = last.get(event["chain"], (0, GENESIS))
        event["body"]["sequence"] = count + 1
        event["previous"], event["hash"] = previous, event_hash(previous, event["body"])
        last[event["chain"]] = (count + 1, event["hash"])
    return events


def reclose(events: Lines) -> Lines:
    """Make the closing event fit the chains as they now are, too."""
    rehash(events)
    closing = next(event for event in events if event["body"].get("kind") == "closed")
    before = of(events, "study")[: closing["body"]["sequence"] - 1]
    heads = [["study", len(before), before[-1]["hash"]]]
    for chain in ("judge01", "judge02"):
        chained = of(events, chain)
        heads.append([chain, len(chained), chained[-1]["hash"] if chained else GENESIS])
    closing["body"].update(heads=heads, digest=study_digest(heads))
    return rehash(events)


def edit_events(change: Callable[[Lines], Lines | None]) -> Callable[[Path], None]:
    def apply(folder: Path) -> None:
        events = ledger(folder)
        write(folder, change(events) or events)

    return apply


def edit_table(name: str, change: Callable[[list[list[str]]], None]) -> Callable[[Path], None]:
    def apply(folder: Path) -> None:
        with (folder / name).open(newline="", encoding="utf-8-sig") as file:
            rows = list(csv.reader(file))
        change(rows)
        with (folder / name).open("w", newline="") as file:
            csv.writer(file, lineterminator="\n").writerows(rows)

    return apply


def edit_opening(change: Callable[[dict], None]) -> Callable[[Path], None]:
    def apply(folder: Path) -> None:
        opening = json.loads((folder / "opening.json").read_text())
        change(opening)
        (folder / "opening.json").write_text(json.dumps(opening))

    return apply


def swap_picks(events: Lines) -> None:
    picks = of(events, "judge01")[0]["body"]["answer"]["picks"]
    picks[0], picks[1] = picks[1], picks[0]


def delete_one(events: Lines) -> None:
    events.remove(of(events, "judge02")[1])


def insert_one(events: Lines) -> None:
    model = of(events, "judge01")[2]
    events.insert(events.index(model), json.loads(json.dumps(model)))


def reorder(events: Lines) -> None:
    first, second = (events.index(event) for event in of(events, "judge01")[:2])
    events[first], events[second] = events[second], events[first]


def replace_one(events: Lines) -> None:
    event = of(events, "judge01")[1]
    event["body"]["answer"]["picks"] = [4, 3, 2]
    event["hash"] = event_hash(event["previous"], event["body"])


def change_judge(events: Lines) -> Lines:
    of(events, "judge01")[0]["chain"] = "judge02"
    return rehash(events)


def drop_last(events: Lines) -> None:
    events.remove(of(events, "judge01")[-1])


def drop_judge(events: Lines) -> Lines:
    return [event for event in events if event["chain"] != "judge02"]


def drop_closing(events: Lines) -> None:
    study = of(events, "study")
    for event in study[study.index(next(e for e in study if e["body"]["kind"] == "closed")) :]:
        events.remove(event)


def vote_after_closing(events: Lines) -> Lines:
    last = json.loads(json.dumps(of(events, "judge01")[-1]))
    last["body"]["revision"] += 1
    return rehash([*events, last])


def change_rule(events: Lines) -> Lines:
    opened = next(event for event in events if event["body"].get("kind") == "opened")
    opened["body"]["rules"]["rule"]["points"] = [5, 2, 1]
    return rehash(events)


def change_digest(events: Lines) -> Lines:
    next(e for e in events if e["body"].get("kind") == "closed")["body"]["digest"] = "0" * 64
    return rehash(events)


def forget_disqualification(events: Lines) -> None:
    events.remove(next(event for event in events if event["body"].get("kind") == "disqualified"))


def commit_late(events: Lines) -> Lines:
    study = of(events, "study")
    rest = [event for event in events if event not in study]
    return rehash([*study[1:4], study[0], *study[4:], *rest])


def swap(row: int, other: int, column: int) -> Callable[[list[list[str]]], None]:
    def apply(rows: list[list[str]]) -> None:
        rows[row][column], rows[other][column] = rows[other][column], rows[row][column]

    return apply


def study_event(place: int, **body: object) -> Callable[[Lines], Lines]:
    """Put an event of one's own into the study's chain, with every hash made to fit."""

    def apply(events: Lines) -> Lines:
        study = of(events, "study")
        rest = [event for event in events if event["chain"] != "study"]
        return reclose([*study[:place], {"chain": "study", "body": body}, *study[place:], *rest])

    return apply


def reason(**changed: object) -> Callable[[Lines], Lines]:
    """Change the reason that Jude gave, and make every hash fit."""

    def apply(events: Lines) -> Lines:
        of(events, "judge01")[-1]["body"]["reasons"][0].update(changed)
        return reclose(events)

    return apply


def ask_for_two(events: Lines) -> Lines:
    (opened,) = [event for event in of(events, "study") if event["body"]["kind"] == "opened"]
    opened["body"]["rules"]["reasons"]["required"] = 2
    return reclose(events)


def edit_lines(old: str, new: str) -> Callable[[Path], None]:
    def apply(folder: Path) -> None:
        path = folder / "reasons.jsonl"
        path.write_text(path.read_text().replace(old, new))

    return apply


RULES = {
    "title": "x", "protocol": {"kind": "top_k", "places": 3, "points": [9, 2, 1]},
    "rule": {"points": [9, 2, 1]},
    "reasons": {"regions": ["Face"], "attributes": ["Noise"], "required": 0, "most": 20},
    "simulated": False, "seed": 0,
}  # fmt: skip

TAMPERING: dict[str, tuple[Callable[[Path], None], str, str]] = {
    "picks swapped": (edit_events(swap_picks), "chains", "judge01, event 1 (revision 1 of trial"),
    "an event deleted": (edit_events(delete_one), "chains", "judge02, event 3"),
    "an event inserted": (edit_events(insert_one), "chains", "is at position 4"),
    "events reordered": (edit_events(reorder), "chains", "judge01, event 2"),
    "an event replaced": (edit_events(replace_one), "chains", "judge01, event 3"),
    "a link cut": (
        edit_events(lambda e: of(e, "judge01")[1].update(previous=GENESIS)),
        "chains",
        "judge01, event 2 (revision 1 of trial",
    ),
    "a chain rewritten": (
        edit_events(lambda e: (swap_picks(e), rehash(e))[1]),
        "closing",
        "judge01: the last",
    ),
    "a ballot given to another judge": (
        edit_events(change_judge),
        "closing",
        "judge02, event 6",
    ),
    "the same, with a new closing": (
        edit_events(lambda e: reclose(change_judge(e))),
        "ballots",
        "this trial is not one of judge02's",
    ),
    "a chain truncated": (edit_events(drop_last), "closing", "judge01 ends after 5 of the 6 events"),
    "a judge left out": (edit_events(drop_judge), "closing", "judge02 is missing"),
    "the closing left out": (edit_events(drop_closing), "closing", "no closing event"),
    "a ballot after closing": (edit_events(vote_after_closing), "closing", "judge01, event 7"),
    "the digest changed": (edit_events(change_digest), "closing", "its digest does not match its heads"),
    "the rules changed": (edit_events(change_rule), "closing", "study: the last event is not"),
    "a disqualification forgotten": (edit_events(forget_disqualification), "votes.csv", "votes.csv, line"),
    "the commitment made late": (edit_events(commit_late), "commitment", "comes after the opening"),
    "opened twice": (
        edit_events(study_event(4, kind="opened", rules=RULES)),
        "life",
        "study, event 5 (opened) comes while the study is open",
    ),
    "an amendment by those who knew": (
        edit_events(
            lambda e: study_event(5, kind="amended", number=1, rules=RULES)(
                study_event(4, kind="unsealed")(e)
            )
        ),
        "life",
        "study, event 6 (amended) comes after identities were unsealed",
    ),
    "an amendment left out": (
        edit_events(study_event(4, kind="amended", number=2, rules=RULES)),
        "life",
        "should be amendment 1",
    ),
    "a judge invited twice": (
        edit_events(study_event(3, kind="invited", judge="judge02", number=2, conflicts=[], test=False)),
        "life",
        "records judge judge02 twice",
    ),
    "a team taken back that was not out": (
        edit_events(study_event(4, kind="reinstated", team=1)),
        "life",
        "readmits 1, who is not excluded",
    ),
    "a team put in another slot": (
        edit_table("design.csv", swap(1, 2, 4)),
        "design.csv",
        "line 2 (judge judge01",
    ),
    "a design row left out": (edit_table("design.csv", lambda rows: rows.pop()), "design.csv", "rows"),
    "a vote changed": (edit_table("votes.csv", swap(1, 2, 4)), "votes.csv", "line 2 (judge judge01"),
    "a vote left out": (edit_table("votes.csv", lambda rows: rows.pop(3)), "votes.csv", "line 4"),
    "a vote added": (edit_table("votes.csv", lambda rows: rows.append(rows[-1])), "votes.csv", "rows"),
    "points changed": (edit_table("points.csv", swap(1, 2, 1)), "points.csv", "line 2"),
    "the ranking changed": (edit_table("ranking.csv", swap(1, 2, 1)), "ranking.csv", "ranking.csv lists"),
    "a final changed": (edit_table("ranking.csv", swap(1, 2, -4)), "ranking.csv", "final is"),
    "an award changed": (edit_table("ranking.csv", swap(1, 2, -1)), "ranking.csv", "award is"),
    "a team renamed": (edit_table("ranking.csv", swap(1, 2, 2)), "ranking.csv", "name is"),
    "a reason in other words": (
        edit_events(reason(attribute="Beauty")),
        "ballots",
        "has a reason in words that the study lacks: None Beauty",
    ),
    "a reason off the scale": (edit_events(reason(severity=5)), "ballots", "and severity 5"),
    "a reason of nowhere": (edit_events(reason(rect=None)), "ballots", "about an area outside the image"),
    "a reason of nobody": (edit_events(reason(slot=5)), "ballots", "for 4 slots"),
    "a reason turned round": (
        edit_events(reason(direction="better")),
        "reasons.csv",
        "direction is 'worse', but the ledger says 'better'",
    ),
    "reasons not given": (
        edit_events(ask_for_two),
        "ballots",
        "counts with no reasons, but 2 are required",
    ),
    "a line of reasons changed": (
        edit_lines("is worse", "is better"),
        "reasons.csv",
        "reasons.jsonl, line 1: solution is",
    ),
    "a picture exchanged": (edit_lines("teams/team01", "teams/team02"), "reasons.csv", "line 1: images is"),
    "another key": (
        edit_opening(lambda o: o.update(key="ab" * 32)),
        "commitment",
        "do not match the commitment",
    ),
    "another submission": (
        edit_opening(lambda o: o["list"]["pictures"][1].__setitem__(2, "0" * 64)),
        "commitment",
        "do not match the commitment",
    ),
    "another commitment": (
        edit_opening(lambda o: o.update(commitment="0" * 64)),
        "commitment",
        "names another",
    ),
}


def test_an_honest_export_fits(folder):
    assert misfits(folder) == {}


@pytest.mark.parametrize("what", TAMPERING)
def test_tampering_is_found_and_named(what, folder):
    change, check, words = TAMPERING[what]
    change(folder)
    found = misfits(folder)
    assert words in found[check], found


def rewrite(folder: Path) -> None:
    """What root on the server can do: another ballot, and every hash and table after it made to fit."""
    events = ledger(folder)
    swap_picks(events)
    write(folder, reclose(events))


def test_a_ledger_rewritten_as_a_whole_is_found_by_what_was_published(folder):
    honest = ledger(folder)
    digest = next(event for event in honest if event["body"].get("kind") == "closed")["body"]["digest"]
    receipt = of(honest, "judge01")[0]["hash"][:16]
    assert misfits(folder, Published(digest=digest, receipts=(receipt,))) == {}
    rewrite(folder)
    assert set(misfits(folder)) <= {"votes.csv", "points.csv", "ranking.csv", "manifest"}, (
        "the chains themselves fit"
    )
    found = misfits(folder, Published(digest=digest, receipts=(receipt,)))
    assert "was published" in found["digest"]
    assert "is not in the ledger" in found["receipt"]


@pytest.mark.parametrize("name", ["votes.csv", "design.csv", "points.csv", "ranking.csv", "opening.json"])
def test_a_missing_file_is_named(name, folder):
    (folder / name).unlink()
    assert any(name in message for message in misfits(folder).values())


@pytest.mark.parametrize(
    "damage", ["{", '{"chain": 1}', "[]", '{"chain":"a","previous":"","hash":"","body":3}']
)
def test_a_damaged_ledger_is_refused_with_its_line(damage, folder):
    with (folder / "ledger.jsonl").open("a") as file:
        file.write(damage + "\n")
    answer = CliRunner().invoke(main, ["verify", str(folder)])
    assert answer.exit_code == 2
    assert "ledger.jsonl, line 18" in answer.output


def test_the_command_ends_with_1_and_names_the_misfit(folder):
    assert CliRunner().invoke(main, ["verify", str(folder)]).exit_code == 0
    edit_events(swap_picks)(folder)
    answer = CliRunner().invoke(main, ["verify", str(folder), "--format", "json"])
    assert answer.exit_code == 1
    assert "mismatch: judge01, event 1 (revision 1 of trial" in answer.output
