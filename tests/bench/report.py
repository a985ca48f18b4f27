"""What was measured: a line as it happens, tables at the end, JSON lines for programs."""

import json
import statistics
import sys
from dataclasses import dataclass


@dataclass
class Rate:
    """Messages a second of a side, of those of its reference."""

    side: str
    reference: str
    goal: str
    ours: bool = True  # both are the program: what it takes to start and stop one with nothing to do is taken off
    inverse: bool = False  # seconds a message, of those of the reference

    @property
    def name(self):
        return f"{'cost' if self.inverse else 'rate'} of {self.side} / {self.reference}"

    def values(self, rounds, idle):
        def ratio(seconds):
            sides = [[entry[side] for side in (self.side, self.reference)] for entry in rounds]
            rates = [(a["messages"] / seconds(a), b["messages"] / seconds(b)) for a, b in sides]
            return [b / a if self.inverse else a / b for a, b in rates]

        return (ratio(lambda e: e["seconds"] - (idle if self.ours else 0)),
                ratio(lambda e: e.get("worker_cpu", 0) + e["postgres_cpu"]))


@dataclass
class Value:
    """A number that a side was measured to have."""

    side: str
    field: str
    goal: str

    @property
    def name(self):
        return f"{self.field} of {self.side}"

    def values(self, rounds, idle):
        return [entry[self.side][self.field] for entry in rounds], []


def middle(values, form="{:.2f}"):
    if not values:
        return "-"
    text = form.format(statistics.median(values))
    return text if len(values) == 1 else f"{text} ({form.format(min(values))} to {form.format(max(values))})"


def table(rows):
    widths = [max(len(row[n]) for row in rows) for n in range(len(rows[0]))]
    for row in rows:
        print("  ".join(cell.ljust(width) if n < 2 else cell.rjust(width) for n, (cell, width) in enumerate(zip(row, widths))))
    print()


class Notes:
    def __init__(self, path):
        self.all, self.idle = [], 0
        self.json = open(path, "w") if path else None

    def line(self, **what):
        if self.json:
            print(json.dumps(what), file=self.json, flush=True)

    def add(self, measure, number, side, messages, result):
        entry = {"measure": measure, "round": number, "side": side, "messages": messages, **result}
        self.all.append(entry)
        self.line(**entry)
        rate = f"{messages / result['seconds']:10,.0f} /s" if messages else ""
        print(f"{measure} {number}: {side:14} {messages:10,} in {result['seconds']:7.2f} s {rate}", file=sys.stderr, flush=True)

    def of(self, measure):
        """Of each round, the sides."""
        mine = [e for e in self.all if e["measure"] == measure]
        return [{e["side"]: e for e in mine if e["round"] == n} for n in sorted({e["round"] for e in mine})]

    def print(self, figures):
        """figures: by measure."""
        print(f"\nmedian (least to greatest) of the rounds; a start and stop with nothing to do takes {self.idle:.2f} s\n")
        rows = [("", "", "by the clock", "by processor time", "goal")]
        for measure, mine in figures.items():
            for figure in mine:
                clock, cpu = figure.values(self.of(measure), self.idle)
                rows.append((measure, figure.name, middle(clock), middle(cpu), figure.goal))
                self.line(measure=measure, figure=figure.name, goal=figure.goal, median=statistics.median(clock), values=clock,
                          cpu_median=statistics.median(cpu) if cpu else None, cpu_values=cpu)
        table(rows)
        rows = [("", "", "messages", "messages/s", "worker CPU us", "Postgres CPU us", "peak MB")]
        for measure in figures:
            for side in dict.fromkeys(e["side"] for e in self.all if e["measure"] == measure):
                entries = [e for e in self.all if (e["measure"], e["side"]) == (measure, side)]
                each = {name: [1e6 * e[name] / e["messages"] for e in entries if name in e] for name in ("worker_cpu", "postgres_cpu")}
                rows.append((measure, side, f"{entries[0]['messages']:,}",
                             middle([e["messages"] / e["seconds"] for e in entries], "{:,.0f}"), middle(each["worker_cpu"], "{:.1f}"),
                             middle(each["postgres_cpu"], "{:.1f}"), middle([e["rss_mb"] for e in entries if "rss_mb" in e], "{:.0f}")))
        table(rows)
