"""From publish to visible row: a producer at a steady rate, a pool that runs, and a reader that asks for single events."""

import statistics
import threading
import time
import zlib

from confluent_kafka import Producer

from servers import PARTITIONS, Failure
from story import encode_event, framed
from topics import Topic

PROBES = 200  # events a second that the reader asks for
SLOW, SLOW_RATE = 60, 10  # so many first, so many a second: members of a group hear of each other every 3 s
READ = """SELECT event_id FROM {s}.feedback JOIN unnest(%s::text[], %s::text[]) p (t, e) ON tenant = t AND event_id = e"""


class Live:
    """Events of the story, encoded beforehand, without the client's clock: they happened long ago and are sent now."""

    def __init__(self, tables, workers):
        self.tables, self.workers, self.topic = tables, workers, Topic(tables.new_topic("live"))
        self.producer = Producer({"bootstrap.servers": tables.servers.brokers})  # as it is delivered

    def load(self, n):
        """Of the first n events the keys and values."""
        self.messages, self.expected = [], Topic("")
        for event, _ in zip(self.tables.story.events(), range(n)):
            record = {**event.record, "metadata": {**event.record["metadata"], "sent_at": None}}
            key = record["metadata"]["end_user"].encode()
            self.expected.expect(event)
            self.messages.append((record["tenant"], record["event_id"], zlib.crc32(key) % PARTITIONS, key,
                                  framed("feedback", encode_event(record))))

    def run(self, rate):
        """Sends all at that rate. Milliseconds of the others, from each probe's produce() to the answer that has it, by one clock."""
        self.tables.empty()
        pool = self.tables.start(workers=self.workers, topics__feedback=self.topic.name, log__level="warn")
        self.sent, self.took, self.over = {}, {}, False
        reader = threading.Thread(target=self.read)
        reader.start()
        try:
            self.send(self.messages[:SLOW], SLOW_RATE, 1)
            self.wait(10)
            self.took.clear()
            started = time.monotonic()
            self.send(self.messages[SLOW:], rate, max(1, round(rate / PROBES)))
            seconds = time.monotonic() - started
            self.wait(60)
        finally:
            self.over = True
            reader.join()
            pool.stop()
        self.tables.check(len(self.messages), self.expected.now)
        took = statistics.quantiles(self.took.values(), n=100)
        return {"seconds": seconds, "p50_ms": 1000 * took[49], "p99_ms": 1000 * took[98], "max_ms": 1000 * max(self.took.values()),
                "probes": len(self.took)}

    def send(self, messages, rate, every):
        started = time.monotonic()
        for n, (tenant, event_id, partition, key, value) in enumerate(messages):
            while n > (time.monotonic() - started) * rate:
                self.producer.poll(0.001)
            if n % every == 0:
                self.sent[tenant, event_id] = time.monotonic()
            self.producer.produce(self.topic.name, value, key, partition)
        self.producer.flush(10)

    def read(self):
        with self.tables.servers.connect() as db:
            while not self.over:
                waiting = list(self.sent)
                if waiting:
                    rows = db.execute(READ.replace("{s}", self.tables.schema), list(map(list, zip(*waiting)))).fetchall()
                    now, found = time.monotonic(), {row["event_id"] for row in rows}
                    for probe in waiting:
                        if probe[1] in found:
                            self.took[probe] = now - self.sent.pop(probe)
                time.sleep(0.001)

    def wait(self, seconds):
        end = time.monotonic() + seconds
        while self.sent:
            if time.monotonic() > end:
                raise Failure(f"{len(self.sent)} events are not visible after {seconds} s")
            time.sleep(0.01)
