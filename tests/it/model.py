"""What the tables must say, worked out from the messages alone, the slow and plain way.

Written from the contract, for comparison: no index, no order, no transaction. It knows nothing of the program.
"""

import json
import re
from dataclasses import dataclass, field

FIRST, LAST = 0, 253_402_300_799_999_999  # 1970 to 9999, microseconds
IMPLICIT = ("copy_input", "copy_output", "paste")
MEASURES = dict(thumbs=("thumbs_up", "thumbs_down", "neutral"), comment=("comment",), rating=("rating",), score=("score",))
DAY = 86_400_000_000
EVENT = dict(event_id=None, tenant="default", slug=None, text=None, value=None, weight=None, end_user=None,
             interaction_id=None, conversation_id=None, trace_id=None, input=None, output=None, timestamp=None,
             sent_at=None, anonymize=False, source="customer", retracts=None, attributes=None)
INTERACTION = dict(tenant="default", interaction_id=None, revision=0, conversation_id=None, trace_id=None,
                   end_user=None, input=None, output=None, started_at=None, ended_at=None, anonymize=False,
                   attributes=None)


# --- text ------------------------------------------------------------------------------------------------------

def repair(text):
    """(text as Postgres can hold it, whether anything had to be repaired); absent when empty."""
    raw = text.encode("utf-8", "surrogatepass") if isinstance(text, str) else text
    if not raw:
        return None, False
    # surrogateescape marks each byte that belongs to no valid character
    seen = raw.decode("utf-8", "surrogateescape")
    good = re.sub("[\udc80-\udcff]+|\0", "\ufffd", seen)
    return good, good != seen


def repair_record(record, defaults):
    """The record after defaults and repair, and whether a text of it was repaired."""
    out, repaired = dict(defaults), False
    for name, value in record.items():
        if isinstance(value, (str, bytes)):
            value, r = repair(value)
            repaired |= r
        out[name] = value
    return out, repaired


def match_text(text):
    """A text as it is compared; None where it is no key."""
    return (text or "").replace("\r\n", "\n").strip(" \t\n\v\f\r") or None


def size(text):
    return len((text or "").encode())


# --- attributes ------------------------------------------------------------------------------------------------

def depth(json_text):
    """Levels of nesting of a JSON text that is well-formed."""
    deepest = level = 0
    for token in re.finditer(r'"(?:[^"\\]|\\.)*"|[][{}]', json_text, re.S):
        level += token[0] in "{["
        level -= token[0] in "}]"
        deepest = max(deepest, level)
    return deepest


def bad_constant(name):
    raise ValueError(name)


class Members(list):
    """Those of an object, of one name too."""


def attributes(text):
    """(the object, whether an escape of it was repaired); ValueError where it may not be stored."""
    if depth(text) > 64:
        raise ValueError("too deep")
    escapes = []

    def fix(value):
        if isinstance(value, str):
            good = re.sub("[\0\ud800-\udfff]", "\ufffd", value)
            escapes.append(good != value)
            return good
        if isinstance(value, Members):
            return {fix(k): fix(v) for k, v in value}
        if isinstance(value, list):
            return [fix(v) for v in value]
        return value

    value = fix(json.loads(text, parse_constant=bad_constant, object_pairs_hook=Members))
    if not isinstance(value, dict):
        raise ValueError("not an object")
    return value, any(escapes)


# --- judging ---------------------------------------------------------------------------------------------------

@dataclass
class Settings:
    tolerance_ms: int = 0
    skew_min_ms: int = 300_000
    copy_chars: int = 100_000
    comment_chars: int = 5_000


def occurred_at(event, record_time, settings):
    """record_time: Kafka's, in milliseconds; None where the record has none."""
    at, sent = event["timestamp"], event["sent_at"]
    if sent is None or record_time is None or settings.skew_min_ms == -1:
        return at
    off = record_time * 1000 - sent
    wrong = abs(off) >= settings.skew_min_ms * 1000 or off < -1_000_000
    return at + off if wrong else at


def in_range(*times):
    return all(t is None or FIRST <= t <= LAST for t in times)


def attributes_fit(text):
    try:
        if text is not None:
            attributes(text)
        return True
    except ValueError:
        return False


def judge(topic, record, record_time, settings):
    """The reason for which a message is rejected on its own account; None when it can be stored."""
    if topic == "interactions":
        return judge_interaction(repair_record(record, INTERACTION)[0])
    return judge_event(repair_record(record, EVENT)[0], record_time, settings)


def judge_event(e, record_time, settings):
    """The reason for which an event, repaired, can never be stored; None when it can."""
    slug = e["slug"]
    needs_value, needs_text = slug in ("rating", "score"), slug in IMPLICIT + ("comment",)
    if not e["event_id"]:
        return "missing_event_id"
    if size(e["event_id"]) > 128 or size(e["retracts"]) > 128 or any(
            size(e[k]) > 1024 for k in ("tenant", "end_user", "interaction_id", "conversation_id", "trace_id")):
        return "id_too_long"
    if (not e["tenant"] or needs_value and e["value"] is None or needs_text and not e["text"]
            or slug == "retract" and not e["retracts"]):
        return "missing_field"
    if slug != "retract" and not any(e[k] for k in ("interaction_id", "conversation_id", "trace_id", "end_user")):
        return "missing_target"
    if (e["value"] is not None and not needs_value or e["weight"] is not None and slug != "score"
            or e["retracts"] and slug != "retract"):
        return "value_not_allowed"
    if (slug == "rating" and not 1 <= e["value"] <= 5 or slug == "score" and not -10 <= e["value"] <= 10
            or e["weight"] is not None and not 0 <= e["weight"] <= 1):
        return "value_out_of_range"
    if len(e["text"] or "") > (settings.copy_chars if slug in IMPLICIT else settings.comment_chars):
        return "text_too_long"
    if not in_range(e["timestamp"], e["sent_at"], occurred_at(e, record_time, settings)):
        return "bad_timestamp"
    if not attributes_fit(e["attributes"]):
        return "bad_attributes"
    return None


def judge_interaction(i):
    if any(size(i[k]) > 1024 for k in ("tenant", "end_user", "interaction_id", "conversation_id", "trace_id")):
        return "id_too_long"
    if not i["tenant"] or not i["interaction_id"]:
        return "missing_field"
    start, end = i["started_at"], i["ended_at"]
    if not in_range(start, end) or start is not None and end is not None and end < start:
        return "bad_timestamp"
    if not attributes_fit(i["attributes"]):
        return "bad_attributes"
    return None


# --- resolving -------------------------------------------------------------------------------------------------

def keys_of(event):
    """The keys of an event: what its interaction must agree with."""
    if event["interaction_id"]:
        return {"interaction_id": event["interaction_id"]}
    ids = {k: event[k] for k in ("conversation_id", "trace_id") if event[k]}
    if not ids:
        ids = {"end_user": event["end_user"]}
    texts = {k: match_text(event[k]) for k in ("input", "output")}
    return {**ids, **{k: v for k, v in texts.items() if v}}


def resolution_of(keys):
    if "interaction_id" in keys:
        return "interaction_id"
    if "conversation_id" in keys:
        return "conversation"
    if "trace_id" in keys:
        return "trace"
    texts = [k for k in ("input", "output") if k in keys]
    return "_".join(texts) or "time"


def agrees(interaction, keys, loosely=False):
    """Whether an interaction has these keys. Loosely: an output that is still to come agrees with any."""
    for k, v in keys.items():
        have = match_text(interaction[k]) if k in ("input", "output") else interaction[k]
        if have != v and not (loosely and k == "output" and have is None and interaction["ended_at"] is None):
            return False
    return True


def by_end(interaction):
    return interaction["ended_at"], interaction["interaction_id"].encode()


def resolve(event, at, interactions, settings):
    """(interactions that an event belongs to, None) or ([], why it is pending). All of them are of its tenant."""
    keys = keys_of(event)
    near = [i for i in interactions if agrees(i, keys, loosely=True)]
    done = [i for i in near if i["ended_at"] is not None and agrees(i, keys)]
    if "interaction_id" in keys or set(keys) == {"trace_id"}:
        early = done
    else:
        early = [i for i in done if i["ended_at"] < at + settings.tolerance_ms * 1000]
    if not early:
        return [], "too_early" if done else "not_completed" if near else "no_interaction"
    return (early if set(keys) == {"trace_id"} else [max(early, key=by_end)]), None


def interaction_row(interaction):
    """As the table `interaction` shows it."""
    sent = interaction["attributes"]
    return {**interaction, "attributes": sent and attributes(sent)[0]}


# --- tables ----------------------------------------------------------------------------------------------------

@dataclass
class Model:
    """Takes messages, in an order that may matter only for events that conflict; then says what the tables hold."""

    settings: Settings = field(default_factory=Settings)
    shown: dict = None  # (tenant, interaction_id): the row stored, which decides where only the program's keyed hash can
    events: dict = field(default_factory=dict)        # (tenant, event_id): [(event, record_time, repaired), ...]
    interactions: dict = field(default_factory=dict)  # (tenant, interaction_id): interaction

    def take(self, topic, record, record_time=None):
        """One decoded message with flat fields; returns the reason for which it is rejected, or None."""
        if topic == "interactions":
            return self.take_interaction(*repair_record(record, INTERACTION))
        return self.take_event(*repair_record(record, EVENT), record_time)

    def take_interaction(self, new, _repaired):
        if reason := judge_interaction(new):
            return reason
        at = new["tenant"], new["interaction_id"]
        old = self.interactions.get(at, new)
        rank = [(i["revision"], -1 if i["ended_at"] is None else i["ended_at"]) for i in (old, new)]
        if rank[0] == rank[1] and old != new:
            assert self.shown is not None, "which of these is kept is decided by a keyed hash: none of ours"
            self.interactions[at] = new if interaction_row(new) == self.shown.get(at) else old
            return None
        self.interactions[at] = max(old, new, key=lambda i: rank[i is new])
        return None

    def take_event(self, new, repaired, record_time):
        if reason := judge_event(new, record_time, self.settings):
            return reason
        copies = self.events.setdefault((new["tenant"], new["event_id"]), [])
        if copies and copies[0][0] != new:
            return "event_id_conflict"
        if new["attributes"]:
            repaired |= attributes(new["attributes"])[1]
        copies.append((new, record_time, repaired))
        return None

    def stored_interactions(self):
        """The table `interaction` as far as it shows messages, in no order."""
        return map(interaction_row, self.interactions.values())

    def settled(self):
        """(event, occurred_at, repaired, retracted, its interactions, why) of every event that is no retract."""
        retracted = {(tenant, copies[0][0]["retracts"]) for (tenant, _), copies in self.events.items()
                     if copies[0][0]["slug"] == "retract"}
        for (tenant, event_id), copies in self.events.items():
            # of two of one time the one that needed no repair: the order in which they came must not matter
            event, record_time, repaired = min(copies, key=lambda c: (float("inf") if c[1] is None else c[1], c[2]))
            if event["slug"] == "retract":
                continue
            at = occurred_at(event, record_time, self.settings)
            theirs = [i for i in self.interactions.values() if i["tenant"] == tenant]
            found, why = resolve(event, at, theirs, self.settings)
            yield event, at, repaired, (tenant, event_id) in retracted, found, why

    def joined(self):
        """feedback_joined, without received_at, in no order."""
        for e, at, repaired, retracted, found, _ in self.settled():
            row = {k: e[k] for k in ("tenant", "event_id", "slug", "text", "value", "source")}
            row.update(
                kind="implicit" if e["slug"] in IMPLICIT else "explicit",
                weight=weight(e),
                occurred_at=at, repaired=repaired, retracted=retracted,
                status="resolved" if found else "pending",
                resolution=resolution_of(keys_of(e)) if found else None,
                attributes=e["attributes"] and attributes(e["attributes"])[0])
            for i in found or [INTERACTION]:
                share = copied(e, i)
                yield dict(row, end_user=e["end_user"] or i["end_user"],
                           **{k: i[k] for k in ("interaction_id", "conversation_id", "trace_id", "input", "output",
                                                "started_at", "ended_at")},
                           interaction_attributes=i["attributes"] and attributes(i["attributes"])[0],
                           copied_from=share[0], copied_share=share[1], pii=None, pii_version=None)

    def pending(self):
        """pending_feedback, without received_at, in no order."""
        for e, at, _, retracted, _, why in self.settled():
            if why and not retracted:
                yield dict({k: e[k] for k in ("tenant", "event_id", "slug", "end_user")}, occurred_at=at, why=why)

    def counted(self):
        """(event, occurred_at, its interactions) of every event that was not taken back."""
        return [(e, at, found) for e, at, _, retracted, found, _ in self.settled() if not retracted]

    def ratings(self):
        """current_rating, in no order."""
        said = {}
        for e, at, found in self.counted():
            for i in found if e["slug"] not in IMPLICIT else []:
                for measure, slugs in MEASURES.items():
                    if e["slug"] in slugs or e["slug"] == "clear":
                        who = e["tenant"], i["interaction_id"], e["end_user"] or i["end_user"], e["source"], measure
                        said.setdefault(who, []).append((at, e["event_id"].encode(), e))
        for who, events in said.items():
            at, _, e = max(events, key=lambda x: x[:2])
            if e["slug"] != "clear":
                yield dict(zip(("tenant", "interaction_id", "end_user", "source", "measure"), who), slug=e["slug"],
                           value=e["value"], weight=weight(e), text=e["text"], event_id=e["event_id"], occurred_at=at)

    def days(self):
        """satisfaction_daily, day as days since 1970, in no order."""
        out = {}

        def day(tenant, at):
            return out.setdefault((tenant, at // DAY), dict(seen=[], copies=0, pastes=0, rated=[]))

        ratings = [r for r in self.ratings() if r["source"] == "customer"]
        rated = {(r["tenant"], r["interaction_id"]) for r in ratings}
        for r in ratings:
            day(r["tenant"], r["occurred_at"])["seen"].append(r)
        for e, at, _ in self.counted():
            if e["source"] == "customer":
                day(e["tenant"], at)["copies"] += e["slug"] in ("copy_input", "copy_output")
                day(e["tenant"], at)["pastes"] += e["slug"] == "paste"
        for i in self.interactions.values():
            if i["ended_at"] is not None:
                day(i["tenant"], i["ended_at"])["rated"].append((i["tenant"], i["interaction_id"]) in rated)
        for (tenant, number), d in out.items():
            slugs, values = [r["slug"] for r in d["seen"]], [r["value"] for r in d["seen"] if r["slug"] == "rating"]
            up, down = slugs.count("thumbs_up"), slugs.count("thumbs_down")
            yield dict(tenant=tenant, day=number, thumbs_up=up, thumbs_down=down, neutral=slugs.count("neutral"),
                       satisfaction=up / (up + down) if up + down else None, ratings=len(values),
                       rating_average=sum(values) / len(values) if values else None, comments=slugs.count("comment"),
                       copies=d["copies"], pastes=d["pastes"], interactions=len(d["rated"]),
                       coverage=sum(d["rated"]) / len(d["rated"]) if d["rated"] else None)

    def scores(self):
        """trace_score, in no order."""
        out = {}
        for e, _, found in self.counted():
            if e["slug"] == "score" and e["source"] == "customer":
                for trace in {i["trace_id"] for i in found if i["trace_id"]}:  # one, however many interactions
                    out.setdefault((e["tenant"], trace), []).append((e["value"], weight(e)))
        for (tenant, trace), given in out.items():
            total = sum(w for _, w in given)
            yield dict(tenant=tenant, trace_id=trace, count=len(given),
                       score=sum(v * w for v, w in given) / total if total else None)

    def memory(self):
        """memory_exchange, in no order."""
        thumbs = {}
        for r in self.ratings():
            thumbs.setdefault((r["tenant"], r["interaction_id"]), set()).add(r["slug"])
        for at, slugs in thumbs.items():
            if "thumbs_up" in slugs and "thumbs_down" not in slugs:
                yield {k: self.interactions[at][k] for k in ("tenant", "interaction_id", "conversation_id", "end_user",
                                                             "input", "output", "ended_at")}


def weight(event):
    return 1.0 if event["slug"] == "score" and event["weight"] is None else event["weight"]


def copied(event, interaction):
    """(copied_from, copied_share)"""
    source = interaction["input" if event["slug"] == "copy_input" else "output"]
    if event["slug"] not in IMPLICIT or not source:
        return None, None
    text, source = event["text"].replace("\r\n", "\n"), source.replace("\r\n", "\n")
    at = source.find(text)
    return (at + 1, len(text) / len(source)) if at >= 0 else (None, None)
