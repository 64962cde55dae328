"""The page of rules: study.yaml changes in its own text, freely or as an amendment, or it says why not."""

import pytest

from studyapp.app import create_app
from studyapp.core.viewing import ViewingRules
from studyapp.services.ground.ledger import bodies
from studyapp.services.ground.studies import current_file
from studyapp.services.voting import lifecycle
from tests.accounts import owner_token
from tests.conftest import NOW
from tests.services.voting import cast_all, close
from tests.sqlite_alone import database_url  # noqa: F401 (the same on every database)
from tests.web.conftest import Browser
from tests.web.forms import fields_of

PAGE = "/console/rules"
FORMULA = "0.4*s2 + 60*minmax(u)"


def form(person: Browser, **changed: str) -> dict[str, str]:
    """What the page's form sends, with some fields changed; an underscore stands for a hyphen."""
    found = fields_of(person.get(PAGE).text, "rules")
    found.pop("csrf_token")
    return {
        **found,
        **{name if "-" in name else name.replace("_", "-"): value for name, value in changed.items()},
    }


def saved(person: Browser, **changed: str):
    return person.post(PAGE, **form(person, **changed))


@pytest.fixture
def owner(folder, workspace):
    """Olga, with nobody invited yet."""
    app = create_app(folder)
    app.testing = True
    person = Browser(app.test_client())
    person.get(f"/o/{owner_token(folder)}")
    yield person
    app.extensions["studyapp"].workspace.database.close()


def test_a_form_that_is_sent_unchanged_changes_nothing(owner, folder):
    before = (folder / "study.yaml").read_bytes()
    answer = saved(owner)
    assert answer.status_code == 200
    assert "Nothing was changed" in answer.text
    assert (folder / "study.yaml").read_bytes() == before


def test_before_anybody_is_invited_everything_changes_at_once(owner, folder, workspace):
    path = folder / "study.yaml"
    path.write_text("# Of the spring.\n" + path.read_text())
    answer = saved(
        owner,
        kind="pairwise",
        preset="bt",
        awards="1, 1",
        criterion_name_4="Colour",
        criterion_text_4="As in the input.",
        repeats="001",
        reasons_most="0",
        **{"stated-place": "own", "denied-acuity_test": "yes"},
        **{"viewing-window": "1280 × 720", "viewing-ratio": "1-2.5", "viewing-ask-light": "yes"},
        **{"viewing-eyes": "private", "viewing-acuity": "0.8"},
    )
    assert answer.status_code == 302, answer.text
    assert path.read_text().startswith("# Of the spring.\ntitle: Spring study\n")
    with workspace.database.reading() as session:
        file = current_file(session)
    assert (file.protocol.kind, file.rule.awards, file.checks.repeats) == ("pairwise", (1, 1), ("001",))
    assert [str(criterion.name) for criterion in file.criteria][-1] == "Colour"
    assert file.reasons.most == 0
    assert file.stated == {"place": "own", "acuity_test": False}
    assert file.viewing == ViewingRules(
        window=(1280, 720), pixel_ratio=(1, 2.5), required=("light",), eyes="private", acuity=0.8
    )
    answer = saved(owner, **{"viewing-eyes": "left_out"})
    assert answer.status_code == 422
    assert "acuity is needed, but eyes are left_out" in answer.text
    assert file.protocol.model_dump()["ties"], "settings that were not on the page are the usual ones"
    assert saved(owner, title="Autumn").status_code == 302
    assert "kind: pairwise" in path.read_text()


@pytest.mark.parametrize(
    ("field", "value", "text"),
    [("golden", "001", "golden: ['001']"), ("other_colors", "convert", "other_colors: convert")],
)
def test_what_needs_other_pictures_waits_for_them(owner, folder, workspace, field, value, text):
    with workspace.database.reading() as session:
        before = current_file(session)
    answer = saved(owner, **{field: value})
    assert answer.status_code == 302
    assert "once the images are prepared again" in owner.get(answer.location).text
    assert text in (folder / "study.yaml").read_text()
    with workspace.database.reading() as session:
        assert current_file(session) == before


def test_a_formula_is_shown_at_work_or_with_the_place_of_its_mistake(owner):
    typed = form(owner, preset="own", final_score=FORMULA)
    whole = owner.post(f"{PAGE}/example", **typed).text
    assert "Aspen" in whole
    assert FORMULA in whole
    assert 'name="final-score"' in whole, "without scripts it is the page, with what was typed"
    part = owner.client.post(
        f"{PAGE}/example", data={"csrf_token": owner.token, **typed}, headers={"HX-Request": "true"}
    ).text
    assert "<html" not in part
    assert part.index("Aspen") < part.index("Dogwood")
    wrong = owner.post(f"{PAGE}/example", **{**typed, "final-score": "0.2*ecsore + u"}).text
    assert "character 5: nothing is called &#39;ecsore&#39;; did you mean &#39;escore&#39;?" in wrong
    assert "    0.2*ecsore + u\n        ^" in wrong
    assert "comes from pairs" in owner.post(f"{PAGE}/example", **{**typed, "final-score": "bt"}).text


def test_a_formula_that_is_typed_counts_and_a_preset_that_is_chosen_replaces_it(owner, folder):
    assert saved(owner, final_score=FORMULA).status_code == 302
    assert f"rules: {FORMULA}" in (folder / "study.yaml").read_text()
    assert saved(owner, preset="raim-2024").status_code == 302
    assert "rules: raim-2024" in (folder / "study.yaml").read_text()
    assert saved(owner, preset="").status_code == 302
    assert "rules" not in (folder / "study.yaml").read_text()


def test_a_wrong_formula_is_not_saved_and_nothing_typed_is_lost(owner, folder):
    before = (folder / "study.yaml").read_bytes()
    answer = saved(owner, preset="own", final_score="100*minmax(u", title="A new title")
    assert answer.status_code == 422
    assert "this ( is not closed" in answer.text
    assert fields_of(answer.text, "rules")["title"] == "A new title"
    assert (folder / "study.yaml").read_bytes() == before


def test_the_second_of_two_organisers_sees_both_versions(owner, folder):
    hers = form(owner, title="Hers")
    assert saved(owner, title="His").status_code == 302
    answer = owner.post(PAGE, **hers)
    assert answer.status_code == 409
    assert "Hers" in answer.text
    assert "His" in answer.text
    assert "title: His" in (folder / "study.yaml").read_text()


def test_with_judges_a_change_is_an_amendment_with_a_reason(olga, workspace, folder):
    before = (folder / "study.yaml").read_bytes()
    refused = saved(olga, preset="own", final_score=FORMULA)
    assert (refused.status_code, "the reason is empty" in refused.text) == (422, True)
    assert (folder / "study.yaml").read_bytes() == before, "the file is put back"
    assert saved(olga, preset="own", final_score=FORMULA, reason="the jury agreed").status_code == 302
    with workspace.database.reading() as session:
        (event,) = bodies(session, "amended")
        assert current_file(session).rule.final.score.text == FORMULA
    assert (event["keys"], event["reason"]) == (["rules"], "the jury agreed")
    page = olga.get(PAGE).text
    assert "rules: the jury agreed" in page
    assert 'name="kind"' not in page
    words = saved(olga, reasons_regions="Sky", reason="other words")
    assert (words.status_code, "can only gain words" in words.text) == (422, True)


def test_what_was_changed_by_hand_is_shown_and_recorded(olga, workspace, folder):
    path = folder / "study.yaml"
    path.write_text(path.read_text() + "extra_metrics: [lpips]\n")
    assert "These keys differ from what the study goes by: extra_metrics" in olga.get(PAGE).text
    assert olga.post(f"{PAGE}/record", reason="for the paper").status_code == 302
    with workspace.database.reading() as session:
        assert [event["keys"] for event in bodies(session, "amended")] == [["extra_metrics"]]
    assert olga.post(f"{PAGE}/record", reason="again").status_code == 409


@pytest.mark.parametrize("how", ["closed", "unsealed"])
def test_once_results_can_be_seen_the_page_only_shows(olga, workspace, how):
    typed = form(olga, title="Too late", reason="for a better ranking")
    cast_all(workspace, "Jude", "June")
    if how == "closed":
        close(workspace)
    else:
        with workspace.database.writing() as session:
            lifecycle.unseal_study(session, "an emergency", now=NOW)
    page = olga.get(PAGE).text
    assert "nobody can change the rules any more" in page
    assert "Save as an amendment" not in page
    assert olga.post(PAGE, **typed).status_code == 422
    with workspace.database.reading() as session:
        assert current_file(session).title == "Spring study"
