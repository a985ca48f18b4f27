/*
 * pii_view: a text as the scanner sees it. Decimal digits of other scripts and full-width forms are ASCII,
 * look-alike punctuation is what it looks like, spaces of any width are spaces, and characters without a
 * width are gone; what JSON, URLs, HTML and terminals write in place of a character (\u0022, %40, &nbsp;) is
 * that character: nothing hides behind them. Where nothing is different, which is nearly always, the view is
 * the text itself.
 */
#ifndef PII_VIEW_H
#define PII_VIEW_H

#include "str.h"

#include <stdbool.h>
#include <stdint.h>

#define VIEW_ESCAPED UINT32_C(0x80000000) /* in the map: the byte is written as an escape, %40 or \u0040 */

/* Zeroed is valid; the buffers are used again for the next text. */
struct view {
	const char *p;
	size_t len;
	struct str text; /* what it is a view of */
	bool same;	 /* p is the text itself, and there is no map */
	char *own;	 /* owned */
	uint32_t *map;	 /* owned: where in the text each byte of the view comes from; len + 1 of them */
	size_t cap;
};

/* text: less than 2 GB. false: it is not valid UTF-8. */
bool view_of(struct view *v, struct str text);

/* Where the bytes [start, end) of the view are in the text. What vanished inside belongs to it. */
size_t view_start(const struct view *v, size_t at);
size_t view_end(const struct view *v, size_t at);

void view_free(struct view *v);

#endif
