"""Attributes: what is stored is what Postgres's own jsonb makes of the text, what is refused is what it refuses."""

import json
import random
import re

import psycopg
import pytest

from world import E, I


def nested(levels, opening="[", closing="]"):
    """An object with so many levels, itself the first."""
    return '{"a":' + opening * (levels - 1) + closing * (levels - 1) + "}"


TEXTS = {
    "empty object": "{}",
    "white space": ' \t\r\n{ "a" :\n1 , "b":[ ] }\r\n',
    "every type": '{"s":"x","n":-1.5e3,"t":true,"f":false,"z":null,"a":[1,[2]],"o":{"p":{}}}',
    "keys are sorted and the last of equals stays": '{"b":1,"aa":2,"b":3,"a":4}',
    "equal only when decoded": '{"a":1,"\\u0061":2}',
    "empty key": '{"":""}',
    "escapes": r'{"a":"\"\\\/\b\f\n\r\t\u00e9\u20AC\ud83d\ude00"}',
    "text of all planes": '{"é😀":"日本\ufffd\uffff\U0010ffff"}',
    "DEL": '{"a":"\x7f"}',
    "deep: 64": nested(64),
    "deep: 64 objects": '{"a":' * 64 + "1" + "}" * 64,
    "deep: 65": nested(65),
    "deep: 65 objects": '{"a":' * 65 + "1" + "}" * 65,
    "deep: 10000": nested(10_000),
    "deep: 10000, not closed": '{"a":' * 10_000,
    "wide": "{" + ",".join(f'"{n}":[{n}]' for n in range(5000)) + "}",
    "brackets in a string": '{"a":"' + "[{" * 100 + '"}',
    "brackets in a string behind a quote": r'{"a":"\"' + "[{" * 100 + '"}',
    "brackets in a string behind a backslash": r'{"a":"\\","b":"' + "[{" * 100 + '"}',
    # U+0000 and surrogates, written as escapes
    "U+0000": r'{"a":"x\u0000y"}',
    "U+0000 in a key": r'{"x\u0000":1}',
    "no U+0000 but a backslash": r'{"a":"x\\u0000y"}',
    "a backslash and U+0000": r'{"a":"x\\\u0000y"}',
    "keys that repair makes equal": r'{"a\u0000":1,"a\ud800":2,"a\ufffd":3}',
    "a high surrogate": r'{"a":"x\ud800y"}',
    "a low surrogate": r'{"a":"x\uDC00y"}',
    "a high surrogate at the end": r'{"a":"x\uD83D"}',
    "the wrong way round": r'{"a":"\ude00.\ud83d"}',
    "a high surrogate before a pair": r'{"a":"\ud83d\ud83d\ude00"}',
    "a high surrogate before another escape": r'{"a":"\ud83d\n"}',
    "a high surrogate before U+0000": r'{"a":"\ud83d.\u0000"}',
    "a high surrogate before an escaped backslash": r'{"a":"\ud83d\\ude00"}',
    "a high surrogate in a key": r'{"\ud83d":{"\udc00":1}}',
    "a pair": r'{"\ud83d\ude00":"\ud83D\uDE00"}',
    # numbers
    "zeros": '{"a":[0,-0,0.0,-0.0,0e0,0E+5,0.00e-3]}',
    "digits are kept": '{"a":[1.10,123456789012345678901234567890.123456789012345678901234567890]}',
    "long number": '{"a":' + "9" * 131_072 + "}",
    "too long number": '{"a":' + "9" * 131_073 + "}",
    "long fraction": '{"a":0.' + "1" * 16_383 + "}",
    "too long fraction": '{"a":0.' + "1" * 16_384 + "}",
    "exponent 131071": '{"a":1e131071}',
    "exponent 131072": '{"a":1e131072}',
    "exponent 131071 of a fraction": '{"a":0.001e131074}',
    "exponent 131072 of zero": '{"a":0e131072}',
    "exponent -16383": '{"a":1e-16383}',
    "exponent -16384": '{"a":1e-16384}',
    "exponent of twenty digits": '{"a":1e99999999999999999999}',
    "exponent of minus twenty digits": '{"a":1e-99999999999999999999}',
    "exponent 2147483647": '{"a":1e2147483647}',
    "exponent -2147483648": '{"a":1e-2147483648}',
    "exponent of zeros": '{"a":1e' + "0" * 1000 + "1}",
    "exponent 400": '{"a":1e400}',
    # no JSON, or none that is an object
    **{f"not an object: {text}": text for text in ("null", "true", "1", '"a"', "[]", "[{}]", " ")},
    **{f"not JSON: {text!r}": text for text in (
        "{", "}", "{}}", "{} {}", "{}x", "x{}", '{"a"}', '{"a":}', '{"a":1,}', "{,}", '{"a" 1}', "{'a':1}", "{a:1}",
        '{"a":1 "b":2}', '{"a":[1,]}', '{"a":[1 2]}', '{"a":(1)}', '{"a":"b}', '{"a":"b\\"}', '{"a":undefined}',
        '{"a":True}', '{"a":nul}', '{"a":nulll}', '{"a":NaN}', '{"a":Infinity}', '{"a":-Infinity}', '{"a":01}',
        '{"a":-01}', '{"a":+1}', '{"a":.5}', '{"a":5.}', '{"a":-}', '{"a":1e}', '{"a":1e+}', '{"a":0x10}', '{"a":1_000}',
        '{"a":1.2.3}', '{"a":--1}', '{"a":"\n"}', '{"a":"\t"}', '{"a":"\x01"}', '{"a\n":1}', '{"a":"\\x41"}',
        '{"a":"\\u12"}', '{"a":"\\u12g4"}', '{"a":"\\U0041"}', '{"a":"\\ud83d\\u12"}', "\ufeff{}", "{}\u00a0", "\v{}",
        '{"a":1}//', '/**/{}', '{"a":\u0661}')},
    # bytes that Postgres cannot hold are repaired before it is read as JSON
    "a byte of no character": b'{"a":"x\xffy","\xfe":1}',
    "a byte of no character outside": b'{"a":1}\xff',
    "a zero byte": b'{"a":"x\0y"}',
    "a zero byte outside": b'{"a":1\0}',
}


def random_text(rng):
    """JSON-like text: mostly valid, with the odd thing that is not."""
    def value(depth):
        kind = rng.random()
        if depth > 3 or kind < 0.4:
            return rng.choice(["1", "-0.5", "1e3", "12E-2", "true", "null", '""', '"a"', r'"\u0041\n"', r'"\ud83d"', r'"\u0000"',
                               r'"\\"', '"é"', "0", "-1.0"] + (["01", "nan", '"\\x"', '"'] if rng.random() < 0.08 else []))
        items = [value(depth + 1) for _ in range(rng.randrange(4))]
        sep = rng.choice([",", " , ", ",\n"]) if rng.random() < 0.97 else rng.choice([";", ",,", " "])
        if kind < 0.6:
            return "[" + sep.join(items) + "]"
        return "{" + sep.join(rng.choice(['"a"', '"b"', r'"\u0061"', r'"\udc00"']) + rng.choice([":", " : "]) + i for i in items) + "}"

    text = "{" + ",".join(f'"k{n}":{value(1)}' for n in range(rng.randrange(1, 4))) + "}"
    if rng.random() < 0.1:
        at = rng.randrange(len(text))
        text = text[:at] + rng.choice(["", ",", "}", "]", '"', "\\", "0"]) + text[at + 1:]
    return text


RNG = random.Random(31)
TEXTS.update({f"random {n}": random_text(RNG) for n in range(300)})


def repaired(text):
    """The text without escapes that jsonb refuses; what is no escape at all is left for it to refuse."""
    out, at = [], 0
    for m in re.finditer(r'\\(?:u[0-9a-fA-F]{4}|.)', text, re.S):
        if m.start() < at:
            continue
        out.append(text[at:m.start()])
        at = m.end()
        code = int(m[0][2:], 16) if len(m[0]) == 6 else -1
        pair = re.match(r"\\u[dD][c-fC-F][0-9a-fA-F]{2}", text[at:at + 6])
        if 0xd800 <= code < 0xdc00 and pair:
            out.append(m[0] + pair[0])
            at += 6
        else:
            out.append(r"\ufffd" if code == 0 or 0xd800 <= code < 0xe000 else m[0])
    return "".join(out) + text[at:]


def verdict(db, text):
    """(what is stored, None) or (None, refused), as Postgres has it; and whether it had to be repaired."""
    if isinstance(text, bytes):
        good = re.sub("[\udc80-\udcff]+|\0", "\ufffd", text.decode("utf-8", "surrogateescape"))
    else:
        good = text
    fixed = repaired(good)
    level = deepest = 0
    for token in re.findall(r'"(?:[^"\\]|\\.)*"|[][{}]', fixed, re.S):
        level += (token in "{[") - (token in "}]")
        deepest = max(deepest, level)
    try:
        if deepest > 64:
            return None, None
        row = db.execute("select j::text, jsonb_typeof(j) = 'object' as fits from (select %s::jsonb) as x (j)", [fixed]).fetchone()
        return (row["j"], good != text or fixed != good) if row["fits"] else (None, None)
    except psycopg.Error:
        return None, None


@pytest.fixture(scope="module")
def attributes(make_story):
    world = make_story()
    world.events, world.interactions = {}, {}
    for name, text in TEXTS.items():
        world.events[name] = world.send(E(name, interaction_id=name, attributes=text))
        world.interactions[name] = world.send(I(name, 10, attributes=text))
    world.run()
    world.stored = {r["event_id"]: r for r in world.rows("select event_id, attributes::text, repaired from {s}.feedback_joined")}
    world.run()
    return world


@pytest.mark.parametrize("name", TEXTS)
def test_as_jsonb_has_it(attributes, name):
    stored, was_repaired = verdict(attributes.db, TEXTS[name])
    row = attributes.stored.get(name)
    refused = attributes.rejected()
    for sent in (attributes.events[name], attributes.interactions[name]):
        assert (refused[sent.at]["reason"] if sent.at in refused else None) == (None if stored else "bad_attributes")
    assert (row and (row["attributes"], row["repaired"])) == (stored and (stored, was_repaired))


def test_the_same_of_interactions(attributes):
    for row in attributes.rows("select event_id, status, interaction_attributes::text as a from {s}.feedback_joined"):
        assert (row["status"], row["a"]) == ("resolved", verdict(attributes.db, TEXTS[row["event_id"]])[0])


def test_absent_and_empty(world):
    for name, text in (("absent", None), ("empty", "")):
        world.send(I(name, 10, attributes=text))
        world.send(E(name, interaction_id=name, attributes=text))
    world.run()
    assert [(r["attributes"], r["interaction_attributes"]) for r in world.joined()] == [(None, None)] * 2


@pytest.mark.parametrize("name", ["_user", "_organisation", "_prompt", "_environment", "other"])
def test_a_value_may_be_of_any_length(world, name):
    """Longer than what fits into a row of an index, and nothing that compresses."""
    value = random.Random(1).randbytes(50_000).hex()
    world.feedback("clear", "e", end_user="u", attributes=json.dumps({name: value}))
    world.run()
    assert world.value("select attributes->>%s from {s}.feedback", name) == value
