/*
 * dlq: the dead-letter topic. The original key, bytes and headers go there, with headers that say why and
 * where from. At least once: a batch that is tried again sends them again.
 */
#ifndef DLQ_H
#define DLQ_H

#include "batch.h"

/* Zeroed is valid: the producer is made when the first message is rejected. */
struct dlq {
	rd_kafka_t *producer;
};

/* idle is called about twice a second while waiting. -1 with ERR_AGAIN: not all of it has arrived. */
int dlq_send(struct dlq *d, const struct batch *b, const struct conf *c,
    int (*idle)(void *arg, struct err *e), void *arg, struct err *e);
void dlq_close(struct dlq *d);

#endif
