"""JSON Lines in, Avro out: what is good is sent, what is bad is named by its number."""

import io
import json
import re
import struct
import urllib.request

import avro.io
import pytest

import wire
from wire import FINGERPRINTS, PARSED
from world import BASE, REASONS, t

SECRET = "SECRET words"

NEBULY = {"feedback": {"slug": "thumbs_up", "text": "useful"}, "metadata": {
    "input": "What is the capital of France?", "output": "Paris.", "end_user": "user-42",
    "timestamp": "2024-05-01T00:01:40.000000+00:00", "anonymize": False}}


def line(event_id="e", slug="comment", **fields):
    """An event as publish takes it, nested like the record."""
    fields = {"text": SECRET if slug == "comment" else None, "end_user": "u", "timestamp": t(100), **fields}
    return {k: v for k, v in wire.nest("feedback", {"event_id": event_id, "slug": slug, **{
        k: v for k, v in fields.items() if v is not None}}).items() if v is not None}


def text(lines):
    return "".join((l if isinstance(l, str) else json.dumps(l)) + "\n" for l in lines)


def publish(world, lines, kind="feedback", framing="single-object", code=0, *args):
    """Publishes; returns what arrived at the topic, decoded by python-avro."""
    world.result = world.command("publish", kind, "--framing", framing, *args, stdin=text(lines), code=code)
    assert world.result.stdout == "" and SECRET not in world.result.stderr, world.result
    return arrived(world, kind)


def arrived(world, kind="feedback"):
    records = []
    for message in world.read(kind):
        value, schema = message.value(), PARSED[kind]
        if value[:2] == b"\xc3\x01":
            assert value[2:10] == FINGERPRINTS[kind]
            value = value[10:]
        elif value[:1] == b"\0":
            number = struct.unpack(">I", value[1:5])[0]
            with urllib.request.urlopen(f"{world.servers.registry_url}/schemas/ids/{number}", timeout=30) as answer:
                schema = wire.parse(json.load(answer)["schema"])
            value = value[5:]
        reader = io.BytesIO(value)
        record = Reader(schema, PARSED[kind]).read(avro.io.BinaryDecoder(reader))
        assert reader.read() == b"", "bytes left over"
        records.append((message.key(), record))
    return records


class Reader(avro.io.DatumReader):
    """Times as integers."""

    def read_data(self, writers_schema, readers_schema, decoder):
        if writers_schema.type == "long":
            return decoder.read_long()
        return super().read_data(writers_schema, readers_schema, decoder)


def told(result):
    """Numbers of the lines that stderr names."""
    return [int(n) for n in re.findall(r"^\S+?:(\d+): ", result.stderr, re.M)]


# --- good lines

def test_every_field_of_feedback(world):
    given = line("full", "score", tenant="acme", text="all", value=-10, weight=0.125, interaction_id="i", conversation_id="c",
                 trace_id="t", input="in", output="out", sent_at=t(101), anonymize=True, source="platform", attributes='{"a":[1]}')
    [(_, record)] = publish(world, [given])
    want = {"event_id": "full", "tenant": "acme", "feedback": {"slug": "score", "text": "all", "value": -10, "weight": 0.125},
            "metadata": {"end_user": "u", "interaction_id": "i", "conversation_id": "c", "trace_id": "t", "input": "in",
                         "output": "out", "timestamp": t(100), "sent_at": t(101), "anonymize": True, "source": "platform",
                         "retracts": None, "attributes": '{"a":[1]}'}}
    assert record == want


def test_every_field_of_interactions(world):
    given = dict(tenant="acme", interaction_id="i", revision=7, conversation_id="c", trace_id="t", end_user="u", input="in",
                 output="out", started_at=t(1), ended_at="2024-05-01T00:00:02Z", anonymize=True, attributes='{"a": 1}')
    [(_, record)] = publish(world, [given], "interactions")
    assert record == {**given, "ended_at": t(2)}


def test_defaults(world):
    [(_, record)] = publish(world, [{"event_id": "e", "feedback": {"slug": "clear"},
                                     "metadata": {"end_user": "u", "timestamp": 5}}])
    assert record == {"event_id": "e", "tenant": "default", "feedback": {"slug": "clear", "text": None, "value": None, "weight": None},
                      "metadata": {**dict.fromkeys(wire.METADATA), "end_user": "u", "timestamp": 5, "anonymize": False,
                                   "source": "customer"}}


def test_nebulys_own_body(world):
    [(key, record)] = publish(world, [NEBULY])
    assert key == b"user-42" and record["event_id"]
    assert record["feedback"]["text"] == "useful" and record["metadata"]["timestamp"] == t(100)
    assert {k: record["metadata"][k] for k in ("input", "output", "end_user")} == {
        k: NEBULY["metadata"][k] for k in ("input", "output", "end_user")}


@pytest.mark.parametrize("framing", ["confluent", "single-object", "bare"])
def test_framings(world, framing):
    publish(world, [dict(interaction_id="i", end_user="u", input="q", ended_at=t(10))], "interactions", framing)
    publish(world, [line()], "feedback", framing)
    values = [m.value() for kind in ("interactions", "feedback") for m in world.read(kind)]
    heads = {"confluent": b"\0", "single-object": b"\xc3\x01"}
    assert all(v.startswith(heads.get(framing, b"")) for v in values)
    world.run(decode__bare="on" if framing == "bare" else "off")
    assert world.found() == {"e": "i"} and world.rejected() == {}


def test_confluent_registers_our_schemas(world):
    """Under the topic's own subject, once."""
    publish(world, [line("a")], framing="confluent")
    publish(world, [line("b")], framing="confluent")
    ids = {m.value()[1:5] for m in world.read("feedback")}
    assert len(ids) == 1
    with urllib.request.urlopen(f"{world.servers.registry_url}/subjects/{world.topics['feedback']}-value/versions/latest", timeout=30) as a:
        assert wire.parse(json.load(a)["schema"]).canonical_form == PARSED["feedback"].canonical_form


KEYS = {  # fields: the key that is recommended
    "the end user": (dict(end_user="ann", conversation_id="c", trace_id="t", interaction_id="i"), b"ann"),
    "else the conversation": (dict(end_user=None, conversation_id="c", trace_id="t", interaction_id="i"), b"c"),
    "else the trace": (dict(end_user=None, trace_id="t", interaction_id="i"), b"t"),
    "else the interaction": (dict(end_user=None, interaction_id="i"), b"i"),
    "an empty one is none": (dict(end_user="", conversation_id="", trace_id="t"), b"t"),
    "in UTF-8": (dict(end_user="Jürgen"), "Jürgen".encode()),
}


def test_keys(world):
    got = publish(world, [line(name, **fields) for name, (fields, _) in KEYS.items()])
    assert {record["event_id"]: key for key, record in got} == {name: key for name, (_, key) in KEYS.items()}
    got = publish(world, [{"interaction_id": name, "end_user": fields.get("end_user") or "", "input": "", **{
        k: v for k, v in fields.items() if k in ("conversation_id", "trace_id")}} for name, (fields, _) in KEYS.items()], "interactions")
    want = {name: name.encode() if key == b"i" else key for name, (_, key) in KEYS.items()}
    assert {record["interaction_id"]: key for key, record in got} == want


def test_a_key_goes_to_one_partition(world):
    publish(world, [line(f"e{n}", end_user=f"u{n % 7}") for n in range(70)])
    where = {(m.key(), m.partition()) for m in world.read("feedback")}
    assert len(where) == 7


TIMES = {
    "2024-05-01T00:00:00Z": BASE,
    "2024-05-01t00:00:00z": BASE,
    "2024-05-01T02:00:00+02:00": BASE,
    "2024-04-30T18:30:00-05:30": BASE,
    "2024-05-01T00:00:00.5Z": BASE + 500_000,
    "2024-05-01T00:00:00.123456Z": BASE + 123_456,
    "2024-05-01T00:00:00.000001+00:00": BASE + 1,
    "2024-02-29T23:59:59Z": 1_709_251_199_000_000,
    "1970-01-01T00:00:00Z": 0,
    "9999-12-31T23:59:59.999999Z": 253_402_300_799_999_999,
    BASE: BASE,
    0: 0,
}
NO_TIMES = ["", "now", "2024-05-01", "2024-05-01T00:00:00", "2024-05-01T24:00:00Z", "2024-02-30T00:00:00Z", "2023-02-29T00:00:00Z",
            "2024-13-01T00:00:00Z", "2024-05-01T00:60:00Z", "2024-05-01T00:00:00+25:00", "2024-05-01T00:00:00.Z",
            "2024-05-01T00:00:00Z ", " 2024-05-01T00:00:00Z", "24-05-01T00:00:00Z", "1714521600", "1969-12-31T23:59:59Z",
            "0000-01-01T00:00:00Z", 1.5, True, None, [], -1, 2**63, 10**30, 253_402_300_800_000_000]


def test_times(world):
    got = publish(world, [line(f"e{n}", timestamp=time, sent_at=time) for n, time in enumerate(TIMES)])
    by_id = {r["event_id"]: (r["metadata"]["timestamp"], r["metadata"]["sent_at"]) for _, r in got}
    assert by_id == {f"e{n}": (want, want) for n, want in enumerate(TIMES.values())}


def test_no_times(world):
    lines = []
    for n, time in enumerate(NO_TIMES):
        lines.append(line(f"e{n}"))
        lines[-1]["metadata"]["timestamp"] = time
    assert publish(world, lines, code=1) == []
    assert told(world.result) == list(range(1, len(NO_TIMES) + 1)), world.result


# --- an event_id of its own

def test_an_absent_event_id_is_derived_from_the_content(world):
    """The same content, written any way, has the same id; another has another."""
    base = {"feedback": {"slug": "comment", "text": "\u00e9"}, "metadata": {"end_user": "u", "timestamp": "2024-05-01T00:00:00Z"}}
    same = [json.dumps(base), json.dumps(base, ensure_ascii=False), json.dumps(dict(reversed(base.items())), indent=None),
            json.dumps({**base, "tenant": "default"}), json.dumps({**base, "event_id": ""}),
            json.dumps({**base, "metadata": {"timestamp": BASE, "end_user": "u", "source": "customer", "trace_id": None, "input": ""}})]
    others = [dict(base, tenant="b"), dict(base, feedback={"slug": "comment", "text": "e\u0301"}),
              dict(base, metadata={"end_user": "u", "timestamp": BASE + 1}), dict(base, metadata={"end_user": "v", "timestamp": BASE}),
              dict(base, metadata={"conversation_id": "u", "timestamp": BASE}), dict(base, feedback={"slug": "thumbs_up", "text": "\u00e9"})]
    ids = [r["event_id"] for _, r in publish(world, [*same, *others])]
    count = {i: ids.count(i) for i in ids}
    assert sorted(count.values()) == [1] * len(others) + [len(same)] and all(1 <= len(i.encode()) <= 128 for i in ids)
    again = [r["event_id"] for _, r in publish(world, same)]
    assert set(again) == set(ids)
    world.run()
    assert len(world.joined()) == 1 + len(others) and world.rejected() == {}


# --- bad lines

BAD = {  # no line of these is sent
    "not JSON": f'{{"event_id": "{SECRET}"',
    "rubbish": SECRET,
    "two on a line": json.dumps(line()) + json.dumps(line()),
    "a comma behind it": json.dumps(line()) + ",",
    "an array": "[]",
    "a string": '"x"',
    "null": "null",
    "nothing in it": {},
    "no metadata": {"feedback": {"slug": "clear"}},
    "no feedback": {"metadata": {"end_user": "u", "timestamp": 5}},
    "feedback that is no object": {"feedback": "thumbs_up", "metadata": {"end_user": "u", "timestamp": 5}},
    "no slug": {"feedback": {}, "metadata": {"end_user": "u", "timestamp": 5}},
    "an unknown slug": line(slug="shrug"),
    "an unknown source": line(source="robot"),
    "an unknown field": {**line(), "evnet_id": "x"},
    "an unknown field of the metadata": line() | {"metadata": {"end_user": "u", "timestamp": 5, "user": "u"}},
    "no time": {"feedback": {"slug": "clear"}, "metadata": {"end_user": "u"}},
    "an id that is a number": line(event_id=5),
    "a text that is a number": line(text=5),
    "a value that is a text": line(slug="rating", value="5"),
    "a value that is no whole number": line(slug="rating", value=4.5),
    "a value beyond 32 bits": line(slug="score", value=2**40),
    "a switch that is a text": line(anonymize="true"),
    # what would be rejected anyway
    "id_too_long": line(event_id="x" * 129),
    "missing_field": line(slug="rating"),
    "missing_target": line(end_user=None),
    "value_not_allowed": line(value=1),
    "value_out_of_range": line(slug="rating", value=6),
    "text_too_long": line(text="x" * 5001),
    "bad_timestamp": line(timestamp=-1),
    "bad_attributes": line(attributes="[]"),
}


def test_bad_lines(world):
    """Each between good ones: these are sent, that is named."""
    lines, bad = [], []
    for n, given in enumerate(BAD.values()):
        lines += [line(f"good {n}"), given]
        bad.append(len(lines))
    got = publish(world, lines, code=1)
    assert sorted(r["event_id"] for _, r in got) == sorted(f"good {n}" for n in range(len(BAD)))
    numbers = told(world.result)
    assert numbers == bad, {n: (n in numbers, n in bad) for n in {*numbers, *bad} if (n in numbers) != (n in bad)}
    assert re.search(rf"\b{len(BAD)}\b.*\b{2 * len(BAD)}\b.*\b{len(BAD)}\b", world.result.stderr.splitlines()[-1]), world.result
    for reason in set(BAD) & set(REASONS):
        assert reason in world.result.stderr, reason


BAD_INTERACTIONS = {
    "no id": {"end_user": "u", "input": ""},
    "an empty id": {"interaction_id": "", "end_user": "u", "input": ""},
    "an unknown field": {"interaction_id": "i", "end_user": "u", "input": "", "answer": "x"},
    "ended before it started": {"interaction_id": "i", "end_user": "u", "input": "", "started_at": t(2), "ended_at": t(1)},
    "no revision": {"interaction_id": "i", "end_user": "u", "input": "", "revision": "x"},
    "feedback": line(),
}


def test_bad_interactions(world):
    assert publish(world, list(BAD_INTERACTIONS.values()), "interactions", code=1) == []
    assert told(world.result) == list(range(1, len(BAD_INTERACTIONS) + 1)), world.result


def test_what_is_published_is_never_rejected(world):
    """Texts that make trouble elsewhere."""
    texts = ["\U0001f600", "a\u0000b", "\r\n", "\u2028", "\x7f", "\\", '"', "é" * 5000, "\ufeff", "\ufffd"]
    publish(world, [line(f"e{n}", text=s) for n, s in enumerate(texts)])
    world.run()
    assert world.rejected() == {}
    assert [r["text"] for r in world.joined()] == [s.replace("\0", "\ufffd") for s in texts]


# --- files

def test_files(world, tmp_path):
    """Each counts its own lines; white lines are none; a last one without its end is one; CRLF ends a line too."""
    one, two, three = (tmp_path / n for n in ("one.jsonl", "two.jsonl", "three.jsonl"))
    one.write_text(json.dumps(line("a")) + "\n\n  \t\nrubbish\n" + json.dumps(line("b")))
    two.write_bytes(json.dumps(line("c")).encode() + b"\r\n\r\n" + json.dumps(line("d")).encode() + b"\r\nrubbish\r\n")
    three.write_text("")
    result = world.command("publish", "feedback", one, three, two, "-", stdin=text([line("e"), "rubbish"]), code=1)
    assert {r["event_id"] for _, r in arrived(world)} == set("abcde")
    assert "one.jsonl:4:" in result.stderr and "two.jsonl:4:" in result.stderr and told(result) == [4, 4, 2], result


def test_a_file_that_is_not_there(world, tmp_path):
    result = world.command("publish", "feedback", tmp_path / "none.jsonl", code=1)
    assert "none.jsonl" in result.stderr and world.read("feedback") == []


def test_nothing(world):
    assert publish(world, []) == []


def test_many_lines(world):
    """More than any queue of librdkafka's holds at once, and in the order of each key."""
    n = 150_000
    given = json.dumps(line("e", "thumbs_up")).replace('"e"', '"e%06d"')
    result = world.command("publish", "feedback", stdin="".join(given % k + "\n" for k in range(n)))
    assert str(n) in result.stderr
    consumer_ids = [r.value() for r in world.read("feedback")]
    assert len(consumer_ids) == n
    ids = [re.search(rb"e\d{6}", v)[0] for v in consumer_ids]
    assert ids == sorted(ids), "one key, one partition, one order"


def test_long_lines(world):
    [(_, record)] = publish(world, [line("big", input="x" * 900_000)])
    assert len(record["metadata"]["input"]) == 900_000


# --- when it cannot

def test_a_line_that_kafka_does_not_take(world):
    """Too big for the topic: named like any bad line, and the rest is sent."""
    got = publish(world, [line("a"), line("big", input="x" * 2_000_000), line("b")], code=1)
    assert [r["event_id"] for _, r in got] == ["a", "b"] and told(world.result) == [2], world.result


@pytest.mark.parametrize("option", ["registry.url=http://127.0.0.1:1", "topics.feedback={none}"])
def test_a_server_that_is_not_there(world, option):
    result = world.command("publish", "feedback", "--framing", "confluent", "-o", option.format(none=f"{world.name} none"),
                           stdin=text([line()]), code=(1, 3), timeout=60)
    assert result.stderr and result.stdout == ""


def test_confluent_without_a_registry(make_world):
    world = make_world(registry__url=None)
    result = world.command("publish", "feedback", "--framing", "confluent", stdin=text([line()]), code=(2, 3))
    assert "registry.url" in result.stderr
    publish(world, [line()], "feedback", "single-object")
    assert len(world.read("feedback")) == 1
