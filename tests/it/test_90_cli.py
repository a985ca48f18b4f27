"""What a stranger types, right and wrong: a clear sentence, in the right place, and the right exit code."""

import re
import socket
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from world import E, afterword

COMMANDS = ("run", "replay", "publish", "migrate", "check")


def said(result, *words):
    """Talk on stderr, nothing on stdout; all of these words in it."""
    assert result.stdout == "", result
    for word in words:
        assert word.lower() in result.stderr.lower(), f"{word!r} is not said: {result}"


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


# --- without servers

def test_no_arguments():
    said(afterword(code=2), "usage", *COMMANDS)


@pytest.mark.parametrize("args", [["--help"], ["-h"], ["help"]], ids=" ".join)
def test_help(args):
    result = afterword(*args)
    assert result.stderr == "" and all(c in result.stdout for c in COMMANDS)


@pytest.mark.parametrize("command", COMMANDS)
def test_help_of_a_command(command):
    result = afterword(command, "--help")
    assert result.stderr == "" and f"afterword {command}" in result.stdout and "-o" in result.stdout


USAGE = {  # words typed: words said
    "rnu": ['"rnu"', '"run"'],
    "chekc": ['"chekc"', '"check"'],
    "frobnicate": ['"frobnicate"', "--help"],
    "--drain": ['"--drain"', "--help"],
    "run --drian": ['"--drian"', "--help"],
    "run -x": ['"-x"'],
    "run --drain=yes": ['"--drain"', "takes no value"],
    "run -drain": ['"-d"', "begin with --"],
    "run --drain -xy": ['"-x"', "begin with --"],
    "run again": ['"again"'],
    "run -c": ['"-c"'],
    "run -o": ['"-o"'],
    "check --drain": ['"--drain"'],
    "publish": ["feedback", "interactions"],
    "publish something": ['"something"', "feedback", "interactions"],
    "publish feedback --framing avro": ['"avro"', "confluent", "single-object"],
    "publish feedback --framing": ["--framing"],
    "help nothing": ['"nothing"'],
}


@pytest.mark.parametrize("typed", USAGE)
def test_usage(typed):
    said(afterword(*typed.split(), code=2, stdin=""), *USAGE[typed])


FILES = {  # lines of worker.conf: words said
    "an unknown name": (["# a comment", "workers = 2", "", "wrokers = 3"], ":4", '"wrokers"', '"workers"'),
    "a name like no other": (["frobnicate = 3"], ":1", '"frobnicate"'),
    "an unknown name of librdkafka's": (["kafka.frobnicate = 1"], ":1", '"kafka.frobnicate"'),
    "an unknown name of libpq's": (["postgres.frobnicate = 1"], ":1", '"postgres.frobnicate"'),
    "a bad value of librdkafka's": (["kafka.fetch.min.bytes = -5"], ":1", "-5"),
    "no value": (["workers"], ":1"),
    "no number": (["workers = two"], ":1", '"two"'),
    "a number with a tail": (["workers = 2x"], ":1", '"2x"'),
    "too small": (["workers = 0"], ":1", '"0"', "64"),
    "too big": (["", "workers = 99999999999999999999"], ":2", '"99999999999999999999"'),
    "no switch": (["decode.bare = maybe"], ":1", '"maybe"', "on", "off"),
    "no level": (["log.level = loud"], ":1", '"loud"', "warn"),
    "twice": (["workers = 2", "workers = 3"], ":2", "workers"),
    "too short a key": (["resolve.key = short"], ":1", "resolve.key"),
    "less than minus one": (["resolve.skew.min.ms = -2"], ":1", '"-2"'),
    "no name of a schema": (["schema = No; drop"], ":1", '"No; drop"'),
    "a secret that cannot be read": (["resolve.key = file:/nonexistent/key"], "/nonexistent/key"),
}


@pytest.mark.parametrize("name", FILES)
@pytest.mark.parametrize("command", ["run", "migrate"])
def test_configuration_file(tmp_path, command, name):
    lines, *words = FILES[name]
    conf = tmp_path / "worker.conf"
    conf.write_text("\n".join(lines) + "\n")
    said(afterword(command, "-c", conf, code=3), *[f"worker.conf{w}" if w.startswith(":") else w for w in words])


def test_a_configuration_file_that_is_not_there():
    said(afterword("run", "-c", "/nonexistent/worker.conf", code=3), "/nonexistent/worker.conf")


@pytest.mark.parametrize("typed, word", [("wrokers=2", '"wrokers"'), ("workers=x", "workers"), ("workers", "workers"),
                                         ("=2", "=2"), ("kafka.nonsense=1", '"kafka.nonsense"')])
def test_an_option_on_the_command_line(typed, word):
    said(afterword("run", "-o", typed, code=3), word)


def test_an_option_in_the_environment():
    said(afterword("run", code=3, env={"AFTERWORD_BATCH_MAX_EVENTS": "many"}), "AFTERWORD_BATCH_MAX_EVENTS", '"many"')


def test_no_secret_is_said(tmp_path):
    conf = tmp_path / "worker.conf"
    conf.write_text("postgres.password = SECRET\nresolve.key = SECRETSECRET\n")
    for command in ("run", "check"):
        result = afterword(command, "-c", conf, code=None)
        assert "SECRET" not in result.stdout + result.stderr


# --- with servers

@pytest.fixture(scope="module")
def w(make_story):
    return make_story()


def in_time(seconds, call, *args, **how):
    started = time.monotonic()
    result = call(*args, timeout=seconds + 30, **how)
    assert time.monotonic() - started < seconds, result
    return result


def test_a_broker_that_is_not_there(w):
    """All three at once: each takes the time that it gives a broker to answer."""
    at = f"127.0.0.1:{free_port()}"
    commands = {"run": ["run"], "check": ["check"], "publish": ["publish", "feedback", "--framing", "bare"]}
    line = '{"feedback": {"slug": "clear"}, "metadata": {"end_user": "u", "timestamp": 5}}'
    with ThreadPoolExecutor() as pool:
        said_by = {name: pool.submit(in_time, 40, w.command, *args, "-o", f"kafka.bootstrap.servers={at}", code=1, stdin=line)
                   for name, args in commands.items()}
        said_by = {name: result.result() for name, result in said_by.items()}
    said(said_by["run"], at)
    said(said_by["publish"], at)
    assert [line for line in lines(said_by["check"]) if "FAIL" in line and "broker" in line and at in line], said_by["check"]


@pytest.mark.parametrize("topic", ["interactions", "feedback"])
def test_a_topic_that_is_not_there(w, topic):
    said(in_time(30, w.command, "run", "--drain", "-o", f"topics.{topic}={w.name}.none", code=1), f'"{w.name}.none"', "exist")


def test_a_database_that_is_not_there(w):
    for option, word in ((f"postgres.port={free_port()}", "connect"), ("postgres.dbname=nonexistent", '"nonexistent"')):
        for command in ("run", "migrate"):
            said(in_time(30, w.command, command, "-o", option, code=1), word)


def test_a_database_that_is_not_migrated(w):
    said(w.command("run", "--drain", "-o", "schema=it_nothing_here", code=1), '"it_nothing_here"', "afterword migrate")



def test_migrate_says_what_it_does_and_does_it_once(make_world):
    world = make_world(migrate=False)
    first, second = world.command("migrate"), world.command("migrate")
    assert world.schema in first.stdout and world.schema in second.stdout
    assert len(second.stdout.splitlines()) < len(first.stdout.splitlines())
    world.feedback("thumbs_up", "e", end_user="u")
    world.run()
    world.command("migrate")
    assert world.found() == {"e": "no_interaction"}


def test_migrations_at_the_same_time(make_world):
    """As when a deployment starts several."""
    world = make_world(migrate=False)
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda _: world.command("migrate"), range(4)))
    world.run()


def test_options_over_environment_over_file(w):
    """Whoever speaks last says where it is read from."""
    w.write_conf()
    base = w.conf.read_text()
    try:
        w.conf.write_text(base.replace(f"schema = {w.schema}", "schema = it_of_the_file"))
        assert '"it_of_the_file"' in w.command("run", "--drain", code=1).stderr
        assert '"it_of_the_env"' in w.command("run", "--drain", code=1, env={"AFTERWORD_SCHEMA": "it_of_the_env"}).stderr
        w.command("run", "--drain", "-o", f"schema={w.schema}", env={"AFTERWORD_SCHEMA": "it_of_the_env"})
    finally:
        w.write_conf()


def test_everything_from_the_environment(w):
    """As in a container: no file at all."""
    variables = {"AFTERWORD_" + k.upper().replace(".", "_"): str(v) for k, v in w.options.items() if v is not None}
    afterword("run", "--drain", env={**variables, "AFTERWORD_SERVICE_HOST": "set by an orchestrator"})
    afterword("check", env=variables)


def test_secrets_from_files(make_world, tmp_path):
    (tmp_path / "key").write_text("0123456789abcdef0123456789abcdef\n")
    world = make_world(resolve__key=f"file:{tmp_path}/key")
    world.run(resolve__key="0123456789abcdef0123456789abcdef")
    refused = world.run(resolve__key="0123456789abcdef0123456789abcdeF", code=(1, 3))
    assert "0123456789abcdef" not in refused.stderr


# --- check

CHECKED = ("config", "broker", "topics", "registry", "schemas", "database", "version", "rights")


def lines(result):
    return [line for line in result.stdout.splitlines() if line.strip()]


def test_check(w):
    result = w.command("check")
    for word in CHECKED:
        assert any(re.search(rf"\b{word}\b", line) for line in lines(result)), f"{word}: {result}"
    assert result.stderr == ""


BROKEN = {  # option: what is not right, and what is said about it
    "topics.feedback=it-none": ("topics", "it-none"),
    "schema=it_nothing_here": ("version", "afterword migrate"),
    "postgres.dbname=nonexistent": ("database", "nonexistent"),
    "postgres.port={port}": ("database", "{port}"),
    "registry.url=http://127.0.0.1:{port}": ("registry", "registry.url"),
    "resolve.clock.tolerance.ms=77": ("version", "migrate"),
}


@pytest.mark.parametrize("option", BROKEN)
def test_check_says_what_is_wrong(w, option):
    """One line says it; what does not hang on it is looked at all the same."""
    port, (what, word) = free_port(), BROKEN[option]
    result = in_time(30, w.command, "check", "-o", option.format(port=port), code=1)
    good, bad = lines(w.command("check")), lines(result)
    wrong = [line for line in bad if line not in good]
    assert wrong and all(re.search(rf"\b{what}\b", line) for line in wrong), result
    assert any(word.format(port=port) in line for line in wrong), result
    assert {line.split()[0] for line in wrong} == {"FAIL"}


def test_check_warns_of_dead_letters_that_have_no_topic(w):
    """A broker may create it by itself: then all is well."""
    result = w.command("check", "-o", "topics.dlq=it-none")
    assert [line.split()[0] for line in lines(result) if "it-none" in line] == ["warn"]


def test_check_changes_nothing(make_world):
    world = make_world(migrate=False)
    world.feedback("thumbs_up", "e", end_user="u")
    world.flush()
    world.command("check", code=1)
    assert world.rows("select nspname from pg_namespace where nspname = %s", world.schema) == []
    assert sum(world.committed()) == 0 and len(world.read("feedback")) == 1


def test_check_without_rights(world):
    """A role that may look but not write."""
    with world.role("afterword_reader") as reader:
        result = world.command("check", "-o", f"postgres.user={reader['postgres__user']}", "-o", "postgres.password=it", code=1)
    assert any("FAIL" in line and "rights" in line for line in lines(result)), result


# --- talk and results

def test_a_drain_tells_what_it_did(world):
    world.send(E("e", end_user="u"))
    world.send(E("bad", "rating", value=9, end_user="u"))
    result = world.run()
    assert re.search(r"\b2\b.*\b1 .*\b1 ", result.stdout) and "1 rejected" in result.stdout, result


def test_nothing_unasked_for_is_logged(world):
    """A quiet run says little: no warning where nothing is wrong, rejects included."""
    for n in range(20):
        world.raw("feedback", b"?%d" % n)
    world.send(E("e", end_user="u"))
    result = world.run()
    assert not re.search(r" (warn|error) .*(property|configuration)", result.stderr, re.I), result
