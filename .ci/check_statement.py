"""Looks at what monthly_statement made, with programs that are not ours.

openpyxl reads the workbook; LibreOffice recalculates every formula from scratch; the results must
be those that the workbook carries and those of the summary. Python's strict policy reads the mail.
"""

import email
import email.policy
import hashlib
import json
import pathlib
import sys
import warnings

import openpyxl

from recalculated import compare, recalculated

warnings.simplefilter("error", UserWarning)
summary = json.load(open(sys.argv[1]))
paths = {pathlib.Path(a["path"]).suffix: pathlib.Path(a["path"]) for a in summary["artefacts"]}
for artefact in summary["artefacts"]:
    content = pathlib.Path(artefact["path"]).read_bytes()
    assert len(content) == artefact["bytes"]
    assert hashlib.sha256(content).hexdigest() == artefact["sha256"], artefact["path"]
workbook = paths[".xlsx"]

formulas = openpyxl.load_workbook(workbook)
cached = openpyxl.load_workbook(workbook, data_only=True)
compared = compare(formulas, cached, recalculated(workbook))
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
