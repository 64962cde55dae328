"""The file of organisers' accounts in var/, for its owner's eyes only.

It lies beside the study's keys and not in its database, so that no export, copy or dump of the ballots
carries it.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from pydantic import BaseModel, ConfigDict, TypeAdapter, ValidationError, field_validator

from analysis.files import locked, write_whole
from analysis.texts import say
from studyapp.errors import StudyError
from studyapp.services.people.second_factors import SecondFactor
from studyapp.settings import Folders


class Account(BaseModel):
    """An organiser's account."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    password: str
    second_factor: SecondFactor | None = None

    @field_validator("password")
    @classmethod
    def _is_a_hash(cls, value: str) -> str:
        if not value.startswith("$argon2id$"):
            raise ValueError("not a hash of argon2id")
        return value


Accounts = dict[str, Account]
_ACCOUNTS: TypeAdapter[Accounts] = TypeAdapter(Accounts)


def read_accounts(folders: Folders) -> Accounts:
    """Return the accounts by name; none when there is no file.

    Raises
    ------
    StudyError
        When the file is damaged.
    """
    try:
        return _ACCOUNTS.validate_json(folders.organisers.read_bytes())
    except FileNotFoundError:
        return {}
    except ValidationError:
        raise StudyError(
            say("%(file)s is damaged; remove it and set the passwords again", file=folders.organisers)
        ) from None


@contextmanager
def changing_accounts(folders: Folders) -> Iterator[Accounts]:
    """Yield the accounts to change; what they are then is written whole or not at all.

    One at a time, among threads and processes: a code must not be used twice at the same moment.
    """
    with locked(folders.organisers.with_suffix(".lock")):
        accounts = read_accounts(folders)
        before = dict(accounts)
        yield accounts
        if accounts != before:
            write_whole(folders.organisers, _ACCOUNTS.dump_json(accounts, indent=1), private=True)
