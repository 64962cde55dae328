"""The organisers' contact stands where judges may need it, also where nobody is logged in."""

import pytest

from studyapp.app import create_app
from tests.web.conftest import Browser


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_the_contact_is_on_pages_and_errors(folder, workspace, links):
    path = folder / "study.yaml"
    path.write_text(path.read_text() + "contact: Olga <olga@example.org>\nbreak_after_minutes: 40\n")
    app = create_app(folder)
    jude, eve = Browser(app.test_client()), Browser(app.test_client())
    jude.get(f"/j/{links['Jude']}")
    shown = "Ask the organisers: Olga &lt;olga@example.org&gt;"
    for person, page in ((jude, "/judge"), (jude, "/nowhere"), (eve, "/judge"), (eve, "/j/wrong")):
        assert shown in person.get(page).get_data(as_text=True), page
    assert jude.trial()["break_after"] == 25 * 60, "what the study goes by is what was registered or amended"
    app.extensions["studyapp"].workspace.database.close()
