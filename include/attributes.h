/*
 * attributes: the attributes object of a line of JSON, as text. A JSON parser would lose numbers as they are
 * written (0.1, or 64 bits without a sign), which Postgres keeps, so it is cut out before the line is parsed.
 */
#ifndef ATTRIBUTES_H
#define ATTRIBUTES_H

#include "arena.h"
#include "field.h"

/*
 * Puts "" in the place of the object in text and the object in *found: without white space and its members
 * sorted by the bytes of their names, or as it is where it is no object that the worker takes, for the
 * validation to say why. *found is absent where there is none. text may be anything; the rest of it is not
 * judged. Returns NULL, or what is wrong.
 */
const char *
attributes_cut(const struct record *type, char *text, size_t len, struct str *found, struct arena *a);

#endif
