"""The servers: a Postgres with the settings of production, a broker, a registry; what they cost; tables on them."""

import contextlib
import os
import shutil
import subprocess
import tempfile
from pathlib import Path

from psycopg.rows import tuple_row

import wire
import world as worlds
from story import TENANTS

PARTITIONS = 8
SCRIPT = str(wire.ROOT / "deploy/services.sh")
MEMORY_MB = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") >> 20
POSTGRES = {  # beyond the defaults, which are fsync, synchronous_commit and full_page_writes on
    "shared_buffers": f"{MEMORY_MB // 4}MB", "effective_cache_size": f"{MEMORY_MB // 2}MB", "maintenance_work_mem": "1GB",
    "max_wal_size": "16GB", "checkpoint_timeout": "15min", "random_page_cost": "1.1"}
SHOWN = (*POSTGRES, "fsync", "synchronous_commit", "full_page_writes", "server_version")


class Failure(Exception):
    pass


def start(stack, wanted):
    """Servers of our own, unless the environment names some."""
    env = dict(os.environ)
    if any(name not in env for name in ("AFTERWORD_KAFKA_BOOTSTRAP_SERVERS", "AFTERWORD_POSTGRES_HOST")) or (
            "registry" in wanted and "AFTERWORD_REGISTRY_URL" not in env):
        folder = tempfile.mkdtemp(prefix="afterword-bench.")
        stack.callback(shutil.rmtree, folder)
        stack.callback(subprocess.run, ["sh", SCRIPT, "stop", folder], check=False)
        options = " ".join(f"-c {name}={value}" for name, value in POSTGRES.items())
        subprocess.run(["sh", SCRIPT, "start", folder, *wanted], check=True, env={**env, "POSTGRES_OPTIONS": options})
        said = subprocess.run(["sh", "-c", f". '{folder}/env' && env -0"], check=True, capture_output=True).stdout
        env = dict(line.split("=", 1) for line in said.decode().split("\0") if "=" in line)
    postgres = {k.removeprefix("AFTERWORD_POSTGRES_").lower(): v for k, v in env.items() if k.startswith("AFTERWORD_POSTGRES_")}
    lent = worlds.Servers(env["AFTERWORD_KAFKA_BOOTSTRAP_SERVERS"], env.get("AFTERWORD_REGISTRY_URL", ""), postgres)
    stack.callback(vars(lent).clear)  # clients that outlive their broker complain
    return lent


def settings(db):
    return {name: db.execute("SELECT current_setting(%s)", [name]).fetchone()[0] for name in SHOWN}


class Tables(worlds.World):
    """A schema of the program, and topics for what it reads. The two that it reads by default stay empty: a drain names its own."""

    def __init__(self, servers, folder, story, **options):
        super().__init__(servers, folder, partitions=PARTITIONS, **options)
        self.story = story
        self.sql = servers.connect()
        self.sql.row_factory = tuple_row
        self.query("SET work_mem = '256MB'")  # of our questions
        # as after a first event of each combination of keys: interactions get their match keys when they come
        for tenant in TENANTS:
            for mask in set(story.masks) - {1, 4}:
                self.query("INSERT INTO {s}.match_mask VALUES (%s, %s)", tenant, mask)

    def close(self):
        self.sql.close()
        super().close()

    def new_topic(self, kind):
        self.topics[kind] = f"{self.name}.{kind}"
        self.create_topics([self.topics[kind]])
        return self.topics[kind]

    def query(self, text, *params):
        return self.sql.execute(text.replace("{s}", self.schema), params or None)

    def count(self):
        """Rows by table."""
        names = [name for name, in self.query("SELECT tablename FROM pg_tables WHERE schemaname = %s", self.schema)]
        return {name: self.query(f"SELECT count(*) FROM {{s}}.{name}").fetchone()[0] for name in names}

    def empty(self, *tables):
        self.query("TRUNCATE " + ", ".join(f"{{s}}.{name}" for name in (*tables, "feedback", "rejected")))

    def settle_down(self):
        """Whatever would otherwise be done beside what is measured."""
        self.query("VACUUM ANALYZE {s}.feedback, {s}.interaction, {s}.interaction_key")
        self.query("CHECKPOINT")

    def check(self, events, expected, rejected=0):
        """Is every event stored once, and is it resolved as the generator expects?"""
        found = self.query("SELECT (SELECT count(*) FROM {s}.feedback), (SELECT count(*) FROM {s}.rejected)").fetchone()
        if found != (events, rejected):
            raise Failure(f"{found[0]} events are stored and {found[1]} rejected, of {events} and {rejected}")
        seen = dict(self.query("""SELECT resolution, count(*) FROM
            (SELECT DISTINCT tenant, event_id, resolution FROM {s}.feedback_joined) j GROUP BY resolution""").fetchall())
        if seen != dict(expected):
            raise Failure(f"resolved are {seen}, expected {dict(expected)}")

    def resolved(self, topic):
        """Of the events of a topic by mask: how many there are, and how many of them hold an interaction."""
        return {mask: counts for mask, *counts in self.query("""SELECT mask, count(*), count(interaction_id) FROM {s}.feedback
            WHERE topic = %s GROUP BY mask""", topic.name)}

    def like(self, other):
        """Takes the interactions of other, and what they were hashed with."""
        self.query("TRUNCATE {s}.secret, {s}.setting, {s}.match_mask, {s}.interaction, {s}.interaction_key")
        for table in ("secret", "setting", "match_mask", "interaction", "interaction_key"):
            self.query(f"INSERT INTO {{s}}.{table} SELECT * FROM {other.schema}.{table}")

    def fill(self, rows):
        """Repeats what is in `feedback`, with other ids and keys and a month earlier each time, until there are so many rows."""
        def other(column, form="{}"):
            return form.format(f"md5({column}::text || month)")

        message = "'msg_' || left({}, 16)"
        changed = {
            "topic": "'earlier'",
            "event_id": other("event_id", "{}::uuid::text"), "retracts": other("retracts", "{}::uuid::text"),
            "match_key": other("match_key", "{}::uuid"), "content_hash": other("content_hash", "{}::uuid"),
            "interaction_id": other("interaction_id", message), "target_interaction_id": other("target_interaction_id", message),
            "target_conversation_id": other("target_conversation_id"), "target_trace_id": other("target_trace_id", "left({}, 16)"),
            **{name: f'"{name}" - month * interval \'30 days\'' for name in ("timestamp", "sent_at", "occurred_at", "record_time")}}
        columns = [name for name, in self.query("""SELECT attname FROM pg_attribute
            WHERE attrelid = '{s}.feedback'::regclass AND attnum > 0 AND NOT attisdropped""")]
        there = self.query("SELECT count(*) FROM {s}.feedback").fetchone()[0]
        with self.indexed_afterwards():
            self.query(f"""INSERT INTO {{s}}.feedback ({", ".join(f'"{c}"' for c in columns)})
                SELECT {", ".join(changed.get(c, f'"{c}"') for c in columns)}
                FROM generate_series(1, %s) month, {{s}}.feedback LIMIT %s""", -(-rows // there), max(0, rows - there))

    @contextlib.contextmanager
    def indexed_afterwards(self):
        """Indexes of `feedback` are made at the end, as full as those that grew: a B-tree of random keys is full to about 70 %."""
        primary = self.query("""SELECT conname, pg_get_constraintdef(oid) FROM pg_constraint
            WHERE conrelid = '{s}.feedback'::regclass AND contype = 'p'""").fetchone()
        others = self.query("""SELECT c.relname, pg_get_indexdef(c.oid), a.amname = 'btree' FROM pg_index i
            JOIN pg_class c ON c.oid = i.indexrelid JOIN pg_am a ON a.oid = c.relam
            WHERE i.indrelid = '{s}.feedback'::regclass AND NOT i.indisprimary""").fetchall()
        self.query(f"ALTER TABLE {{s}}.feedback DROP CONSTRAINT {primary[0]}")
        for name, _, _ in others:
            self.query(f"DROP INDEX {{s}}.{name}")
        yield
        self.query("SET maintenance_work_mem = '1GB'")
        self.query(f"ALTER TABLE {{s}}.feedback ADD CONSTRAINT {primary[0]} {primary[1]} WITH (fillfactor = 70)")
        for name, definition, btree in others:
            head, where, condition = definition.partition(" WHERE ")
            self.query(f"{head} WITH (fillfactor = 70){where}{condition}" if btree else definition)
        for name in (primary[0], *(name for name, _, btree in others if btree)):
            self.query(f"ALTER INDEX {{s}}.{name} RESET (fillfactor)")


# --- processor time ------------------------------------------------------------------------------------------------------

def cpu_seconds(pid):
    """Of a process, its children that are gone, and those that are there."""
    def times(p, fields):
        with contextlib.suppress(OSError):
            values = Path(f"/proc/{p}/stat").read_text().rpartition(")")[2].split()
            return sum(int(values[i]) for i in fields) / os.sysconf("SC_CLK_TCK")
        return 0

    children = None
    while True:
        before, children = children, Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
        if children == before:  # else one may have gone in between, and its time with it
            return seconds
        seconds = times(pid, (11, 12, 13, 14)) + sum(times(child, (11, 12)) for child in children)


def postmaster(db):
    """The process that is the parent of all of Postgres's."""
    backend = db.execute("SELECT pg_backend_pid()").fetchone()[0]
    return int(Path(f"/proc/{backend}/stat").read_text().rpartition(")")[2].split()[1])
