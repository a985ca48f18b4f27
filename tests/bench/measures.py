"""What is measured. Each measure sets up once and then plays rounds, each with all of its sides, one after the other."""

import functools
import statistics
from collections import Counter
from itertools import islice

from connect import Connect
from latency import Live
from program import drain, replay
from raw import Copy
from report import Rate, Value
from servers import Failure, Tables
from story import Histories, Story
from topics import Publisher, Topic, anonymized, confluent, one_in_a_hundred_bad, plain


class Bench:
    """What measures share: a story, its events in Kafka in several forms, and tables with its interactions."""

    def __init__(self, args, servers, folder, stack):
        self.args, self.servers, self.folder = args, servers, folder
        self.stack = self.measure = stack  # to close what the whole run needs, and what the measure at hand does
        self.story = self.new_story(args.events, args.interactions)

    def new_story(self, events, interactions):
        return Story(events, interactions, self.args.users, self.args.masks)

    def tables(self, story, stack=None, **options):
        tables = Tables(self.servers, self.folder, story, **{**options, **self.args.option})
        (stack or self.measure).callback(tables.close)
        return tables

    def interactions(self, tables, kind="backlog-interactions", late=False, interactions=None):
        """Publishes those of the story that come in time; or all, the late ones at the end."""
        topic, afterwards = Topic(tables.new_topic(kind)), []
        with Publisher(self.servers) as publisher:
            for record, is_late in interactions or tables.story.interactions():
                if is_late:
                    afterwards.append(record)
                else:
                    publisher.interaction(topic, record)
            for record in afterwards if late else ():
                publisher.interaction(topic, record)
        return topic

    def events(self, tables, kind="backlog", variant=plain, events=None):
        topic = Topic(tables.new_topic(kind))
        with Publisher(self.servers) as publisher:
            for event in events or tables.story.events():
                variant(publisher, topic, event)
        return topic

    @functools.cached_property
    def base(self):
        """Tables with the interactions of the story, and no events."""
        tables = self.tables(self.story, self.stack)
        topic = self.interactions(tables)
        drain(tables, interactions=topic, workers=self.args.workers)
        if tables.count()["interaction"] != topic.count:
            raise Failure("not all interactions were stored")
        return tables

    @functools.cached_property
    def backlog(self):
        return self.events(self.base)

    def store(self, note, side, topic, workers=None, **options):
        """One side: the events of a topic into the base, where there are none."""
        self.base.empty()
        self.base.settle_down()
        result = drain(self.base, events=topic, workers=workers or self.args.workers, **options)
        bad = topic.rejected.total()
        self.base.check(topic.count - bad, topic.now, bad)
        note(side, topic.count, result)


class Measure:
    figures = ()

    def __init__(self, bench):
        self.bench, self.args = bench, bench.args

    def round(self, note):
        raise NotImplementedError


class A(Measure):
    """A backlog of events, the interactions of all but 5 % being there already, and COPY of the same rows."""

    figures = Rate("drain", "COPY", ">= 0.8", ours=False),

    def __init__(self, bench):
        super().__init__(bench)
        self.copy = Copy(bench.base)

    def round(self, note):
        base = self.bench.base
        base.empty()
        before = base.count()
        self.bench.store(note, "drain", self.bench.backlog)
        note("COPY", self.bench.backlog.count, self.copy.run(before, self.args.workers))


class B(Measure):
    """Interactions and events, one to three, in one drain, and COPY of the same rows of all their tables."""

    figures = Rate("drain", "COPY", ">= 0.7", ours=False),

    def __init__(self, bench):
        super().__init__(bench)
        events = self.args.events * 3 // 4
        self.tables = bench.tables(bench.new_story(events, events // 3))
        self.interactions = bench.interactions(self.tables, late=True)
        self.events = bench.events(self.tables)
        self.copy = Copy(self.tables)

    def round(self, note):
        self.tables.empty("interaction", "interaction_key")
        self.tables.settle_down()
        before = self.tables.count()
        result = drain(self.tables, self.interactions, self.events, self.args.workers)
        self.tables.check(self.events.count, self.events.then)
        messages = self.interactions.count + self.events.count
        note("drain", messages, result)
        note("COPY", messages, self.copy.run(before, self.args.workers))


class C(Measure):
    """The same messages, stored unresolved by Kafka Connect with Debezium's JDBC sink."""

    figures = Rate("drain", "Connect", ">= 4", ours=False),

    def __init__(self, bench):
        super().__init__(bench)
        self.topic = bench.events(bench.base, "confluent", confluent(bench.servers.registry))
        self.connect = Connect(bench.base, self.topic, tasks=2)

    def round(self, note):
        self.bench.store(note, "drain", self.topic)
        note("Connect", *self.connect.run())


class D(Measure):
    """Events of a user with all the interactions, and of users with ten."""

    figures = Rate("long", "short", "<= 1.5", inverse=True),

    def __init__(self, bench):
        super().__init__(bench)
        stories = {side: Histories(self.args.events // 4, self.args.interactions, side == "long") for side in ("long", "short")}
        self.tables = bench.tables(stories["long"])
        interactions = bench.interactions(self.tables)
        drain(self.tables, interactions, workers=self.args.workers)
        self.topics = {}
        for side, story in stories.items():
            self.topics[side] = bench.events(self.tables, side, events=story.events())

    def round(self, note):
        for side, topic in self.topics.items():
            self.tables.empty()
            self.tables.settle_down()
            result = drain(self.tables, events=topic, workers=self.args.workers)
            self.tables.check(topic.count, topic.now)
            note(side, topic.count, result)


class E(Measure):
    """Events into a large `feedback`, and into a small one. Both grow from round to round, without a checkpoint in between: one before
    each drain would have it log every page of the indexes as a whole, which in a long run comes once in many events."""

    figures = Rate("large", "small", ">= 0.8"),

    def __init__(self, bench):
        super().__init__(bench)
        n, self.small, self.large = self.args.events, bench.base, bench.tables(bench.story)
        events = bench.story.events()
        topic = bench.events(self.small, "half", events=islice(events, n // 2))
        self.slices = iter([bench.events(self.small, f"slice-{k}", events=islice(events, n // 2 // self.args.rounds))
                            for k in range(self.args.rounds)])
        self.small.empty()
        self.large.like(self.small)
        for tables in (self.small, self.large):
            drain(tables, events=topic, workers=self.args.workers)
        self.large.fill(self.args.rows)
        self.large.settle_down()

    def round(self, note):
        topic = next(self.slices)
        for side, tables in (("small", self.small), ("large", self.large)):
            there = tables.count()["feedback"]
            note(side, topic.count, {"there": there, **drain(tables, events=topic, workers=self.args.workers)})
        seen = self.small.resolved(topic)
        if seen != self.large.resolved(topic) or sum(all for all, _ in seen.values()) != topic.count:
            raise Failure("not every event is stored, or not everywhere the same")


class F(Measure):
    """Late interactions under many events, and under five times as many. A touched row is an interaction stored or an event settled;
    the reference are the events of the same days when they were stored. As in E there is no checkpoint in between."""

    figures = Rate("late, large", "events", ">= 1"), Rate("late, large", "late, small", "flat")

    def __init__(self, bench):
        super().__init__(bench)
        n = self.args.events // 2
        story = bench.new_story(n, n)
        self.small, self.large, self.other = (bench.tables(story) for _ in range(3))
        events, interactions = story.events(), story.interactions()
        self.slices = [(bench.events(self.other, f"events-{k}", events=islice(events, -(-n // self.args.rounds))),
                        bench.interactions(self.small, f"late-{k}", True, islice(interactions, -(-n // self.args.rounds))))
                       for k in range(self.args.rounds)]
        self.todo = iter(self.slices)
        self.large.like(self.small)
        for tables in (self.small, self.large):
            for topic, _ in self.slices:
                drain(tables, events=topic, workers=self.args.workers)
        self.large.fill(5 * n)
        self.large.settle_down()

    def round(self, note):
        events, interactions = next(self.todo)
        self.other.empty()
        note("events", events.count, drain(self.other, events=events, workers=self.args.workers))
        for side, tables in (("late, small", self.small), ("late, large", self.large)):
            result = drain(tables, interactions, workers=self.args.workers)
            note(side, interactions.count + result["counts"]["settled"], result)
        if (events, interactions) == self.slices[-1]:
            self.small.check(self.small.story.nevents, sum((topic.then for topic, _ in self.slices), Counter()))
            if any(self.small.resolved(topic) != self.large.resolved(topic) for topic, _ in self.slices):
                raise Failure("not everywhere the same events are settled")


class G(Measure):
    """From publish to visible row, at a quarter of the rate of a drain."""

    figures = Value("live", "p50_ms", ""), Value("live", "p99_ms", "<= 100")
    SECONDS = 20

    def __init__(self, bench):
        super().__init__(bench)
        self.live = Live(bench.base, self.args.workers)
        rates = []
        for _ in range(3):
            bench.store(lambda side, messages, result: rates.append(messages / result["seconds"]), "drain", bench.backlog)
        self.rate = statistics.median(rates) / 4
        self.live.load(min(self.args.events, int(self.rate * self.SECONDS)))

    def round(self, note):
        note("live", len(self.live.messages), self.live.run(self.rate))


class H(Measure):
    """The same events with and without `anonymize`."""

    figures = Rate("on", "off", ">= 0.9"),

    def __init__(self, bench):
        super().__init__(bench)
        self.anonymized = bench.events(bench.base, "anonymized", anonymized)

    def round(self, note):
        self.bench.store(note, "off", self.bench.backlog)
        self.bench.store(note, "on", self.anonymized)


class I(Measure):  # noqa: E742
    """Replay of what is stored already."""

    figures = Rate("replay", "drain", ">= 1"),

    def round(self, note):
        topic = self.bench.backlog
        self.bench.store(note, "drain", topic)
        result = replay(self.bench.base, topic, self.args.workers)
        if result["counts"]["unchanged"] != topic.count:
            raise Failure(f"replay of what is stored found something to do: {dict(result['counts'])}")
        note("replay", topic.count, result)


class Large(Story):
    """Interactions with an output of a megabyte, and events that quote all of it."""

    def interaction(self, i):
        return {**super().interaction(i), "output": f"{i} " + "öx" * 350_000}


class J(Measure):
    """Memory of a process with one worker."""

    figures = (Value("backlog", "rss_mb", "<= 64"), Value("1 MB messages", "rss_mb", "<= 64"),
               Value("backlog", "growth", "1"), Value("1 MB messages", "growth", "1"))
    LIMIT = 4 << 20

    def __init__(self, bench):
        super().__init__(bench)
        self.tables = bench.tables(Large(100, 100, 50, [56]), topic_config={"max.message.bytes": str(self.LIMIT)},
                                   kafka__message__max__bytes=self.LIMIT, limit__copy__chars=self.LIMIT)
        self.interactions = bench.interactions(self.tables, late=True)
        self.events = bench.events(self.tables)

    def round(self, note):
        def peak(side, messages, result):
            # of the second half of the time, over the first
            note(side, messages, {**result, "growth": result["rss_mb"] / result["rss_half_mb"]})

        self.bench.store(peak, "backlog", self.bench.backlog, workers=1)
        self.tables.empty("interaction", "interaction_key")
        self.tables.settle_down()
        result = drain(self.tables, self.interactions, self.events, workers=1)
        self.tables.check(self.events.count, self.events.then)
        peak("1 MB messages", self.interactions.count + self.events.count, result)


class K(Measure):
    """One message in a hundred can never be stored."""

    figures = Rate("1 % bad", "none", ">= 0.9"),

    def __init__(self, bench):
        super().__init__(bench)
        self.bad = bench.events(bench.base, "bad", one_in_a_hundred_bad())

    def round(self, note):
        base = self.bench.base
        self.bench.store(note, "none", self.bench.backlog)
        self.bench.store(note, "1 % bad", self.bad)
        found = dict(base.query("SELECT reason, count(*) FROM {s}.rejected GROUP BY reason").fetchall())
        if found != dict(self.bad.rejected):
            raise Failure(f"rejected are {found}, expected {dict(self.bad.rejected)}")


class L(Measure):
    """More workers, and more processes."""

    figures = tuple(Rate(side, "one worker", ">= 1") for side in ("two workers", "two processes", "four workers"))

    def round(self, note):
        for side, workers, processes in (("one worker", 1, 1), ("two workers", 2, 1), ("two processes", 1, 2), ("four workers", 4, 1)):
            self.bench.store(note, side, self.bench.backlog, workers=workers, processes=processes)
