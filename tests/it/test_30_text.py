"""Texts: which are the same, what is stored of those that Postgres cannot hold, and where a copied one comes from."""

import pytest

from world import E, I

# of the event, of the interaction: the same?
SAME = {
    "equal": ("Hi there", "Hi there", True),
    "white space around": (" \t\n\v\f\rhi \t\n\v\f\r", "hi", True),
    "white space around the interaction's": ("hi", "\r\nhi\r\n", True),
    "white space inside": ("a  b", "a b", False),
    "case": ("Hi", "hi", False),
    "CRLF": ("a\r\nb\r\n\r\nc", "a\nb\n\nc", True),
    "CR is no line end": ("a\rb", "a\nb", False),
    "CR before CRLF": ("a\r\r\nb", "a\r\nb", False),
    "CR before CRLF, both": ("a\r\r\nb", "a\r\r\nb", True),
    "LF CR": ("a\n\rb", "a\nb", False),
    "no-break space": ("\u00a0hi", "hi", False),
    "ideographic space": ("hi\u3000", "hi", False),
    "next line": ("hi\x85", "hi", False),
    "unit separator": ("hi\x1f", "hi", False),
    "file separator": ("\x1chi", "hi", False),
    "zero width space": ("\u200bhi", "hi", False),
    "byte order mark": ("\ufeffhi", "hi", False),
    "line separator": ("\u2028hi", "hi", False),
    "composed and not": ("\u00e9", "e\u0301", False),
    "Cyrillic": ("Привет, мир", "Привет, мир", True),
    "emoji of many code points": ("👩‍👩‍👧 ok 🏳️‍🌈", "👩‍👩‍👧 ok 🏳️‍🌈", True),
    "right to left": ("שלום", "שלום", True),
    "beyond the BMP": ("\U0010ffff", "\U0010fffe", False),
    "a quote, a percent, a backslash": ("'%s\\\"; --", "'%s\\\"; --", True),
    "U+0000 on both sides": ("a\0b", "a\0b", True),
    "U+0000 and U+FFFD": ("a\0b", "a\ufffdb", True),
    "U+0000 is not white space": ("\0hi", "hi", False),
    "U+0000 twice": ("a\0\0b", "a\ufffdb", False),
    "bytes of no character": (b"a\xffb", "a\ufffdb", True),
    "a run of them is one": (b"a\xff\xfe\x80\xc3b", "a\ufffdb", True),
    "two runs are two": (b"a\xff.\xffb", "a\ufffd.\ufffdb", True),
    "U+0000 parts two runs": (b"a\xff\0\xffb", "a\ufffd\ufffd\ufffdb", True),
    "different bytes of no character": (b"a\xffb", b"a\xfe\xfdb", True),
    "white space next to them stays inside": (b"\xff hi", "\ufffd hi", True),
    "long ones": ("x" * 300_000 + " ", "x" * 300_000, True),
    "long ones that end otherwise": ("x" * 300_000, "x" * 299_999 + "y", False),
    "CRLF across a long one": ("ab\r\n" * 50_000, "ab\n" * 50_000, True),
}

# bytes on the wire, what is stored, was it repaired?
STORED = {
    "plain": (b"plain", "plain", False),
    "white space is kept": (b" \r\n a \t", " \r\n a \t", False),
    "composed and not": ("é e\u0301".encode(), "é e\u0301", False),
    "every plane": ("é€😀\U0010ffff\ufffd\ufeff\uffff".encode(), "é€😀\U0010ffff\ufffd\ufeff\uffff", False),
    "control characters": (bytes(range(1, 32)), bytes(range(1, 32)).decode(), False),
    "U+0000": (b"\0", "\ufffd", True),
    "U+0000 here and there": (b"\0a\0\0b\0", "\ufffda\ufffd\ufffdb\ufffd", True),
    "only bytes of no character": (b"\xff\xfe\xfd", "\ufffd", True),
    "a lone continuation": (b"a\x80b", "a\ufffdb", True),
    "Latin-1": ("naïve café".encode("latin-1"), "na\ufffdve caf\ufffd", True),
    "cut off: two bytes": (b"a\xc3", "a\ufffd", True),
    "cut off: three bytes": (b"a\xe2\x82", "a\ufffd", True),
    "cut off: four bytes": (b"\xf0\x9f\x98a", "\ufffda", True),
    "cut off and followed by a character": (b"\xf0\x9f\x98\xe2\x82\xac", "\ufffd€", True),
    "overlong": (b"a\xc0\x80b\xe0\x80\xafc\xf0\x80\x80\xafd", "a\ufffdb\ufffdc\ufffdd", True),
    "surrogates": (b"a\xed\xa0\xbd\xed\xb8\x80b", "a\ufffdb", True),
    "beyond U+10FFFF": (b"a\xf4\x90\x80\x80b\xf5\x80\x80\x80c", "a\ufffdb\ufffdc", True),
    "five and six bytes": (b"a\xf8\x88\x80\x80\x80b\xfc\x84\x80\x80\x80\x80c", "a\ufffdb\ufffdc", True),
    "UTF-16": ("hé".encode("utf-16-be"), "\ufffdh\ufffd\ufffd", True),
}

# slug, text, input, output: copied_from, copied_share
COPIED = {
    "the whole": ("copy_output", "abcd", "x", "abcd", 1, 1.0),
    "a part": ("copy_output", "cd", "x", "abcd", 3, 0.5),
    "the first of several": ("copy_output", "a", "x", "banana", 2, 1 / 6),
    "of the input": ("copy_input", "in", "an input", "x", 4, 2 / 8),
    "not of the output": ("copy_input", "out", "an input", "out", None, None),
    "pasted": ("paste", "bc", "abc abc", "ab bc", 4, 2 / 5),
    "pasted from the input": ("paste", "in", "an input", "x", None, None),
    "from elsewhere": ("paste", "zzz", "x", "abc", None, None),
    "more than there is": ("copy_output", "abcde", "x", "abcd", None, None),
    "in characters, not bytes": ("copy_output", "日本", "x", "é😀日本", 3, 0.5),
    "CRLF in the text": ("copy_output", "b\r\nc", "x", "a\nb\nc", 3, 3 / 5),
    "CRLF in the output": ("copy_output", "b\nc", "x", "a\r\nb\r\nc", 3, 3 / 5),
    "CRLF in both": ("copy_output", "c\r\n", "x", "a\r\nb\r\nc\r\n", 5, 2 / 6),
    "CR stays": ("copy_output", "a\nb", "x", "a\rb", None, None),
    "not trimmed": ("copy_output", " b ", "x", "a b c", 2, 3 / 5),
    "not trimmed, and not there": ("copy_output", " b ", "x", "b", None, None),
    "case counts": ("copy_output", "B", "x", "b", None, None),
    "no pattern": ("copy_output", "a%_", "x", "abc a%_", 5, 3 / 7),
    "repaired on both sides": ("copy_output", b"\xffb", "x", b"a\xfe\xfdb", 2, 2 / 3),
    "no output": ("copy_output", "a", "x", None, None, None),
    "only copies have it": ("comment", "a", "a", "a", None, None),
}


@pytest.fixture(scope="module")
def texts(make_story):
    world = make_story()
    for name, (event, interaction, _) in SAME.items():
        for key in ("input", "output"):
            world.send(I("i", 10, end_user="u", **{key: interaction}), tenant=f"{key}: {name}")
            world.send(E("e", end_user="u", **{key: event}), tenant=f"{key}: {name}")
    for name, (raw, *_) in STORED.items():
        world.send(I("i", 10, **dict.fromkeys(("end_user", "conversation_id", "trace_id", "input", "output"), raw)),
                   tenant=f"stored: {name}")
        world.send(E("e", "comment", text=raw, interaction_id="i", end_user=raw), tenant=f"stored: {name}")
        world.send(E(b"id " + raw, interaction_id="i", input=raw), tenant=f"stored: {name}")
        world.send(E("not the event's", interaction_id="i"), tenant=f"stored: {name}")
    for name, (slug, text, input_, output, *_) in COPIED.items():
        world.send(I("i", 10, input=input_, output=output), tenant=f"copied: {name}")
        world.send(E("e", slug, text=text, interaction_id="i"), tenant=f"copied: {name}")
        world.send(E("pending", slug, text=text, interaction_id="j"), tenant=f"copied: {name}")
    world.run()
    return world


@pytest.mark.parametrize("key", ("input", "output"))
@pytest.mark.parametrize("name", SAME)
def test_same(texts, key, name):
    assert texts.found(f"{key}: {name}") == {"e": "i" if SAME[name][2] else "no_interaction"}


@pytest.mark.parametrize("name", STORED)
def test_stored(texts, name):
    _, stored, repaired = STORED[name]
    rows = {r["event_id"]: r for r in texts.joined(f"stored: {name}")}
    assert rows.keys() == {"e", "id " + stored, "not the event's"}
    assert {k: r["repaired"] for k, r in rows.items()} == {
        "e": repaired, "id " + stored: repaired, "not the event's": False}
    row = rows["e"]
    assert {k: row[k] for k in ("text", "end_user", "conversation_id", "trace_id", "input", "output")} == dict.fromkeys(
        ("text", "end_user", "conversation_id", "trace_id", "input", "output"), stored)


@pytest.mark.parametrize("name", COPIED)
def test_copied(texts, name):
    rows = {r["event_id"]: (r["copied_from"], r["copied_share"]) for r in texts.joined(f"copied: {name}")}
    assert rows == {"e": pytest.approx(COPIED[name][4:]), "pending": (None, None)}


def test_nothing_was_rejected(texts):
    assert texts.rejected() == {}


def test_an_id_is_what_it_was_repaired_to(world):
    """Ids that are equal after repair are equal."""
    world.send(I(b"i\xff", 10, trace_id=b"t\0"))
    for message in (E(b"e\xff", interaction_id=b"i\xfe\xfd"), E("e\ufffd", interaction_id="i\ufffd"),
                    E("trace", trace_id="t\ufffd"), E("clear", "clear", interaction_id="i\ufffd")):
        world.send(message)
    world.run()
    assert world.found() == {"e\ufffd": "i\ufffd", "trace": "i\ufffd", "clear": "i\ufffd"} and world.rejected() == {}
