"""Postgres or the dead-letter topic are down, slow or closed: nothing is rejected for it, nothing is lost, and it goes on by itself."""

import re
import socket
import socketserver
import threading

import pytest
from confluent_kafka.admin import ConfigResource
from test_60_pool import backlog

from compare import assert_like_model
from neighbours import acknowledged, assert_as_if_nothing_happened, members
from world import E, I


class Proxy:
    """A TCP proxy in front of Postgres that can be closed, and opened again. Use as a context."""

    def __init__(self, to):
        proxy, self.to, self.open, self.pairs, self.tried = self, to, True, set(), 0

        class Handler(socketserver.BaseRequestHandler):
            def handle(self):
                proxy.tried += 1
                if proxy.open:
                    proxy.serve(self.request)

        self.server = socketserver.ThreadingTCPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.port = self.server.server_address[1]
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def serve(self, client):
        with socket.create_connection(self.to) as server:
            self.pairs.add((client, server))
            back = threading.Thread(target=self.pump, args=(server, client), daemon=True)
            back.start()
            self.pump(client, server)
            back.join()
            self.pairs.discard((client, server))

    @staticmethod
    def pump(a, b):
        try:
            while data := a.recv(65536):
                b.sendall(data)
        except OSError:
            pass
        for s in (a, b):
            try:
                s.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass

    def close(self):
        """Cuts every connection; who comes is turned away."""
        self.open = False
        for pair in list(self.pairs):
            for s in pair:
                try:
                    s.shutdown(socket.SHUT_RDWR)
                except OSError:
                    pass

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()
        self.server.shutdown()
        self.server.server_close()


@pytest.fixture
def proxy(servers):
    host, port = servers.postgres["host"], int(servers.postgres.get("port", 5432))
    if host.startswith("/"):
        pytest.skip("Postgres is behind a Unix socket")
    with Proxy((host, port)) as proxy:
        yield proxy


def through(proxy):
    return {"postgres__host": "127.0.0.1", "postgres__port": proxy.port}


def test_postgres_goes_and_comes(world, proxy):
    pool = world.start(**through(proxy))
    world.feedback("thumbs_up", "e1", end_user="u")
    world.flush()
    world.wait_for(lambda: sum(world.committed()) == 1, "it to be acknowledged")
    proxy.close()
    world.feedback("thumbs_up", "e2", end_user="u")
    world.raw("feedback", b"?")
    world.flush()
    tried = proxy.tried
    world.wait_for(lambda: proxy.tried > tried + 1, "it to try again")
    assert pool.running and sum(world.committed()) == 1
    proxy.open = True
    world.wait_for("select count(*) = 2 from {s}.feedback_joined")
    world.wait_for("select count(*) = 1 from {s}.rejected")
    pool.stop()
    assert sum(world.committed()) == 3


def test_it_stops_when_told_while_postgres_is_away(world, proxy):
    pool = world.start(**through(proxy))
    world.feedback("thumbs_up", "e1", end_user="u")
    world.flush()
    world.wait_for(lambda: sum(world.committed()) == 1, "it to be acknowledged")
    proxy.close()
    world.feedback("thumbs_up", "e2", end_user="u")
    world.flush()
    tried = proxy.tried
    world.wait_for(lambda: proxy.tried > tried + 1, "it to try again")
    pool.stop(timeout=30)
    assert sum(world.committed()) == 1 and list(world.found()) == ["e1"]
    world.run()
    assert list(world.found()) == ["e1", "e2"]


def test_connections_are_cut_again_and_again(make_world):
    """In the middle of whatever was going on: the end is the same."""
    world = make_world(partitions=4, postgres__application_name="it-cut")
    model = backlog(world, 600)
    pool = world.start(drain=True, batch__max__events=5)
    world.wait_for("select count(*) > 0 from {s}.feedback")  # to begin without Postgres is another matter
    cuts = 0

    def done():
        nonlocal cuts
        if cuts < 15:
            cuts += world.value("""select count(pg_terminate_backend(pid)) from pg_stat_activity
                                   where application_name = 'it-cut' and state <> 'idle'""")
        return not pool.running

    world.wait_for(done, "the drain", timeout=120)
    pool.wait()
    assert cuts > 5
    assert_like_model(world, model, {})


def test_postgres_is_read_only_for_a_while(world):
    """As after a failover: sessions are cut, and new ones may not write."""
    with world.role("afterword_writer") as options:
        role = options["postgres__user"]
        pool = world.start(**options)
        world.wait_for(lambda: len(members(world)) == 2, "both to have their partitions")  # who loses one acknowledges nothing of it
        world.feedback("thumbs_up", "e1", end_user="u")
        world.send(I("i", 10, end_user="u"))
        world.flush()
        world.wait_for("select count(*) = 1 from {s}.feedback_joined where interaction_id = 'i'")
        world.wait_for(lambda: sum(world.committed()) == 1, "it to be acknowledged")
        for read_only in ("on", "off"):
            world.db.execute(f"alter role {role} set default_transaction_read_only = {read_only}")
            world.db.execute("select pg_terminate_backend(pid) from pg_stat_activity where usename = %s", [role])
            if read_only == "on":
                world.feedback("thumbs_up", "e2", end_user="u")
                world.raw("feedback", b"?")
                world.flush()
                world.wait_for(lambda: "read-only" in pool.said(), "a word about it")
                assert pool.running and sum(world.committed()) == 1
        world.wait_for("select count(*) = 2 from {s}.feedback_joined where interaction_id = 'i'")
        world.wait_for("select count(*) = 1 from {s}.rejected")
        pool.stop()
    assert sum(world.committed()) == 3


def test_a_table_is_locked(world):
    """Somebody holds a lock for long: with a timeout on it or without, it is waited for."""
    world.feedback("thumbs_up", "e", end_user="u")
    for options in ({}, {"postgres__options": "-c lock_timeout=200ms"}, {"postgres__options": "-c statement_timeout=200ms"}):
        world.send(E(f"e{len(world.sent)}", end_user="u"))
        with world.servers.connect(autocommit=False) as db:
            db.execute(f'lock table "{world.schema}".feedback in share mode')
            pool = world.start(postgres__application_name=f"{world.name}-{len(world.sent)}", **options)
            seen = set()

            def waits():
                """Has it waited, and with a timeout waited again?"""
                seen.update(r["query_start"] for r in world.rows(
                    """select query_start from pg_stat_activity where application_name = %s and wait_event_type = 'Lock'""",
                    f"{world.name}-{len(world.sent)}"))
                return len(seen) >= (2 if options else 1)

            world.wait_for(waits, "it to wait")
            assert pool.running and world.rejected() == {}
        world.wait_for(f"select count(*) = {len(world.sent)} from {{s}}.feedback_joined")
        pool.stop()
    assert world.rejected() == {} and sum(world.committed()) == len(world.sent)


def test_a_dead_letter_that_does_not_fit(world):
    """A reject is acknowledged only when it is safe: until then it is held, and what comes behind it."""
    def take(size):
        config = {**world.topic_config, "max.message.bytes": str(size)}
        for done in world.servers.admin.alter_configs(
                [ConfigResource(ConfigResource.Type.TOPIC, world.topics["dlq"], set_config=config)]).values():
            done.result(30)

    take(100)
    world.raw("feedback", b"?" * 1000, partition=0)
    world.send(E("e", end_user="u", partition=0))
    pool = world.start()
    world.wait_for(lambda: world.topics["dlq"] in pool.said(), "a word about it")
    assert pool.running and world.committed()[0] == 0
    take(10_000)
    world.wait_for(lambda: world.committed()[0] == 2, "it to be acknowledged", timeout=120)
    pool.stop()
    assert list(world.found()) == ["e"] and len(world.rejected()) == 1
    assert [message.value() for [(message, _)] in world.dlq().values()] == [b"?" * 1000]


def test_too_many_bad_messages_and_on(make_world, load, undisturbed):
    """It stops before the topic is drained, says which and why; with another bound it goes on, and nothing is lost."""
    world = make_world(partitions=4)
    load.send(world, 1)
    stopped = world.run(workers=1, batch__max__events=10, dlq__max__ratio=0.01, code=1)
    topic = world.topics["feedback"]
    assert re.search(rf'too many bad messages in topic "{topic}": .* \d+ of the last \d{{4}} \(undecodable \d+, .*missing_field \d+.*dlq\.max\.ratio',
                     stopped.stderr), stopped
    assert acknowledged(world) < len(load)
    world.run(dlq__max__ratio=0.5)
    assert_as_if_nothing_happened(world, load, undisturbed)
