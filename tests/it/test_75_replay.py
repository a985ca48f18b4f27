"""Topics read again: the same tables, in no group, as slowly as one likes; and what a dry run says comes true."""

import os
import pty
import re
import select
import shlex
import signal
import socket
import struct
import subprocess

import pytest
from confluent_kafka import Producer

from compare import assert_like_model, snapshot
from test_60_pool import backlog
from world import BINARY, E, Failed, I, Result, afterword, check_sane, clean_env, wait_for

NUMBERS = ("messages read", "new", "changed", "unchanged", "duplicate", "rejected", "tombstones", "settled", "pending settled")
FATES = NUMBERS[1:7]
TABLES = "interaction interaction_key match_mask feedback rejected".split()


def numbers(result):
    """What the last line of stdout counts: every message once."""
    found = {what: int(n) for n, what in re.findall(r"(\d+) ([a-z ]+?)(?=,| in )", result.stdout.splitlines()[-1])}
    assert tuple(found) == NUMBERS, result
    assert sum(found[f] for f in FATES) == found["messages read"], result
    return found


def counted(result, **some):
    """These numbers, and nothing else but what was read."""
    found = {k.replace(" ", "_"): v for k, v in numbers(result).items()}
    assert {k: v for k, v in found.items() if v and k != "messages_read"} == some, result
    return result


def replay(world, *args, **how):
    world.flush()
    return world.command("replay", *args, **how)


class Running:
    """A replay in the background."""

    def __init__(self, world, *args, stderr=None):
        world.flush()
        self.args = [BINARY, "replay", "-c", str(world.conf), *map(str, args)]
        self.log = world.folder / f"replay.{next(world.counter)}"
        with open(f"{self.log}.out", "w") as out, open(f"{self.log}.err", "w") as err:
            self.process = subprocess.Popen(self.args, stdout=out, stderr=stderr or err, env=clean_env())
        world.background.append(self)

    def said(self):
        with open(f"{self.log}.err", errors="replace") as f:
            return f.read()

    @property
    def running(self):
        return self.process.poll() is None

    def kill(self):
        if self.running:
            self.process.kill()
        self.process.wait()

    def wait(self, code=0, timeout=120):
        self.process.wait(timeout)
        with open(f"{self.log}.out") as f:
            result = check_sane(Result(self.args, self.process.returncode, f.read(), self.said()))
        if result.code != code:
            raise Failed(f"exit {code} was expected: {result}")
        return result

    def stop(self, by=signal.SIGINT, code=1):
        self.process.send_signal(by)
        return self.wait(code)


def sums(world):
    """Every row of every table, as one sum each, and what is in the topics."""
    rows = {table: world.value(f"select md5(coalesce(string_agg(r::text, '|' order by r::text), '')) from {{s}}.{table} r")
            for table in TABLES}
    return rows, {kind: len(world.read(kind)) for kind in world.topics}


def groups(world):
    return sorted(g.id for g in world.servers.admin.list_groups(timeout=20) if world.name in g.id)


def delete_records(world, kind, **before):
    """The broker drops what is before these offsets: p0=5. (Debian's client cannot ask for it: DeleteRecords v0, by hand.)"""
    topic = world.topics[kind].encode()
    body = struct.pack(">hhih", 21, 0, 1, -1) + struct.pack(">ih", 1, len(topic)) + topic + struct.pack(">i", len(before))
    body += b"".join(struct.pack(">iq", int(p[1:]), offset) for p, offset in before.items()) + struct.pack(">i", 10_000)
    host, port = world.servers.brokers.split(",")[0].rsplit(":", 1)
    with socket.create_connection((host, int(port)), 20) as s, s.makefile("rb") as answers:
        s.sendall(struct.pack(">i", len(body)) + body)
        answer = answers.read(struct.unpack(">i", answers.read(4))[0])
    at = 4 + 4 + 4 + 2 + len(topic) + 4
    for n in range(len(before)):
        assert struct.unpack_from(">h", answer, at + n * 14 + 12) == (0,), answer


def commands(result):
    """The commands that say how to go on."""
    return [shlex.split(line)[1:] for line in result.stderr.splitlines() if line.startswith("  afterword replay ")]


# --- what is read, and what becomes of it

def test_all_of_it_again(make_world):
    """Nothing changes, and each message is counted as what is stored already."""
    world = make_world(partitions=4)
    model = backlog(world, 300)
    world.raw("feedback", None)
    world.run()
    before = snapshot(world)
    assert "no messages" not in counted(replay(world, "--workers", 3), unchanged=400, tombstones=1).stderr
    assert snapshot(world) == before
    assert_like_model(world, model, {})


def test_rows_that_are_lost_come_back(make_world):
    world = make_world(partitions=4)
    model = backlog(world, 300)
    world.run()
    before = snapshot(world)
    world.db.execute(f"""delete from "{world.schema}".feedback where event_id in ('e1', 'e2', 'e3')""")
    counted(replay(world, "--workers", 2), new=3, unchanged=397)
    assert snapshot(world) == before
    for table in TABLES:
        world.db.execute(f'delete from "{world.schema}".{table}')
    counted(replay(world, "--workers", 1), new=400)
    assert_like_model(world, model, {})
    assert snapshot(world) == before


def test_pending_events_are_settled(world):
    """Their interactions are lost and come back."""
    for n in range(20):
        world.send(I(f"i{n}", 10, end_user=f"u{n}"))
        world.send(E(f"e{n}", end_user=f"u{n}"))
    world.run()
    before = snapshot(world)
    world.db.execute(f"""delete from "{world.schema}".interaction; delete from "{world.schema}".interaction_key;
                         update "{world.schema}".feedback set interaction_id = null""")
    counted(replay(world, "--topic", world.topics["interactions"]), new=20, settled=20, pending_settled=20)
    assert snapshot(world) == before


def copies(world):
    for at, record_time in ((100, 2000), (100, 1000), (100, 3000), (100, 3000)):
        world.send(E("e", at=at, record_time=record_time, end_user="u"), anonymize=False)
    world.send(E("e", at=7, end_user="u"))
    for revision in (0, 1, 0, 1):
        world.send(I("i", 10, revision=revision, end_user=f"u{revision}"))


@pytest.mark.parametrize("size", [1, 2, 100])
def test_what_copies_count_for(make_world, size):
    """One by one or in one batch: the same."""
    world = make_world(partitions=1)
    copies(world)
    fates = dict(new=2, changed=2, duplicate=3, unchanged=1, rejected=1)
    counted(world.run(workers=1, batch__max__events=size), **fates)
    counted(replay(world, "-o", f"batch.max.events={size}"), duplicate=5, unchanged=3, rejected=1)
    for table in TABLES:
        world.db.execute(f'delete from "{world.schema}".{table}')
    counted(replay(world, "-o", f"batch.max.events={size}"), **fates)


def test_a_batch_that_is_tried_again_is_counted_once(world):
    """Its interactions are stored while its events are not let in; then they are."""
    for n in range(10):
        world.send(I(f"i{n}", 10, end_user="u"))
        world.send(E(f"e{n}", end_user="u"))
    world.raw("feedback", b"?")
    with world.servers.connect(autocommit=False) as holder:
        holder.execute(f'lock table "{world.schema}".rejected in exclusive mode')
        running = Running(world, "-o", "postgres.options=-c lock_timeout=100ms", "--workers", 1)
        world.wait_for(lambda: "holding" in running.said(), "a try that fails")
        assert world.value("select count(*) from {s}.interaction") == 10
        holder.rollback()
    counted(running.wait(), new=20, rejected=1)


def test_a_range_of_offsets(make_world):
    """--from is in it, --to is not; partitions that are not named take no part."""
    world = make_world(partitions=3)
    for n in range(30):
        world.send(E(f"e{n // 3}.{n % 3}", end_user="u"), partition=n % 3)
    topic = ("--topic", world.topics["feedback"])

    def stored():
        found = sorted(r["event_id"] for r in world.joined())
        world.db.execute(f'delete from "{world.schema}".feedback')
        return found

    world.flush()
    counted(replay(world, *topic, "--from", "0:3", "--to", "0:5"), new=2)
    assert stored() == ["e3.0", "e4.0"]
    counted(replay(world, *topic, "--from", "0:8,2:9"), new=3)
    assert stored() == ["e8.0", "e9.0", "e9.2"]
    counted(replay(world, *topic, "--from", "0:8", "--from", "2:9", "--to", "0:9", "--to=1:1"), new=3)
    assert stored() == ["e0.1", "e8.0", "e9.2"]
    counted(replay(world, *topic, "--from", "beginning", "--to", "1:2"), new=2)
    assert stored() == ["e0.1", "e1.1"]
    result = counted(replay(world, *topic, "--from", "1:4", "--to", "1:4"))
    assert "no messages" in result.stderr
    counted(replay(world, *topic, "--from", "end"))
    assert stored() == []


def test_a_range_of_time(make_world):
    """From the first message of one time, up to the first of another, of both topics."""
    world = make_world(partitions=2)
    for n in range(10):
        world.send(E(f"e{n}", at=60 * n, end_user=f"u{n}"), partition=n % 2)
        world.send(I(f"i{n}", 60 * n, end_user=f"u{n}"), partition=n % 2)
    counted(replay(world, "--from", "2024-05-01T00:03:00Z", "--to", "2024-05-01T02:05:00+02:00"), new=4)
    assert sorted(r["event_id"] for r in world.joined()) == ["e3", "e4"]
    counted(replay(world, "--from", "2024-05-01T00:07:59.999001Z"), new=4)
    counted(replay(world, "--to", "2024-05-01T00:00:00.000001Z"), new=2)
    counted(replay(world, "--topic", world.topics["feedback"], "--from", "2024-05-01T00:09:00.001Z"))
    counted(replay(world, "--from", "2024-05-01T00:09:00.001Z", "--to", "end"))
    assert sorted(r["event_id"] for r in world.joined()) == ["e0", "e3", "e4", "e8", "e9"]


def test_offsets_at_which_no_message_stands(make_world):
    """Transactions: their marks, what was given up, and one that is still open."""
    world = make_world(partitions=1)
    producer = Producer({"bootstrap.servers": world.servers.brokers, "transactional.id": world.name})
    producer.init_transactions(60)

    def send(*names, end=None):
        producer.begin_transaction()
        for name in names:
            producer.produce(world.topics["feedback"], world.encode(E(name, end_user="u")), partition=0)
        producer.flush(60)
        if end:
            end(60)

    send("e0", "e1", "e2", end=producer.commit_transaction)  # offsets 0 to 2, a mark at 3
    send("a0", "a1", end=producer.abort_transaction)  # 4 and 5, a mark at 6
    feedback = ("--topic", world.topics["feedback"])
    counted(replay(world), new=3)
    assert "no messages" in counted(replay(world, *feedback, "--from", "0:3")).stderr
    counted(replay(world, *feedback, "--from", "0:2", "--to", "0:5"), unchanged=1)
    send("e3")  # 7, and it stays open
    counted(replay(world), unchanged=3)
    counted(replay(world, "-o", "kafka.isolation.level=read_uncommitted"), new=3, unchanged=3)
    producer.abort_transaction(60)


def test_what_comes_meanwhile_is_not_read(make_world):
    """The end is where it was at the start."""
    world = make_world(partitions=1)
    for n in range(20):
        world.send(E(f"e{n}", end_user="u"))
    running = Running(world, "--rate", 20)
    world.wait_for("select count(*) > 0 from {s}.feedback")
    for n in range(20):
        world.send(E(f"late{n}", end_user="u"))
    world.flush()
    counted(running.wait(), new=20)


# --- the pool

def test_the_group_is_not_touched(make_world):
    """Nor does one of its own come to be, beside a pool that works meanwhile."""
    world = make_world(partitions=4)
    model = backlog(world, 300)
    world.run()
    before, committed = groups(world), [world.committed("feedback"), world.committed("interactions")]
    assert before == [world.name]
    counted(replay(world, "--workers", 2, "-o", "kafka.group.instance.id=member"), unchanged=400)
    counted(replay(world, "--topic", world.topics["feedback"], "--to", "0:5"), unchanged=5)  # an offset that would go back
    assert groups(world) == before
    assert [world.committed("feedback"), world.committed("interactions")] == committed
    pool = world.start(workers=2)

    def members():
        group = world.servers.admin.list_groups(world.name, timeout=20)[0]
        return group.state == "Stable" and sorted((m.id, m.assignment) for m in group.members)

    joined = wait_for(lambda: len(members() or []) == 2 and members(), "the pool")
    replay(world, "--workers", 2)
    assert members() == joined
    assert groups(world) == before
    pool.stop()
    assert_like_model(world, model, {})


def test_beside_a_pool_that_reads_the_same(make_world):
    """Whoever is first stores it, and the end is the same."""
    world = make_world(partitions=4)
    model = backlog(world, 600)
    pool = world.start(drain=True, workers=2, batch__max__events=20)
    found = numbers(replay(world, "--workers", 2, "-o", "batch.max.events=30"))
    assert found["new"] + found["unchanged"] == found["messages read"] == 800
    pool.wait()
    assert_like_model(world, model, {})


# --- what is not there

def test_what_the_broker_no_longer_holds_is_named(make_world):
    world = make_world(partitions=2)
    for n in range(20):
        world.send(E(f"e{n}", at=n, end_user="u"), partition=n % 2)
    world.run()
    delete_records(world, "feedback", p0=6)
    name = world.topics["feedback"]

    def said(*args, code=0, **fates):
        result = counted(replay(world, "--topic", name, *args, code=code), **fates)
        return [line.split("warn", 1)[1].strip() for line in result.stderr.splitlines() if " warn " in line]

    assert said(unchanged=14) == said("--from", "beginning", unchanged=14) == []
    assert said("--from", "0:2", unchanged=4) == [f"{name}[0]: offsets 2 to 5 are no longer held by the broker; starting at 6"]
    assert said("--from", "0:2,1:0", "--to", "0:4", unchanged=10) == [
        f"{name}[0]: offsets 2 to 3 are no longer held by the broker"]
    assert said("--from", "0:6,1:3", unchanged=11) == []
    assert said("--from", "0:6", "--to", "0:20", unchanged=4) == [f"{name}[0]: offsets 10 to 19 are not there; it ends at 10"]
    gone, = said("--from", "2024-05-01T00:00:05Z", unchanged=12)
    assert gone.startswith(f"{name}[0]: offsets 0 to 5 are no longer held by the broker") and gone.endswith("starting at 6")
    assert said("--from", "2024-05-01T00:00:13Z", unchanged=7) == []
    for args, named in ((("--from", "0:1", "--to", "0:6"), "offsets 1 to 5"), (("--to", "0:3"), "offsets 0 to 2"),
                        (("--from", "0:10", "--to", "0:12"), "offsets 10 to 11")):
        result = replay(world, "--topic", name, *args, code=1)
        assert named in result.stderr and result.stdout == "", result


def test_what_is_deleted_while_it_is_read_is_named(make_world):
    world = make_world(partitions=1)
    for n in range(60):
        world.send(E(f"e{n}", end_user="u", input="x" * 30_000))
        world.flush()  # each by itself, so that they are fetched so
    running = Running(world, "--rate", 10, "-o", "kafka.queued.min.messages=1", "-o", "kafka.fetch.message.max.bytes=1000",
                      "-o", "kafka.queued.max.messages.kbytes=1")
    world.wait_for("select count(*) > 0 from {s}.feedback")
    delete_records(world, "feedback", p0=50)
    result = running.wait(code=1)
    read = numbers(result)["new"]
    assert 0 < read < 50 and f"{world.topics['feedback']}[0]@{read} is no longer held" in result.stderr, result
    (go_on,) = commands(result)
    result = counted(afterword(*go_on), new=10)
    assert f"offsets {read} to 49 are no longer held" in result.stderr, result


def test_nothing_at_all(world):
    result = counted(replay(world))
    assert "no messages" in result.stderr


# --- a dry run

def story(world):
    """Something of everything: new, changed, unchanged, duplicate, rejected, pending and settled."""
    for n in range(60):
        world.send(I(f"i{n}", n, end_user=f"u{n % 9}", conversation_id=f"c{n % 5}"))
        world.send(E(f"e{n}", at=n + 0.5, record_time=5_000_000, end_user=f"u{n % 9}"))
    world.run()
    world.db.execute(f"""delete from "{world.schema}".feedback where event_id like 'e1%'""")
    for n in range(60):
        world.send(I(f"i{n}", n + 0.2, revision=n % 3, end_user=f"u{n % 9}", conversation_id=f"c{n % 5}"))
        world.send(E(f"e{n}", at=n + 0.5, record_time=4_999_990 + n, end_user=f"u{n % 9}"))
        world.send(E(f"f{n}", "comment", text="x" * 20, at=n, conversation_id=f"c{n % 5}"))
        if n % 10 == 0:
            world.raw("feedback", b"?")
    world.send(I("late", 30.4, end_user="u3"))
    world.flush()


@pytest.mark.parametrize("partitions", [1, 3])
def test_a_dry_run_tells_the_same_numbers_and_changes_nothing(make_world, partitions):
    world = make_world(partitions=partitions)
    story(world)
    before = sums(world)
    args = ("-o", "limit.comment.chars=30", "-o", "batch.max.events=50")
    dry = replay(world, "--dry-run", *args)
    assert sums(world) == before
    assert "nothing was changed" in dry.stderr
    real = replay(world, "--workers", 1, *args)
    assert numbers(dry) == numbers(real)
    assert all(numbers(dry)[what] for what in ("new", "changed", "unchanged", "duplicate", "rejected", "settled")), dry
    assert sums(world) != before


@pytest.mark.parametrize("statement", [
    "update {s}.feedback set repaired = repaired where event_id = 'old'",
    """insert into {s}.match_mask values ('default', 8)""",
])
def test_a_dry_run_gives_way(make_world, statement):
    """Somebody wants what it has touched: it is gone at once, and says to whom."""
    world = make_world(partitions=1)
    world.send(E("old", record_time=5_000_000, interaction_id="none"))
    world.run()
    world.send(E("old", record_time=4_000_000, interaction_id="none"))
    for n in range(100):
        world.send(E(f"e{n}", end_user="u"))
    world.flush()
    before = sums(world)
    running = Running(world, "--dry-run", "--rate", 5, "-o", "postgres.application_name=dry")
    # what comes after the rows of a batch are written
    world.wait_for("""select exists (select from pg_locks l join pg_stat_activity a using (pid) where a.application_name = 'dry'
                      and l.relation = '{s}.rejected'::regclass and l.mode = 'RowExclusiveLock')""")
    with world.servers.connect(autocommit=False, application_name="impatient") as other:
        other.execute("set local statement_timeout = '60s'")
        other.execute(statement.replace("{s}", f'"{world.schema}"'))
        other.rollback()
    result = running.wait(code=1)
    assert "impatient" in result.stderr and "Nothing was changed" in result.stderr, result
    assert " error " not in result.stderr and numbers(result)["messages read"] < 102
    assert sums(world) == before


def test_a_dry_run_waits_for_locks_of_others_but_takes_none_of_theirs(world):
    """The barrier that workers wait at is not held up, nor does it hold the dry run up."""
    world.send(I("i", 10, end_user="u"))
    world.send(E("e", end_user="u"))
    with world.servers.connect(autocommit=False) as holder:
        for lock in range(5):
            holder.execute(f"""select pg_advisory_xact_lock('"{world.schema}".feedback'::regclass::oid::int4, {lock})""")
        counted(replay(world, "--dry-run", timeout=30), new=2)


def test_a_dry_run_is_interrupted(world):
    for n in range(100):
        world.send(E(f"e{n}", end_user="u"))
    world.flush()
    before = sums(world)
    running = Running(world, "--dry-run", "--rate", 10, "-o", "postgres.application_name=dry")
    world.wait_for("""select exists (select from pg_stat_activity where application_name = 'dry' and backend_xid is not null)""")
    result = running.stop()
    assert "nothing was changed" in result.stderr and commands(result) == [], result
    assert 0 < numbers(result)["new"] < 100
    assert sums(world) == before


def test_a_dry_run_loses_its_connection(world):
    for n in range(100):
        world.send(E(f"e{n}", end_user="u"))
    running = Running(world, "--dry-run", "--rate", 10, "-o", "postgres.application_name=dry")
    world.wait_for("""select exists (select from pg_stat_activity where application_name = 'dry' and backend_xid is not null)""")
    world.rows("select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'dry'")
    result = running.wait(code=1)
    assert "connection" in result.stderr and "nothing was changed" in result.stderr.lower(), result
    assert world.value("select count(*) from {s}.feedback") == 0


# --- slowly, and stopped

def test_rate(make_world):
    """Three seconds of work, whatever the workers: what is read in them is bounded by what the rate allows."""
    world = make_world(partitions=3)
    for n in range(60):
        world.send(E(f"e{n}", end_user="u"))
    result = counted(replay(world, "--rate", 20, "--workers", 3), new=60)
    assert float(re.search(r"in ([\d.]+) s", result.stdout)[1]) >= 2.9, result


@pytest.mark.parametrize("workers, by", [(1, signal.SIGINT), (3, signal.SIGTERM)])
def test_stopped_and_gone_on_with(make_world, workers, by):
    """What it says is what to type: together they are as if nothing had happened."""
    world = make_world(partitions=4)
    model = backlog(world, 300)
    running = Running(world, "--rate", 150, "--workers", workers, "-o", "batch.max.events=7", "-o", "postgres.application_name=it's me")
    world.wait_for("select count(*) > 20 from {s}.feedback")
    result = running.stop(by=by)
    first = numbers(result)
    assert 20 < first["new"] < 400 and first["new"] == first["messages read"]
    rest = commands(result)
    assert 1 <= len(rest) <= 2 and "not finished" in result.stderr, result
    assert all(c[:1] == ["replay"] and ["-c", str(world.conf)] == c[1:3] and "postgres.application_name=it's me" in c for c in rest)
    assert all(("--rate", "150") == tuple(c[c.index("--rate"):][:2]) for c in rest)
    found = [numbers(afterword(*c, "--rate", "100000")) for c in rest]
    assert sum(f["new"] for f in found) == sum(f["messages read"] for f in found) == 400 - first["new"]
    assert_like_model(world, model, {})


def test_a_secret_is_not_repeated(make_world):
    world = make_world(partitions=1)
    backlog(world, 30)
    secret = world.servers.postgres.get("password", "")
    running = Running(world, "--rate", 5, "-o", f"postgres.password={secret}", "-o", "resolve.key=0123456789abcdef0123456789abcdef",
                      "--topic", world.topics["feedback"])
    wait_for(lambda: not running.running, "its end")
    assert "resolve.key" in running.said()  # another than the database's
    running = Running(world, "--rate", 5, "-o", f"postgres.password={secret}", "--topic", world.topics["feedback"])
    world.wait_for("select count(*) > 0 from {s}.feedback")
    result = running.stop()
    assert len(commands(result)) == 1 and "-o postgres.password='(not shown here)'" in result.stderr
    assert not secret or secret not in result.stderr


def test_a_worker_that_fails_says_how_to_go_on(make_world):
    world = make_world(partitions=1)
    for n in range(20):
        world.send(E(f"e{n}", end_user="u"))
    for n in range(10):
        world.raw("feedback", b"?")
    result = replay(world, "-o", "dlq.max.consecutive=10", "-o", "batch.max.events=20", code=1)
    counted(result, new=20)
    assert "too many bad messages" in result.stderr
    (go_on,) = commands(result)
    assert go_on[go_on.index("--from"):][:4] == ["--from", "0:20", "--to", "0:30"]
    counted(afterword(*go_on, "-o", "dlq.max.consecutive=0"), rejected=10)


# --- new rules

def test_a_limit_that_was_raised(world):
    """What was rejected is stored now, and no longer listed as rejected."""
    world.send(E("long", "comment", text="x" * 6000, end_user="u"))
    world.send(E("short", "comment", text="x", end_user="u"))
    counted(world.run(), new=1, rejected=1)
    assert [r["reason"] for r in world.rejected().values()] == ["text_too_long"]
    counted(replay(world, "-o", "limit.comment.chars=6000"), new=1, unchanged=1)
    assert world.rejected() == {} and sorted(r["event_id"] for r in world.joined()) == ["long", "short"]


# --- what is seen of it

def test_a_bar_on_a_terminal(make_world):
    world = make_world(partitions=2)
    for n in range(60):
        world.send(E(f"e{n}", end_user="u"))
    ours, theirs = pty.openpty()
    running = Running(world, "--rate", 30, stderr=theirs)
    os.close(theirs)
    seen = b""
    while running.running or select.select([ours], [], [], 0)[0]:
        if select.select([ours], [], [], 0.1)[0]:
            try:
                seen += os.read(ours, 65536)
            except OSError:  # the other end is closed
                break
    counted(running.wait(), new=60)
    bars = re.findall(rb"\r\[([=> ]{24})\] +(\d+) %, (\d+) messages, \d+/s, [\d:?]+ left\x1b\[K", seen)
    done = [int(percent) for _, percent, _ in bars]
    assert len(set(done)) > 2 and done == sorted(done), seen
    assert seen.endswith(b"\r\x1b[K") and b"\n\n" not in seen.replace(b"\r", b""), seen


def test_a_plain_line_every_ten_seconds(make_world):
    world = make_world(partitions=1)
    for n in range(120):
        world.send(E(f"e{n}", end_user="u"))
    result = counted(replay(world, "--rate", 10), new=120)
    told = [line for line in result.stderr.splitlines() if " left" in line]
    assert len(told) == 1 and re.search(r"\d+ %, \d+ messages, \d+/s, 0:0\d left$", told[0]), result
    assert "\r" not in result.stderr and "\x1b" not in result.stderr


# --- usage

USAGE = {
    "--from yesterday": ['"yesterday"', "RFC 3339", "beginning", "P:OFFSET"],
    "--from begining": ['"begining"', '"beginning"'],
    "--to ende": ['"ende"', '"end"'],
    "--from 2024-13-01T00:00:00Z": ["no such day", "RFC 3339"],
    "--from 2024-05-01": ["2024-05-01", "RFC 3339"],
    "--from 0:": ['"0:"', "P:OFFSET"],
    "--from 0:1,": ['"0:1,"', "P:OFFSET"],
    "--from 0:-1": ['"0:-1"', "P:OFFSET"],
    "--from 0:1:2": ['"0:1:2"', "P:OFFSET"],
    "--from 0:1 --from 0:2": ["partition 0 twice"],
    "--from beginning --from 0:2": ['"0:2"', "again"],
    "--from 0:2 --from end": ['"end"', "again"],
    "--from 0:1": ["--topic"],
    "--topic nothing": ['"nothing"', ".feedback", ".interactions"],
    "--rate 0": ['"0"', "--rate"],
    "--rate fast": ['"fast"', "--rate"],
    "--workers 65": ['"65"', "64"],
    "--workers 1.5": ['"1.5"'],
    "--dryrun": ['"--dryrun"'],
    "feedback": ['"feedback"', "too many"],
    "--topic {feedback} --from 9:0": ["partition 9", "0 to 2"],
    "--topic {feedback} --to 0:5 --from 0:6": ["0:5", "0:6", "before"],
    "--from 2024-05-01T00:00:01Z --to 2024-05-01T00:00:00Z": ["before"],
}


@pytest.fixture(scope="module")
def empty(make_story):
    return make_story()


@pytest.mark.parametrize("typed", USAGE)
def test_usage(empty, typed):
    result = replay(empty, *typed.format(**empty.topics).split(), code=2)
    assert result.stdout == "" and "--help" in result.stderr, result
    for word in USAGE[typed]:
        assert word in result.stderr, result


def test_the_settings_must_be_those_of_the_database(empty):
    result = replay(empty, "-o", "resolve.clock.tolerance.ms=77", code=1)
    assert "resolve.clock.tolerance.ms" in result.stderr and result.stdout == ""
