"""The Avro that goes over the wire, written with python-avro: schemas, records, the three framings, a registry."""

import copy
import io
import json
import struct
import threading
import urllib.error
import urllib.request
import warnings
from pathlib import Path

import avro.io
import avro.schema

ROOT = Path(__file__).resolve().parents[2]
OURS = {
    "interactions": json.loads((ROOT / "schemas/interaction.avsc").read_text()),
    "feedback": json.loads((ROOT / "schemas/feedback_event.avsc").read_text()),
}
# What follows C3 01 in a single-object message, as the contract has it.
FINGERPRINTS = {
    "interactions": bytes.fromhex("bf03788eec0a843d"),
    "feedback": bytes.fromhex("62c1d1a5ed4f3065"),
}
METADATA = ("end_user interaction_id conversation_id trace_id input output timestamp sent_at anonymize source "
            "retracts attributes").split()
FEEDBACK = "slug text value weight".split()


def parse(schema):
    """A python-avro schema of a JSON one. Logical types that python-avro does not know are left alone."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return avro.schema.parse(schema if isinstance(schema, str) else json.dumps(schema))


class Writer(avro.io.DatumWriter):
    """Takes bytes for a string (as they are), integers for times, and the schema's defaults for what is not there."""

    def write_data(self, schema, datum, out):
        if schema.type in ("string", "bytes"):
            out.write_bytes(datum.encode() if isinstance(datum, str) else datum)
        elif schema.type in ("int", "long"):
            out.write_long(datum)
        elif schema.type == "union":
            n = next(i for i, s in enumerate(schema.schemas) if (s.type == "null") == (datum is None))
            out.write_long(n)
            self.write_data(schema.schemas[n], datum, out)
        elif schema.type == "record":
            for f in schema.fields:
                self.write_data(f.type, datum[f.name] if f.name in datum else f.default, out)
        else:
            super().write_data(schema, datum, out)


PARSED = {topic: parse(schema) for topic, schema in OURS.items()}


def encode(schema, record):
    """Bare Avro of a record."""
    out = io.BytesIO()
    Writer().write_data(schema if isinstance(schema, avro.schema.Schema) else parse(schema), record,
                        avro.io.BinaryEncoder(out))
    return out.getvalue()


def nest(topic, fields):
    """Flat fields as the record that has them; what the record does not know goes to its top level."""
    if topic == "interactions":
        return fields
    rest = {k: v for k, v in fields.items() if k not in METADATA + FEEDBACK}
    return dict(rest, feedback={k: fields[k] for k in FEEDBACK if k in fields},
                metadata={k: fields[k] for k in METADATA if k in fields})


def confluent(schema_id, body):
    return b"\0" + struct.pack(">I", schema_id) + body


def single_object(fingerprint, body):
    return b"\xc3\x01" + fingerprint + body


class Registry:
    """What a producer does with a Confluent-compatible registry: register a schema, get its id."""

    def __init__(self, url):
        self.url, self.known, self.lock = url.rstrip("/"), {}, threading.Lock()

    def register(self, subject, schema):
        text = schema if isinstance(schema, str) else json.dumps(schema)
        with self.lock:
            if text not in self.known:
                self.known[text] = self.ask(f"{self.url}/subjects/{subject}/versions", json.dumps({"schema": text}).encode())
            return self.known[text]

    def ask(self, url, body, tries=100):
        """The id of a schema. Two programs that register the same one at the same time are a conflict to it."""
        request = urllib.request.Request(url, body, {"Content-Type": "application/vnd.schemaregistry.v1+json"})
        try:
            with urllib.request.urlopen(request, timeout=30) as answer:
                return json.load(answer)["id"]
        except urllib.error.HTTPError as refusal:
            if refusal.code != 409 or tries == 0:
                raise
            return self.ask(url, body, tries - 1)


def fields_of(schema, path=""):
    """The list of fields of a JSON schema's record: of itself, or of its field `path`."""
    if not path:
        return schema["fields"]
    return next(f for f in schema["fields"] if f["name"] == path)["type"]["fields"]


def changed(topic, *edits):
    """A copy of our schema with edits made to it: each is called with it."""
    schema = copy.deepcopy(OURS[topic])
    for edit in edits:
        edit(schema)
    return schema
