/* pii_replace: what stands in the place of what was found. */
#ifndef PII_REPLACE_H
#define PII_REPLACE_H

#include "buf.h"
#include "err.h"
#include "pii.h"

enum operator_kind { OP_REPLACE, OP_MASK, OP_PSEUDONYM, OP_DROP, OP_KEEP };

struct operator
{
	enum operator_kind kind;
	int keep; /* OP_MASK: letters and digits at the end that stay */
};

struct replacer;

/* operators, key, key_id: of struct pii_options; n types, whose names name() tells. NULL and e: they are
 * wrong. */
struct replacer *replacer_open(const struct pii_options *o, int n,
    const char *(*name)(const void *arg, int type), const void *arg, struct err *e);
void replacer_close(struct replacer *r);

const struct operator* replacer_of(const struct replacer *r, int type);

/* Appends what stands for the value of s, however it is written. */
void replacer_put(
    struct replacer *r, struct buf *out, const struct pii_span *s, const char *name, struct str value);

#endif
