"""What `serve` says of its address: what links begin with, and what would keep people from arriving there."""

import socket
import threading
from collections.abc import Callable

from studyapp.settings import BaseUrl, is_loopback, port_of

LOOKUP_S = 1.0


def address_notes(
    host: str,
    port: int,
    base: BaseUrl | None,
    *,
    proxies: int,
    tls: bool,
    is_known: Callable[[str], bool] | None = None,
) -> list[str]:
    """Return what whoever starts a server should know of the address, in whole sentences.

    Parameters
    ----------
    host, port
        Where the server listens.
    base
        The configured base URL.
    proxies, tls
        What the settings say of proxies in front.
    is_known
        Tells whether a host's name leads anywhere; by default the system is asked.
    """
    if base is None:
        return [_without_base(host, port, tls or proxies > 0)]
    notes = [f"links begin with {base} (STUDYAPP_BASE_URL)"]
    notes += _direct(host, port, base) if proxies == 0 and base.scheme == "http" else []
    if base.scheme == "https" and proxies == 0:
        notes.append(
            "STUDYAPP_PROXIES is not set: behind the proxy with TLS, all visitors would share the limits "
            "of one; set STUDYAPP_PROXIES=1"
        )
    if base.scheme == "http" and proxies > 0 and not is_loopback(base.host):
        notes.append(
            f"links and ballots travel unprotected to {base}; let the proxy add TLS, and write https://"
        )
    if is_loopback(base.host) and (proxies > 0 or not is_loopback(host)):
        notes.append(
            f"{base} leads each visitor to their own machine; set STUDYAPP_BASE_URL to the name by which "
            "others know this one"
        )
    if not is_loopback(base.host) and not (is_known or _is_known)(base.host):
        notes.append(
            f"{base.host} cannot be found from here; check its spelling, and that its DNS entry exists"
        )
    return notes


def _without_base(host: str, port: int, behind_proxy: bool) -> str:
    shown = f"[{host}]" if ":" in host else host
    here = f"http://{shown}:{port}"
    if behind_proxy:
        return (
            f"links begin with {here}, because STUDYAPP_BASE_URL does not say under which address the proxy "
            "is reached; set STUDYAPP_BASE_URL=https://NAME"
        )
    if is_loopback(host):
        return f"links begin with {here}, which only this machine can open; see docs/deploy.md for others"
    if host in ("", "0.0.0.0", "::"):  # noqa: S104 (compared, not bound)
        return (
            f"links begin with {here}, which other machines cannot open; set STUDYAPP_BASE_URL to the "
            f"address that they use, such as http://{socket.gethostname()}:{port}"
        )
    return f"links begin with {here}; if judges use another address, set STUDYAPP_BASE_URL to it"


def _direct(host: str, port: int, base: BaseUrl) -> list[str]:
    """Return what is wrong where no proxy is in between."""
    if port_of(base) != port:
        return [
            f"links lead to port {port_of(base)}, and this server listens on port {port}: give it --port "
            f"{port_of(base)}, change STUDYAPP_BASE_URL, or set STUDYAPP_PROXIES=1 if a proxy is in between"
        ]
    if is_loopback(host) and not is_loopback(base.host):
        return [
            f"this server listens on {host}, where only this machine reaches it: give it --host, or set "
            "STUDYAPP_PROXIES=1 if a proxy is in between"
        ]
    return []


def _is_known(name: str) -> bool:
    """Look a name up; without an answer within a moment it is taken for known."""
    failed = threading.Event()

    def look() -> None:
        try:
            socket.getaddrinfo(name, None)
        except OSError:
            failed.set()

    looking = threading.Thread(target=look, daemon=True)
    looking.start()
    looking.join(LOOKUP_S)
    return not failed.is_set()
