"""What protocols have in common whose trials show all candidates of an image."""

from collections.abc import Collection

from studyapp.core.design import DESIGN, judge_plan, practice_order
from studyapp.core.hidden_trials import DESIGN_WITH_CHECKS, Checks, ShownTrial, shown_plan
from studyapp.protocols.base import Given, Protocol, Scene


class AllAtOnce(Protocol[Given]):
    """Judges see all candidates of an image at once, and among them the pictures that the protocol needs."""

    def design_name(self, checks: Checks) -> str:
        """Hidden trials are part of the design where a study has them."""
        return DESIGN_WITH_CHECKS if checks.repeats or checks.golden else DESIGN

    def plan(self, key: bytes, judge: int, scene: Scene, conflicts: Collection[str]) -> list[ShownTrial]:
        """Show every image once, in a keyed order, with the candidates in keyed and balanced slots."""
        candidates = [*scene.teams, *self.needs]
        counted = judge_plan(key, judge, scene.images, candidates)
        # Without an image of its own the practice trial borrows the one that this judge will see last.
        image = scene.practice or counted[-1].image
        order = practice_order(key, judge, candidates)
        practice = ShownTrial("practice", image, tuple(team for team in order if team not in conflicts))
        sequence = shown_plan(key, judge, counted, candidates, scene.checks, conflicts, controls=self.needs)
        return [practice, *sequence]
