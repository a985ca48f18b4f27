"""Random worlds: messages over small alphabets, so that everything collides with everything."""

import random
from dataclasses import dataclass

import wire
from model import EVENT, Settings, judge_event, repair_record
from world import LAST, E, I, Message, t

TENANTS = ["a", "b"]
USERS = [None, "ann", "bob"]
CONVERSATIONS = [None, "c1", "c2"]
TRACES = [None, None, "t1", "t2"]
IDS = ["i1", "i2", "I3", "é4", "i", "\U0001f600", "i1 ", "x", "y", "z", "\uffff", "i-1", *(f"n{n}" for n in range(30))]
KEYS = ["hi", "hi", "hi ", " hi\r\n", "a\r\nb", "a\nb", "b\0", "b\ufffd", b"b\xff\xfe"]
TEXTS = [*KEYS, *KEYS, "HI", "", " \t", None, "\u00a0hi", "日本 hi"]
SLUGS = ("thumbs_up thumbs_down neutral rating score comment copy_input copy_output paste clear retract retract").split()
NEEDS_TEXT = ("comment", "copy_input", "copy_output", "paste")
ATTRIBUTES = [None, None, None, "", "{}", '{"_user": "ann", "n": [1, 2.50, null]}', r'{"a": "\ud800"}', '{"b":1,"a":2,"b":3}',
              b'{"c": "\xff"}', r'{"d\u0000": "\ud83d\ude00"}']
INVALID = [  # over an event that is valid
    dict(event_id=""), dict(event_id="x" * 129), dict(conversation_id="c" * 1025), dict(tenant=""),
    dict(slug="rating", value=None), dict(slug="comment", text=""), dict(slug="retract", retracts=None),
    dict(end_user=None, interaction_id=None, conversation_id=None, trace_id=""), dict(slug="clear", value=1),
    dict(slug="neutral", weight=0.5), dict(slug="paste", text="x", retracts="e1"), dict(slug="rating", value=6),
    dict(slug="score", value=-11), dict(slug="score", value=1, weight=1.5), dict(slug="comment", text="é" * 5001),
    dict(timestamp=-1), dict(sent_at=LAST + 1), dict(attributes="[]"), dict(attributes='{"a":' * 65 + "1" + "}" * 65)]
INVALID_INTERACTION = [dict(interaction_id=""), dict(tenant=""), dict(end_user="u" * 1025), dict(started_at=-1),
                       dict(ended_at=t(1), started_at=t(2)), dict(attributes="{]")]


@dataclass
class Generated:
    settings: Settings
    waves: list        # of lists of Message or (topic, bytes, reason)
    options: list      # of run, for each wave


def valid(message):
    """Whether an event is stored, if not another has its id: none here comes near the ends of time."""
    return judge_event(repair_record(message.fields, EVENT)[0], None, Settings()) is None


class Generator:
    """conflicts: whether ids are used for other contents, which makes the order of the waves matter."""

    def __init__(self, seed, size, conflicts):
        self.rng, self.size, self.conflicts = random.Random(seed), size, conflicts
        self.contents, self.ranks, self.stored = {}, {}, set()

    def chance(self, share):
        return self.rng.random() < share

    def pick(self, values):
        return self.rng.choice(values)

    def world(self):
        settings = Settings(tolerance_ms=self.pick([0, 0, 0, 2000]), skew_min_ms=self.pick([300_000, 300_000, 5000, -1, 0]))
        waves = []
        for _ in range(3):
            wave = [self.message() for _ in range(self.size)]
            wave += [self.again(m) for m in wave if self.chance(0.1)]
            wave += [self.again(self.pick(w)) for w in waves for _ in range(self.size // 10)]
            if self.conflicts and self.stored:
                wave += [self.conflict() for _ in range(self.size // 20)]
            self.stored |= {(m.fields["tenant"], m.fields["event_id"]) for m in wave
                            if isinstance(m, Message) and m.topic == "feedback" and valid(m)}
            self.rng.shuffle(wave)
            waves.append(wave)
        options = [dict(workers=self.pick([1, 2, 3]), batch__max__events=self.pick([2, 5, 20, 100, 5000]),
                        decode__bare=self.pick(["on", "off"])) for _ in waves]
        return Generated(settings, waves, options)

    # --- messages

    def message(self):
        kind = self.rng.random()
        if kind < 0.04:
            return self.rubbish()
        if kind < 0.32:
            return self.interaction()
        return self.event()

    def rubbish(self):
        topic = self.pick(["feedback", "interactions"])
        record = wire.encode(wire.PARSED[topic], wire.nest(topic, (self.event() if topic == "feedback" else self.interaction()).fields))
        return self.pick([
            (topic, None, None),
            (topic, b"", "undecodable"),
            (topic, b"\x00\x01", "undecodable"),
            (topic, wire.single_object(wire.FINGERPRINTS[topic], record[:self.rng.randrange(len(record))]), "undecodable"),
            (topic, wire.single_object(wire.FINGERPRINTS[topic], record + b"\1"), "undecodable"),
            (topic, wire.single_object(bytes(8), record), "unknown_schema")])

    def how(self):
        return dict(framing=self.pick(["confluent", "single-object"]), key=self.pick([None, b"ann", b"c1", b"\xff"]))

    def interaction(self):
        """Of one id no two contents of one rank: which of those is kept only the program knows."""
        tenant, interaction_id = self.pick(TENANTS), self.pick(IDS)
        fields = dict(end_user=self.pick(USERS) or "", conversation_id=self.pick(CONVERSATIONS), trace_id=self.pick(TRACES),
                      input=self.pick(TEXTS) or "", output=self.pick(TEXTS), attributes=self.pick(ATTRIBUTES),
                      revision=self.pick([0, 0, 1, 2, 3, -1]))
        ended = None if self.chance(0.25) else self.rng.randrange(10, 31)
        if self.chance(0.3):
            fields["started_at"] = t(self.rng.randrange(10))
        at = tenant, interaction_id, fields["revision"], ended
        if at in self.ranks:
            return self.again(self.ranks[at])
        made = I(interaction_id, ended, tenant=tenant, **fields, **self.how())
        if self.chance(0.05):
            return Message(made.topic, {**made.fields, **self.pick(INVALID_INTERACTION)}, made.send)
        self.ranks[at] = made
        return made

    def event(self):
        slug = self.pick(SLUGS)
        n = self.rng.randrange(self.size * 2)
        tenant, event_id = self.pick(TENANTS), f"e{n}"
        fields = {}
        if slug == "retract":
            fields["retracts"] = f"e{self.rng.randrange(self.size * 2)}"
        if slug in NEEDS_TEXT or self.chance(0.2):
            fields["text"] = self.pick([x for x in TEXTS if x]) if slug in NEEDS_TEXT else self.pick(TEXTS)
        if slug == "rating":
            fields["value"] = self.rng.randrange(1, 6)
        if slug == "score":
            fields.update(value=self.rng.randrange(-10, 11), weight=self.pick([None, 0.0, 0.25, 1.0]))
        if self.chance(0.15):
            fields["interaction_id"] = self.pick(IDS)
        if self.chance(0.4):
            fields.update(conversation_id=self.pick(CONVERSATIONS), trace_id=self.pick(TRACES))
        fields["end_user"] = self.pick(USERS)
        if not any(fields.get(k) for k in ("interaction_id", "conversation_id", "trace_id", "end_user")):
            fields["end_user"] = "ann"
        if self.chance(0.5):
            fields["input"] = self.pick(TEXTS)
        if self.chance(0.5):
            fields["output"] = self.pick(TEXTS)
        at = self.rng.randrange(8, 34) + self.pick([0, 0, 0.000001, 0.5])
        record_time = at + self.pick([0, 0.2, 1, 6, 400])
        if self.chance(0.4):
            fields["sent_at"] = t(at + self.pick([0, 0.1, -3, 5, -350, 350]))
        how = dict(self.how(), record_time=None if self.chance(0.05) else t(record_time) // 1000)
        made = E(event_id, slug, at, tenant=tenant, source=self.pick(["customer", "customer", "platform"]),
                 attributes=self.pick(ATTRIBUTES), **fields, **how)
        bad = Message(made.topic, {**made.fields, **self.pick(INVALID)}, made.send)
        if self.chance(0.08) and not valid(bad):
            return bad
        key = tenant, event_id
        known = self.contents.get(key)
        if known is not None:
            return self.again(known)
        self.contents[key] = made
        return made

    def again(self, message):
        """A copy, with a time and a way of its own."""
        if not isinstance(message, Message):
            return message
        send = dict(message.send, **self.how())
        if message.topic == "feedback" and message.record_time is not None and self.chance(0.7):
            send["record_time"] = message.record_time + self.rng.randrange(-8000, 8000)
        return Message(message.topic, message.fields, send)

    def conflict(self):
        """Another content under an id that is stored since an earlier wave."""
        first = self.contents[self.pick(sorted(self.stored))]
        return Message("feedback", {**first.fields, "timestamp": t(self.rng.randrange(8, 34)) + 7}, first.send)
