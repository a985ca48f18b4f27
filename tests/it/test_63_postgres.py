"""A Postgres that is stopped, cut, read-only, replaced, locked or full, with load running: the tables are those of a quiet run."""

import contextlib
import shutil
import signal
import socket
from types import SimpleNamespace

import psycopg
import pytest

from delivery import SLOW
from neighbours import (Postgres, acknowledged, all_acknowledged, assert_as_if_nothing_happened, assert_idle, fill, lend, lines, members, once,
                        play, small_disk, some, stored, tables)
from world import E, World, wait_for


@pytest.fixture(scope="module")
def postgres(servers):
    server = Postgres()
    server.execute("create role afterword_writer", "create role afterword_reader")
    yield server
    server.close()


@pytest.fixture
def world_on(servers, tmp_path):
    """Worlds on servers that the test itself ends."""
    @contextlib.contextmanager
    def make(postgres, **options):
        world = World(lend(servers, postgres=postgres), tmp_path, partitions=4, **options)
        try:
            yield world
        finally:
            for process in world.background:  # also where the server is gone, and close() would fail
                process.kill()
        world.close()
    return make


@pytest.fixture
def world(make_world, servers, postgres):
    return make_world(on=lend(servers, postgres=postgres), partitions=4)


def reconnect(world):
    world.db.close()
    world.db = world.servers.connect()


# --- faults: each is a context that gives what shows that a process has noticed ---------------------------------

@contextlib.contextmanager
def stopped(world, postgres, by):
    postgres.stop(by)
    yield "Connection refused"
    postgres.start()
    reconnect(world)


@contextlib.contextmanager
def cut(world, _):
    """One by one in the middle of something, each when the one before is there again. Commits take their time, so that there is a middle."""
    world.db.execute(SLOW.replace("{s}", f'"{world.schema}"'))
    cuts = 0

    def noticed(name):
        nonlocal cuts
        back = [len(lines(pool, "going on after")) for pool in world.background]
        if sum(back) >= cuts:
            cuts += len(world.rows("""select pg_terminate_backend(pid) from pg_stat_activity where application_name = %s
                                      and state <> 'idle' limit 1""", "stays" if back[0] <= back[1] else "leaves"))
        return min(back) >= 3

    yield noticed


@contextlib.contextmanager
def read_only(world, _):
    for setting in ("on", "off"):
        world.db.execute(f"alter system set default_transaction_read_only = {setting}")
        world.db.execute("select pg_reload_conf()")
        if setting == "on":
            yield "read-only"


def blocked(world, name):
    return world.rows("select from pg_stat_activity where application_name like %s and cardinality(pg_blocking_pids(pid)) > 0", name)


@contextlib.contextmanager
def locked(world, _, statement, whom=None):
    """A data team's transaction: statements wait for it."""
    with world.servers.connect(autocommit=False) as db:
        db.execute(statement.replace("{s}", f'"{world.schema}"'))
        yield lambda name: blocked(world, whom or name)
        db.rollback()


@contextlib.contextmanager
def timing_out(world, _, setting, state):
    """A lock that is held, and sessions that do not wait for it."""
    cut_all = "select pg_terminate_backend(pid) from pg_stat_activity where application_name in ('stays', 'leaves')"
    with world.servers.connect(autocommit=False) as db:
        db.execute(f'lock table "{world.schema}".feedback in share mode')
        world.db.execute(f"alter database postgres set {setting} = '200ms'")
        world.db.execute(cut_all)
        yield f"SQLSTATE {state}"
        world.db.execute(f"alter database postgres reset {setting}")
        db.rollback()


FAULTS = {
    "stopped hard": lambda *on: stopped(*on, signal.SIGQUIT),
    "stopped": lambda *on: stopped(*on, signal.SIGINT),
    "connections cut one by one": cut,
    "read-only": read_only,
    "a lock on a table": lambda *on: locked(*on, "lock table {s}.feedback in access exclusive mode"),
    "locks on rows": lambda *on: locked(*on, "select from {s}.feedback, {s}.interaction for update", "%"),
    "an index is built": lambda *on: locked(*on, "create index on {s}.feedback (text)"),
    "lock timeout": lambda *on: timing_out(*on, "lock_timeout", "55P03"),
    "statement timeout": lambda *on: timing_out(*on, "statement_timeout", "57014"),
}


@pytest.mark.parametrize("fault", some(FAULTS, "stopped hard", "connections cut one by one", "lock timeout"))
def test_fault(world, postgres, load, undisturbed, fault):
    play(world, load, undisturbed, FAULTS[fault](world, postgres), idle=fault != "connections cut one by one")


def test_disk_full(world_on, postgres, load, undisturbed):
    """That of the tables: no row more can be stored."""
    with small_disk("48m") as disk:
        place = disk / "tables"
        place.mkdir()
        shutil.chown(place, "postgres")
        postgres.execute(f"create tablespace small location '{place}'")

        @contextlib.contextmanager
        def full():
            fill(disk)
            yield "No space left on device"
            (disk / "filler").unlink()

        with world_on(postgres, postgres__options="-c default_tablespace=small") as world:
            play(world, load, undisturbed, full())
        postgres.execute("drop tablespace small")


@once
def test_disk_of_the_log_full(world_on, load, undisturbed):
    """Postgres cannot write its log: it gives up, and is started when there is space."""
    with small_disk("24m") as disk, contextlib.ExitStack() as end:
        wal = disk / "wal"
        wal.mkdir()
        shutil.chown(wal, "postgres")
        postgres = Postgres(initdb=[f"--waldir={wal}", "--wal-segsize=1"],
                            options=["-cmin_wal_size=2MB", "-cmax_wal_size=8MB", "-cwal_recycle=off"])
        end.callback(postgres.close)

        @contextlib.contextmanager
        def full():
            fill(disk)
            with contextlib.suppress(psycopg.OperationalError):
                while True:  # others write too
                    postgres.execute("create table t ()", "drop table t", "select pg_switch_wal()")
            assert "PANIC" in postgres.said()
            yield "; holding"
            (disk / "filler").unlink()
            postgres.stop()
            postgres.start()
            reconnect(world)

        with world_on(postgres) as world:
            play(world, load, undisturbed, full())


def test_a_standby_takes_over(world_on, load, undisturbed):
    """The old server is gone for good. Nothing acknowledged is lost, since the standby is synchronous."""
    with contextlib.ExitStack() as end:
        old = Postgres()
        end.callback(old.close)
        new = Postgres(primary=old)
        end.callback(new.close)
        old.execute("alter system set synchronous_standby_names = 'standby'", "select pg_reload_conf()")
        wait_for(lambda: old.execute("select count(*) from pg_stat_replication where sync_state = 'sync'").fetchone()[0], "the standby")
        both = SimpleNamespace(params={**old.params, "host": "127.0.0.1,127.0.0.1", "port": f"{old.port},{new.port}",
                                       "target_session_attrs": "read-write"})

        @contextlib.contextmanager
        def gone():
            old.stop()
            yield "; holding"
            new.execute("select pg_promote()")
            reconnect(world)

        with world_on(both) as world:
            play(world, load, undisturbed, gone())


def test_a_host_that_is_silent(make_world, servers, postgres):
    """It takes connections and never answers, like a server that hangs: the other host is tried."""
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        world = make_world(on=lend(servers, postgres=postgres), partitions=1)
        pool = world.start(workers=1, postgres__connect_timeout=2)
        world.send(E("e1", end_user="u"))
        all_acknowledged(world)
        both = world.start(workers=1, postgres__connect_timeout=2, kafka__group__id=f"{world.name}-2",
                           postgres__host="127.0.0.1,127.0.0.1", postgres__port=f"{postgres.port},{silent.getsockname()[1]}")
        world.wait_for(lambda: sum(world.committed(group=f"{world.name}-2")) == 1, "it to be read")
        postgres.stop()
        world.send(E("e2", end_user="u"))
        world.flush()
        world.wait_for(lambda: "no answer from" in both.said(), "a word about the silent one")
        postgres.start()
        reconnect(world)
        world.wait_for(lambda: sum(world.committed(group=f"{world.name}-2")) == 2, "it to go on with the other")
        pool.stop()
        both.stop()


STATES = ["40001", "40P01", "23505", "25006", "40001", "53100", "53200", "53300", "55000", "55P03", "57014", "58030", "XX000", "42501"]


def test_errors_in_the_middle(world, load, undisturbed):
    """Whatever of these Postgres answers to one batch after another, from a trigger here; 23505: as if another worker was first."""
    world.db.execute(f"""set search_path = "{world.schema}"; create sequence nth;
        create function trouble() returns trigger language plpgsql as $$
        declare
            states text[] := '{{{",".join(STATES)}}}';
            n int := nextval('nth');
        begin
            if n % 3 = 0 and n / 3 <= cardinality(states) then
                raise exception 'trouble' using errcode = states[n / 3];
            end if;
            return null;
        end $$;
        create trigger trouble after insert on feedback for each statement execute function trouble();
        grant usage on sequence nth to public; reset search_path""")
    pool = world.start(workers=2, batch__max__events=10)
    load.send(world, 1)
    all_acknowledged(world)
    pool.stop()
    assert world.value("select last_value from {s}.nth") > 3 * len(STATES)
    world.db.execute(f'drop function "{world.schema}".trouble cascade')
    assert_as_if_nothing_happened(world, load, undisturbed)


def test_more_races_than_can_be(world, load, undisturbed):
    """One that does not end is waited for, as everything else: it is not tried a thousand times a second."""
    world.db.execute(f"""create function "{world.schema}".trouble() returns trigger language plpgsql as $$
        begin raise exception 'trouble' using errcode = '40001'; end $$;
        create trigger trouble before insert on "{world.schema}".feedback execute function "{world.schema}".trouble()""")
    pool = world.start(workers=2, batch__max__events=10)
    load.send(world, 0.5)
    world.flush()
    world.wait_for(lambda: len(lines(pool, "SQLSTATE 40001")) == 2, "both workers to say so")
    assert_idle(pool)
    world.db.execute(f'drop function "{world.schema}".trouble cascade')
    load.send(world, 1)
    all_acknowledged(world)
    pool.stop()
    assert_as_if_nothing_happened(world, load, undisturbed)


def test_deadlock(world, postgres, load, undisturbed):
    """With a stranger who locks the same rows the other way round; of the two it is the worker that Postgres ends."""
    for n in "az":
        world.send(E(f"deadlock {n}", end_user="nobody", record_time=2_000_000_000_000))
    # a session looks for a deadlock once: so long after it began to wait
    pool = world.start(workers=2, batch__max__events=10, postgres__options="-c deadlock_timeout=8s")
    all_acknowledged(world)
    with world.servers.connect(autocommit=False) as stranger:
        stranger.execute("set deadlock_timeout = '1h'")
        stranger.execute("set statement_timeout = '60s'")
        touch = f"""select from "{world.schema}".feedback where event_id = %s for update"""
        stranger.execute(touch, ["deadlock z"])
        # of both an earlier copy, in one batch
        for n in "az":
            world.send(E(f"deadlock {n}", end_user="nobody", record_time=1_900_000_000_000, partition=0))
        load.send(world, 0.5)
        world.flush()
        world.wait_for(lambda: blocked(world, "%"), "a worker to wait for the stranger")
        stranger.execute(touch, ["deadlock a"])  # waits until Postgres has ended the worker's transaction
        assert "deadlock detected" in postgres.said()
        stranger.rollback()
    world.wait_for("select count(*) = 2 from {s}.feedback where event_id like 'deadlock _' and record_time < '2031-01-01'")
    load.send(world, 1)
    world.flush()
    world.wait_for(lambda: acknowledged(world) == len(world.sent), "everything to be acknowledged")
    pool.stop()
    assert world.rejected().keys() == load.rejected(world).keys()
    world.db.execute(f"""delete from "{world.schema}".feedback where event_id like 'deadlock _'""")
    assert tables(world) == undisturbed


@once
def test_default_isolation_is_serializable(world, load, undisturbed):
    """Of the role: the program's transactions say what they need."""
    pools = [world.start(workers=2, batch__max__events=10, postgres__options="-c default_transaction_isolation=serializable") for _ in range(2)]
    load.send(world, 1)
    all_acknowledged(world)
    for pool in pools:
        pool.stop()
    assert_as_if_nothing_happened(world, load, undisturbed)


@once
def test_slower_than_the_group_is_patient(world, load, undisturbed):
    """A lock is held for longer than max.poll.interval.ms: nobody leaves the group, nothing is read twice."""
    pool = world.start(workers=2, batch__max__events=10, kafka__max__poll__interval__ms=6000, kafka__session__timeout__ms=6000)
    world.wait_for(lambda: len(members(world)) == 2, "both to have their partitions")
    before = members(world)
    load.send(world, 0.5)
    world.wait_for(lambda: stored(world) > 50, "it to be under way")
    with world.servers.connect(autocommit=False) as db:
        db.execute(f'lock table "{world.schema}".feedback in access exclusive mode')
        load.send(world, 1)
        world.wait_for(lambda: len(lines(pool, "not done after 10 s")) == 2, "both workers to say so")
        assert members(world) == before
        db.rollback()
    all_acknowledged(world)
    assert members(world) == before
    pool.stop()
    assert f"{len(load)} messages read" in pool.result()
    assert_as_if_nothing_happened(world, load, undisturbed)


@once
def test_a_second_signal_kills(world, load, undisturbed):
    """What was under way comes again."""
    pool = world.start(workers=2, batch__max__events=10, kafka__session__timeout__ms=6000)
    load.send(world, 0.5)
    world.flush()
    world.wait_for(lambda: stored(world) > 50, "it to be under way")
    with locked(world, None, "lock table {s}.feedback in access exclusive mode", "%") as noticed:
        world.wait_for(lambda: noticed(None), "a worker to wait")
        pool.process.send_signal(signal.SIGTERM)
        world.wait_for(lambda: "once more kills" in pool.said(), "it to be told")
        assert pool.running
        pool.stop(code=-signal.SIGTERM, timeout=2)
    pool = world.start(workers=2)
    load.send(world, 1)
    all_acknowledged(world)
    pool.stop()
    assert_as_if_nothing_happened(world, load, undisturbed)


def test_who_is_killed_waits_no_longer(world):
    """Its sessions end although the lock that they wait for is held on: they would hold locks and connections as long."""
    world.send(E("e", end_user="u"))
    with locked(world, None, "lock table {s}.feedback in access exclusive mode", "%") as noticed:
        pool = world.start(workers=1)
        world.wait_for(lambda: noticed(None), "a worker to wait")
        pool.kill()
        world.wait_for(lambda: not noticed(None), "its session to end")
