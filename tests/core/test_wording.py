"""A study may say its words in several languages; what is recorded is the English."""

import copy
import json
import pickle

import pytest
import yaml
from pydantic import ValidationError

from analysis.texts import Text
from studyapp.core.wording import Wording
from studyapp.errors import ProblemsFoundError
from studyapp.study.amendments import amended_keys
from studyapp.study.study_file import StudyFile, load_study_file, rules_of

STUDY = """
title: {en: Night scenes, zh: 夜景}
teams:
  - {id: a, name: A}
  - {id: b, name: B}
  - {id: c, name: C}
criteria:
  - {name: {en: Colour, zh_Hans: 颜色}, text: Natural}
reasons:
  regions: [Global, {en: Sky, zh_Hans: 天空, zh_TW: 天空區}]
  attributes: [{en: Noise}, Grain]
"""


def study(text: str = STUDY) -> StudyFile:
    return StudyFile.model_validate(yaml.safe_load(text))


def test_a_word_is_its_english_and_knows_the_others() -> None:
    file = study()
    sky = file.reasons.regions[1]
    assert (file.title, sky, file.reasons.attributes) == ("Night scenes", "Sky", ("Noise", "Grain"))
    assert [sky.in_language(name) for name in ("zh_Hans", "zh_Hant", "zh", "fr", "en_GB")] == [
        "天空", "天空區", "天空", "Sky", "Sky",
    ]  # fmt: skip
    assert not isinstance(file.reasons.attributes[0], Wording), "English alone is a plain string"
    assert isinstance(file.reasons.regions[0], Text), "studyapp knows this word itself"
    for copied in (copy.deepcopy(sky), pickle.loads(pickle.dumps(sky))):
        assert (copied, copied.in_language("zh_Hans")) == ("Sky", "天空")


def test_what_was_read_is_written_and_read_again() -> None:
    file = study()
    assert StudyFile.model_validate_json(file.model_dump_json()) == file
    again = StudyFile.model_validate_json(file.model_dump_json())
    assert again.reasons.regions[1].in_language("zh_Hans") == "天空"
    assert file.model_copy().model_dump(mode="json")["criteria"] == [
        {"name": {"en": "Colour", "zh_Hans": "颜色"}, "text": "Natural"}
    ]
    assert file.model_dump(mode="json")["reasons"]["attributes"] == ["Noise", "Grain"]


def test_the_ledger_has_the_english_alone() -> None:
    rules = rules_of(study())
    assert (rules["title"], rules["reasons"]["regions"]) == ("Night scenes", ["Global", "Sky"])
    assert rules["reasons"]["attributes"] == ["Noise", "Grain"]
    assert "天空" not in json.dumps(rules, ensure_ascii=False)


def test_another_translation_is_an_amendment() -> None:
    better = study(STUDY.replace("天空,", "天,"))
    assert better == study(), "in English"
    assert amended_keys(study(), better) == ["reasons"]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("{en: Sky, zh-Hans: x}", "'zh-Hans' is not the code of a language; did you mean 'zh_Hans'?"),
        ("{en: Sky, Chinese: x}", "did you mean 'zh'?"),
        ("{en: Sky, zh_Hanss: x}", "did you mean 'zh_Hans'?"),
        ("{en: Sky, 中文: x}", "write one such as en, fr or zh_Hans"),
        ("{en: Sky, no: x}", 'put "no" in quotes'),
        ("{zh: 天空}", "the English is missing; add `en:`"),
        ("{en: Sky, zh: ''}", "reasons.regions.0.zh: nothing in it can be seen"),
        ("{en: Sky, zh: 3}", "reasons.regions.0.zh: must be text"),
        ("{en: 'a: b'}", "reasons.regions.0.en: "),
        ("[Sky]", "reasons.regions.0: must be text"),
    ],
)
def test_a_wrong_language_is_told_in_words(tmp_path, words: str, said: str) -> None:
    text = STUDY[: STUDY.index("reasons:")] + f"reasons:\n  regions: [{words}]\n"
    (tmp_path / "study.yaml").write_text(text)
    with pytest.raises(ProblemsFoundError) as found:
        load_study_file(tmp_path / "study.yaml")
    assert said in str(found.value)
    assert "Value error" not in str(found.value)


def test_the_schema_knows_both_forms() -> None:
    schema = StudyFile.model_json_schema()
    one, several = schema["properties"]["title"]["anyOf"]
    assert (one["type"], one["maxLength"]) == ("string", 200)
    assert several["required"] == ["en"]
    with pytest.raises(ValidationError):
        study(STUDY.replace("en: Night scenes, ", ""))


def test_what_is_stated_can_be_amended_and_need_not_be_stated() -> None:
    stated = study(STUDY + "stated: {place: own}\n")
    assert amended_keys(study(), stated) == amended_keys(stated, study()) == ["stated"]
    assert amended_keys(stated, study(STUDY + "stated: {place: own, expertise: experts}\n")) == ["stated"]
    assert amended_keys(study(), study()) == []
