"""A world that fails is made small: fewer messages, and nothing else that happens, for as long as it still fails."""

import itertools
import time

from generate import show


def minimal(numbers, fails, seconds):
    """Fewer of these numbers, such that fails(them) still says how; (them, what it said). Zeller's ddmin, as far as time allows."""
    said, parts, end = None, 2, time.monotonic() + seconds
    while len(numbers) > 1 and time.monotonic() < end:
        size = -(-len(numbers) // parts)
        for at in range(0, len(numbers), size):
            rest = numbers[:at] + numbers[at + size:]
            if rest and time.monotonic() < end and (why := fails(rest)):
                numbers, said, parts = rest, why, max(parts - 1, 2)
                break
        else:
            if size == 1:
                break
            parts = min(2 * parts, len(numbers))
    return numbers, said


def shrink(made, fails, seconds, tries=4):
    """
    fails(made): what is wrong with a world, or None. Returns a text: the few messages that it takes, what is wrong then, and how
    to see it again. What needs luck is tried several times.
    """
    def why(made):
        return next(filter(None, (fails(made) for _ in range(1 if made.is_plain else tries))), None)

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
