"""Mails a file of 20 MB in each way, and looks at the peak memory beyond that of a tiny file."""

import subprocess
import sys

program, folder = sys.argv[1:]
SIZE = 20_000_000
for name, size in [("tiny", 100), ("large", SIZE)]:
    with open(f"{folder}/{name}.pdf", "wb") as file:
        # Every byte value, so that base64 is the only way to send it.
        file.write(bytes(range(256)) * (size // 256) + bytes(size % 256))


def peak(way, name):
    """Bytes that the sending process had resident at most."""
    arguments = [program, way, f"{folder}/{name}.pdf", f"{folder}/{way}-{name}", endpoint]
    return int(subprocess.run(arguments, check=True, stdout=subprocess.PIPE).stdout) * 1024


with subprocess.Popen([program, "serve"], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as server:
    endpoint = server.stdout.readline().decode().strip()
    # The last is sent again, unchanged.
    for way in ["gmail", "outbox", "outbox-eml", "eml", "eml"]:
        tiny, large = peak(way, "tiny"), peak(way, "large")
        ratio = (large - tiny) / SIZE
        print(f"20 MB by {way}: {large / 1e6:.1f} MB at most, {ratio:.2f} times its size"
              f" beyond the {tiny / 1e6:.1f} MB of a tiny one")
        assert 1 < ratio <= 3, ratio
    server.stdin.close()
assert server.returncode == 0, server.returncode
