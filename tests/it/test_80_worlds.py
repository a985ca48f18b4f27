"""
Random worlds: each is delivered as its plan says, then every column of every view is compared with the model.

    make worlds N=1000              seeds 0 to 999; SEED=5000 starts there
    make worlds SEED=123            one alone; ONLY=3,17 of its messages, PLAIN=1 one worker and no accidents

Worlds wait more than they work, so that several are under way at the same time. The first that fails is made small.
"""

import collections
import os
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

import generate
import model
from compare import VIEWS
from delivery import deliver
from generate import MASKS, SLUGS, Rubbish, mask_of
from shrink import shrink
from world import REASONS

LANES = 8
SHRINK_SECONDS = int(os.environ.get("SHRINK_SECONDS", 240))


def variant(config, seed):
    """A world as the command line wants it."""
    made = generate.world(seed)
    only, plain = config.getoption("only"), config.getoption("plain")
    made = made.plain() if plain else made
    return made.only(set(map(int, only.split(",")))) if only else made


@pytest.fixture(scope="session")
def deliveries(request, servers, tmp_path_factory):
    """Results to come, by seed."""
    room = tmp_path_factory.mktemp("worlds")
    seeds = [item.callspec.params["seed"] for item in request.session.items if item.originalname == "test_world"]
    with ThreadPoolExecutor(LANES) as lanes:
        def one(seed):
            with tempfile.TemporaryDirectory(dir=room) as folder:
                return deliver(servers, Path(folder), variant(request.config, seed))

        futures = {seed: lanes.submit(one, seed) for seed in seeds}
        yield futures
        for future in futures.values():
            future.cancel()


shrunk = []


def test_world(deliveries, servers, tmp_path, seed, request):
    # whatever it is: also what the servers say while tables are broken
    wrong = deliveries[seed].exception()
    if wrong is None:
        request.config.worlds += deliveries[seed].result()
        return
    said = f"seed {seed}: {wrong}\nThis alone: make worlds SEED={seed}"
    if SHRINK_SECONDS and not shrunk and not request.config.getoption("only"):
        shrunk.append(seed)

        def fails(made):
            try:
                deliver(servers, tmp_path, made)
            except Exception as again:
                return str(again)
            return None

        said += f"\n\nMade small:\n{shrink(variant(request.config, seed), fails, SHRINK_SECONDS)}"
    pytest.fail(said, pytrace=False)


# --- are they worth it? No server is needed to say so


def told(made):
    """A model that was told all messages of a world, and the reasons for which it refused some."""
    m, reasons = model.Model(made.settings, {}), collections.Counter()
    for message in made.messages:
        if isinstance(message, Rubbish):
            reasons[message.reason] += 1
        else:
            reasons[m.take(message.topic, message.fields, message.record_time)] += 1
    return m, reasons


def happenings(made):
    """What happens in a world, by name."""
    m, reasons = told(made)
    yield from reasons.elements()
    ends = collections.Counter((i["tenant"], i["ended_at"]) for i in m.interactions.values())
    stored = {at: copies[0][0] for at, copies in m.events.items()}
    retracts = collections.Counter((e["tenant"], e["retracts"]) for e in stored.values() if e["slug"] == "retract")
    for (tenant, target), n in retracts.items():
        yield "retract of " + stored[tenant, target]["slug"] if (tenant, target) in stored else "retract of what never comes"
        if n > 1:
            yield "two retracts of one"
    for at, copies in m.events.items():
        if len({record for _, record, _ in copies}) > 1:
            yield "copies of several times"
        if len({model.occurred_at(e, record, made.settings) for e, record, _ in copies}) > 1:
            yield "copies that occurred at several times"
        if len({repaired for _, _, repaired in copies}) > 1:
            yield "copies of which some are repaired"
    for view, method in VIEWS.items():
        yield from (view for _ in getattr(m, method)())
    for e, at, repaired, retracted, found, why in m.settled():
        yield e["slug"]
        yield mask_of(e)
        yield why
        yield "repaired" if repaired else None
        yield "retracted" if retracted else None
        yield "skew forward" if at > e["timestamp"] else "skew back" if at < e["timestamp"] else None
        yield "fan-out" if len(found) > 1 else None
        if found:
            yield model.resolution_of(model.keys_of(e))
        for i in m.interactions.values():
            edge = None if i["ended_at"] is None else i["ended_at"] - at - made.settings.tolerance_ms * 1000
            if i["tenant"] == e["tenant"] and model.agrees(i, model.keys_of(e)) and edge in (-1, 0, 1):
                yield f"ended {edge} from the edge"
            if i in found and ends[i["tenant"], i["ended_at"]] > 1:
                yield "equal ends"
            if i in found and e["slug"] in model.IMPLICIT:
                yield e["slug"] + (" is there" if model.copied(e, i)[0] else " is not there")
    for message in made.messages:
        if message.topic == "interactions" and not isinstance(message, Rubbish):
            i = model.repair_record(message.fields, model.INTERACTION)[0]
            kept = m.interactions.get((i["tenant"], i["interaction_id"]))
            if kept and not model.judge_interaction(i) and i != kept:
                rank = [(x["revision"], x["ended_at"] or -1) for x in (i, kept)]
                yield "a tie" if rank[0] == rank[1] else "an older revision"
                yield from (f"another {k}" for k in ("end_user", "trace_id", "conversation_id", "input", "output") if i[k] != kept[k])
                yield "lost its end" if kept["ended_at"] is None and i["ended_at"] is not None else None
    for plan in made.plans:
        for step in plan.steps:
            yield step.end
            yield "twins" if step.twins else None
            yield "rewind" if step.rewind else None


def test_worlds_are_worth_it():
    """The hundred worlds that are always run hold enough of everything, or comparing them shows nothing."""
    seen = collections.Counter(what for seed in range(100) for what in happenings(generate.world(seed)))
    print(seen)
    wanted = [*SLUGS, *MASKS, *REASONS, *VIEWS, *"no_interaction not_completed too_early interaction_id conversation trace time input output "
              "input_output repaired retracted fan-out drain kill stop twins rewind".split(), "skew forward", "skew back", "equal ends",
              "a tie", "an older revision", "lost its end", "two retracts of one", "retract of what never comes", "retract of retract",
              "copies of several times", "copies that occurred at several times", "copies of which some are repaired",
              *(f"retract of {slug}" for slug in SLUGS),
              *(f"another {k}" for k in ("end_user", "trace_id", "conversation_id", "input", "output")),
              *(f"ended {edge} from the edge" for edge in (-1, 0, 1)),
              *(f"{slug} is {there}" for slug in model.IMPLICIT for there in ("there", "not there"))]
    assert not {str(what): seen[what] for what in wanted if what != "retract" and seen[what] < 5}
