"""
Integration tests: the program against a real Kafka, a real Postgres and a real schema registry.

    make it                                       or: /usr/bin/python3 -m pytest tests/it
    make worlds N=1000                            random worlds, see test_80_worlds.py

AFTERWORD_BIN names the program (default build/afterword). AFTERWORD_KAFKA_BOOTSTRAP_SERVERS, AFTERWORD_REGISTRY_URL
and AFTERWORD_POSTGRES_HOST, _PORT, _USER, _DBNAME (and libpq's own variables) name the servers; without them
deploy/services.sh starts some, and stops them at the end. The tests leave nothing behind on servers that they are lent.
"""

import collections
import contextlib
import os
import subprocess

import psycopg
import pytest

import neighbours
import wire
import world as worlds
from compare import assert_like_model


def pytest_addoption(parser):
    parser.addoption("--worlds", type=int, default=int(os.environ.get("WORLDS_N", 100)),
                     help="how many random worlds test_80_worlds.py makes")
    parser.addoption("--seed", type=int, default=0, help="seed of the first of them; the next ones count up")
    parser.addoption("--only", help="numbers of the messages to which a world is reduced, with commas")
    parser.addoption("--plain", action="store_true", help="worlds with one worker, one delivery and no accidents")
    parser.addoption("--keep", action="store_true", help="leave topics and schemas of the tests on the servers")


def pytest_configure(config):
    config.worlds = collections.Counter()


def pytest_terminal_summary(terminalreporter, config):
    if config.worlds:
        terminalreporter.write_line(", ".join(f"{n} {what}" for what, n in config.worlds.items()))


def pytest_generate_tests(metafunc):
    if "seed" in metafunc.fixturenames:
        first = metafunc.config.getoption("seed")
        metafunc.parametrize("seed", range(first, first + metafunc.config.getoption("worlds")), scope="module")


@pytest.fixture(scope="session")
def environment(tmp_path_factory):
    """The variables that say where the servers are. Those that are not named are started."""
    if all(f"AFTERWORD_{name}" in os.environ for name in ("KAFKA_BOOTSTRAP_SERVERS", "REGISTRY_URL", "POSTGRES_HOST")):
        yield dict(os.environ)
        return
    script, folder = str(wire.ROOT / "deploy/services.sh"), str(tmp_path_factory.mktemp("services"))
    try:
        subprocess.run(["sh", script, "start", folder, "kafka", "postgres", "registry"], check=True)
        said = subprocess.run(["sh", "-c", f". '{folder}/env' && env -0"], check=True, capture_output=True).stdout
        yield dict(line.split("=", 1) for line in said.decode().split("\0") if "=" in line)
    finally:
        subprocess.run(["sh", script, "stop", folder], check=False)


@pytest.fixture(scope="session")
def servers(environment):
    if not os.access(worlds.BINARY, os.X_OK):
        pytest.exit(f"no program at {worlds.BINARY}: run make, or set AFTERWORD_BIN", 2)
    postgres = {k.removeprefix("AFTERWORD_POSTGRES_").lower(): v for k, v in environment.items()
                if k.startswith("AFTERWORD_POSTGRES_")}
    servers = worlds.Servers(environment["AFTERWORD_KAFKA_BOOTSTRAP_SERVERS"], environment["AFTERWORD_REGISTRY_URL"],
                             postgres)
    with servers.connect() as db:
        # data teams' role: the server's, so it must be there before anything is migrated
        made = [role for role in ("afterword_reader", "afterword_writer")
                if not db.execute("select from pg_roles where rolname = %s", [role]).fetchall()]
        for role in made:
            # others who test here at the same time make them too
            with contextlib.suppress(psycopg.errors.DuplicateObject, psycopg.errors.UniqueViolation):
                db.execute(f"create role {role} nologin")
    yield servers
    with servers.connect() as db:
        for role in made:
            with contextlib.suppress(psycopg.errors.DependentObjectsStillExist, psycopg.errors.UndefinedObject):
                db.execute(f"drop role {role}")


def maker(request, servers, tmp_path_factory):
    made = []

    def make(on=servers, **options):
        made.append(worlds.World(on, tmp_path_factory.mktemp("world"), **options))
        return made[-1]

    yield make
    for w in made:
        if not request.config.getoption("keep"):
            w.close()


# make_world: fresh worlds that live as long as the test; make_story: as long as the file, for tables of cases.
make_world = pytest.fixture(maker, name="make_world")
make_story = pytest.fixture(maker, scope="module", name="make_story")


@pytest.fixture
def world(make_world):
    return make_world()


@pytest.fixture(scope="session")
def kafka():
    """A broker that tests may break."""
    broker = neighbours.Kafka()
    yield broker
    broker.close()


@pytest.fixture(scope="session")
def load():
    return neighbours.Load(1500)


@pytest.fixture(scope="session")
def undisturbed(servers, load, tmp_path_factory):
    """What the tables hold after a run over the load in which nothing happened."""
    world = worlds.World(servers, tmp_path_factory.mktemp("undisturbed"), partitions=4)
    load.send(world, 1)
    world.run()
    assert_like_model(world, load.model, load.rejected(world))
    yield neighbours.tables(world)
    world.close()
