"""The sealed key: committed to before opening, revealed after closing."""

from datetime import datetime
from typing import Any

from sqlmodel import Session, col, select

from studyapp.core.ledger import commitment
from studyapp.db.tables import Image, Picture, Team
from studyapp.protocols import TopK
from studyapp.services.ground.ledger import append_event, bodies
from studyapp.services.ground.studies import current_file


def commit_to_key(session: Session, key: bytes, *, now: datetime) -> str:
    """Enter the commitment in the ledger, once, before any judge's order is drawn; return it."""
    published = committed(session)
    if published is None:
        published = commitment(key, committed_list(session))
        append_event(session, "committed", now=now, commitment=published)
    return published


def committed(session: Session) -> str | None:
    """Return the commitment, or None before the first invitation."""
    body = next(iter(bodies(session, "committed")), None)
    return body["commitment"] if body else None


def opening(session: Session, key: bytes) -> dict[str, Any]:
    """Return what opens the commitment: the key, and the list it was made with."""
    listing = committed_list(session)
    return {"commitment": commitment(key, listing), "key": key.hex(), "list": listing}


def committed_list(session: Session) -> dict[str, Any]:
    """Return the design's name, the images, the teams in order, and the hash of every picture's pixels.

    And, in a study that has them, which images have hidden trials; and the protocol's settings, by which it
    draws, other than those of top_k, whose plan follows from the rest.
    """
    images = session.exec(select(Image).order_by(col(Image.key))).all()
    pictures = session.exec(
        select(Image.key, Team.key, Picture.sha256_pixels)
        .join(Image, col(Picture.image_id) == Image.id)
        .outerjoin(Team, col(Picture.team_id) == Team.id)
    )
    teams = session.exec(select(Team).where(~col(Team.control)).order_by(col(Team.position)))
    file = current_file(session)
    hidden = {name: list(listed) for name, listed in file.checks if listed}
    return {
        "design": file.protocol.design_name(file.checks),
        **({"checks": hidden} if hidden else {}),
        **({} if isinstance(file.protocol, TopK) else {"protocol": file.protocol.model_dump(mode="json")}),
        "images": [image.key for image in images if image.position is not None],
        "practice": next((image.key for image in images if image.position is None), None),
        "teams": [{"id": team.key, "name": team.name} for team in teams],
        "pictures": sorted([image, team or "", pixels] for image, team, pixels in pictures),
    }
