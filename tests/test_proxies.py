"""The proxies of deploy/ in front of a real server, where they are at hand."""

import http.client
import json
import os
import re
import shutil
import signal
import ssl
import subprocess
from pathlib import Path

import pytest

from studyapp.sample.serving import free_port
from tests.sqlite_alone import database_url  # noqa: F401
from tests.torture.ordeal import invite
from tests.torture.victim import Victim

DEPLOY = Path(__file__).parents[1] / "deploy"
HOST = "study.example.org"
EVIL = {
    "X-Forwarded-For": "127.0.0.1",
    "X-Forwarded-Host": "evil.example.org",
    "X-Forwarded-Port": "666",
    "X-Forwarded-Prefix": "/evil",
    "X-Forwarded-Proto": "gopher",
}


def nginx(folder: Path, port: int, server: int) -> list[str]:
    key, certificate = folder / "key.pem", folder / "certificate.pem"
    made = "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -subj /CN=here"
    command = [*made.split(), "-keyout", str(key), "-out", str(certificate)]
    subprocess.run(command, check=True, capture_output=True)
    text = (DEPLOY / "nginx.conf").read_text(encoding="utf-8")
    text = text.replace("listen 443 ssl", f"listen 127.0.0.1:{port} ssl").replace(":8000", f":{server}")
    text = re.sub(r"(ssl_certificate_key) \S+;", rf"\1 {key};", text)
    text = re.sub(r"(ssl_certificate) \S+;", rf"\1 {certificate};", text)
    places = "".join(
        f"{name}_temp_path {folder}/{name};\n"
        for name in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    file = folder / "nginx.conf"
    head = f"daemon off; master_process off; pid {folder}/pid; error_log stderr;\nevents {{}}\n"
    file.write_text(f"{head}http {{\n{places}{text}}}\n", encoding="utf-8")
    subprocess.run(["nginx", "-t", "-q", "-c", str(file)], check=True)
    return ["nginx", "-c", str(file)]


def caddy(folder: Path, port: int, _server: int) -> list[str]:
    file = folder / "Caddyfile"
    text = (DEPLOY / "Caddyfile").read_text(encoding="utf-8")
    file.write_text("{\n\tadmin off\n\tauto_https off\n}\n" + text, encoding="utf-8")
    return ["caddy", "run", "--adapter", "caddyfile", "--config", str(file)]


@pytest.mark.parametrize("proxy", [nginx, caddy], ids=lambda proxy: proxy.__name__)
def test_judges_vote_through_it_and_it_keeps_inside_what_is(workspace, tmp_path, proxy):
    if not shutil.which(proxy.__name__):
        pytest.skip(f"{proxy.__name__} is not at hand")
    link = invite(workspace.folders.root)[0]
    workspace.database.close()
    port = free_port()
    settings = {"STUDYAPP_BASE_URL": f"https://{HOST}", "STUDYAPP_PROXIES": "1"}
    with Victim(workspace.folders.root, settings, workers=1) as server:
        command = proxy(tmp_path, port, server.port)
        environment = {
            **os.environ,
            "HOME": str(tmp_path),
            "XDG_DATA_HOME": str(tmp_path),
            "XDG_CONFIG_HOME": str(tmp_path),
            "STUDYAPP_HOST": f"http://{HOST}:{port}",
            "STUDYAPP_SERVER": f"127.0.0.1:{server.port}",
        }
        with subprocess.Popen(command, env=environment, cwd=tmp_path, stderr=subprocess.DEVNULL) as running:
            try:
                ask = Asking(port, tls=proxy is nginx)
                ask.until_up()
                walk(ask, link)
            finally:
                running.send_signal(signal.SIGTERM)
        direct = http.client.HTTPConnection("127.0.0.1", server.port)
        direct.request("GET", "/metrics")
        assert direct.getresponse().status == 200
        direct.close()


class Asking:
    """Somebody elsewhere, who sends what proxies must not pass on."""

    def __init__(self, port: int, *, tls: bool) -> None:
        trusting = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        trusting.check_hostname, trusting.verify_mode = False, ssl.CERT_NONE
        self._kind = (
            (lambda: http.client.HTTPSConnection("127.0.0.1", port, context=trusting))
            if tls
            else (lambda: http.client.HTTPConnection("127.0.0.1", port))
        )
        self._host = f"{HOST}:{port}"
        self.cookie = self.csrf = ""

    def until_up(self) -> None:
        """Ask until the proxy listens."""
        for _ in range(10_000):
            try:
                self.ask("GET", "/healthz")
            except ConnectionRefusedError:
                continue
            return

    def ask(
        self, method: str, path: str, body: str | None = None
    ) -> tuple[int, http.client.HTTPMessage, str]:
        """Send a request; return status, headers and body."""
        connection = self._kind()
        headers = {**EVIL, "Host": self._host, "Cookie": self.cookie, "X-CSRFToken": self.csrf}
        connection.request(method, path, body, {**headers, "Content-Type": "application/json"})
        answer = connection.getresponse()
        said = answer.read().decode(errors="replace")
        connection.close()
        return answer.status, answer.headers, said


def walk(ask: Asking, link: str) -> None:
    assert ask.ask("GET", "/readyz")[0] == 200
    for path in ("/metrics", "/s/spring/metrics"):
        assert ask.ask("GET", path)[0] == 404
    status, headers, _ = ask.ask("GET", link)
    assert (status, headers["Location"]) == (302, "/?entered=judge")
    assert headers["Set-Cookie"].startswith("__Host-")
    assert "Secure" in headers["Set-Cookie"]
    ask.cookie = headers["Set-Cookie"].partition(";")[0]
    trials = json.loads(ask.ask("GET", "/api/trials")[2])["trials"]
    trial = json.loads(ask.ask("GET", f"/api/trials/{trials[0]['trial']}")[2])
    ask.csrf = trial["csrf"]
    ballot = json.dumps({"key": "0" * 32, "base_revision": 0, "picks": [1, 2, 3]})
    assert ask.ask("PUT", trial["links"]["ballot"], ballot)[0] == 200
    large = "x" * 1_500_000
    # Caddy passes on what it has until the server refuses, and calls that a bad gateway.
    assert ask.ask("PUT", trial["links"]["ballot"], large)[0] in (413, 502)
    assert ask.ask("PATCH", "/console/uploads/none", large)[0] in (401, 404)  # no judge's, but not too large
    tile = ask.ask("GET", trial["slots"][0]["tiles"] + "/0/0_0")
    assert (tile[0], tile[1]["Content-Encoding"]) == (200, None)
