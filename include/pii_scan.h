/* pii_scan: the one pass over a text: stops at anchors, asks the recognisers, and settles what overlaps. */
#ifndef PII_SCAN_H
#define PII_SCAN_H

#include "pii_find.h"

/* Where to stop in 64 bytes: a bit for each byte. */
struct masks {
	uint64_t digit, special, word, dash, dot;
};

/* n blocks of 64 bytes each; two bytes more can be read behind the last. */
typedef void masks_fn(const unsigned char *p, size_t n, struct masks *out);

/* 0 scalar, 1 SSE2, 2 AVX2; NULL where this processor (or compiler) has it not. */
masks_fn *masks_way(int way);
/* The fastest. */
masks_fn *masks_best(void);

/* Fills f->spans from f->p; they are not in order and may overlap. */
void scan_text(struct find *f, masks_fn *masks);

/* Does every place that may lead to something lie in a span that was taken? Then what is left when they are
 * replaced holds nothing. After scan_settle. */
bool scan_all_taken(struct find *f);

/* Puts spans in order and unites those taken that overlap: the winner names the union. */
void scan_settle(struct find *f);

#endif
