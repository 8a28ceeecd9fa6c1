"""States a month of 100,000 charters, the in-memory engine included, and looks at the peak memory."""

import json
import random
import resource
import subprocess
import sys

statement, folder = sys.argv[1:]
random.seed(1)
with open(f"{folder}/100k.csv", "w") as file:
    print("charter_id,date,guest,total,currency,status,kind,brand,notes", file=file)
    for number in range(100_000):
        status = random.choice(["completed", "confirmed", "pending", "cancelled"])
        print(f"C-{number:07},2026-05-{random.randint(1, 31):02},Guest Name {number},"
              f"{random.randint(100, 3000)}.{random.randint(0, 99):02},USD,{status},charter,"
              f"Brand {number % 3},a short note {number}", file=file)
run = subprocess.run(
    [statement, "--charters", f"{folder}/100k.csv", "--out", f"{folder}/100k", "--json"],
    check=True, stdout=subprocess.PIPE,
)
assert json.loads(run.stdout)["source"] == 100_000
peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
print(f"100,000 charters in a month: {peak:.0f} MB at most")
assert peak < 300, peak
