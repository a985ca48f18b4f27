"""A world that fails is made small: fewer messages, and nothing else that happens, for as long as it still fails."""

import itertools
import time
from concurrent.futures import ThreadPoolExecutor

from generate import show


def minimal(numbers, fails, seconds, lanes=8):
    """
    Fewer of these numbers, such that fails(them) still says how; (them, what it said). Zeller's ddmin, several tries at the same
    time, as far as time allows.
    """
    said, parts, end = None, lanes, time.monotonic() + seconds
    with ThreadPoolExecutor(lanes) as pool:
        while len(numbers) > 1 and time.monotonic() < end:
            size = -(-len(numbers) // parts)
            rests = [rest for at in range(0, len(numbers), size) if (rest := numbers[:at] + numbers[at + size:])]
            tried = itertools.chain.from_iterable(
                zip(some, pool.map(fails, some)) for some in (rests[n:n + lanes] for n in range(0, len(rests), lanes))
                if time.monotonic() < end)
            if found := next(((rest, why) for rest, why in tried if why), None):
                (numbers, said), parts = found, max(parts - 1, 2)
            elif size == 1:
                break
            else:
                parts = min(2 * parts, len(numbers))
    return numbers, said


def shrink(made, fails, seconds, tries=4):
    """
    fails(made): what is wrong with a world, or None. Returns a text: the few messages that it takes, what is wrong then, and how
    to see it again. What needs luck is tried several times.
    """
    def why(made):
        return next(filter(None, (fails(made) for _ in range(2 if made.is_plain else tries))), None)

    simplest = next(((m, said) for m in (made.plain(), made) if (said := why(m))), None)
    if not simplest:
        return f"It did not fail again in {tries} tries."
    made, said = simplest
    numbers, less = minimal(sorted(set(itertools.chain(*(s.messages for p in made.plans for s in p.steps)))),
                            lambda some: why(made.only(some)), seconds)
    messages = "\n".join(f"{n:4} {show(made.messages[n])}" for n in numbers)
    steps = "\n".join(str(step) for plan in made.only(numbers).plans for step in plan.steps)
    alone = f"make worlds SEED={made.seed}{' PLAIN=1' if made.is_plain else ''} ONLY={','.join(map(str, numbers))}"
    return f"{less or said}\n{made.settings}\n{messages}\n{steps}\nThis alone: {alone}"
