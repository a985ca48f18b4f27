#!/usr/bin/python3
"""Speed of the scrubber in one run: pii_bench.py PROGRAM [LINES]

Ordinary text: the licences and the READMEs that every Debian has, a paragraph a record. Dense: labelled lines of tests/data/pii (dev),
each with so much text without personal data behind it that 6.7 % of its bytes are digits. PROGRAM (pii_bench.c) measures ours and memchr;
PRESIDIO names a Python with presidio-analyzer, whose pattern recognisers then get LINES of the dense lines in the same run."""

import glob
import gzip
import json
import os
import random
import re
import subprocess
import sys
import tempfile

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

PATTERNS = r"""
import json, sys, time
from presidio_analyzer import predefined_recognizers as p
names = ("CreditCardRecognizer CryptoRecognizer DateRecognizer EmailRecognizer IbanRecognizer IpRecognizer MedicalLicenseRecognizer "
         "PhoneRecognizer UrlRecognizer UsBankRecognizer UsItinRecognizer UsLicenseRecognizer UsPassportRecognizer UsSsnRecognizer "
         "NhsRecognizer UkNinoRecognizer").split()
found = [getattr(p, n)() for n in names if hasattr(p, n)]
lines = [json.loads(x) for x in open(sys.argv[1])]
for r in found:  # what they load is not counted
    r.analyze("me@example.com +1 415 555 0123 https://example.com", r.supported_entities, None)
start = time.process_time()
n = 0
for line in lines:
    for r in found:
        n += len(r.analyze(line, r.supported_entities, None) or [])
took = time.process_time() - start
size = sum(len(x.encode()) for x in lines)
print(json.dumps({"recognisers": len(found), "mb": size / took / 1e6, "us": took * 1e6 / len(lines), "n": n}))
"""


def ordinary(target=20 << 20):
    texts = []
    for path in sorted(glob.glob("/usr/share/common-licenses/*") + glob.glob("/usr/share/doc/*/README*")):
        try:
            with (gzip.open if path.endswith(".gz") else open)(path, "rb") as f:
                texts.append(f.read(1 << 20).decode())
        except (OSError, UnicodeDecodeError):
            continue
    records = [re.sub(r"\s+", " ", p).strip() for t in texts for p in t.split("\n\n")]
    records = [r for r in records if 40 < len(r) < 2000]
    size = sum(len(r) + 1 for r in records)
    return records * max(1, target // size)


def dense(count=20000):
    r = random.Random(5)
    with open(os.path.join(ROOT, "tests/data/pii/dev.jsonl"), encoding="utf-8") as f:
        rows = [json.loads(x) for x in f]
    with_data = [x["text"] for x in rows if x["spans"]]
    without = [x["text"] for x in rows if not x["spans"] and len(x["text"]) > 30 and not re.search(r"\d", x["text"])]
    out = []
    while len(out) < count:
        line = r.choice(with_data)
        while len(re.findall(r"\d", line)) > 0.09 * len(line):
            line += " " + r.choice(without)
        if len(line) < 150:
            out.append(line)
    return out


def main(program, lines="400"):
    with tempfile.TemporaryDirectory() as folder:
        paths = []
        for name, records in (("ordinary", ordinary()), ("dense", dense())):
            paths.append(os.path.join(folder, name))
            with open(paths[-1], "w", encoding="utf-8") as f:
                f.write("\n".join(records) + "\n")
            text = "".join(records)
            print("%s: %d records of %.0f bytes, %.1f %% digits" % (name, len(records), len(text.encode()) / len(records), 100 * len(re.findall("[0-9]", text)) / len(text)))
        sys.stdout.flush()
        ours = subprocess.run([program, *paths], check=True, stdout=subprocess.PIPE).stdout.decode()
        print(ours, end="")
        python = os.environ.get("PRESIDIO")
        if not python:
            print("presidio: not asked (PRESIDIO names a Python that has it)")
            return
        sample = os.path.join(folder, "sample")
        with open(sample, "w", encoding="utf-8") as f:
            f.writelines(json.dumps(x) + "\n" for x in dense(int(lines)))
        p = json.loads(subprocess.run([python, "-W", "ignore", "-c", PATTERNS, sample], check=True, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL).stdout.decode().splitlines()[-1])
        mb = float(re.search(r"^dense +([\d.]+) MB/s", ours, re.M).group(1))
        print("presidio   %.3f MB/s, %.0f us a record with %d recognisers: ours is %.0f times as fast" % (p["mb"], p["us"], p["recognisers"], mb / p["mb"]))


if __name__ == "__main__":
    main(*sys.argv[1:])
