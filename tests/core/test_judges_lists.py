"""Lists of judges as spreadsheets and address books write them, and hostile ones."""

import io
import zipfile

import openpyxl
import pytest

from studyapp.core import workbook
from studyapp.core.judges_file import JudgeLine, read_judges_bytes
from studyapp.errors import errors_of

TEAMS = ("team01", "team02", "team03", "team04")
JUDE = JudgeLine("Jürgen", "jude@example.org")


def read(data: bytes, name: str = "judges.csv", **options):
    return read_judges_bytes(name, data, TEAMS, 3, **options)


def book(*rows: list, sheets: int = 1) -> bytes:
    made = openpyxl.Workbook()
    sheet = made.active
    for _ in range(sheets - 1):
        sheet = made.create_sheet()
    for row in rows:
        sheet.append(row)
    out = io.BytesIO()
    made.save(out)
    return out.getvalue()


@pytest.mark.parametrize(
    "text",
    [
        "name,email\nJürgen,jude@example.org\n",
        "NAME;E-Mail\nJürgen;jude@example.org\n",
        "Full name\tEmail address\tPhone\nJürgen\tjude@example.org\t1\n",
        "\n\nE-mail Address,Display Name,Notes\njude@example.org,Jürgen\n,,\n\n",
        "sep=;\nemail;judge\nmailto:jude@example.org; Jürgen \n",
        '"name","email","conflicts","test"\r\n"Jürgen","jude@example.org","","No"\r\n',
    ],
)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
def test_a_list_of_any_spreadsheet_is_read(text, encoding):
    file = read(text.encode(encoding))
    assert (file.lines, errors_of(file.problems)) == ([JUDE], [])


def test_chinese_headers_and_letters_are_read_and_the_guess_is_told():
    file = read("姓名,电子邮件,利益冲突\n王小明,wang@example.org,team02\n".encode("gb18030"))
    assert file.lines == [JudgeLine("王小明", "wang@example.org", ("team02",))]
    assert file.encoding == "gb18030"
    assert "read as GBK" in str(file.problems[0])


def test_letters_can_be_read_again_as_somebody_chose():
    data = "name,email\nЕлена,elena@example.org\n".encode("cp1251")
    assert read(data).lines[0].name != "Елена"
    assert read(data, encoding="cp1251").lines[0].name == "Елена"


@pytest.mark.parametrize("sheets", [1, 2])
def test_a_workbook_is_read_from_its_first_sheet_with_cells(sheets):
    rows = [
        ["Judge", "E-mail", "COI", "Test"],
        ["Jürgen", "jude@example.org"],
        [],
        ["June", "june@example.org", "team01; team01", True],
    ]
    file = read(book(*rows, sheets=sheets), "people.xlsx")
    june = JudgeLine("June", "june@example.org", ("team01",), test=True)
    assert (file.lines, file.problems) == ([JUDE, june], [])


def test_every_problem_has_its_row():
    file = read(book(["name", "email"], ["", "jude@example.org"], ["June", "june at home"]), "people.xlsx")
    assert [(problem.line, problem.path) for problem in file.problems] == [
        (2, "people.xlsx"),
        (3, "people.xlsx"),
    ]


def test_a_formula_is_not_computed():
    file = read(book(["name", "email"], ['=1+"x"', "jude@example.org"]), "people.xlsx")
    assert [problem.what for problem in file.problems] == ["the name is empty"]


def spoilt(change) -> bytes:
    """Change the parts of a workbook."""
    source, out = zipfile.ZipFile(io.BytesIO(book(["name", "email"]))), io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as made:
        for name in source.namelist():
            made.writestr(name, change(name, source.read(name)))
    return out.getvalue()


def sheet_of(rows: bytes):
    def change(name: str, data: bytes) -> bytes:
        if "sheet1" not in name:
            return data
        return data.split(b"<sheetData")[0] + b"<sheetData>" + rows + b"</sheetData></worksheet>"

    return change


FAR = b'<row r="1048576"><c r="XFD1048576" t="inlineStr"><is><t>name</t></is></c></row>'
ENTITIES = b'<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;">]>'


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"PK\x03\x04 and no more", "damaged"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(99), "old .xls"),
        (spoilt(lambda name, data: bytes(80 * 2**20) if "sheet1" in name else data), "larger than 64 MiB"),
        (spoilt(lambda name, data: ENTITIES + data if "sheet1" in name else data), "entities"),
        (spoilt(sheet_of(FAR)), "no sheet has any cells"),
        (spoilt(lambda name, data: b"<worksheet" if "sheet1" in name else data), "damaged"),
        (spoilt(lambda name, data: b"" if name == "xl/workbook.xml" else data), "damaged"),
    ],
    ids=["cut short", "xls", "bomb", "entities", "far cell", "broken sheet", "empty book"],
)
def test_a_hostile_workbook_is_refused_in_words(data, why):
    file = read(data, "people.xlsx")
    assert file.lines == []
    assert why in file.problems[0].what


def test_a_zip_of_many_parts_is_refused_before_it_is_unpacked():
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as made:
        for number in range(workbook.MOST_PARTS + 1):
            made.writestr(f"{number}.xml", "")
    assert "parts" in read(out.getvalue(), "people.xlsx").problems[0].what
