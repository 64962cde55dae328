"""What a study needs of how judges look, as pages say it before the first answer."""

from analysis.texts import Text, say
from studyapp.core.viewing import ViewingRules

GAMUT_NAMES = {"srgb": "sRGB", "p3": "P3", "rec2020": "Rec. 2020"}


def needs(rules: ViewingRules) -> list[Text]:
    """Return a line for each limit, and one for the questions that cannot be skipped."""
    lines = []
    if rules.window:
        lines.append(
            say(
                "a window of at least %(size)s pixels of the screen",
                size=f"{rules.window[0]} × {rules.window[1]}",
            )
        )
    if rules.pixel_ratio:
        least, most = (f"{ratio:g}" for ratio in rules.pixel_ratio)
        lines.append(say("%(least)s to %(most)s pixels of the screen per CSS pixel", least=least, most=most))
    if rules.gamut:
        lines.append(say("a screen that shows the colours of %(gamut)s", gamut=GAMUT_NAMES[rules.gamut]))
    if rules.acuity is not None:
        lines.append(say("an eyesight of at least %(acuity)s in the test", acuity=f"{rules.acuity:g}"))
    if rules.colour_vision:
        lines.append(say("that you can read all kinds of dots in the test of colours"))
    if rules.asked:
        lines.append(say("an answer wherever the screen check says that it is needed"))
    return lines
