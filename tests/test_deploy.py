"""What docs/deploy.md and deploy/ tell people to run fits together, and program and tools accept it."""

import configparser
import json
import re
import shlex
import shutil
import subprocess
from pathlib import Path

import click
import pytest
import yaml

from studyapp.app import create_app
from studyapp.cli import main
from studyapp.cli.common import DEFAULT_PORT
from studyapp.settings import SETTINGS, base_url
from tests.sqlite_alone import database_url  # noqa: F401

ROOT = Path(__file__).parents[1]
DEPLOY = ROOT / "deploy"
PAGE = (ROOT / "docs" / "deploy.md").read_text(encoding="utf-8")
UNITS = ("studyapp.service", "studyapp-worker.service")
KNOWN = {name for name, *_ in SETTINGS}
COMPOSE = yaml.safe_load((DEPLOY / "compose.yaml").read_text(encoding="utf-8"))
SERVICES = COMPOSE["services"]


def text(name: str) -> str:
    return (DEPLOY / name).read_text(encoding="utf-8")


def assert_can_be_run(words: list[str]) -> None:
    """Check that the program has the command and its options."""
    assert Path(words[0]).name == "studyapp", words
    context = click.Context(main)
    command = main.get_command(context, words[1])
    assert command is not None, words
    options = {name for item in command.params for name in (*item.opts, *item.secondary_opts)}
    given = {word.partition("=")[0] for word in words[2:] if word.startswith("--")}
    assert given <= options, words


@pytest.mark.parametrize("name", [*UNITS, "Caddyfile", "nginx.conf"])
def test_the_page_shows_the_files_as_they_are(name):
    block = "".join(
        f"    {line}" if line.strip() else line for line in text(name).replace("\t", "  ").splitlines(True)
    )
    assert block in PAGE


def test_the_page_names_every_file_settings_and_commands_that_there_are():
    assert [
        path.name for path in DEPLOY.iterdir() if path.suffix != ".dockerignore" and path.name not in PAGE
    ] == ["Dockerfile"]
    assert set(re.findall(r"STUDYAPP_[A-Z_]+", PAGE)) - {"STUDYAPP_HOST", "STUDYAPP_SERVER"} <= KNOWN
    lines = [line.strip() for line in PAGE.splitlines() if line.startswith("    ")]
    lines += [part for part in re.findall(r"`(studyapp [^`]+)`", PAGE)]
    found = [
        match[0]
        for line in lines
        if (match := re.search(r"(?:\S*/bin/|(?<![=/.-]))\bstudyapp (?!-)[a-z].*", line))
    ]
    for line in found:
        words = [word for word in shlex.split(line) if word != "..."]
        if Path(words[0]).name == "studyapp" and words[1] != "studyapp-worker":
            assert_can_be_run(words)
    assert len(found) > 5


def test_the_table_of_metrics_is_what_there_is(folder, links):
    app = create_app(folder)
    told = app.test_client().get("/metrics").text
    app.extensions["studyapp"].workspace.database.close()
    names = {name for name in re.findall(r"# TYPE (\w+)", told) if not name.endswith("_created")}
    assert names == set(re.findall(r"^\| `(studyapp_\w+)`", PAGE, re.MULTILINE))


@pytest.mark.parametrize(
    ("name", "line"),
    [("nginx.conf", r"location ~ (\S+/uploads/) \{"), ("Caddyfile", r"path_regexp (\S+/uploads/)$")],
)
def test_proxies_let_long_bodies_through_where_files_are_uploaded(name, line):
    found = re.search(line, text(name), re.MULTILINE)
    assert found
    long = {"/console/uploads/1", "/s/night/console/uploads/1", "/challenge/tracks/night/feedback/uploads/1"}
    short = {"/api/trials/1/ballot", "/challenge/register", "/judge/console/uploads/1"}
    assert {address for address in long | short if re.search(found[1], address)} == long


def test_the_services_are_those_of_the_page_and_lose_nothing():
    assert set(SERVICES) == set(re.findall(r"^\| `(\w+)` \|", PAGE.split("## On your own")[0], re.MULTILINE))
    for service in SERVICES.values():
        image = service["image"]
        assert image == "studyapp" or re.search(r":\d", image), f"{image} may be another one tomorrow"
        for volume in service.get("volumes", ()):
            source = volume.split(":")[0]
            assert source in COMPOSE["volumes"] or (DEPLOY / source).exists()
        for other in service.get("depends_on", ()):
            assert other in SERVICES
    assert SERVICES["database"]["volumes"] == ["database:/var/lib/postgresql/data"]
    assert [name for name, service in SERVICES.items() if "ports" in service] == ["proxy"]


def test_the_settings_of_the_services_fit_each_other():
    example = set(re.findall(r"^(\w+)=", text("env.example"), re.MULTILINE))
    assert set(re.findall(r"\$\{(\w+)", text("compose.yaml"))) == example
    proxy = SERVICES["proxy"]["environment"]
    assert set(re.findall(r"\{\$(\w+)", text("Caddyfile"))) == set(proxy)
    assert proxy["STUDYAPP_SERVER"] == f"app:{DEFAULT_PORT}"
    for name in ("app", "worker"):
        settings = SERVICES[name]["environment"]
        assert set(settings) <= KNOWN
        assert all(isinstance(value, str) for value in settings.values())
        assert settings == SERVICES["app"]["environment"]
    host = re.sub(r"\$\{[^}]*\}", "study.example.org", settings["STUDYAPP_BASE_URL"])
    assert str(base_url(host)) == "https://study.example.org"
    database = SERVICES["database"]["environment"]
    assert settings["STUDYAPP_DATABASE_URL"].startswith(f"postgresql://{database['POSTGRES_USER']}:")
    assert settings["STUDYAPP_DATABASE_URL"].endswith(f"@database/{database['POSTGRES_DB']}")


def instructions(name: str) -> list[tuple[str, str]]:
    joined = text(name).replace("\\\n", " ")
    lines = [line for line in joined.splitlines() if line.strip() and not line.startswith("#")]
    return [tuple(line.split(maxsplit=1)) for line in lines]


def test_the_image_is_made_of_what_there_is_and_not_run_as_root(folder, links):
    found = instructions("Dockerfile")
    last = [index for index, (word, _) in enumerate(found) if word == "FROM"][-1]
    user = dict(found[last:])["USER"]
    assert user == "studyapp"
    assert "useradd --uid 10001" in text("Dockerfile")
    sources = [
        part for word, rest in found if word == "COPY" and "--from" not in rest for part in rest.split()[:-1]
    ]
    assert [name for name in sources if not (ROOT / name).exists()] == []
    kept = {line[1:] for line in text("Dockerfile.dockerignore").splitlines() if line.startswith("!")}
    assert kept == set(sources)
    built = yaml.safe_load(json.dumps(SERVICES["app"]["build"]))
    assert (DEPLOY / built["context"] / built["dockerfile"]).resolve() == DEPLOY / "Dockerfile"
    bases = {rest.split()[0] for word, rest in found if word == "FROM"}
    assert len(bases) == 1  # a virtual environment works with the Python that made it
    probe = re.search(r"http://127\.0\.0\.1:(\d+)(/\w+)", dict(found)["HEALTHCHECK"])
    assert probe is not None
    assert int(probe[1]) == int(dict(found)["EXPOSE"]) == DEFAULT_PORT
    app = create_app(folder)
    assert app.test_client().get(probe[2]).status_code == 200
    app.extensions["studyapp"].workspace.database.close()


def test_what_containers_run_is_what_the_program_has():
    served = json.loads(dict(instructions("Dockerfile"))["CMD"])
    for words in (served, SERVICES["worker"]["command"]):
        assert_can_be_run(words)
        assert f"`studyapp {words[1]} /srv/studyapp" in PAGE
    assert "studies:/srv/studyapp" in SERVICES["app"]["volumes"]


@pytest.mark.parametrize("name", UNITS)
def test_units_run_what_there_is(name):
    unit = configparser.RawConfigParser(strict=True)
    unit.optionxform = str  # pyright: ignore[reportAttributeAccessIssue]
    unit.read_string(text(name))
    service = unit["Service"]
    assert_can_be_run(shlex.split(service["ExecStart"]))
    assert service["ExecStart"].split()[2] == service["ReadWritePaths"] == "/srv/studyapp"
    assert service["User"] == "studyapp"
    for path in (service["EnvironmentFile"], service["ExecStart"].split()[0].rpartition("/")[0]):
        assert path in PAGE.replace(text(name), "")


def run(*command: str, **options) -> None:
    if not shutil.which(command[0]):
        pytest.skip(f"{command[0]} is not at hand")
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False, **options)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("name", UNITS)
def test_systemd_accepts_the_units(name, tmp_path):
    unit = tmp_path / name
    unit.write_text(re.sub(r"ExecStart=\S+", "ExecStart=/bin/true", text(name)), encoding="utf-8")
    other = next(other for other in UNITS if other != name)
    (tmp_path / other).write_text(
        re.sub(r"ExecStart=\S+", "ExecStart=/bin/true", text(other)), encoding="utf-8"
    )
    run("systemd-analyze", "verify", "--man=no", "--recursive-errors=no", str(unit))


def test_docker_accepts_the_services(tmp_path, monkeypatch):
    """Compose reads the file; its first version, which some systems still have, knows no name."""
    monkeypatch.setenv("STUDYAPP_HOST", "study.example.org")
    monkeypatch.setenv("POSTGRES_PASSWORD", "secret")
    file = tmp_path / "compose.yaml"
    if shutil.which("docker-compose"):
        file.write_text(text("compose.yaml").replace("name: studyapp\n", ""), encoding="utf-8")
        run("docker-compose", "--file", str(file), "config", "--quiet")
        return
    docker("compose", "version")
    run("docker", "compose", "--file", str(DEPLOY / "compose.yaml"), "config", "--quiet")


@pytest.mark.slow
def test_docker_builds_and_runs_the_image(tmp_path):
    docker("info")
    run("docker", "build", "--file", str(DEPLOY / "Dockerfile"), "--tag", "studyapp-test", str(ROOT))
    run("docker", "run", "--rm", "studyapp-test", "studyapp", "init", "--site", "/srv/studyapp/site")


def docker(*words: str) -> None:
    """Skip where docker, or what is asked of it, is not at hand."""
    if not shutil.which("docker"):
        pytest.skip("docker is not at hand")
    done = subprocess.run(["docker", *words], capture_output=True, text=True, timeout=60, check=False)
    if done.returncode:
        pytest.skip(f"docker {' '.join(words)}: {done.stderr.strip() or done.stdout.strip()}")
