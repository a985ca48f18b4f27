"""A world is delivered: to a real Kafka, in the order and with the accidents that its plan has; then the tables are compared."""

import contextlib
import re
import signal
import time
from collections import Counter

from compare import assert_like_model, stable
from confluent_kafka import KafkaException, TopicPartition
from generate import Rubbish
from model import EVENT, Model, judge, repair, repair_record
from world import World, wait_for

KEY = "the same in every delivery of a world"
QUICK = dict(kafka__heartbeat__interval__ms=100, kafka__session__timeout__ms=6000)  # members come and go all the time
CONFLICT = "event_id_conflict"
SLOW = """
    create function {s}.slow() returns trigger language plpgsql as $$ begin perform pg_sleep(random() * 0.01); return null; end $$;
    create constraint trigger slow after insert or update on {s}.feedback deferrable initially deferred
        for each row execute function {s}.slow();
    create constraint trigger slow after insert or update on {s}.interaction deferrable initially deferred
        for each row execute function {s}.slow()"""


def deliver(servers, folder, made):
    """Every plan of a world; returns what was done, counted. AssertionError where the tables are not what they should be."""
    first, counted = None, Counter(worlds=1)
    for plan in made.plans:
        delivery = Delivery(servers, folder, made, plan)
        try:
            delivery.run()
            seen = delivery.seen()
        finally:
            delivery.world.close()
        first = first or seen
        assert made.conflicts or seen == first, "two deliveries of the same messages differ"
        counted += delivery.counted
    return counted


class Delivery:
    def __init__(self, servers, folder, made, plan):
        self.made, self.plan = made, plan
        self.world = World(servers, folder, partitions=plan.partitions, resolve__key=KEY,
                           resolve__clock__tolerance__ms=made.settings.tolerance_ms,
                           resolve__skew__min__ms=made.settings.skew_min_ms,
                           kafka__partition__assignment__strategy=plan.assignor, **QUICK)
        if plan.slow:
            self.world.db.execute(SLOW.replace("{s}", self.world.schema))
        self.group, self.groups = self.world.name, 0
        self.sent, self.epoch = [], 0  # (number, message, coordinates, epoch): between two epochs all is stored
        self.rows = set()              # that the messages sent so far make
        self.counted = Counter(deliveries=1)

    def run(self):
        for n, step in enumerate(self.plan.steps):
            self.step(step)
            if step.end == "drain":
                self.compare(f"after step {n}")
                self.epoch += 1
        if not self.made.is_plain:
            self.replay()
            self.compare("replayed")

    # --- a step

    def step(self, step):
        before = len(self.rows)
        live = round(len(step.messages) * step.live)
        self.send(step.messages[live:])
        if step.rewind:
            self.counted["times read again from earlier on"] += 1
            self.go_back(step.rewind)
        if step.end == "drain":
            self.drain(step)
            return
        pools = [self.start(options, self.group) for options in step.processes]
        if live:
            self.until_joined(sum(options["workers"] for options in step.processes))
            self.send(step.messages[:live])
        busy = self.until_stored(before + round(step.share * (len(self.rows) - before)))
        if step.end == "kill":
            self.counted.update({"processes killed": len(pools), "kills while a transaction was open": busy})
            for pool in pools:
                pool.kill()
            self.go_back(0)  # the dead stay members until their time is over: others go on where they were
        else:
            self.counted["processes stopped"] += len(pools)
            for pool in pools:
                said = pool.stop(code=None)
                assert said.code in (0, -signal.SIGTERM), said  # which ends it at once where it has not begun yet

    def drain(self, step):
        groups = [self.group]
        if step.twins:
            self.counted["times read by two groups at once"] += 1
            self.go_back(0)
            groups.append(self.group)
        for pool in [self.start(options, g, drain=True) for g in groups for options in step.processes]:
            pool.wait()

    def start(self, options, group, drain=False):
        return self.world.start(drain=drain, kafka__group__id=group, postgres__application_name=self.world.name, **options)

    def send(self, numbers):
        for n in numbers:
            message = self.made.messages[n]
            where = dict(partition=self.plan.where[n] % self.plan.partitions)
            if isinstance(message, Rubbish):
                sent = self.world.raw(message.topic, message.raw, **message.send, **where)
            else:
                sent = self.world.raw(message.topic, self.world.encode(message), record_time=message.record_time,
                                      key=message.send["key"], **where)
            self.sent.append((message, sent, self.epoch))
            self.counted["messages"] += 1
            self.rows.add(self.row_of(n, message))
        self.world.flush()

    def row_of(self, n, message):
        if isinstance(message, Rubbish):
            return message.reason and n
        if judge(message.topic, message.fields, message.record_time, self.made.settings):
            return n
        return message.topic, message.fields["tenant"], message.fields.get("event_id", message.fields.get("interaction_id"))

    def until_joined(self, workers):
        """Until the whole group is there."""
        def joined():
            with contextlib.suppress(KafkaException):  # a coordinator that is still loading
                groups = self.world.servers.admin.list_groups(self.group, timeout=20)
                return groups and groups[0].state == "Stable" and len(groups[0].members) == workers

        wait_for(joined, f"{workers} workers")

    def until_stored(self, rows, patience=3):
        """Until so many rows are there and somebody is at work on more (returns whether); there may be nothing more to do."""
        end = time.monotonic() + patience
        while time.monotonic() < end:
            have, busy = self.world.rows("""
                select (select count(*) from {s}.feedback) + (select count(*) from {s}.interaction)
                    + (select count(*) from {s}.rejected) as have,
                exists (select from pg_stat_activity where application_name = %s and xact_start is not null) as busy
                """, self.world.name)[0].values()
            if have >= rows and (busy or rows == len(self.rows)):
                return busy
        return False

    def go_back(self, share):
        """A new group that goes on where this one is, or before."""
        topics = [TopicPartition(self.world.topics[kind], p) for kind in ("interactions", "feedback")
                  for p in range(self.plan.partitions)]
        at = self.of_group(lambda consumer: consumer.committed(topics, timeout=20))
        self.groups += 1
        self.group = f"{self.world.name}-{self.groups}"
        back = [TopicPartition(p.topic, p.partition, round(max(0, p.offset) * (1 - share))) for p in at]
        self.of_group(lambda consumer: consumer.commit(offsets=back, asynchronous=False))

    def of_group(self, ask):
        """What the broker says of the group; it may be looking for who knows."""
        consumer = self.world.consumer(self.group)

        def answer():
            with contextlib.suppress(KafkaException):
                return ask(consumer)

        try:
            return wait_for(answer, "an answer about the group")
        finally:
            consumer.close()

    # --- the tables

    def kept(self):
        """Of each event id the content that was stored, found out from what was refused: one of those that came first."""
        refused = {at for at, row in self.world.rejected().items() if row["reason"] == CONFLICT}
        contents = {}
        for message, sent, epoch in self.sent:
            if isinstance(message, Rubbish) or message.topic != "feedback" or judge(
                    "feedback", message.fields, message.record_time, self.made.settings):
                continue
            event = repair_record(message.fields, EVENT)[0]
            contents.setdefault((event["tenant"], event["event_id"]), []).append((event, sent.at in refused, epoch))
        kept = {}
        for at, all_of_it in contents.items():
            first = [event for event, _, epoch in all_of_it if epoch == all_of_it[0][2]]
            if all(event == first[0] for event, _, _ in all_of_it):
                kept[at] = first[0]
                continue
            stands = [event for event, gone, _ in all_of_it if not gone]
            assert stands and all(e == stands[0] for e in stands), f"of {at} not one content was stored: {all_of_it}"
            assert stands[0] in first, f"of {at} not what was stored first stays: {all_of_it}"
            kept[at] = stands[0]
        return kept

    def expected(self):
        """The model, told all that was sent, and what must be rejected: {coordinates: (reason, tenant, event_id)}."""
        model, rejected, kept = Model(self.made.settings, self.shown()), {}, self.kept()

        def refused(message):
            if isinstance(message, Rubbish) or message.topic != "feedback":
                return False
            event = repair_record(message.fields, EVENT)[0]
            return event != kept.get((event["tenant"], event["event_id"]))

        for message, sent, _ in sorted(self.sent, key=lambda s: refused(s[0])):
            if isinstance(message, Rubbish):
                if message.reason:
                    rejected[sent.at] = message.reason, None, None
            elif reason := model.take(message.topic, message.fields, message.record_time):
                ids = {"tenant": "default", "event_id": "", **message.fields}
                rejected[sent.at] = reason, repair(ids["tenant"])[0], repair(ids["event_id"])[0]
        return model, rejected

    def shown(self):
        return {(r["tenant"], r["interaction_id"]): r for r in self.world.interactions()}

    def compare(self, when):
        self.counted["comparisons of all tables"] += 1
        model, rejected = self.expected()
        assert_like_model(self.world, model, rejected, f"{when}; {self.made.settings}")
        self.audit()

    def replay(self):
        """Everything once more, which changes nothing."""
        said = self.world.command("replay", "--workers", self.plan.partitions).stdout
        numbers = {what: int(n) for n, what in re.findall(r"(\d+) ([a-z ]+?)(?=,| in )", said.splitlines()[-1])}
        assert numbers["messages read"] == len(self.sent), said
        assert not any(numbers[what] for what in ("new", "changed", "settled", "pending settled")), said
        self.counted["messages replayed"] += len(self.sent)

    def audit(self):
        said = self.world.command("audit", code=None)
        assert said.code == 0, f"audit is not clean: {said}"

    def seen(self):
        """What every delivery of the same messages must have in common."""
        return [stable(self.world.joined()), stable(self.world.pending()), stable(self.world.interactions()), sorted(
            (r["reason"], r["tenant"] or "", r["event_id"] or "", r["record_time"] or -1) for r in self.world.rejected().values())]
