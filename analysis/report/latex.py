"""The final ranking as a LaTeX table like those of the RAIM reports: team, parts, final score, rank."""

from analysis.columns import titles
from analysis.latex import LETTERS, escape_latex, needs_letters
from analysis.ranking import shown_decimals
from analysis.report.basis import notes_of, size_in_words
from analysis.report.blocks import cell
from analysis.report.study import Study
from analysis.report.words import listed
from analysis.rule.value import PAIR_SCORES, RATING_SCORES

COLUMNS = titles("ranking.csv", ("team", "s2", "escore", "s3", *PAIR_SCORES, *RATING_SCORES, "final"))
COLUMNS |= {"interval": "95\\% interval"} | titles("ranking.csv", ["rank"])


def to_latex(study: Study, *, intervals: bool = True) -> str:
    """Return a table environment that needs no package; without intervals if they could not be computed."""
    table = study.ranking.table.copy()
    digits = shown_decimals(table)
    if intervals:
        finals = study.bootstrap["final"]
        table["interval"] = [_interval(finals[team]["ci"], digits["final"]) for team in table["team"]]
    names = [name for name in COLUMNS if name in table]
    rows = "".join(
        " & ".join(escape_latex(cell(row[name], digits.get(name, 2))) for name in names) + " \\\\\n"
        for row in table.astype(object).to_dict("records")
    )
    size = size_in_words(study)
    mark = "\\textbf{SIMULATED ANSWERS.} " if study.simulated else ""
    told = (*notes_of(study), *(study.conclusions if intervals else ()))
    notes = "".join(f"{escape_latex(note)}. " for note in told)
    notes = f"\\textbf{{Note:}} {notes}" if notes else ""
    rule = escape_latex(study.rule.final.text())
    part = f"S2: {escape_latex(study.parts.formula)}. " if study.parts.formula else ""
    caption = (
        f"{mark}{notes}Final ranking of {escape_latex(study.title)} ({size}). Final score: {rule}. {part}"
        + (_drawn(study) if intervals else "")
    )
    head = " & ".join(COLUMNS[name] for name in names)
    made = (
        f"\\begin{{table}}[t]\n\\centering\n\\begin{{tabular}}{{l{'c' * (len(names) - 1)}}}\n\\hline\n{head} "
        f"\\\\\n\\hline\n{rows}\\hline\n\\end{{tabular}}\n\\caption{{{caption}}}\n\\label{{tab:final-ranking}}\n\\end{{table}}\n"
    )
    return (LETTERS if needs_letters(made) else "") + made


def _drawn(study: Study) -> str:
    """How the intervals of the finals came about: what was drawn, of the parts that the rule uses."""
    bootstrap = study.bootstrap
    drawn = bootstrap["resampled"]
    over = [name for name in ("judges", "images") if drawn[name]]
    means = [f"{'two-way ' if len(over) > 1 else ''}bootstrap over {listed(over)}"] if over else []
    if drawn["pairs"] and study.rule.needs("s2"):
        means.append("resampled pairs of S2")
    if drawn["times"] and study.rule.needs("escore"):
        means.append("times of EScore resampled within their intervals")
    how = f"{100 * bootstrap['level']:g}\\%, {bootstrap['draws']} draws"
    return f"Intervals ({how}): {', '.join(means) or 'nothing was there to draw from'}."


def _interval(limits: list[float | None] | None, decimals: int) -> str:
    if limits is None or None in limits:
        return cell(None)
    return f"[{limits[0]:.{decimals}f}, {limits[1]:.{decimals}f}]"
