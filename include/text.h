/* text: what Postgres can hold, how long it is, and when two texts are the same. All of it is UTF-8. */
#ifndef TEXT_H
#define TEXT_H

#include "arena.h"
#include "str.h"

/*
 * Contract, section 2: U+0000, and each longest run of bytes that belong to no valid character, becomes one
 * U+FFFD. Returns s itself where nothing had to be repaired, else a copy in the arena and *repaired = true
 * (which is left alone otherwise).
 */
struct str text_repair(struct arena *a, struct str s, bool *repaired);

/* Length of one valid UTF-8 character at p (as Postgres judges it: no surrogates, no overlong forms, up to
 * U+10FFFF), or 0 where there is none. U+0000 counts as valid here. */
size_t text_char(const char *p, size_t len);

/* Characters (code points) of valid UTF-8. */
size_t text_chars(struct str s);

/*
 * Contract, section 3: texts are compared after turning CRLF into LF and trimming space, tab, LF, VT, FF, CR
 * at both ends. Absent where it is blank then. A copy in the arena only where a CRLF had to go.
 */
struct str text_match(struct arena *a, struct str s);

#endif
