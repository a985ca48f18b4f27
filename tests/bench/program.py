"""The program under the watch: seconds from the start of a process to its end, processor time, memory."""

import contextlib
import os
import re
import time
import uuid
from collections import Counter

from servers import cpu_seconds, postmaster
from world import Background

LOOK = 0.01  # seconds between two looks at a process that works


def drain(tables, interactions=None, events=None, workers=2, processes=1, **options):
    """Pools of one group store what is in these topics (None: nothing)."""
    options = {"kafka.group.id": f"{tables.name}-{uuid.uuid4().hex[:8]}", "log.level": "warn", "workers": workers,
               "topics.interactions": interactions.name if interactions else tables.topics["interactions"],
               "topics.feedback": events.name if events else tables.topics["feedback"], **options}
    return watch(tables, [["run", "--drain"]] * processes, options)


def replay(tables, events, workers):
    """Reads a topic of events once more, as `afterword replay` does."""
    options = {"log.level": "warn", "topics.feedback": events.name}
    return watch(tables, [["replay", "--topic", events.name, "--workers", str(workers)]], options)


def numbers(processes):
    """What the last lines of these processes count, summed."""
    total = Counter()
    for process in processes:
        total.update({what: int(n) for n, what in re.findall(r"(\d+) ([a-z ]+?)(?=,| in )", process.result().splitlines()[-1])})
    return total


def watch(tables, commands, options):
    server = postmaster(tables.sql)
    words = [word for name, value in options.items() for word in ("-o", f"{name}={value}")]
    before, started = cpu_seconds(server), time.monotonic()
    running = []
    for command in commands:
        log = tables.folder / f"{tables.name}.{len(tables.background)}.log"
        running.append(Background([command[0], "-c", tables.conf, *command[1:], *words], log))
        tables.background.append(running[-1])
    memory, cpu, todo = [], 0, list(running)
    while todo:
        time.sleep(LOOK)
        for process in list(todo):
            with contextlib.suppress(OSError, StopIteration):  # it may be just ending
                memory.append((time.monotonic(), process.memory()))
            pid, status, usage = os.wait4(process.pid, os.WNOHANG)
            if pid:
                process.process.returncode = os.waitstatus_to_exitcode(status)
                cpu += usage.ru_utime + usage.ru_stime
                todo.remove(process)
    ended = time.monotonic()
    for process in running:
        process.wait()
    half = [size for at, size in memory if at < (started + ended) / 2]
    return {"seconds": ended - started, "worker_cpu": cpu, "postgres_cpu": cpu_seconds(server) - before,
            "rss_mb": max(size for _, size in memory) / 2**20, "rss_half_mb": max(half, default=0) / 2**20,
            "counts": numbers(running)}
