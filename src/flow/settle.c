/*
 * settle: corrects stored events that the interactions of a batch touch.
 *
 * The race that is closed here: a transaction with an event looks for its interaction and finds none, while
 * another stores that interaction and finds no event to settle; both commit, and have missed each other for
 * ever. So every transaction that looks (store_events, and this one) holds a shared lock from before it looks
 * until it has ended (resolving_begin.sql), and here, after the interactions are committed, we first wait for
 * all who hold it. Then whoever began to look before that commit has ended, and what it stored is there to be
 * seen; whoever began after it, sees the interactions. All copies in the batch are settled, not only those
 * that were stored now: what an earlier attempt stored before it died is settled when its messages come
 * again, and only then are they acknowledged.
 */
#include "store.h"

#include "embed.h"

enum { S_TENANT, S_ID, S_KEY_TENANT, S_KEY, S_END, S_TOLERANCE, S_EVENT_TENANT, S_EVENT, S_COUNT };

/* What the interactions can touch: who holds them, and the ranges of their match keys. */
static void
push_touched(struct pg_array *a, const struct batch *b)
{
	for (size_t i = 0; i < b->ninteractions; i++) {
		const struct interaction_copy *c = &b->interactions[i];

		if (!c->greatest || c->fresh)
			continue;
		put_text(pg_push(&a[S_TENANT]), c->in->tenant);
		put_text(pg_push(&a[S_ID]), c->in->interaction_id);
	}
	for (size_t i = 0; i < b->nkeys; i++) {
		const struct interaction_key *k = &b->keys[i];

		put_text(pg_push(&a[S_KEY_TENANT]), k->copy->in->tenant);
		put_uuid(pg_push(&a[S_KEY]), &k->key);
		/* who names an interaction has it whatever the time */
		put_stamp(
		    pg_push(&a[S_END]), k->mask == MASK_INTERACTION ? STAMP_NONE : k->copy->in->ended_at);
	}
}

/* Waits until every transaction that may have looked before our commit has ended. */
static int
wait_for_resolvers(struct pg *pg, struct err *e)
{
	if (pg->trial) /* whom we might have missed will not see what we store */
		return 0;
	for (int lock = 0; lock < 2; lock++) {
		struct pg_array which = {.type = PG_INT4S};
		int rc;

		put_int4(pg_push(&which), lock);
		rc = pg_query(pg, sql_settle_wait, &which, 1, NULL, e);
		pg_arrays_free(&which, 1);
		if (rc < 0)
			return -1;
	}
	return 0;
}

/* Once; *again: somebody changed events while we looked. */
static int
correct(struct pg *pg, const struct settings *s, const struct pg_array *a, struct stored *n, bool *again,
    struct err *e)
{
	PGresult *res = NULL;

	if (database_resolving(pg, s, e) < 0 ||
	    (a[S_EVENT].n && pg_query(pg, sql_event_time, &a[S_EVENT_TENANT], 2, NULL, e) < 0) ||
	    pg_query(pg, sql_settle, a, S_COUNT, &res, e) < 0 || pg_commit(pg, e) < 0) {
		PQclear(res);
		return -1;
	}
	*again = get_int8(res, 0, 1) < get_int8(res, 0, 0);
	n->settled += (size_t)get_int8(res, 0, 1);
	n->found += (size_t)get_int8(res, 0, 2);
	PQclear(res);
	return 0;
}

/* Until nobody changes what we look at. Ends the arrays. */
static int
correct_all(struct pg *pg, const struct settings *s, struct pg_array *a, struct stored *n, struct err *e)
{
	bool again = true;
	int rc = 0;

	put_int8(pg_push(&a[S_TOLERANCE]), 1000 * s->tolerance_ms);
	while (rc == 0 && again)
		rc = correct(pg, s, a, n, &again, e);
	pg_arrays_free(a, S_COUNT);
	return rc;
}

#define NOTHING                                                                    \
	{                                                                          \
		[S_TENANT] = {.type = PG_TEXTS}, [S_ID] = {.type = PG_TEXTS},      \
		[S_KEY_TENANT] = {.type = PG_TEXTS}, [S_KEY] = {.type = PG_UUIDS}, \
		[S_END] = {.type = PG_STAMPS}, [S_TOLERANCE] = {.type = PG_INT8S}, \
		[S_EVENT_TENANT] = {.type = PG_TEXTS}, [S_EVENT] = {               \
			.type = PG_TEXTS                                           \
		}                                                                  \
	}

int
settle(struct pg *pg, struct batch *b, const struct settings *s, struct stored *n, struct err *e)
{
	struct pg_array a[S_COUNT] = NOTHING;

	push_touched(a, b);
	if (a[S_ID].n || a[S_KEY].n) {
		if (wait_for_resolvers(pg, e) < 0) {
			pg_arrays_free(a, S_COUNT);
			return -1;
		}
		if (correct_all(pg, s, a, n, e) < 0)
			return -1;
	}
	return b->ninteractions ? pg_exec(pg, sql_settle_end, e) : 0;
}

int
settle_events(struct pg *pg, const struct event_id *ids, size_t nids, const struct settings *s,
    struct stored *n, struct err *e)
{
	struct pg_array a[S_COUNT] = NOTHING;

	n->settled = n->found = 0;
	for (size_t i = 0; i < nids; i++) {
		put_text(pg_push(&a[S_EVENT_TENANT]), ids[i].tenant);
		put_text(pg_push(&a[S_EVENT]), ids[i].event_id);
	}
	return correct_all(pg, s, a, n, e);
}
