"""Write docs/columns.md from the table of columns: `python docs/tools/columns.py`."""

from pathlib import Path

from analysis.columns import page

PAGE = Path(__file__).resolve().parents[1] / "columns.md"

if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
