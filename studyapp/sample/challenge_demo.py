"""The demo of a challenge: from registration to the rankings of two tracks, by programs over HTTP.

Every step looks at what is there, so that an interrupted demo goes on where it stopped.
"""

import json
import secrets
import time
from collections.abc import Collection, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path

import click
from sqlmodel import select

from analysis.progress import shown_progress
from studyapp.client.server import Server
from studyapp.client.submitting import Submit, submit
from studyapp.db.site_tables import Account, ChallengeTeam, Membership, Submission
from studyapp.errors import StudyError
from studyapp.sample.browser import Browser
from studyapp.sample.challenge import (
    FEEDBACK,
    FINAL,
    WORK,
    SampleTrack,
    build_sample_site,
    make_hand_ins,
    sample_tracks,
    write_site,
)
from studyapp.sample.costs import measures_csv
from studyapp.sample.demo import (
    Echo,
    close,
    invite,
    is_closed,
    prepare,
    rank,
    refuse_database,
    score_sample,
    sigterm_interrupts,
)
from studyapp.sample.entries import ENTRIES, Entry
from studyapp.sample.judges import run_simulated_judges
from studyapp.sample.scenes import SEED, Size
from studyapp.sample.serving import serving
from studyapp.services.challenge import cut, phases, teams, tokens
from studyapp.services.ground import studies
from studyapp.services.ground.site import Site, open_site
from studyapp.services.ground.workspace import open_workspace
from studyapp.study.site_file import SITE_FILE
from studyapp.study.study_file import STUDY_FILE

ORGANISER = "Simulated organiser"
_PATIENCE = 600.0
_LONG = timedelta(days=7)


def run_challenge_demo(root: Path, *, serve: bool, port: int, echo: Echo, size: Size = "full") -> None:
    """Run the sample challenge from registration to the rankings of its tracks, and print those.

    Parameters
    ----------
    root
        The folder of the site.
    serve
        Whether to go on and serve it until interrupted.
    port
        Where it is served, if that port is free.
    echo
        Gets what is going on, line by line; the rankings themselves go to standard output.
    size
        Of the sample.

    Raises
    ------
    StudyError
        When a step fails; the message says which remedy there is.
    """
    refuse_database()
    if (root / STUDY_FILE).exists() or (root / "ranked").exists():
        raise StudyError(f"{root} is the demo of a study; choose another folder for that of a challenge")
    with sigterm_interrupts():
        if not (root / SITE_FILE).exists():
            echo("building two tracks from the photographs inside scikit-image")
            with shown_progress() as progress:
                build_sample_site(root, size, now=_now(), progress=progress)
        with closing(open_site(root)) as site:
            demo = _Demo(site, size, echo)
            demo.online_phase()
            demo.vote()
            for track in demo.tracks:
                click.echo(f"\n# {track.title['en']}\n")
                rank(site.study_root(track.name), echo)
        if serve:
            _serve(root, port, echo)


@dataclass
class _Demo:
    site: Site
    size: Size
    echo: Echo

    @property
    def tracks(self) -> tuple[SampleTrack, ...]:
        """The tracks."""
        return sample_tracks(self.size)

    def online_phase(self) -> None:
        """Let the teams register and hand in, cut, and let those of the final phase hand in again."""
        if self._stage(FINAL) == "over":
            return
        with serving(self.site.root, workers=1) as server:
            self._register(server.url)
            with closing(_Keys(self.site)) as keys:
                if self._stage(FEEDBACK) == "open":
                    self._hand_in(server.url, FEEDBACK, keys)
                    self._say_scores()
                    now = _now()
                    self._times(
                        {FEEDBACK: (self._opens(FEEDBACK), now), FINAL: (now + _LONG, now + 2 * _LONG)}
                    )
                if self._stage(FINAL) == "before":
                    self._cut()
                    self._times({FINAL: (_now(), _now() + _LONG)})
                self._hand_in(server.url, FINAL, keys)
        self._times({FINAL: (self._opens(FINAL), _now())})

    def vote(self) -> None:
        """Let the same simulated judges vote in both tracks, over HTTP, and end the voting."""
        left = [track for track in self.tracks if not is_closed(self._root(track))]
        if not left:
            return
        links = {}
        for track in left:
            root = self._root(track)
            if track.has_costs:
                self._write_costs(track)
            prepare(
                root, key=sha256(f"the track {track.name} has no secrets".encode()).digest(), echo=self.echo
            )
            score_sample(root, echo=self.echo)
            links[track.name] = invite(root)
            workspace = open_workspace(root)
            with closing(workspace.database), workspace.database.writing() as session:
                studies.open_study(session, now=_now())
        with serving(self.site.root) as server, shown_progress() as progress:
            for track in left:
                done = run_simulated_judges(
                    {
                        name: f"{server.url}/s/{track.name}/j/{token}"
                        for name, token in links[track.name].items()
                    },
                    seed=SEED,
                    originals=track.originals(),
                    progress=progress,
                )
                self.echo(
                    f"SIMULATED judges, {track.name}: {done.judges} programs answered {done.trials} trials "
                    f"over HTTP ({done.saved} ballots saved)"
                )
        for track in left:
            close(self._root(track))

    def _register(self, url: str) -> None:
        """Register each team by the form, with an account of its own, and let it in."""
        with self.site.database.reading() as session:
            there = {team.name for team in teams.listed(session)}
        taking_part = [e for e in ENTRIES if any(e in track.entries for track in self.tracks)]
        for entry in taking_part:
            if entry.name in there:
                continue
            password = secrets.token_urlsafe(16)  # nobody signs in
            Browser(url).submit(
                "/challenge/register",
                button="/register",
                fields={
                    "team": entry.name,
                    "affiliation": "simulated",
                    "track": [track.name for track in self.tracks if entry in track.entries],
                    "name": f"Simulated leader of {entry.name}",
                    "email": f"simulated-{entry.id}@example.org",
                    "password": password,
                    "again": password,
                },
            )
        with self.site.database.writing() as session:
            for team in teams.listed(session):
                if team.state == "waiting":
                    teams.decide(session, team, "approved", by=ORGANISER, now=_now())
        self.echo(f"SIMULATED teams: {len(taking_part)} programs registered over HTTP and were let in")

    def _hand_in(self, url: str, phase: str, keys: "_Keys") -> None:
        """Let every team upload what it has not yet, and wait until all of it was looked at."""
        begun = self._sent(phase)
        who = {track.name: self._of_phase(track, phase) for track in self.tracks}
        with shown_progress() as progress:
            made = make_hand_ins(self.site.root, phase, self.tracks, who, progress)
        memory = self.site.root / WORK / "remembered"
        for one in made:
            server = Server(f"{url}/challenge", keys.of(one.entry))
            for folder in one.folders[begun.get((one.track.name, one.entry.name), 0) :]:
                submit(server, Submit(folder, one.track.name, phase, check=False, wait=False, memory=memory))
        with shown_progress() as progress:
            deadline = time.monotonic() + _PATIENCE
            while (left := self._waiting(phase)) and time.monotonic() < deadline:
                total = sum(self._sent(phase).values())
                progress("scoring" if phase == FEEDBACK else "checking", total - left, total)
                time.sleep(0.2)
        if left:
            raise StudyError(
                f"{left} submissions were not looked at in {_PATIENCE:.0f} s; start the demo again"
            )
        self.echo(f"uploaded by tus and looked at, {phase}: {sum(self._sent(phase).values())} submissions")

    def _cut(self) -> None:
        """Let the organiser decide who goes on; where teams are level at the last place, by lot."""
        for track in self.tracks:
            with self.site.database.writing() as session:
                proposal = cut.propose(session, self.site, track.name, FEEDBACK, _now())
                drawn = sorted(proposal.tied)[: proposal.room]
                made = cut.make(
                    session,
                    self.site,
                    track=track.name,
                    teams=[*proposal.sure, *drawn],
                    by=ORGANISER,
                    now=_now(),
                    why="drawn by lot (simulated)" if proposal.tied else "",
                )
                names = [team["name"] for team in json.loads(made.body)["teams"]]
            level = (
                f", {len(drawn)} of {len(proposal.tied)} that are level drawn by lot" if proposal.tied else ""
            )
            self.echo(f"cut, {track.name}: {', '.join(names)} go to the final phase{level}")

    def _of_phase(self, track: SampleTrack, phase: str) -> Sequence[Entry]:
        if phase == FEEDBACK:
            return track.entries
        chosen = {team["name"] for team in self._chosen(track)}
        return [entry for entry in track.entries if entry.name in chosen]

    def _chosen(self, track: SampleTrack) -> list[dict[str, str]]:
        """Return the teams of the cut."""
        with self.site.database.reading() as session:
            made = cut.latest(session, track.name)
            if made is None:
                raise StudyError(
                    f"the track {track.name} has no cut; remove {self.site.root} and start again"
                )
            return json.loads(made.body)["teams"]

    def _write_costs(self, track: SampleTrack) -> None:
        """Write what the methods cost, as it was recorded once, for the teams of the final phase."""
        methods = {entry.name: entry.method for entry in ENTRIES}
        of_study = {team["study_team"]: methods[team["name"]] for team in self._chosen(track)}
        text = measures_csv(of_study)
        (self._root(track) / "measures.csv").write_text(text, encoding="utf-8", newline="\n")

    def _say_scores(self) -> None:
        query = select(Submission.track, Submission.state).where(Submission.phase == FEEDBACK)
        with self.site.database.reading() as session:
            rows = session.exec(query).all()
        for track in self.tracks:
            states = [state for name, state in rows if name == track.name]
            failed = states.count("failed")
            self.echo(f"scores, {track.name}: {states.count('done')} submissions, {failed} failed on purpose")

    def _sent(self, phase: str) -> dict[tuple[str, str], int]:
        """Count what each team has handed in, by track and name."""
        query = select(Submission.track, ChallengeTeam.name).where(Submission.phase == phase)
        found: dict[tuple[str, str], int] = {}
        with self.site.database.reading() as session:
            for row in session.exec(query.join(ChallengeTeam)).all():
                found[row] = found.get(row, 0) + 1
        return found

    def _waiting(self, phase: str) -> int:
        with self.site.database.reading() as session:
            states: Collection[str] = session.exec(
                select(Submission.state).where(Submission.phase == phase)
            ).all()
        return sum(state in ("waiting", "working") for state in states)

    def _times(self, changed: dict[str, tuple[datetime, datetime]]) -> None:
        found = self.site.file.challenge
        assert found is not None
        known = found.tracks[self.tracks[0].name].phases
        now = {name: (phase.opens, phase.closes) for name, phase in known.items()}
        write_site(self.site.root, self.size, now | changed)

    def _stage(self, phase: str) -> str:
        return phases.stage(phases.phase_of(self.site, self.tracks[0].name, phase), _now())

    def _opens(self, phase: str) -> datetime:
        return phases.phase_of(self.site, self.tracks[0].name, phase).opens

    def _root(self, track: SampleTrack) -> Path:
        return self.site.study_root(track.name)


class _Keys:
    """Access tokens of the teams' leaders, revoked at the end."""

    def __init__(self, site: Site) -> None:
        self._site, self._made = site, {}

    def of(self, entry: Entry) -> str:
        """Return a token of a team's leader."""
        if entry not in self._made:
            query = select(Account.id).join(Membership).join(ChallengeTeam)
            with self._site.database.writing() as session:
                account = session.exec(query.where(ChallengeTeam.name == entry.name)).first()
                self._made[entry] = account, tokens.make(session, account or 0, "demo", _now())
        return self._made[entry][1]

    def close(self) -> None:
        """Revoke them."""
        for account, _ in self._made.values():
            with self._site.database.writing() as session:
                for token in tokens.of_account(session, account):
                    tokens.revoke(session, account, token.id or 0, _now())


def _serve(root: Path, port: int, echo: Echo) -> None:
    with serving(root, port=port) as server:
        click.echo(f"the SIMULATED challenge, as everybody sees it: {server.url}/challenge")
        for track in sample_tracks("full"):
            click.echo(f"its ranking, {track.name}: {server.url}/challenge/tracks/{track.name}/ranking")
        click.echo(f"organiser: {server.organiser}")
        echo("Ctrl-C stops the server")
        try:
            server.process.wait()
        except KeyboardInterrupt:
            echo("stopped")


def _now() -> datetime:
    return datetime.now(UTC)
