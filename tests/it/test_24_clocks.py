"""When an event happened, where the client's clock is wrong: by when it says that it sent it, and when that arrived."""

import time

import pytest

from world import E, I, t

# timestamp, sent_at, the record's time (None: none): when it happened. All in seconds.
CLOCKS = {
    "nothing to go by": (100, None, 5000, 100),
    "a good clock": (100, 101, 102, 100),
    "a slow network": (100, 101, 400.999, 100),
    "off by the bound": (100, 101, 401, 400),
    "off by the bound and more": (100, 101, 401.001, 400.001),
    "just not off by the bound": (100, 101.000001, 401, 100),
    "a clock that is years slow": (-90_000_000, -89_999_990, 110, 100),
    "a clock that is years fast": (90_000_100, 90_000_110, 110, 100),
    "one second fast": (100, 101, 100, 100),
    "a second and a microsecond fast": (100, 101.000001, 100, 98.999999),
    "a second and a half fast": (100, 101, 99.5, 98.5),
    "half a second fast": (100, 101, 100.5, 100),
    "acted long before it was sent": (100, 8000, 8001, 100),
    "acted long before, and the clock is slow": (100, 8000, 9000, 1100),
    "sent before it was done": (200, 100, 101, 200),
    "a record without a time": (100, 5000, None, 100),
}


def send(world):
    for name, (at, sent, record, _) in CLOCKS.items():
        world.send(I("i1", 99.5, end_user="u"), tenant=name)
        world.send(I("i2", 399, end_user="u"), tenant=name)
        world.send(E("e", at=at, end_user="u", sent_at=None if sent is None else t(sent),
                     record_time=None if record is None else t(record) // 1000), tenant=name)


def belongs(at):
    return "i2" if at > 399 else "i1" if at > 99.5 else "too_early"


@pytest.fixture(scope="module")
def clocks(make_story):
    world = make_story()
    send(world)
    world.run()
    return world


@pytest.mark.parametrize("name", CLOCKS)
def test_clock(clocks, name):
    [row] = clocks.joined(name)
    assert (row["occurred_at"] - t(0)) / 1e6 == CLOCKS[name][3]
    assert clocks.found(name) == {"e": belongs(CLOCKS[name][3])}


def test_clocks_may_be_trusted(make_world):
    world = make_world(resolve__skew__min__ms=-1)
    send(world)
    world.run()
    for name, (at, *_) in CLOCKS.items():
        [row] = world.joined(name)
        assert (row["occurred_at"], world.found(name)) == (t(at), {"e": belongs(at)}), name


def test_the_bound_may_be_set(make_world):
    world = make_world(resolve__skew__min__ms=1500)
    for name, record in (("within", 102.499), ("beyond", 102.5)):
        world.send(E("e", at=100, end_user="u", sent_at=t(101), record_time=t(record) // 1000), tenant=name)
    world.run()
    assert {r["tenant"]: r["occurred_at"] for r in world.joined()} == {"within": t(100), "beyond": t(101.5)}


def test_brokers_that_stamp_by_themselves(make_world):
    """With LogAppendTime the record's time is the broker's clock, and as good."""
    world = make_world(topic_config={"message.timestamp.type": "LogAppendTime"})
    world.send(E("e", at=100, sent_at=t(160), end_user="u"))
    world.run()
    [row] = world.joined()
    assert abs(row["occurred_at"] / 1e6 + 60 - time.time()) < 60


def test_settings_that_decide_results_are_the_databases(make_world):
    """run starts only with those that migrate has kept."""
    world = make_world()
    world.send(E("e", end_user="u"))
    for option, value in (("resolve.clock.tolerance.ms", 1), ("resolve.skew.min.ms", 1), ("resolve.key", "x" * 40)):
        refused = world.run(code=(1, 3), **{option.replace(".", "__"): value})
        assert option in refused.stderr and "migrate" in refused.stderr, refused
    assert world.joined() == []
    world.command("migrate", "-o", "resolve.clock.tolerance.ms=1", "-o", "resolve.skew.min.ms=1")
    assert "migrate" in world.run(code=(1, 3)).stderr
    world.run(resolve__clock__tolerance__ms=1, resolve__skew__min__ms=1)
    assert world.found() == {"e": "no_interaction"}
    refused = world.command("migrate", "-o", "resolve.key=" + "x" * 40, code=(1, 3))
    assert "resolve.key" in refused.stderr
