"""Looks at the year that monthly_statement made, with programs that are not ours.

openpyxl reads the workbook and follows its names; LibreOffice recalculates every formula from
scratch; the results must be those that the workbook carries, and those of the summary.
"""

import json
import pathlib
import sys
import warnings

import openpyxl

from recalculated import compare, recalculated

warnings.simplefilter("error", UserWarning)
summary = json.load(open(sys.argv[1]))
[artefact] = (a for a in summary["artefacts"] if a["path"].endswith(".xlsx"))
path = pathlib.Path(artefact["path"])
formulas = openpyxl.load_workbook(path)
cached = openpyxl.load_workbook(path, data_only=True)
compared = compare(formulas, cached, recalculated(path))
assert compared > 12 * 10 + 100, compared

assert len(cached.sheetnames) == 14, cached.sheetnames
assert (cached.sheetnames[0], cached.sheetnames[-1]) == ("Summary", "Not counted")
year = summary["period"]


def named(name):
    """The cells that a name stands for, as rows of values."""
    [(sheet, cells)] = formulas.defined_names[name].destinations
    found = cached[sheet][cells.replace("$", "")]
    return found if isinstance(found, tuple) else ((found,),)


def amount(value):
    return f"{value:.2f}"


rows = list(cached["Summary"].iter_rows(values_only=True))
header = rows[3][: rows[3].index("Net") + 1]
names = ["Month", "Charters", "Not counted", "Gross", *(tax["name"] for tax in summary["taxes"]), "Net"]
assert list(header) == names, header
for month, row in zip(summary["months"], rows[4:16], strict=True):
    key = month["period"].replace("-", "_")
    assert row[1:3] == (month["included"], month["excluded"]), row
    assert amount(row[3]) == month["gross"] and amount(row[len(header) - 1]) == month["net"], row
    revenue = [cell.value or 0 for row in named(f"Revenue_{key}") for cell in row]
    assert amount(sum(revenue)) == month["gross"], (key, revenue)
    ids = [cell.value for row in named(f"Charters_{key}") for cell in row if cell.value]
    assert len(ids) == month["included"], key
    assert amount(named(f"Gross_{key}")[0][0].value) == month["gross"]
    assert amount(named(f"Net_{key}")[0][0].value) == month["net"]
assert rows[16][0] == "Year" and rows[16][1:3] == (summary["included"], summary["excluded"])
assert amount(named(f"Gross_{year}")[0][0].value) == summary["gross"]
assert amount(named(f"Net_{year}")[0][0].value) == summary["net"]
for column, tax in enumerate(summary["taxes"], 4):
    assert amount(rows[16][column]) == tax["amount"], tax
for key, title in [("by_brand", "Brand"), ("by_kind", "Kind")]:
    first = next(at for at, row in enumerate(rows) if row[0] == title) + 1
    for part, row in zip(summary[key], rows[first:]):
        assert row[0] == (part["name"] or f"(no {title.lower()})"), row
        assert row[1] == part["charters"] and amount(row[2]) == part["gross"], (part, row)

left_out = list(cached["Not counted"].iter_rows(min_row=5, values_only=True))
dated = [row for row in left_out if hasattr(row[0], "year")]
assert len(dated) == summary["excluded"], (len(dated), summary["excluded"])
for sheet in formulas:
    assert sheet.page_setup.fitToWidth in (None, 1) and sheet.sheet_properties.pageSetUpPr.fitToPage
    assert sheet.print_title_rows and "&P" in (sheet.oddFooter.right.text or ""), sheet.title
print(f"{path.name}: {compared} formulas recalculated to the same, {len(formulas.defined_names)} names")
