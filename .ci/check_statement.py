"""Looks at what monthly_statement made, with programs that are not ours.

openpyxl reads the workbook; LibreOffice recalculates every formula from scratch; the results must
be those that the workbook carries and those of the summary. Python's strict policy reads the mail.
"""

import email
import email.policy
import hashlib
import json
import pathlib
import re
import subprocess
import sys
import tempfile
import warnings
import zipfile

import openpyxl

warnings.simplefilter("error", UserWarning)
summary = json.load(open(sys.argv[1]))
paths = {pathlib.Path(a["path"]).suffix: pathlib.Path(a["path"]) for a in summary["artefacts"]}
for artefact in summary["artefacts"]:
    content = pathlib.Path(artefact["path"]).read_bytes()
    assert len(content) == artefact["bytes"]
    assert hashlib.sha256(content).hexdigest() == artefact["sha256"], artefact["path"]
workbook = paths[".xlsx"]


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


formulas = openpyxl.load_workbook(workbook)
cached = openpyxl.load_workbook(workbook, data_only=True)
fresh = recalculated(workbook)
compared = 0
for sheet in formulas:
    for row in sheet.iter_rows():
        for cell in row:
            if cell.data_type == "f":
                ours = cached[sheet.title][cell.coordinate].value
                theirs = fresh[sheet.title][cell.coordinate].value
                assert isinstance(ours, (int, float)), (sheet.title, cell.coordinate, ours)
                assert abs(ours - theirs) < 1e-6, (sheet.title, cell.coordinate, cell.value, ours, theirs)
                compared += 1
assert compared > 30, compared
month = cached.worksheets[0]
rows = [[cell.value for cell in row] for row in month.iter_rows()]
labelled = {row[2]: row[6] for row in rows if isinstance(row[6], (int, float))}
assert f"{labelled['Gross']:.2f}" == summary["gross"] and f"{labelled['Net']:.2f}" == summary["net"]
for tax in summary["taxes"]:
    assert f"{labelled[tax['name']]:.2f}" == tax["amount"], tax

mail = email.message_from_bytes(
    paths[".eml"].read_bytes(), policy=email.policy.strict.clone(raise_on_defect=True)
)
parts = list(mail.walk())
assert [part.get_content_type() for part in parts][:4] == [
    "multipart/mixed", "multipart/alternative", "text/plain", "text/html",
]
[attached] = mail.iter_attachments()
assert attached.get_filename() == workbook.name and attached.get_content() == workbook.read_bytes()
print(f"{workbook.name}: {compared} formulas recalculated to the same, mail read without a defect")
