"""The second factor of accounts: codes of an authenticator app (RFC 6238), and recovery codes for its loss.

Every code works once. One step of 30 s is allowed for clocks that differ.
"""

import base64
import hashlib
import hmac
import re
import secrets
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field
from pyotp import random_base32
from pyotp.totp import TOTP

DRIFT = 1  # steps of 30 s before and after
RECOVERY_CODES = 8
_RECOVERY_BYTES = 15  # 120 bits, so that a plain hash keeps them (ASVS 6.5.2)

_SECRET = re.compile(r"^[A-Z2-7]{32}$")


class SecondFactor(BaseModel):
    """What is kept: the secret that the app has too, the last step used, hashes of recovery codes."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    secret: Annotated[str, Field(pattern=_SECRET.pattern)]
    used_step: int = 0
    recovery: tuple[Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")], ...] = ()


@dataclass(frozen=True)
class Enrolment:
    """What the organiser is shown, once."""

    secret: str
    uri: str
    recovery: tuple[str, ...]


def new_second_factor(name: str, issuer: str) -> tuple[SecondFactor, Enrolment]:
    """Make a second factor for an organiser; `issuer` is what the app files it under."""
    secret = random_base32()
    kept, codes = _with_recovery(secret)
    return kept, Enrolment(secret, uri_of(name, issuer, secret), codes)


def usable_secret(text: str) -> str:
    """Return the secret that a form sent back, or a new one when it is none."""
    return text if _SECRET.match(text) else random_base32()


def uri_of(name: str, issuer: str, secret: str) -> str:
    """Return what the app reads from a QR code."""
    # A colon would end the issuer's part of the address.
    return TOTP(secret).provisioning_uri(name=name.replace(":", " "), issuer_name=issuer.replace(":", " "))


def confirmed(secret: str, code: str, *, now: datetime) -> tuple[SecondFactor, tuple[str, ...]] | None:
    """Return a second factor of this secret and its recovery codes, if the code shows that the app has it.

    Raises
    ------
    ValueError
        When the secret is none.
    """
    kept, codes = _with_recovery(secret)
    used = use_code(kept, code, now=now)
    return (used, codes) if used else None


def _with_recovery(secret: str) -> tuple[SecondFactor, tuple[str, ...]]:
    codes = tuple(_recovery_code() for _ in range(RECOVERY_CODES))
    return SecondFactor(secret=secret, recovery=tuple(_hash(code) for code in codes)), codes


def use_code(factor: SecondFactor, code: str, *, now: datetime) -> SecondFactor | None:
    """Return the factor as it is after this code was used, or None when the code does not work (any more).

    Examples
    --------
    The secret and time of RFC 6238's first test vector (its last six digits):

    >>> from datetime import UTC
    >>> factor = SecondFactor(secret=base64.b32encode(b"12345678901234567890").decode())
    >>> now = datetime.fromtimestamp(59, UTC)
    >>> used = use_code(factor, "287 082", now=now)
    >>> used.used_step, use_code(used, "287082", now=now)
    (1, None)
    """
    plain = "".join(code.split()).replace("-", "").upper()
    if (step := _step_of(factor, plain, now)) is not None:
        return factor.model_copy(update={"used_step": step})
    left = tuple(kept for kept in factor.recovery if not hmac.compare_digest(kept, _hash(plain)))
    return factor.model_copy(update={"recovery": left}) if len(left) < len(factor.recovery) else None


def _step_of(factor: SecondFactor, code: str, now: datetime) -> int | None:
    totp = TOTP(factor.secret)
    current = int(now.timestamp()) // totp.interval
    for step in range(current - DRIFT, current + DRIFT + 1):
        right = totp.generate_otp(step) if step >= 0 else ""
        if step > factor.used_step and hmac.compare_digest(right.encode(), code.encode()):
            return step
    return None


def _recovery_code() -> str:
    text = base64.b32encode(secrets.token_bytes(_RECOVERY_BYTES)).decode("ascii")
    return "-".join(text[start : start + 6] for start in range(0, len(text), 6))


def _hash(code: str) -> str:
    return hashlib.sha256(code.replace("-", "").encode("utf-8")).hexdigest()
