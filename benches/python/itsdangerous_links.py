"""What itsdangerous takes to issue and to verify a link, beside `--bench links`.

    python3 -m venv venv && venv/bin/pip install itsdangerous==2.2.0
    venv/bin/python benches/python/itsdangerous_links.py
"""

import timeit

from itsdangerous import URLSafeTimedSerializer

links = URLSafeTimedSerializer("not a real secret", salt="portal")
text = links.dumps("crew-00001")
assert links.loads(text, max_age=900) == "crew-00001"
ROUNDS = 20_000
for name, work in [
    ("issue", lambda: links.dumps("crew-00001")),
    ("verify", lambda: links.loads(text, max_age=900)),
]:
    best = min(timeit.repeat(work, number=ROUNDS, repeat=5)) / ROUNDS
    print(f"itsdangerous {name}: {best * 1e6:.1f} us")
