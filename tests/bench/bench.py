"""
How fast is a backlog drained? The program, from a real broker into a real Postgres with resolving on, next to a raw
binary COPY of the very same final rows into the same tables with the same indexes; in one run, in turns.

    make bench BENCH_ARGS='--events 100000 --rounds 5'        or: AFTERWORD_BIN=build/afterword /usr/bin/python3 tests/bench/bench.py

Of each round, in a schema and a group of its own:

    interactions   are drained first: 95 % of them
    events         the figure: all events are drained; 5 % of them find nothing yet
    late           the other 5 % of the interactions are drained, and settle those events
    COPY           the rows of `feedback` as they are now, from a file for each connection, into an empty copy of the table

A drain is timed from the start of the process to its end. What that costs with nothing to do is measured too ("idle"),
and left in: the figures are those of somebody who stands beside it with a watch. COPY is timed from the first statement
to the last commit; its connections are open before.
At the end of each round every event must be stored, once, and belong to an interaction as the generator expects.

AFTERWORD_BIN names the program; AFTERWORD_KAFKA_BOOTSTRAP_SERVERS and AFTERWORD_POSTGRES_HOST, _PORT, _DBNAME, _USER,
_PASSWORD name the servers, which must not be those of anything else. What is not named is started, and stopped at the end.
"""

import argparse
import contextlib
import io
import json
import os
import shutil
import statistics
import struct
import subprocess
import sys
import tempfile
import threading
import time
import uuid
import warnings
from collections import Counter
from pathlib import Path
from random import Random

import avro.io
import avro.schema
import psycopg
from confluent_kafka import Producer
from confluent_kafka.admin import AdminClient, NewTopic

ROOT = Path(__file__).resolve().parents[2]
BINARY = os.path.abspath(os.environ.get("AFTERWORD_BIN", ROOT / "build/afterword"))
PARTITIONS = 8
BASE = 1_714_521_600_000_000  # 2024-05-01
MONTH = 30 * 86400 * 1_000_000
TENANTS = ["default", "shop", "support-eu", "internal.tools"]


# --- what happened: everything about interaction number i follows from i ---------------------------------------------

INPUTS = ["How do I change the delivery address of order {}?", "Summarise ticket {} in two sentences, please.",
          "Why does my invoice {} have two lines for the same month?", "Write a friendly reminder about appointment {}.",
          "Übersetze Absatz {} ins Englische und behalte die Fachbegriffe bei.", "What does error E{} mean?"]
OUTPUTS = ["Open the order, choose “Change address”, and confirm. Order {} has not been packed yet, so the change is free.",
           "The customer reports that export {} stops at 90 %. A restart of the job helped; the cause is still being looked at.",
           "Both lines of {} belong to the same month because the plan changed on the 12th: each covers its part of it.",
           "Error {} says that the connection was closed before the answer was complete. Try again; if it persists, "
           "check the proxy's idle timeout."]
COMMENTS = ["Exactly what I needed, thanks!", "This misses the point: I asked about the invoice, not about the order itself.",
            "Correct, but far too long for a chat window.", "Bitte mit Quellenangabe, sonst kann ich es nicht verwenden."]

SLUGS = ("thumbs_up thumbs_down neutral rating score comment copy_input copy_output paste clear retract").split()
SLUG_SHARES = [30, 12, 3, 10, 8, 12, 3, 12, 5, 3, 2]

# Which keys an event has, as bits: 1 interaction_id, 2 conversation_id, 4 trace_id, 8 end_user, 16 input, 32 output.
# All 17 combinations, and how many events of 100 have them.
MASK_SHARES = {1: 40, 2: 8, 18: 4, 34: 3, 50: 5, 4: 4, 20: 2, 36: 2, 52: 2, 6: 5, 22: 2, 38: 2, 54: 3, 8: 4, 24: 4, 40: 3, 56: 7}


def resolution(mask):
    named = [(1, "interaction_id"), (2, "conversation"), (4, "trace")]
    texts = {48: "input_output", 16: "input", 32: "output", 0: "time"}
    return next((name for bit, name in named if mask & bit), texts[mask & 48])


def scatter(n, salt=0):
    """A number that looks random, of 64 bits."""
    n = (n + salt * 0x9E3779B97F4A7C15 + 0x9E3779B97F4A7C15) & 0xFFFFFFFFFFFFFFFF
    n = ((n ^ n >> 30) * 0xBF58476D1CE4E5B9) & 0xFFFFFFFFFFFFFFFF
    n = ((n ^ n >> 27) * 0x94D049BB133111EB) & 0xFFFFFFFFFFFFFFFF
    return n ^ n >> 31


class Story:
    """Interactions i = 0, 1, ... in the order of time: a trace has two, a conversation four, a user as many as there are."""

    def __init__(self, args):
        self.events, self.users, self.masks = args.events, args.users, args.masks
        self.interactions = max(8, int(args.events * args.interactions))

    def user(self, i):
        return scatter(i // 4) % self.users

    def is_late(self, i):
        """All that some users did comes late, so that until then their events find nothing by any key."""
        return self.user(i) // len(TENANTS) % 20 == 0

    def end(self, i):
        return BASE + i * MONTH // self.interactions

    def keys(self, i):
        """tenant, interaction_id, conversation_id, trace_id, end_user, input, output"""
        user = self.user(i)
        return (TENANTS[user % len(TENANTS)], f"msg_{scatter(i, 1):016x}", f"{scatter(i // 4, 2):016x}{scatter(i // 4, 3):016x}",
                f"{scatter(i // 2, 4):016x}", f"user-{user}@example.com", INPUTS[i % len(INPUTS)].format(i // 8),
                OUTPUTS[i % len(OUTPUTS)].format(i // 8))

    def all_interactions(self):
        """(record, is it late?)"""
        for i in range(self.interactions):
            tenant, interaction_id, conversation, trace, user, text, answer = self.keys(i)
            yield dict(tenant=tenant, interaction_id=interaction_id, revision=0, conversation_id=conversation, trace_id=trace,
                       end_user=user, input=text, output=answer, started_at=self.end(i) - 4_000_000, ended_at=self.end(i),
                       anonymize=False, attributes='{"model":"m-4"}'), self.is_late(i)

    def all_events(self):
        """(record, how it is resolved in the end or None for a retract, does its interaction come late?)"""
        random = Random(1)
        shares = [MASK_SHARES[m] for m in self.masks]
        slugs = random.choices(SLUGS, SLUG_SHARES, k=self.events)
        masks = random.choices(self.masks, shares, k=self.events)
        last = None
        for n, (slug, mask) in enumerate(zip(slugs, masks)):
            now = n * self.interactions // self.events  # the interaction that has just ended; most events are about recent ones
            i = max(0, now - int(random.expovariate(1 / 2000)))
            tenant, interaction_id, conversation, trace, user, text, answer = self.keys(i)
            at = self.end(now) + 1_000_000 + random.randrange(60_000_000)
            feedback = dict(slug=slug, text=None, value=None, weight=None)
            if slug == "rating":
                feedback["value"] = 1 + n % 5
            elif slug == "score":
                feedback.update(value=n % 21 - 10, weight=0.5 if n & 1 else None)
            elif slug == "comment" or slug == "thumbs_down" and n & 1:
                feedback["text"] = COMMENTS[n % len(COMMENTS)]
            elif slug == "copy_input":
                feedback["text"] = text
            elif slug in ("copy_output", "paste"):
                feedback["text"] = answer[n % 10:]
            retract = slug == "retract"
            record = dict(
                event_id=str(uuid.UUID(int=random.getrandbits(128))), tenant=tenant, feedback=feedback,
                metadata=dict(
                    end_user=user, interaction_id=interaction_id if mask & 1 else None,
                    conversation_id=conversation if mask & 3 else None, trace_id=trace if mask & 4 else None,
                    # a client that names the interaction often sends the texts too
                    input=text if mask & 16 or mask == 1 and n & 1 else None,
                    output=answer if mask & 32 or mask == 1 and n & 1 else None,
                    timestamp=at, sent_at=at + 40_000, anonymize=False, source="platform" if n % 25 == 0 else "customer",
                    retracts=last if retract else None,
                    attributes=f'{{"_environment":"production","app":"web","build":"4.12.{n % 97}","locale":"de-DE"}}'))
            last = record["event_id"]
            yield record, None if retract else resolution(mask), self.is_late(i)


# --- Avro, by hand because python-avro takes 30 times as long; check_encoder() compares ------------------------------

def varint(n):
    n = n << 1 ^ n >> 63
    out = bytearray()
    while n > 127:
        out.append(n & 127 | 128)
        n >>= 7
    out.append(n)
    return bytes(out)


SMALL = [varint(n) for n in range(4096)]


def string(s):
    raw = s.encode()
    return SMALL[len(raw)] + raw


def null_or(encode, value):
    return b"\0" if value is None else b"\2" + encode(value)


def encode_interaction(r):
    return b"".join((
        b"\xc3\x01\xbf\x03\x78\x8e\xec\x0a\x84\x3d", string(r["tenant"]), string(r["interaction_id"]), varint(r["revision"]),
        null_or(string, r["conversation_id"]), null_or(string, r["trace_id"]), string(r["end_user"]), string(r["input"]),
        null_or(string, r["output"]), null_or(varint, r["started_at"]), null_or(varint, r["ended_at"]),
        b"\1" if r["anonymize"] else b"\0", null_or(string, r["attributes"])))


def encode_event(r):
    f, m = r["feedback"], r["metadata"]
    return b"".join((
        b"\xc3\x01\x62\xc1\xd1\xa5\xed\x4f\x30\x65", string(r["event_id"]), string(r["tenant"]), SMALL[SLUGS.index(f["slug"])],
        null_or(string, f["text"]), null_or(varint, f["value"]), null_or(struct.Struct("<d").pack, f["weight"]),
        null_or(string, m["end_user"]), null_or(string, m["interaction_id"]), null_or(string, m["conversation_id"]),
        null_or(string, m["trace_id"]), null_or(string, m["input"]), null_or(string, m["output"]), varint(m["timestamp"]),
        null_or(varint, m["sent_at"]), b"\1" if m["anonymize"] else b"\0", b"\0" if m["source"] == "customer" else b"\2",
        null_or(string, m["retracts"]), null_or(string, m["attributes"])))


def check_encoder(name, encode, records):
    """The first of the records, as python-avro reads what was encoded."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # logical types that it does not know
        schema = avro.schema.parse((ROOT / f"schemas/{name}.avsc").read_text())
    reader = avro.io.DatumReader(schema)
    reader.read_timestamp_micros_from_long = None
    for record in records:
        body = io.BytesIO(encode(record)[10:])
        seen = reader.read_data(schema, schema, avro.io.BinaryDecoder(body))
        seen = json.loads(json.dumps(seen, default=lambda t: round(t.timestamp() * 1_000_000)))
        assert seen == record and not body.read(), f"{name}: {record} was encoded as {seen}"


# --- producing -------------------------------------------------------------------------------------------------------

class Topics:
    """The backlog: three topics of 8 partitions, and empty ones that stand for what a drain shall not read."""

    def __init__(self, env, story):
        kafka = {"bootstrap.servers": env["AFTERWORD_KAFKA_BOOTSTRAP_SERVERS"]}
        self.name = f"bench-{uuid.uuid4().hex[:8]}"
        self.admin = AdminClient(kafka)
        self.producer = Producer({**kafka, "linger.ms": 100, "batch.size": 1_000_000, "batch.num.messages": 10_000,
                                  "queue.buffering.max.messages": 200_000, "acks": "1"})
        self.names = [f"{self.name}.{kind}" for kind in ("interactions", "late", "events", "no-interactions", "no-events", "dlq")]
        self.interactions, self.late, self.events, self.no_interactions, self.no_events, self.dlq = self.names
        new = [NewTopic(name, num_partitions=PARTITIONS, replication_factor=1,
                        config={"retention.ms": "-1", "message.timestamp.after.max.ms": str(2**63 - 1)}) for name in self.names]
        for made in self.admin.create_topics(new).values():
            made.result(30)
        self.count, self.bytes, self.failed = Counter(), Counter(), 0
        self.expect = {"events": Counter(), "late": Counter()}  # by resolution, after that drain

        started = time.monotonic()
        for record, late in story.all_interactions():
            self.send(self.late if late else self.interactions, record["end_user"], record["ended_at"], encode_interaction(record))
        for record, how, late in story.all_events():
            meta = record["metadata"]
            self.send(self.events, meta["end_user"], meta["sent_at"], encode_event(record))
            if how:
                self.expect["events"][None if late else how] += 1
                self.expect["late"][how] += 1
        left = self.producer.flush(120)
        assert left == 0 and not self.failed, "Kafka did not take all messages"
        self.seconds = time.monotonic() - started

    def send(self, topic, key, micros, value):
        self.count[topic] += 1
        self.bytes[topic] += len(value)
        while True:
            try:
                self.producer.produce(topic, value, key, timestamp=micros // 1000, on_delivery=self.delivered)
                break
            except BufferError:
                self.producer.poll(0.1)
        if self.count[topic] % 1000 == 0:
            self.producer.poll(0)

    def delivered(self, error, message):
        self.failed += error is not None

    def close(self):
        for gone in self.admin.delete_topics(self.names).values():
            gone.result(30)
        self.admin = self.producer = None


# --- servers ---------------------------------------------------------------------------------------------------------

class Servers:
    """Where they are; those that the environment does not name are started in a folder of their own."""

    def __init__(self, stack):
        self.env, self.folder = {k: v for k, v in os.environ.items() if k != "AFTERWORD_BIN"}, None
        if "AFTERWORD_KAFKA_BOOTSTRAP_SERVERS" not in self.env or "AFTERWORD_POSTGRES_HOST" not in self.env:
            script, folder = str(ROOT / "deploy/services.sh"), tempfile.mkdtemp(prefix="afterword-bench.")
            stack.callback(shutil.rmtree, folder)
            subprocess.run(["sh", script, "fetch", "kafka"], check=True)
            stack.callback(subprocess.run, ["sh", script, "stop", folder], check=False)
            subprocess.run(["sh", script, "start", folder, "kafka", "postgres"], check=True)
            said = subprocess.run(["sh", "-c", f". '{folder}/env' && env -0"], check=True, capture_output=True).stdout
            self.env = dict(line.split("=", 1) for line in said.decode().split("\0") if "=" in line)
            self.folder = Path(folder)

    def pid(self, name):
        """The process of a server that we started, else None."""
        file = self.folder and self.folder / f"{name}.pid"
        return int(file.read_text()) if file and file.exists() else None

    def connect(self):
        keywords = {k.removeprefix("AFTERWORD_POSTGRES_").lower(): v for k, v in self.env.items()
                    if k.startswith("AFTERWORD_POSTGRES_")}
        return psycopg.connect(**keywords, autocommit=True)

    def copy_folder(self, how):
        """A folder that Postgres writes and reads files in, or None: the files come from us, through COPY FROM STDIN."""
        if how == "client" or not self.pid("postgres"):
            return None
        return self.folder / "postgres"


def cpu_seconds(pid):
    """Of a process, its children that are gone, and those that are there."""
    def times(p, fields):
        with contextlib.suppress(OSError):
            values = Path(f"/proc/{p}/stat").read_text().rpartition(")")[2].split()
            return sum(int(values[i]) for i in fields) / os.sysconf("SC_CLK_TCK")
        return 0

    if pid is None:
        return None
    children = None
    while True:
        before, children = children, Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
        if children == before:  # else one may have gone in between, and its time with it
            return seconds
        seconds = times(pid, (11, 12, 13, 14)) + sum(times(child, (11, 12)) for child in children)


# --- one side: the program -------------------------------------------------------------------------------------------

class Failure(Exception):
    pass


def run(servers, *args):
    done = subprocess.run([BINARY, *args], env=servers.env, capture_output=True, text=True)
    if done.returncode:
        raise Failure(f"{' '.join(args)}: exit {done.returncode}\n{done.stderr}")


def drain(servers, topics, schema, args, interactions=None, events=None):
    """Runs the pool until it has stored what is in these topics. Seconds, CPU seconds, high-water mark of its memory."""
    options = {"schema": schema, "workers": args.workers, "kafka.group.id": f"{topics.name}-{uuid.uuid4().hex[:8]}",
               "topics.interactions": interactions or topics.no_interactions, "topics.feedback": events or topics.no_events,
               "topics.dlq": topics.dlq, "log.level": "warn"}
    options.update(o.split("=", 1) for o in args.option)
    command = [BINARY, "run", "--drain", *(word for name, value in options.items() for word in ("-o", f"{name}={value}"))]
    before = {name: cpu_seconds(servers.pid(name)) for name in ("postgres", "kafka")}
    high = 0
    with tempfile.TemporaryFile("w+") as out:
        started = time.monotonic()
        process = subprocess.Popen(command, env=servers.env, stdout=out, stderr=subprocess.STDOUT)
        while True:
            pid, status, usage = os.wait4(process.pid, os.WNOHANG)
            if pid:
                break
            with contextlib.suppress(OSError, StopIteration):  # it may have ended meanwhile
                lines = Path(f"/proc/{process.pid}/status").read_text().splitlines()
                high = max(high, int(next(line for line in lines if line.startswith("VmHWM")).split()[1]))
            time.sleep(0.02)
        seconds = time.monotonic() - started
        process.returncode = os.waitstatus_to_exitcode(status)
        out.seek(0)
        said = out.read()
    if process.returncode:
        raise Failure(f"{' '.join(command)}: exit {process.returncode}\n{said}")
    result = {"seconds": seconds, "worker_cpu": usage.ru_utime + usage.ru_stime, "rss_mb": high / 1024, "said": said.strip()}
    for name, was in before.items():
        if was is not None:
            result[f"{name}_cpu"] = cpu_seconds(servers.pid(name)) - was
    return result


def check(db, schema, story, expected, when):
    """Is every event stored once, and by what is it resolved?"""
    count, rejected = db.execute(
        f"SELECT (SELECT count(*) FROM {schema}.feedback), (SELECT count(*) FROM {schema}.rejected)").fetchone()
    if (count, rejected) != (story.events, 0):
        raise Failure(f"{when}: {count} events are stored and {rejected} rejected, of {story.events}")
    seen = dict(db.execute(f"""SELECT resolution, count(DISTINCT (tenant, event_id)) FROM {schema}.feedback_joined
        GROUP BY resolution""").fetchall())
    if seen != dict(expected):
        raise Failure(f"{when}: resolved are {seen}, expected {dict(expected)}")


# --- the other side: COPY --------------------------------------------------------------------------------------------

def raw_copy(servers, schema, args):
    """Copies the rows of `feedback`, those of each connection from a file of its own, into an empty table like it."""
    with servers.connect() as db, contextlib.ExitStack() as stack:
        server_side = servers.copy_folder(args.copy)
        folder = server_side or Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="afterword-bench.")))
        files = [folder / f"{schema}.{n}" for n in range(args.workers)]
        for n, file in enumerate(files):
            # in the order of the table; a worker has whole partitions, so here each connection has
            rows = f"COPY (SELECT * FROM {schema}.feedback WHERE partition % {args.workers} = {n}) TO"
            if server_side:
                db.execute(f"{rows} '{file}' (FORMAT binary)")
                stack.callback(file.unlink)
            else:
                with db.cursor().copy(f"{rows} STDOUT (FORMAT binary)") as copy, open(file, "wb") as out:
                    for block in copy:
                        out.write(block)
        db.execute(f"CREATE SCHEMA {schema}_raw")
        db.execute(f"CREATE TABLE {schema}_raw.feedback (LIKE {schema}.feedback INCLUDING ALL)")
        db.execute("CHECKPOINT")
        connections = [stack.enter_context(servers.connect()) for _ in files]
        failures = []

        def load(connection, file):
            try:
                into = f"COPY {schema}_raw.feedback FROM"
                if server_side:
                    connection.execute(f"{into} '{file}' (FORMAT binary)")
                    return
                with connection.cursor().copy(f"{into} STDIN (FORMAT binary)") as copy, open(file, "rb") as source:
                    while block := source.read(1 << 18):
                        copy.write(block)
            except psycopg.Error as e:
                failures.append(e)

        threads = [threading.Thread(target=load, args=pair) for pair in zip(connections, files)]
        cpu, started = cpu_seconds(servers.pid("postgres")), time.monotonic()
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        seconds = time.monotonic() - started
        if failures:
            raise failures[0]
        result = {"seconds": seconds, "how": "server-side files" if server_side else "FROM STDIN"}
        if cpu is not None:
            result["postgres_cpu"] = cpu_seconds(servers.pid("postgres")) - cpu
        same = db.execute(f"""SELECT (SELECT count(*) FROM {schema}_raw.feedback),
            pg_total_relation_size('{schema}.feedback'), pg_total_relation_size('{schema}_raw.feedback')""").fetchone()
        result["rows"], result["drained_mb"], result["raw_mb"] = same[0], same[1] / 1e6, same[2] / 1e6
        db.execute(f"DROP SCHEMA {schema}_raw CASCADE")
    return result


# --- rounds ----------------------------------------------------------------------------------------------------------

def play(servers, topics, story, args, number, note):
    """One round: both sides, in a schema of its own."""
    schema = f"bench_{uuid.uuid4().hex[:8]}"
    with servers.connect() as db:
        try:
            run(servers, "migrate", "-o", f"schema={schema}")
            if not args.cold:
                # as after a first event of each combination of keys: interactions get their match keys when they come
                for tenant in TENANTS:
                    for mask in set(story.masks) - {1, 4}:
                        db.execute(f"INSERT INTO {schema}.match_mask VALUES (%s, %s)", (tenant, mask))

            def drained(side, messages, **what):
                db.execute("CHECKPOINT")
                note(number, side, messages, drain(servers, topics, schema, args, **what))

            drained("idle", 0)
            if args.together:
                drained("together", topics.count[topics.interactions] + story.events,
                        interactions=topics.interactions, events=topics.events)
            else:
                drained("interactions", topics.count[topics.interactions], interactions=topics.interactions)
                drained("events", story.events, events=topics.events)
            check(db, schema, story, topics.expect["events"], "after the events")
            drained("late", topics.count[topics.late], interactions=topics.late)
            check(db, schema, story, topics.expect["late"], "after the late interactions")
            db.execute(f"VACUUM ANALYZE {schema}.feedback")  # or autovacuum would, beside COPY
            raw = raw_copy(servers, schema, args)
            if raw["rows"] != story.events:
                raise Failure(f"COPY stored {raw['rows']} rows of {story.events}")
            note(number, "COPY", story.events, raw)
        finally:
            if not args.keep:
                db.execute(f"DROP SCHEMA IF EXISTS {schema} CASCADE")


class Notes:
    """What was measured: a line as it happens, the table at the end, JSON lines for programs."""

    def __init__(self, path):
        self.all = []
        self.json = open(path, "w") if path else None

    def line(self, **what):
        if self.json:
            print(json.dumps(what), file=self.json, flush=True)

    def __call__(self, number, side, messages, result):
        entry = {"round": number, "side": side, "messages": messages, **result}
        self.all.append(entry)
        self.line(**entry)
        rate = f"{messages / result['seconds']:10,.0f} /s" if messages else ""
        print(f"round {number}: {side:13} {messages:9,} in {result['seconds']:6.2f} s {rate}", file=sys.stderr, flush=True)


def middle(values, form="{:,.0f}"):
    if not values:
        return "-"
    text = form.format(statistics.median(values))
    return text if len(values) == 1 else f"{text} ({form.format(min(values))} to {form.format(max(values))})"


def report(notes, args):
    figure = "together" if args.together else "events"
    rows = [("", "messages/s", "seconds", "worker CPU us", "Postgres CPU us", "Kafka CPU us", "worker RSS MB")]
    for side in dict.fromkeys(e["side"] for e in notes.all):
        entries = [e for e in notes.all if e["side"] == side]

        def each(name, entries=entries):
            return middle([1e6 * e[name] / e["messages"] for e in entries if name in e and e["messages"]], "{:.1f}")

        rows.append((side, middle([e["messages"] / e["seconds"] for e in entries if e["messages"]]),
                     middle([e["seconds"] for e in entries], "{:.2f}"), each("worker_cpu"), each("postgres_cpu"),
                     each("kafka_cpu"), middle([e["rss_mb"] for e in entries if "rss_mb" in e])))
    widths = [max(len(row[n]) for row in rows) for n in range(len(rows[0]))]
    print("\nmedian (least to greatest); CPU times are per message\n")
    for row in rows:
        print("  ".join(cell.rjust(width) if n else cell.ljust(width) for n, (cell, width) in enumerate(zip(row, widths))))

    rounds = [{e["side"]: e for e in notes.all if e["round"] == n} for n in sorted({e["round"] for e in notes.all})]

    def ratio(*sides):
        return [r["COPY"]["seconds"] / sum(r[side]["seconds"] for side in sides) for r in rounds]

    alone, settled = ratio(figure), ratio(figure, "late")
    print(f"\ndraining, of the rate of COPY: {middle(alone, '{:.2f}')}; with the settling of the late 5 %: {middle(settled, '{:.2f}')}")
    cpu = [r["COPY"]["postgres_cpu"] / (r[figure]["worker_cpu"] + r[figure]["postgres_cpu"]) for r in rounds
           if "postgres_cpu" in r["COPY"]]
    if cpu:
        print(f"by CPU time of worker and Postgres, which other work on the machine changes less: {middle(cpu, '{:.2f}')}")
    print(f"COPY: {rounds[0]['COPY']['how']}, {args.workers} connections")
    notes.line(ratio=statistics.median(alone), ratios=alone, ratio_with_late=statistics.median(settled), ratios_cpu=cpu)


def main():
    parser = argparse.ArgumentParser(description="Drains a backlog next to a raw COPY of the same rows.")
    parser.add_argument("--events", type=int, default=500_000, help="default 500,000")
    parser.add_argument("--interactions", type=float, default=0.5, metavar="SHARE", help="for each event; default 0.5")
    parser.add_argument("--users", type=int, default=50_000, help="default 50,000")
    parser.add_argument("--masks", default=",".join(map(str, MASK_SHARES)), help="combinations of keys, as bits; default: all 17")
    parser.add_argument("--workers", type=int, default=2, help="and connections of COPY; default 2")
    parser.add_argument("--rounds", type=int, default=3, help="default 3")
    parser.add_argument("--copy", choices=["auto", "client"], default="auto",
                        help="client: COPY FROM STDIN even where the server could read the files itself")
    parser.add_argument("--cold", action="store_true", help="no combination of keys was seen before: the first event of each "
                        "makes the match keys of all interactions")
    parser.add_argument("--together", action="store_true", help="interactions and events in one drain, in whatever order they come")
    parser.add_argument("-o", "--option", action="append", default=[], metavar="NAME=VALUE", help="for the program")
    parser.add_argument("--json", metavar="FILE", help="every measurement as a JSON line")
    parser.add_argument("--keep", action="store_true", help="leave the tables where they are, on servers that are not ours")
    args = parser.parse_args()
    args.masks = [int(m) for m in args.masks.split(",")]
    story = Story(args)
    check_encoder("interaction", encode_interaction, (r for (r, _), _ in zip(story.all_interactions(), range(50))))
    check_encoder("feedback_event", encode_event, (r for (r, *_), _ in zip(story.all_events(), range(500))))

    with contextlib.ExitStack() as stack:
        servers = Servers(stack)
        topics = Topics(servers.env, story)
        stack.callback(topics.close)
        size = topics.bytes[topics.events] / story.events
        print(f"{story.events:,} events of {size:.0f} bytes and {story.interactions:,} interactions in {PARTITIONS} partitions, "
              f"produced in {topics.seconds:.0f} s; {args.workers} workers, {os.cpu_count()} cores", file=sys.stderr)
        notes = Notes(args.json)
        notes.line(events=story.events, event_bytes=size, interactions=story.interactions, users=story.users, masks=story.masks,
                   workers=args.workers, cores=os.cpu_count(), options=args.option, cold=args.cold, together=args.together)
        for number in range(1, args.rounds + 1):
            play(servers, topics, story, args, number, notes)
        report(notes, args)


if __name__ == "__main__":
    try:
        main()
    except Failure as failure:
        sys.exit(f"bench: {failure}")
