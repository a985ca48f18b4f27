/*
 * decode: from Kafka's bytes to records: framing, schema, Avro, repair, and the rules of a valid message.
 * What can never be stored gets its reason here and travels on in the batch.
 */
#ifndef DECODE_H
#define DECODE_H

#include "batch.h"
#include "schemas.h"

struct decoder {
	struct schemas *schemas; /* shared; not owned */
	bool has_registry;
	const struct conf *conf;
	/* waits that many milliseconds while the consumer stays in its group; -1 and ERR_AGAIN: told to stop
	 */
	int (*wait)(void *arg, int ms, struct err *e);
	void *wait_arg;
	/* Ids that were asked for twice in vain: others need not wait for them again. The oldest goes first.
	 */
	int32_t absent[64];
	size_t nabsent;
};

/* -1 with ERR_AGAIN: the registry cannot be asked; the batch is as it was. */
int decode_batch(struct decoder *d, struct batch *b, struct err *e);

#endif
