"""What was scrubbed is nowhere: not in a table, an index or the write-ahead log, not in the log of the worker or of Postgres (which
writes every statement here, and every parameter of those that fail), not in `rejected`. The topics themselves are the exception."""

import contextlib
import os
import pathlib

import pytest

import wire
from world import E, I, wait_for

LOGGING = {"log_statement": "all", "log_min_error_statement": "debug5", "log_min_messages": "debug1", "log_error_verbosity": "verbose",
           "log_parameter_max_length": "-1", "log_parameter_max_length_on_error": "-1", "log_min_duration_statement": "0"}

# each as it is sent; what must not be found anywhere is the part that nobody else writes
VALUES = {
    "e-mail": ("quxx.zwiebel77@nowhere-wanted.example.org", "quxx.zwiebel77"),
    "card": ("4539 5787 6362 1486", "6362 1486"),
    "phone": ("+49 151 5283 7741", "5283 7741"),
    "iban": ("DE75 5121 0800 1245 1261 99", "1245 1261"),
    "password": ("password: Zq7-Vexilla!Umbra", "Vexilla"),
    "denied": ("Project Ornithorhynchus", "rnithorhynchus"),
    "known": ("Wolframina Quastenflosser", "Quastenflosser"),
}
TEXT = "; ".join(v for v, _ in VALUES.values())


def patterns():
    for _, part in VALUES.values():
        yield part.encode()
        yield part.replace(" ", "").encode()


@pytest.fixture(scope="module")
def server(servers):
    """The data directory and the log of a Postgres on this machine, told to write all it can."""
    with servers.connect() as db:
        data = pathlib.Path(db.execute("show data_directory").fetchone()["data_directory"])
        try:
            pid = int((data / "postmaster.pid").read_text().split()[0])
            log = pathlib.Path(os.readlink(f"/proc/{pid}/fd/2"))
        except OSError as e:
            pytest.skip(f"the files of Postgres cannot be read here: {e}")
        try:
            for name, value in LOGGING.items():
                db.execute(f"alter system set {name} = '{value}'")
            db.execute("select pg_reload_conf()")
            wait_for(lambda: db.execute("show log_statement").fetchone()["log_statement"] == "all", "the settings")
            yield data, log
        finally:
            for name in LOGGING:
                db.execute(f"alter system reset {name}")
            db.execute("select pg_reload_conf()")


def found_in(folder):
    """Files that hold any of it."""
    bad = {}
    for path in [folder] if folder.is_file() else folder.rglob("*"):
        with contextlib.suppress(FileNotFoundError):
            if path.is_file():
                with open(path, "rb") as f:
                    before = b""
                    while piece := f.read(8 << 20):
                        for p in patterns():
                            if p in before + piece:
                                bad.setdefault(str(path), set()).add(p)
                        before = piece[-100:]
    return bad


def event(event_id, **fields):
    return E(event_id, **{"slug": "comment", "at": 30, "text": TEXT, "end_user": VALUES["known"][0], "anonymize": True, **fields})


@contextlib.contextmanager
def failing(world, table):
    """Every row of a table is refused: the worker's statements fail, with all that they carry."""
    world.db.execute(f"alter table {world.schema}.{table} add constraint forced check (tenant = 'nobody') not valid")
    try:
        yield
    finally:
        world.db.execute(f"alter table {world.schema}.{table} drop constraint forced")


def test_nowhere(make_story, server, tmp_path):
    data, log = server
    deny = tmp_path / "deny"
    deny.write_text("Project Ornithorhynchus\n")
    # what says who somebody is stays in its own field, by contract; so here it comes without one
    world = make_story(pii__deny__file=deny, pii__known__attributes="name", log__level="debug")
    name = '"name": "%s"' % VALUES["known"][0]
    keep = dict(end_user="u-4711", attributes='{"note": "%s", "deep": [{"x": "%s"}], %s}' % (TEXT, TEXT, name))
    said = []
    world.send(I("i1", 20, input=TEXT, output=TEXT, anonymize=True, **keep))
    world.send(I("i2", None, input=TEXT, anonymize=True, **keep))
    world.send(event("e1", **keep, input=TEXT))
    world.send(event("copied", slug="copy_output", **keep, input=TEXT, output=TEXT))
    world.send(event("", **keep))  # rejected: no id
    world.send(event("rated", slug="rating", value=9, **keep))  # rejected: out of range
    world.send(event("bad", **{**keep, "attributes": '{"a": "%s"' % TEXT}))  # rejected: no JSON
    world.raw("feedback", b"\xc3\x01" + wire.FINGERPRINTS["feedback"] + TEXT.encode())  # rejected: no record
    for table in ("feedback", "interaction"):
        with failing(world, table):
            said.append(world.run(code=None))
    said.append(world.run())
    world.send(I("i1", 20, revision=2, input=TEXT, output=TEXT + "!", anonymize=True, **keep))
    with failing(world, "interaction"):
        said.append(world.run(code=None))
    said.append(world.run())
    deny.write_text("Project Ornithorhynchus\nanother\n")  # other rules: scrubbed again
    for table in ("feedback", "interaction"):
        with failing(world, table):
            said.append(world.run(code=None, kafka__group__id=f"{world.name}-{table}"))
    said.append(world.run(kafka__group__id=f"{world.name}-again"))

    rows = world.joined()
    assert {r["event_id"] for r in rows} == {"e1", "copied"} and len(world.rejected()) == 4
    assert all("<EMAIL_ADDRESS>" in r["text"] and r["pii"]["CREDIT_CARD"] == 3 for r in rows)
    assert [r["resolution"] for r in rows if r["event_id"] == "e1"] == ["input"]
    with world.servers.connect() as db:
        db.execute("checkpoint")
        db.execute("select pg_switch_wal()")
        db.execute("checkpoint")
    for result in said:
        for p in patterns():
            assert p.decode() not in result.stdout + result.stderr
    assert "forced" in log.read_text(errors="replace")  # the errors were there, and written down
    assert found_in(data) == {} and found_in(log) == {}
    assert VALUES["card"][1] in repr([m.value() for letters in world.dlq().values() for m, _ in letters])  # as they came


def test_it_would_be_found(make_story, server):
    """The same without anonymize: what is looked for is there to be found."""
    data, _ = server
    world = make_story()
    marked = "Xyzzy-plugh-8842"
    world.send(E("open", "comment", at=30, text=marked, end_user="u"))
    world.run()
    with world.servers.connect() as db:
        db.execute("checkpoint")
    relation = world.value("select pg_relation_filepath('{s}.feedback'::regclass)")
    assert marked.encode() in (data / relation).read_bytes()
