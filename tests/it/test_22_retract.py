"""Taking feedback back, before or after it came."""

import pytest

from world import ORDERS, E, I, Story, play, tenant

U = I("i", 10, end_user="u")
BACK = E("back", "retract", at=200, retracts="e")


def state(world, tenant_):
    """event: (interaction, retracted, status, listed as pending)"""
    pending = {r["event_id"] for r in world.pending(tenant_)}
    return {r["event_id"]: (r["interaction_id"], r["retracted"], r["event_id"] in pending) for r in world.joined(tenant_)}


# expected, per row of feedback_joined: interaction, retracted, listed as pending
STORIES = [
    Story("resolved", [U, E("e", end_user="u"), BACK], {"e": ("i", True, False)}),
    Story("pending", [E("e", end_user="u"), BACK], {"e": (None, True, False)}),
    Story("resolved later", [E("e", end_user="u"), BACK, U], {"e": ("i", True, False)}),
    Story("nothing to take back", [U, BACK], {}),
    Story("with all that an event can say", [U, E("e", end_user="u"), E("back", "retract", at=1, retracts="e", text="sorry",
                                             end_user="v", interaction_id="i", attributes='{"a": 1}', source="platform")],
          {"e": ("i", True, False)}),
    Story("before it was given", [U, E("e", at=100, end_user="u"), E("back", "retract", at=1, retracts="e")],
          {"e": ("i", True, False)}),
    Story("twice", [U, E("e", end_user="u"), BACK, E("again", "retract", retracts="e")], {"e": ("i", True, False)}),
    Story("a retract cannot be retracted", [U, E("e", end_user="u"), BACK, E("undo", "retract", retracts="back")],
          {"e": ("i", True, False)}),
    Story("a retract of itself", [U, E("e", end_user="u"), E("self", "retract", retracts="self")],
          {"e": ("i", False, False)}),
    Story("one of two", [U, E("e", end_user="u"), E("f", end_user="u"), BACK],
          {"e": ("i", True, False), "f": ("i", False, False)}),
    Story("ids are not trimmed", [U, E("e ", end_user="u"), BACK], {"e ": ("i", False, False)}),
    Story("a clear", [U, E("e", "clear", end_user="u"), BACK], {"e": ("i", True, False)}),
    Story("a trace", [I("i", 10, trace_id="t"), E("e", "copy_output", text="x", trace_id="t"), BACK],
          {"e": ("i", True, False)}),
    Story("with an interaction that changes", [U, E("e", end_user="u"), BACK, I("i", 300, revision=1, end_user="u")],
          {"e": (None, True, False)}),
    Story("an id that had to be repaired", [U, E(b"e\xff", end_user="u"), E("back", "retract", retracts="e\ufffd")],
          {"e\ufffd": ("i", True, False)}),
]


@pytest.fixture(scope="module")
def told(make_story):
    return play(make_story(), STORIES)


@pytest.mark.parametrize("order", ORDERS)
@pytest.mark.parametrize("story", STORIES, ids=str)
def test_story(told, story, order):
    assert state(told, tenant(story, order)) == story.expect


def test_nothing_was_rejected(told):
    assert told.rejected() == {}


def test_only_of_its_own_tenant(world):
    for tenant_ in ("a", "b"):
        world.send(U, tenant=tenant_)
        world.send(E("e", end_user="u"), tenant=tenant_)
    world.send(BACK, tenant="a")
    world.run()
    assert [(r["tenant"], r["retracted"]) for r in world.joined()] == [("a", True), ("b", False)]
