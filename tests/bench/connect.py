"""A peer: Kafka Connect with the JDBC sink of Debezium, which stores the same events as they are, unresolved."""

import signal
import subprocess
import time
from pathlib import Path

import wire
from servers import Failure, cpu_seconds, postmaster

SCRIPT = str(Path(__file__).with_name("connect.sh"))
HOME = wire.ROOT / "build/connect"
TYPES = {"string": "text", "enum": "text", "int": "integer", "long": "bigint", "double": "double precision", "boolean": "boolean"}


def columns(record, prefix=""):
    """Of a record, flattened: (name, type)."""
    for f in record["fields"]:
        kind = next(k for k in f["type"] if k != "null") if isinstance(f["type"], list) else f["type"]
        while isinstance(kind, dict) and kind["type"] in ("long", "string"):  # a logical type
            kind = kind["type"]
        if isinstance(kind, dict) and kind["type"] == "record":
            yield from columns(kind, f"{prefix}{f['name']}_")
        else:
            yield prefix + f["name"], TYPES[kind["type"] if isinstance(kind, dict) else kind]


class Connect:
    """Its table has a column for each field of an event, the primary key, and one index."""

    def __init__(self, tables, topic, tasks):
        self.tables, self.topic, self.number = tables, topic, 0
        tables.query("CREATE SCHEMA {s}_sink")
        self.table = f"{tables.schema}_sink.feedback"
        fields = ", ".join(f"{name} {kind}" for name, kind in columns(wire.OURS["feedback"]))
        tables.query(f"CREATE TABLE {self.table} ({fields}, PRIMARY KEY (tenant, event_id))")
        tables.query(f"CREATE INDEX ON {self.table} (tenant, metadata_interaction_id)")
        subprocess.run(["sh", SCRIPT, "fetch", HOME], check=True)
        postgres, registry = tables.servers.postgres, tables.servers.registry_url
        self.worker = {
            "bootstrap.servers": tables.servers.brokers, "plugin.path": HOME / "plugins", "listeners": "http://127.0.0.1:0",
            "offset.storage.file.filename": tables.folder / "connect.offsets",
            "key.converter": "org.apache.kafka.connect.storage.StringConverter",
            "value.converter": "io.apicurio.registry.utils.converter.AvroConverter",
            "value.converter.apicurio.registry.url": registry[:registry.index("/apis/")] + "/apis/registry/v2",
            "value.converter.apicurio.registry.as-confluent": "true",
            "value.converter.apicurio.registry.id-handler": "io.apicurio.registry.serde.Legacy4ByteIdHandler",
            "value.converter.apicurio.registry.use-id": "contentId"}
        self.sink = {
            "connector.class": "io.debezium.connector.jdbc.JdbcSinkConnector", "tasks.max": tasks, "topics": topic.name,
            "connection.url": "jdbc:postgresql://{host}:{port}/{dbname}?reWriteBatchedInserts=true".format(**postgres),
            "connection.username": postgres["user"], "connection.password": postgres["password"],
            "collection.name.format": self.table, "schema.evolution": "none", "insert.mode": "upsert",
            "primary.key.mode": "record_value", "primary.key.fields": "tenant,event_id", "batch.size": 5000,
            "use.reduction.buffer": "false", "consumer.override.max.poll.records": 5000,
            "transforms": "flat", "transforms.flat.type": "org.apache.kafka.connect.transforms.Flatten$Value",
            "transforms.flat.delimiter": "_"}

    def write(self, name, properties):
        path = self.tables.folder / name
        path.write_text("".join(f"{k}={v}\n" for k, v in properties.items()))
        return path

    def run(self):
        """Rows, and how long they took, from when a fifth was there: Java needs a while to be quick."""
        self.number += 1
        self.tables.query(f"TRUNCATE {self.table}")
        self.tables.settle_down()
        files = (self.write("connect.properties", self.worker),
                 self.write("sink.properties", {"name": f"{self.tables.name}-sink-{self.number}", **self.sink}))
        log = self.tables.folder / f"connect.{self.number}.log"
        with open(log, "w") as out:
            process = subprocess.Popen(["sh", SCRIPT, "run", HOME, *files], stdout=out, stderr=subprocess.STDOUT)
        try:
            server = postmaster(self.tables.sql)
            self.wait(process, log, f"SELECT FROM {self.table} OFFSET {self.topic.count // 5} LIMIT 1", 1)
            there = self.tables.query(f"SELECT count(*) FROM {self.table}").fetchone()[0]
            started, cpu, own = time.monotonic(), cpu_seconds(server), cpu_seconds(process.pid)
            last = list(map(list, zip(*self.topic.last.values())))
            self.wait(process, log, f"""SELECT FROM {self.table} JOIN unnest(%s::text[], %s::text[]) p (t, e)
                ON tenant = t AND event_id = e""", len(self.topic.last), *last)
            result = {"seconds": time.monotonic() - started, "postgres_cpu": cpu_seconds(server) - cpu,
                      "worker_cpu": cpu_seconds(process.pid) - own}
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(60)
        count = self.tables.query(f"SELECT count(*) FROM {self.table}").fetchone()[0]
        if count != self.topic.count:
            raise Failure(f"Connect stored {count} events of {self.topic.count}")
        return count - there, result

    def wait(self, process, log, question, rows, *params):
        """Until a question has so many rows."""
        end = time.monotonic() + 3600
        while len(self.tables.query(question, *params).fetchall()) < rows:
            if process.poll() is not None or time.monotonic() > end:
                raise Failure(f"Connect does not work:\n{log.read_text()[-6000:]}")
            time.sleep(0.02)
