"""Text for LaTeX: every sign prints as itself, with pdflatex, XeLaTeX and LuaLaTeX alike.

pdflatex in its old encoding prints other glyphs for `<`, `>`, `|` and quotes, makes ligatures of `--` and
stops at letters beyond Latin. So accents are written as commands and Greek as mathematics, which every engine
has; for letters that need a font of their own (Chinese, Cyrillic, Arabic, ...) there is `LETTERS`.
"""

import re
import unicodedata

LETTERS = r"""% \otherletters{...}{...} holds letters that pdflatex has no font for;
% it prints their numbers, [U+6E05]. XeLaTeX and LuaLaTeX print the letters themselves
% with a font that has them: \setmainfont{Noto Serif CJK SC}, for example.
% Define \otherletters before this file to print them otherwise.
\providecommand{\otherletters}[2]{\ifdefined\XeTeXrevision#1\else\ifdefined\directlua#1\else#2\fi\fi}
"""
"""Goes before a text that `escape_latex` made, where `needs_letters` says so."""

_SIGNS = {letter: f"\\{letter}" for letter in "&%$#_{}"} | {
    "\\": r"\textbackslash{}", "~": r"\textasciitilde{}", "^": r"\textasciicircum{}", "<": r"\textless{}",
    ">": r"\textgreater{}", "|": r"\textbar{}", '"': r"{\ttfamily\char34}", "`": r"\textasciigrave{}",
    "–": "--", "—": "---", "…": r"\ldots{}", "‘": "`", "’": "'", "“": "``", "”": "''",
    "ß": r"\ss{}", "æ": r"\ae{}", "Æ": r"\AE{}", "œ": r"\oe{}", "Œ": r"\OE{}", "ø": r"\o{}", "Ø": r"\O{}",
    "å": r"\aa{}", "Å": r"\AA{}", "ł": r"\l{}", "Ł": r"\L{}", "ı": r"\i{}", "ȷ": r"\j{}",
    "¡": "!`", "¿": "?`",
    "§": r"\S{}", "¶": r"\P{}", "©": r"\copyright{}", "®": r"\textregistered{}", "™": r"\texttrademark{}",
    "£": r"\pounds{}", "\xa0": "~", "\u2010": "-", "\u2011": "-", "\x01": "{}",
}  # fmt: skip
_MATH = {
    "×": r"\times", "±": r"\pm", "°": r"^\circ", "·": r"\cdot", "²": "^2", "³": "^3", "¹": "^1", "µ": r"\mu",
    "≤": r"\leq", "≥": r"\geq", "≠": r"\neq", "≈": r"\approx", "∞": r"\infty", "→": r"\rightarrow",
    "←": r"\leftarrow", "√": r"\surd", "★": r"\star", "♯": r"\sharp", "♭": r"\flat", "−": "-",
}  # fmt: skip
_GREEK = {
    "α": "alpha", "β": "beta", "γ": "gamma", "δ": "delta", "ε": "varepsilon", "ζ": "zeta", "η": "eta",
    "θ": "theta", "ι": "iota", "κ": "kappa", "λ": "lambda", "μ": "mu", "ν": "nu", "ξ": "xi", "π": "pi",
    "ρ": "rho", "ς": "varsigma", "σ": "sigma", "τ": "tau", "υ": "upsilon", "φ": "varphi", "χ": "chi",
    "ψ": "psi", "ω": "omega", "Γ": "Gamma", "Δ": "Delta", "Θ": "Theta", "Λ": "Lambda", "Ξ": "Xi", "Π": "Pi",
    "Σ": "Sigma", "Υ": "Upsilon", "Φ": "Phi", "Ψ": "Psi", "Ω": "Omega",
}  # fmt: skip
_LIKE_LATIN = dict(zip("ΑΒΕΖΗΙΚΜΝΟΡΤΧο", "ABEZHIKMNOPTXo", strict=True))
_ACCENTS = {
    "\u0300": "`", "\u0301": "'", "\u0302": "^", "\u0303": "~", "\u0308": '"', "\u030c": "v",
    "\u0306": "u", "\u0304": "=", "\u0307": ".", "\u030b": "H", "\u0327": "c", "\u0323": "d",
    "\u0331": "b",
}  # fmt: skip
_MATH_ACCENTS = {"\u0301": "acute", "\u0300": "grave", "\u0308": "ddot"}
_LIGATURES = re.compile(r"-(?=-)|'(?=')|,(?=,)")
_OTHER = "\x00"


def escape_latex(text: str) -> str:
    r"""Return a text as LaTeX that prints it character by character; line ends become single spaces.

    Examples
    --------
    >>> print(escape_latex("a<b> |50 %| A--B"))
    a\textless{}b\textgreater{} \textbar{}50 \%\textbar{} A-{}-B
    >>> print(escape_latex("Équipe Ωμ"), escape_latex("清华 1"))
    \'{E}quipe \ensuremath{\Omega}\ensuremath{\mu} \otherletters{清华}{[U+6E05 U+534E]} 1
    """
    text = unicodedata.normalize("NFC", "".join(sign for sign in text if sign.isspace() or _shows(sign)))
    text = " ".join(text.replace("\xa0", "\x02").split()).replace("\x02", "\xa0")
    text = _LIGATURES.sub(lambda found: f"{found.group()}\x01", text)
    pieces = re.split(f"({_OTHER}+)", "".join(_OTHER if _letter(sign) is None else sign for sign in text))
    made, place = [], 0
    for piece in pieces:
        own, place = text[place : place + len(piece)], place + len(piece)
        made.append(_others(own) if piece[:1] == _OTHER else "".join(_letter(sign) or "" for sign in own))
    # At the start of a row these two would belong to the line break before it.
    return "{}" * text.startswith(("[", "*")) + "".join(made)


def needs_letters(latex: str) -> bool:
    """Whether a text made by `escape_latex` needs `LETTERS` before it."""
    return "\\otherletters" in latex


def _shows(sign: str) -> bool:
    return unicodedata.category(sign) not in ("Cc", "Cf", "Cs", "Co", "Cn")


def _others(letters: str) -> str:
    numbers = " ".join(f"U+{ord(letter):04X}" for letter in letters)
    return f"\\otherletters{{{letters}}}{{[{numbers}]}}"


def _letter(sign: str) -> str | None:
    """One sign as LaTeX, "" for what shows nothing, None if it needs another font."""
    if sign in _SIGNS:
        return _SIGNS[sign]
    if " " <= sign <= "~":
        return sign
    if sign in _MATH:
        return f"\\ensuremath{{{_MATH[sign]}}}"
    return _letter_with_marks(*unicodedata.normalize("NFD", sign))


def _letter_with_marks(base: str, *marks: str) -> str | None:
    greek = f"\\{_GREEK[base]}" if base in _GREEK else _LIKE_LATIN.get(base)
    if greek and not marks:
        return f"\\ensuremath{{{greek}}}" if base in _GREEK else greek
    if len(marks) != 1:
        return None
    if greek and marks[0] in _MATH_ACCENTS:
        return f"\\ensuremath{{\\{_MATH_ACCENTS[marks[0]]}{{{greek}}}}}"
    if not base.isascii() or marks[0] not in _ACCENTS:
        return None
    accent = _ACCENTS[marks[0]]
    dotless = base in "ij" and accent not in "cdb"
    return f"\\{accent}{{{chr(92) * dotless}{base}}}"
