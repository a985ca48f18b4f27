/*
 * scrub: takes personal data out of what asks for it (anonymize), before anything is written anywhere: the
 * text of an event, input and output of an interaction, and the strings in the attributes of both, but for
 * the top-level ones that pii.attributes.keep names. What the record's own end user and pii.known.attributes
 * say is taken out of its texts too. What is matched by was hashed from the text as sent, so matching does
 * not suffer. What the scanner (pii) cannot handle becomes <REDACTED>.
 */
#ifndef SCRUB_H
#define SCRUB_H

#include "batch.h"
#include "pii.h"

/* One of a worker. Zeroed is valid: closed. */
struct scrubber {
	struct pii *pii;
	const struct conf *conf;
	size_t *found;	 /* owned: in the record at hand, by type */
	size_t redacted; /* texts that became <REDACTED> */
};

/* pii.* of the configuration; points into it. */
struct pii_options scrub_options(const struct conf *c);

/* ERR_CONFIG where pii.* is wrong. */
int scrubber_open(struct scrubber *s, const struct conf *c, struct err *e);
void scrubber_close(struct scrubber *s);

/* After decode and batch_match. Fills pii and pii_version of what was scrubbed. */
void scrub_batch(struct scrubber *s, struct batch *b);

#endif
