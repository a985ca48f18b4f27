"""afterword audit: quiet about sound tables, beside a working pool too; finds what was broken, and repairs it."""

import re
import subprocess
from dataclasses import replace

import generate
import pytest
from compare import assert_rows, snapshot
from world import BINARY, E, I, Message, chunks, clean_env

SEEDS = [seed for seed in range(14) if not generate.world(seed).conflicts]  # which of two contents stays, order decides


def messages():
    """Those of several random worlds, each in tenants of its own; no rubbish."""
    return [replace(m, fields={**m.fields, "tenant": f"{m.fields['tenant']} {seed}"})
            for seed in SEEDS for m in generate.world(seed).messages if isinstance(m, Message)]


def audit(world, *args, code=0, **how):
    return world.command("audit", *args, code=code, **how)


def lines(result):
    """What it lists; without the last line, which counts."""
    return result.stdout.splitlines()[:-1]


@pytest.fixture(scope="module")
def sound(make_story):
    """Random worlds, which have every slug and all kinds of keys, in three waves."""
    world = make_story(resolve__clock__tolerance__ms=5, resolve__skew__min__ms=5000)
    for wave in chunks(messages(), 3):
        for message in wave:
            world.send(message)
        world.run()
    assert len({r["slug"] for r in world.joined()}) == 10
    assert {r["resolution"] for r in world.joined()} >= {"interaction_id", "conversation", "trace", "time", "input"}
    return world


def test_nothing_differs(sound):
    said = audit(sound).stdout
    events, interactions = map(int, re.match(r"(\d+) events and (\d+) interactions looked at, nothing differs", said).groups())
    assert events == sound.value("select count(*) from {s}.feedback")
    assert interactions == sound.value("select count(*) from {s}.interaction")


def test_it_is_plain_sql(sound):
    assert sound.rows("select * from {s}.audit") == []
    assert sound.rows("select * from {s}.audit_match_key") == []


# How the tables are broken, and whether events differ by it (else only what they are resolved by).
HARM = {
    "events that belong to none": ("update {s}.feedback set interaction_id = null", True),
    "events that belong to another": ("""update {s}.feedback f set interaction_id = (
        select max(interaction_id) from {s}.interaction i where i.tenant = f.tenant and i.interaction_id < f.interaction_id)""", True),
    "pending events that belong to one": ("""update {s}.feedback f set interaction_id = (
        select min(interaction_id) from {s}.interaction i where i.tenant = f.tenant) where interaction_id is null""", True),
    "an event at another time": ("update {s}.feedback set occurred_at = occurred_at + interval '1 microsecond'", True),
    "no match keys": ("delete from {s}.interaction_key", False),
    "match keys of nothing": ("""insert into {s}.interaction_key select tenant, gen_random_uuid(), ended_at, interaction_id
        from {s}.interaction where ended_at is not null""", False),
    "match keys of another time": ("update {s}.interaction_key set ended_at = ended_at + interval '1 hour'", False),
    "no masks": ("delete from {s}.match_mask", False),
    "neither masks nor keys": ("delete from {s}.match_mask; delete from {s}.interaction_key", False),
    "events with other match keys": ("update {s}.feedback set match_key = gen_random_uuid() where match_key is not null", False),
    "events with other masks": ("update {s}.feedback set mask = 10 where mask > 1", False),
    "an interaction changed behind our back": ("""update {s}.interaction set ended_at = ended_at + interval '100 s',
        conversation_id = 'other' where ended_at is not null""", None),
}


@pytest.mark.parametrize("harm", HARM)
def test_harm_is_found_and_repaired(sound, harm):
    sql, of_events = HARM[harm]
    before = snapshot(sound)
    kept = f"{sound.schema}_kept"
    sound.db.execute(f"drop schema if exists {kept} cascade; create schema {kept}")
    tables = "interaction", "interaction_key", "match_mask", "feedback"
    for table in tables:
        sound.db.execute(f"create table {kept}.{table} as select * from {sound.schema}.{table}")
    try:
        sound.db.execute(sql.replace("{s}", sound.schema))
        stored = sound.rows("select * from {s}.feedback order by tenant, event_id")
        found = audit(sound, code=1)
        assert sound.rows("select * from {s}.feedback order by tenant, event_id") == stored, "it only looks"
        listed = lines(found)
        of_event = [line for line in listed if re.match(r".+\[\d+\]@\d+: event .*(should be)", line)]
        assert listed and found.stdout.splitlines()[-1].count("afterword audit --fix")
        assert of_events is None or bool(of_event) == of_events
        if of_events:
            assert len(of_event) == len(listed) == sound.value("select count(*) from {s}.audit")
        assert sorted(lines(audit(sound, "--steps", "100", code=1))) == sorted(listed), "in steps as at once"
        fixed = audit(sound, "--fix", "--steps", "3")
        assert re.search(r"(\d+) rows differed, \1 repaired", fixed.stdout), fixed
        assert "nothing differs" in audit(sound).stdout
        if of_events is not None:
            assert snapshot(sound) == before
        if "match_mask" not in sql and of_events is not None:  # a mask that only rejected events had is not made again
            assert sound.value(f"""select count(*) from (select * from {kept}.interaction_key
                except select * from {sound.schema}.interaction_key) x""") == 0
    finally:
        for table in tables:
            sound.db.execute(f"delete from {sound.schema}.{table}; insert into {sound.schema}.{table} select * from {kept}.{table}")
        sound.db.execute(f"drop schema {kept} cascade")


def test_a_line_says_where_and_what(world):
    world.send(I("i1", 10, end_user="u"))
    world.send(I('i"2\x1b', 20, end_user="u"))
    sent = world.send(E("e\n", end_user="u"))
    world.run()
    world.db.execute(f"update {world.schema}.feedback set interaction_id = 'i1'")
    assert lines(audit(world, code=1)) == [
        f'{sent.topic}[{sent.partition}]@{sent.offset}: event "e\\x0a" of tenant "default": interaction is "i1", '
        'should be "i\\x222\\x1b"']
    world.db.execute(f"update {world.schema}.feedback set interaction_id = 'i\"2\x1b', occurred_at = timestamp")
    assert lines(audit(world)) == []
    world.db.execute(f"update {world.schema}.feedback set interaction_id = null, occurred_at = '2024-05-01T00:00:01Z'")
    assert lines(audit(world, code=1)) == [
        f'{sent.topic}[{sent.partition}]@{sent.offset}: event "e\\x0a" of tenant "default": occurred_at is '
        '2024-05-01T00:00:01.000000Z, should be 2024-05-01T00:01:40.000000Z: interaction is none, should be "i\\x222\\x1b"']


SETTINGS = {
    "tolerance": dict(resolve__clock__tolerance__ms=15_000),
    "a negative bound: clocks are trusted": dict(resolve__skew__min__ms=-1),
    "both": dict(resolve__clock__tolerance__ms=30_000, resolve__skew__min__ms=10_000),
}


@pytest.mark.parametrize("change", SETTINGS)
def test_changed_settings(make_world, change):
    world = make_world(resolve__key="one that orders equal copies alike in both")
    for message in messages():
        world.send(message)
    world.run()
    pool = world.start()
    world.wait_for(lambda: sum(world.committed()) > 0)
    before = snapshot(world)

    world.options.update({k.replace("__", "."): v for k, v in SETTINGS[change].items()})
    world.write_conf()
    assert "audit --fix" in world.command("migrate").stdout
    assert lines(audit(world, code=1)), "a setting that changes nothing is no test"
    # the pool that runs with the old ones stores nothing more
    world.send(E("another", end_user="nobody"))
    world.flush()
    assert "changed in the database" in pool.wait(code=1).stderr

    audit(world, "--fix")
    world.run()
    joined, pending = world.joined(), world.pending()
    assert "nothing differs" in audit(world).stdout and snapshot(world) != before

    world.schema += "_anew"
    world.options["schema"] = world.schema
    world.write_conf()
    world.command("migrate")
    world.again()
    assert_rows("feedback_joined", joined, world.joined())
    assert_rows("pending_feedback", pending, world.pending())


def start_audit(world):
    return subprocess.Popen([BINARY, "audit", "-c", str(world.conf)], stdout=subprocess.PIPE, env=clean_env(), text=True)


def finish(process):
    try:
        said, _ = process.communicate(timeout=60)
    finally:
        process.kill()
        process.wait()
    assert process.returncode == 0 and "nothing differs" in said


def locks(world, granted, *numbers):
    return world.value("""select count(*) > 0 from pg_locks where locktype = 'advisory' and granted = %s
                       and classid = '{s}.feedback'::regclass::oid and objid = any (%s)""", granted, list(numbers))


def test_what_is_being_settled_does_not_differ(world):
    """Interactions are committed, their events not settled yet: whoever is at it holds a lock, and audit waits."""
    world.send(E("e", end_user="u"))
    world.run()
    with world.servers.connect(autocommit=False) as other:
        other.execute(f"select from {world.schema}.feedback for update")
        world.send(I("i", 10, end_user="u"))
        pool = world.start(drain=True)
        world.wait_for("select count(*) = 1 from {s}.interaction")
        assert world.rows("select expected_interaction_id from {s}.audit") == [{"expected_interaction_id": "i"}]
        world.wait_for(lambda: locks(world, True, 3, 4))
        process = start_audit(world)
        world.wait_for(lambda: locks(world, False, 0, 1, 3, 4))
        assert process.poll() is None
        other.rollback()
        finish(process)
        pool.wait()
    assert world.found() == {"e": "i"}
    assert not locks(world, True, 3, 4)


@pytest.mark.parametrize("lock", [3, 4])
def test_a_second_look_when_settling_is_done(world, lock):
    """As above, but that it is settled after the first look: by a stranger, who holds the lock."""
    world.send(I("i", 10, end_user="u"))
    world.send(E("e", end_user="u"))
    world.run()
    world.db.execute(f"update {world.schema}.feedback set interaction_id = null")
    with world.servers.connect() as stranger:
        stranger.execute(f"select pg_advisory_lock_shared('{world.schema}.feedback'::regclass::oid::int4, {lock})")
        process = start_audit(world)
        world.wait_for(lambda: locks(world, False, lock))
        stranger.execute(f"update {world.schema}.feedback set interaction_id = 'i'")
    finish(process)


def test_an_unsettled_event_of_a_worker_that_died(world):
    """Its interaction is stored and not acknowledged. Audit says so; reading it again, or --fix, settles it."""
    world.send(E("e", end_user="u"))
    world.run()
    with world.servers.connect(autocommit=False) as other:
        other.execute(f"select from {world.schema}.feedback for update")
        world.send(I("i", 10, end_user="u"))
        pool = world.start(drain=True, kafka__session__timeout__ms=6000)
        world.wait_for("""select count(*) > 0 from pg_locks w join pg_locks t using (pid)
                       where w.locktype = 'transactionid' and not w.granted and t.relation = '{s}.feedback'::regclass""")
        pool.kill()
    world.wait_for("""select count(*) = 0 from pg_locks where locktype = 'advisory'
                   and classid = '{s}.feedback'::regclass::oid and pid <> pg_backend_pid()""")
    assert len(lines(audit(world, code=1))) == 1
    world.run()
    assert lines(audit(world)) == [] and world.found() == {"e": "i"}


@pytest.mark.parametrize("args, says", [
    (["--fixx"], "unknown option"), (["--steps", "0"], "from 1 to 1024"), (["--steps", "many"], "from 1 to 1024"), (["now"], "one argument too many"), (["-o", "schema=nowhere_at_all"], "migrate")])
def test_misuse(world, args, says):
    assert says in audit(world, *args, code=None).stderr


def test_rights(make_world):
    """The writer role audits; a reader sees what its tenant's rows say."""
    world = make_world()
    world.send(I("i", 10, end_user="u"), tenant="a")
    for tenant in "ab":
        world.send(E("e", end_user="u"), tenant=tenant)
    world.run()
    world.db.execute(f"update {world.schema}.feedback set interaction_id = 'x'")
    with world.role("afterword_writer") as login:
        user = {k.replace("__", "."): v for k, v in login.items()}
        said = audit(world, *[f"-o{k}={v}" for k, v in user.items()], code=1)
        assert len(lines(said)) == 2
    with world.servers.connect() as db:
        db.execute("set role afterword_reader; set afterword.tenant = 'b'")
        assert [r["tenant"] for r in db.execute(f"select tenant from {world.schema}.audit").fetchall()] == ["b"]


