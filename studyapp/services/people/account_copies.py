"""Accounts as a backup carries them: names, hashes, second factors and roles; nobody's sessions or links."""

import json
from typing import Any

from pydantic import TypeAdapter, ValidationError
from sqlmodel import Session, select

from studyapp.db.site_tables import Account, Role
from studyapp.errors import StudyError

_FORM: TypeAdapter[list[dict[str, Any]]] = TypeAdapter(list[dict[str, Any]])


def accounts_as_json(session: Session) -> bytes | None:
    """Write all accounts; None when there are none."""
    roles = list(session.exec(select(Role)))
    kept = [
        account.model_dump(exclude={"id"})
        | {"roles": sorted([row.study, row.role] for row in roles if row.account_id == account.id)}
        for account in session.exec(select(Account).order_by(Account.key))
    ]
    return json.dumps(kept, indent=1).encode("ascii") if kept else None


def put_back(session: Session, kept: bytes) -> None:
    """Make the accounts of a backup, where there are none.

    Raises
    ------
    StudyError
        When the text is none that `accounts_as_json` wrote.
    """
    try:
        for item in _FORM.validate_json(kept):
            roles = item.pop("roles")
            account = Account.model_validate(item)
            session.add(account)
            session.flush()
            session.add_all(Role(account_id=account.id or 0, study=study, role=role) for study, role in roles)
    except (ValidationError, KeyError, TypeError, ValueError) as error:
        raise StudyError(f"the backup's accounts cannot be read ({type(error).__name__})") from None
