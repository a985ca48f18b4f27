"""What data teams ask: current ratings, days, trace scores, what may be remembered, and why an event went where it did."""

import pytest

import wire
from compare import VIEWS, stable
from world import ORDERS, E, I, Story, play, t, tenant

DAY = 86_400
FIRST = t(0) // 1_000_000 // DAY  # the day that stories start on, at midnight
UP, DOWN = "thumbs_up", "thumbs_down"


# --- each view, a line a case: tenants in every order of arrival say the same

U = I("i", 10, end_user="u")
V = [I("i", 10, end_user="u"), I("j", 20, end_user="v")]
TRACE = [I("i", 10, end_user="u", trace_id="t"), I("j", 20, end_user="v", trace_id="t"), I("k", None, trace_id="t")]


def up(event_id, at=100, slug=UP, **fields):
    """About interaction i."""
    return E(event_id, slug, at, interaction_id="i", **fields)


def score(event_id, value, weight=None, **fields):
    return E(event_id, "score", value=value, weight=weight, **{"interaction_id": "i", **fields})


def back(event_id):
    return E(f"back {event_id}", "retract", retracts=event_id)


# (interaction, end user, measure): event
RATINGS = [
    Story("one of each", [U, up("a"), up("b", slug="comment", text="x"), up("c", slug="rating", value=3), score("d", -3)],
          {("i", "u", "thumbs"): "a", ("i", "u", "comment"): "b", ("i", "u", "rating"): "c", ("i", "u", "score"): "d"}),
    Story("a later one replaces", [U, up("b", 100), up("a", 101, slug=DOWN)], {("i", "u", "thumbs"): "a"}),
    Story("also neutral", [U, up("b", 100), up("a", 101, slug="neutral")], {("i", "u", "thumbs"): "a"}),
    Story("by event_id at one time", [U, up("a"), up("b", slug=DOWN)], {("i", "u", "thumbs"): "b"}),
    Story("event_ids by bytes", [U, up("a"), up("B"), up("é", slug=DOWN)], {("i", "u", "thumbs"): "é"}),
    Story("event_ids by bytes, ascii", [U, up("a"), up("B", slug=DOWN)], {("i", "u", "thumbs"): "a"}),
    Story("measures do not replace each other", [U, up("a", 100), up("b", 101, slug="rating", value=1)],
          {("i", "u", "thumbs"): "a", ("i", "u", "rating"): "b"}),
    Story("a clear takes all", [U, up("a"), up("b", slug="comment", text="x"), up("c", slug="rating", value=3), score("d", 1),
                                up("z", 101, slug="clear")], {}),
    Story("an earlier clear takes nothing", [U, up("z", 99, slug="clear"), up("a")], {("i", "u", "thumbs"): "a"}),
    Story("clear, then a comment", [U, up("a"), up("b", slug="comment", text="x"), up("z", 101, slug="clear"),
                                    up("c", 102, slug="comment", text="y")], {("i", "u", "comment"): "c"}),
    Story("a clear at the same time, before by id", [U, up("1", slug="clear"), up("2")], {("i", "u", "thumbs"): "2"}),
    Story("a clear at the same time, after by id", [U, up("2"), up("3", slug="clear")], {}),
    Story("a clear of somebody else", [U, up("a"), up("z", 101, slug="clear", end_user="v")], {("i", "u", "thumbs"): "a"}),
    Story("a clear of another source", [U, up("a"), up("z", 101, slug="clear", source="platform")], {("i", "u", "thumbs"): "a"}),
    Story("retracted", [U, up("a"), up("b", 101, slug=DOWN), back("b")], {("i", "u", "thumbs"): "a"}),
    Story("retracted, the only one", [U, up("a"), back("a")], {}),
    Story("a retracted clear", [U, up("a"), up("z", 101, slug="clear"), back("z")], {("i", "u", "thumbs"): "a"}),
    Story("a retract with an id is no clear", [U, up("a"), E("r", "retract", at=200, retracts="b", interaction_id="i")],
          {("i", "u", "thumbs"): "a"}),
    Story("implicit is no rating", [U, up("a", slug="copy_output", text="x"), up("b", slug="paste", text="x")], {}),
    Story("pending", [U, up("a", end_user="u"), E("b", DOWN, at=5, end_user="u")], {("i", "u", "thumbs"): "a"}),
    Story("two people", [U, up("a"), up("b", end_user="v")], {("i", "u", "thumbs"): "a", ("i", "v", "thumbs"): "b"}),
    Story("the interaction's end user is one of them", [U, up("a", 100), up("b", 101, end_user="u", slug=DOWN)],
          {("i", "u", "thumbs"): "b"}),
    Story("nobody is one", [I("i", 10), up("a", 100), up("b", 101, slug=DOWN)], {("i", None, "thumbs"): "b"}),
    Story("nobody's clear", [I("i", 10), up("a", 100), up("b", 101, slug="clear")], {}),
    Story("two interactions", [*V, up("a"), E("b", interaction_id="j")], {("i", "u", "thumbs"): "a", ("j", "v", "thumbs"): "b"}),
    Story("a trace", [*TRACE, E("a", trace_id="t")], {("i", "u", "thumbs"): "a", ("j", "v", "thumbs"): "a"}),
    Story("a trace and one of it", [*TRACE, E("a", at=100, trace_id="t"),
                                    up("b", 101, slug=DOWN)], {("i", "u", "thumbs"): "b", ("j", "v", "thumbs"): "a"}),
    Story("a trace's clear", [*TRACE, up("a"), E("b", interaction_id="j"), E("z", "clear", at=101, trace_id="t")], {}),
    Story("a retracted event of a trace", [*TRACE, E("a", trace_id="t"), back("a")], {}),
    Story("another tenant's retract has another name", [U, up("a"), back("A")], {("i", "u", "thumbs"): "a"}),
    Story("moves with its interaction", [U, E("a", end_user="u"), I("j", 20, end_user="u")], {("j", "u", "thumbs"): "a"}),
    Story("an interaction that is open again", [U, up("a"), I("i", None, revision=1, end_user="u")], {}),
]

# day after the first: what is not 0 or null
DAYS = [
    Story("nothing", [I("i", None)], {}),
    Story("an interaction", [U, I("j", DAY - 1), I("k", DAY), I("open", None)],
          {0: dict(interactions=2, coverage=0.0), 1: dict(interactions=1, coverage=0.0)}),
    Story("each once", [U, up("a"), up("b", slug=DOWN, end_user="v"), up("c", slug="neutral", end_user="w"),
                        up("d", slug="rating", value=2), up("e", slug="rating", value=5, end_user="v"),
                        up("f", slug="comment", text="x"), up("g", slug="copy_input", text="x"), up("h", slug="copy_output", text="x"),
                        up("p", slug="paste", text="x"), score("s", 9)],
          {0: dict(thumbs_up=1, thumbs_down=1, neutral=1, satisfaction=0.5, ratings=2, rating_average=3.5, comments=1, copies=2,
                   pastes=1, interactions=1, coverage=1.0)}),
    Story("no thumbs: no satisfaction", [U, up("a", slug="neutral")], {0: dict(neutral=1, interactions=1, coverage=1.0)}),
    Story("a third", [U, up("a"), up("b", slug=DOWN, end_user="v"), up("c", slug=DOWN, end_user="w")],
          {0: dict(thumbs_up=1, thumbs_down=2, satisfaction=1 / 3, interactions=1, coverage=1.0)}),
    Story("rows, not people", [*V, up("a", end_user="x"), E("b", interaction_id="j", end_user="x")],
          {0: dict(thumbs_up=2, satisfaction=1.0, interactions=2, coverage=1.0)}),
    Story("the day it occurred", [U, up("a", DAY)], {0: dict(interactions=1, coverage=1.0), 1: dict(thumbs_up=1, satisfaction=1.0)}),
    Story("the last moment", [U, up("a", DAY - 0.000001)], {0: dict(thumbs_up=1, satisfaction=1.0, interactions=1, coverage=1.0)}),
    Story("a day in the north", [I("i", -3600, end_user="u")], {-1: dict(interactions=1, coverage=0.0)}),
    Story("replaced: the day is still one", [U, up("a", DAY), up("b", 2 * DAY, slug=DOWN)],
          {0: dict(interactions=1, coverage=1.0), 1: {}, 2: dict(thumbs_down=1, satisfaction=0.0)}),
    Story("cleared", [U, up("a", DAY), up("b", 2 * DAY, slug="clear")], {0: dict(interactions=1, coverage=0.0), 1: {}, 2: {}}),
    Story("only a score", [U, score("a", 3, at=DAY)], {0: dict(interactions=1, coverage=1.0), 1: {}}),
    Story("retracted makes no day", [U, up("a", DAY), back("a"), up("c", 2 * DAY, slug="paste", text="x"), back("c")],
          {0: dict(interactions=1, coverage=0.0)}),
    Story("a retract makes no day", [U, E("a", "retract", at=DAY, retracts="b", interaction_id="i")],
          {0: dict(interactions=1, coverage=0.0)}),
    Story("platform makes no day", [U, up("a", DAY, source="platform"), up("c", 2 * DAY, slug="paste", text="x", source="platform")],
          {0: dict(interactions=1, coverage=0.0)}),
    Story("pending", [E("a", at=DAY, end_user="u"), E("b", "copy_input", at=2 * DAY, text="x", end_user="u"),
                      E("c", "paste", at=2 * DAY, text="x", end_user="u")], {1: {}, 2: dict(copies=1, pastes=1)}),
    Story("a copy of a trace is one", [*TRACE, E("a", "copy_output", text="x", trace_id="t")],
          {0: dict(copies=1, interactions=2, coverage=0.0)}),
    Story("a thumb of a trace is on each", [*TRACE, E("a", trace_id="t")],
          {0: dict(thumbs_up=2, satisfaction=1.0, interactions=2, coverage=1.0)}),
    Story("half covered, whenever", [*V, I("late", DAY), up("a", 5 * DAY), up("b", 5 * DAY, slug="comment", text="x")],
          {0: dict(interactions=2, coverage=0.5), 1: dict(interactions=1, coverage=0.0),
           5: dict(thumbs_up=1, satisfaction=1.0, comments=1)}),
    Story("implicit covers nothing", [U, up("a", slug="paste", text="x")], {0: dict(pastes=1, interactions=1, coverage=0.0)}),
    Story("the corrected time", [U, up("a", 3 * DAY, sent_at=t(3 * DAY), record_time=t(DAY) // 1000)],
          {0: dict(interactions=1, coverage=1.0), 1: dict(thumbs_up=1, satisfaction=1.0)}),
]

# trace: (score, count)
ONE = I("i", 10, end_user="u", trace_id="t", conversation_id="c")
SCORES = [
    Story("one", [ONE, score("a", 4)], {"t": (4.0, 1)}),
    Story("weights", [ONE, score("a", 10, 0.5), score("b", -2, 0.25), score("c", 1)], {"t": (5.5 / 1.75, 3)}),
    Story("nought is one", [ONE, score("a", 10, 0.0), score("b", 1, 0.5)], {"t": (1.0, 2)}),
    Story("no weight", [ONE, score("a", 10, 0.0), score("b", -5, 0.0)], {"t": (None, 2)}),
    Story("next to no weight", [ONE, score("a", 1, 5e-324)], {"t": (1.0, 1)}),
    Story("too little to divide", [ONE, score("a", 1, 5e-324), score("b", 0), score("c", 0)], {"t": (0.0, 3)}),
    Story("a trace of several is one", [*TRACE, score("a", 4, interaction_id=None, trace_id="t"), score("b", 1)], {"t": (2.5, 2)}),
    Story("found by conversation", [ONE, score("a", 4, interaction_id=None, conversation_id="c")], {"t": (4.0, 1)}),
    Story("found by end user", [ONE, score("a", 4, interaction_id=None, end_user="u")], {"t": (4.0, 1)}),
    Story("repeats count each", [ONE, score("a", 4), score("b", 2, at=200)], {"t": (3.0, 2)}),
    Story("a clear is no score", [ONE, score("a", 4), up("b", 200, slug="clear"), up("c", slug="rating", value=1)], {"t": (4.0, 1)}),
    Story("retracted", [ONE, score("a", 4), score("b", 2), back("a")], {"t": (2.0, 1)}),
    Story("platform", [ONE, score("a", 4), score("b", 2, source="platform")], {"t": (4.0, 1)}),
    Story("no trace", [U, score("a", 4)], {}),
    Story("pending", [score("a", 4, interaction_id=None, trace_id="t"), score("b", 4, interaction_id=None, trace_id="t", end_user="u",
                                                                               input="x")], {}),
    Story("of what is not completed", [I("i", None, trace_id="t"), score("a", 4, interaction_id=None, trace_id="t"), score("b", 4)], {}),
    Story("the trace of its interaction", [ONE, score("a", 4, trace_id="other")], {"t": (4.0, 1)}),
    Story("two traces", [*TRACE, I("x", 30, trace_id="T"), score("a", 4), score("b", 2, interaction_id="x")],
          {"t": (4.0, 1), "T": (2.0, 1)}),
]

# interactions
MEMORY = [
    Story("up", [*V, up("a")], ["i"]),
    Story("down", [U, up("a", slug=DOWN)], []),
    Story("neutral", [U, up("a", slug="neutral")], []),
    Story("a good rating is no thumb", [U, up("a", slug="rating", value=5), score("b", 10), up("c", slug="comment", text="x")], []),
    Story("another's down", [U, up("a"), up("b", slug=DOWN, end_user="v")], []),
    Story("a reviewer's down", [U, up("a"), up("b", slug=DOWN, source="platform")], []),
    Story("a reviewer's up", [U, up("a", source="platform"), up("b", slug="neutral")], ["i"]),
    Story("up, then down", [U, up("a"), up("b", 200, slug=DOWN)], []),
    Story("down, then up", [U, up("a", slug=DOWN), up("b", 200)], ["i"]),
    Story("cleared", [U, up("a"), up("b", 200, slug="clear")], []),
    Story("down, cleared by who said it", [U, up("a"), up("b", slug=DOWN, end_user="v"), up("c", 200, slug="clear", end_user="v")],
          ["i"]),
    Story("retracted", [U, up("a"), back("a")], []),
    Story("the down retracted", [U, up("a"), up("b", 200, slug=DOWN), back("b")], ["i"]),
    Story("a trace", [*TRACE, E("a", trace_id="t"), E("b", DOWN, interaction_id="j", end_user="w")], ["i"]),
    Story("pending", [E("a", end_user="u")], []),
]

# interactions, each with its verdict: the winner first, then the latest
SAME = [I("b", 10, end_user="u", input="x", output="y"), I("a", 10, end_user="u", input="x", output="y"),
        I("late", 100, end_user="u", input="x", output="y"), I("open", None, end_user="u", input="x"),
        I("other", 50, end_user="u", input="X", output="Y"), I("stranger", 50, end_user="v", input="x", output="y")]
LATE, EARLIER = "lost: ended too late for the event", "lost: earlier than the winner"
EXPLAINED = [
    Story("input and output", [*SAME, E("e", end_user="u", input=" x\r\n", output="y")],
          [("b", "won"), ("a", EARLIER), ("late", LATE), ("other", "lost: input differs, output differs"), ("open", "lost: not completed")]),
    Story("time", [I("i", 100, end_user="u"), I("j", 101, end_user="u"), E("e", at=101, end_user="u")], [("i", "won"), ("j", LATE)]),
    Story("its output is to come", [I("i", None, end_user="u"), E("e", end_user="u", output="y")], [("i", "lost: not completed")]),
    Story("its output is another", [I("i", None, end_user="u", output="Y"), E("e", end_user="u", output="y")],
          [("i", "lost: output differs, not completed")]),
    Story("an interaction", [*V, E("e", at=1, interaction_id="i", conversation_id="c", end_user="v")], [("i", "won")]),
    Story("an interaction that is not completed", [I("i", None), E("e", interaction_id="i")], [("i", "lost: not completed")]),
    Story("a trace", [*TRACE, E("e", at=1, trace_id="t")], [("j", "won"), ("i", "won"), ("k", "lost: not completed")]),
    Story("conversation and trace", [I("i", 10, trace_id="t", conversation_id="c"), I("j", 20, trace_id="t"), I("k", 30, conversation_id="c"),
                                     E("e", trace_id="t", conversation_id="c")],
          [("i", "won"), ("k", "lost: trace_id differs"), ("j", "lost: conversation_id differs")]),
    Story("all at once", [I("i", 200, trace_id="T", conversation_id="c"), E("e", trace_id="t", conversation_id="c", input="x", output="y")],
          [("i", "lost: trace_id differs, input differs, output differs, ended too late for the event")]),
    Story("who reacted is no key beside a conversation", [I("i", 10, conversation_id="c", end_user="v"), I("j", 20, end_user="u"),
                                                          E("e", conversation_id="c", end_user="u")], [("i", "won")]),
    Story("none", [E("e", end_user="u")], []),
    Story("a retract", [U, E("e", "retract", retracts="x", end_user="u")], []),
    Story("retracted", [U, E("e", end_user="u"), back("e")], [("i", "won")]),
]


def ratings(world, name):
    return {(r["interaction_id"], r["end_user"], r["measure"]): r["event_id"] for r in world.view("current_rating", name)}


def days(world, name):
    """Counts that are 0 and figures that are null are left out."""
    return {r["day"] - FIRST: {k: v for k, v in r.items() if k not in ("tenant", "day") and v is not None
                               and (v != 0 or isinstance(v, float))} for r in world.view("satisfaction_daily", name)}


def scores(world, name):
    return {r["trace_id"]: (r["score"], r["count"]) for r in world.view("trace_score", name)}


def memory(world, name):
    return sorted(r["interaction_id"] for r in world.view("memory_exchange", name))


def explained(world, name):
    return [(r["interaction_id"], r["verdict"]) for r in world.explain(name, "e")]


ASKED = {ratings: RATINGS, days: DAYS, scores: SCORES, memory: MEMORY, explained: EXPLAINED}
CASES = [(ask, Story(f"{ask.__name__}: {s}", s.messages, s.expect)) for ask, stories in ASKED.items() for s in stories]


@pytest.fixture(scope="module")
def told(make_story):
    world = make_story()
    with world.servers.connect() as db:  # its statistics would come at any time, and change the plans of test_index
        db.execute(f'alter table "{world.schema}".feedback set (autovacuum_enabled = off)')
    return play(world, [story for _, story in CASES])


@pytest.mark.parametrize("ask, story", CASES, ids=[str(story) for _, story in CASES])
def test_case(told, ask, story):
    have = {order: ask(told, tenant(story, order)) for order in ORDERS}
    want = pytest.approx(story.expect) if ask is scores else story.expect
    assert have == {order: want for order in ORDERS}


def test_nothing_was_rejected(told):
    assert told.rejected() == {}


# --- whole rows

COLUMNS = {
    "current_rating": """tenant text, interaction_id text, end_user text, source text, measure text, slug text, value integer,
        weight double precision, text text, event_id text, occurred_at timestamp with time zone""",
    "satisfaction_daily": """tenant text, day date, thumbs_up bigint, thumbs_down bigint, neutral bigint, satisfaction double precision,
        ratings bigint, rating_average double precision, comments bigint, copies bigint, pastes bigint, interactions bigint,
        coverage double precision""",
    "trace_score": "tenant text, trace_id text, score double precision, count bigint",
    "memory_exchange": """tenant text, interaction_id text, conversation_id text, end_user text, input text, output text,
        ended_at timestamp with time zone""",
}
FULL = dict(end_user="u", conversation_id="c", trace_id="t", input="the question", output="an answer")


@pytest.mark.parametrize("view", COLUMNS)
def test_columns(told, view):
    have = told.rows("""select attname as name, format_type(atttypid, atttypmod) as type from pg_attribute
                        where attrelid = ('{s}.' || %s)::regclass and attnum > 0 order by attnum""", view)
    assert [(r["name"], r["type"]) for r in have] == [tuple(c.split(None, 1)) for c in COLUMNS[view].split(",")]


def test_whole_rows(world):
    """Of a later event everything, also what it does not say."""
    world.send(I("i", 10, started_at=t(1), **FULL))
    world.send(up("a", text="so good", attributes='{"a": 1}'))
    world.send(up("b", slug=DOWN, text="so bad", end_user="v", source="platform"))
    world.send(up("c", 101))
    world.send(score("d", 5, text="half", at=30))
    world.send(score("e", -7, 0.25, end_user="v"))
    world.run()
    row = dict(tenant="default", interaction_id="i", end_user="u", source="customer", value=None, weight=None, text=None)
    assert sorted(world.view("current_rating"), key=lambda r: r["event_id"]) == [
        dict(row, measure="thumbs", slug=DOWN, text="so bad", end_user="v", source="platform", event_id="b", occurred_at=t(100)),
        dict(row, measure="thumbs", slug=UP, event_id="c", occurred_at=t(101)),
        dict(row, measure="score", slug="score", value=5, weight=1.0, text="half", event_id="d", occurred_at=t(30)),
        dict(row, measure="score", slug="score", value=-7, weight=0.25, end_user="v", event_id="e", occurred_at=t(100))]
    assert world.view("memory_exchange") == []
    world.send(back("b"))
    world.run()
    remembered = {k: v for k, v in FULL.items() if k != "trace_id"}
    assert world.view("memory_exchange") == [dict(remembered, tenant="default", interaction_id="i", ended_at=t(10))]


def test_days_do_not_depend_on_the_session(told):
    before = told.view("satisfaction_daily")
    try:
        for zone in ("Pacific/Auckland", "America/Los_Angeles"):
            told.db.execute(f"set time zone '{zone}'")
            assert stable(told.view("satisfaction_daily")) == stable(before)
    finally:
        told.db.execute("set time zone 'UTC'")


def test_explain_says_before_when(make_world):
    world = make_world(resolve__clock__tolerance__ms=5000)
    for message in (I("i", 104, end_user="u"), I("j", 105, end_user="u"), E("e", at=100, end_user="u"), E("f", interaction_id="i")):
        world.send(message)
    world.run()
    assert world.found() == {"e": "i", "f": "i"}
    assert world.explain("default", "e") == [
        dict(interaction_id="i", verdict="won", ended_at=t(104), before=t(105), differs=[], completed=True),
        dict(interaction_id="j", verdict=LATE, ended_at=t(105), before=t(105), differs=[], completed=True)]
    assert [r["before"] for r in world.explain("default", "f")] == [None]


# --- rights, cost, upgrades

def test_a_reader_sees_its_own_tenant_and_no_secret(world):
    for name in ("a", "b"):
        for message in (I("i", 10, **FULL), up("e"), score("s", 3)):
            world.send(message, tenant=name)
    world.run()
    for role in ("afterword_reader", "afterword_writer"):
        with world.servers.connect(autocommit=False) as db:
            db.execute(f'set local search_path to "{world.schema}"')
            db.execute(f"set local role {role}")
            for view in VIEWS:
                assert {r["tenant"] for r in db.execute(f"select tenant from {view}")} == {"a", "b"}, (role, view)
            assert db.execute("select verdict from explain('a', 'e')").fetchall() == [{"verdict": "won"}]
    with world.servers.connect() as db:
        db.execute(f'set search_path to "{world.schema}"; set role afterword_reader')
        db.execute("set afterword.tenant to 'b'")
        for view in VIEWS:
            assert {r["tenant"] for r in db.execute(f"select tenant from {view}")} == {"b"}, view
        assert len(db.execute("select from explain('b', 'e')").fetchall()) == 1
        assert db.execute("select from explain('a', 'e')").fetchall() == []
        with pytest.raises(Exception, match="permission denied"):
            db.execute("select * from secret")
        db.execute("set afterword.tenant to ''")
        assert {r["tenant"] for r in db.execute("select tenant from current_rating")} == {"a", "b"}


def scans(plan):
    if "Relation Name" in plan:
        yield plan
    for part in plan.get("Plans", []):
        yield from scans(part)


@pytest.mark.parametrize("role", ["postgres", "afterword_reader"])
@pytest.mark.parametrize("question", [f"{view} where tenant = 'x'" for view in VIEWS] + [
    "current_rating where tenant = 'x' and interaction_id = 'i'", "satisfaction_daily where tenant = 'x' and day > '2024-05-01'",
    "trace_score where tenant = 'x' and trace_id = 't'"])
def test_a_tenant_is_named_to_every_table(told, question, role):
    """A condition on the tenant reaches the tables: nobody pays for the others."""
    with told.servers.connect(autocommit=False) as db:
        db.execute(f'set local search_path to "{told.schema}"')
        if role != "postgres":
            db.execute(f"set local role {role}")
        [plan] = db.execute(f"explain (format json) select * from {question}").fetchone()["QUERY PLAN"]
        found = list(scans(plan["Plan"]))
        assert found
        for scan in found:
            said = " ".join(str(scan.get(k)) for k in ("Index Cond", "Recheck Cond", "Filter"))
            assert "tenant = 'x'" in said or "(tenant = " in said and scan["Node Type"].startswith("Index"), scan


INDEXED = {
    **{f"feedback_attribute_{name}": f"select event_id from feedback where tenant = 'x' and attributes->>'_{name}' = 'y'"
       for name in ("user", "organisation")},
    # of a table of a few pages, where the primary key would do for a tenant
    **{f"feedback_attribute_{name}": f"select event_id from feedback where attributes->>'_{name}' = 'y'" for name in ("prompt", "environment")},
    "feedback_pending": "select * from pending_feedback where tenant = 'x'",
    "feedback_trace": "select * from pending_feedback where tenant = 'x'",
}


@pytest.mark.parametrize("index", INDEXED)
def test_index(told, index):
    """Is used for what it is there for; and events that it is not about are not in it."""
    with told.servers.connect(autocommit=False) as db:
        db.execute(f'set local search_path to "{told.schema}"; set local enable_seqscan to off')
        [plan] = db.execute(f"explain (format json) {INDEXED[index]}").fetchone()["QUERY PLAN"]
        assert f"'Index Name': '{index}'" in str(plan)
    assert told.value("select indpred is not null from pg_index where indexrelid = ('{s}.' || %s)::regclass", index)


def test_an_older_database_comes_forward(make_world):
    """What an older version has stored is there after migrate; a second time there is nothing to do."""
    world = make_world(migrate=False)
    files = sorted((wire.ROOT / "schemas/sql").glob("*.sql"))
    with world.servers.connect(autocommit=False) as db:
        db.execute(f'create schema "{world.schema}"; set local search_path to "{world.schema}"')
        db.execute("create table migration (version integer primary key, name text not null, applied_at timestamptz not null default now())")
        for version, file in enumerate(files[:2], 1):
            db.execute(file.read_text())
            db.execute("insert into migration values (%s, %s)", [version, file.stem])
        db.execute("""insert into interaction (tenant, interaction_id, revision, trace_id, ended_at, anonymize, content_hash)
                      values ('x', 'i', 0, 't', 'epoch', false, gen_random_uuid())""")
        db.execute("""insert into feedback (tenant, event_id, slug, value, source, "timestamp", occurred_at, repaired, anonymize,
                          target_interaction_id, mask, interaction_id, content_hash, topic, partition, "offset")
                      select 'x', slug, slug, value, 'customer', 'epoch', 'epoch', false, false, 'i', 1, 'i', gen_random_uuid(), 'f', 0, 0
                      from (values ('thumbs_up', null), ('score', 3)) s (slug, value)""")
        db.commit()
    first, second = world.command("migrate").stdout, world.command("migrate").stdout
    assert [line.split(":")[0] for line in first.splitlines() if line.endswith("applied")] == [f.stem for f in files[2:]]
    assert second == f'schema "{world.schema}" is at version {len(files)}\n'
    assert {view: len(world.view(view)) for view in VIEWS} == dict(current_rating=2, satisfaction_daily=1, trace_score=1, memory_exchange=1)
    assert [r["verdict"] for r in world.explain("x", "score")] == ["won"]
    world.send(I("j", 10, end_user="u"))
    world.feedback(UP, "e", end_user="u")
    world.run()
    assert world.found("default") == {"e": "j"}
