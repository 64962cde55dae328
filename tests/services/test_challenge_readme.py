"""readme.txt in the spellings that teams hand in, and what is said of those that cannot be read."""

import codecs

import pytest
from hypothesis import given
from hypothesis import strategies as st

from studyapp.services.challenge.readme import EXAMPLE, LONGEST, Readme, read_readme

USUAL = "runtime per image [s] : 0.342\nCPU[1] / GPU[0] : 0\nExtra Data [1] / No Extra Data [0] : 1\n"
TOLD = Readme(0.342, on_gpu=True, extra_data=True)
SPELLINGS = {
    "as the challenge prints it": USUAL,
    "without blanks": USUAL.replace(" ", ""),
    "in capitals": USUAL.upper(),
    "with a comma for the point": USUAL.replace("0.342", "0,342"),
    "with full-width colons": USUAL.replace(" : ", "："),
    "in full-width letters": USUAL.replace("CPU[1] / GPU[0]", "ＣＰＵ［１］／ＧＰＵ［０］"),
    "with its unit again": USUAL.replace("0.342", "0.342 s"),
    "as a power of ten": USUAL.replace("0.342", "3.42e-1"),
    "without the first zero": USUAL.replace("0.342", ".342"),
    "with the words instead": USUAL.replace(": 0\n", ": GPU\n").replace(": 1\n", ": Extra data\n"),
    "with the figures turned round": USUAL.replace("CPU[1] / GPU[0] : 0", "GPU[1] / CPU[0] : 1"),
    "with blank lines and tabs": "\n\n" + USUAL.replace("\n", "\n\t\n").replace(" : ", "\t:\t"),
    "as Windows ends lines": USUAL.replace("\n", "\r\n"),
    "as old Macs end lines": USUAL.replace("\n", "\r"),
    "with an equals sign": USUAL.replace(" : ", " = "),
    "without a last line end": USUAL.rstrip(),
}


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"])
def test_all_spellings_say_the_same(encoding):
    for spelling, text in SPELLINGS.items():
        assert read_readme(text.encode(encoding)) == (TOLD, []), spelling


def test_the_description_may_have_many_lines_and_any_language():
    text = USUAL + "Other description: 一个 U-Net。\nSecond line: with a colon\n\nEnd"
    for encoding in ("utf-8", "gb18030", "utf-16"):
        readme, problems = read_readme(text.encode(encoding))
        assert problems == []
        assert readme.other == "一个 U-Net。\nSecond line: with a colon\n\nEnd".replace("。", "。")
    assert read_readme(EXAMPLE.encode())[0] == Readme(0.342, True, False, "one line or more about the method")


FAULTS = [
    (USUAL.replace("0.342", "fast"), "readme.txt:1: 'fast' is no number of seconds; write for example"),
    (USUAL.replace("0.342", "342 ms"), "readme.txt:1: '342 ms' is no number of seconds"),
    (USUAL.replace("0.342", "-1"), "readme.txt:1: '-1' is no number of seconds"),
    (USUAL.replace("0.342", "nan"), "readme.txt:1: 'nan' is no number of seconds"),
    (USUAL.replace("0.342", "1,234.5"), "readme.txt:1: '1,234.5' is no number of seconds"),
    (USUAL.replace("0.342", ""), "readme.txt:1: nothing stands behind 'runtime per image [s]'"),
    (USUAL.replace(": 0\n", ": 2\n"), "readme.txt:2: '2' is neither 0 nor 1; write for example CPU[1]"),
    (USUAL + USUAL.splitlines()[0], "readme.txt:4: 'runtime per image [s]' stands here again, and in line 1"),
    ("Hello\n" + USUAL, "readme.txt:1: 'Hello' is none of the lines asked for"),
    (USUAL.split("\n", 1)[1], "readme.txt: there is no line 'runtime per image [s]'; add it, for example"),
    ("", "readme.txt: there is no line 'runtime per image [s]'"),
    ("x" * (LONGEST + 1), "more than the 262,144 allowed"),
]


def test_what_cannot_be_read_is_named_with_its_line_and_the_remedy():
    for text, said in FAULTS:
        readme, problems = read_readme(text.encode())
        assert readme is None
        assert said in str(problems[0]), text
        assert all(problem.remedy for problem in problems)
    assert len(read_readme(b"runtime per image: x\nCPU[1]/GPU[0]: 7\nExtra data: maybe")[1]) == 3


@given(st.binary(max_size=300) | st.text(max_size=300).map(lambda text: codecs.encode(text, "utf-16")))
def test_any_bytes_are_read_or_refused_with_a_reason(data):
    readme, problems = read_readme(data)
    assert (readme is None) == bool(problems)


@given(st.floats(0, 1e6), st.booleans(), st.booleans(), st.sampled_from([".", ","]), st.integers(0, 3))
def test_what_was_written_is_what_is_read(runtime, on_gpu, extra, point, blanks):
    gap = " " * blanks
    text = f"runtime per image [s]{gap}:{gap}{runtime!r}".replace(".", point)
    text += f"\nCPU[1]{gap}/{gap}GPU[0]{gap}:{gap}{int(not on_gpu)}"
    text += f"\nExtra Data [1] / No Extra Data [0]:{gap}{int(extra)}"
    assert read_readme(text.encode())[0] == Readme(runtime, on_gpu, extra)
