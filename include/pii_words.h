/* pii_words: the words beside a number that say what it is, or what it is not. */
#ifndef PII_WORDS_H
#define PII_WORDS_H

#include "pii_table.h"
#include "str.h"

#define WORDS_SECTION 61 /* the bit of entity_sections, where right before the number */
#define WORDS_AGAINST 62 /* the bit of entity_against */
#define WORDS_VERSION 63 /* of entity_versions */
#define WORDS_BARRIER 1	 /* a byte that stands for what was taken */
#define WORDS_BEFORE  56 /* bytes that are looked at */
#define WORDS_AFTER   24

struct words;

/* What was found: for each type (and WORDS_AGAINST) whether, how many bytes away, and which word. */
struct context {
	uint64_t has;
	uint8_t far[64];
	char word[64][24]; /* only where explained */
};

struct words *words_open(void);
void words_close(struct words *w);

/* before: ends where the number begins; after: begins where it ends. */
void words_look(const struct words *w, struct str before, struct str after, bool explain, struct context *c);

#endif
