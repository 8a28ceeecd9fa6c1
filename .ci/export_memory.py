"""Exports rows in constant memory: many take no more than few, and less than 64 MB."""

import subprocess
import sys

program, folder, rows = sys.argv[1], sys.argv[2], int(sys.argv[3])


def peak(count):
    """Bytes that the exporting process had resident at most."""
    command = [program, str(count), f"{folder}/rows.xlsx"]
    run = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
    kilobytes, seconds = run.stdout.split()
    print(f"{count:,} rows: {int(kilobytes) / 1024:.1f} MB at most, {seconds} s")
    return int(kilobytes) * 1024


few, many = peak(rows // 10), peak(rows)
assert many < 64_000_000, many
assert many - few < 4_000_000, (few, many)
