"""A broker that is stopped, frozen or refuses, with load running: the tables are those of a quiet run."""

import contextlib
import os
import signal

import pytest
from confluent_kafka.admin import ConfigResource

from neighbours import (MockKafka, acknowledged, all_acknowledged, assert_as_if_nothing_happened, assert_idle, lend, lines, play, some)
from world import World

# who is gone without a word is missed soon
SHORT = dict(kafka__session__timeout__ms=6000, kafka__heartbeat__interval__ms=1000)


@contextlib.contextmanager
def stopped(kafka, _, by):
    """For longer than the group waits for its members."""
    kafka.end(by)
    yield "no broker can be reached"
    kafka.start()


@contextlib.contextmanager
def frozen(kafka, _):
    """It takes connections and answers nothing."""
    os.kill(kafka.pid, signal.SIGSTOP)
    yield "no broker can be reached"
    os.kill(kafka.pid, signal.SIGCONT)


@contextlib.contextmanager
def not_writable(kafka, world):
    rule = ["--deny-principal", "User:ANONYMOUS", "--operation", "Write", "--topic", world.topics["dlq"]]
    kafka.acl("--add", *rule)
    yield f'"{world.topics["dlq"]}": Broker: Topic authorization failed; holding'
    kafka.acl("--remove", "--force", *rule)


@contextlib.contextmanager
def too_small(_, world):
    def take(size):
        config = {**world.topic_config, "max.message.bytes": str(size)}
        for done in world.servers.admin.alter_configs(
                [ConfigResource(ConfigResource.Type.TOPIC, world.topics["dlq"], set_config=config)]).values():
            done.result(30)

    take(100)
    yield "raise its max.message.bytes above that of the source topics, for the headers; holding"
    take(1_000_000)


FAULTS = {
    "stopped": lambda *on: stopped(*on, signal.SIGTERM),
    "killed": lambda *on: stopped(*on, signal.SIGKILL),
    "frozen": frozen,
    "dead letters may not be written": not_writable,
    "dead letters do not fit": too_small,
}


@pytest.mark.parametrize("fault", some(FAULTS, "killed", "dead letters may not be written"))
def test_fault(make_world, servers, kafka, load, undisturbed, fault):
    world = make_world(on=lend(servers, kafka=kafka), partitions=4)
    pool = play(world, load, undisturbed, FAULTS[fault](kafka, world), kafka__socket__timeout__ms=3000, **SHORT)
    assert len(lines(pool, "no broker can be reached")) <= 2, "a line for each worker, no more\n" + pool.said()


COMMIT_ERRORS = [-1, 7, 14, 15, 16, 22, 25, 27, 28, 30, 12, 3]  # of Kafka's protocol: unknown, timed out, coordinator gone, not a member ...


@pytest.fixture
def mock_world(servers, tmp_path):
    mock = MockKafka()

    class MockWorld(World):
        def create_topics(self, topics):
            for topic in topics:
                mock.create_topic(topic, self.partitions)

        def delete_topics(self):
            """They go with the cluster, which knows no such request."""

    world = MockWorld(lend(servers, kafka=mock), tmp_path, partitions=4)
    world.mock = mock
    yield world
    world.close()
    mock.close()


def test_commits_are_refused(mock_world, load, undisturbed):
    """Each in every way, while it works and when it ends: what is not acknowledged comes again and changes nothing."""
    world = mock_world
    for share in (0.5, 1):
        pool = world.start(workers=2, batch__max__events=10, **SHORT)
        world.mock.answer(MockKafka.OFFSET_COMMIT, 2 * COMMIT_ERRORS)
        load.send(world, share)
        all_acknowledged(world)
        if share < 1:
            world.mock.answer(MockKafka.OFFSET_COMMIT, 20 * [30])
            load.send(world, share + 0.1)
            world.flush()
        pool.stop()
        assert "offsets were not committed: Broker: Group authorization failed" in pool.said()
    assert_as_if_nothing_happened(world, load, undisturbed)
