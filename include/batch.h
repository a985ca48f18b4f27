/*
 * batch: what flows: messages on their way from Kafka into Postgres. It is the unit of memory, of the
 * transaction and of the acknowledgement. What is in it dies with it.
 */
#ifndef BATCH_H
#define BATCH_H

#include "arena.h"
#include "event.h"
#include "match.h"

#include <librdkafka/rdkafka.h>

enum what { WHAT_TOMBSTONE, WHAT_EVENT, WHAT_INTERACTION };

/* What a message did to what was stored. Of several copies in one batch each is judged as if it had come
 * alone. */
enum fate {
	FATE_NONE,	/* a tombstone, rejected, or not tried yet */
	FATE_NEW,	/* nothing was stored under its id */
	FATE_CHANGED,	/* an earlier copy of an event, a greater one of an interaction: it replaced the other
			 */
	FATE_UNCHANGED, /* it is what is stored */
	FATE_DUPLICATE, /* another copy, which counts for nothing */
	FATE_COUNT
};

/* One message and what became of it. */
struct item {
	rd_kafka_message_t *msg; /* owned; goes back before the consumer that lent it */
	enum what what;
	enum reason reason; /* REASON_NONE: it is stored, or a tombstone */
	const char *detail;
	enum fate fate;
	union {
		struct event ev;
		struct interaction in;
	};
};

/* A valid event with what it is found by. */
struct event_copy {
	struct item *item;
	struct match match;
	int mask;     /* 0: a retract */
	bool has_key; /* not for a retract, nor where a trace is the only key */
	struct hash key, content;
	int stored;		   /* row of what is stored under its id; -1: nothing, as far as was asked */
	struct str interaction_id; /* what it belongs to, once resolved; dies with the transaction's result */
};

/* A valid interaction with what it is found by. */
struct interaction_copy {
	struct item *item;
	struct interaction *in;
	struct match match;
	struct hash content;
	bool greatest; /* of its id in this batch */
	bool fresh;    /* its id was not stored before this batch */
};

/* A mask in use: events of the tenant look for interactions by these keys. */
struct mask {
	struct str tenant;
	int mask;
};

/* One of the match keys that events find a completed interaction by. */
struct interaction_key {
	struct hash key;
	int mask;
	const struct interaction_copy *copy;
};

/* Zeroed is valid: empty. */
struct batch {
	struct arena arena;
	struct item *items;
	size_t len, cap;
	size_t bytes;			       /* of the messages */
	rd_kafka_topic_partition_list_t *next; /* the offsets to go on from once this is stored */

	/* an attempt to store got as far as its COMMIT: what is found stored now may be its doing, and its
	 * fates stay */
	bool interactions_sent, events_sent;

	/* made by batch_match, in the arena: sorted, so that keys are locked in one order */
	struct event_copy *events; /* by tenant, event_id, then order of arrival */
	size_t nevents;
	struct interaction_copy *interactions; /* by tenant, interaction_id, then the greatest last */
	size_t ninteractions;
	struct mask *masks; /* in use by the tenants of these interactions, by tenant */
	size_t nmasks;
	struct interaction_key *keys; /* made by batch_keys, in the arena: by tenant, then key */
	size_t nkeys;
};

/* The next item, zeroed but for its message. */
struct item *batch_add(struct batch *b, rd_kafka_message_t *msg);

/* Kafka's time of a message in microseconds; STAMP_NONE where it has none. */
int64_t message_time(const rd_kafka_message_t *msg);

/* Gives the messages back and empties. */
void batch_reset(struct batch *b);
void batch_free(struct batch *b);

/* The masks in use by a tenant: the first of *n in a row. */
const struct mask *batch_masks(const struct batch *b, struct str tenant, size_t *n);

/* Sorts out the valid records, with their hashes and keys. */
void batch_match(struct batch *b, const struct match_secret *k);

/* Works out the match keys of all completed copies under the masks in use, and under MASK_INTERACTION. By
 * tenant and key, as the indexes are that they are looked up in and written to: they are spread all over
 * them, and so each page is come by once. */
void batch_keys(struct batch *b);

#endif
