#!/usr/bin/env python3
"""Checks a receipt (.tlog-proof) or a provable export of Hewn's audit log, with public keys alone.
    check.py FILE LOG_KEY [WITNESS_KEY ...] [--checkpoint FILE ...]
Written without code of Hewn from RFC 9162 section 2.1, RFC 8032, RFC 8785, the C2SP specifications
and docs/reference/audit-log.md. Prints the findings, and exits with 1 if there is one."""
import base64, hashlib, hmac, json, re, struct, sys
class Wrong(Exception): pass
def sha(*parts): return hashlib.sha256(b"".join(parts)).digest()
def leaf(entry): return sha(b"\0", entry)
def node(left, right): return sha(b"\1", left, right)
def mac(key, *parts): return hmac.new(key, b"".join(parts), hashlib.sha256).digest()
def framed(text): return struct.pack(">I", len(text)) + text
def decode64(text):
    raw = base64.b64decode(text, validate=True)
    if base64.b64encode(raw).decode() != text: raise Wrong("base64 that is not canonical")
    return raw
# Ed25519, RFC 8032 section 5.1, in extended coordinates.
P, L = 2**255 - 19, 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, P - 2, P) % P
def add(p, q):
    a, b = (p[1] - p[0]) * (q[1] - q[0]) % P, (p[1] + p[0]) * (q[1] + q[0]) % P
    c, d = 2 * p[3] * q[3] * D % P, 2 * p[2] * q[2] % P
    e, f, g, h = b - a, d - c, d + c, b + a
    return e * f % P, g * h % P, f * g % P, e * h % P
def times(n, p):
    q = (0, 1, 1, 0)
    while n:
        if n & 1: q = add(q, p)
        p, n = add(p, p), n >> 1
    return q
def point(raw):
    y = int.from_bytes(raw, "little")
    sign, y = y >> 255, y & (2**255 - 1)
    xx = (y * y - 1) * pow(D * y * y + 1, P - 2, P) % P
    x = pow(xx, (P + 3) // 8, P)
    if (x * x - xx) % P: x = x * pow(2, (P - 1) // 4, P) % P
    if y >= P or (x * x - xx) % P or (x == 0 and sign): raise Wrong("not a point")
    x = x if x & 1 == sign else P - x
    return x, y, 1, x * y % P
BASE = point((4 * pow(5, P - 2, P) % P).to_bytes(32, "little"))
def verifies(public, message, signature):
    if len(signature) != 64: return False
    a, r = point(public), point(signature[:32])
    s = int.from_bytes(signature[32:], "little")
    if s >= L: return False
    h = int.from_bytes(hashlib.sha512(signature[:32] + public + message).digest(), "little")
    left, right = times(s, BASE), add(r, times(h % L, a))
    return all((left[i] * right[2] - right[i] * left[2]) % P == 0 for i in (0, 1))
# Notes and checkpoints.
def read_key(text, kind):
    (name, key_id, encoded) = text.split("+", 2)
    raw = decode64(encoded)
    if raw[0] != kind or len(raw) != 33 or sha(name.encode(), b"\n", raw)[:4].hex() != key_id:
        raise Wrong("not a key of the needed kind: " + text)
    return name, raw[1:]
def checkpoint_of(note, log, log_key, witnesses):
    """The size and root of a checkpoint that the log and all witnesses signed."""
    text, _, lines = note.rpartition("\n\n")
    text, (origin, size, root) = text + "\n", text.split("\n")[:3]
    if origin != log_key[0].rsplit("/", 1)[0] + "/" + log: raise Wrong("a checkpoint of another log: " + origin)
    for who, kind, key in [(origin, 1, log_key[1])] + [(n, 4, p) for n, p in witnesses]:
        key_id, signed = sha(who.encode(), b"\n", bytes([kind]), key)[:4], False
        for dash, by, encoded in (line.split(" ") for line in lines.strip("\n").split("\n")):
            raw = decode64(encoded)
            if dash != "\u2014" or by != who or raw[:4] != key_id: continue
            body, message = raw[4:], text.encode()
            if kind == 4:
                seconds, body = struct.unpack(">Q", body[:8])[0], body[8:]
                message = b"cosignature/v1\ntime %d\n" % seconds + message
            if not verifies(key, message, body): raise Wrong("a bad signature of " + who)
            signed = True
        if not signed: raise Wrong("no signature of " + who)
    if not re.fullmatch("0|[1-9][0-9]*", size): raise Wrong("a malformed size")
    return int(size), decode64(root)
# The tree.
def walk(index, last, proof):
    """RFC 9162: yields each hash of a proof, and whether it stands on the left."""
    for p in proof:
        if last == 0: raise Wrong("a proof that is too long")
        on_left = index & 1 or index == last
        yield p, on_left
        while on_left and not index & 1 and index: index, last = index >> 1, last >> 1
        index, last = index >> 1, last >> 1
    if last: raise Wrong("a proof that is too short")
def include(index, size, entry_hash, proof):
    """The root of the tree that has this leaf at this index."""
    if index >= size: raise Wrong("no such index")
    for p, on_left in walk(index, size - 1, proof): entry_hash = node(p, entry_hash) if on_left else node(entry_hash, p)
    return entry_hash
def grow(frontier, size, entry_hash):
    while size & 1: entry_hash, size = node(frontier.pop(), entry_hash), size >> 1
    frontier.append(entry_hash)
def root_of(frontier):
    if not frontier: return sha()
    r = frontier[-1]
    for h in reversed(frontier[:-1]): r = node(h, r)
    return r
def consistent(m, n, proof, root_m, root_n):
    if m == n: return not proof and root_m == root_n
    if m == 0 or not proof: return m == 0 and not proof
    path, fn, sn = ([root_m] if m & (m - 1) == 0 else []) + proof, m - 1, n - 1
    while fn & 1: fn, sn = fn >> 1, sn >> 1
    fr = sr = path[0]
    for p, on_left in walk(fn, sn, path[1:]):
        if on_left: fr = node(p, fr)
        sr = node(p, sr) if on_left else node(sr, p)
    return fr == root_m and sr == root_n
# Entries, their commitments and what opens them.
def canonical(value):
    if isinstance(value, dict):
        names = sorted(value, key=lambda name: name.encode("utf-16-be"))
        return "{" + ",".join(canonical(n) + ":" + canonical(value[n]) for n in names) + "}"
    if isinstance(value, list): return "[" + ",".join(map(canonical, value)) + "]"
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e21: value = int(value)
    return re.sub(r"e-0*", "e-", json.dumps(value, ensure_ascii=False))
def check_openings(entry, openings):
    """The entry, if every opening fits its commitments."""
    record = json.loads(entry)
    for opening in openings:
        key = bytes.fromhex(opening["key"])
        for name, value in opening["members"].items():
            label, content = b"hewn/commit/v1", value
            if not isinstance(value, str): label, content = b"hewn/commit-json/v1", canonical(value)
            made = mac(key, label, framed(name.encode()), framed(content.encode()))
            text = base64.urlsafe_b64encode(made).decode().rstrip("=")
            if record.get("commitments", {}).get(name) != text: raise Wrong("changed: " + name)
    return record
def receipt(text, log_key, witnesses):
    head, _, note = text.partition("\n\n")
    _, extra, index, *proof = head.split("\n")
    content, log = json.loads(decode64(extra.removeprefix("extra "))), note.split("\n", 1)[0].rsplit("/", 1)[1]
    size, root = checkpoint_of(note, log, log_key, witnesses)
    at, made = int(index.removeprefix("index ")), leaf(content["entry"].encode())
    if include(at, size, made, [decode64(p) for p in proof]) != root: raise Wrong("not in the log")
    record = check_openings(content["entry"], content["openings"])
    opened = [one for opening in content["openings"] for one in sorted(opening["members"].items())]
    print("%s %d of %d: %s %s" % (log, at, size, record["event"], record["id"]),
          *["%s sha256 %s" % one for one in opened if one[0] in ("outcome.answer", "request")], sep="\n")
def export(lines, log_key, witnesses, known):
    """Yields every finding."""
    state, numbers, covered, count = None, {}, set(), 0
    for one in (json.loads(line) for line in [*lines, '{"checkpoint":null}'] if line.strip()):
        if "checkpoint" in one:
            if state and "to" in state and not state["broken"]:
                if state["next"] != state["to"]: yield "truncated: %s ends at %d" % (state["log"], state["next"])
                elif not consistent(state["to"], state["size"], [decode64(h) for h in state["growth"]],
                                    root_of(state["frontier"]), state["root"]): yield "changed: " + state["log"]
            if one["checkpoint"] is None: break
            size, root = checkpoint_of(one["checkpoint"], one["log"], log_key, witnesses)
            state, covered = {**one, "size": size, "root": root, "next": one.get("from"), "broken": False,
                     "frontier": [decode64(h) for h in one.get("before", [])]}, covered | {one["log"]}
            earlier = [checkpoint_of(note, one["log"], log_key, witnesses) for note in known
                       if note.split("\n", 1)[0].endswith("/" + one["log"])]
            for n, r in earlier:
                if n > size: yield "truncated: %s had %d records, and has %d" % (one["log"], n, size)
                if n == size and r != root: yield "forked: %s at %d" % (one["log"], n)
            continue
        if not state or state["log"] != one["log"]: raise Wrong("a record without a checkpoint")
        count, entry, at, record = count + 1, one["entry"].encode(), one["index"], json.loads(one["entry"])
        try: check_openings(one["entry"], one["openings"])
        except Wrong as wrong: yield "%s, record %d of %s" % (wrong, at, one["log"])
        if "to" not in state:
            if include(at, state["size"], leaf(entry), [decode64(p) for p in one["proof"]]) != state["root"]:
                yield "changed: record %d of %s" % (at, one["log"])
            continue
        if at != state["next"]:
            yield "%s: record %d of %s" % ("removed" if at > state["next"] else "reordered", state["next"], one["log"])
            state["broken"] = True
        if not state["broken"]:
            grow(state["frontier"], at, leaf(entry))
            for n, r in earlier:
                if n == at + 1 < state["size"] and r != root_of(state["frontier"]): yield "forked: %s at %d" % (one["log"], n)
        state["next"] = at + 1
        if record["event"] == "gap": yield "gap: %(verifier)s between %(after)d and %(before)d" % record
        spans = range(record["after"] + 1, record["before"]) if record["event"] == "gap" else [record.get("n")]
        if re.search(r"-\d+$", str(record.get("verifier"))):
            numbers.setdefault(record["verifier"], set([0] if state["from"] == 0 else [])).update(spans)
    if not covered: raise Wrong("an export without a checkpoint")
    absent = {note.split("\n")[0].split("/")[-1] for note in known if note.split("\n")[1] != "0"} - covered
    yield from ("truncated: no record of " + log for log in sorted(absent))
    for verifier, seen in numbers.items():
        missing = sorted(set(range(min(seen), max(seen))) - seen)
        if missing: yield "gap: %s, numbers %s" % (verifier, missing[:20])
    print("%d records" % count)
def main(words):
    known = []
    while "--checkpoint" in words:
        _, path = words.pop(at := words.index("--checkpoint")), words.pop(at)
        known.append(open(path, encoding="utf-8").read())
    try:
        log_key, witnesses = read_key(words[1], 1), [read_key(key, 4) for key in words[2:]]
        text, findings = open(words[0], encoding="utf-8").read(), []
        if text.startswith("c2sp.org/tlog-proof@v1\n"): receipt(text, log_key, witnesses)
        else: findings = list(export(text.split("\n"), log_key, witnesses, known))
    except (Wrong, ValueError, KeyError, IndexError, TypeError) as wrong:
        findings = ["cannot be trusted: %s" % wrong]
    print("\n".join(findings) or "ok")
    return 1 if findings else 0
sys.exit(main(sys.argv[1:]) if len(sys.argv) > 2 else __doc__)
