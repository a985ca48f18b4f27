"""The model that the tables are compared with is itself held against every story that is told in words. Needs no server."""

import random

import pytest
import test_20_resolve
import test_21_changes
import test_22_retract
import test_23_copies
import test_24_clocks
import test_25_views
import test_30_text
import test_40_reject

import model
from compare import VIEWS

STORIES = test_20_resolve.STORIES + test_21_changes.STORIES


def told(messages, settings=None):
    m = model.Model(settings or model.Settings())
    for message in messages:
        assert m.take(message.topic, message.fields, message.record_time) is None
    return m


def found(m):
    out = {}
    for row in m.joined():
        out.setdefault(row["event_id"], []).append(row["interaction_id"])
    why = {row["event_id"]: row["why"] for row in m.pending()}
    return {e: why.get(e) or (ids[0] if len(ids) == 1 else sorted(ids, key=str.encode)) for e, ids in out.items()}


@pytest.mark.parametrize("story", STORIES, ids=str)
def test_story(story):
    assert found(told(story.messages)) == found(told(story.messages[::-1])) == story.expect


@pytest.mark.parametrize("mask", test_20_resolve.MASKS, ids=" ".join)
def test_resolution(mask):
    rows = list(told(test_20_resolve.mask_story(mask).messages).joined())
    assert {r["resolution"] for r in rows} == {test_20_resolve.MASKS[mask]}


@pytest.mark.parametrize("story", test_22_retract.STORIES, ids=str)
def test_retract(story):
    m = told(story.messages)
    listed = {r["event_id"] for r in m.pending()}
    assert {r["event_id"]: (r["interaction_id"], r["retracted"], r["event_id"] in listed) for r in m.joined()} == story.expect


@pytest.mark.parametrize("story", test_23_copies.STORIES[:-1], ids=str)
def test_copies(story):
    assert found(told(story.messages)) == story.expect


class Views:
    """What test_25_views.py asks a world for, asked of the model."""

    def __init__(self, m):
        self.rows = {view: list(getattr(m, method)()) for view, method in VIEWS.items()}

    def view(self, name, _tenant):
        return self.rows[name]


VIEW_CASES = [case for case in test_25_views.CASES if case[0] is not test_25_views.explained]


@pytest.mark.parametrize("ask, story", VIEW_CASES, ids=[str(story) for _, story in VIEW_CASES])
def test_views(ask, story):
    want = pytest.approx(story.expect) if ask is test_25_views.scores else story.expect
    assert ask(Views(told(story.messages)), None) == ask(Views(told(story.messages[::-1])), None) == want


@pytest.mark.parametrize("name", test_24_clocks.CLOCKS)
def test_clock(name):
    at, sent, record, want = test_24_clocks.CLOCKS[name]
    event = dict(timestamp=test_24_clocks.t(at), sent_at=None if sent is None else test_24_clocks.t(sent))
    record = None if record is None else test_24_clocks.t(record) // 1000
    assert model.occurred_at(event, record, model.Settings()) == test_24_clocks.t(want)


@pytest.mark.parametrize("reason", test_40_reject.CASES)
def test_reject(reason):
    for name, message in test_40_reject.CASES[reason].items():
        if name == "a number too big":
            continue  # for Python no number is
        assert model.Model().take(message.topic, message.fields, message.record_time) == reason, name


def test_stored_and_pairs():
    for name, message in test_40_reject.STORED.items():
        assert model.Model().take(message.topic, message.fields, message.record_time) is None, name
    for name, (reason, message) in test_40_reject.PAIRS.items():
        assert model.Model().take(message.topic, message.fields, message.record_time) == reason, name


def test_texts():
    for name, (a, b, same) in test_30_text.SAME.items():
        assert (model.match_text(model.repair(a)[0]) == model.match_text(model.repair(b)[0])) == same, name
    for name, (raw, stored, repaired) in test_30_text.STORED.items():
        assert model.repair(raw) == (stored, repaired), name
    for name, (slug, text, input_, output, *want) in test_30_text.COPIED.items():
        texts = {k: model.repair(v or "")[0] for k, v in (("text", text), ("input", input_), ("output", output))}
        assert model.copied({"slug": slug, **texts}, texts) == pytest.approx(tuple(want)), name


def test_repair():
    """Against Python's own replacement, whose runs are shorter: there one U+FFFD for each part of what is one run here."""
    rng, parts = random.Random(1), [b"a", b"\0", "é€😀\ufffd".encode(), b"\xff", b"\x80", b"\xc3", b"\xe2\x82", b"\xf0\x9f\x98", b"\xed\xa0\x80"]
    for _ in range(2000):
        raw = b"".join(rng.choices(parts, k=rng.randrange(1, 9)))
        good, repaired = model.repair(raw)
        assert repaired == (good.encode() != raw) and model.repair(good) == (good, False)
        assert "".join(good.split("\ufffd")) == "".join(raw.decode("utf-8", "replace").replace("\0", "\ufffd").split("\ufffd"))


def test_match_text():
    rng, white = random.Random(1), " \t\n\v\f\r"
    for _ in range(2000):
        m = model.match_text("".join(rng.choices(white + "\u00a0ab", k=rng.randrange(9))))
        assert m is None or m[0] not in white and m[-1] not in white
