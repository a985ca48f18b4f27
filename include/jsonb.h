/*
 * jsonb: is a text a JSON object that Postgres's jsonb takes? Our own, since the question is exact: what
 * jsonb refuses would fail a whole batch, and what it takes must not be rejected. No JSON library of Debian
 * 12 keeps numbers as they are written, and jsonb takes numbers up to 131072 digits before the point and
 * 16383 after it.
 */
#ifndef JSONB_H
#define JSONB_H

#include "arena.h"
#include "str.h"

#define JSON_MAX_DEPTH 64 /* levels of objects and arrays, the outermost being the first */

/* Called for every string that is a value (not for keys). key: the name of the top-level member it is in,
 * decoded; name: that of the innermost. The text is as written between the quotes, escapes and all. Returns
 * what stands in its place, again as written between quotes (already escaped). */
typedef struct str json_map_fn(void *arg, struct str key, struct str name, struct str raw);

/* What a string written between quotes means, and how a text is written between them. The string was checked
 * and repaired. */
struct str jsonb_decode(struct arena *a, struct str raw);
struct str jsonb_encode(struct arena *a, struct str text);

/*
 * s: valid UTF-8 without U+0000 (text_repair). Returns NULL and in *out the text to store, or what is wrong
 * in a few words that quote nothing of s ("not an object", "nested deeper than 64 levels", "bad number at
 * byte 17", ...). *out is s itself, or a copy in the arena where escapes had to be repaired: \u0000 and lone
 * surrogates, in keys too, become \ufffd (*repaired = true then, else left alone), or where map (may be NULL)
 * replaced a string.
 */
const char *
jsonb_check(struct arena *a, struct str s, json_map_fn *map, void *arg, struct str *out, bool *repaired);

#endif
