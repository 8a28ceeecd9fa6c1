"""Reads mails with Python's strictest policies: check_mail.py DIR.

Each NAME.eml must parse without a defect, in every part and every header, and say what NAME.json
beside it says.
"""

import email
import email.header
import email.policy
import email.utils
import hashlib
import json
import pathlib
import sys

POLICIES = [email.policy.strict, email.policy.SMTP.clone(raise_on_defect=True)]


def check_mailboxes(raw, header, name, said):
    """Compares an address header. Two bugs of Python's newer parser (3.11.7) stand in the way:

    - It keeps the space between two encoded words of a display name, which RFC 2047, 6.2 drops
      (python/cpython#128110, #79728). Such a name must be the same but for spaces, and exactly the
      same for the older parser, which reads it right.
    - `addr_spec` drops the quotes of a local part that needs them for its dots alone
      ("a..b"@example.com), so local part and domain are compared one by one.
    """
    read = header.addresses if header else []
    assert not header or all(group.display_name is None for group in header.groups), header
    assert len(read) == len(said), (name, read)
    for at, (address, (display_name, spec)) in enumerate(zip(read, said)):
        local, domain = spec.rsplit("@", 1)
        assert (address.username, address.domain) == (local.strip('"'), domain), (name, address)
        if address.display_name != display_name:
            assert without_spaces(address.display_name) == without_spaces(display_name), name
            assert older_names(raw, name)[at] == display_name, (name, display_name)


def older_names(raw, name):
    header = email.message_from_bytes(raw, policy=email.policy.compat32)[name]
    names = [name for name, _ in email.utils.getaddresses([header])]
    return [str(email.header.make_header(email.header.decode_header(name))) for name in names]


def without_spaces(text):
    return "".join(text.split())


def ids(header):
    return [i.strip("<>") for i in header.split()] if header else []


def sha256(content):
    return hashlib.sha256(content).hexdigest()


def check(raw, policy, said):
    mail = email.message_from_bytes(raw, policy=policy)
    parts = list(mail.walk())
    for part in parts:
        assert part.defects == [], part.defects
        for name, value in part.items():
            assert not getattr(value, "defects", ()), (name, value.defects)
        if not part.is_multipart():
            part.get_content()

    assert mail["subject"] == said["subject"], (mail["subject"], said["subject"])
    for name in ["from", "to", "cc"]:
        check_mailboxes(raw, mail[name], name, said[name])
    assert mail["bcc"] is None
    assert mail["date"].datetime.timestamp() == said["date"]
    assert ids(mail["message-id"]) == [said["message_id"]]
    assert ids(mail["in-reply-to"]) == ([said["in_reply_to"]] if said["in_reply_to"] else [])
    assert ids(mail["references"]) == said["references"]
    assert mail["x-jada-reference"] == said["message_id"].split("@")[0]

    bodies = {}
    images, attachments = [], []
    for part in parts:
        kind, disposition = part.get_content_type(), part.get_content_disposition()
        if part.is_multipart():
            continue
        if disposition is None:
            assert kind not in bodies, kind
            bodies[kind] = part.get_content()
            if kind == "text/calendar":
                assert part["content-type"].params["method"] == said["method"]
            continue
        file = {"name": part.get_filename(), "type": kind, "sha256": sha256(part.get_payload(decode=True))}
        if disposition == "inline":
            images.append(file | {"id": part["content-id"].strip("<>")})
        else:
            attachments.append(file)
    assert bodies.get("text/plain") == said["text"], (bodies.get("text/plain"), said["text"])
    assert bodies.get("text/html") == said["html"]
    assert bodies.get("text/calendar") == said["calendar"]
    assert images == said["images"], (images, said["images"])
    assert attachments == said["attachments"], (attachments, said["attachments"])


paths = sorted(pathlib.Path(sys.argv[1]).glob("*.eml"))
failures = []
for path in paths:
    said = json.loads(path.with_suffix(".json").read_bytes())
    for policy in POLICIES:
        try:
            check(path.read_bytes(), policy, said)
        except Exception as error:
            failures.append(f"{path.name}: {error!r:.500}")
assert paths, "no mails"
if failures:
    sys.exit("\n".join(failures))
print(f"{len(paths)} mails read without a defect, and as composed")
