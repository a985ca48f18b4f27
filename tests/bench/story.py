"""What happened: interactions and events, everything about number i following from i; and their Avro, written quickly."""

import struct
import uuid
from dataclasses import dataclass
from random import Random

import wire
from world import BASE

MONTH = 30 * 86400 * 1_000_000
TENANTS = ["default", "shop", "support-eu", "internal.tools"]
MASKS = {
    # Which keys an event has, as bits: 1 interaction_id, 2 conversation_id, 4 trace_id, 8 end_user, 16 input, 32 output.
    # All 17 combinations, and how many events of 100 have them.
    1: 40, 2: 8, 18: 4, 34: 3, 50: 5, 4: 4, 20: 2, 36: 2, 52: 2, 6: 5, 22: 2, 38: 2, 54: 3, 8: 4, 24: 4, 40: 3, 56: 7}
SLUGS = {"thumbs_up": 30, "thumbs_down": 12, "neutral": 3, "rating": 10, "score": 8, "comment": 12, "copy_input": 3,
         "copy_output": 12, "paste": 5, "clear": 3, "retract": 2}

INPUTS = ["How do I change the delivery address of order {}?", "Summarise ticket {} in two sentences, please.",
          "Why does my invoice {} have two lines for the same month?", "Write a friendly reminder about appointment {}.",
          "Übersetze Absatz {} ins Englische und behalte die Fachbegriffe bei.", "What does error E{} mean?"]
OUTPUTS = ["Open the order, choose “Change address”, and confirm. Order {} has not been packed yet, so the change is free.",
           "The customer reports that export {} stops at 90 %. A restart of the job helped; the cause is still being looked at.",
           "Both lines of {} belong to the same month because the plan changed on the 12th: each covers its part of it.",
           "Error {} says that the connection was closed before the answer was complete. Try again; if it persists, "
           "check the proxy's idle timeout."]
COMMENTS = ["Exactly what I needed, thanks!", "This misses the point: I asked about the invoice, not about the order itself.",
            "Correct, but far too long for a chat window.", "Bitte mit Quellenangabe, sonst kann ich es nicht verwenden.",
            "Still wrong. Write to anna.schmidt@example.com or call +49 30 901820, please."]


def resolution(mask):
    """What the view says an event of this mask was found by."""
    named = [(1, "interaction_id"), (2, "conversation"), (4, "trace")]
    texts = {48: "input_output", 16: "input", 32: "output", 0: "time"}
    return next((name for bit, name in named if mask & bit), texts[mask & 48])


def scatter(n, salt=0):
    """A number that looks random, of 64 bits."""
    n = (n + salt * 0x9E3779B97F4A7C15 + 0x9E3779B97F4A7C15) & 0xFFFFFFFFFFFFFFFF
    n = ((n ^ n >> 30) * 0xBF58476D1CE4E5B9) & 0xFFFFFFFFFFFFFFFF
    n = ((n ^ n >> 27) * 0x94D049BB133111EB) & 0xFFFFFFFFFFFFFFFF
    return n ^ n >> 31


@dataclass
class Event:
    """An event of a story, and what must become of it."""

    record: dict
    how: str | None  # how it is resolved in the end; None: a retract, never
    late: bool  # does its interaction come late?


class Story:
    """Interactions i = 0, 1, ... in the order of time: a trace has two, a conversation four, a user as many as there are."""

    def __init__(self, events, interactions, users, masks=MASKS):
        self.nevents, self.ninteractions, self.users = events, max(8, interactions), users
        self.masks = {mask: MASKS[mask] for mask in masks}

    def user(self, i):
        return scatter(i // 4) % self.users

    def is_late(self, i):
        """All that one user in twenty did comes late, so that until then their events find nothing by any key."""
        return self.user(i) // len(TENANTS) % 20 == 0

    def end(self, i):
        return BASE + i * MONTH // self.ninteractions

    def interaction(self, i):
        user = self.user(i)
        return dict(
            tenant=TENANTS[user % len(TENANTS)], interaction_id=f"msg_{scatter(i, 1):016x}", revision=0,
            conversation_id=f"{scatter(i // 4, 2):016x}{scatter(i // 4, 3):016x}", trace_id=f"{scatter(i // 2, 4):016x}",
            end_user=f"user-{user}@example.com", input=INPUTS[i % len(INPUTS)].format(i // 8),
            output=OUTPUTS[i % len(OUTPUTS)].format(i // 8), started_at=self.end(i) - 4_000_000, ended_at=self.end(i),
            anonymize=False, attributes='{"model":"m-4"}')

    def interactions(self):
        """(record, does it come late?)"""
        for i in range(self.ninteractions):
            yield self.interaction(i), self.is_late(i)

    def about(self, n, random):
        """The interaction that event n is about, and the last one that had ended by then; most events are about recent ones."""
        now = n * self.ninteractions // self.nevents
        return max(0, now - int(random.expovariate(1 / 2000))), now

    def events(self):
        random = Random(1)
        slugs = random.choices(list(SLUGS), list(SLUGS.values()), k=self.nevents)
        masks = random.choices(list(self.masks), list(self.masks.values()), k=self.nevents)
        last = None
        for n, (slug, mask) in enumerate(zip(slugs, masks)):
            i, now = self.about(n, random)
            seen = self.interaction(i)
            at = self.end(now) + 1_000_000 + random.randrange(60_000_000)
            feedback = dict(slug=slug, text=None, value=None, weight=None)
            if slug == "rating":
                feedback["value"] = 1 + n % 5
            elif slug == "score":
                feedback.update(value=n % 21 - 10, weight=0.5 if n & 1 else None)
            elif slug == "comment" or slug == "thumbs_down" and n & 1:
                feedback["text"] = COMMENTS[n % len(COMMENTS)]
            elif slug == "copy_input":
                feedback["text"] = seen["input"]
            elif slug in ("copy_output", "paste"):
                feedback["text"] = seen["output"][n % 5:]
            retract = slug == "retract"
            record = dict(
                event_id=str(uuid.UUID(int=random.getrandbits(128))), tenant=seen["tenant"], feedback=feedback,
                metadata=dict(
                    end_user=seen["end_user"], interaction_id=seen["interaction_id"] if mask & 1 else None,
                    conversation_id=seen["conversation_id"] if mask & 3 else None, trace_id=seen["trace_id"] if mask & 4 else None,
                    # a client that names the interaction often sends the texts too
                    input=seen["input"] if mask & 16 or mask == 1 and n & 1 else None,
                    output=seen["output"] if mask & 32 or mask == 1 and n & 1 else None,
                    timestamp=at, sent_at=at + 40_000, anonymize=False, source="platform" if n % 25 == 0 else "customer",
                    retracts=last if retract else None,
                    attributes=f'{{"_environment":"production","app":"web","build":"4.12.{n % 97}","locale":"de-DE"}}'))
            last = record["event_id"]
            yield Event(record, None if retract else resolution(mask), self.is_late(i))


class Histories(Story):
    """One user with all the interactions but for those of a thousand others, who have ten each. Every tenth time a user says
    the same and gets the same answer. The events name nothing but the user, and texts: all of them or none."""

    OTHERS, SHORT = 1000, 10

    def __init__(self, events, interactions, long):
        super().__init__(events, interactions + self.OTHERS * self.SHORT, self.OTHERS + 1, [8, 24, 40, 56])
        self.long = long  # are the events those of the one user, or of the others?
        self.every = self.ninteractions // (self.OTHERS * self.SHORT)  # so often it is the others' turn

    def user(self, i):
        turn, mine = divmod(i, self.every)
        return 1 + turn % self.OTHERS if mine == 0 and turn < self.OTHERS * self.SHORT else 0

    def is_late(self, i):
        return False

    def interaction(self, i):
        user = self.user(i)
        again = (i // self.every // self.OTHERS if user else i) % 10 == 0
        return {**super().interaction(i), "tenant": TENANTS[0], "conversation_id": None, "trace_id": None,
                **(dict(input="Go on, please.", output="There is nothing more to say about it.") if again else {})}

    def about(self, n, random):
        while True:
            i = random.randrange(self.ninteractions)
            if self.long:
                if self.user(i) == 0:
                    return i, i
            else:
                i = random.randrange(self.OTHERS * self.SHORT) * self.every
                return i, i


# --- Avro, by hand because python-avro takes 30 times as long; check() compares ------------------------------------------

def varint(n):
    n = n << 1 ^ n >> 63
    out = bytearray()
    while n > 127:
        out.append(n & 127 | 128)
        n >>= 7
    out.append(n)
    return bytes(out)


SMALL = [varint(n) for n in range(4096)]
SYMBOLS = {slug: SMALL[n] for n, slug in enumerate(SLUGS)}
DOUBLE = struct.Struct("<d").pack


def string(s):
    raw = s.encode()
    return (SMALL[len(raw)] if len(raw) < len(SMALL) else varint(len(raw))) + raw


def null_or(encode, value):
    return b"\0" if value is None else b"\2" + encode(value)


def encode_interaction(r):
    return b"".join((
        string(r["tenant"]), string(r["interaction_id"]), varint(r["revision"]), null_or(string, r["conversation_id"]),
        null_or(string, r["trace_id"]), string(r["end_user"]), string(r["input"]), null_or(string, r["output"]),
        null_or(varint, r["started_at"]), null_or(varint, r["ended_at"]), b"\1" if r["anonymize"] else b"\0",
        null_or(string, r["attributes"])))


def encode_event(r):
    f, m = r["feedback"], r["metadata"]
    return b"".join((
        string(r["event_id"]), string(r["tenant"]), SYMBOLS[f["slug"]], null_or(string, f["text"]), null_or(varint, f["value"]),
        null_or(DOUBLE, f["weight"]), null_or(string, m["end_user"]), null_or(string, m["interaction_id"]),
        null_or(string, m["conversation_id"]), null_or(string, m["trace_id"]), null_or(string, m["input"]),
        null_or(string, m["output"]), varint(m["timestamp"]), null_or(varint, m["sent_at"]), b"\1" if m["anonymize"] else b"\0",
        b"\0" if m["source"] == "customer" else b"\2", null_or(string, m["retracts"]), null_or(string, m["attributes"])))


def framed(kind, body):
    return wire.single_object(wire.FINGERPRINTS[kind], body)


def check():
    """The two encoders write what python-avro writes."""
    story = Story(500, 50, 20)
    for record, _ in story.interactions():
        assert encode_interaction(record) == wire.encode(wire.PARSED["interactions"], record), record
    for event in story.events():
        assert encode_event(event.record) == wire.encode(wire.PARSED["feedback"], event.record), event.record
