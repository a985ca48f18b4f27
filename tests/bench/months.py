"""Would one table for each month do better than one for all? Not a measure of the program, whose tables are not so: rows that it
stored are copied into both. Why a table of ids is needed beside the months: schemas/scale.md."""

import contextlib
import os
import re
import time
from itertools import islice

from measures import Measure
from program import drain
from report import Rate
from servers import cpu_seconds, postmaster

DAYS = 30  # of a month; Tables.fill() goes back by so many


class One:
    """The table of the program."""

    def __init__(self, tables):
        self.tables, self.schema = tables, tables.schema

    def copy(self, files):
        return [f"COPY {self.schema}.feedback FROM '{files['feedback']}' (FORMAT binary)"]

    def forget(self, before):
        return [f"DELETE FROM {self.schema}.feedback WHERE occurred_at < '{before}'", f"VACUUM {self.schema}.feedback"]


class Months:
    """A partition for each month. An id must be stored once whatever its time, so ids have a table of their own."""

    def __init__(self, tables):
        self.tables, self.schema = tables, f"{tables.schema}_months"
        old = tables.schema
        first, last = tables.query("SELECT min(occurred_at), max(occurred_at) FROM {s}.feedback").fetchone()
        tables.query(f"""CREATE SCHEMA {self.schema};
            CREATE TABLE {self.schema}.event (tenant text COLLATE "C", event_id text COLLATE "C", occurred_at timestamptz);
            CREATE TABLE {self.schema}.feedback (LIKE {old}.feedback INCLUDING DEFAULTS) PARTITION BY RANGE (occurred_at)""")
        for n in range((last - first).days // DAYS + 2):
            tables.query(f"""CREATE TABLE {self.schema}.feedback_{n} PARTITION OF {self.schema}.feedback
                FOR VALUES FROM ('{first}'::timestamptz + interval '{n * DAYS} days')
                TO ('{first}'::timestamptz + interval '{(n + 1) * DAYS} days')""" .replace("\n", " "))
        tables.query(f"""INSERT INTO {self.schema}.feedback SELECT * FROM {old}.feedback;
            INSERT INTO {self.schema}.event SELECT tenant, event_id, occurred_at FROM {old}.feedback;
            ALTER TABLE {self.schema}.event ADD PRIMARY KEY (tenant, event_id) WITH (fillfactor = 70);
            CREATE INDEX ON {self.schema}.event USING brin (occurred_at)""")
        for definition, in tables.query("SELECT indexdef FROM pg_indexes WHERE schemaname = '{s}' AND tablename = 'feedback'").fetchall():
            definition = re.sub(r"CREATE (UNIQUE )?INDEX \S+ ON \S+", f"CREATE INDEX ON {self.schema}.feedback", definition)
            head, where, condition = definition.partition(" WHERE ")
            tables.query(f"{head} WITH (fillfactor = 70){where}{condition}" if "btree" in definition else definition)

    def copy(self, files):
        return [f"COPY {self.schema}.{table} FROM '{files[table]}' (FORMAT binary)" for table in ("event", "feedback")]

    def forget(self, before):
        partition = self.tables.query(f"SELECT tableoid::regclass FROM {self.schema}.feedback ORDER BY occurred_at LIMIT 1").fetchone()[0]
        return [f"DROP TABLE {partition}", f"DELETE FROM {self.schema}.event WHERE occurred_at < '{before}'", f"VACUUM {self.schema}.event"]


class M(Measure):
    """COPY into one table, and into one for each month with a table of ids beside them, large and small; the oldest month goes."""

    figures = (Rate("one, large", "one, small", "-", ours=False), Rate("months, large", "months, small", "-", ours=False),
               Rate("months, large", "one, large", ">= 1", ours=False), Rate("months, forget", "one, forget", ">= 1", ours=False))

    def __init__(self, bench):
        super().__init__(bench)
        self.small, large = bench.tables(bench.story), bench.tables(bench.story)
        topic = bench.events(self.small, "month", events=islice(bench.story.events(), self.args.events // 2))
        for tables in (self.small, large):
            tables.like(bench.base)
            drain(tables, events=topic, workers=self.args.workers)
        large.fill(self.args.rows)
        self.sides = {}
        for size, tables in (("small", self.small), ("large", large)):
            tables.settle_down()
            self.sides |= {f"one, {size}": One(tables), f"months, {size}": Months(tables)}
        self.large, self.rounds = large, 0

    def round(self, note):
        self.rounds += 1
        with contextlib.ExitStack() as stack:
            files, rows = self.fresh(stack)
            for name, side in self.sides.items():
                note(name, rows, self.timed(side, side.copy(files)))
        first = self.large.query("SELECT min(occurred_at) FROM {s}.feedback").fetchone()[0]
        before = self.large.query(f"SELECT '{first}'::timestamptz + interval '{DAYS} days'").fetchone()[0]
        rows = self.large.query(f"SELECT count(*) FROM {{s}}.feedback WHERE occurred_at < '{before}'").fetchone()[0]
        for name in ("one", "months"):
            side = self.sides[f"{name}, large"]
            note(f"{name}, forget", rows, self.timed(side, side.forget(before)))

    def fresh(self, stack):
        """Files with rows of the newest month that are nowhere yet."""
        folder = self.small.query("SHOW data_directory").fetchone()[0]
        columns = [name for name, in self.small.query("""SELECT attname FROM pg_attribute
            WHERE attrelid = '{s}.feedback'::regclass AND attnum > 0 AND NOT attisdropped ORDER BY attnum""")]
        new = {name: f"md5({name}::text || 'round {self.rounds}')::uuid" for name in ("event_id", "match_key")}
        rows = self.args.events // 2 // self.args.rounds
        source = f"FROM {self.small.schema}.feedback WHERE topic <> 'fresh' ORDER BY event_id LIMIT {rows}"
        files = {table: f"{folder}/{self.small.schema}.{table}.fresh" for table in ("event", "feedback")}
        picked = {"event": f"tenant, ({new['event_id']})::text, occurred_at", "feedback": ", ".join(
            {"topic": "'fresh'", "event_id": f"({new['event_id']})::text", "match_key": new["match_key"]}.get(c, f'"{c}"') for c in columns)}
        for table, file in files.items():
            stack.callback(os.unlink, file)
            self.small.query(f"COPY (SELECT {picked[table]} {source}) TO '{file}' (FORMAT binary)")
        return files, rows

    def timed(self, side, statements):
        server = postmaster(side.tables.sql)
        cpu, started = cpu_seconds(server), time.monotonic()
        for statement in statements:
            side.tables.query(statement)
        return {"seconds": time.monotonic() - started, "postgres_cpu": cpu_seconds(server) - cpu}
