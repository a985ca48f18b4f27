"""What an event costs in each stage of a worker, in instructions, which do not depend on what else the machine does.

    stages.py PROGRAM COMPILER    PROGRAM is stages.c; fails where a stage costs over 10 % more than stages.txt says

Every event asks to be anonymised."""

import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

sys.path.append(str(Path(__file__).resolve().parents[1] / "it"))

from story import Story, encode_event, framed  # noqa: E402
from world import clean_env  # noqa: E402

EVENTS = 5_000
ACCEPTED = Path(__file__).with_name("stages.txt")


def count(program, folder):
    """Instructions by stage, of one event."""
    messages, profile = folder / "messages", folder / "profile"
    with open(messages, "wb") as f:
        for event in Story(EVENTS, EVENTS // 2, 500).events():
            record = {**event.record, "metadata": {**event.record["metadata"], "anonymize": True}}
            value = framed("feedback", encode_event(record))
            f.write(len(value).to_bytes(4, "big") + value)
    done = subprocess.run(["valgrind", "--tool=callgrind", f"--callgrind-out-file={profile}", "--toggle-collect=stage_*",
                           program, messages], capture_output=True, text=True, env=clean_env())
    if done.returncode or done.stdout != f"{EVENTS}\n":
        sys.exit(f"stages: not {EVENTS} events: {done.stdout}{done.stderr}")
    said = subprocess.run(["callgrind_annotate", "--inclusive=yes", "--threshold=100", profile], check=True, capture_output=True,
                          text=True).stdout
    return {stage: int(n.replace(",", "")) / EVENTS for n, stage in re.findall(r"^ *([\d,]+) .*:stage_(\w+) ", said, re.M)}


def main(program, compiler):
    if not shutil.which("valgrind"):
        sys.exit("stages: valgrind is missing")
    accepted = {name: int(n) for name, n in re.findall(r"^(\w+) +(\d+)$", ACCEPTED.read_text(), re.M)}
    version = subprocess.run([compiler, "--version"], check=True, capture_output=True, text=True).stdout.splitlines()[0]
    with tempfile.TemporaryDirectory() as folder:
        now = count(program, Path(folder))
    print(f"instructions an event, with {version}:")
    for stage, was in accepted.items():
        print(f"  {stage:8}{now[stage]:8.0f}, accepted {was:8}: {now[stage] / was - 1:+.1%}")
    if dearer := [stage for stage, was in accepted.items() if now[stage] > 1.1 * was]:
        sys.exit(f"stages: over 10 % dearer than tests/bench/stages.txt says: {', '.join(dearer)}")


if __name__ == "__main__":
    main(*sys.argv[1:])
