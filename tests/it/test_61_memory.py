"""Memory is bounded whatever waits in Kafka and however big a message is."""

import mmap

import pytest

import wire
import world as worlds
from world import E, I, t

MIB = 1 << 20
WORKERS = 2
BOUND = WORKERS * 64 * MIB + 32 * MIB  # as the README has it: per worker, and for the process

BIG = dict(topic_config={"max.message.bytes": str(4 * MIB)}, kafka__message__max__bytes=4 * MIB)


@pytest.fixture(autouse=True)
def not_under_a_sanitizer():
    with open(worlds.BINARY, "rb") as f, mmap.mmap(f.fileno(), 0, access=mmap.ACCESS_READ) as binary:
        if binary.find(b"__asan_init") >= 0:
            pytest.skip("the program is instrumented: its memory is not what it would be")


def drain(world, workers=WORKERS, **options):
    """Runs until all is read; returns the most memory that it ever held."""
    pool, peak = world.start(drain=True, workers=workers, **options), 0

    def done():
        nonlocal peak
        if pool.running:
            try:
                peak = max(peak, pool.memory())
            except (StopIteration, ProcessLookupError, FileNotFoundError):
                pass  # it is just ending
        return not pool.running

    world.wait_for(done, "the drain", timeout=180)
    pool.wait()
    assert peak > 0
    return peak


def check(peak, bound=BOUND):
    print(f"{peak / MIB:.0f} of {bound / MIB:.0f} MiB")
    assert peak <= bound, f"{peak / MIB:.0f} MiB, the bound is {bound / MIB:.0f}"


def small_events(world, n):
    """Quickly: one event encoded once, ids of one length written into it."""
    template = world.encode(E("e0000000", "comment", text="a comment of the usual length, or so", end_user="somebody",
                              conversation_id="c", input="the question that was asked"))
    head, tail = template.split(b"e0000000")
    for k in range(n):
        world.raw("feedback", head + b"e%07d" % k + tail, t(100) // 1000)


def test_a_backlog_of_small_messages(make_world):
    world = make_world(partitions=4)
    world.send(I("i", 10, end_user="somebody", conversation_id="c", input="the question that was asked"))
    small_events(world, 150_000)
    world.flush()
    check(drain(world))
    assert world.value("select count(*) from {s}.feedback") == 150_000


def test_messages_of_one_megabyte(make_world):
    """Interactions with long answers, feedback that quotes them, and dead letters as long, all at once."""
    world = make_world(partitions=4, **BIG)
    text = "x\u00e9\r\n" * 200_000  # a megabyte
    for n in range(60):
        world.send(I(f"i{n}", 10, end_user="u", input="q", output=f"{n} {text}"))
        world.send(E(f"e{n}", end_user="u", output=f"{n} {text}".replace("\r\n", "\n")))
        world.raw("feedback", wire.single_object(wire.FINGERPRINTS["feedback"], b"?" * MIB))
    small_events(world, 20_000)
    world.flush()
    check(drain(world))
    found = world.found()
    assert {f"e{n}": found[f"e{n}"] for n in range(60)} == {f"e{n}": f"i{n}" for n in range(60)}
    assert len(world.rejected()) == 60 and len(world.dlq()) == 60


def test_bytes_that_cannot_be_held_are_three_times_as_long(make_world):
    """A text of bytes that must each be repaired, as long as a message may be."""
    world = make_world(partitions=2, **BIG)
    for n in range(30):
        world.send(I(f"i{n}", 10, end_user="u", output=b"\0" * (3 * MIB)))
        world.send(E(f"e{n}", end_user="u", output=b"\0" * (3 * MIB)))
    world.flush()
    check(drain(world))
    assert len(world.found()) == 30 and set(world.found().values()) == {"i9"}


def test_attributes_of_one_megabyte(make_world):
    world = make_world(partitions=2, **BIG)
    text = '{"a":[' + ",".join(rf'"\u0000\ud800{n}"' for n in range(50_000)) + "]}"
    for n in range(30):
        world.send(E(f"e{n}", end_user="u", attributes=text))
    world.flush()
    check(drain(world))
    assert len(world.joined()) == 30


def test_one_worker_needs_less(make_world):
    world = make_world(partitions=2, **BIG)
    for n in range(60):
        world.send(I(f"i{n}", 10, end_user="u", input=f"{n}", output="x" * MIB))
    world.flush()
    check(drain(world, workers=1), 64 * MIB + 32 * MIB)
