"""Write docs/reference/http.md from the routes that programs use: `python docs/tools/http_api.py`."""

from collections.abc import Mapping
from pathlib import Path

from flask import Flask
from werkzeug.routing import Rule

from studyapp.web.challenge.blueprint import blueprint
from studyapp.web.permissions import PERMISSIONS, a_member, anyone

PAGE = Path(__file__).parents[1] / "reference" / "http.md"
PARTS = ("challenge.api.", "challenge.uploads.")
BOARDS = ("challenge.board.as_csv", "challenge.board.as_codabench")
WHO = {anyone: "anybody", a_member: "a member of a team in the track"}
READERS = "whoever may read the leaderboard"
INTRODUCTION = """\
# HTTP for programs

You write a program that hands in results or reads a leaderboard. Made by `python docs/tools/http_api.py` from
the routes that `studyapp submit` uses; [the challenge](../challenge.md) explains what they are for.

- Addresses are relative to that of the site, such as `https://host/raim`.
- `Authorization: Bearer TOKEN` says who asks; tokens are made on the page Access of an account. A request with
  a token counts for that token alone: cookies with it are ignored.
- `Accept: application/json`: errors come as `{"error": {"code": ..., "message": ...}}`, with a status. Uploads
  answer in plain text, which tus clients show.
- `Accept-Language` chooses the language of messages.
- 423, 429, 502, 503 and 504 mean: try the same again in a moment.

## Routes
| method | address | what it does | for |
|---|---|---|---|
"""
UPLOADS = """
## Uploads
They follow [tus 1.0](https://tus.io) (core, creation, expiration, termination), with `Tus-Resumable: 1.0.0` in
each request. `Upload-Metadata` has `filename` and, for a model in the final phase, `kind` with the value `code`;
values are in base64. The answer to the last byte names the submission in the header `Studyapp-Submission`; whoever
lost that answer asks `entered`.

    CHALLENGE=https://host/raim/challenge
    AUTH="Authorization: Bearer $STUDYAPP_TOKEN"
    curl -H "$AUTH" $CHALLENGE/api
    curl -i -X POST -H "$AUTH" -H "Tus-Resumable: 1.0.0" -H "Upload-Length: $(stat -c %s results.zip)" \\
         -H "Upload-Metadata: filename $(printf results.zip | base64)" $CHALLENGE/tracks/TRACK/PHASE/uploads
    curl -i -X PATCH -H "$AUTH" -H "Tus-Resumable: 1.0.0" -H "Upload-Offset: 0" --data-binary @results.zip \\
         -H "Content-Type: application/offset+octet-stream" https://host/LOCATION    # as the answer before says
"""

# The members of answers; tests/web/test_challenge_submissions.py compares them with those of real ones.
CHALLENGE = {
    "title": "the challenge's name",
    "account": "the name of the account whose token was sent; null for an unknown or revoked token",
    "tracks": "by name: `title`; `simulated`; `team`, the team for which the account acts there, or null and "
    "in `missing` why; `phases`, by name: `title`, `kind` (feedback or final), `opens`, `closes`, `stage` "
    "(before, open or over)",
}
WANTED = {
    "refused": "why nothing can be handed in now, in the reader's language; empty if it can",
    "uploads": "where uploads go",
    "policy": "what files may be: `max_pixels`; `convert`, `mix` and `base`, as other_colors and gain_maps "
    "of study.yaml say",
    "images": "the images that are asked for, by name: `name`, the file name of the input; `size` (width, "
    "height) that a result must have; or `source`, of whose size it is a whole multiple",
}
STANDING = {
    "submission": "its number on this server",
    "number": "its number among those of the team in this phase",
    "track": "the track",
    "phase": "the phase",
    "kind": "results, final or code",
    "name": "the name of the file",
    "sha256": "of the file as it arrived; empty until that is known",
    "arrived_at": "when its last byte arrived, in UTC: this decides",
    "state": "waiting, working, done, failed or withdrawn",
    "words": "the same in a sentence, in the reader's language",
    "ahead": "how many jobs come before it",
    "stage": "what is being done: unpack, check, the name of a metric",
    "done": "how much of that is done,",
    "total": "of how much; 0 where that is unknown",
    "score": "SCORE, with all digits; null until there is one",
    "simulated": "whether the track's results are made up",
    "means": "each metric's mean over the images",
    "missing": "metrics of the formula that could not be computed",
    "formula": "the formula of SCORE",
    "problem": "why it failed, with every problem on a line",
    "page": "the address of its page",
}


def page() -> str:
    """Return docs/reference/http.md."""
    answers = {
        "GET /challenge/api": CHALLENGE,
        "GET /challenge/api/tracks/TRACK/PHASE": WANTED,
        "GET /challenge/api/submissions/SUBMISSION": STANDING,
    }
    told = "".join(_members(route, members) for route, members in answers.items())
    return f"{INTRODUCTION}{_routes()}\n## Answers\n{told}{UPLOADS}"


def _routes() -> str:
    app = Flask("studyapp")
    app.register_blueprint(blueprint)
    rows = []
    for rule in app.url_map.iter_rules():
        if rule.endpoint.startswith((*PARTS, *BOARDS)):
            does = (app.view_functions[rule.endpoint].__doc__ or "").splitlines()[0].rstrip(".")
            who = READERS if rule.endpoint in BOARDS else WHO[PERMISSIONS[rule.endpoint]]
            rows.append((_written(rule.rule), _methods(rule), does, who))
    return "".join(
        f"| {methods} | `{address}` | {does} | {who} |\n" for address, methods, does, who in sorted(rows)
    )


def _methods(rule: Rule) -> str:
    """Return the methods of a route without those that Flask adds to others."""
    methods = set(rule.methods or ())
    return ", ".join(sorted(methods - {"HEAD", "OPTIONS"} or methods))


def _written(rule: str) -> str:
    for name in ("track", "phase", "upload", "int:submission"):
        rule = rule.replace(f"<{name}>", name.rpartition(":")[2].upper())
    return rule


def _members(route: str, members: Mapping[str, str]) -> str:
    rows = "".join(f"| `{name}` | {meaning} |\n" for name, meaning in members.items())
    return f"\n### {route}\n| member | meaning |\n|---|---|\n{rows}"


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
