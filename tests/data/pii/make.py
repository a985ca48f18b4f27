#!/usr/bin/python3
"""Makes dev.jsonl and holdout.jsonl from sentences.txt: lines {"text", "spans": [{"type", "start", "end"}]}, offsets in characters.

A third of the sentences is held out, by a checksum of the sentence, so that the two sets share no sentence. The same seed gives the same files."""

import json
import os
import re
import zlib

from values import Values

HERE = os.path.dirname(os.path.abspath(__file__))
SLOT = re.compile(r"\{([A-Za-z_]+)(?::(\w+))?\}")
TIMES = 8


def line(sentence, v):
    text, spans, at = "", [], 0
    for m in SLOT.finditer(sentence):
        text += sentence[at : m.start()]
        at = m.end()
        name, how = m.group(1), m.group(2) or ""
        if name in ("first", "last"):
            text += getattr(v, name)()
        elif name == "no":
            text += v.no(how)
        else:
            value = getattr(v, name)(how)
            spans.append({"type": name, "start": len(text), "end": len(text) + len(value)})
            text += value
    return {"text": text + sentence[at:], "spans": spans}


def main():
    with open(os.path.join(HERE, "sentences.txt"), encoding="utf-8") as f:
        sentences = [s.rstrip("\n") for s in f if s.strip() and not s.startswith("# ")]
    out = {"dev": [], "holdout": []}
    for s in sentences:
        h = zlib.crc32(s.encode())
        v = Values(h)
        rows = []
        for _ in range(TIMES if SLOT.search(s) else 1):
            row = line(s, v)
            if row not in rows:
                rows.append(row)
        out["holdout" if h % 3 == 0 else "dev"] += rows
    for name, rows in out.items():
        with open(os.path.join(HERE, name + ".jsonl"), "w", encoding="utf-8") as f:
            for row in rows:
                f.write(json.dumps(row, ensure_ascii=False) + "\n")
        print(name, len(rows))


if __name__ == "__main__":
    main()
