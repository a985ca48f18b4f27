"""Neighbours of the program that a test may break, a load that is under way meanwhile, and what must be true at its end."""

import contextlib
import ctypes
import functools
import mmap
import os
import random
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from pathlib import Path

import psycopg
import pytest
from confluent_kafka import KafkaException, Producer

import wire
import world as worlds
from compare import assert_like_model, snapshot
from model import Model, repair
from world import E, I, Message, wait_for

BIN = Path("/usr/lib/postgresql/15/bin")


@functools.cache
def instrumented():
    """Is the program built with a sanitizer?"""
    if not os.path.exists(worlds.BINARY):
        return False
    with open(worlds.BINARY, "rb") as f, mmap.mmap(f.fileno(), 0, access=mmap.ACCESS_READ) as binary:
        return binary.find(b"__asan_init") >= 0


# Tests whose paths through the code others take too.
once = pytest.mark.skipif(instrumented(), reason="takes long, and is done with the plain program")


def some(faults, *always):
    """All of them, but with a sanitizer these alone."""
    return [pytest.param(name, marks=() if name in always else once) for name in faults]


def free_port():
    """One that nobody has now, below those that the kernel lends to clients."""
    while True:
        with socket.socket() as s, contextlib.suppress(OSError):
            s.bind(("127.0.0.1", port := random.randrange(20000, 30000)))
            return port


# --- servers ---------------------------------------------------------------------------------------------------

class Server:
    """A process with a log, in a folder of its own."""

    process = None

    def launch(self, args, log):
        self.log = log
        with open(log, "a") as out:
            self.process = subprocess.Popen(args, stdout=out, stderr=out, stdin=subprocess.DEVNULL, start_new_session=True)

    def said(self):
        return Path(self.log).read_text(errors="replace")

    def end(self, by):
        if self.process:
            self.process.send_signal(by)
            self.process.wait(60)
            self.process = None


class Postgres(Server):
    """One of our own. folder: where its data are to be, given to its user; None: a temporary one."""

    def __init__(self, folder=None, primary=None, initdb=(), options=()):
        self.folder = Path(folder or tempfile.mkdtemp(prefix="afterword-postgres-"))
        self.folder.mkdir(exist_ok=True)
        self.data, self.port, self.options = self.folder / "data", free_port(), options
        self.user = []
        if os.geteuid() == 0:  # Postgres refuses to be root
            shutil.chown(self.folder, "postgres")
            self.user = ["setpriv", "--reuid=postgres", "--regid=postgres", "--init-groups"]
            if subprocess.run([*self.user, "test", "-w", self.folder], check=False).returncode:  # behind a closed folder
                self.user += ["--inh-caps=+dac_read_search", "--ambient-caps=+dac_read_search", "--securebits=+no_setuid_fixup"]
        self.params = {"host": "127.0.0.1", "port": str(self.port), "user": "postgres", "dbname": "postgres"}
        if primary:
            self.params["password"] = primary.params["password"]
            conninfo = " ".join(f"{k}={v}" for k, v in primary.params.items()) + " application_name=standby"
            self.do("pg_basebackup", "-D", self.data, "-d", conninfo, "-R", "-c", "fast")
        else:
            self.params["password"] = f"it{random.randrange(10**12)}"
            (self.folder / "password").write_text(self.params["password"])
            self.do("initdb", "-D", self.data, "-U", "postgres", "-E", "UTF8", "--no-sync", "-A", "scram-sha-256", "--locale=C.UTF-8",
                    "--locale-provider=icu", "--icu-locale=en-US", f"--pwfile={self.folder}/password", *initdb)
        self.start()

    def do(self, program, *args):
        done = subprocess.run([*self.user, BIN / program, *args], capture_output=True, text=True, check=False, cwd="/")
        assert done.returncode == 0, f"{program}: {done.stdout}{done.stderr}"

    def start(self):
        settings = {"port": self.port, "listen_addresses": "127.0.0.1", "unix_socket_directories": self.folder, "fsync": "off",
                    "max_connections": 300,
                    # what is committed so is lost with the server: the program must not trust it
                    "synchronous_commit": "off", "wal_writer_delay": "10s", "wal_writer_flush_after": "1GB"}
        self.launch([*self.user, BIN / "postgres", "-D", self.data, *(f"-c{k}={v}" for k, v in settings.items()), *self.options],
                    self.folder / "log")
        wait_for(self.ready, "Postgres to start")

    def ready(self):
        assert self.process.poll() is None, self.said()[-2000:]
        with contextlib.suppress(psycopg.OperationalError), self.connect():
            return True

    def connect(self, **options):
        return psycopg.connect(**self.params, autocommit=True, **options)

    def execute(self, *statements):
        with self.connect() as db:
            return [db.execute(s) for s in statements][-1]

    def stop(self, by=signal.SIGQUIT):
        """SIGQUIT: at once, without a checkpoint, as if the power went."""
        self.end(by)

    def close(self):
        self.end(signal.SIGQUIT)
        shutil.rmtree(self.folder, ignore_errors=True)


class Service:
    """A server that deploy/services.sh has started; from then on it is stopped and started here."""

    def __init__(self, name):
        self.folder, self.name = Path(tempfile.mkdtemp(prefix=f"afterword-{name}-")), name
        try:
            subprocess.run(["sh", wire.ROOT / "deploy/services.sh", "start", self.folder, name], check=True, env=worlds.clean_env())
            self.pid = int((self.folder / f"{name}.pid").read_text())
            self.args, self.env = ([x for x in Path(f"/proc/{self.pid}/{what}").read_text().split("\0") if x] for what in ("cmdline", "environ"))
            self.address = (self.folder / "env").read_text().split("=", 1)[1].strip()
        except BaseException:
            shutil.rmtree(self.folder)
            raise

    @property
    def running(self):
        with contextlib.suppress(OSError):
            return Path(f"/proc/{self.pid}/stat").read_text().rpartition(")")[2].split()[0] not in "ZX"

    def said(self):
        return (self.folder / f"{self.name}.log").read_text(errors="replace")

    def end(self, by):
        if self.running:
            os.kill(self.pid, by)
            wait_for(lambda: not self.running, f"{self.name} to end")

    def start(self):
        with open(self.folder / f"{self.name}.log", "a") as out:
            self.process = subprocess.Popen(["env", "-i", *self.env, *self.args], stdout=out, stderr=out, stdin=subprocess.DEVNULL,
                                            start_new_session=True)
        self.pid = self.process.pid

    def close(self):
        self.end(signal.SIGKILL)
        shutil.rmtree(self.folder, ignore_errors=True)


class Kafka(Service):
    def __init__(self):
        super().__init__("kafka")
        self.brokers = self.address

    def start(self):
        starts = self.said().count("Kafka Server started")
        super().start()
        wait_for(lambda: self.process.poll() is None and self.said().count("Kafka Server started") > starts, "Kafka to start")

    def acl(self, *args):
        """What the tool kafka-acls does."""
        at = self.args.index("-cp")
        done = subprocess.run([self.args[0], *self.args[at:at + 2], "org.apache.kafka.tools.AclCommand", "--bootstrap-server", self.brokers, *args],
                              capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr

    def generations(self, group):
        """How often the group was divided anew."""
        return self.said().count(f"Stabilized group {group} generation")


class Registry(Service):
    """It forgets everything when it ends."""

    def __init__(self):
        super().__init__("registry")
        self.url = self.address

    def know(self, schemas):
        """Registers (subject, schema), as soon as it answers; gives their ids."""
        def register():
            with contextlib.suppress(OSError):
                return [client.register(*schema) for schema in schemas]

        client = wire.Registry(self.url)
        return wait_for(register, "the registry to start")


def lend(servers, kafka=None, postgres=None, registry_url=None):
    """The servers of the session, with one of our own among them."""
    mine = worlds.Servers(kafka.brokers if kafka else servers.brokers, registry_url or servers.registry_url,
                          postgres.params if postgres else servers.postgres)
    if kafka:  # what is sent while the broker is away arrives once, and in order
        mine.producer = Producer({"bootstrap.servers": kafka.brokers, "enable.idempotence": True, "linger.ms": 5})
    return mine


# --- load ------------------------------------------------------------------------------------------------------

BAD = [dict(slug="rating", value=9), dict(slug="comment", text=None), dict(timestamp=-1), dict(attributes="[]"),
       dict(event_id=""), dict(end_user=None, conversation_id=None, trace_id=None, interaction_id=None)]  # over a good event


def message_at(rng, n, size):
    """The n-th of a load: every slug, every kind of key, interactions before and after their events."""
    user, conversation, trace = f"u{rng.randrange(size // 20 + 1)}", f"c{rng.randrange(size // 20 + 1)}", f"t{rng.randrange(size // 20 + 1)}"
    text = f"q{rng.randrange(3)}"
    if n % 4 == 0:
        return I(f"i{n // 8}", None if n % 24 == 0 else rng.randrange(1000), revision=n % 8, end_user=user, conversation_id=conversation,
                 trace_id=trace, input=text, output=f"an answer to {text}, the {n}th", started_at=None,
                 attributes='{"n": [1, 2]}' if n % 3 else None)
    slug = rng.choice("thumbs_up thumbs_down neutral rating score comment copy_input copy_output paste clear retract".split())
    keys = [dict(end_user=user), dict(end_user=user, conversation_id=conversation), dict(end_user=user, input=text),
            dict(end_user=user, interaction_id=f"i{rng.randrange(size // 8 + 1)}"), dict(trace_id=trace),
            dict(conversation_id=conversation, trace_id=trace, input=text)][n % 6]
    fields = dict(keys, retracts=f"e{rng.randrange(size)}" if slug == "retract" else None,
                  text=text if slug in ("comment", "copy_input", "copy_output", "paste") else None,
                  value=rng.randrange(1, 6) if slug == "rating" else rng.randrange(-10, 11) if slug == "score" else None)
    return E(f"e{n}", slug, rng.randrange(1100) + 0.5, **fields)


class Load:
    """Messages of every kind whose order does not matter, the same for every world; and what must come of them."""

    def __init__(self, size, seed=11):
        rng, self.model, self.messages = random.Random(seed), Model(), []  # (message, a number for its partition, reason)
        for n in range(size):
            message, bad = message_at(rng, n, size), rng.random()
            if message.topic == "feedback" and bad < 0.03:
                message = Message(message.topic, {**message.fields, "event_id": f"bad{n}", **rng.choice(BAD)}, message.send)
            copies = [message]
            if bad > 0.9 and message.topic == "feedback":  # sent again, with a time of its own: the earliest counts
                copies.append(Message(message.topic, message.fields, {"record_time": message.record_time + rng.choice([-5, 5])}))
            for copy in copies:
                self.messages.append((copy, rng.randrange(24), self.model.take(copy.topic, copy.fields, copy.record_time)))
        for n in range(size // 100 + 1):
            self.messages.append((("feedback", b"?%d" % n), n, "undecodable"))
            self.messages.append((("interactions", None), n, None))
        rng.shuffle(self.messages)

    def __len__(self):
        return len(self.messages)

    def send(self, world, share):
        """Sends what is not sent yet of this share of all."""
        sent = world.__dict__.setdefault("expect", {})
        while len(sent) < round(share * len(self.messages)):
            message, where, reason = self.messages[len(sent)]
            if isinstance(message, Message):
                sent[world.send(message, partition=where % world.partitions)] = message, reason
            else:
                sent[world.raw(*message, partition=where % world.partitions)] = message, reason

    def rejected(self, world):
        """What the table of that name must hold, by coordinates."""
        out = {}
        for sent, (message, reason) in world.expect.items():
            if reason:
                ids = {"tenant": "default", **message.fields} if isinstance(message, Message) else {}
                out[sent.at] = reason, ids.get("tenant"), repair(ids["event_id"])[0] if ids else None
        return out


def tables(world):
    """All that data teams see, but for what depends on where messages lie."""
    return snapshot(world)[:-1]


def stored(world):
    return world.value("select (select count(*) from {s}.feedback) + (select count(*) from {s}.interaction)")


def acknowledged(world):
    """How many messages; nothing while a broker that has just started does not know yet."""
    with contextlib.suppress(KafkaException):
        return sum(world.committed("feedback")) + sum(world.committed("interactions"))


def members(world):
    """The ids of the group's members, while nothing is being divided."""
    with contextlib.suppress(KafkaException):  # a broker that has just started
        groups = world.servers.admin.list_groups(world.options["kafka.group.id"], timeout=10)
        return sorted(m.id for g in groups if g.state == "Stable" for m in g.members)
    return []


def all_acknowledged(world, timeout=120):
    """Waits until the group has stored all that was sent."""
    world.servers.producer.flush(60)
    world.wait_for(lambda: acknowledged(world) == len(world.sent), "everything to be acknowledged", timeout)


@functools.cache
def has_audit():
    return "audit" in worlds.afterword("help").stdout


def assert_as_if_nothing_happened(world, load, undisturbed):
    """At the end: what is in the tables, what was rejected, what is acknowledged, and what audit says."""
    assert len(world.sent) == len(load) and acknowledged(world) == len(load)
    for process in world.background:
        assert not process.running, "stop it first"
    have, want = tables(world), undisturbed
    if have != want:  # the model tells better what differs
        assert_like_model(world, load.model)
    assert have == want
    rejected = load.rejected(world)
    assert_like_model(world, load.model, rejected)
    assert set(world.dlq()) == set(rejected), "dead letters"
    if has_audit():
        world.command("audit")


# --- watching --------------------------------------------------------------------------------------------------

def cpu(pool):
    """Seconds of processor time that a process has used."""
    fields = Path(f"/proc/{pool.pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def assert_idle(pool, seconds=1):
    """While it waits it does next to nothing."""
    began, used = time.monotonic(), cpu(pool)
    wait_for(lambda: time.monotonic() > began + seconds, "time to pass")
    used = cpu(pool) - used
    assert used < 0.1 * seconds, f"{used:.2f} s of processor time in {seconds} s"


def lines(pool, *words):
    """The lines of a log that have one of these words."""
    return [line for line in pool.said().splitlines() if any(w in line for w in words)]


# --- disks ------------------------------------------------------------------------------------------------------

@contextlib.contextmanager
def small_disk(size):
    """A file system of that size, as a folder; and a way to fill it and to make space again."""
    if os.geteuid():
        pytest.skip("only root may mount the small file system that this needs")
    folder = tempfile.mkdtemp(prefix="afterword-disk-")
    done = subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size},mode=755", "tmpfs", folder], capture_output=True, text=True, check=False)
    if done.returncode:
        os.rmdir(folder)
        pytest.skip(f"the small file system that this needs cannot be mounted here: {done.stderr.strip()}")
    try:
        yield Path(folder)
    finally:
        subprocess.run(["umount", "-l", folder], check=True)
        os.rmdir(folder)


def fill(disk):
    with contextlib.suppress(OSError), open(disk / "filler", "wb", buffering=0) as f:
        while f.write(bytes(1 << 16)):
            pass


# --- the play --------------------------------------------------------------------------------------------------

def play(world, load, undisturbed, fault, idle=True, **options):
    """
    Two processes work on the load; then the fault, while more comes in. Both must notice; one is told to stop meanwhile; the
    other goes on by itself when the fault is over. fault: a context that gives what shows that a process has noticed, a word
    of its log or a function of its name among the sessions of Postgres.
    """
    stays, leaves = [world.start(workers=2, batch__max__events=10, postgres__application_name=name, **options) for name in ("stays", "leaves")]
    world.wait_for(lambda: len(members(world)) == 4, "all to have their partitions")
    load.send(world, 0.5)
    world.flush()
    world.wait_for(lambda: stored(world) > 50 and acknowledged(world) > 50, "it to be under way")
    share = 0.5

    def seen(name, pool):
        """Has it noticed? Meanwhile more comes in all the time, less and less, so that it lasts."""
        nonlocal share
        share += 0.003 * (0.95 - share)
        load.send(world, share)
        return noticed(name) if callable(noticed) else noticed in pool.said()

    with fault as noticed:
        load.send(world, share := share + 0.1)
        for name, pool in (("stays", stays), ("leaves", leaves)):
            world.wait_for(functools.partial(seen, name, pool), f"{name} to notice")
        if idle:
            assert_idle(stays)
        leaves.stop(timeout=40)
        assert stays.running
    load.send(world, 1)
    all_acknowledged(world)
    world.wait_for(lambda: len(lines(stays, "back after")) == len(lines(stays, "no broker can be reached")), "all to be back")
    stays.stop()
    assert_as_if_nothing_happened(world, load, undisturbed)
    told, back = lines(stays, "; holding"), lines(stays, "going on after")
    assert len(told) <= 2, "a line for each worker, no more\n" + "\n".join(told)
    assert len(back) >= len(told), stays.said()
    return stays


# --- librdkafka's mock cluster, for what a real broker does not do when asked ------------------------------------

class MockKafka:
    """A broker in this process that other processes can use. Close it after them."""

    OFFSET_COMMIT = 8  # Kafka's number of the request

    def __init__(self):
        self.lib = lib = ctypes.CDLL("librdkafka.so.1")
        for name in ("rd_kafka_conf_new", "rd_kafka_new", "rd_kafka_mock_cluster_new"):
            getattr(lib, name).restype = ctypes.c_void_p
        lib.rd_kafka_mock_cluster_bootstraps.restype = ctypes.c_char_p
        said = ctypes.create_string_buffer(512)
        self.rk = ctypes.c_void_p(lib.rd_kafka_new(0, ctypes.c_void_p(lib.rd_kafka_conf_new()), said, ctypes.c_size_t(512)))
        assert self.rk, said.value
        self.cluster = ctypes.c_void_p(lib.rd_kafka_mock_cluster_new(self.rk, 1))
        self.brokers = lib.rd_kafka_mock_cluster_bootstraps(self.cluster).decode()

    def create_topic(self, name, partitions):
        assert self.lib.rd_kafka_mock_topic_create(self.cluster, name.encode(), partitions, 1) == 0

    def answer(self, request, errors):
        """The next requests of this kind are answered with these."""
        self.lib.rd_kafka_mock_push_request_errors_array(self.cluster, ctypes.c_int16(request), ctypes.c_size_t(len(errors)),
                                                         (ctypes.c_int * len(errors))(*errors))

    def close(self):
        self.lib.rd_kafka_mock_cluster_destroy(self.cluster)
        self.lib.rd_kafka_destroy(self.rk)
