/*
 * scrub: takes personal data out of what asks for it (anonymize), before anything is written anywhere.
 *
 * There is no scanner yet, so this is the closed door that it will fail back to: the whole of each text is
 * replaced by <REDACTED>: the text of an event, input and output of an interaction, and the strings in the
 * attributes of both, but for the top-level ones that pii.attributes.keep names. What is matched by is hashed
 * from the text as sent, so matching does not suffer.
 */
#ifndef SCRUB_H
#define SCRUB_H

#include "batch.h"
#include "pii.h"

/* pii.* of the configuration; points into it. */
struct pii_options scrub_options(const struct conf *c);

/* keep: pii.attributes.keep, names separated by commas. After decode and batch_match. */
void scrub_batch(struct batch *b, const char *keep);

#endif
