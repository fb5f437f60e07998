import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cnnstudio.core import csv_text, read_csv, write_csv

CELL = st.text(st.characters(exclude_categories=()) | st.sampled_from("'=+-@;\t\r\n\",＝"), max_size=8)
BYTES = CELL.map(lambda text: "".join(each for each in text if not 0xD800 <= ord(each) < 0xDC80 and ord(each) < 0xDD00))
STARTS = "=+-@\t\r\n＝＋－＠"


@given(st.lists(st.lists(BYTES, min_size=2, max_size=4), max_size=4))
def test_every_text_comes_back(tmp_path_factory, rows):
    path = tmp_path_factory.getbasetemp() / "cells.csv"
    write_csv(path, rows)
    assert list(read_csv(path)) == rows


@given(st.lists(CELL, min_size=2, max_size=4), st.sampled_from(",;\t"))
def test_no_cell_is_a_formula_whatever_a_spreadsheet_separates_by(cells, delimiter):
    starts = tuple(STARTS if delimiter == "," else STARTS.replace("\r", "").replace("\n", ""))
    for row in csv.reader(io.StringIO(csv_text([cells]), newline=""), delimiter=delimiter):
        assert not [cell for cell in row if cell.startswith(starts)]


@pytest.mark.parametrize("name", ["=cmd|' /C calc'!A0", "+1", "-x", "@SUM(A1)", "\t=1", "a;=1", "'=1", "＝1"])
def test_formulas_in_names(name, tmp_path):
    write_csv(tmp_path / "a.csv", [["path", name], [1, -2.5]])
    assert (tmp_path / "a.csv").read_text().splitlines()[-1] == "1,-2.5", "numbers stay numbers"
    assert next(read_csv(tmp_path / "a.csv")) == ["path", name]
