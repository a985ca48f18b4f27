"""Topics: a backlog that is generated and published once, and read by all rounds."""

import zlib
from collections import Counter
from dataclasses import dataclass, field
from itertools import count

import wire
from confluent_kafka import Producer

from servers import PARTITIONS, Failure
from story import encode_event, encode_interaction, framed


@dataclass
class Topic:
    """What was published, and what must come of it."""

    name: str
    count: int = 0
    bytes: int = 0
    now: Counter = field(default_factory=Counter)  # events by how they are resolved while the late interactions are not there
    then: Counter = field(default_factory=Counter)  # and once they are
    rejected: Counter = field(default_factory=Counter)  # messages that can never be stored, by reason
    last: dict = field(default_factory=dict)  # the last event of each partition: (tenant, event_id)

    def expect(self, event):
        if event.how:
            self.now[None if event.late else event.how] += 1
            self.then[event.how] += 1


class Publisher:
    """One of a run: librdkafka's queue is what keeps Python from waiting for the broker."""

    def __init__(self, servers):
        self.failed = 0
        self.producer = Producer({"bootstrap.servers": servers.brokers, "linger.ms": 100, "batch.size": 1_000_000,
                                  "batch.num.messages": 10_000, "message.max.bytes": 4 << 20,
                                  "queue.buffering.max.messages": 200_000})

    def __enter__(self):
        return self

    def __exit__(self, *why):
        if self.producer.flush(120) or self.failed:
            raise Failure("Kafka did not take all messages")

    def send(self, topic, key, micros, value):
        """By its key into a partition, which is returned."""
        partition = zlib.crc32(key.encode()) % PARTITIONS
        topic.count += 1
        topic.bytes += len(value)
        while True:
            try:
                self.producer.produce(topic.name, value, key, partition, timestamp=micros // 1000, on_delivery=self.delivered)
                break
            except BufferError:
                self.producer.poll(0.1)
        if topic.count % 1000 == 0:
            self.producer.poll(0)
        return partition

    def delivered(self, error, message):
        self.failed += error is not None

    def interaction(self, topic, record):
        self.send(topic, record["end_user"], record["ended_at"], framed("interactions", encode_interaction(record)))

    def event(self, topic, event, value=None):
        meta = event.record["metadata"]
        topic.expect(event)
        partition = self.send(topic, meta["end_user"], meta["sent_at"], value or framed("feedback", encode_event(event.record)))
        topic.last[partition] = event.record["tenant"], event.record["event_id"]


# --- variants of the events of a story: functions (publisher, topic, event) ----------------------------------------------

def plain(publisher, topic, event):
    publisher.event(topic, event)


def anonymized(publisher, topic, event):
    record = event.record
    publisher.event(topic, event, framed("feedback", encode_event({**record, "metadata": {**record["metadata"], "anonymize": True}})))


def confluent(registry):
    schema_id = registry.register("feedback-value", wire.OURS["feedback"])
    return lambda publisher, topic, event: publisher.event(topic, event, wire.confluent(schema_id, encode_event(event.record)))


def one_in_a_hundred_bad():
    """After every 99 events one more that can never be stored, of each reason in turn."""
    def bad(record, n):
        meta, feedback = {**record["metadata"], "retracts": None}, dict(slug="comment", text="a comment", value=None, weight=None)
        nowhere = dict.fromkeys(("end_user", "interaction_id", "conversation_id", "trace_id"))
        whole = {**record, "event_id": f"bad-{n}", "feedback": feedback, "metadata": meta}
        return [
            ("undecodable", lambda: framed("feedback", encode_event(whole))[:-3]),
            ("undecodable", lambda: b"{}"),
            ("missing_target", lambda: framed("feedback", encode_event({**whole, "metadata": {**meta, **nowhere}}))),
            ("missing_field", lambda: framed("feedback", encode_event({**whole, "feedback": {**feedback, "text": None}}))),
            ("value_out_of_range", lambda: framed("feedback", encode_event(
                {**whole, "feedback": {**feedback, "slug": "rating", "value": 6}}))),
            ("bad_attributes", lambda: framed("feedback", encode_event({**whole, "metadata": {**meta, "attributes": "[1]"}}))),
        ][n % 6]

    number = count(1)

    def publish(publisher, topic, event):
        publisher.event(topic, event)
        n = next(number)
        if n % 99 == 0:
            reason, value = bad(event.record, n // 99)
            meta = event.record["metadata"]
            publisher.send(topic, meta["end_user"], meta["sent_at"], value())
            topic.rejected[reason] += 1

    return publish
