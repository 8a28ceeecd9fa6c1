"""A year's workbook by XlsxWriter and by openpyxl, for comparison with the bench `year`.

    pip install XlsxWriter openpyxl
    python benches/python/year.py [charters a month, default 400] [rounds, default 7]

Twelve tabs with the charters that count, formulas with their results and notes, a summary with its
chart, and what did not count: the like of what `year_workbook` writes, from rows at hand. Prints
the median and the least of the CPU seconds of each.
"""

import datetime
import io
import random
import statistics
import sys
import time

import openpyxl
import openpyxl.chart
import openpyxl.styles
import xlsxwriter

HEADER = ["Date", "Charter", "Guest", "Brand", "Kind", "Status", "Total", "Notes"]
WIDTHS = [12, 13, 26, 20, 12, 14, 14, 40]
BRANDS = ["Blue Water Sailing", "Golden Hour", "Harbor Lights", "Salt & Sail", "North Pier"]
MONTHS = [datetime.date(2026, month, 1).strftime("%B") for month in range(1, 13)]
AMOUNT = '#,##0.00;[Red]-#,##0.00;"–"'


def charters(month, count):
    """Rows as the bench has them: four in five count, one in four has notes."""
    rng = random.Random(20260501 + month)
    rows = []
    for number in range(count):
        row = [
            datetime.date(2026, month, 1 + number * 28 // count),
            f"{MONTHS[month - 1][:3].upper()}-{number:07}",
            f"{rng.choice(['Ann', 'Bob', 'Chloé', 'Zoë'])} {rng.choice(['Chen', 'Okafor', 'Smith'])}",
            rng.choice(BRANDS), rng.choice(["charter", "sunset"]), "completed",
            rng.randint(10_000, 300_000) / 100,
            rng.choice(["Paid in full", "Two children, life vests"]) if rng.random() < 0.25 else "",
        ]
        rows.append((row, rng.random() < 0.8))
    return [row for row, counts in rows if counts], [row for row, counts in rows if not counts]


def by_xlsxwriter(year):
    """The workbook's bytes by XlsxWriter."""
    to = io.BytesIO()
    book = xlsxwriter.Workbook(to, {"in_memory": True})
    book.set_properties({"title": "Revenue statement, 2026", "created": datetime.datetime(2026, 12, 31)})
    navy = {"bold": True, "font_color": "#12395B"}
    title = book.add_format({**navy, "font_size": 16})
    header = book.add_format({**navy, "bottom": 2, "bottom_color": "#12395B"})
    date = book.add_format({"num_format": "ddd d mmm", "align": "left", "valign": "top"})
    text = book.add_format({"text_wrap": True, "valign": "top"})
    amount = book.add_format({"num_format": AMOUNT, "valign": "top"})
    total = book.add_format({"num_format": AMOUNT, "bold": True, "top": 1})
    note = book.add_format({"italic": True, "font_color": "#52606D"})

    def tab(name, rows):
        sheet = book.add_worksheet(name)
        for column, width in enumerate(WIDTHS):
            sheet.set_column(column, column, width)
        sheet.freeze_panes(4, 0)
        sheet.repeat_rows(3)
        sheet.set_landscape()
        sheet.fit_to_pages(1, 0)
        sheet.set_footer("&L&A&RPage &P of &N")
        sheet.write_string(0, 0, f"Revenue statement, {name}", title)
        for column, head in enumerate(HEADER):
            sheet.write_string(3, column, head, header)
        for at, row in enumerate(rows, 4):
            sheet.write_datetime(at, 0, row[0], date)
            for column in range(1, 6):
                sheet.write_string(at, column, row[column], text)
            sheet.write_number(at, 6, row[6], amount)
            if row[7]:
                sheet.write_string(at, 7, row[7], text)
        return sheet

    summary = book.add_worksheet("Summary")
    for month, (rows, _) in enumerate(year):
        sheet = tab(f"{MONTHS[month]} 2026", rows)
        last = len(rows) + 4
        gross = sum(row[6] for row in rows)
        sheet.write_formula(last, 6, f"=SUM($G$5:$G${last})", total, gross)
        for at, (name, rate) in enumerate([("Sales tax", 0.0775), ("Harbour fee", 0.02)], last + 2):
            tax = sum(round(row[6] * rate, 2) for row in rows)
            sheet.write_string(at, 2, name, text)
            sheet.write_number(at, 4, rate)
            sheet.write_formula(at, 6, f"=SUMPRODUCT(ROUND($G$5:$G${last}*$E${at + 1},2))", amount, tax)
        sheet.write_formula(last + 4, 6, f"=G{last + 1}-SUM(G{last + 3}:G{last + 4})", total, gross * 0.9)
        sheet.write_string(last + 6, 0, "A charter counts in the month of its date.", note)
        for name, column in [("Revenue", "G"), ("Brands", "D"), ("Kinds", "E"), ("Charters", "B")]:
            book.define_name(f"{name}_2026_{month + 1:02}",
                             f"='{MONTHS[month]} 2026'!${column}$5:${column}${last}")
    tab("Not counted", [row for _, left_out in year for row in left_out])
    summary.write_string(0, 0, "Revenue statement, 2026", title)
    for month, (rows, _) in enumerate(year):
        summary.write_string(4 + month, 0, MONTHS[month], text)
        for column, brand in enumerate(BRANDS, 1):
            name = f"_2026_{month + 1:02}"
            formula = f'=SUMPRODUCT(EXACT(Brands{name},"{brand}")*Revenue{name})'
            result = sum(row[6] for row in rows if row[3] == brand)
            summary.write_formula(4 + month, column, formula, amount, result)
    chart = book.add_chart({"type": "column", "subtype": "stacked"})
    for column, brand in enumerate(BRANDS, 1):
        chart.add_series({"name": brand, "categories": ["Summary", 4, 0, 15, 0],
                          "values": ["Summary", 4, column, 15, column]})
    summary.insert_chart(20, 0, chart)
    book.close()
    return to.getvalue()


def by_openpyxl(year):
    """The workbook's bytes by openpyxl, which writes formulas without their results."""
    book = openpyxl.Workbook()
    summary = book.active
    summary.title = "Summary"
    bold = openpyxl.styles.Font(bold=True, color="FF12395B")
    top = openpyxl.styles.Alignment(vertical="top", wrap_text=True)

    def tab(name, rows):
        sheet = book.create_sheet(name)
        for column, width in zip("ABCDEFGH", WIDTHS):
            sheet.column_dimensions[column].width = width
        sheet.freeze_panes = "A5"
        sheet.print_title_rows = "4:4"
        sheet.oddFooter.right.text = "Page &P of &N"
        sheet["A1"] = f"Revenue statement, {name}"
        sheet["A1"].font = bold
        for column, head in enumerate(HEADER, 1):
            sheet.cell(4, column, head).font = bold
        for at, row in enumerate(rows, 5):
            for column, value in enumerate(row, 1):
                if value != "":
                    cell = sheet.cell(at, column, value)
                    cell.alignment = top
                    if column == 1:
                        cell.number_format = "ddd d mmm"
                    elif column == 7:
                        cell.number_format = AMOUNT
        return sheet

    for month, (rows, _) in enumerate(year):
        sheet = tab(f"{MONTHS[month]} 2026", rows)
        last = len(rows) + 4
        sheet.cell(last + 1, 7, f"=SUM($G$5:$G${last})").font = bold
        for at, rate in enumerate([0.0775, 0.02], last + 3):
            sheet.cell(at, 5, rate)
            sheet.cell(at, 7, f"=SUMPRODUCT(ROUND($G$5:$G${last}*$E${at},2))")
    tab("Not counted", [row for _, left_out in year for row in left_out])
    for month in range(12):
        summary.cell(5 + month, 1, MONTHS[month])
        for column, brand in enumerate(BRANDS, 2):
            cells = f"'{MONTHS[month]} 2026'!$D$5:$D$404", f"'{MONTHS[month]} 2026'!$G$5:$G$404"
            summary.cell(5 + month, column, f'=SUMIFS({cells[1]},{cells[0]},"{brand}")')
    chart = openpyxl.chart.BarChart()
    chart.grouping, chart.overlap = "stacked", 100
    chart.add_data(openpyxl.chart.Reference(summary, min_col=2, max_col=6, min_row=5, max_row=16))
    summary.add_chart(chart, "A21")
    to = io.BytesIO()
    book.save(to)
    return to.getvalue()


count, rounds = (int(value) for value in (sys.argv[1:] + ["400", "7"][len(sys.argv) - 1:]))
year = [charters(month, count) for month in range(1, 13)]
for name, write in [("XlsxWriter", by_xlsxwriter), ("openpyxl", by_openpyxl)]:
    times = []
    for _ in range(rounds):
        begun = time.process_time()
        workbook = write(year)
        times.append(time.process_time() - begun)
    print(f"{name}: median {statistics.median(times) * 1e3:.1f} ms, least {min(times) * 1e3:.1f} ms"
          f" of CPU, {len(workbook):,} bytes")
