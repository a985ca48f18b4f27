"""A registry that is stopped, slow or out of its mind while schemas are needed that nobody has seen, with load running."""

import contextlib
import json
import signal

import pytest

import wire
from neighbours import Registry, all_acknowledged, assert_as_if_nothing_happened, lend, lines, members, once, play, some, stored
from registry import FakeRegistry
from world import World


class Versions:
    """What a producer registers: our schemas, and after next() a version of each that says the same."""

    def __init__(self, ids):
        self.ids, self.n = ids, 0

    def text(self, schema, n):
        return json.dumps({**schema, "doc": f"version {n}"})

    def register(self, subject, schema):
        return self.ids(subject, self.text(schema, self.n))


@pytest.fixture
def fake():
    with FakeRegistry() as registry:
        yield registry


@contextlib.contextmanager
def broken(fake, world, mode):
    fake.set(mode)
    world.servers.registry.n += 1
    yield "registry http://"
    fake.set("ok")


def on_fake(servers, fake):
    def register(subject, text):
        known = next((k for k, v in fake.schemas.items() if v == text), len(fake.schemas) + 1)
        fake.schemas[known] = text
        return known

    mine = lend(servers, registry_url=fake.url)
    mine.registry = Versions(register)
    return mine


@pytest.mark.parametrize("mode", some(["hang", "500", "rubbish"], "500"))
def test_broken(make_world, servers, fake, load, undisturbed, mode):
    world = make_world(on=on_fake(servers, fake), partitions=4)
    play(world, load, undisturbed, broken(fake, world, mode))


@once
def test_slower_than_the_group_is_patient(make_world, servers, fake, load, undisturbed):
    """It answers nothing for longer than max.poll.interval.ms: nobody leaves the group, nothing is read twice."""
    world = make_world(on=on_fake(servers, fake), partitions=4)
    pool = world.start(workers=3, batch__max__events=10, kafka__max__poll__interval__ms=6000, kafka__session__timeout__ms=6000)
    world.wait_for(lambda: len(members(world)) == 3, "all to have their partitions")
    before = members(world)
    load.send(world, 0.5)
    world.wait_for(lambda: stored(world) > 50, "it to be under way")
    with broken(fake, world, "hang") as word:
        load.send(world, 1)
        world.wait_for(lambda: len(lines(pool, word)) >= 2, "two workers to have waited, one after the other")
        assert members(world) == before
    all_acknowledged(world)
    assert members(world) == before
    pool.stop()
    assert f"{len(load)} messages read" in pool.result()
    assert_as_if_nothing_happened(world, load, undisturbed)


@once
def test_stopped(servers, tmp_path, load, undisturbed):
    """A real one."""
    subjects = [(f"{topic}-value", schema) for topic, schema in wire.OURS.items()]
    with contextlib.ExitStack() as end:
        real = Registry()
        end.callback(real.close)
        versions = Versions(None)
        schemas = [(subject, versions.text(schema, n)) for n in (0, 1) for subject, schema in subjects]
        ids = dict(zip(schemas, real.know(schemas)))
        versions.ids = lambda *schema: ids[schema]
        mine = lend(servers, registry_url=real.url)
        mine.registry = versions
        world = World(mine, tmp_path, partitions=4)
        end.callback(world.close)

        @contextlib.contextmanager
        def stopped():
            real.end(signal.SIGKILL)
            versions.n = 1
            yield "registry http://"
            real.start()
            assert real.know(schemas) == list(ids.values())

        play(world, load, undisturbed, stopped())
