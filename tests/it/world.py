"""A world of its own for each test: fresh topics, group and schema; a producer, the program, and readers of its tables."""

import contextlib
import itertools
import json
import os
import signal
import subprocess
import time
import uuid
from dataclasses import dataclass, field
from datetime import date, datetime, timezone
from pathlib import Path

import psycopg
from confluent_kafka import Consumer, KafkaException, Producer, TopicPartition
from confluent_kafka.admin import AdminClient, NewTopic
from psycopg.rows import dict_row

import wire

BINARY = os.path.abspath(os.environ.get("AFTERWORD_BIN", wire.ROOT / "build/afterword"))
BASE = 1_714_521_600_000_000  # 2024-05-01T00:00:00Z
LAST = 253_402_300_799_999_999  # 9999-12-31T23:59:59.999999Z
EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)
REASONS = ("undecodable unknown_schema missing_event_id id_too_long missing_field missing_target value_not_allowed "
           "value_out_of_range text_too_long bad_timestamp bad_attributes event_id_conflict").split()


def t(seconds):
    """A point in time: seconds after the start of the story, as microseconds since 1970."""
    return BASE + round(seconds * 1_000_000)


def micros(value):
    return (value - EPOCH) // (EPOCH.resolution) if isinstance(value, datetime) else value


@dataclass(frozen=True)
class Message:
    """One message to be: its topic, its fields (flat), and how it is sent."""

    topic: str
    fields: dict
    send: dict = field(default_factory=dict)

    @property
    def record_time(self):
        """In milliseconds; None: none. By default when it happened: a client's clock that is right."""
        happened = self.fields.get("timestamp", self.fields.get("ended_at"))
        return self.send.get("record_time", min(max(t(0) if happened is None else happened, 1000), LAST) // 1000)


SEND = "record_time partition key headers framing schema".split()


def I(interaction_id, ended=None, **fields):  # noqa: E743
    """An interaction that ended so many seconds into the story; None: it is not completed."""
    send = {k: fields.pop(k) for k in SEND if k in fields}
    fields = {"end_user": "", "input": "", **fields, "interaction_id": interaction_id}
    if ended is not None:
        fields.setdefault("ended_at", t(ended))
    return Message("interactions", fields, send)


def E(event_id, slug="thumbs_up", at=100, **fields):
    """A feedback event so many seconds into the story."""
    send = {k: fields.pop(k) for k in SEND if k in fields}
    return Message("feedback", {"timestamp": t(at), **fields, "event_id": event_id, "slug": slug}, send)


class Sent:
    """A message under way: its coordinates once it has arrived."""

    partition = offset = None

    def __init__(self, topic, value, key, record_time):
        self.topic, self.value, self.key, self.record_time = topic, value, key, record_time

    def arrived(self, error, message):
        assert error is None, f"Kafka did not take a message: {error}"
        self.partition, self.offset = message.partition(), message.offset()

    @property
    def at(self):
        return self.topic, self.partition, self.offset


@dataclass
class Servers:
    """Where the servers are, and the clients that all worlds share."""

    brokers: str
    registry_url: str
    postgres: dict  # libpq keywords

    def __post_init__(self):
        kafka = {"bootstrap.servers": self.brokers}
        self.admin = AdminClient(kafka)
        self.producer = Producer({**kafka, "message.max.bytes": 20_000_000, "linger.ms": 5,
                                  "queue.buffering.max.messages": 1_000_000, "queue.buffering.max.kbytes": 2_000_000})
        self.registry = wire.Registry(self.registry_url)

    def connect(self, **options):
        return psycopg.connect(**self.postgres, options="-c timezone=UTC", row_factory=dict_row,
                               **{"autocommit": True, **options})


class Failed(AssertionError):
    pass


@dataclass
class Result:
    args: list
    code: int
    stdout: str
    stderr: str

    def __str__(self):
        return f"{' '.join(self.args)}\nexit {self.code}\nstdout: {self.stdout[-3000:]}\nstderr: {self.stderr[-6000:]}"


def check_sane(result):
    """What must never be said, whatever happened."""
    for alarm in ("AddressSanitizer", "LeakSanitizer", "runtime error:", "Assertion"):
        assert alarm not in result.stderr, str(result)
    return result


def clean_env(**extra):
    """The environment without what would configure the program behind the tests' back."""
    return {**{k: v for k, v in os.environ.items() if not k.startswith("AFTERWORD_")}, **extra}


def afterword(*args, code=0, stdin=None, timeout=120, env=None, cwd=None):
    """Runs the program; code: the exit code that is expected (a number, several, None: any)."""
    args = [BINARY, *map(str, args)]
    try:
        done = subprocess.run(args, input=stdin, capture_output=True, timeout=timeout, env=clean_env(**(env or {})),
                              cwd=cwd, encoding="utf-8", errors="surrogateescape")
    except subprocess.TimeoutExpired as late:
        said = (late.stderr or b"").decode(errors="replace")[-6000:]
        raise Failed(f"not done after {timeout} s: {' '.join(args)}\nstderr: {said}") from None
    result = check_sane(Result(args, done.returncode, done.stdout, done.stderr))
    if code is not None and result.code not in (code if isinstance(code, tuple) else (code,)):
        raise Failed(f"exit {code} was expected: {result}")
    return result


def wait_for(condition, what="the condition", timeout=60):
    """Waits until condition() is true; returns what it returned."""
    end = time.monotonic() + timeout
    while True:
        if value := condition():
            return value
        if time.monotonic() > end:
            raise Failed(f"waited {timeout} s for {what}")
        time.sleep(0.02)


class Background:
    """The program in the background."""

    def __init__(self, args, log):
        self.args, self.log = [BINARY, *map(str, args)], log
        with open(log, "w") as err, open(f"{log}.out", "w") as out:
            self.process = subprocess.Popen(self.args, stdout=out, stderr=err, env=clean_env())

    @property
    def pid(self):
        return self.process.pid

    @property
    def running(self):
        return self.process.poll() is None

    def said(self):
        with open(self.log, errors="replace") as f:
            return f.read()

    def result(self):
        """What it wrote on stdout."""
        with open(f"{self.log}.out") as f:
            return f.read()

    def memory(self, what="VmHWM"):
        """Bytes from /proc/PID/status."""
        with open(f"/proc/{self.pid}/status") as f:
            return next(int(line.split()[1]) * 1024 for line in f if line.startswith(what))

    def threads(self):
        """The name of each thread, and what of the kernel it waits in."""
        said = []
        for task in Path(f"/proc/{self.pid}/task").iterdir():
            with contextlib.suppress(OSError):  # it has just ended
                said.append(f"{(task / 'comm').read_text().strip()} ({(task / 'wchan').read_text()})")
        return ", ".join(sorted(said))

    def wait(self, code=0, timeout=120):
        try:
            self.process.wait(timeout)
        except subprocess.TimeoutExpired:
            threads = self.threads()
            self.kill()
            raise Failed(f"not done after {timeout} s: {' '.join(self.args)}\n{self.said()[-6000:]}\nthreads: {threads}") from None
        result = check_sane(Result(self.args, self.process.returncode, "", self.said()))
        if code is not None and result.code != code:
            raise Failed(f"exit {code} was expected: {result}")
        return result

    def stop(self, code=0, timeout=30, by=signal.SIGTERM):
        if self.running:
            self.process.send_signal(by)
        return self.wait(code, timeout)

    def kill(self):
        if self.running:
            self.process.kill()
        self.process.wait()


class World:
    def __init__(self, servers, folder, partitions=3, topic_config=None, migrate=True, **options):
        self.servers, self.folder = servers, folder
        self.name = f"it-{uuid.uuid4().hex[:10]}"
        self.schema = self.name.replace("-", "_")
        self.partitions = partitions
        self.topics = {kind: f"{self.name}.{kind}" for kind in ("interactions", "feedback", "dlq")}
        self.sent, self.background, self.counter = [], [], itertools.count()
        self.options = {
            "kafka.bootstrap.servers": servers.brokers,
            "kafka.group.id": self.name,
            "registry.url": servers.registry_url,
            "schema": self.schema,
            "dlq.max.consecutive": 0,  # off: tests of bad messages have little else
            "dlq.max.ratio": 0,
            **{f"topics.{kind}": topic for kind, topic in self.topics.items()},
            **{f"postgres.{k}": v for k, v in servers.postgres.items()},
            **{k.replace("__", "."): v for k, v in options.items()},
        }
        self.conf = folder / f"{self.name}.conf"
        self.write_conf()
        self.topic_config = {"retention.ms": "-1", "segment.ms": str(2**63 - 1),
                             "message.timestamp.after.max.ms": str(2**63 - 1), **(topic_config or {})}
        self.create_topics(self.topics.values())
        self.db = servers.connect()
        if migrate:
            self.command("migrate")

    # --- set-up and end

    def write_conf(self):
        self.conf.write_text("".join(f"{k} = {v}\n" for k, v in self.options.items() if v is not None))

    def create_topics(self, topics):
        new = [NewTopic(topic, num_partitions=self.partitions, replication_factor=1, config=self.topic_config)
               for topic in topics]
        for made in self.servers.admin.create_topics(new).values():
            made.result(30)
        wait_for(lambda: all(topic in (known := self.servers.admin.list_topics(timeout=10).topics)
                             and len(known[topic].partitions) == self.partitions for topic in topics), "the topics")

    def close(self):
        for process in self.background:
            process.kill()
        for row in self.rows("select nspname from pg_namespace where starts_with(nspname, %s)", self.name.replace("-", "_")):
            self.db.execute(f'drop schema "{row["nspname"]}" cascade')
        self.db.close()
        self.delete_topics()

    def delete_topics(self):
        for gone in self.servers.admin.delete_topics(list(self.topics.values())).values():
            gone.result(30)

    @contextlib.contextmanager
    def role(self, *memberships):
        """A login role with these and no other rights, as options of run."""
        name = f"{self.schema}_{next(self.counter)}"
        self.db.execute(f"create role {name} login password 'it' " + "".join(f" in role {m}" for m in memberships))
        try:
            yield {"postgres__user": name, "postgres__password": "it"}
        finally:
            for process in self.background:
                process.kill()
            self.db.execute("select pg_terminate_backend(pid) from pg_stat_activity where usename = %s", [name])
            wait_for(lambda: not self.rows("select pid from pg_stat_activity where usename = %s", name), "sessions to end")
            self.db.execute(f"drop owned by {name}; drop role {name}")

    # --- producing

    def feedback(self, slug, event_id=None, at=100, **fields):
        return self.send(E(f"e{next(self.counter)}" if event_id is None else event_id, slug, at, **fields))

    def interaction(self, interaction_id=None, ended=None, **fields):
        return self.send(I(f"i{next(self.counter)}" if interaction_id is None else interaction_id, ended, **fields))

    def send(self, message, **fields):
        """Encodes and sends a message; fields given here are put over its own."""
        how = {k: v for k, v in message.send.items() if k not in ("record_time", "framing", "schema")}
        return self.raw(message.topic, self.encode(message, **fields), record_time=message.record_time, **how)

    def encode(self, message, **fields):
        topic, framing = message.topic, message.send.get("framing", "confluent")
        schema = message.send.get("schema")
        record = wire.nest(topic, {**message.fields, **fields})
        body = wire.encode(wire.parse(schema) if schema else wire.PARSED[topic], record)
        if framing == "confluent":
            # each schema its own subject: whether versions are compatible is not what is tested here
            subject = f"{topic}-value" if schema is None else f"it-{uuid.uuid4().hex}"
            return wire.confluent(self.servers.registry.register(subject, schema or wire.OURS[topic]), body)
        return body if framing == "bare" else wire.single_object(wire.FINGERPRINTS[topic], body)

    def raw(self, kind, value, record_time=t(0) // 1000, partition=None, key=None, headers=None):
        """Sends bytes (None: a tombstone). record_time in milliseconds; None: the record has none."""
        n = next(self.counter)
        sent = Sent(self.topics[kind], value, key, record_time)
        options = {} if headers is None else {"headers": headers}
        stamp = -1 if record_time is None else record_time
        assert stamp != 0, "which would mean: now"
        while True:
            try:
                self.servers.producer.produce(sent.topic, value=value, key=key, timestamp=stamp, on_delivery=sent.arrived,
                                              partition=n % self.partitions if partition is None else partition, **options)
                break
            except BufferError:
                self.servers.producer.poll(1)
        self.servers.producer.poll(0)
        self.sent.append(sent)
        return sent

    def flush(self):
        assert self.servers.producer.flush(120) == 0, "Kafka does not take the messages"

    # --- running

    def command(self, *args, **how):
        return afterword(args[0], "-c", self.conf, *args[1:], **how)

    def pool_args(self, drain, workers, options):
        sets = {"workers": workers, **{k.replace("__", "."): v for k, v in options.items()}}
        return ["run", "-c", self.conf, *(["--drain"] if drain else []),
                *itertools.chain(*(("-o", f"{k}={v}") for k, v in sets.items()))]

    def run(self, drain=True, workers=2, code=0, timeout=120, **options):
        """Runs the pool until it stops by itself. An option's '.' is written '__': batch__max__events=10."""
        self.flush()
        return afterword(*self.pool_args(drain, workers, options), code=code, timeout=timeout)

    def start(self, drain=False, workers=2, **options):
        """The pool in the background."""
        self.flush()
        log = self.folder / f"{self.name}.{len(self.background)}.log"
        self.background.append(Background(self.pool_args(drain, workers, options), log))
        return self.background[-1]

    def wait_for(self, condition, what=None, timeout=60):
        """Waits for a predicate, or for a query on this world's tables ({s} is the schema) whose first value is true."""
        if callable(condition):
            check = condition
        else:
            def check():
                with contextlib.suppress(psycopg.errors.UndefinedTable):
                    return self.value(condition)
        try:
            return wait_for(check, what or condition, timeout)
        except Failed as e:
            said = "\n".join(f"--- {b.log.name}\n{b.said()[-3000:]}" for b in self.background)
            raise Failed(f"{e}\n{said}") from None

    # --- reading

    def rows(self, query, *params):
        """Rows of a query ({s}: the schema), times as microseconds since 1970."""
        found = self.db.execute(query.replace("{s}", f'"{self.schema}"'), params or None).fetchall()
        return [{k: micros(v) for k, v in row.items()} for row in found]

    def value(self, query, *params):
        return next(iter(self.rows(query, *params)[0].values()))

    def joined(self, tenant=None, event_id=None):
        """feedback_joined, or one tenant's or event's part of it."""
        return self.rows("""select * from {s}.feedback_joined where tenant = coalesce(%s, tenant) and event_id = coalesce(%s, event_id)
                            order by tenant collate "C", event_id collate "C", interaction_id collate "C" """, tenant, event_id)

    def pending(self, tenant=None):
        return self.rows("""select * from {s}.pending_feedback where tenant = coalesce(%s, tenant)
                            order by tenant collate "C", event_id collate "C" """, tenant)

    def view(self, name, tenant=None):
        """All of a view with a tenant, or one tenant's part of it; days as days since 1970."""
        rows = self.rows(f"select * from {{s}}.{name} where tenant = coalesce(%s, tenant)", tenant)
        return [{k: (v - EPOCH.date()).days if type(v) is date else v for k, v in row.items()} for row in rows]

    def explain(self, tenant, event_id):
        return self.rows("select * from {s}.explain(%s, %s)", tenant, event_id)

    def interactions(self):
        """The table `interaction` as far as it shows messages."""
        return self.rows("""select tenant, interaction_id, revision, conversation_id, trace_id, end_user, input, output, started_at,
                            ended_at, anonymize, attributes from {s}.interaction""")

    def rejected(self):
        """The table `rejected` by coordinates."""
        return {(r["topic"], r["partition"], r["offset"]): r for r in self.rows("select * from {s}.rejected")}

    def found(self, tenant=None):
        """What most stories ask: by event, the interactions it belongs to, or the word why it is pending."""
        out = {r["event_id"]: r["why"] for r in self.pending(tenant)}
        for r in self.joined(tenant):
            if r["status"] == "resolved":
                out.setdefault(r["event_id"], []).append(r["interaction_id"])
            else:
                out.setdefault(r["event_id"], None)
        return {k: v[0] if isinstance(v, list) and len(v) == 1 else v for k, v in out.items()}

    def consumer(self, group=None):
        return Consumer({"bootstrap.servers": self.servers.brokers, "group.id": group or f"{self.name}-reader",
                         "enable.auto.commit": False, "auto.offset.reset": "earliest"})

    def read(self, kind):
        """Every message of a topic."""
        consumer, messages = self.consumer(), []
        try:
            parts = [TopicPartition(self.topics[kind], p, 0) for p in range(self.partitions)]

            def ends():
                with contextlib.suppress(KafkaException):  # a topic made a moment ago may have no leader yet
                    return [consumer.get_watermark_offsets(p, timeout=10)[1] for p in parts]

            left = sum(wait_for(ends, f"the end of {kind}"))
            consumer.assign(parts)
            while left > 0:
                message = consumer.poll(10)
                assert message is not None, f"{left} messages of {kind} did not come"
                assert message.error() is None, message.error()
                messages.append(message)
                left -= 1
        finally:
            consumer.close()
        return messages

    def dlq(self):
        """Dead letters by the coordinates that their headers name: [(message, {header: text}), ...]."""
        letters = {}
        for message in self.read("dlq"):
            head = {k: v.decode() for k, v in message.headers() or [] if k.startswith("afterword.")}
            at = head["afterword.topic"], int(head["afterword.partition"]), int(head["afterword.offset"])
            letters.setdefault(at, []).append((message, head))
        return letters

    def committed(self, kind="feedback", group=None):
        """Offsets that the group has committed, by partition; 0 where none."""
        consumer = self.consumer(group or self.options["kafka.group.id"])
        try:
            parts = [TopicPartition(self.topics[kind], p) for p in range(self.partitions)]
            return [max(0, p.offset) for p in consumer.committed(parts, timeout=20)]
        finally:
            consumer.close()

    def again(self, **options):
        """The same topics read once more from their start, by a group of its own."""
        return self.run(kafka__group__id=f"{self.name}-{next(self.counter)}", **options)


# --- stories in a table ----------------------------------------------------------------------------------------

@dataclass
class Story:
    """Messages and what must come of them, in whatever order they come: each order is a tenant of its own."""

    name: str
    messages: list
    expect: dict  # event_id: interaction_id, list of them, or why it is pending

    def __str__(self):
        return self.name


def chunks(messages, n):
    size = -(-len(messages) // n)
    return [messages[i * size:(i + 1) * size] for i in range(n)]


def only(topic, messages):
    return [m for m in messages if m.topic == topic]


WAVES = 3
ORDERS = {  # messages of each of three waves, with a drain after each
    "at once": lambda m: [m, [], []],
    "events last": lambda m: [only("interactions", m), only("feedback", m), []],
    "events first": lambda m: [only("feedback", m), only("interactions", m), []],
    "as told": lambda m: chunks(m, WAVES),
    "backwards": lambda m: chunks(m[::-1], WAVES),
    "events between": lambda m: [(i := only("interactions", m))[:len(i) // 2], only("feedback", m), i[len(i) // 2:]],
    "events between, backwards":
        lambda m: [(i := only("interactions", m)[::-1])[:len(i) // 2], only("feedback", m), i[len(i) // 2:]],
}


def tenant(story, order):
    return f"{story.name} / {order}"


def play(world, stories, **options):
    """Tells every story in every order, all of them in three drains."""
    for wave in range(WAVES):
        for story in stories:
            for order, waves in ORDERS.items():
                for message in waves(story.messages)[wave]:
                    world.send(message, tenant=tenant(story, order))
        world.run(**options)
    return world


def dump(rows):
    """Rows as text, for a failure that can be read."""
    return "\n".join(json.dumps(r, default=str, ensure_ascii=False, sort_keys=True) for r in rows)
