"""Which interaction an event belongs to: each story is told in every order of its messages, each time with one end."""

import pytest

from world import ORDERS, E, I, Story, play, tenant

# Every combination of keys that an event can have, and what its resolution is called.
MASKS = {
    ("interaction_id",): "interaction_id",
    ("conversation_id",): "conversation",
    ("conversation_id", "input"): "conversation",
    ("conversation_id", "output"): "conversation",
    ("conversation_id", "input", "output"): "conversation",
    ("trace_id",): "trace",
    ("trace_id", "input"): "trace",
    ("trace_id", "output"): "trace",
    ("trace_id", "input", "output"): "trace",
    ("conversation_id", "trace_id"): "conversation",
    ("conversation_id", "trace_id", "input"): "conversation",
    ("conversation_id", "trace_id", "output"): "conversation",
    ("conversation_id", "trace_id", "input", "output"): "conversation",
    ("end_user",): "time",
    ("end_user", "input"): "input",
    ("end_user", "output"): "output",
    ("end_user", "input", "output"): "input_output",
}
VALUES = dict(conversation_id="c", trace_id="t", end_user="u", input="in", output="out")


def mask_story(mask):
    """The right one is in the way of others that differ in one key, have none, or came too late, all of them nearer."""
    messages = [I("right", 10, **VALUES), I("older", 5, **VALUES)]
    values = {k: v for k, v in VALUES.items() if k in mask}
    if mask == ("interaction_id",):
        # alone: whatever else it says
        event = E("e", interaction_id="right", conversation_id="elsewhere", trace_id="x", end_user="v", input="?", at=1)
    else:
        for k in mask:
            messages.append(I(f"other {k}", 20, **{**VALUES, k: "other"}))
            messages.append(I(f"no {k}", 21, **{j: v for j, v in VALUES.items() if j != k}))
        # who reacted is a key only where there is nothing better
        event = E("e", **{"end_user": "colleague", **values})
    messages.insert(2, event)
    messages.append(I("too late", 100, **VALUES))
    fan_out = ["older", "right", "too late"]
    return Story(" ".join(mask), messages, {"e": fan_out if mask == ("trace_id",) else "right"})


STORIES = [*map(mask_story, MASKS)] + [
    # --- time
    Story("the last before the event", [I("i1", 10, end_user="u"), E("e", end_user="u"), I("i2", 20, end_user="u"),
                                        I("i3", 150, end_user="u")], {"e": "i2"}),
    Story("before is not at the same time", [I("i1", 99, end_user="u"), I("i2", 100, end_user="u"), E("e", end_user="u")],
          {"e": "i1"}),
    Story("a microsecond is before", [I("i1", 99, end_user="u"), I("i2", 99.999999, end_user="u"), E("e", end_user="u")],
          {"e": "i2"}),
    Story("events between interactions", [I("i1", 10, end_user="u"), I("i2", 20, end_user="u"), I("i3", 30, end_user="u"),
                                          *(E(f"e{n}", at=n, end_user="u") for n in (5, 10, 11, 20, 21, 30, 31))],
          {"e5": "too_early", "e10": "too_early", "e11": "i1", "e20": "i1", "e21": "i2", "e30": "i2", "e31": "i3"}),
    Story("many late ones, each nearer", [*(I(f"i{n:02}", n, end_user="u") for n in range(10, 40)),
                                          *(E(f"e{n:02}", at=n + 0.5, end_user="u") for n in range(10, 40))],
          {f"e{n:02}": f"i{n:02}" for n in range(10, 40)}),
    Story("an id knows no time", [I("i", 200, end_user="u"), E("e", interaction_id="i")], {"e": "i"}),
    Story("from 1970 to 9999", [I("i1", ended_at=0), E("e1", timestamp=1, conversation_id="c1"),
                                I("i2", ended_at=0, conversation_id="c1"),
                                E("e2", timestamp=253402300799999999, conversation_id="c2"),
                                I("i3", ended_at=253402300799999998, conversation_id="c2"),
                                E("e3", timestamp=0, conversation_id="c1")],
          {"e1": "i2", "e2": "i3", "e3": "too_early"}),
    # --- ties
    Story("a tie goes to the greatest id", [*(I(i, 10, end_user="u") for i in "bca"), E("e", end_user="u")], {"e": "c"}),
    Story("ids are compared by bytes", [*(I(i, 10, end_user="u") for i in ("B", "a", "Z", "é", "z", "~")),
                                        E("e", end_user="u")], {"e": "é"}),
    Story("not by UTF-16", [*(I(i, 10, end_user="u") for i in ("\uffff", "\U00010000", "\ue000")), E("e", end_user="u")],
          {"e": "\U00010000"}),
    Story("the longer of equals", [*(I(i, 10, end_user="u") for i in ("a", "aa", "a a")), E("e", end_user="u")],
          {"e": "aa"}),
    Story("punctuation counts", [*(I(i, 10, end_user="u") for i in ("a-1", "a_0", "a.2", "A~3")), E("e", end_user="u")],
          {"e": "a_0"}),
    Story("time goes before the id", [I("a", 11, end_user="u"), I("z", 10, end_user="u"), E("e", end_user="u")],
          {"e": "a"}),
    # --- texts
    Story("identical texts", [*(I(f"i{n}", n, end_user="u", input="hi", output="Hello!") for n in (10, 20, 30)),
                              *(E(f"e{n}", at=n, end_user="u", input="hi", output="Hello!") for n in (15, 25, 35))],
          {"e15": "i10", "e25": "i20", "e35": "i30"}),
    Story("identical texts at the same time", [*(I(i, 10, end_user="u", input="hi", output="ho") for i in ("x", "y")),
                                               E("e", end_user="u", input="hi", output="ho")], {"e": "y"}),
    Story("a text beats the nearer one", [I("i1", 10, end_user="u", input="a"), I("i2", 20, end_user="u", input="b"),
                                          E("e", end_user="u", input="a")], {"e": "i1"}),
    Story("input and output are not one another", [I("i", 10, end_user="u", input="a", output="b"),
                                                   E("e", end_user="u", input="b", output="a")], {"e": "no_interaction"}),
    Story("keys do not run together", [I("i", 10, conversation_id="ab", trace_id="c"),
                                       E("e", conversation_id="a", trace_id="bc")], {"e": "no_interaction"}),
    Story("a blank text is no key", [I("i", 10, end_user="u", input="a"), E("e", end_user="u", input=" \t\r\n\v\f")],
          {"e": "i"}),
    Story("an empty text is no key", [I("i", 10, end_user="u", input="a"), E("e", end_user="u", input="", output="")],
          {"e": "i"}),
    Story("a blank text of an interaction agrees with none", [I("i", 10, end_user="u", input=" \n"),
                                                              E("e", end_user="u", input="a")], {"e": "no_interaction"}),
    Story("a completed one without an output agrees with none", [I("i", 10, end_user="u"),
                                                                 E("e", end_user="u", output="a")],
          {"e": "no_interaction"}),
    Story("a completed one without an output", [I("i", 10, end_user="u", input="q"), E("e", end_user="u", input="q")],
          {"e": "i"}),
    # --- ids
    Story("an empty id is none", [I("i", 10, end_user="u"), E("e", end_user="u", interaction_id="", conversation_id="",
                                                             trace_id="")], {"e": "i"}),
    Story("an empty user is nobody", [I("i", 10, end_user=""), E("e", end_user="u")], {"e": "no_interaction"}),
    Story("a conversation of somebody else", [I("i", 10, end_user="u", conversation_id="c"),
                                              E("e", end_user="v", conversation_id="c")], {"e": "i"}),
    Story("ids are not trimmed", [I("i", 10, conversation_id="c "), E("e", conversation_id="c"),
                                  E("f", conversation_id="c ")], {"e": "no_interaction", "f": "i"}),
    Story("an id that is not there", [I("i", 10, end_user="u"), E("e", interaction_id="j", end_user="u")],
          {"e": "no_interaction"}),
    # --- traces
    Story("a trace belongs to all of it", [I("i1", 10, trace_id="t"), E("e", trace_id="t"), I("i3", 300, trace_id="t"),
                                           I("i2", 20, trace_id="t"), I("open", trace_id="t"), I("x", 10, trace_id="s")],
          {"e": ["i1", "i2", "i3"]}),
    Story("a trace and a blank text", [I("i1", 10, trace_id="t"), I("i2", 200, trace_id="t"),
                                       E("e", trace_id="t", input=" ", output="\r\n")], {"e": ["i1", "i2"]}),
    Story("a trace and a text is one", [I("i1", 10, trace_id="t", input="a"), I("i2", 20, trace_id="t", input="a"),
                                        E("e", trace_id="t", input="a")], {"e": "i2"}),
    Story("a trace and a conversation is one", [I("i1", 10, trace_id="t", conversation_id="c"),
                                                I("i2", 20, trace_id="t", conversation_id="c"),
                                                E("e", trace_id="t", conversation_id="c")], {"e": "i2"}),
    Story("a trace of which nothing is done", [I("i", trace_id="t"), E("e", trace_id="t")], {"e": "not_completed"}),
    Story("several events on a trace", [I("i1", 10, trace_id="t"), E("e1", at=5, trace_id="t"), I("i2", 20, trace_id="t"),
                                        E("e2", at=15, trace_id="t"), E("e3", "score", value=1, trace_id="t")],
          {e: ["i1", "i2"] for e in ("e1", "e2", "e3")}),
    # --- why not
    Story("nobody", [E("e", end_user="u")], {"e": "no_interaction"}),
    Story("not completed", [I("i", conversation_id="c"), E("e", conversation_id="c")], {"e": "not_completed"}),
    Story("not completed, by id", [I("i"), E("e", interaction_id="i")], {"e": "not_completed"}),
    Story("not completed: any output may still come", [I("i", end_user="u", input="q"),
                                                       E("e", end_user="u", input="q", output="a")],
          {"e": "not_completed"}),
    Story("not completed: a blank output is none yet", [I("i", end_user="u", output=" \r\n"),
                                                        E("e", end_user="u", output="a")], {"e": "not_completed"}),
    Story("not completed, with another output so far", [I("i", end_user="u", output="b"),
                                                        E("e", end_user="u", output="a")], {"e": "no_interaction"}),
    Story("not completed, with this output so far", [I("i", end_user="u", output="a"),
                                                     E("e", end_user="u", output="a")], {"e": "not_completed"}),
    Story("not completed, and another input", [I("i", end_user="u", input="p"), E("e", end_user="u", input="q")],
          {"e": "no_interaction"}),
    Story("too early", [I("i", 200, end_user="u"), E("e", end_user="u")], {"e": "too_early"}),
    Story("too early goes after not completed", [I("i", 200, end_user="u"), I("j", end_user="u"), E("e", end_user="u")],
          {"e": "too_early"}),
    Story("only the open one agrees", [I("i", 200, end_user="u", output="b"), I("j", end_user="u"),
                                       E("e", end_user="u", output="a")], {"e": "not_completed"}),
    Story("one waits, one does not", [I("i1", 10, end_user="u"), I("i2", end_user="u"), E("e", end_user="u")],
          {"e": "i1"}),
]


@pytest.fixture(scope="module")
def told(make_story):
    return play(make_story(), STORIES)


@pytest.mark.parametrize("order", ORDERS)
@pytest.mark.parametrize("story", STORIES, ids=str)
def test_story(told, story, order):
    assert told.found(tenant(story, order)) == story.expect


@pytest.mark.parametrize("order", ORDERS)
@pytest.mark.parametrize("mask", MASKS, ids=" ".join)
def test_resolution(told, mask, order):
    rows = told.joined(tenant(mask_story(mask), order))
    assert {r["resolution"] for r in rows} == {MASKS[mask]}


def test_nothing_was_rejected(told):
    assert told.rejected() == {}


def test_pending_and_joined_say_the_same(told):
    waiting = {(r["tenant"], r["event_id"]) for r in told.joined() if r["status"] == "pending"}
    assert waiting == {(r["tenant"], r["event_id"]) for r in told.pending()}


def test_tolerance(make_world):
    """A clock that may go wrong by five seconds."""
    world = make_world(resolve__clock__tolerance__ms=5000)
    story = Story("tolerance", [I("i1", 104.999999, end_user="u"), I("i2", 105, end_user="u"), E("e", end_user="u"),
                                I("i3", 105, end_user="v"), E("f", end_user="v"), E("g", at=100.000001, end_user="v"),
                                E("h", conversation_id="c"), I("i4", 103, conversation_id="c")],
                  {"e": "i1", "f": "too_early", "g": "i3", "h": "i4"})
    play(world, [story])
    for order in ORDERS:
        assert world.found(tenant(story, order)) == story.expect, order


def test_a_big_fan_out(world):
    """A trace of a thousand interactions, before and after its events."""
    half = [I(f"i{n:04}", n, trace_id="t", end_user="u") for n in range(1000)]
    for message in half[::2]:
        world.send(message)
    for n in range(5):
        world.send(E(f"e{n}", at=n, trace_id="t"))
    world.run()
    for message in half[1::2]:
        world.send(message)
    world.run()
    want = [f"i{n:04}" for n in range(1000)]
    assert world.found() == {f"e{n}": want for n in range(5)}
