"""The three wire formats, told apart by their first bytes, message by message."""

import pytest
from confluent_kafka import Producer

import wire
from wire import FINGERPRINTS, PARSED, encode, nest
from world import E, I

FRAMINGS = ("confluent", "single-object", "bare")


def say(world, framing):
    world.send(I("i", 10, end_user="u", output="answer", framing=framing), tenant=framing)
    world.send(E("e", "comment", text="grüß dich", end_user="u", framing=framing), tenant=framing)


@pytest.mark.parametrize("topic", PARSED)
def test_fingerprints_are_those_of_the_schemas(topic):
    """CRC-64-AVRO of the parsing canonical form, little-endian, worked out here."""
    empty, table = 0xc15d213aa4d7a795, []
    for i in range(256):
        for _ in range(8):
            i = (i >> 1) ^ (empty if i & 1 else 0)
        table.append(i)
    crc = empty
    # python-avro forgets the rule [PRIMITIVES]
    for byte in PARSED[topic].canonical_form.replace('{"type":"long"}', '"long"').encode():
        crc = (crc >> 8) ^ table[(crc ^ byte) & 0xff]
    assert crc.to_bytes(8, "little") == FINGERPRINTS[topic]


def test_all_on_one_topic(world):
    for framing in FRAMINGS:
        say(world, framing)
    world.run(decode__bare="on")
    assert {f: world.found(f) for f in FRAMINGS} == {f: {"e": "i"} for f in FRAMINGS}
    assert {(r["text"], r["output"]) for r in world.joined()} == {("grüß dich", "answer")} and world.rejected() == {}


def test_one_event_in_three_framings_is_one(world):
    for framing in FRAMINGS:
        world.send(E("e", "rating", value=3, end_user="u", framing=framing))
    world.run(decode__bare="on")
    assert len(world.joined()) == 1 and world.rejected() == {}


def test_bare_only_where_it_is_allowed(world):
    for framing in FRAMINGS:
        say(world, framing)
    world.run()
    assert {f: world.found(f) for f in FRAMINGS} == {"confluent": {"e": "i"}, "single-object": {"e": "i"}, "bare": {}}
    assert [r["reason"] for r in world.rejected().values()] == ["undecodable"] * 2


def test_bare_is_what_says_nothing_else(world):
    """With bare allowed the first bytes still go before it; what is neither is undecodable. A bare record with an empty
    event_id begins like Confluent's framing, and is read as that."""
    body = encode(PARSED["feedback"], nest("feedback", E("e", end_user="u").fields))
    sent = {raw: world.raw("feedback", raw) for raw in (b"\0\0\0", b"\xc3\x01\0\0", body[:-1], body + b"\0", b"{}", b"", b"\xc3")}
    unknown = [world.raw("feedback", b"\xc3\x01" + b"\0" * 8 + body),
               world.raw("feedback", encode(PARSED["feedback"], nest("feedback", E("", end_user="u").fields)))]
    world.run(decode__bare="on")
    rejected = {at: r["reason"] for at, r in world.rejected().items()}
    assert rejected == {**{s.at: "undecodable" for s in sent.values()}, **{s.at: "unknown_schema" for s in unknown}}


def test_without_a_registry(make_world):
    world = make_world(registry__url=None)
    for framing in FRAMINGS:
        say(world, framing)
    world.run(decode__bare="on")
    assert {f: world.found(f) for f in FRAMINGS} == {"confluent": {}, "single-object": {"e": "i"}, "bare": {"e": "i"}}
    assert {r["reason"] for r in world.rejected().values()} == {"unknown_schema"}
    world.again(decode__bare="on", registry__url=world.servers.registry_url)
    assert world.found("confluent") == {"e": "i"} and world.rejected() == {}


def test_confluent_ids_are_big_endian(world):
    """Two ids that are each other's mirror would be mixed up."""
    value = world.encode(E("e", end_user="u"))
    assert value[0] == 0 and int.from_bytes(value[1:5], "big") in world.servers.registry.known.values()
    assert value[5:] == encode(PARSED["feedback"], wire.nest("feedback", E("e", end_user="u").fields))


def test_compressed(world):
    """Whatever the producer compresses with."""
    codecs = ("none", "gzip", "snappy", "lz4", "zstd")
    for codec in codecs:
        producer = Producer({"bootstrap.servers": world.servers.brokers, "compression.type": codec, "linger.ms": 50})
        for n in range(20):
            producer.produce(world.topics["feedback"], world.encode(E(f"{codec} {n}", "comment", text="x" * 500, end_user="u")))
        assert producer.flush(30) == 0
    world.run()
    assert set(world.found()) == {f"{codec} {n}" for codec in codecs for n in range(20)}


def test_transactions(make_world):
    """What is aborted was never said; the markers of transactions, at the end of a topic too, hold up no drain."""
    world = make_world(partitions=1)
    producer = Producer({"bootstrap.servers": world.servers.brokers, "transactional.id": world.name})
    producer.init_transactions(60)
    for n, end in enumerate((producer.commit_transaction, producer.abort_transaction) * 2):
        producer.begin_transaction()
        producer.produce(world.topics["feedback"], world.encode(E(f"e{n}", end_user="u")))
        producer.flush(30)
        end(30)
    world.run()
    assert set(world.found()) == {"e0", "e2"}
    world.run()
