"""Several workers, several processes, stopped and started: nothing is lost, nothing is counted twice."""

import random
import signal

import pytest

from compare import assert_like_model, snapshot
from model import Model
from world import E, I


def backlog(world, n, users=50, seed=1):
    """n messages of feedback and a third as many interactions, on all partitions in any order; the model of them."""
    rng, model, messages = random.Random(seed), Model(), []
    for k in range(n // 3):
        messages.append(I(f"i{k}", k % 1000, end_user=f"u{k % users}", conversation_id=f"c{k % 7}" if k % 3 else None, input=f"q{k % 3}"))
    for k in range(n):
        keys = [dict(), dict(conversation_id=f"c{k % 9}"), dict(input=f"q{k % 4}"), dict(interaction_id=f"i{k % n}")][k % 4]
        messages.append(E(f"e{k}", at=k % 1100 + 0.5, end_user=f"u{k % (users + 1)}", **keys))
    rng.shuffle(messages)
    for message in messages:
        model.take(message.topic, message.fields, message.record_time)
        world.send(message, partition=rng.randrange(world.partitions))
    world.flush()
    return model


def test_two_processes_of_two_workers_over_eight_partitions(make_world):
    world = make_world(partitions=8)
    pools = [world.start(workers=2, batch__max__events=50) for _ in range(2)]
    model = backlog(world, 1500)
    world.wait_for(lambda: sum(world.committed("feedback")) + sum(world.committed("interactions")) == len(world.sent),
                   "everything to be acknowledged", timeout=120)
    for pool in pools:
        pool.stop()
    assert_like_model(world, model, {})


def test_one_process_joins_and_one_leaves_on_the_way(make_world):
    world = make_world(partitions=8)
    first = world.start(workers=2, batch__max__events=10)
    model = backlog(world, 1500)
    world.wait_for("select count(*) > 100 from {s}.feedback")
    second = world.start(workers=2, batch__max__events=10)
    world.wait_for("select count(*) > 500 from {s}.feedback")
    first.stop()
    world.wait_for(lambda: sum(world.committed("feedback")) + sum(world.committed("interactions")) == len(world.sent),
                   "everything to be acknowledged", timeout=120)
    second.stop()
    assert_like_model(world, model, {})


@pytest.mark.parametrize("stop, workers", [(signal.SIGTERM, 3), (signal.SIGINT, 1)])
def test_stopped_in_the_middle(make_world, workers, stop):
    """What is acknowledged is stored, nothing else is; the next run reads the rest."""
    world = make_world(partitions=4)
    model = backlog(world, 1500)
    pool = world.start(workers=workers, batch__max__events=5)
    world.wait_for("select count(*) > 50 from {s}.feedback")
    pool.stop(by=stop)
    stored, acknowledged = world.value("select count(*) from {s}.feedback"), sum(world.committed("feedback"))
    assert 50 < stored == acknowledged < 1500
    world.run(workers=workers)  # at once: the group was left
    assert_like_model(world, model, {})


def test_killed_in_the_middle(make_world):
    """No chance to say goodbye: what is acknowledged is stored, and the rest comes again."""
    world = make_world(partitions=4)
    model = backlog(world, 1500)
    pool = world.start(workers=2, batch__max__events=5, kafka__session__timeout__ms=6000, kafka__heartbeat__interval__ms=1000)
    world.wait_for("select count(*) > 50 from {s}.feedback")
    pool.kill()
    # the server may still be about to commit what a worker had sent
    world.wait_for(f"""select not exists (select from pg_stat_activity where backend_type = 'client backend'
                       and state <> 'idle' and pid <> pg_backend_pid() and query like '%{world.schema}%')""")
    assert sum(world.committed("feedback")) <= world.value("select count(*) from {s}.feedback") < 1500
    world.run()
    assert_like_model(world, model, {})


def test_the_same_topics_read_twice(make_world):
    """By another group, with other batches and workers: the same tables; and so into new ones."""
    world = make_world(partitions=4)
    model = backlog(world, 600)
    for n in range(5):
        world.raw("feedback", b"?%d" % n)
        world.send(E(f"bad{n}", "rating", value=9, end_user="u"))
    world.run()
    before = snapshot(world)
    assert len(world.rejected()) == 10
    world.again(workers=1, batch__max__events=7)
    assert snapshot(world) == before
    assert_like_model(world, model)


def test_drain_stops_at_what_was_there(make_world):
    """Messages that come meanwhile are not waited for for ever."""
    world = make_world(partitions=1)
    backlog(world, 300)
    pool = world.start(drain=True, batch__max__events=10)
    late = 0
    while pool.running and late < 100_000:
        world.send(E(f"late {late}", end_user="u"))
        late += 1
    world.flush()
    pool.wait()
    assert 300 <= world.value("select count(*) from {s}.feedback") < 300 + late


def test_more_workers_than_partitions(make_world):
    world = make_world(partitions=1)
    model = backlog(world, 90)
    world.run(workers=8)
    assert_like_model(world, model, {})


def test_drain_of_a_group_that_others_read_too(make_world):
    """Two drains at once share the work, and both end."""
    world = make_world(partitions=4)
    model = backlog(world, 600)
    for pool in [world.start(drain=True, workers=2, batch__max__events=10) for _ in range(3)]:
        pool.wait()
    assert_like_model(world, model, {})


def test_one_hot_conversation(make_world):
    """All events and interactions under the same keys, on four workers: nobody deadlocks, all agree."""
    world = make_world(partitions=8)
    model, rng = Model(), random.Random(3)
    messages = [I(f"i{n % 40}", n % 50, revision=n // 40, end_user="u", conversation_id="c", trace_id="t") for n in range(200)]
    messages += [E(f"e{n % 150}", at=n % 150 / 3, end_user="u", **[dict(), dict(conversation_id="c"), dict(trace_id="t")][n % 3])
                 for n in range(450)]
    messages += [E(f"r{n}", "retract", retracts=f"e{n}") for n in range(0, 150, 7)]
    rng.shuffle(messages)
    for message in messages:
        model.take(message.topic, message.fields, message.record_time)
        world.send(message)
    for pool in [world.start(drain=True, workers=2, batch__max__events=5) for _ in range(2)]:
        pool.wait()
    assert_like_model(world, model, {})
