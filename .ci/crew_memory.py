"""Lists a crew of 20,000 as a stream and by the SDK's calls alone, and looks at the peak memory of
both: what the engine takes is the same, and beyond it there is a page of members at most."""

import subprocess
import sys

program, folder = sys.argv[1:]
COUNT = 20_000
file = f"{folder}/crew.db"
subprocess.run([program, "fill", file, str(COUNT)], check=True)


def listed(way):
    """Megabytes that the listing process had resident at most."""
    run = subprocess.run([program, way, file], check=True, stdout=subprocess.PIPE)
    found, peak = map(int, run.stdout.split())
    assert found == COUNT, found
    return peak / 1024


members, items = listed("list"), listed("plain")
print(f"a crew of {COUNT:,} listed: {members:.1f} MB at most, by the SDK alone {items:.1f} MB")
assert members - items < 8, (members, items)
