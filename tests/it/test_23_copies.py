"""One event however often it is sent; another content under its id is refused."""

import pytest

from model import EVENT
from world import ORDERS, E, I, Story, micros, play, t, tenant, wait_for

# Sent at 100 by a clock that is 1000 s slow when it arrives at 1100; the copies arrive whenever they do.
SLOW = dict(at=100, sent_at=t(100), end_user="u")


def copy(record, **more):
    return E("e", **{**SLOW, **more}, record_time=None if record is None else t(record) // 1000)


AROUND = [I("i1", 90, end_user="u"), I("i2", 1050, end_user="u"), I("i3", 1500, end_user="u")]

# expected: the interaction, which tells which copy's record time counted (it corrects the clock)
STORIES = [
    Story("one", [*AROUND, copy(1100)], {"e": "i2"}),
    Story("three times the same", [*AROUND, *[copy(1100)] * 3], {"e": "i2"}),
    Story("the earliest counts", [*AROUND, copy(2000), copy(1100), copy(3000)], {"e": "i2"}),
    Story("an earlier one takes back the correction", [*AROUND, copy(2000), copy(101)], {"e": "i1"}),
    Story("one without a time counts as the latest", [*AROUND, copy(None), copy(1100)], {"e": "i2"}),
    Story("none with a time", [*AROUND, copy(None), copy(None)], {"e": "i1"}),
    Story("a copy with other bytes", [*AROUND, copy(1100, text=""), copy(2000), copy(3000, framing="single-object")],
          {"e": "i2"}),
    Story("retracted, and a copy", [*AROUND, copy(2000), E("back", "retract", retracts="e"), copy(1100)], {"e": None}),
]


@pytest.fixture(scope="module")
def told(make_story):
    return play(make_story(), STORIES)


@pytest.mark.parametrize("order", ORDERS)
@pytest.mark.parametrize("story", STORIES, ids=str)
def test_story(told, story, order):
    rows = told.joined(tenant(story, order))
    if story.name.startswith("retracted"):
        assert [(r["interaction_id"], r["retracted"]) for r in rows] == [("i2", True)]
    else:
        assert {r["event_id"]: r["interaction_id"] for r in rows} == story.expect


def test_nothing_was_rejected(told):
    assert told.rejected() == {}


@pytest.mark.parametrize("earliest, repaired", [(b"a\xff", True), ("a\ufffd", False)])
def test_repaired_is_said_of_the_copy_that_counts(world, earliest, repaired):
    early = E("e", "comment", text=earliest, end_user="u", record_time=t(1) // 1000)
    late = E("e", "comment", text="a\ufffd" if repaired else b"a\xff", end_user="u", record_time=t(2) // 1000)
    for first, second in ((early, late), (late, early)):
        world.send(first, tenant=f"{first is early}")
    world.run()
    for first, second in ((early, late), (late, early)):
        world.send(second, tenant=f"{first is early}")
    world.run()
    assert [(r["tenant"], r["text"], r["repaired"]) for r in world.joined()] == [
        ("False", "a\ufffd", repaired), ("True", "a\ufffd", repaired)]


# One content after the other under one id: the fields that the second has of its own, and whether it is the same event.
FIRST = dict(slug="score", value=3, end_user="u", text="a", attributes='{"a":1}', sent_at=t(100))
SECOND = {
    "the same": ({}, True),
    "an empty string for none": ({"trace_id": "", "retracts": ""}, True),
    "another text": ({"text": "b"}, False),
    "no text": ({"text": None}, False),
    "another value": ({"value": 4}, False),
    "the default weight said": ({"weight": 1.0}, False),
    "another time": ({"timestamp": t(100) + 1}, False),
    "sent another time": ({"sent_at": t(101)}, False),
    "not sent": ({"sent_at": None}, False),
    "another user": ({"end_user": "v"}, False),
    "another conversation": ({"conversation_id": "c"}, False),
    "another input": ({"input": "q"}, False),
    "an input that compares equal": ({"input": " "}, False),
    "another source": ({"source": "platform"}, False),
    "attributes written another way": ({"attributes": '{"a": 1}'}, False),
    "another slug": ({"slug": "comment", "value": None}, False),
    "a retract": ({"slug": "retract", "value": None, "retracts": "x"}, False),
}


@pytest.fixture(scope="module")
def conflicts(make_story):
    world = make_story()
    event = dict(EVENT, **FIRST, event_id="e", timestamp=t(100))
    world.seconds = {}
    for name in SECOND:
        world.send(E(**event, at=100), tenant=name)
    world.run()
    before = world.joined()
    for name, (fields, _) in SECOND.items():
        world.seconds[name] = world.send(E(**{**event, **fields}, at=100), tenant=name)
    world.run()
    assert world.joined() == before, "what was stored first stays"
    return world


@pytest.mark.parametrize("name", SECOND)
def test_conflict(conflicts, name):
    row = conflicts.rejected().get(conflicts.seconds[name].at)
    if SECOND[name][1]:
        assert row is None
    else:
        assert (row["reason"], row["tenant"], row["event_id"]) == ("event_id_conflict", name, "e")


def test_conflicts_go_to_the_dead_letters(conflicts):
    letters = conflicts.dlq()
    for name, (_, same) in SECOND.items():
        sent = conflicts.seconds[name]
        assert same == (sent.at not in letters), name
        for message, head in letters.get(sent.at, []):
            assert (message.value(), head["afterword.reason"]) == (sent.value, "event_id_conflict")


def test_conflicts_within_one_batch(world):
    """Of two contents that come together one is stored and the other refused; copies of each go the same way."""
    sent = [world.send(E("e", "comment", text=text, end_user="u"), tenant="x") for text in "abababab"]
    world.run(workers=1)
    [row] = world.joined()
    assert row["text"] in ("a", "b")
    refused = {at for at, r in world.rejected().items() if r["reason"] == "event_id_conflict"}
    texts = dict(zip((s.at for s in sent), "abababab"))
    assert refused == {at for at, text in texts.items() if text != row["text"]}


@pytest.mark.parametrize("again", ["a copy", "an earlier copy", "another content"])
def test_a_copy_where_none_is_expected(world, again):
    """After some batches without any copy the worker no longer asks what is stored, until it meets one."""
    def send(name, record=1100, text="a"):
        return world.send(E(name, "comment", text=text, end_user="u", record_time=t(record) // 1000, partition=0))

    for n in range(6):
        send(f"e{n}")
    record, text = {"a copy": (1100, "a"), "an earlier copy": (1000, "a"), "another content": (1100, "b")}[again]
    second = send("e4", record, text)
    for n in range(6, 12):
        send(f"e{n}")
    world.run(workers=1, batch__max__events=1)
    assert {r["event_id"]: r["text"] for r in world.joined()} == {f"e{n}": "a" for n in range(12)}
    assert {at: r["reason"] for at, r in world.rejected().items()} == (
        {second.at: "event_id_conflict"} if again == "another content" else {})
    assert micros(world.value("SELECT record_time FROM {s}.feedback WHERE event_id = 'e4'")) == t(min(record, 1100))
    # the try that met the copy is counted with those that went well, and there was no other
    wait_for(lambda: world.value("SELECT n_tup_ins FROM pg_stat_user_tables WHERE relid = '{s}.feedback'::regclass") == 13,
             "one failed try")


def test_a_conflict_with_an_event_that_was_never_stored_is_none(world):
    world.send(E("e", "rating", value=9, end_user="u"))
    world.send(E("e", "rating", value=1, end_user="u"))
    world.run()
    assert [r["value"] for r in world.joined()] == [1]
    assert [r["reason"] for r in world.rejected().values()] == ["value_out_of_range"]
