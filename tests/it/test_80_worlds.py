"""Random worlds against the model, after every wave, column by column; the seed of one that fails is in its name."""

import itertools

from compare import assert_like_model, snapshot
from generate import Generator
from model import Model, repair
from world import Message

SIZE = 120  # messages a wave, before copies


def send(world, message):
    if isinstance(message, Message):
        return world.send(message)
    topic, raw, _ = message
    return world.raw(topic, raw)


def judge(model, rejected, sent, message):
    """Has the model take a message; notes under its coordinates what is to be rejected."""
    if not isinstance(message, Message):
        if message[2]:
            rejected[sent.at] = message[2], None, None
        return
    record_time = message.record_time if message.topic == "feedback" else None
    if reason := model.take(message.topic, message.fields, record_time):
        ids = {"tenant": "default", "event_id": "", **message.fields}
        rejected[sent.at] = reason, repair(ids["tenant"])[0], repair(ids["event_id"])[0]


def test_world(make_world, seed):
    conflicts = seed % 2 == 1
    made = Generator(seed, SIZE, conflicts).world()
    settings = dict(resolve__clock__tolerance__ms=made.settings.tolerance_ms, resolve__skew__min__ms=made.settings.skew_min_ms)
    world = make_world(partitions=1 + seed % 4, **settings)
    model, rejected, sent = Model(made.settings), {}, []
    for n, (wave, options) in enumerate(zip(made.waves, made.options)):
        context = f"seed {seed}, wave {n}, {options}, {made.settings}"
        if n == 1:  # two processes
            sent += [(send(world, m), m) for m in wave]
            for pool in [world.start(drain=True, **options), world.start(drain=True, **options)]:
                pool.wait()
        else:
            sent += [(send(world, m), m) for m in wave]
            world.run(**options)
        for at, message in itertools.islice(sent, len(sent) - len(wave), None):
            judge(model, rejected, at, message)
        assert_like_model(world, model, rejected, context)
    before = snapshot(world)
    world.again(workers=1 + seed % 3)
    assert snapshot(world) == before, f"seed {seed}: read again, the tables differ"
    if not conflicts:  # from the first message to the last in one go, into new tables
        world.schema += "_again"
        world.options["schema"] = world.schema
        world.write_conf()
        world.command("migrate")
        world.again(batch__max__events=1000)
        assert_like_model(world, model, rejected, f"seed {seed}, in one go, {made.settings}")
