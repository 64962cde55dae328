"""Every page of an error says what happened, what to do, and whom to ask."""

import re

import pytest

from studyapp.web.errors import HELP, MESSAGES, STATUS, error_response

STATUSES = sorted({400, *HELP, *MESSAGES, *(status for _, status, _ in STATUS)})
TO_DO = ("wait", "go back", "open", "ask", "tell")


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_error_pages_say_what_happened_what_to_do_and_whom_to_ask(app):
    for status in STATUSES:
        with app.test_request_context("/judge"):
            page = error_response(status, "code", MESSAGES.get(status, "What happened.")).get_data(
                as_text=True
            )
        (said,), (advice,) = re.findall("<h1>(.+?)</h1>", page), re.findall("<p>([A-Z].+?)</p>", page)
        assert said, status
        assert any(words in advice.lower() for words in TO_DO), (status, advice)
        assert "the organisers" in advice, (status, advice)
