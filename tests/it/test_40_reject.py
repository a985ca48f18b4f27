"""Messages that can never be stored: to the dead letters as they were, a row without the payload, and on."""

import itertools

import pytest

import wire
from wire import FINGERPRINTS, OURS, PARSED, encode, nest, single_object
from world import LAST, REASONS, E, I, t

SECRET = "SECRET words"  # what no row, header or line of ours may repeat


def event(**fields):
    return E(**{"event_id": "e", "slug": "comment", "text": SECRET, "end_user": "u", "input": SECRET, **fields})


def interaction(**fields):
    return I(**{"interaction_id": "i", "ended": 10, "input": SECRET, "output": SECRET, **fields})


def rating(**fields):
    return event(slug="rating", **{"value": 1, **fields})


def score(**fields):
    return event(slug="score", **{"value": 1, **fields})


# reason: what is rejected for it
CASES = {
    "missing_event_id": {
        "none": event(event_id=""),
        "and nothing else": E("", "clear"),
    },
    "id_too_long": {
        "event_id": event(event_id="x" * 129),
        "event_id, in bytes": event(event_id="é" * 65),
        "event_id, once repaired": event(event_id="\0" * 43),
        "retracts": event(slug="retract", retracts="x" * 129),
        "tenant": event(tenant="x" * 1025),
        **{k: event(**{k: "x" * 1025}) for k in ("end_user", "interaction_id", "conversation_id", "trace_id")},
        **{f"{k} of an interaction": interaction(**{k: "x" * 1025})
           for k in ("tenant", "end_user", "interaction_id", "conversation_id", "trace_id")},
        "in bytes": interaction(interaction_id="é" * 513),
    },
    "missing_field": {
        "tenant": event(tenant=""),
        "tenant of an interaction": interaction(tenant=""),
        "interaction_id of an interaction": interaction(interaction_id=""),
        "a rating's value": event(slug="rating"),
        "a score's value": event(slug="score", weight=0.5),
        **{f"text of {slug}": event(slug=slug, text=None) for slug in ("comment", "copy_input", "copy_output", "paste")},
        "an empty text": event(text=""),
        "what a retract takes back": event(slug="retract"),
        "what a retract takes back, empty": event(slug="retract", retracts=""),
    },
    "missing_target": {
        "none": event(end_user=None),
        "only texts": event(end_user=None, input="a", output="b"),
        "empty ones": event(end_user="", interaction_id="", conversation_id="", trace_id=""),
    },
    "value_not_allowed": {
        **{f"value of {slug}": event(slug=slug, value=0) for slug in (
            "thumbs_up", "thumbs_down", "neutral", "comment", "copy_input", "copy_output", "paste", "clear")},
        "value of retract": event(slug="retract", retracts="x", value=1),
        "weight of a rating": rating(weight=1.0),
        "weight of a thumb": event(slug="thumbs_up", weight=0.0),
        "weight of a retract": event(slug="retract", retracts="x", weight=1.0),
        "retracts of a clear": event(slug="clear", retracts="x"),
    },
    "value_out_of_range": {
        **{f"rating of {value}": rating(value=value) for value in (0, 6, -1, 2**31 - 1, -2**31)},
        **{f"score of {value}": score(value=value) for value in (11, -11, 2**31 - 1, -2**31)},
        **{f"weight of {weight}": score(weight=weight)
           for weight in (-0.001, 1.0000000001, float("nan"), float("inf"), float("-inf"), -5e-324)},
    },
    "text_too_long": {
        **{f"{slug} of 5001": event(slug=slug, text="x" * 5001) for slug in ("comment", "thumbs_up", "neutral", "clear")},
        "rating with 5001": rating(text="x" * 5001),
        "retract with 5001": event(slug="retract", retracts="x", text="x" * 5001),
        "in characters": event(text="é" * 5001),
        "of U+0000": event(text="\0" * 5001),
        **{f"{slug} of 100001": event(slug=slug, text="x" * 100_001) for slug in ("copy_input", "copy_output", "paste")},
    },
    "bad_timestamp": {
        "before 1970": event(timestamp=-1, record_time=1),
        "after 9999": event(timestamp=LAST + 1),
        "the least": event(timestamp=-2**63, record_time=1),
        "the greatest": event(timestamp=2**63 - 1, record_time=1),
        "the greatest, corrected": event(timestamp=2**63 - 1, sent_at=0, record_time=t(0) // 1000),
        "the least, corrected": event(timestamp=-2**63, sent_at=LAST, record_time=t(0) // 1000),
        "sent before 1970": event(sent_at=-1),
        "sent after 9999": event(sent_at=LAST + 1),
        "happened before 1970": event(timestamp=1, sent_at=t(500), record_time=t(0) // 1000),
        "happened after 9999": event(timestamp=LAST, sent_at=t(0), record_time=t(500) // 1000),
        "started before 1970": interaction(started_at=-1),
        "ended before 1970": interaction(ended_at=-1),
        "ended after 9999": interaction(ended_at=LAST + 1),
        "started after 9999": interaction(ended_at=None, started_at=LAST + 1),
        "ended before it started": interaction(started_at=t(10) + 1),
    },
    "bad_attributes": {
        "no JSON": event(attributes=SECRET),
        "no object": event(attributes=f'["{SECRET}"]'),
        "too deep": event(attributes='{"a":' * 65 + "1" + "}" * 65),
        "a number too big": event(attributes='{"a":1e131072}'),
        "blank": event(attributes=" "),
        "of an interaction": interaction(attributes=f'{{"{SECRET}"}}'),
        "of an unfinished interaction": interaction(ended=None, attributes="1"),
        "of a retract": event(slug="retract", retracts="x", attributes="x"),
    },
}

# Just inside every bound: all of these are stored.
STORED = {
    "event_id": event(event_id="x" * 128),
    "event_id, in bytes": event(event_id="é" * 64),
    "event_id, once repaired": event(event_id="\0" * 42),
    "event_id of one byte": event(event_id="x"),
    **{k: event(event_id=k, **{k: "x" * 1024}) for k in ("end_user", "interaction_id", "conversation_id", "trace_id")},
    "all ids together": event(event_id="ids", **{k: k[0] + "\U0001f600" * 255 for k in (
        "end_user", "interaction_id", "conversation_id", "trace_id")}),
    "a retract without a target": event(event_id="back", slug="retract", retracts="x" * 128, end_user=None),
    **{f"rating of {value}": rating(event_id=f"rating {value}", value=value) for value in (1, 5)},
    **{f"score of {value}": score(event_id=f"score {value}", value=value) for value in (-10, 0, 10)},
    **{f"weight of {weight}": score(event_id=f"weight {weight}", weight=weight) for weight in (0.0, 1.0, 5e-324)},
    "comment of 5000": event(event_id="comment", text="é" * 5000),
    "comment of 6000 bytes of no character": event(event_id="bytes", text=b"\xff" * 6000),
    "thumb with 5000": event(event_id="thumb", slug="thumbs_down", text="x" * 5000),
    **{f"{slug} of 100000": event(event_id=slug, slug=slug, text="\U0001f600" * 100_000) for slug in (
        "copy_input", "copy_output", "paste")},
    "in 1970": event(event_id="1970", timestamp=0),
    "in 9999": event(event_id="9999", timestamp=LAST),
    "ended as it started": interaction(started_at=t(10)),
    "started in 9999": interaction(interaction_id="9999", ended=None, started_at=LAST),
    "an interaction of nothing": I("nothing"),
    "long ids of an interaction": interaction(**{k: "x" * 1024 for k in (
        "interaction_id", "end_user", "conversation_id", "trace_id")}),
}

# --- the order of the reasons: an event with any two faults has the reason that is checked first
FAULTS = {
    "missing_event_id": dict(event_id=""),
    "id_too_long": dict(trace_id="x" * 1025),
    "missing_field": dict(tenant=""),
    "missing_target": dict(end_user=None),
    "value_not_allowed": dict(retracts="x"),
    "value_out_of_range": dict(value=6),
    "text_too_long": dict(text="x" * 5001),
    "bad_timestamp": dict(timestamp=-1),
    "bad_attributes": dict(attributes="[]"),
}
PAIRS = {f"{a} before {b}": (a, rating(**{"record_time": 1000, **FAULTS[b], **FAULTS[a]}))
         for a, b in itertools.combinations(FAULTS, 2)
         if (a, b) != ("id_too_long", "missing_target")}  # a target that is too long is one
INTERACTION_FAULTS = {
    "id_too_long": dict(end_user="x" * 1025),
    "missing_field": dict(tenant=""),
    "bad_timestamp": dict(started_at=-1),
    "bad_attributes": dict(attributes="[]"),
}
PAIRS.update({f"{a} before {b}, of an interaction": (a, interaction(**INTERACTION_FAULTS[a], **INTERACTION_FAULTS[b]))
              for a, b in itertools.combinations(INTERACTION_FAULTS, 2)})

# --- bytes
BODY = encode(PARSED["feedback"], nest("feedback", event(
    slug="score", value=1, weight=0.5, attributes="{}", tenant="of the bytes").fields))
OTHER = encode(PARSED["interactions"], interaction().fields)
HEAD = encode({"type": "record", "name": "Head", "fields": [{"name": "event_id", "type": "string"},
                                                           {"name": "tenant", "type": "string"}]},
              {"event_id": "e", "tenant": "default"})


def head(rest):
    """A feedback event that is fine up to its slug."""
    return single_object(FINGERPRINTS["feedback"], HEAD + rest)


def varint(n):
    return encode('"long"', n)


UNDECODABLE = {
    "no byte": b"",
    "framing: one zero": b"\0",
    "framing: a cut schema id": b"\0\0\0\0",
    "framing: JSON": b'{"event_id": "e"}',
    "framing: one byte": b"\xc3",
    "framing: C3 02": b"\xc3\x02" + FINGERPRINTS["feedback"] + BODY,
    "framing: a cut fingerprint": b"\xc3\x01" + FINGERPRINTS["feedback"][:7],
    "framing: bare, which is not allowed": BODY,
    "framing: text": SECRET.encode(),
    "framing: a byte order mark": b"\xef\xbb\xbf{}",
    **{f"cut after {n} bytes": single_object(FINGERPRINTS["feedback"], BODY[:n]) for n in range(len(BODY))},
    "a byte left over": single_object(FINGERPRINTS["feedback"], BODY + b"\0"),
    "twice": single_object(FINGERPRINTS["feedback"], BODY + BODY),
    "an unknown slug": head(varint(11) + b"\0" * 15),
    "a slug below zero": head(varint(-1) + b"\0" * 15),
    "a slug out of all bounds": head(varint(2**40) + b"\0" * 15),
    "an unknown branch": head(varint(0) + varint(2) + b"\0" * 14),
    "a branch below zero": head(varint(0) + varint(-1) + b"\0" * 14),
    "a string of less than nothing": head(varint(0) + varint(1) + varint(-5) + b"\0" * 40),
    "a string of 4 EB": head(varint(0) + varint(1) + varint(2**62) + b"\0" * 40),
    "a string of 2 GB": head(varint(0) + varint(1) + varint(2**31 - 1) + b"\0" * 40),
    "a string one byte too long": head(varint(0) + varint(1) + varint(41) + b"\0" * 40),
    "a number without an end": head(b"\xff" * 40),
    "a number of eleven bytes": head(b"\x80" * 10 + b"\x01" + b"\0" * 40),
    "an int beyond 32 bits": head(varint(4) + b"\0" + varint(1) + varint(2**31) + b"\0" * 13),
    "900,000 bytes": b"x" * 900_000,
}


# --- sending

HEADERS = [("traceparent", b"00-abc-def-01"), ("bytes", b"\xff\0\xfe"), ("twice", b"1"), ("twice", b"2"), ("empty", b"")]
KEYS = [None, b"", b"key", "schlüssel".encode(), b"\xff\0", b"k" * 1000]


@pytest.fixture(scope="module")
def rejects(make_story):
    """Every case above, one world; what was sent by name, and what the run said."""
    world = make_story(partitions=3)
    keys, sent = itertools.cycle(KEYS), {}

    def send(name, message=None, topic="feedback", value=None, **how):
        how = {"key": next(keys), "headers": HEADERS, **how}
        if message is not None:
            topic, value = message.topic, world.encode(message)
            how["record_time"] = message.record_time
        sent[name] = world.raw(topic, value, **how)

    for reason, cases in CASES.items():
        for name, message in cases.items():
            send((reason, name), message)
    for name, (reason, message) in PAIRS.items():
        send((reason, name), message)
    for name, raw in UNDECODABLE.items():
        send(("undecodable", name), value=raw)
    ours = {topic: world.servers.registry.register(f"{topic}-value", schema) for topic, schema in OURS.items()}
    for name, raw in {"cut": BODY[:-1], "a byte left over": BODY + b"\0", "no body": b""}.items():
        send(("undecodable", f"with a schema id: {name}"), value=wire.confluent(ours["feedback"], raw))
    send(("undecodable", "an interaction: cut"), topic="interactions",
         value=single_object(FINGERPRINTS["interactions"], OTHER[:-1]))
    for name, topic, raw in (
            ("no such id", "feedback", wire.confluent(2**31 - 7, BODY)),
            ("no such id, of an interaction", "interactions", wire.confluent(2**31 - 7, OTHER)),
            ("no such fingerprint", "feedback", single_object(b"\0" * 8, BODY)),
            ("an interaction among the feedback", "feedback", wire.confluent(ours["interactions"], OTHER)),
            ("feedback among the interactions", "interactions", wire.confluent(ours["feedback"], BODY)),
            ("an interaction's fingerprint among the feedback", "feedback", single_object(FINGERPRINTS["interactions"], OTHER)),
            ("feedback's fingerprint among the interactions", "interactions", single_object(FINGERPRINTS["feedback"], BODY))):
        send(("unknown_schema", name), topic=topic, value=raw)
    send(("undecodable", "without a time"), value=b"?", record_time=None)
    world.send(event(event_id="a", text="first", tenant="conflict"))
    for message in STORED.values():
        world.send(message)
    world.said = world.run()
    send(("event_id_conflict", "another text"), event(event_id="a", text="second", tenant="conflict"))
    for message in STORED.values():
        world.send(message)  # the worker goes on: and these are copies
    world.said_again = world.run()
    world.by_name, world.table, world.letters = sent, world.rejected(), world.dlq()
    return world


NAMES = [(reason, name) for reason, cases in CASES.items() for name in cases] + [
    (reason, name) for name, (reason, _) in PAIRS.items()] + [("undecodable", name) for name in UNDECODABLE] + [
    ("undecodable", f"with a schema id: {name}") for name in ("cut", "a byte left over", "no body")] + [
    ("undecodable", "an interaction: cut"), ("undecodable", "without a time"), ("event_id_conflict", "another text")] + [
    ("unknown_schema", name) for name in (
        "no such id", "no such id, of an interaction", "no such fingerprint", "an interaction among the feedback",
        "feedback among the interactions", "an interaction's fingerprint among the feedback",
        "feedback's fingerprint among the interactions")]


@pytest.mark.parametrize("name", NAMES, ids=": ".join)
def test_row(rejects, name):
    reason, case = name
    sent = rejects.by_name[name]
    row = rejects.table.get(sent.at)
    assert row, "no row: it was not rejected"
    assert row["reason"] == reason, row["detail"]
    assert row["detail"] and SECRET not in row["detail"] and row["rejected_at"]
    assert row["record_time"] == (None if sent.record_time is None else sent.record_time * 1000)
    message = CASES.get(reason, {}).get(case) or PAIRS.get(case, (None, None))[1]
    if message is not None:
        ids = {"tenant": "default", **message.fields}
        known = ids["tenant"] or None, (ids.get("event_id") or "").replace("\0", "\ufffd") or None
        assert (row["tenant"], row["event_id"]) == known


@pytest.mark.parametrize("name", NAMES, ids=": ".join)
def test_dead_letter(rejects, name):
    sent = rejects.by_name[name]
    letters = rejects.letters.get(sent.at)
    assert letters, "no dead letter"
    for message, head in letters:
        assert message.value() == sent.value
        assert message.key() == sent.key
        assert [h for h in message.headers() if not h[0].startswith("afterword.")] == HEADERS
        detail = head.pop("afterword.detail")
        assert detail == rejects.table[sent.at]["detail"] and SECRET not in detail
        assert head == {"afterword.reason": name[0], "afterword.topic": sent.topic,
                        "afterword.partition": str(sent.partition), "afterword.offset": str(sent.offset),
                        "afterword.timestamp": str(-1 if sent.record_time is None else sent.record_time)}


def test_every_reason_is_told(rejects):
    assert {reason for reason, _ in NAMES} == set(REASONS)


def test_no_more_and_no_fewer(rejects):
    want = {sent.at for sent in rejects.by_name.values()}
    assert set(rejects.table) == want and set(rejects.letters) == want


@pytest.mark.parametrize("name", STORED)
def test_just_inside_the_bound(rejects, name):
    message = STORED[name]
    if message.topic == "interactions":
        rows = rejects.rows("select 1 from {s}.interaction where interaction_id = %s", message.fields["interaction_id"])
    elif message.fields["slug"] == "retract":
        rows = rejects.rows("select 1 from {s}.feedback where event_id = %s", message.fields["event_id"])
    else:
        rows = rejects.joined("default", message.fields["event_id"].replace("\0", "\ufffd"))
    assert len(rows) == 1


def test_nothing_of_the_content_is_said(rejects):
    for result in (rejects.said, rejects.said_again):
        assert SECRET not in result.stderr + result.stdout


def test_all_is_acknowledged(rejects):
    for kind in ("feedback", "interactions"):
        assert sum(rejects.committed(kind)) == sum(s.topic == rejects.topics[kind] for s in rejects.sent)


def test_read_again_the_rows_are_the_same(rejects):
    rejects.again()
    again = rejects.rejected()
    assert {at: (r["reason"], r["detail"]) for at, r in again.items()} == {
        at: (r["reason"], r["detail"]) for at, r in rejects.table.items()}


def test_a_row_vanishes_when_its_message_is_stored(world):
    """Bare Avro is refused, then allowed and read again."""
    good = world.raw("feedback", BODY)
    bad = world.raw("feedback", b"?")
    world.run()
    assert {at: r["reason"] for at, r in world.rejected().items()} == dict.fromkeys((good.at, bad.at), "undecodable")
    world.again(decode__bare="on")
    assert list(world.rejected()) == [bad.at]
    assert world.found("of the bytes") == {"e": "no_interaction"}


def test_limits_are_set(world):
    for name, slug, n in (("c10", "comment", 10), ("c11", "comment", 11), ("p3", "paste", 3), ("p4", "paste", 4)):
        world.send(event(event_id=name, slug=slug, text="é" * n))
    world.run(limit__comment__chars=10, limit__copy__chars=3)
    assert list(world.found()) == ["c10", "p3"]
    assert [r["reason"] for r in world.rejected().values()] == ["text_too_long"] * 2
    world.again()
    assert list(world.found()) == ["c10", "c11", "p3", "p4"] and world.rejected() == {}


def test_only_rejects(world):
    """Nothing but bad messages, more than a batch holds."""
    for n in range(500):
        world.raw("feedback", b"?%d" % n)
    world.run(batch__max__events=20)
    assert len(world.rejected()) == 500 and len(world.dlq()) == 500


def test_a_record_time_beyond_all_calendars(world):
    """Microseconds where milliseconds belong, and worse: nothing is lost for it, and nothing held up."""
    for n, record_time in enumerate((t(0), t(0) * 1000, 2**63 - 1)):
        world.raw("feedback", b"?", record_time=record_time)
        world.send(event(event_id=f"e{n}", record_time=record_time))
        world.send(interaction(interaction_id=f"i{n}", end_user="u", input="", record_time=record_time))
    world.run()
    assert world.value("select count(*) from {s}.rejected") == len(world.dlq()) == 3
    assert list(world.found()) == ["e0", "e1", "e2"]


# --- too many of them

def bad_and_good(world, text):
    """'.' is a good event, anything else a bad message; all on one partition, in this order."""
    for n, c in enumerate(text):
        if c == ".":
            world.send(event(event_id=f"e{n}", partition=0))
        else:
            world.raw("feedback", b"?", partition=0)


def test_too_many_bad_messages_in_a_row(world):
    """It stops, says why, and acknowledges nothing of the batch; again when it is started again; until it is told to go on."""
    bad_and_good(world, "." * 5 + "?" * 9 + "." + "?" * 9 + "." + "?" * 10 + "." * 5)
    for _ in range(2):
        stopped = world.run(workers=1, dlq__max__consecutive=10, code=1)
        assert "dlq.max.consecutive" in stopped.stderr and world.topics["feedback"] in stopped.stderr, stopped
        assert world.committed()[0] == 0
    world.run(workers=1, dlq__max__consecutive=11)
    assert len(world.found()) == 12 and len(world.rejected()) == 28


def test_too_large_a_share_of_bad_messages(world):
    bad_and_good(world, "..?" * 1000)
    stopped = world.run(workers=1, dlq__max__ratio=0.25, code=1)
    assert "dlq.max.ratio" in stopped.stderr and world.topics["feedback"] in stopped.stderr, stopped
    assert world.committed()[0] < 3000
    world.run(workers=1, dlq__max__ratio=0.5)
    assert world.committed()[0] == 3000 and len(world.rejected()) == 1000


def test_a_few_bad_messages_are_no_share(world):
    """The first that come say nothing of the rest."""
    bad_and_good(world, "??????????" + "." * 50)
    world.run(workers=1, dlq__max__ratio=0.1, dlq__max__consecutive=11)
    assert len(world.found()) == 50 and len(world.rejected()) == 10


def test_event_id_conflicts_do_not_count_as_a_wrong_topic(world):
    """They decode, and are told apart only in the tables: however many, the pool goes on."""
    world.send(event(event_id="e", text="first"))
    world.run()
    for n in range(30):
        world.send(event(event_id="e", text=f"another {n}", partition=0))
    world.run(workers=1, batch__max__events=5, dlq__max__consecutive=10)
    assert len(world.rejected()) == 30
