"""Google's own Python library and ours on one folder of secrets: each reads what the other wrote.

usage: google_auth.py EXAMPLES_DIR WORK_DIR
"""

import json, os, pathlib, subprocess, sys, time, urllib.request

from google.oauth2.credentials import Credentials

examples, work = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2])
folder = work / "secrets"
state = folder / "google_token.json"
issuer = subprocess.Popen(
    [examples / "loopback_issuer", "--secrets-dir", folder, "--grants", "mail drive"],
    stdout=subprocess.PIPE,
    text=True,
)
token_uri = issuer.stdout.readline().split()[0]


def run(example, *arguments):
    command = [examples / example, "--secrets-dir", folder, "--scope", "mail", "--json", *arguments]
    return json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)


def requests():
    with urllib.request.urlopen(token_uri.replace("/token", "/requests")) as answer:
        return int(answer.read())


def accepted(token):
    bearer = {"Authorization": f"Bearer {token}"}
    request = urllib.request.Request(token_uri.replace("/token", "/whoami"), headers=bearer)
    with urllib.request.urlopen(request) as answer:
        return answer.status == 200


def read_by_python():
    return Credentials.from_authorized_user_file(str(state))


try:
    # What we wrote, google-auth reads and uses.
    assert run("access_token")["origin"] == "refreshed"
    credentials = read_by_python()
    assert credentials.valid and not credentials.expired, credentials.expiry
    assert set(credentials.scopes) == {"mail", "drive"}, credentials.scopes
    assert accepted(credentials.token)

    # What google-auth wrote, we read: without our own fields it is a token of another tool.
    written = json.loads(credentials.to_json())
    assert "jada" not in written
    state.write_text(json.dumps(written))
    shown = run("access_token", "--print-token")
    assert (shown["origin"], shown["token"]) == ("disk", credentials.token), shown["origin"]
    assert requests() == 1

    # Fields that we do not know survive ten refreshes, each of which rotates the refresh token.
    written["x_ours"] = {"nested": [1, None, "é"]}
    state.write_text(json.dumps(written))
    seen = set()
    for _ in range(10):
        assert run("token_doctor", "--live")["live"] == "minted a token"
        kept = json.loads(state.read_text())
        assert kept["x_ours"] == written["x_ours"] and kept["universe_domain"] == "googleapis.com"
        seen.add(kept["refresh_token"])
    assert len(seen) == 10 and requests() == 11
    assert accepted(read_by_python().token)
    assert os.stat(state).st_mode & 0o777 == 0o600

    # A file without an expiry, as some tools leave it, costs one request.
    kept["expiry"] = None
    state.write_text(json.dumps(kept))
    assert [run("access_token")["origin"] for _ in range(3)] == ["refreshed", "disk", "disk"]
    assert requests() == 12
finally:
    issuer.kill()
print("google-auth and jada-auth read each other's files")
