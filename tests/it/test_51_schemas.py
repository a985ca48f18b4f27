"""Producers with older and newer schemas, read by Avro's schema resolution."""

import json
from dataclasses import dataclass, field

import pytest

import wire
from wire import OURS, changed, fields_of
from world import E, I, t

MICROS = {"type": "long", "logicalType": "timestamp-micros"}


# --- edits of our schemas; path: the nested record, by its field ("" or "feedback" or "metadata")

def retype(name, type_, path=""):
    def edit(schema):
        for f in fields_of(schema, path):
            if f["name"] == name:
                f["type"] = type_
                f.pop("default", None)
    return edit


def without(path="", *names):
    return lambda schema: fields_of(schema, path).__setitem__(
        slice(None), [f for f in fields_of(schema, path) if f["name"] not in names])


def only(path="", *names):
    return lambda schema: fields_of(schema, path).__setitem__(
        slice(None), [f for f in fields_of(schema, path) if f["name"] in names])


def backwards(path=""):
    return lambda schema: fields_of(schema, path).reverse()


def extra(type_, path="", at=None, name="extra"):
    return lambda schema: fields_of(schema, path).insert(
        len(fields_of(schema, path)) if at is None else at, {"name": name, "type": type_})


def named(key, value):
    return lambda schema: schema.__setitem__(key, value)


def symbols(*add, name="slug", path="feedback", turn=False):
    def edit(schema):
        enum = next(f for f in fields_of(schema, path) if f["name"] == name)["type"]
        enum["symbols"] = (enum["symbols"][::-1] if turn else enum["symbols"]) + list(add)
    return edit


def nullable(name, path=""):
    return retype(name, ["null", "string"], path)


# --- what was sent, and what is to come of it

FULL = dict(tenant="t", text="a", value=3, weight=0.5, end_user="u", interaction_id="i", conversation_id="c", trace_id="r",
            input="in", output="out", sent_at=t(100), source="platform", attributes="{}")
ASKED = dict(tenant="t", conversation_id="c", trace_id="r", end_user="u", input="in", output="out", revision=3,
             started_at=t(1), attributes="{}")


@dataclass
class Case:
    edits: tuple
    record: dict = field(default_factory=dict)  # over FULL or ASKED
    expect: object = None                       # the reason, or what is seen other than sent
    topic: str = "feedback"


LINKED = {"type": "record", "name": "Link", "fields": [{"name": "v", "type": "int"}, {"name": "next", "type": ["null", "Link"]}]}
EVERY_TYPE = {  # a field that we do not know, of each type, and a value
    "null": ("null", None), "boolean": ("boolean", True), "int": ("int", -5), "long": ("long", 2**40),
    "float": ("float", 1.5), "double": ("double", -2.5), "bytes": ("bytes", b"\xff\0"), "string": ("string", "x" * 300),
    "fixed": ({"type": "fixed", "name": "F16", "size": 16}, b"0123456789abcdef"),
    "enum": ({"type": "enum", "name": "Color", "symbols": ["RED", "BLUE"]}, "BLUE"),
    "array": ({"type": "array", "items": "string"}, ["a", "bb", ""]),
    "empty array": ({"type": "array", "items": "long"}, []),
    "array of arrays": ({"type": "array", "items": {"type": "array", "items": ["null", "int"]}}, [[1, None], [], [2]]),
    "map": ({"type": "map", "values": "double"}, {"a": 1.0, "b": 2.0}),
    "map of records": ({"type": "map", "values": {"type": "record", "name": "P", "fields": [{"name": "x", "type": "int"}]}},
                       {"a": {"x": 1}, "b": {"x": 2}}),
    "record": ({"type": "record", "name": "R", "fields": [{"name": "a", "type": "string"}, {"name": "b", "type": MICROS}]},
               {"a": "z", "b": 5}),
    "empty record": ({"type": "record", "name": "Nothing", "fields": []}, {}),
    "union": (["null", "string"], "x"),
    "recursive": (LINKED, {"v": 1, "next": {"v": 2, "next": {"v": 3, "next": None}}}),
    "decimal": ({"type": "bytes", "logicalType": "decimal", "precision": 9, "scale": 2}, b"\x01\x02"),
    "date": ({"type": "int", "logicalType": "date"}, 19000),
    "nanoseconds that are not ours": ({"type": "long", "logicalType": "timestamp-nanos"}, 5),
}

CASES = {
    # --- older
    "only what is needed": Case((only("", "event_id", "feedback", "metadata"), only("feedback", "slug"),
                                 only("metadata", "timestamp", "end_user")),
                                dict(slug="thumbs_up"), {**dict.fromkeys(FULL), "tenant": "default", "slug": "thumbs_up",
                                                         "end_user": "u", "source": "customer"}),
    **{f"without {name}": Case((without(path, name),), expect={name: None}) for path, name in (
        ("feedback", "text"), ("metadata", "end_user"), ("metadata", "sent_at"),
        ("metadata", "anonymize"), ("metadata", "retracts"), ("metadata", "attributes"))},
    "without a weight": Case((without("feedback", "weight"),), expect={"weight": 1.0}),
    "without a tenant": Case((without("", "tenant"),), expect={"tenant": "default"}),
    "without a source": Case((without("metadata", "source"),), expect={"source": "customer"}),
    "without an event_id": Case((without("", "event_id"),), expect="unknown_schema"),
    "without a time": Case((without("metadata", "timestamp"),), expect="unknown_schema"),
    "without feedback": Case((without("", "feedback"),), expect="unknown_schema"),
    "without a slug": Case((without("feedback", "slug"),), expect="unknown_schema"),
    "an interaction of what is needed": Case((only("", "interaction_id", "end_user", "input", "ended_at"),), {}, {
        **dict.fromkeys(ASKED), "tenant": "default", "end_user": "u", "input": "in"}, "interactions"),
    "an interaction without an input": Case((without("", "input"),), expect="unknown_schema", topic="interactions"),
    "an interaction without an end": Case((without("", "ended_at"),), expect={"ended_at": None}, topic="interactions"),
    # --- newer
    **{f"and a field more: {name}": Case((extra(type_),), {"extra": value}) for name, (type_, value) in EVERY_TYPE.items()},
    **{f"and a first field more: {name}": Case((extra(type_, at=0),), {"extra": value})
       for name, (type_, value) in EVERY_TYPE.items()},
    **{f"an interaction and a field more: {name}": Case((extra(type_, at=3),), {"extra": value}, topic="interactions")
       for name, (type_, value) in EVERY_TYPE.items()},
    "and every field more": Case(tuple(extra(type_, name=f"x{n}") for n, (type_, _) in enumerate(EVERY_TYPE.values())),
                                 {f"x{n}": value for n, (_, value) in enumerate(EVERY_TYPE.values())}),
    "a type of ours used again": Case((extra("Source"),), {"extra": "platform"}),
    "a symbol more": Case((symbols("shrug"),)),
    "a symbol more, and it is used": Case((symbols("shrug"),), {"slug": "shrug"}, "undecodable"),
    "a source more, and it is used": Case((symbols("robot", name="source", path="metadata"),), {"source": "robot"}, "undecodable"),
    "symbols in another order": Case((symbols(turn=True), symbols(name="source", path="metadata", turn=True))),
    # --- otherwise
    "fields in another order": Case((backwards(), backwards("feedback"), backwards("metadata"))),
    "an interaction in another order": Case((backwards(),), topic="interactions"),
    "another namespace": Case((named("namespace", "com.example.feedback"),)),
    "no namespace": Case((lambda s: s.pop("namespace"),)),
    "an interaction in another namespace": Case((named("namespace", "x.y"),), topic="interactions"),
    "another name": Case((named("name", "Event"),), expect="unknown_schema"),
    "null at the end of unions": Case((retype("end_user", ["string", "null"], "metadata"),
                                       retype("value", ["int", "null"], "feedback"))),
    "null at the end, and null": Case((retype("text", ["string", "null"], "feedback"),), {"text": None}, {"text": None}),
    "never null": Case((retype("end_user", "string", "metadata"), retype("text", "string", "feedback"))),
    "always null": Case((retype("text", "null", "feedback"),), {"text": None}, {"text": None}),
    "a nullable tenant": Case((nullable("tenant"),)),
    "a nullable tenant, and null": Case((nullable("tenant"),), {"tenant": None}, "undecodable"),
    "a nullable event_id, and null": Case((nullable("event_id"),), {"event_id": None}, "undecodable"),
    "bytes for strings": Case((retype("event_id", "bytes"), retype("text", ["null", "bytes"], "feedback"),
                               retype("input", "bytes", "metadata"))),
    "an interaction with bytes for strings": Case((retype("interaction_id", "bytes"), retype("output", ["null", "bytes"])),
                                                  topic="interactions"),
    "a float for a double": Case((retype("weight", ["null", "float"], "feedback"),)),
    "an int for a double": Case((retype("weight", "int", "feedback"),), {"weight": 1}, {"weight": 1.0}),
    "a long for a double": Case((retype("weight", ["null", "long"], "feedback"),), {"weight": 0}, {"weight": 0.0}),
    "an int for a revision": Case((retype("revision", "int"),), topic="interactions"),
    "a long for an int": Case((retype("value", "long", "feedback"),), expect="unknown_schema"),
    "a string for an int": Case((retype("value", "string", "feedback"),), {"value": "3"}, "unknown_schema"),
    "an int for a string": Case((retype("event_id", "int"),), {"event_id": 5}, "unknown_schema"),
    "fixed for a string": Case((retype("event_id", {"type": "fixed", "name": "Id", "size": 4}),), {"event_id": b"abcd"},
                               "unknown_schema"),
    "a string for an enum": Case((retype("slug", "string", "feedback"),), expect="unknown_schema"),
    "a record for a string": Case((retype("text", LINKED, "feedback"),), {"text": {"v": 1, "next": None}}, "unknown_schema"),
    # --- times
    "milliseconds": Case((retype("timestamp", {"type": "long", "logicalType": "timestamp-millis"}, "metadata"),),
                         {"timestamp": t(50) // 1000}, {"timestamp": t(50)}),
    "milliseconds in a union": Case((retype("sent_at", ["null", {"type": "long", "logicalType": "timestamp-millis"}], "metadata"),),
                                    {"sent_at": (t(100) - 3_600_000_000) // 1000}, {"timestamp": t(100) + 3_600_000_000}),
    "milliseconds in a union, and null": Case(
        (retype("sent_at", ["null", {"type": "long", "logicalType": "timestamp-millis"}], "metadata"),), {"sent_at": None}),
    "milliseconds of an interaction": Case(
        (retype("started_at", {"type": "long", "logicalType": "timestamp-millis"}),
         retype("ended_at", [{"type": "long", "logicalType": "timestamp-millis"}, "null"])),
        {"started_at": t(2) // 1000, "ended_at": t(3) // 1000}, {"started_at": t(2), "ended_at": t(3)}, "interactions"),
    "milliseconds beyond 64 bits of microseconds": Case(
        (retype("timestamp", {"type": "long", "logicalType": "timestamp-millis"}, "metadata"),), {"timestamp": 2**62}, "bad_timestamp"),
    "milliseconds that would wrap to a good time": Case(
        (retype("timestamp", {"type": "long", "logicalType": "timestamp-millis"}, "metadata"),),
        {"timestamp": 2**64 // 1000 + t(50) // 1000}, "bad_timestamp"),
    "plain long": Case((retype("timestamp", "long", "metadata"),)),
    "plain long in a union": Case((retype("sent_at", ["null", "long"], "metadata"),)),
    "plain int": Case((retype("timestamp", "int", "metadata"),), {"timestamp": 2_000_000_000}, {"timestamp": 2_000_000_000}),
    **{f"{what} for a time": Case((retype("timestamp", {"type": type_, "logicalType": what}, "metadata"),), {"timestamp": 5},
                                  "unknown_schema")
       for what, type_ in (("timestamp-nanos", "long"), ("local-timestamp-micros", "long"), ("local-timestamp-millis", "long"),
                           ("time-micros", "long"), ("date", "int"), ("time-millis", "int"), ("our-own", "long"))},
    "nanoseconds in a union": Case((retype("sent_at", ["null", {"type": "long", "logicalType": "timestamp-nanos"}], "metadata"),),
                                   {"sent_at": None}, "unknown_schema"),
    "nanoseconds of an interaction": Case((retype("ended_at", ["null", {"type": "long", "logicalType": "timestamp-nanos"}]),),
                                          {"ended_at": 5}, "unknown_schema", "interactions"),
    "a logical type elsewhere": Case((retype("event_id", {"type": "string", "logicalType": "uuid"}),)),
}


def message(name, case):
    """The message; an id of its own unless the case has one."""
    schema = changed(case.topic, *case.edits)
    if case.topic == "interactions":
        return I(**{"interaction_id": name, "ended": 10, "schema": schema, **ASKED, **case.record})
    return E(**{"event_id": name, "slug": "score", "schema": schema, "record_time": t(100) // 1000, **FULL, **case.record})


@pytest.fixture(scope="module")
def schemas(make_story):
    world = make_story()
    world.by_name = {name: world.send(message(name, case)) for name, case in CASES.items()}
    # joined to their interaction, or shown by an event
    world.send(I("i", 10, end_user="x"), tenant="t")
    for name, case in CASES.items():
        if case.topic == "interactions" and not isinstance(case.expect, str):
            tenant = (case.expect or {}).get("tenant", "t")
            world.send(E(f"shows {name}", interaction_id=name), tenant=tenant)
    world.run()
    world.table = world.rejected()
    return world


@pytest.mark.parametrize("name", CASES)
def test_schema(schemas, name):
    case = CASES[name]
    row = schemas.table.get(schemas.by_name[name].at)
    if isinstance(case.expect, str):
        assert row and row["reason"] == case.expect, row and row["detail"]
        return
    assert row is None, row["detail"]
    sent = message(name, case).fields
    want = {**sent, **(case.expect or {})}
    if case.topic == "interactions":
        [seen] = schemas.joined(event_id=f"shows {name}")
        if want["ended_at"] is None:
            assert seen["status"] == "pending"
            return
        columns = ("tenant", "interaction_id", "conversation_id", "trace_id", "end_user", "input", "output", "started_at", "ended_at")
        want["interaction_attributes"] = want.pop("attributes", None) and {}
        columns += ("interaction_attributes",)
    else:
        [seen] = schemas.joined(event_id=name)
        seen["end_user"] = None if seen["end_user"] == "x" else seen["end_user"]
        want.update(occurred_at=want["timestamp"], attributes=want["attributes"] and {})
        columns = "tenant event_id slug text value weight end_user source occurred_at attributes".split()
    assert {k: seen[k] for k in columns} == {k: want[k] for k in columns}


def test_no_more_is_rejected(schemas):
    assert set(schemas.table) == {schemas.by_name[n].at for n, c in CASES.items() if isinstance(c.expect, str)}


def test_an_array_written_in_blocks_with_sizes(world):
    """Writers may write blocks of negative count, with their size in bytes, so that readers can skip them."""
    schema = changed("feedback", extra({"type": "array", "items": "string"}, at=0))
    items = b"".join(wire.encode('"string"', s) for s in ("a", "bb", "ccc"))
    blocks = wire.encode('"long"', -3) + wire.encode('"long"', len(items)) + items + wire.encode('"long"', 1) + items[:2] + b"\0"
    body = wire.encode(OURS["feedback"], wire.nest("feedback", E("e", end_user="u").fields))
    world.raw("feedback", wire.confluent(world.servers.registry.register(f"{world.name}-blocks", schema), blocks + body))
    world.run()
    assert world.found() == {"e": "no_interaction"}


NULLS = {"type": "array", "items": "null"}
HOSTILE = {  # a first field that we do not know, and bytes of it that want to be read for ever, or in all memory
    "a list of 400,000 links": (LINKED, b"\x02\x02" * 400_000 + b"\x02\0"),
    "an array of 2^40 nulls": (NULLS, wire.encode('"long"', 2**40) + b"\0"),
    "an array of -2^63 nulls": (NULLS, wire.encode('"long"', -2**63) + wire.encode('"long"', 1) + b"\0"),
    "an array of 2^40 empty records": ({"type": "array", "items": {"type": "record", "name": "Z", "fields": []}},
                                       wire.encode('"long"', 2**40) + b"\0"),
    "an array whose blocks have a size beyond the end": (NULLS, wire.encode('"long"', -3) + wire.encode('"long"', 2**40) + b"\0"),
    "an array whose blocks have a size below zero": (NULLS, wire.encode('"long"', -3) + wire.encode('"long"', -8) + b"\0"),
    "a map with a key of 4 EB": ({"type": "map", "values": "null"}, wire.encode('"long"', 1) + wire.encode('"long"', 2**62) + b"\0"),
    "a fixed of a gigabyte": ({"type": "fixed", "name": "F", "size": 10**9}, b"abc"),
}


def test_hostile_bytes(world):
    """All of them are undecodable, quickly, and the worker goes on."""
    body = wire.encode(OURS["feedback"], wire.nest("feedback", E("e", end_user="u").fields))
    sent = {}
    for name, (type_, raw) in HOSTILE.items():
        schema_id = world.servers.registry.register(f"{world.name}-{len(sent)}", changed("feedback", extra(type_, at=0)))
        sent[world.raw("feedback", wire.confluent(schema_id, raw + body))] = name
    world.send(E("good", end_user="u"))
    world.run(timeout=60)
    table = world.rejected()
    assert {name: table[s.at]["reason"] if s.at in table else None for s, name in sent.items()} == dict.fromkeys(HOSTILE, "undecodable")
    assert list(world.found()) == ["good"]


def test_the_schema_is_the_writers_not_the_latest(world):
    """Messages of two versions of one subject, in turn."""
    older = changed("feedback", without("metadata", "source"))
    newer = changed("feedback", extra("string", at=0))
    for n in range(10):
        world.send(E(f"e{n}", "rating", value=1 + n % 5, end_user="u", schema=older if n % 2 else newer, extra=f"{n}"))
    world.run()
    assert [r["value"] for r in world.joined()] == [1 + n % 5 for n in range(10)]


def test_cases_are_what_they_say():
    """Guards against an edit that edits nothing."""
    for name, case in CASES.items():
        assert changed(case.topic, *case.edits) != OURS[case.topic], name
        json.dumps(changed(case.topic, *case.edits))
