/* line: one line of JSON, as 'publish' takes it, to a record that the worker would take. */
#ifndef LINE_H
#define LINE_H

#include "conf.h"
#include "field.h"

struct line {
	const struct record *type; /* says which of the two it is */
	union {
		struct event ev;
		struct interaction in;
	} as;
};

/*
 * Reads and checks text: strict JSON, nested like the Avro record; null is the same as left out. A time is an
 * RFC 3339 string or whole microseconds, attributes are an object or a string that holds one. An attributes
 * object is kept with its numbers and escapes as they are written, its members sorted and without white
 * space.
 *
 * An event without event_id gets one from its content: the hexadecimal form of the unkeyed 16-byte BLAKE2b
 * over the fields that it has, in the order of the schema, after defaults and repair: for each its name, a
 * zero byte, its length as 8 bytes and its value, numbers as 8 bytes, big-endian, symbols as text. Order of
 * keys and white space do not count.
 *
 * now: the record time to check with, in microseconds. Returns NULL, or what is wrong in a sentence that
 * quotes no more of the text than the name of an unknown field.
 */
const char *line_read(struct line *l, const struct record *type, struct str text, const struct conf *c,
    int64_t now, struct arena *a);

/* The recommended message key; absent where the record has none of its fields. */
struct str line_key(const struct line *l);

#endif
