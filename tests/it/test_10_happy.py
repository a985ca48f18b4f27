"""From nothing to a joined row: what everybody sees on the first day."""

import signal
import time

import pytest

from world import E, I, dump, t

# slug, its fields: what feedback_joined says of them, for an interaction with input "the question", output "an answer"
SLUGS = {
    "thumbs_up": ({}, {}),
    "thumbs_down": ({"text": "wrong"}, {}),
    "neutral": ({}, {}),
    "rating": ({"value": 5, "text": "fine"}, {}),
    "score": ({"value": -10, "weight": 0.25}, {}),
    "comment": ({"text": "thank you"}, {}),
    "copy_input": ({"text": "question"}, {"kind": "implicit", "copied_from": 5, "copied_share": 8 / 12}),
    "copy_output": ({"text": "an answer"}, {"kind": "implicit", "copied_from": 1, "copied_share": 1.0}),
    "paste": ({"text": "elsewhere"}, {"kind": "implicit"}),
    "clear": ({}, {}),
}

COLUMNS = {
    "feedback_joined": """tenant text, event_id text, slug text, kind text, text text, value integer, weight double precision,
        end_user text, source text, occurred_at timestamp with time zone, received_at timestamp with time zone, status text,
        resolution text, retracted boolean, repaired boolean, attributes jsonb, interaction_id text, conversation_id text,
        trace_id text, input text, output text, started_at timestamp with time zone, ended_at timestamp with time zone,
        interaction_attributes jsonb, copied_from integer, copied_share double precision,
        pii jsonb, pii_version text""",
    "pending_feedback": """tenant text, event_id text, slug text, end_user text, occurred_at timestamp with time zone,
        received_at timestamp with time zone, why text""",
    "rejected": """topic text, partition integer, "offset" bigint, record_time timestamp with time zone, reason text,
        detail text, tenant text, event_id text, rejected_at timestamp with time zone""",
}

ANSWER = dict(end_user="ann", conversation_id="chat", trace_id="trace", input="the question", output="an answer")


@pytest.fixture(scope="module")
def first_day(make_story):
    world = make_story()
    world.send(I("answer", 20, started_at=t(10), attributes='{"model": "m1", "n": [1, 2.50]}', **ANSWER))
    for slug, (fields, _) in SLUGS.items():
        world.send(E(slug, slug, at=30, end_user="ann", **fields))
    world.send(E("full", "score", at=31, value=10, weight=0.5, text="all there is", end_user="bob", conversation_id="chat",
                 trace_id="trace", input=" the question\r\n", output="an answer", sent_at=t(32), source="platform",
                 attributes='{"_user": "u", "deep": {"a": [true, null]}}'))
    world.send(E("waiting", "comment", at=5, text="first!", end_user="ann"))
    world.run()
    return world


@pytest.mark.parametrize("view", COLUMNS)
def test_columns(first_day, view):
    have = first_day.rows("""select attname as name, format_type(atttypid, atttypmod) as type from pg_attribute
                             where attrelid = ('{s}.' || %s)::regclass and attnum > 0 and not attisdropped order by attnum""", view)
    want = [tuple(c.replace('"', "").split(None, 1)) for c in COLUMNS[view].split(",")]
    assert [(r["name"], r["type"]) for r in have][:len(want) if view == "rejected" else None] == want


@pytest.mark.parametrize("slug", SLUGS)
def test_slug(first_day, slug):
    fields, seen = SLUGS[slug]
    [row] = first_day.joined(event_id=slug)
    want = {"slug": slug, "kind": "explicit", "text": None, "value": None, "weight": None, "copied_from": None,
            "copied_share": None, "interaction_id": "answer", "status": "resolved", "resolution": "time", **fields, **seen}
    assert {k: row[k] for k in want} == want


def test_every_column_of_a_joined_row(first_day):
    [row] = first_day.joined(event_id="full")
    assert abs(row.pop("received_at") / 1e6 - time.time()) < 3600
    assert row == dict(
        tenant="default", event_id="full", slug="score", kind="explicit", text="all there is", value=10, weight=0.5,
        end_user="bob", source="platform", occurred_at=t(31), status="resolved", resolution="conversation", retracted=False,
        repaired=False, attributes={"_user": "u", "deep": {"a": [True, None]}}, interaction_id="answer",
        conversation_id="chat", trace_id="trace", input="the question", output="an answer", started_at=t(10),
        ended_at=t(20), interaction_attributes={"model": "m1", "n": [1, 2.5]}, copied_from=None, copied_share=None,
        pii=None, pii_version=None)


def test_a_pending_row(first_day):
    [row] = first_day.joined(event_id="waiting")
    gone = ("resolution interaction_id conversation_id trace_id input output started_at ended_at interaction_attributes "
            "copied_from copied_share attributes value weight").split()
    assert {k: row[k] for k in gone} == dict.fromkeys(gone)
    assert (row["status"], row["end_user"], row["text"], row["retracted"]) == ("pending", "ann", "first!", False)
    [row] = first_day.pending()
    assert row.pop("received_at")
    assert row == dict(tenant="default", event_id="waiting", slug="comment", end_user="ann", occurred_at=t(5), why="too_early")


def test_a_score_weighs_one_and_end_user_comes_from_the_interaction(world):
    world.send(I("answer", 20, **ANSWER))
    world.send(E("score", "score", value=3, interaction_id="answer"))
    world.send(E("nobody", "score", value=3, interaction_id="none"))
    world.run()
    assert [(r["weight"], r["end_user"]) for r in world.joined()] == [(1.0, None), (1.0, "ann")]


def test_nothing_rejected_and_everything_acknowledged(first_day):
    assert first_day.rejected() == {}
    sent = {"interactions": 1, "feedback": len(SLUGS) + 2}
    for kind, n in sent.items():
        assert sum(first_day.committed(kind)) == n


def test_the_same_again_changes_nothing(first_day):
    before = first_day.joined(), first_day.pending()
    first_day.run()
    assert (first_day.joined(), first_day.pending()) == before


def test_empty_topics(world):
    started = time.monotonic()
    world.run()
    assert world.joined() == [] and time.monotonic() - started < 30


def test_tombstones_are_skipped(world):
    world.send(I("answer", 20, **ANSWER))
    for kind in ("interactions", "feedback"):
        world.raw(kind, None, key="answer")
    world.feedback("thumbs_up", "e", interaction_id="answer")
    world.run()
    assert world.found() == {"e": "answer"} and world.rejected() == {}
    assert sum(world.committed("feedback")) == 2 and sum(world.committed("interactions")) == 2


@pytest.mark.parametrize("stop", [signal.SIGTERM, signal.SIGINT])
def test_as_it_happens(world, stop):
    """The pool runs; feedback comes, then its interaction, then more feedback."""
    pool = world.start()
    world.feedback("thumbs_up", "early", end_user="ann")
    world.flush()
    world.wait_for("select count(*) = 1 from {s}.pending_feedback")
    world.send(I("answer", 20, **ANSWER))
    world.flush()
    world.wait_for("select count(*) = 1 from {s}.feedback_joined where interaction_id = 'answer'")
    assert world.pending() == []
    world.feedback("comment", "later", end_user="ann", text="and a word")
    world.flush()
    world.wait_for("select count(*) = 2 from {s}.feedback_joined where interaction_id = 'answer'")
    pool.stop(by=stop)
    assert sum(world.committed("feedback")) == 2 and sum(world.committed("interactions")) == 1


def test_tenants_are_worlds_apart(world):
    for tenant in ("a", "b"):
        world.send(I("same", 10, end_user="ann", output=f"for {tenant}"), tenant=tenant)
        world.send(E("same", "comment", text=f"of {tenant}", end_user="ann"), tenant=tenant)
    world.send(I("only a's", 50, end_user="bob"), tenant="a")
    world.send(E("bob", end_user="bob"), tenant="b")
    world.send(E("gone", "retract", retracts="same"), tenant="b")
    world.run()
    assert world.found("a") == {"same": "same"}
    assert world.found("b") == {"same": "same", "bob": "no_interaction"}
    assert [(r["tenant"], r["text"], r["output"], r["retracted"]) for r in world.joined(event_id="same")] == [
        ("a", "of a", "for a", False), ("b", "of b", "for b", True)]


def test_a_reader_sees_its_own_tenant(world):
    for tenant in ("a", "b"):
        world.send(I("answer", 10, end_user="ann"), tenant=tenant)
        world.send(E("e", end_user="ann"), tenant=tenant)
        world.send(E("waiting", at=1, end_user="ann"), tenant=tenant)
        world.send(E("bad", "rating", value=9, end_user="ann"), tenant=tenant)
    world.run()
    with world.servers.connect(autocommit=False) as db:
        db.execute("set local role afterword_reader")
        db.execute("set local afterword.tenant to 'b'")
        for view in ("feedback_joined", "pending_feedback"):
            seen = db.execute(f'select tenant, event_id from "{world.schema}".{view}').fetchall()
            assert seen and {r["tenant"] for r in seen} == {"b"}, dump(seen)
        with pytest.raises(Exception, match="permission denied|cannot|read-only"):
            db.execute(f'delete from "{world.schema}".feedback')
        db.rollback()


def test_the_worker_needs_no_more_than_its_role(world):
    """Events, copies, rejects, interactions and what they settle, as a member of afterword_writer and of nothing else."""
    with world.role("afterword_writer") as worker:
        for wave in ([E("e", end_user="ann", record_time=5000), E("bad", "rating", value=9, end_user="ann")],
                     [I("answer", 20, **ANSWER), E("e", end_user="ann", record_time=4000), E("back", "retract", retracts="e")],
                     [I("answer", 30, revision=1, **ANSWER)]):
            for message in wave:
                world.send(message)
            world.run(**worker)
        world.command("check", "-o", f"postgres.user={worker['postgres__user']}", "-o", "postgres.password=it")
    [row] = world.joined()
    assert (row["interaction_id"], row["ended_at"], row["retracted"]) == ("answer", t(30), True)
    assert len(world.rejected()) == 1
