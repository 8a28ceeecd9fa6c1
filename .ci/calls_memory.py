"""Advances open calls by one tick in which all are due, few and four times as many, by the crate and
by the SDK's requests alone, and looks at the peak memory: beyond what the tables take, which is the same,
it is bounded, and does not grow with the number of calls."""

import subprocess
import sys

[program] = sys.argv[1:]
FEW = 500


def peak(way, count):
    """Megabytes that the process had resident at most."""
    run = subprocess.run([program, way, str(count)], check=True, stdout=subprocess.PIPE)
    ticked, kilobytes = map(int, run.stdout.split())
    assert ticked == count, ticked
    return kilobytes / 1024


for count in FEW, 4 * FEW:
    tick, plain = peak("tick", count), peak("plain", count)
    print(f"{count:,} calls advanced: {tick:.1f} MB at most, by the SDK alone {plain:.1f} MB")
    assert tick - plain < 8, (tick, plain)
