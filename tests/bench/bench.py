"""
How fast is it, and what does that cost? The program with a real broker and a real Postgres; each figure is a ratio to a
reference that is measured in the same run, in turns.

    make bench BENCH_ARGS='--measure A,D --events 100000 --rounds 5'

The measures are in measures.py. Every drain is checked: each event is stored once, and resolved as its generator expects.
AFTERWORD_BIN names the program; AFTERWORD_KAFKA_BOOTSTRAP_SERVERS, AFTERWORD_REGISTRY_URL and AFTERWORD_POSTGRES_HOST, _PORT,
_DBNAME, _USER, _PASSWORD name servers on this machine, which must not be those of anything else; without them some are started,
with the settings of production, and stopped at the end.
"""

import argparse
import contextlib
import os
import statistics
import sys
import tempfile
from pathlib import Path

sys.path.append(str(Path(__file__).resolve().parents[1] / "it"))

import measures  # noqa: E402
import months  # noqa: E402
import servers  # noqa: E402
import story  # noqa: E402
from program import drain  # noqa: E402
from report import Notes  # noqa: E402
from world import Failed  # noqa: E402

MEASURES = {**{name: getattr(measures, name) for name in "ABCDEFGHIJKL"}, "M": months.M}


def parse():
    parser = argparse.ArgumentParser(description="Measures the program, next to references in the same run.")
    parser.add_argument("--measure", default=",".join(MEASURES), metavar="A,B,...", help="; ".join(
        f"{name}: {measure.__doc__.partition('.')[0]}" for name, measure in MEASURES.items()).replace("%", "%%"))
    parser.add_argument("--events", type=int, default=200_000, help="default 200,000; the goals are for 2,000,000")
    parser.add_argument("--interactions", type=int, help="default half as many as events")
    parser.add_argument("--rows", type=int, help="in the large table of E; default ten times as many as events")
    parser.add_argument("--users", type=int, default=50_000, help="default 50,000")
    parser.add_argument("--masks", type=lambda masks: [int(mask) for mask in masks.split(",")], default=list(story.MASKS),
                        metavar="1,2,...", help="combinations of keys, as bits; default: all 17")
    parser.add_argument("--workers", type=int, default=2, help="and connections of COPY; default 2")
    parser.add_argument("--rounds", type=int, default=5, help="default 5")
    parser.add_argument("-o", "--option", action="append", default=[], metavar="NAME=VALUE", help="for the program, in all measures")
    parser.add_argument("--json", metavar="FILE", help="every measurement and figure as a JSON line")
    args = parser.parse_args()
    args.interactions = args.interactions or args.events // 2
    args.rows = args.rows or 10 * args.events
    args.option = {name.replace(".", "__"): value for name, value in (option.split("=", 1) for option in args.option)}
    args.measure = args.measure.split(",")
    if unknown := set(args.measure) - set(MEASURES):
        parser.error(f"there is no measure {', '.join(unknown)}")
    return args


def main():
    args = parse()
    story.check()
    with contextlib.ExitStack() as stack:
        lent = servers.start(stack, ["kafka", "postgres"] + ["registry"] * ("C" in args.measure))
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="afterword-bench.")))
        bench, notes = measures.Bench(args, lent, folder, stack), Notes(args.json)
        nothing = bench.tables(bench.story)
        settings = servers.settings(nothing.sql)
        notes.line(**vars(args), cores=os.cpu_count(), **settings)
        print(f"{args.events:,} events, {args.interactions:,} interactions, {args.workers} workers, {os.cpu_count()} cores; Postgres: "
              + ", ".join(f"{name} = {value}" for name, value in settings.items()), file=sys.stderr)
        notes.idle = statistics.median(drain(nothing, workers=args.workers)["seconds"] for _ in range(3))
        for name in args.measure:
            with contextlib.ExitStack() as bench.measure:
                measure = MEASURES[name](bench)
                for number in range(1, args.rounds + 1):
                    measure.round(lambda side, messages, result: notes.add(name, number, side, messages, result))
        notes.print({name: MEASURES[name].figures for name in args.measure})


if __name__ == "__main__":
    try:
        main()
    except (servers.Failure, Failed) as failure:
        sys.exit(f"bench: {failure}")
