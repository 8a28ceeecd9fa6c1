"""A workbook as LibreOffice calculates it, beside the results that the workbook carries."""

import pathlib
import re
import subprocess
import tempfile
import warnings
import zipfile

import openpyxl


def recalculated(path):
    """The workbook with cached values stripped and every formula calculated by LibreOffice."""
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        stripped = folder / "stripped.xlsx"
        with zipfile.ZipFile(path) as source, zipfile.ZipFile(stripped, "w") as target:
            for name in source.namelist():
                data = source.read(name)
                if name.startswith("xl/worksheets/sheet"):
                    data = re.sub(rb"(</f>)<v>[^<]*</v>", rb"\1", data)
                target.writestr(name, data)
        subprocess.run(
            ["soffice", f"-env:UserInstallation=file://{folder}/profile", "--headless",
             "--convert-to", "xlsx:Calc MS Excel 2007 XML", "--outdir", folder / "out", stripped],
            check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, timeout=300,
        )
        warnings.simplefilter("ignore")  # of charts as LibreOffice writes them
        return openpyxl.load_workbook(folder / "out" / "stripped.xlsx", data_only=True)


def compare(formulas, cached, fresh):
    """How many formulas there are, each of which has the result that it carries."""
    compared = 0
    for sheet in formulas:
        for row in sheet.iter_rows():
            for cell in row:
                if cell.data_type == "f":
                    ours = cached[sheet.title][cell.coordinate].value
                    theirs = fresh[sheet.title][cell.coordinate].value
                    place = (sheet.title, cell.coordinate, cell.value, ours, theirs)
                    assert isinstance(ours, (int, float)), place
                    assert abs(ours - theirs) < 1e-6, place
                    compared += 1
    return compared
