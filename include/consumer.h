/*
 * consumer: one member of the group: fills batches, keeps its membership while a batch is held, acknowledges.
 *
 * Or one that joins no group and commits nothing, but reads ranges, one after the other; what is acknowledged
 * is noted in the ranges.
 *
 * Offsets are stored with librdkafka only after Postgres has committed; librdkafka commits what is stored,
 * every quarter of a second, when partitions are taken away, and at the end.
 */
#ifndef CONSUMER_H
#define CONSUMER_H

#include "batch.h"
#include "broker.h"
#include "conf.h"
#include "range.h"

#include <stdatomic.h>

/*
 * Messages come through a queue of their own, apart from rebalances and errors: so a batch can be held for as
 * long as it takes with the group being served, without pausing partitions (librdkafka 2.0.2 forgets to start
 * a partition that was paused while its offset was looked up) and without taking more messages.
 */
struct consumer { /* zeroed is valid: closed */
	rd_kafka_t *rk;
	rd_kafka_queue_t *messages;
	struct batch
	    *batch; /* the one being filled or held: revoked partitions are struck from its offsets */
	struct broker broker;
	bool cut; /* partitions were taken away: the batch ends, so that it has no gap where others went on */
	bool fatal; /* put out of the group, or bytes came that are broken */

	struct ranges *ranges; /* NULL: a member of the group */
	struct range *range;   /* the one that is read now */
	rd_kafka_topic_t *rkt; /* its topic */
	bool gone;	       /* the broker has deleted what we were to read next */
	bool done;	       /* no ranges are left */
};

/* Joins the group, or with ranges none. index tells the consumers of one process apart (static membership).
 */
int
consumer_open(struct consumer *c, const struct conf *conf, struct ranges *ranges, int index, struct err *e);

/* Takes messages until the batch has max events or bytes, or its first is max_wait_ms old; nothing there: an
 * empty batch after a moment. With ranges: or until they end. */
int consumer_fill(
    struct consumer *c, struct batch *b, const struct conf *conf, const atomic_bool *stop, struct err *e);

/* Serves the group for timeout_ms without taking messages: to be called at least every few minutes while a
 * batch is held. */
void consumer_keep(struct consumer *c, int timeout_ms);

/* The batch is stored: its offsets may be committed, its ranges are that much shorter. */
void consumer_ack(struct consumer *c, struct batch *b);

/* Commits and leaves, within some seconds whatever the broker does. */
void consumer_close(struct consumer *c);

#endif
