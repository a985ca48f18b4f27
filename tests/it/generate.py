"""
Random worlds: messages over small alphabets, so that everything collides with everything, and plans of how they are delivered.

A world is a function of its seed and of nothing else. Each world draws few values from the alphabets below: two tenants, a
handful of ids, texts and instants, so that copies, ties, equal times and edges really happen.
"""

import json
import random
from dataclasses import dataclass, field, replace

import wire
from model import EVENT, Settings, judge, keys_of, match_text, repair, repair_record
from world import LAST, E, I, Message, t

TENANTS = ["a", "a", "B"]
USERS = ["ann", "bob", "Ann", "é"]
CONVERSATIONS = ["c1", "c2"]
TRACES = ["t1", "t2"]
# ordered otherwise by bytes than by most languages
IDS = ["a", "B", "é", "i-1", "i1", "i1 ", "I1", "i2", "z", "\U0001f600", "\uffff", "_"]
TEXTS = ["hi", "a\nb", "a\r\nb", "b\ufffd", "\u00a0hi", "日本 hi", "HI", "hi a\r\nb"]
BLANK = ["", " \t", None, "\r\n"]
INSTANTS = [10, 10.000001, 11, 20, 20.5, 30]
EDGES = [0, 0, 0, 0.000001, -0.000001, 0.5]  # around an instant, in seconds
SLUGS = ("thumbs_up thumbs_down neutral rating score comment copy_input copy_output paste clear retract retract").split()
NEEDS_TEXT = ("comment", "copy_input", "copy_output", "paste")
ATTRIBUTES = [None, None, None, "", "{}", '{"_user": "ann", "n": [1, 2.50, null]}', r'{"a": "\ud800"}', '{"b":1,"a":2,"b":3}',
              b'{"c": "\xff"}', r'{"d\u0000": "\ud83d\ude00"}']
TARGETS = "interaction_id conversation_id trace_id end_user".split()
MASKS = [("interaction_id",),
         *((*ids, *texts) for ids in (("conversation_id",), ("trace_id",), ("conversation_id", "trace_id"), ("end_user",))
           for texts in ((), ("input",), ("output",), ("input", "output")))]

INVALID = {  # over an event that is valid
    "missing_event_id": [dict(event_id="")],
    "id_too_long": [dict(event_id="x" * 129), dict(conversation_id="c" * 1025), dict(retracts="r" * 129)],
    "missing_field": [dict(tenant=""), dict(slug="rating", value=None), dict(slug="comment", text=""),
                      dict(slug="retract", retracts=None)],
    "missing_target": [dict(slug="clear", end_user=None, interaction_id=None, conversation_id=None, trace_id="", value=None,
                            text=None, retracts=None)],
    "value_not_allowed": [dict(slug="clear", value=1), dict(slug="neutral", weight=0.5),
                          dict(slug="paste", text="x", retracts="e1")],
    "value_out_of_range": [dict(slug="rating", value=6, weight=None, retracts=None),
                           dict(slug="score", value=-11, weight=None, retracts=None),
                           dict(slug="score", value=1, weight=1.5, retracts=None),
                           dict(slug="score", value=1, weight=float("nan"), retracts=None)],
    "text_too_long": [dict(slug="comment", text="é" * 5001, value=None, weight=None, retracts=None)],
    "bad_timestamp": [dict(timestamp=-1), dict(sent_at=LAST + 1), dict(timestamp=LAST + 1)],
    "bad_attributes": [dict(attributes="[]"), dict(attributes='{"a":' * 65 + "1" + "}" * 65), dict(attributes='{"a": NaN}')],
}
INVALID_INTERACTION = [dict(interaction_id=""), dict(tenant=""), dict(end_user="u" * 1025), dict(started_at=-1),
                       dict(ended_at=t(1), started_at=t(2)), dict(attributes="{]")]
OPTIONAL = ("attributes", "sent_at", "started_at", "conversation_id")


def older(topic):
    """A writer's schema that does not know some fields yet."""
    def drop(schema):
        for path in ("", "metadata") if topic == "feedback" else ("",):
            fields = wire.fields_of(schema, path)
            fields[:] = [f for f in fields if f["name"] not in OPTIONAL]
    return wire.changed(topic, drop)


OLDER = {topic: older(topic) for topic in wire.OURS}


@dataclass(frozen=True)
class Rubbish:
    """Bytes that are no message of ours, with the reason for which they are rejected; None: a tombstone, skipped."""

    topic: str
    raw: bytes
    reason: str
    send: dict


@dataclass(frozen=True)
class Step:
    """
    Some messages are sent, and processes run. `end`: "drain", until all is stored; "stop" (SIGTERM) and "kill" (SIGKILL), when
    this share of what is new is stored; then this share of the messages is sent only when all workers are there. `rewind`: before it
    begins, the group goes back by this share of each partition. `twins`: a second group reads the same at the same time.
    """

    messages: tuple     # numbers of messages, in the order in which they are sent
    processes: tuple    # options of each process
    end: str = "drain"
    share: float = 0
    live: float = 0
    rewind: float = 0
    twins: bool = False


@dataclass(frozen=True)
class Plan:
    partitions: int
    assignor: str
    where: tuple  # partition of each message (modulo)
    steps: tuple
    slow: bool = False  # the database takes its time over each commit, so that more happens meanwhile

    def only(self, numbers):
        """The same with fewer messages."""
        steps = [replace(s, messages=tuple(n for n in s.messages if n in numbers)) for s in self.steps]
        return replace(self, steps=tuple(steps))

    def plain(self):
        """The same order, and nothing else that could go wrong: one partition and worker, no kills, no going back."""
        steps = [Step(s.messages, (dict(workers=1, batch__max__events=s.processes[0]["batch__max__events"]),))
                 for s in self.steps if s.messages]
        return replace(self, partitions=1, slow=False, steps=tuple(steps))


@dataclass(frozen=True)
class Made:
    seed: int
    settings: Settings
    messages: tuple
    plans: tuple       # deliveries, each into tables of its own
    conflicts: bool    # ids are used for other contents, so that the order in which events come matters
    is_plain: bool = False

    def only(self, numbers):
        return replace(self, plans=tuple(p.only(numbers) for p in self.plans))

    def plain(self):
        return replace(self, plans=(self.plans[0].plain(),), is_plain=True)


def show(message):
    """A message in a line, long values cut."""
    if isinstance(message, Rubbish):
        return f"{message.topic}: {message.raw!r}"
    fields = {k: repr(v) if isinstance(v, bytes) else v[:99] if isinstance(v, str) else v for k, v in message.fields.items()}
    send = {k: "older" if k == "schema" else v for k, v in message.send.items() if k != "key"}
    return f"{message.topic}: {json.dumps(fields, ensure_ascii=False)} {send}"


def world(seed):
    return Generator(seed).world()


@dataclass
class Generator:
    seed: int
    contents: dict = field(default_factory=dict)      # (tenant, event_id): the event sent first
    interactions: list = field(default_factory=list)

    def __post_init__(self):
        self.rng = random.Random(self.seed)
        self.settings = Settings(tolerance_ms=self.pick([0, 0, 0, 1, 2000]),
                                 skew_min_ms=self.pick([300_000, 300_000, 5000, 500, -1, 0]))
        self.conflicts = self.chance(0.4)
        self.size = self.pick([20, 40, 80, 120])
        self.users = self.rng.sample(USERS, 2)
        self.ids = self.rng.sample(IDS, self.pick([4, 8, 12]))
        self.texts = self.rng.sample(TEXTS, self.pick([2, 4]))
        self.instants = self.rng.sample(INSTANTS, self.pick([3, 5]))
        self.event_ids = [f"{self.pick('eÉF')}{n}" for n in range(self.size // 3)]

    def chance(self, share):
        return self.rng.random() < share

    def pick(self, values):
        return self.rng.choice(values)

    def shuffled(self, values):
        return self.rng.sample(values, len(values))

    def world(self):
        messages = [self.message() for _ in range(self.size)]
        messages += [self.again(self.pick(messages)) for _ in range(self.size // 10)]
        messages = tuple(self.shuffled(messages))
        plans = tuple(self.plan(messages) for _ in range(1 + self.seed % 2))
        return Made(self.seed, self.settings, messages, plans, self.conflicts)

    # --- plans

    def plan(self, messages):
        numbers = self.shuffled(range(len(messages)))
        where = tuple(self.rng.randrange(12) for _ in messages)
        if self.chance(0.4):
            self.neighbours(numbers, messages)
            return Plan(4, "roundrobin", where, self.race(tuple(numbers)), slow=self.chance(0.7))
        order = self.pick(["any", "any", "any", "events first", "interactions first", "neighbours"])
        if order in ("events first", "interactions first"):
            numbers.sort(key=lambda n: (messages[n].topic == "feedback") == (order != "events first"))
        if order == "neighbours":
            self.neighbours(numbers, messages)
        cuts = sorted(self.rng.sample(range(1, len(numbers)), self.pick([0, 1, 2])))
        waves = [numbers[a:b] for a, b in zip([0, *cuts], [*cuts, len(numbers)])]
        steps = [self.step(tuple(wave), last=wave is waves[-1]) for wave in waves]
        if steps[-1].end != "drain":
            steps.append(Step((), (self.process(),)))
        # no cooperative-sticky: librdkafka before 2.3 aborts where a member leaves before its first assignment
        return Plan(self.rng.randrange(1, 5), self.pick(["range", "roundrobin"]), where, tuple(steps))

    def neighbours(self, numbers, messages):
        """What may belong together comes at the same time."""
        what = self.pick(["end_user", "conversation_id", "trace_id", "input"])

        def group(n):
            fields = getattr(messages[n], "fields", {})
            return fields.get("tenant", ""), match_text(repair(fields.get(what) or "")[0]) or ""

        numbers.sort(key=group)

    def race(self, numbers):
        """Everything at once to as many as there can be, one message at a time; and nothing again that would mend it."""
        processes = tuple(dict(self.process(), workers=workers, batch__max__events=1) for workers in self.pick([(4,), (3, 3), (2, 2, 2)]))
        return Step(numbers, processes, "stop", share=1, live=1), Step((), (self.process(),))

    def step(self, numbers, last):
        end = self.pick(["drain", "drain", "kill", "kill", "stop"])
        processes = tuple(self.process() for _ in range(self.pick([1, 1, 2])))
        if end != "drain":
            return Step(numbers, processes, end, share=self.rng.random() * 0.9, live=self.pick([0, 0.5, 1]), rewind=self.pick([0, 0.5]))
        return Step(numbers, processes, rewind=self.pick([0, 0, 0.5, 1]), twins=self.chance(0.3))

    def process(self):
        """Most batches are tiny: what may happen between two transactions is what we are after."""
        return dict(workers=self.pick([1, 2, 3]), batch__max__events=self.pick([1, 1, 2, 5, 20, 5000]),
                    batch__max__wait__ms=self.pick([1, 5, 50]), decode__bare=self.pick(["on", "off"]))

    # --- messages

    def message(self):
        kind = self.rng.random()
        if kind < 0.04:
            return self.rubbish()
        if kind < 0.40:
            return self.interaction()
        return self.event()

    def rubbish(self):
        topic = self.pick(["feedback", "interactions"])
        like = E("e", end_user="ann") if topic == "feedback" else I("i", 10)
        record = wire.encode(wire.PARSED[topic], wire.nest(topic, like.fields))
        raw, reason = self.pick([
            (None, None),
            (b"", "undecodable"),
            (b"\x00\x01", "undecodable"),
            (wire.single_object(wire.FINGERPRINTS[topic], record[:self.rng.randrange(len(record))]), "undecodable"),
            (wire.single_object(wire.FINGERPRINTS[topic], record + b"\1"), "undecodable"),
            (wire.single_object(bytes(8), record), "unknown_schema")])
        return Rubbish(topic, raw, reason, dict(self.key(), record_time=t(20) // 1000))

    def key(self):
        return dict(key=self.pick([None, b"ann", b"c1", b"\xff"]))

    def made(self, message, record_time):
        """A message with a way of its own: framing, key, and sometimes an older writer."""
        send = dict(self.key(), framing=self.pick(["confluent", "single-object"]), record_time=record_time)
        fields = message.fields
        if not any(fields.get(k) for k in OPTIONAL) and self.chance(0.3):
            fields = {k: v for k, v in fields.items() if k not in OPTIONAL}
            send.update(framing="confluent", schema=OLDER[message.topic])
        return Message(message.topic, fields, send)

    def near(self):
        """A point in time on, or just beside, one at which something else happens."""
        tolerance = self.settings.tolerance_ms / 1000
        return self.pick([*self.instants, 31, 31]) + self.pick(EDGES) - self.pick([0, 0, tolerance])

    def interaction(self):
        fields = dict(end_user=self.pick([*self.users, *self.users, ""]), conversation_id=self.pick([*CONVERSATIONS, None]),
                      trace_id=self.pick([*TRACES, None]), input=self.pick([*self.texts, *self.texts, ""]),
                      output=self.pick([*self.texts, *self.texts, self.pick(BLANK)]), attributes=self.pick(ATTRIBUTES),
                      revision=self.pick([0, 0, 1, 2, 3, -1]))
        if self.chance(0.3):
            fields["started_at"] = t(self.rng.randrange(10))
        ended = None if self.chance(0.2) else self.pick(self.instants)
        plain = I(self.pick(self.ids), ended, tenant=self.pick(TENANTS), **fields)
        made = self.made(plain, t(self.rng.randrange(10, 40)) // 1000)
        self.interactions.append(made)
        if self.chance(0.06):
            return Message("interactions", {**plain.fields, **self.pick(INVALID_INTERACTION)},
                           {**made.send, "schema": None, "framing": "single-object"})
        return made

    def target(self):
        """What an event is about: the values of a mask, mostly those of one interaction, told in other words."""
        like = self.pick(self.interactions).fields if self.interactions and self.chance(0.9) else {}
        values = dict(interaction_id=self.pick(self.ids), conversation_id=self.pick(CONVERSATIONS), trace_id=self.pick(TRACES),
                      end_user=self.pick(self.users), input=self.pick(self.texts), output=self.pick(self.texts))
        values.update({k: like[k] for k in values if like.get(k)})
        mask = self.pick(MASKS)
        fields = {k: values[k] for k in mask}
        for k in ("input", "output"):
            if k in fields:
                fields[k] = self.pick([fields[k], fields[k] + " ", " \r\n" + fields[k], fields[k].replace("\r\n", "\n")])
            elif "interaction_id" not in mask:
                fields[k] = self.pick(BLANK)
        if mask == ("interaction_id",) and self.chance(0.5):  # alone, whatever else it says
            fields.update(conversation_id=self.pick(CONVERSATIONS), trace_id=self.pick(TRACES), input=self.pick(self.texts))
        if "end_user" not in fields:
            fields["end_user"] = self.pick([None, *self.users])
        return like.get("tenant", self.pick(TENANTS)), fields

    def what(self):
        slug = self.pick(SLUGS)
        fields = dict(slug=slug, source=self.pick(["customer", "customer", "platform"]), attributes=self.pick(ATTRIBUTES))
        if slug == "retract":
            fields["retracts"] = self.pick([*self.event_ids[:5], self.pick(self.event_ids), self.pick(self.event_ids), "never"])
        if slug in NEEDS_TEXT or self.chance(0.2):
            fields["text"] = self.pick([*self.texts, "i", "a\nb", b"b\xff\xfe"])
        if slug == "rating":
            fields["value"] = self.rng.randrange(1, 6)
        if slug == "score":
            fields.update(value=self.rng.randrange(-10, 11), weight=self.pick([None, 0.0, 0.25, 1.0]))
        return fields

    def clocks(self, happened):
        """(timestamp, sent_at, record time in ms): the clock of the client on both sides of each bound."""
        record = t(happened) // 1000 + self.pick([0, 200, 1000, 6000, 400_000])
        if self.chance(0.05):
            return dict(timestamp=t(happened), sent_at=t(happened)), None
        if self.chance(0.5):
            return dict(timestamp=t(happened)), record
        bound = max(self.settings.skew_min_ms, 0) * 1000
        off = self.pick([0, bound - 1, bound, bound + 1, -999_999, -1_000_000, -1_000_001, -bound, 1 - bound])
        return dict(timestamp=t(happened) - self.pick([0, off]), sent_at=record * 1000 - off), record

    def event(self):
        tenant, target = self.target()
        event_id = self.pick(self.event_ids)
        if (known := self.contents.get((tenant, event_id))) and not (self.conflicts and self.chance(0.3)):
            return self.again(known)
        clocks, record = self.clocks(self.near())
        fields = dict(event_id=event_id, tenant=tenant, **target, **self.what(), **clocks)
        plain = Message("feedback", {k: v for k, v in fields.items() if v is not None})
        if self.chance(0.1):
            bad = Message("feedback", {**fields, **self.pick(self.pick(list(INVALID.values())))})
            if not valid(bad):
                return Message("feedback", bad.fields, dict(self.key(), framing="single-object", record_time=record))
        made = self.made(plain, record)
        self.contents.setdefault((tenant, event_id), made)
        return made

    def again(self, message):
        """A copy, with a time, a way and a spelling of its own."""
        if isinstance(message, Rubbish):
            return message
        record = message.record_time
        if message.topic == "feedback" and record is not None:
            record += self.pick([0, 0, 1, -1, self.rng.randrange(-8000, 8000), self.settings.skew_min_ms])
        if message.send.get("schema"):
            return Message(message.topic, message.fields, {**message.send, "record_time": record})
        return Message(message.topic, {k: self.respelt(v) for k, v in message.fields.items()},
                       dict(self.key(), framing=self.pick(["confluent", "single-object"]), record_time=record))

    def respelt(self, value):
        """The same content after repair."""
        if isinstance(value, str) and "\ufffd" in value and self.chance(0.5):
            return value.encode().replace("\ufffd".encode(), self.pick([b"\xff", b"\0", b"\xc3\x28"[:1]]))
        return value


def valid(message):
    """Whether an event is stored, if not another has its id: none here comes near the ends of time by its record time."""
    return judge(message.topic, message.fields, None, Settings()) is None


def mask_of(event):
    return tuple(keys_of(repair_record(event, EVENT)[0]))
