"""Interactions sent again: what they touch is settled again, both ways, in every order of the messages."""

import pytest

from world import ORDERS, E, I, Story, play, t, tenant

E_U = E("e", end_user="u")  # at 100
OLD = I("old", 5, end_user="u")

STORIES = [
    Story("completed later", [I("i", end_user="u"), E_U, I("i", 10, revision=1, end_user="u")], {"e": "i"}),
    Story("completed later in the same revision", [I("i", end_user="u"), E_U, I("i", 10, end_user="u")], {"e": "i"}),
    Story("of one revision the last to end", [I("i", 10, end_user="u"), I("j", 15, end_user="u"), E_U,
                                              I("i", 20, end_user="u")], {"e": "i"}),
    Story("no longer completed", [I("i", 10, end_user="u"), E_U, I("i", None, revision=1, end_user="u")],
          {"e": "not_completed"}),
    Story("no longer completed, an older one is", [OLD, I("i", 10, end_user="u"), E_U,
                                                   I("i", None, revision=1, end_user="u")], {"e": "old"}),
    Story("completed, not, completed", [I("i", 10, end_user="u"), I("i", None, revision=1, end_user="u"), E_U,
                                        I("i", 12, revision=2, end_user="u")], {"e": "i"}),
    Story("ended later than thought", [OLD, I("i", 10, end_user="u"), E_U, I("i", 150, revision=1, end_user="u")],
          {"e": "old"}),
    Story("ended earlier than thought", [OLD, I("i", 150, end_user="u"), E_U, I("i", 10, revision=1, end_user="u")],
          {"e": "i"}),
    Story("overtaken by moving back", [I("a", 20, end_user="u"), I("b", 30, end_user="u"), E_U,
                                       I("b", 10, revision=1, end_user="u")], {"e": "a"}),
    Story("ended earlier, and nothing is left", [I("i", 10, end_user="u"), E("e", at=20, end_user="u"),
                                                 I("i", 20, revision=1, end_user="u")], {"e": "too_early"}),
    Story("another user", [I("i", 10, end_user="u"), E_U, E("f", end_user="v"),
                           I("i", 10, revision=1, end_user="v")], {"e": "no_interaction", "f": "i"}),
    Story("no user any more", [I("i", 10, end_user="u"), E_U, I("i", 10, revision=1, end_user="")],
          {"e": "no_interaction"}),
    Story("another conversation", [I("i", 10, conversation_id="c"), E("e", conversation_id="c"), E("f", conversation_id="d"),
                                   I("i", 10, revision=1, conversation_id="d")], {"e": "no_interaction", "f": "i"}),
    Story("another input", [I("i", 10, end_user="u", input="a"), E("e", end_user="u", input="a"),
                            E("f", end_user="u", input="b"), I("i", 10, revision=1, end_user="u", input="b")],
          {"e": "no_interaction", "f": "i"}),
    Story("an output at last", [I("i", end_user="u"), E("e", end_user="u", output="a"),
                                I("i", 10, revision=1, end_user="u", output="a")], {"e": "i"}),
    Story("an output at last, another one", [I("i", end_user="u"), E("e", end_user="u", output="a"),
                                             I("i", 10, revision=1, end_user="u", output="b")], {"e": "no_interaction"}),
    Story("moved to another trace", [I("i", 10, trace_id="t"), I("j", 20, trace_id="t"), E("e", trace_id="t"),
                                     E("f", trace_id="s"), I("i", 10, revision=1, trace_id="s")], {"e": "j", "f": "i"}),
    Story("left the trace alone", [I("i", 10, trace_id="t"), E("e", trace_id="t"), I("i", 10, revision=1)],
          {"e": "no_interaction"}),
    Story("left the trace unfinished", [I("i", 10, trace_id="t"), I("j", 20, trace_id="t"), E("e", trace_id="t"),
                                        I("i", None, revision=1, trace_id="t")], {"e": "j"}),
    Story("into the trace", [I("i", 10), I("j", 20, trace_id="t"), E("e", trace_id="t"),
                             I("i", 10, revision=1, trace_id="t")], {"e": ["i", "j"]}),
    Story("changed, but not what matters", [I("i", 10, end_user="u", input="a"), E_U,
                                            I("i", 10, revision=1, end_user="u", input="b")], {"e": "i"}),
    Story("an older revision says nothing", [I("i", 10, revision=5, end_user="u"), E_U,
                                             I("i", 90, revision=4, end_user="v")], {"e": "i"}),
    Story("revisions below zero", [I("i", 10, revision=-2, end_user="v"), E_U, I("i", 10, revision=-1, end_user="u")],
          {"e": "i"}),
    Story("the greatest revision there is", [I("i", 10, revision=2**63 - 1, end_user="u"), E_U,
                                             I("i", 90, revision=-2**63, end_user="v")], {"e": "i"}),
    Story("the same again", [I("i", 10, end_user="u"), E_U, I("i", 10, end_user="u")], {"e": "i"}),
    Story("by id, no longer completed", [I("i", 10), E("e", interaction_id="i"), I("i", None, revision=1)],
          {"e": "not_completed"}),
    Story("by id, all else changed", [I("i", 10, end_user="u"), E("e", interaction_id="i"),
                                      I("i", 900, revision=1, end_user="v", trace_id="t")], {"e": "i"}),
    Story("two change places", [I("a", 10, end_user="u"), I("b", 20, end_user="u"), E_U,
                                I("a", 20, revision=1, end_user="u"), I("b", 10, revision=1, end_user="u")], {"e": "a"}),
    Story("two change users", [I("a", 10, end_user="u"), I("b", 20, end_user="v"), E_U, E("f", end_user="v"),
                               I("a", 10, revision=1, end_user="v"), I("b", 20, revision=1, end_user="u")],
          {"e": "b", "f": "a"}),
    Story("many events move at once", [I("i", 10, end_user="u"), *(E(f"e{n}", at=20 + n, end_user="u") for n in range(9)),
                                       I("i", 24, revision=1, end_user="u")],
          {f"e{n}": "too_early" if n < 5 else "i" for n in range(9)}),
]


@pytest.fixture(scope="module")
def told(make_story):
    return play(make_story(), STORIES)


@pytest.mark.parametrize("order", ORDERS)
@pytest.mark.parametrize("story", STORIES, ids=str)
def test_story(told, story, order):
    assert told.found(tenant(story, order)) == story.expect


FULL = dict(end_user="u", conversation_id="c", trace_id="t", input="in", output="out", attributes='{"n": 1}')
CHANGES = {  # what the next revision says, and so what the joined row shows
    "texts": dict(FULL, input="in!", output="the out!"),
    "attributes": dict(FULL, attributes='{"n": 2}'),
    "nothing left": dict(end_user="", input=""),
    "started": dict(FULL, started_at=t(1)),
}


def test_the_greatest_is_stored_whole(world):
    """No field of an older revision shines through; the copied share follows."""
    for name, fields in CHANGES.items():
        world.send(I("i", 10, **FULL), tenant=name)
        world.send(E("e", "copy_output", text="out", interaction_id="i"), tenant=name)
    world.run()
    for name, fields in CHANGES.items():
        world.send(I("i", 10, revision=1, **fields), tenant=name)
    world.run()
    for name, fields in CHANGES.items():
        [row] = world.joined(name)
        want = {k: fields.get(k) or None for k in (*FULL, "started_at")}
        at = (want["output"] or "").find("out") + 1
        want.update(interaction_attributes=(a := want.pop("attributes")) and {"n": int(a[-2])},
                    copied_from=at or None, copied_share=at and 3 / len(want["output"]) or None)
        assert {k: row[k] for k in want} == want, name


def test_a_tie_of_contents_ends_the_same(make_world):
    """Same revision, same end, other content: which is kept is not for us to say, but it is the same one each time."""
    kept = []
    for backwards in (False, True):
        world = make_world(resolve__key="k" * 32)
        copies = [I(f"i{n}", 10, input=text) for n in range(8) for text in ("one", "two", "three")]
        for n, message in enumerate(copies[::-1] if backwards else copies):
            world.send(message)
            if n == 11:
                world.run()
        for n in range(8):
            world.send(E(f"e{n}", interaction_id=f"i{n}"))
        world.run()
        kept.append([r["input"] for r in world.joined()])
    assert kept[0] == kept[1] and len(set(kept[0])) > 1
