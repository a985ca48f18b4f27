"""The reference: binary COPY of the rows that a drain wrote, all of them and no others, into the same tables, empty, with the same
indexes, by as many connections as there are workers. Its input are files on the server, which is the least work there is."""

import contextlib
import os
import re
import threading
import time

import psycopg

from servers import Failure, cpu_seconds, postmaster
from world import afterword

BATCH_PAGES = 512  # about 10,000 events


class Copy:
    """Of tables; like them, in a schema that the program made too."""

    def __init__(self, tables):
        self.tables, self.schema = tables, f"{tables.schema}_raw"
        afterword("migrate", "-c", tables.conf, "-o", f"schema={self.schema}")
        definitions = [self.indexes(schema) for schema in (tables.schema, self.schema)]
        if definitions[0] != definitions[1]:
            raise Failure("the tables for COPY do not have the indexes of those that are drained into")

    def indexes(self, schema):
        found = self.tables.query("SELECT indexdef FROM pg_indexes WHERE schemaname = %s ORDER BY indexname", schema)
        return [re.sub(rf"\b{schema}\.", "", definition) for definition, in found]

    def run(self, before, connections):
        """Of what was written since `before`, which tables.count() gave."""
        now = self.tables.count()
        written = [table for table in now if now[table] != before[table]]
        if any(before[table] for table in written):
            raise Failure(f"of {written} some were not empty before the drain")
        self.tables.query("TRUNCATE " + ", ".join(f"{self.schema}.{table}" for table in written))
        with contextlib.ExitStack() as stack:
            files = [[(table, self.dump(stack, table, n, connections)) for table in written] for n in range(connections)]
            self.tables.settle_down()
            seconds, cpu = self.load(stack, files)
        self.compare(written)
        size = f"SELECT sum(pg_total_relation_size('{{}}.' || t)) FROM unnest('{{{{{','.join(written)}}}}}'::text[]) t"
        return {"seconds": seconds, "postgres_cpu": cpu, "rows": {table: now[table] for table in written},
                "drained_mb": float(self.tables.query(size.format(self.tables.schema)).fetchone()[0]) / 1e6,
                "copied_mb": float(self.tables.query(size.format(self.schema)).fetchone()[0]) / 1e6}

    def dump(self, stack, table, n, of):
        """A file with the share of connection n: in the order of the table, pieces of about a batch in turns."""
        folder = self.tables.query("SHOW data_directory").fetchone()[0]  # where the server may write
        file = f"{folder}/{self.schema}.{table}.{n}"
        stack.callback(os.unlink, file)
        self.tables.query(f"""COPY (SELECT * FROM {{s}}.{table}
            WHERE (ctid::text::point)[0]::bigint / {BATCH_PAGES} % {of} = {n}) TO '{file}' (FORMAT binary)""")
        return file

    def load(self, stack, files):
        failures = []

        def work(connection, mine):
            try:
                for table, file in mine:
                    connection.execute(f"COPY {self.schema}.{table} FROM '{file}' (FORMAT binary)")
            except psycopg.Error as e:
                failures.append(e)

        threads = [threading.Thread(target=work, args=(stack.enter_context(self.tables.servers.connect()), mine)) for mine in files]
        server = postmaster(self.tables.sql)
        cpu, started = cpu_seconds(server), time.monotonic()
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        seconds = time.monotonic() - started
        if failures:
            raise failures[0]
        return seconds, cpu_seconds(server) - cpu

    def compare(self, written):
        for table in written:
            sums = [self.tables.query(f"SELECT count(*), sum(hashtextextended(t::text, 0)) FROM {schema}.{table} t").fetchone()
                    for schema in (self.tables.schema, self.schema)]
            if sums[0] != sums[1]:
                raise Failure(f"COPY made another \"{table}\" than the drain")
