"""A registry that is down holds the batch; only an id that it does not know is a reject."""

import json

import pytest

import wire
from registry import MODES, FakeRegistry
from wire import OURS, PARSED, encode, nest
from world import E, I


@pytest.fixture
def fake():
    with FakeRegistry() as registry:
        yield registry


def body(event_id, **fields):
    return encode(PARSED["feedback"], nest("feedback", E(event_id, end_user="u", **fields).fields))


@pytest.fixture(scope="module")
def held(make_story):
    """A pool that runs through all the ways in which a registry can fail; each has a schema id and a partition of its own."""
    with FakeRegistry() as fake:
        world = make_story(registry__url=fake.url, partitions=1)
        world.fake, world.pool = fake, world.start(workers=1)
        yield world
        world.pool.stop()
        assert world.rejected() == {} and world.read("dlq") == []


@pytest.mark.parametrize("mode", [m for m in MODES if m != "ok"])
def test_a_broken_registry_holds_the_batch(held, mode):
    """Whatever it answers: nothing is rejected, nothing is acknowledged, and it goes on by itself."""
    fake, schema_id, before = held.fake, 100 + list(MODES).index(mode), held.committed()[0]
    fake.schemas[schema_id] = json.dumps(OURS["feedback"])
    fake.set(mode)
    held.raw("feedback", wire.confluent(schema_id, body(mode)))
    held.flush()
    held.wait_for(lambda: len(fake.asked(schema_id)) >= (1 if mode == "hang" else 2), "it to ask again")
    assert held.pool.running and held.rejected() == {} and held.joined(event_id=mode) == [] and held.committed()[0] == before
    fake.set("ok")
    held.wait_for(f"select count(*) = 1 from {{s}}.feedback_joined where event_id = '{mode}'")
    held.wait_for(lambda: held.committed()[0] == before + 1, "it to be acknowledged")


def test_a_registry_that_is_not_there(make_world):
    """Nobody listens; then somebody does."""
    with FakeRegistry() as gone:
        url = gone.url
    world = make_world(registry__url=url, partitions=1)
    world.raw("feedback", wire.confluent(7, body("e")))
    pool = world.start(workers=1)
    world.wait_for(lambda: "registry" in pool.said().lower() or url.split("/")[2] in pool.said(), "a word about it")
    assert pool.running and world.rejected() == {} and world.committed() == [0]
    pool.stop()
    assert world.rejected() == {} and world.committed() == [0]
    with FakeRegistry() as fake:
        fake.schemas[7] = json.dumps(OURS["feedback"])
        world.run(registry__url=fake.url)
    assert world.found() == {"e": "no_interaction"}


def test_it_stops_when_told_while_it_waits(make_world, fake):
    """A held batch does not hold up SIGTERM; it is read again."""
    world = make_world(registry__url=fake.url)
    fake.set("hang")
    world.raw("feedback", wire.confluent(7, body("e")))
    pool = world.start()
    world.wait_for(lambda: fake.asked(7), "it to ask")
    pool.stop(timeout=45)
    assert world.rejected() == {} and sum(world.committed()) == 0
    fake.schemas[7] = json.dumps(OURS["feedback"])
    fake.set("ok")
    world.run()
    assert world.found() == {"e": "no_interaction"}


def test_an_unknown_id_is_asked_for_twice(make_world, fake):
    world = make_world(registry__url=fake.url, partitions=1)
    fake.schemas[7] = json.dumps(OURS["feedback"])
    unknown = world.raw("feedback", wire.confluent(8, body("unknown")))
    again = world.raw("feedback", wire.confluent(8, body("again")))
    world.raw("feedback", wire.confluent(7, body("known")))
    world.run(workers=1)
    assert {at: r["reason"] for at, r in world.rejected().items()} == dict.fromkeys((unknown.at, again.at), "unknown_schema")
    assert list(world.found()) == ["known"]
    times = fake.asked(8)
    assert len(times) >= 2 and times[-1] - times[0] >= 4.5, times


def test_an_unknown_id_holds_up_one_batch(make_world, fake):
    """What comes later with the same id is asked for once, and nothing waits for it."""
    world = make_world(registry__url=fake.url, partitions=1)
    pool = world.start(workers=1)
    for n in (1, 2, 3):
        world.raw("feedback", wire.confluent(8, body(f"unknown-{n}")))
        world.flush()
        world.wait_for(f"select count(*) = {n} from {{s}}.rejected")
    assert len(fake.asked(8)) == 2 + 1 + 1
    fake.schemas[8] = json.dumps(OURS["feedback"])
    world.raw("feedback", wire.confluent(8, body("known")))
    world.flush()
    world.wait_for("select count(*) = 1 from {s}.feedback_joined")
    pool.stop()
    assert len(world.rejected()) == 3


def test_a_registry_that_lags(make_world, fake):
    """Unknown at first, known five seconds later: stored, and never a reject."""
    world = make_world(registry__url=fake.url, partitions=1)
    world.raw("feedback", wire.confluent(8, body("e")))
    pool = world.start()
    world.wait_for(lambda: fake.asked(8), "it to ask")
    fake.schemas[8] = json.dumps(OURS["feedback"])
    world.wait_for("select count(*) = 1 from {s}.feedback_joined")
    pool.stop()
    assert world.rejected() == {} and world.read("dlq") == []


def test_registered_later_and_read_again(make_world, fake):
    """The row of a reject goes when its message is stored."""
    world = make_world(registry__url=fake.url)
    world.raw("feedback", wire.confluent(8, body("e")))
    world.raw("interactions", wire.confluent(9, encode(PARSED["interactions"], I("i", 10, end_user="u").fields)))
    world.run()
    assert [r["reason"] for r in world.rejected().values()] == ["unknown_schema"] * 2
    fake.schemas.update({8: json.dumps(OURS["feedback"]), 9: json.dumps(OURS["interactions"])})
    world.again()
    assert world.found() == {"e": "i"} and world.rejected() == {}


def test_a_schema_is_fetched_once(make_world, fake):
    """By any thread, and kept: later messages need no registry."""
    world = make_world(registry__url=fake.url, partitions=4)
    fake.schemas[7] = json.dumps(OURS["feedback"])
    pool = world.start(workers=4, batch__max__events=10)
    for n in range(400):
        world.raw("feedback", wire.confluent(7, body(f"e{n}")))
    world.flush()
    world.wait_for("select count(*) = 400 from {s}.feedback_joined")
    fake.set("500")
    world.raw("feedback", wire.confluent(7, body("late")))
    world.flush()
    world.wait_for("select count(*) = 401 from {s}.feedback_joined")
    pool.stop()
    assert len(fake.asked(7)) == 1


ANSWERS = {  # what the registry has under an id, and it can never be read as ours
    "no JSON": "rubbish",
    "no Avro": '{"type": "object"}',
    "an unknown type": '{"type": "recrod", "name": "FeedbackEvent", "fields": []}',
    "a dangling name": '{"type": "record", "name": "FeedbackEvent", "fields": [{"name": "event_id", "type": "Missing"}]}',
    "a plain string": '"string"',
    "an enum": '{"type": "enum", "name": "FeedbackEvent", "symbols": ["a"]}',
    "a union": '["null", "string"]',
    "JSON Schema": {"schemaType": "JSON", "schema": '{"type": "object"}'},
    "Protobuf": {"schemaType": "PROTOBUF", "schema": 'syntax = "proto3"; message FeedbackEvent {}'},
    "an empty text": "",
}


def test_schemas_that_are_none(make_world, fake):
    world = make_world(registry__url=fake.url)
    sent = {}
    for n, (name, found) in enumerate(ANSWERS.items(), 100):
        fake.schemas[n] = found
        sent[world.raw("feedback", wire.confluent(n, body("e")))] = name
    fake.schemas[99] = {"schemaType": "AVRO", "id": 99, "version": 1, "references": [], "schema": json.dumps(OURS["feedback"])}
    world.raw("feedback", wire.confluent(99, body("good")))
    world.run()
    table = world.rejected()
    assert {name: table[s.at]["reason"] if s.at in table else None for s, name in sent.items()} == dict.fromkeys(
        ANSWERS, "unknown_schema")
    assert list(world.found()) == ["good"]
