"""Processes that are killed, that come and go, and that have names, with load running: the tables are those of a quiet run."""

import random
import signal

import pytest

from neighbours import acknowledged, all_acknowledged, assert_as_if_nothing_happened, instrumented, lend, members, once, stored

KILLS = 20 if instrumented() else 100
CHANGES = 8 if instrumented() else 24
BATCH = dict(workers=2, batch__max__events=10, kafka__heartbeat__interval__ms=300)  # rebalances are noticed soon


@pytest.fixture
def world(make_world, servers, kafka):
    return make_world(on=lend(servers, kafka=kafka), partitions=4, postgres__application_name="it-killed")


def progress(world):
    return stored(world) + world.value("select count(*) from {s}.rejected")


def somewhere(world, rng):
    """A moment at random: so many rows later, or the next time that a session is seen doing such a thing."""
    rows = progress(world) + rng.randrange(1, 13)
    doing = rng.choice([None, None, "%COPY feedback%", "%COPY interaction%", "%advisory%", "COMMIT%", "%unnest%", "BEGIN%"])

    def now():
        return progress(world) >= rows or doing and world.rows(
            "select from pg_stat_activity where application_name = 'it-killed' and state <> 'idle' and query ilike %s", doing)

    return now


def test_killed_again_and_again(world, load, undisturbed):
    """Without a word, whatever it is doing; and started again at once under the same name, as a supervisor would."""
    rng, pools, idle = random.Random(5), {}, 0

    def start(name):
        pools[name] = world.start(**BATCH, kafka__group__instance__id=name)

    for name in "ab":
        start(name)
    for n in range(KILLS):
        load.send(world, 0.9 * (n / KILLS) + 0.1)  # ever more comes in
        world.flush()
        now, looks = somewhere(world, rng), 0
        while not now():
            looks += 1
            if looks % 200 == 0 and acknowledged(world) == len(world.sent):
                idle += 1
                break
        name = rng.choice("ab")
        assert pools[name].running, pools[name].said()
        pools[name].kill()
        assert pools[name].process.returncode == -signal.SIGKILL
        start(name)
    load.send(world, 1)
    all_acknowledged(world)
    for pool in pools.values():
        pool.stop()
    print(f"{KILLS} kills, {idle} of them while there was nothing to do")
    assert idle < KILLS / 4
    assert_as_if_nothing_happened(world, load, undisturbed)


@once
def test_killed_without_a_name(world, load, undisturbed):
    """The group waits for it until its session ends; then the others take over."""
    options = dict(BATCH, kafka__session__timeout__ms=1000)
    stays = world.start(**options)
    for n in range(5):
        dies = world.start(**options)
        world.wait_for(lambda: len(members(world)) == 4, "the new one to have its share")
        load.send(world, (n + 1) / 6)
        world.flush()
        rows = progress(world)
        world.wait_for(lambda: progress(world) > rows + 20, "it to be under way")
        dies.kill()
    load.send(world, 1)
    all_acknowledged(world)
    stays.stop()
    assert_as_if_nothing_happened(world, load, undisturbed)


def test_they_come_and_go(world, kafka, load, undisturbed):
    """One comes or goes all the time: partitions are taken away in the middle of whatever is going on."""
    rng, pools = random.Random(6), [world.start(**BATCH)]
    for n in range(CHANGES):
        load.send(world, (n + 1) / CHANGES)
        world.flush()
        if len(pools) == 1 or len(pools) < 3 and rng.random() < 0.5:
            pools.append(world.start(**BATCH))
        else:
            pools.pop(rng.randrange(len(pools))).stop()
        world.wait_for(lambda: len(members(world)) == 2 * len(pools), "the group to be divided anew")
    all_acknowledged(world)
    for pool in pools:
        pool.stop()
    assert kafka.generations(world.name) >= CHANGES
    assert_as_if_nothing_happened(world, load, undisturbed)


def test_static_members(world, kafka, load, undisturbed):
    """Each consumer has a name of its own; who comes back within its session, stopped or killed, is not missed."""
    pools = {name: world.start(**BATCH, kafka__group__instance__id=name, kafka__session__timeout__ms=30000) for name in "ab"}
    world.wait_for(lambda: len(members(world)) == 4, "all to have their partitions")
    before = kafka.generations(world.name)
    assert {m.rsplit("-", 5)[0] for m in members(world)} == {"a-0", "a-1", "b-0", "b-1"}
    for n, (name, end) in enumerate([("a", "stop"), ("b", "kill"), ("a", "kill"), ("b", "stop")]):
        load.send(world, (n + 1) / 5)
        world.flush()
        rows = progress(world)
        world.wait_for(lambda: progress(world) > rows + 20, "it to be under way")
        getattr(pools[name], end)()
        pools[name] = world.start(**BATCH, kafka__group__instance__id=name, kafka__session__timeout__ms=30000)
    load.send(world, 1)
    all_acknowledged(world)
    assert kafka.generations(world.name) == before and len(members(world)) == 4
    for pool in pools.values():
        pool.stop()
    assert_as_if_nothing_happened(world, load, undisturbed)
