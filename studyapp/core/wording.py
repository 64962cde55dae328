"""Words of a study file, in one language or in several.

Where study.yaml has `{en: Noise, zh: 噪声}` instead of `Noise`, the study's judges read their own language.
The English is the word itself: ballots, ledger, exports and the verifier know nothing else.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from babel import Locale, UnknownLocaleError
from babel.localedata import locale_identifiers
from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler, TypeAdapter
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema, core_schema

from analysis.did_you_mean import misspelt
from analysis.texts import Text

ENGLISH = "en"


class Wording(str):
    """A string in English that has other languages beside it."""

    others: Mapping[str, str]

    def __new__(cls, english: str, others: Mapping[str, str]) -> "Wording":
        """Keep the other languages, by name."""
        self = super().__new__(cls, english)
        self.others = dict(others)
        return self

    def __reduce__(self) -> tuple[Any, ...]:
        """Make copies and other processes keep all of it."""
        return Wording, (str(self), dict(self.others))

    def in_language(self, wanted: str) -> str:
        """Return it in a language, in the same language elsewhere, or else in English.

        Examples
        --------
        >>> Wording("Noise", {"zh": "噪声"}).in_language("zh_Hans")
        '噪声'
        >>> Wording("Noise", {"zh": "噪声"}).in_language("fr")
        'Noise'
        """
        if wanted in self.others:
            return self.others[wanted]
        reader = Locale.parse(wanted)
        alike = [name for name in self.others if Locale.parse(name).language == reader.language]
        if reader.language == ENGLISH or not alike:
            return str(self)
        same_script = (name for name in alike if Locale.parse(name).script == reader.script)
        return self.others[next(same_script, alike[0])]


def plain(word: str) -> str | dict[str, str]:
    """Return a word as study.yaml has it: a string, or a mapping of languages."""
    return {ENGLISH: str(word), **word.others} if isinstance(word, Wording) else str(word)


@dataclass(frozen=True)
class Worded:
    """Metadata of a field that holds one text in one or several languages.

    Parameters
    ----------
    each
        The type of the text in every language.
    usual
        Texts that studyapp itself knows: where the study has one of these, the catalogue has its translation.
    """

    each: Any = str
    usual: tuple[Text, ...] = ()

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        """Read a string or a mapping; write what was read."""
        usual = {str(text): text for text in self.usual}

        def read(value: Any, each: core_schema.ValidatorFunctionWrapHandler) -> str:
            if isinstance(value, Wording):
                value = plain(value)
            if not isinstance(value, Mapping):
                text = each(value)
                return usual.get(text) or text
            _check_languages(value)
            texts = {name: each(text, name) for name, text in value.items()}
            english = texts.pop(ENGLISH)
            return Wording(english, texts) if texts else english

        return core_schema.no_info_wrap_validator_function(
            read,
            handler.generate_schema(self.each),
            serialization=core_schema.plain_serializer_function_ser_schema(plain),
        )

    def __get_pydantic_json_schema__(
        self, schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        """Say that either is accepted."""
        one = TypeAdapter(self.each).json_schema()
        several = {
            "type": "object",
            "description": "The same in several languages, by their names: en is required.",
            "required": [ENGLISH],
            "additionalProperties": one,
        }
        return {"anyOf": [one, several]}


def _check_languages(texts: Mapping[Any, Any]) -> None:
    for name in texts:
        if not _is_language(name):
            raise ValueError(f"{name!r} is not the code of a language; {_remedy(name)}")
    if ENGLISH not in texts:
        raise ValueError("the English is missing; add `en:`, which is what ballots and exports record")


def _is_language(name: Any) -> bool:
    try:
        parsed = Locale.parse(name) if isinstance(name, str) else None
    except (ValueError, UnknownLocaleError):
        return False
    # Babel passes over a script that there is not.
    return parsed is not None and {*name.split("_")} <= {parsed.language, parsed.script, parsed.territory}


def _remedy(name: Any) -> str:
    if name is False:  # what YAML makes of the code of Norwegian
        return 'put "no" in quotes'
    written = str(name).replace("-", "_")
    codes = {english.casefold(): code for code, english in Locale(ENGLISH).languages.items()}
    meant = written if _is_language(written) else codes.get(written.casefold())
    meant = meant or misspelt(written, locale_identifiers(), alike=0.75)
    return f"did you mean {meant!r}?" if meant else "write one such as en, fr or zh_Hans"
