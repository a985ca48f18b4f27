/*
 * store: from a batch into Postgres, in three transactions, each of which can be repeated without harm:
 *
 *   store_interactions  the greatest copy of each, and its match keys
 *   store_events        resolved, copies and conflicts told apart; the rejected, too
 *   settle              events stored earlier that these interactions touch
 *
 * Each returns 0, or -1 with ERR_AGAIN (Postgres is away or busy), ERR_RACE (another worker was quicker: at
 * once again) or ERR_FATAL; then pg_rollback is the caller's next step.
 */
#ifndef STORE_H
#define STORE_H

#include "batch.h"
#include "database.h"

/* What became of events that were stored already; of the messages themselves, the fates of the batch tell. */
struct stored {
	size_t settled; /* stored events that were corrected */
	size_t found;	/* those of them that were pending until now */
};

int store_interactions(struct pg *pg, struct batch *b, struct err *e);

/* *clean: how many batches in a row there were of which nothing was stored already; below 0 after one of
 * which something was. After some it is no longer asked, but tried; where that was wrong, ERR_RACE. */
int store_events(struct pg *pg, struct batch *b, const struct settings *s, int *clean, struct err *e);

/* Adds to *n what it has committed. */
int settle(struct pg *pg, struct batch *b, const struct settings *s, struct stored *n, struct err *e);

/* Takes a mask into use: from now on interactions of the tenant get match keys for it, and those there are
 * have them. A transaction of its own. */
int mask_add(struct pg *pg, struct str tenant, int mask, struct err *e);

/* What names a stored event. */
struct event_id {
	struct str tenant, event_id;
};

/* Works out the time of stored events and resolves them again, whatever touches them: settle's other way in.
 */
int settle_events(struct pg *pg, const struct event_id *ids, size_t nids, const struct settings *s,
    struct stored *n, struct err *e);

/* A row of event_copy.sql. */
void put_event(struct buf *b, const struct event_copy *c);

/* The columns that say where a message came from. */
void
put_coordinates(struct buf *topic, struct buf *partition, struct buf *offset, const rd_kafka_message_t *msg);

#endif
