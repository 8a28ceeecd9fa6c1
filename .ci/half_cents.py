"""Writes charters and rules whose taxes end on half a cent, where roundings go wrong."""

import random
import sys

charters, folder = sys.argv[1:]
random.seed(5)
with open(charters, "w") as file:
    print("charter_id,date,guest,total,currency,status,kind,brand,notes", file=file)
    for number in range(400):
        cents = random.choice([10, 30, 50, 110, 130, 1010, 2990, 100_010, 333_330, 123_450])
        sign = random.choice(["", "", "", "-"])
        day = random.randint(1, 31)
        print(f"H-{number:03},2026-05-{day:02},Ann,{sign}{cents / 100:.2f},USD,confirmed,charter,B{number % 30},", file=file)
for rounding in ("per-line", "per-rate"):
    with open(f"{folder}/{rounding}.toml", "w") as file:
        print(f'rounding = "{rounding}"', file=file)
        for name, rate in [("A", "0.05"), ("B", "0.0775"), ("C", "0.125"), ("D", "0.005"), ("E", "1")]:
            print(f'[[tax]]\nname = "{name}"\nrate = "{rate}"', file=file)
        print('[[tax]]\nname = "F"\nrate = 0.35', file=file)
