#!/usr/bin/python3
"""Recall and precision of `afterword scrub` on labelled lines: report.py [--misses] [FILE...]

A labelled span counts as found when a span of the same type covers it, as covered when any do (what matters for privacy: nothing of it is left).
A span that touches no label is false. Run with AFTERWORD_BIN; without files all sets of this directory: dev, which rules were made by; holdout, kept away from that;
reviewer, by five who had not seen the code, and most of whose finds were mended afterwards."""

import collections
import json
import os
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
SETS = ("dev", "holdout", "reviewer")


def run(texts, options):
    for t in texts:
        assert "\n" not in t
    p = subprocess.run([os.environ.get("AFTERWORD_BIN", "build/afterword"), "scrub", "--json", *options], input="".join(t + "\n" for t in texts).encode(), stdout=subprocess.PIPE, check=True)
    out = [json.loads(x) for x in p.stdout.decode().splitlines()]
    assert len(out) == len(texts), (len(out), len(texts))
    return out


def score(rows, options=()):
    """By type: labelled, found, covered, reported, right; and the lines with a fault."""
    n = collections.defaultdict(lambda: dict.fromkeys(("labelled", "found", "covered", "reported", "right"), 0))
    bad, clean, touched = [], 0, 0
    for row, out in zip(rows, run([r["text"] for r in rows], options)):
        fault = False
        for s in row["spans"]:
            inside = [x for x in out["spans"] if x["start"] < s["end"] and x["end"] > s["start"]]
            left = set(range(s["start"], s["end"])) - {i for x in inside for i in range(x["start"], x["end"])}
            c = n[s["type"]]
            c["labelled"] += 1
            c["covered"] += not left
            c["found"] += not left and any(x["type"] == s["type"] for x in inside)
            fault |= bool(left) or not any(x["type"] == s["type"] for x in inside)
        for x in out["spans"]:
            hit = [s for s in row["spans"] if x["start"] < s["end"] and x["end"] > s["start"]]
            n[x["type"]]["reported"] += 1
            n[x["type"]]["right"] += any(s["type"] == x["type"] for s in hit)
            fault |= not any(s["type"] == x["type"] for s in hit)
        clean += not row["spans"]
        touched += not row["spans"] and bool(out["spans"])
        if fault:
            bad.append((row, out))
    return n, bad, clean, touched


def table(name, n, clean, touched):
    print("%-28s %8s %8s %9s %10s" % (name, "labelled", "recall", "covered", "precision"))
    total = collections.Counter()
    for t in sorted(n):
        c = n[t]
        total.update(c)
        print("  %-26s %8d %8s %9s %10s" % (t, c["labelled"], share(c["found"], c["labelled"]), share(c["covered"], c["labelled"]), share(c["right"], c["reported"])))
    print("  %-26s %8d %8s %9s %10s" % ("all", total["labelled"], share(total["found"], total["labelled"]), share(total["covered"], total["labelled"]), share(total["right"], total["reported"])))
    print("  lines without personal data: %d, changed: %d\n" % (clean, touched))


def share(a, b):
    return "%.3f" % (a / b) if b else "-"


def main(argv):
    misses = "--misses" in argv
    for path in [a for a in argv if not a.startswith("-")] or [os.path.join(HERE, n + ".jsonl") for n in SETS]:
        with open(path, encoding="utf-8") as f:
            rows = [json.loads(x) for x in f]
        n, bad, clean, touched = score(rows, [a for a in argv if a.startswith("-o")])
        table(os.path.basename(path), n, clean, touched)
        for row, out in bad if misses else []:
            print(row["text"])
            print("   labelled", [(s["type"], row["text"][s["start"] : s["end"]]) for s in row["spans"]])
            print("   found   ", [(s["type"], row["text"][s["start"] : s["end"]], s["level"], s["rule"]) for s in out["spans"]])


if __name__ == "__main__":
    main(sys.argv[1:])
