"""Three teams' zips with mistakes become a study that is ready for judges, in Chromium with tus-js-client."""

import os
import threading
import zipfile
from pathlib import Path

import pytest
from werkzeug.serving import make_server

from studyapp.app import create_app
from studyapp.services.ground.workspace import begin_study, init_folder
from studyapp.study.study_file import load_study_file
from tests.accounts import owner_token
from tests.browser import bringing_images as steps
from tests.browser.chromium import needs_chromium
from tests.browser.test_accessible import AXE
from tests.browser.test_signing_in import violations
from tests.conftest import IMAGES, write_study
from tests.web.jobs_here import do_jobs

# tests/browser/test_whole_way.py goes the same way with the real server; here a line is cut, too.
pytestmark = [needs_chromium, pytest.mark.browser, pytest.mark.slow]
ALL = ("000", *IMAGES)


@pytest.fixture
def served(tmp_path, monkeypatch):
    """Serve a draft without images; return its address, the organiser's link, the app."""
    monkeypatch.delenv("STUDYAPP_DATABASE_URL", raising=False)
    root = tmp_path / "draft"
    init_folder(root, title="Spring denoising", with_teams=False)
    begin_study(root)
    app = create_app(root)
    token = owner_token(root)
    server = make_server("127.0.0.1", 0, app, threaded=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.port}", token, app
    server.shutdown()
    app.extensions["studyapp"].close()


def zipped(path: Path, files: dict[str, Path | bytes]) -> Path:
    path.parent.mkdir(exist_ok=True)
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in files.items():
            archive.writestr(name, content if isinstance(content, bytes) else content.read_bytes())
    return path


def handed_in(tmp_path: Path) -> list[Path]:
    """Write the inputs and three teams' zips, each with a mistake; Gamma lacks an image."""
    made, inbox = write_study(tmp_path / "made", size=(240, 160)), tmp_path / "inbox"

    def images(folder: str, pattern: str, names: tuple[str, ...] = ALL) -> dict[str, Path | bytes]:
        return {pattern.format(image): made / folder / f"{image}.png" for image in names}

    beta = zipped(tmp_path / "beta.zip", images("teams/team02", "{}x4.PNG"))
    return [
        zipped(inbox / "input.zip", images("input", "{}.png")),
        zipped(
            inbox / "AlphaNet.zip",
            images("teams/team01", "results/{}_restored.png") | {"__MACOSX/results/._001_restored.png": b"x"},
        ),
        zipped(inbox / "from the mail.zip", {"Beta 队.zip": beta, "Thumbs.db": b"x"}),
        zipped(inbox / "Gamma.zip", images("teams/team03", "{}.png", ALL[:-1]) | {"readme.txt": b"x"}),
    ]


def test_from_zips_to_a_study_that_is_ready(served, tmp_path, shared_browsers):
    url, token, app = served
    files, root = handed_in(tmp_path), app.extensions["studyapp"].workspace.folders.root
    with shared_browsers.desk().new_context(viewport={"width": 1440, "height": 900}) as context:
        page = context.new_page()
        if AXE.exists():
            page.add_init_script(path=str(AXE))
        page.goto(f"{url}/o/{token}")
        if page.get_by_role("button").filter(has_text="Continue").count():
            page.get_by_role("button").filter(has_text="Continue").click()
        cut: list[str] = []

        def cut_once(route) -> None:
            if route.request.method == "PATCH" and not cut:
                cut.append(route.request.url)
                route.abort()
            else:
                route.continue_()

        page.route("**/console/uploads/*", cut_once)
        look(page, "images-empty", url)
        steps.upload(page, url, files)
        assert cut
        steps.take_apart(page, "Take out its 1 zip")
        look(page, "images-proposed")
        steps.bring_in(page, "Copy 15 images into the study", lambda: do_jobs(app))
        names = [team.name for team in load_study_file(root / "study.yaml").teams]
        assert names == ["AlphaNet", "Beta 队", "Gamma"]
        (root / "teams" / "Gamma" / "late").mkdir()
        (tmp_path / "made" / "teams" / "team03" / "003.png").rename(
            root / "teams" / "Gamma" / "late" / "003.png"
        )
        (root / "teams" / "AlphaNet" / "002.png").rename(root / "teams" / "AlphaNet" / "002_final.png")
        steps.check(page, lambda: do_jobs(app))
        look(page, "images-problems")
        steps.put_right(page, "Take the images out of late/", lambda: do_jobs(app))
        steps.put_right(page, "Rename 1 file by its pattern", lambda: do_jobs(app))
        assert page.locator("#check td .badge.bad").count() == 0
        steps.prepare(page, lambda: do_jobs(app))
        look(page, "images-ready")
        page.goto(f"{url}/console/teams")
        look(page, "teams")
        page.set_viewport_size({"width": 820, "height": 1180})
        look(page, "teams-tablet")


def look(page, name: str, url: str | None = None) -> None:
    """Let axe-core look at the page, and keep a picture of it where somebody wants one."""
    if url:
        page.goto(f"{url}/console/images")
    page.wait_for_load_state("networkidle")
    if AXE.exists():
        assert violations(page) == []
    if folder := os.environ.get("STUDYAPP_PICTURES"):
        page.screenshot(path=f"{folder}/{name}.png", full_page=True)
