"""Writes charters and rules where worksheets go wrong: taxes that end on half a cent, odd names."""

import random
import sys

# Names that worksheet functions take for patterns, or for one another.
BRANDS = ["", " ", "*", "?", ">0", "=1", "Blue  Water", "Blue Water", " Blue Water", "BLUE WATER", "\u00a0Nb\u00a0", "~*"]

charters, folder = sys.argv[1:]
random.seed(5)
with open(charters, "w", encoding="utf-8") as file:
    print("charter_id,date,guest,total,currency,status,kind,brand,notes", file=file)
    for number in range(400):
        cents = random.choice([10, 30, 50, 110, 130, 1010, 2990, 100_010, 333_330, 123_450])
        sign = random.choice(["", "", "", "-"])
        day = random.randint(1, 31)
        brand = random.choice(BRANDS + [f"B{number % 30}"])
        print(f"H-{number:03},2026-05-{day:02},Ann,{sign}{cents / 100:.2f},USD,confirmed,charter,{brand},", file=file)
for rounding in ("per-line", "per-rate"):
    with open(f"{folder}/{rounding}.toml", "w") as file:
        print(f'rounding = "{rounding}"', file=file)
        for name, rate in [("A", "0.05"), ("B", "0.0775"), ("C", "0.125"), ("D", "0.005"), ("E", "1")]:
            print(f'[[tax]]\nname = "{name}"\nrate = "{rate}"', file=file)
        print('[[tax]]\nname = "F"\nrate = 0.35', file=file)
