"""
Two workers at the same instant: what one is about to commit the other does not see yet.

Each process here has one side of a story, and is stopped from outside at one point of its work, by a lock on a table or by a
trigger that waits: before it writes, when it has written, when it commits. The other one goes as far as it gets. Then the
first is let go, and whatever the order was, the end is the same.
"""

from dataclasses import dataclass

import pytest

from world import E, I, t

GATE = 0x6166  # the advisory lock at which triggers wait


@dataclass
class Scene:
    before: list  # stored before it begins
    events: list
    interactions: list
    expect: dict


U = dict(end_user="u")

# Events are new: what is missed is missed for ever. (Rows that both sides want make them wait for each other, and hide that.)
NEW_EVENTS = {
    "an interaction appears": Scene([], [E("e", **U)], [I("i", 10, **U)], {"e": "i"}),
    "by id": Scene([], [E("e", interaction_id="i")], [I("i", 10)], {"e": "i"}),
    "by keys that nobody used before": Scene([], [E("e", conversation_id="c", trace_id="t", input="a", output="b")],
                                             [I("i", 10, conversation_id="c", trace_id="t", input="a", output="b")],
                                             {"e": "i"}),
    "a better one appears": Scene([I("old", 5, **U)], [E("e", **U)], [I("new", 10, **U)], {"e": "new"}),
    "a worse one appears": Scene([I("old", 5, **U)], [E("e", **U)], [I("older", 4, **U), I("late", 300, **U)], {"e": "old"}),
    "it is completed": Scene([I("i", **U)], [E("e", **U)], [I("i", 10, revision=1, **U)], {"e": "i"}),
    "it is no longer completed": Scene([I("i", 10, **U)], [E("e", **U)], [I("i", None, revision=1, **U)],
                                       {"e": "not_completed"}),
    "back to an older one": Scene([I("old", 5, **U), I("i", 10, **U)], [E("e", **U)], [I("i", None, revision=1, **U)],
                                  {"e": "old"}),
    "it moves past the event": Scene([I("old", 5, **U), I("i", 10, **U)], [E("e", **U)], [I("i", 200, revision=1, **U)],
                                     {"e": "old"}),
    "it moves before the event": Scene([I("old", 5, **U), I("i", 200, **U)], [E("e", **U)], [I("i", 10, revision=1, **U)],
                                       {"e": "i"}),
    "it changes hands": Scene([I("i", 10, **U)], [E("e", **U), E("f", end_user="v")],
                              [I("i", 10, revision=1, end_user="v")], {"e": "no_interaction", "f": "i"}),
    "a trace": Scene([I("i1", 10, trace_id="t")], [E("e", trace_id="t")], [I("i2", 20, trace_id="t"), I("i3", trace_id="t")],
                     {"e": ["i1", "i2"]}),
    "many at once": Scene([I(f"i{n:02}", n, **U) for n in range(0, 40, 2)], [E(f"e{n:02}", at=n + 0.5, **U) for n in range(40)],
                          [I(f"i{n:02}", n, **U) for n in range(1, 40, 2)], {f"e{n:02}": f"i{n:02}" for n in range(40)}),
}

# Events are stored already when it begins, and there are more.
STORED_EVENTS = {
    "an earlier copy moves the event": Scene(
        [I("i1", 90, **U), E("e", sent_at=t(100), record_time=t(2000) // 1000, **U)],
        [E("e", sent_at=t(100), record_time=t(1100) // 1000, **U)], [I("i2", 1050, **U), I("i3", 1150, **U)], {"e": "i2"}),
    "it was there and the same comes again": Scene([E("e", **U), I("i", 10, **U)], [E("e", **U)], [I("i", 10, **U)],
                                                   {"e": "i"}),
    "it waited": Scene([E("e", **U)], [E("f", at=101, **U)], [I("i", 10, **U)], {"e": "i", "f": "i"}),
}

# Both processes have events: of one id.
COPIES = {
    "a new event": Scene([], [E("e", **U)], [E("e", **U)], {"e": "no_interaction"}),
    "the earlier copy counts": Scene([I("i1", 90, **U), I("i2", 1050, **U)],
                                     [E("e", sent_at=t(100), record_time=t(2000) // 1000, **U)],
                                     [E("e", sent_at=t(100), record_time=t(1100) // 1000, **U)], {"e": "i2"}),
    "both are earlier than what is stored": Scene(
        [I("i1", 90, **U), I("i2", 1050, **U), E("e", sent_at=t(100), record_time=t(3000) // 1000, **U)],
        [E("e", sent_at=t(100), record_time=t(2000) // 1000, **U)],
        [E("e", sent_at=t(100), record_time=t(1100) // 1000, **U)], {"e": "i2"}),
}

# Both processes have interactions.
INTERACTIONS = {
    "two for one event": Scene([E("e", **U)], [I("i1", 10, **U)], [I("i2", 20, **U)], {"e": "i2"}),
    "two for one event, by id": Scene([E("e", **U)], [I("b", 10, **U)], [I("a", 10, **U)], {"e": "b"}),
    "one goes and one comes": Scene([I("i1", 10, **U), E("e", **U)], [I("i1", None, revision=1, **U)], [I("i2", 5, **U)],
                                    {"e": "i2"}),
    "two revisions of a new one": Scene([E("e", **U), E("f", end_user="v")], [I("i", 10, revision=1, **U)],
                                        [I("i", 10, revision=2, end_user="v")], {"e": "no_interaction", "f": "i"}),
    "two revisions": Scene([I("i", 10, **U), E("e", **U), E("f", end_user="v")], [I("i", 300, revision=1, end_user="v")],
                           [I("i", 50, revision=2, **U)], {"e": "i", "f": "no_interaction"}),
    "two changes of one": Scene([I("i", 10, **U), I("j", 20, **U), E("e", **U)], [I("j", None, revision=1, **U)],
                                [I("i", None, revision=1, **U)], {"e": "not_completed"}),
    "of a trace": Scene([E("e", trace_id="t")], [I("i1", 10, trace_id="t")], [I("i2", 10, trace_id="t")], {"e": ["i1", "i2"]}),
}

# Points at which a process is stopped. Triggers: table, what is done to it, when. Locks: table, mode.
TRIGGERS = [(table, "insert or update", when) for table in ("feedback", "interaction") for when in (
    "before it writes", "at its first row", "when it commits")] + [("feedback", "update", "when it commits")]
TRIGGER = {
    "before it writes": "create trigger gate before {what} on {table} for each statement execute function gate()",
    "at its first row": "create trigger gate after {what} on {table} for each row execute function gate()",
    "when it commits": """create constraint trigger gate after {what} on {table} deferrable initially deferred
                          for each row execute function gate()""",
}


class Race:
    """A world in which each process has one topic of its own."""

    KINDS = ("feedback", "feedback2", "interactions", "interactions2", "nothing")

    def __init__(self, world):
        self.world, self.count = world, 0
        self.topics = {kind: f"{world.name}.{kind}" for kind in self.KINDS}
        world.create_topics([t for kind, t in self.topics.items() if kind not in world.topics])
        world.topics.update(self.topics)
        world.db.execute(f"""create function "{world.schema}".gate() returns trigger language plpgsql as
                             $$ begin perform pg_advisory_xact_lock_shared({GATE}); return null; end $$""")
        self.holder = world.servers.connect(autocommit=False)

    def send(self, kind, messages, tenant):
        for m in messages:
            self.world.raw(kind, self.world.encode(m, tenant=tenant), record_time=m.record_time)

    def start(self, kind, **options):
        """A drain of one topic alone, by a group of its own; its sessions can be told by their name."""
        self.count += 1
        topics = {"topics__feedback": self.topics["nothing"], "topics__interactions": self.topics["nothing"],
                  f"topics__{kind.rstrip('2')}": self.topics[kind]}
        pool = self.world.start(drain=True, workers=1, kafka__group__id=f"{self.world.name}.{kind}",
                                postgres__application_name=f"{self.world.name} {self.count}", **topics, **options)
        pool.name = f"{self.world.name} {self.count}"
        return pool

    def blocked(self, pool):
        return self.world.value("""select exists (select from pg_stat_activity where application_name = %s
                                   and cardinality(pg_blocking_pids(pid)) > 0)""", pool.name)

    def as_far_as_it_gets(self, pool):
        self.world.wait_for(lambda: not pool.running or self.blocked(pool), "a process to end, or to wait")

    def tell(self, scenes, first, second, stop):
        """Prepares scenes for the processes `first` and `second`, stops the one that comes first, runs both."""
        name = "/".join(map(str, stop))
        for scene_name, scene in scenes.items():
            tenant = f"{scene_name}/{first}/{name}"
            for m in scene.before:
                self.send(m.topic, [m], tenant)
        for kind in ("interactions", "feedback"):
            self.start(kind).wait()
        for scene_name, scene in scenes.items():
            tenant = f"{scene_name}/{first}/{name}"
            sides = {first: scene.events, second: scene.interactions} if first < second else {
                first: scene.interactions, second: scene.events}
            for kind, messages in sides.items():
                self.send(kind, messages, tenant)
        with self.stopped(stop):
            pools = [self.start(first)]
            self.as_far_as_it_gets(pools[0])
            pools.append(self.start(second))
            self.as_far_as_it_gets(pools[1])
            stopped = [self.blocked(pool) for pool in pools]
        for pool in pools:
            pool.wait()
        for scene_name, scene in scenes.items():
            tenant = f"{scene_name}/{first}/{name}"
            assert self.world.found(tenant) == scene.expect, f"{tenant}, then {second}; stopped: {stopped}"
        return stopped

    def stopped(self, stop):
        return Stop(self, stop)


class Stop:
    """For as long as it lasts nobody gets past this point."""

    def __init__(self, race, stop):
        self.race, self.stop, self.schema = race, stop, race.world.schema

    def __enter__(self):
        if len(self.stop) == 3:
            table, what, when = self.stop
            self.race.world.db.execute(f'set search_path to "{self.schema}"')
            self.race.world.db.execute(TRIGGER[when].format(table=table, what=what))
            self.race.holder.execute(f"select pg_advisory_xact_lock({GATE})")
        else:
            table, mode = self.stop
            self.race.holder.execute(f'lock table "{self.schema}"."{table}" in {mode} mode')

    def __exit__(self, *_):
        self.race.holder.rollback()
        if len(self.stop) == 3:
            # waits for those who are past it
            self.race.world.db.execute(f'drop trigger gate on "{self.schema}".{self.stop[0]}')
            self.race.world.db.execute("reset search_path")


@pytest.fixture(scope="module")
def race(make_story):
    race = Race(make_story(partitions=1))
    yield race
    race.holder.close()


def both(one, other):
    return pytest.mark.parametrize("first, second", [(one, other), (other, one)], ids=[f"{one} first", f"{other} first"])


def stops(*tables):
    return pytest.mark.parametrize("stop", [s for s in TRIGGERS if s[0] in tables], ids=" ".join)


@both("feedback", "interactions")
@stops("feedback", "interaction")
def test_new_events_and_interactions(race, stop, first, second):
    stopped = race.tell(NEW_EVENTS, first, second, stop)
    assert any(stopped) or stop[1] == "update", "the race was not forced"


@both("feedback", "interactions")
@stops("feedback")
def test_stored_events_and_interactions(race, stop, first, second):
    stopped = race.tell(STORED_EVENTS, first, second, stop)
    assert any(stopped), "the race was not forced"


@both("feedback", "interactions")
def test_with_each_table_locked(race, first, second):
    tables = race.world.rows("select relname from pg_class where relnamespace = %s::regnamespace and relkind = 'r' order by 1",
                             race.world.schema)
    stopped = [race.tell(NEW_EVENTS, first, second, (r["relname"], "access exclusive")) for r in tables]
    assert any(map(any, stopped))


@both("feedback", "feedback2")
@stops("feedback")
def test_two_copies_of_an_event(race, stop, first, second):
    race.tell(COPIES, first, second, stop)


@both("interactions", "interactions2")
@stops("feedback", "interaction")
def test_two_interactions(race, stop, first, second):
    race.tell(INTERACTIONS, first, second, stop)


@pytest.mark.parametrize("when", list(TRIGGER))
def test_two_contents_of_one_event(race, when):
    """One of them is stored, the other is refused; never both, never none."""
    tenant = f"two contents {when}"
    for kind, text in (("feedback", "a"), ("feedback2", "b")):
        race.send(kind, [E("e", "comment", text=text, **U)], tenant)
    with race.stopped(("feedback", "insert or update", when)):
        pools = [race.start(kind) for kind in ("feedback", "feedback2")]
        for pool in pools:
            race.as_far_as_it_gets(pool)
    for pool in pools:
        pool.wait()
    [row] = race.world.joined(tenant)
    refused = [r for r in race.world.rejected().values() if r["tenant"] == tenant]
    assert [(r["reason"], r["topic"]) for r in refused] == [
        ("event_id_conflict", race.topics["feedback2" if row["text"] == "a" else "feedback"])]


def test_newcomers(race):
    """
    Four at once: an event that is stopped, an interaction that comes meanwhile, then another event and its interaction. The
    first is let go before the second: who waits must have waited for both.
    """
    world = race.world
    world.db.execute(f"""create function "{world.schema}".tenant_gate() returns trigger language plpgsql as
                         $$ begin perform pg_advisory_xact_lock_shared({GATE}, hashtext(new.tenant)); return null; end $$;
                         create trigger tenant_gate after insert on "{world.schema}".feedback for each row
                         execute function "{world.schema}".tenant_gate()""")
    gates = {tenant: world.servers.connect(autocommit=False) for tenant in ("first", "second")}
    for tenant, gate in gates.items():
        gate.execute(f"select pg_advisory_xact_lock({GATE}, hashtext(%s))", [tenant])
    pools = []
    for kind, message, tenant in (("feedback", E("e", **U), "first"), ("interactions", I("i", 10, **U), "first"),
                                  ("feedback2", E("e", **U), "second"), ("interactions2", I("i", 10, **U), "second")):
        race.send(kind, [message], tenant)
        pools.append(race.start(kind))
        race.as_far_as_it_gets(pools[-1])
    gates["first"].close()
    pools[0].wait()
    waits = """select exists (select from pg_stat_activity a join pg_stat_activity b on b.pid = any (pg_blocking_pids(a.pid))
               where a.application_name = %s and b.application_name = %s)"""
    for pool in (pools[1], pools[3]):
        world.wait_for(lambda: not pool.running or any(
            world.value(waits, pool.name, other.name) for other in pools[1:] if other is not pool), "it to end, or to wait for another")
    gates["second"].close()
    for pool in pools:
        pool.wait()
    world.db.execute(f'drop trigger tenant_gate on "{world.schema}".feedback')
    assert [race.world.found(tenant) for tenant in gates] == [{"e": "i"}] * 2


def test_a_row_that_is_locked(race):
    """The event that is to be settled is locked by a stranger: it waits, and more comes meanwhile."""
    tenant = "a locked row"
    race.send("feedback", [E("e1", **U), E("e2", at=50, **U)], tenant)
    race.start("feedback").wait()
    race.send("interactions", [I("i1", 10, **U)], tenant)
    race.holder.execute(f'select from "{race.world.schema}".feedback where tenant = %s and event_id = %s for update', [tenant, "e1"])
    settling = race.start("interactions")
    race.as_far_as_it_gets(settling)
    assert race.blocked(settling)
    race.send("feedback", [E("e3", at=60, **U), E("e1", record_time=1, **U)], tenant)
    race.send("interactions2", [I("i2", 20, **U)], tenant)
    others = [race.start("feedback"), race.start("interactions2")]
    for pool in others:
        race.as_far_as_it_gets(pool)
    race.holder.rollback()
    for pool in [settling, *others]:
        pool.wait()
    assert race.world.found(tenant) == {"e1": "i2", "e2": "i2", "e3": "i2"}


def test_killed_between_its_commit_and_its_settling(race):
    """An interaction is stored and its worker dies before it looks for events: they are settled when it comes again."""
    tenant = "killed"
    race.send("feedback", [E("e", **U)], tenant)
    race.start("feedback").wait()
    race.send("interactions", [I("i", 10, **U)], tenant)
    with race.stopped(("interaction", "insert", "when it commits")):
        pool = race.start("interactions", kafka__session__timeout__ms=6000, kafka__heartbeat__interval__ms=1000)
        race.as_far_as_it_gets(pool)
        assert race.blocked(pool)
        pool.kill()
    race.world.wait_for(lambda: race.world.value("select count(*) from {s}.interaction where tenant = %s", tenant), "the commit")
    assert race.world.found(tenant) != {"e": "i"}
    race.start("interactions").wait()
    assert race.world.found(tenant) == {"e": "i"}


def test_killed_with_its_events_uncommitted(race):
    """Events of a worker that dies before its commit come again, and meet what was stored meanwhile."""
    tenant = "killed, events"
    race.send("feedback", [E("e", **U), E("f", at=5, **U)], tenant)
    race.send("interactions", [I("i", 10, **U)], tenant)
    with race.stopped(("feedback", "insert", "at its first row")):
        pool = race.start("feedback", kafka__session__timeout__ms=6000, kafka__heartbeat__interval__ms=1000)
        race.as_far_as_it_gets(pool)
        assert race.blocked(pool)
        pool.kill()
        other = race.start("interactions")
        race.as_far_as_it_gets(other)
    other.wait()
    race.start("feedback").wait()
    assert race.world.found(tenant) == {"e": "i", "f": "too_early"}
