/* store_events: resolves the events of a batch, tells copies and conflicts apart, and stores them and the
 * rejected. */
#include "store.h"

#include "embed.h"

#include <stdlib.h>

void
put_coordinates(struct buf *topic, struct buf *partition, struct buf *offset, const rd_kafka_message_t *msg)
{
	put_text(topic, str_of(rd_kafka_topic_name(msg->rkt)));
	put_int4(partition, msg->partition);
	put_int8(offset, msg->offset);
}

/* ---- masks ---- */

int
mask_add(struct pg *pg, struct str tenant, int mask, struct err *e)
{
	struct pg_array a[] = {{.type = PG_TEXTS}, {.type = PG_INT2S}}; /* tenants, masks */
	int rc;

	put_text(pg_push(&a[0]), tenant);
	put_int2(pg_push(&a[1]), (int16_t)mask);
	rc = pg_begin(pg, sql_mask_lock, e) < 0 || pg_query(pg, sql_mask_add, a, 2, NULL, e) < 0 ||
		     pg_commit(pg, e) < 0
		 ? -1
		 : 0;
	pg_arrays_free(a, 2);
	return rc;
}

/* Takes into use the masks of these events that are not yet; ids and single traces are looked up without
 * match keys. */
static int
masks_use(struct pg *pg, struct batch *b, struct err *e)
{
	struct pg_array a[] = {{.type = PG_TEXTS}, {.type = PG_INT2S}}; /* tenants, masks */
	uint64_t seen = 0; /* of one tenant; events are sorted by it */
	PGresult *res;
	int rc;

	for (size_t i = 0; i < b->nevents; i++) {
		const struct event_copy *c = &b->events[i];

		if (i > 0 && str_cmp(c->item->ev.tenant, b->events[i - 1].item->ev.tenant))
			seen = 0;
		if (!c->has_key || c->mask == MASK_INTERACTION || seen & UINT64_C(1) << c->mask)
			continue;
		seen |= UINT64_C(1) << c->mask;
		put_text(pg_push(&a[0]), c->item->ev.tenant);
		put_int2(pg_push(&a[1]), (int16_t)c->mask);
	}
	rc = a[0].n ? pg_query(pg, sql_mask_missing, a, 2, &res, e) : 1;
	pg_arrays_free(a, 2);
	if (rc != 0)
		return rc < 0 ? -1 : 0;
	for (int row = 0; rc == 0 && row < PQntuples(res); row++)
		rc = mask_add(pg, get_text(res, row, 0), get_int2(res, row, 1), e);
	PQclear(res);
	return rc;
}

/* ---- what Postgres knows ---- */

/* So many batches in a row of which nothing was stored already, and the next is expected to be new as well:
 * COPY is tried without asking, which costs a quarter of storing. Where it meets a copy after all, all of it
 * is done again. With fewer, one copy in every second batch would cost more than is gained. */
#define TRUST 2
/* Copies come in swarms, and what was tried in vain leaves dead rows and a line in Postgres's log: so many
 * more once one was met. */
#define CALM 16

/* Columns of event_find.sql. */
enum { R_NUMBER, R_CONTENT, R_RECORD, R_REPAIRED, R_TOPIC, R_PARTITION, R_OFFSET, R_RULES };

/* Which of the events are stored already: their rows in *res. */
static int
find(struct pg *pg, struct batch *b, PGresult **res, struct err *e)
{
	struct pg_array a[] = {{.type = PG_TEXTS}, {.type = PG_TEXTS}}; /* tenants, event ids */
	int rc;

	for (size_t i = 0; i < b->nevents; i++) {
		put_text(pg_push(&a[0]), b->events[i].item->ev.tenant);
		put_text(pg_push(&a[1]), b->events[i].item->ev.event_id);
	}
	rc = pg_query(pg, sql_event_find, a, 2, res, e);
	pg_arrays_free(a, 2);
	for (int row = 0; rc == 0 && row < PQntuples(*res); row++)
		b->events[get_int8(*res, row, R_NUMBER) - 1].stored = row;
	return rc;
}

/* Section 2: the copy with the earliest record time counts, one without a time as the latest; of two of the
 * same time the one that needed no repair, so that their order does not matter. */
static bool
earlier(int64_t time, bool repaired, int64_t than, bool than_repaired)
{
	int64_t a = time == STAMP_NONE ? INT64_MAX : time, b = than == STAMP_NONE ? INT64_MAX : than;

	return a < b || (a == b && repaired < than_repaired);
}

/* Can this copy take the place of what is stored, if anything is? */
static bool
counts(const struct event_copy *c, const PGresult *stored)
{
	return c->stored < 0 ||
	       earlier(c->item->ev.record_time, c->item->ev.repaired, get_stamp(stored, c->stored, R_RECORD),
		   get_bool(stored, c->stored, R_REPAIRED));
}

enum { Q_ID_TENANT, Q_ID, Q_TENANT, Q_KEY, Q_BEFORE, Q_COUNT };

/* What the events belong to that are to be written: those that name it first, then those that have a match
 * key. */
static int
resolve(struct pg *pg, struct batch *b, const struct settings *s, const PGresult *stored, PGresult **res,
    struct err *e)
{
	struct pg_array a[Q_COUNT] = {[Q_ID_TENANT] = {.type = PG_TEXTS},
	    [Q_ID] = {.type = PG_TEXTS},
	    [Q_TENANT] = {.type = PG_TEXTS},
	    [Q_KEY] = {.type = PG_UUIDS},
	    [Q_BEFORE] = {.type = PG_STAMPS}};
	struct event_copy **named = arena_alloc(&b->arena, 2 * b->nevents * sizeof(struct event_copy *));
	struct event_copy **keyed = named + b->nevents;
	int rc;

	for (size_t i = 0; i < b->nevents; i++) {
		struct event_copy *c = &b->events[i];

		if (!counts(c, stored))
			continue;
		if (c->mask == MASK_INTERACTION) {
			named[a[Q_ID].n] = c;
			put_text(pg_push(&a[Q_ID_TENANT]), c->item->ev.tenant);
			put_text(pg_push(&a[Q_ID]), c->match.interaction_id);
		} else if (c->has_key) {
			keyed[a[Q_KEY].n] = c;
			put_text(pg_push(&a[Q_TENANT]), c->item->ev.tenant);
			put_uuid(pg_push(&a[Q_KEY]), &c->key);
			put_stamp(pg_push(&a[Q_BEFORE]), c->item->ev.occurred_at + 1000 * s->tolerance_ms);
		}
	}
	rc = a[Q_ID].n || a[Q_KEY].n ? pg_query(pg, sql_event_resolve, a, Q_COUNT, res, e) : 0;
	for (int row = 0; rc == 0 && row < PQntuples(*res); row++) {
		int64_t n = get_int8(*res, row, 0);

		if (n > 0)
			named[n - 1]->interaction_id = named[n - 1]->match.interaction_id;
		else
			keyed[-n - 1]->interaction_id = get_text(*res, row, 1);
	}
	pg_arrays_free(a, Q_COUNT);
	return rc;
}

/* ---- copies ---- */

/* What to do about the copies of one event. */
struct verdict {
	struct event_copy *insert;  /* not stored yet: this one */
	struct event_copy *earlier; /* stored, and this copy is earlier */
	struct event_copy *scrub;   /* stored, and scrubbed by other rules than this copy */
};

/* Is this message, of all copies, the stored one? row: -1 where none is stored. */
static bool
is_stored_one(const PGresult *res, int row, const rd_kafka_message_t *msg)
{
	return row >= 0 && str_is(get_text(res, row, R_TOPIC), rd_kafka_topic_name(msg->rkt)) &&
	       get_int8(res, row, R_PARTITION) == msg->partition &&
	       get_int8(res, row, R_OFFSET) == msg->offset;
}

/* Did an attempt before this one store one of events[from..to)? Then their fates were its to tell. */
static bool
told_already(const struct batch *b, const PGresult *res, size_t from, size_t to)
{
	for (size_t i = from; b->events_sent && i < to; i++)
		if (is_stored_one(res, b->events[i].stored, b->events[i].item->msg))
			return true;
	return false;
}

/* events[from..to) have the same id. The first that was stored, or else that came, stays; others with
 * different content are rejected. */
static struct verdict
judge(struct batch *b, const PGresult *res, size_t from, size_t to)
{
	struct verdict v = {0};
	int row = b->events[from].stored;
	bool is_stored = row >= 0, told = told_already(b, res, from, to);
	const void *content = is_stored ? get_uuid(res, row, R_CONTENT) : &b->events[from].content;
	int64_t time = is_stored ? get_stamp(res, row, R_RECORD) : STAMP_NONE;
	bool repaired = is_stored && get_bool(res, row, R_REPAIRED);
	struct event_copy *best = NULL;

	for (size_t i = from; i < to; i++) {
		struct event_copy *c = &b->events[i];
		const struct event *ev = &c->item->ev;
		enum fate fate = is_stored_one(res, row, c->item->msg) ? FATE_UNCHANGED : FATE_DUPLICATE;

		if (memcmp(c->content.b, content, sizeof c->content.b)) {
			c->item->reason = REASON_EVENT_ID_CONFLICT;
			c->item->detail = "another event with this event_id and different content is stored";
			continue;
		}
		if (is_stored && ev->pii_version.p && !get_null(res, row, R_RULES) &&
		    str_cmp(get_text(res, row, R_RULES), ev->pii_version)) {
			fate = FATE_CHANGED;
			v.scrub = c;
		}
		if ((!is_stored && !best) || earlier(ev->record_time, ev->repaired, time, repaired)) {
			fate = is_stored || best ? FATE_CHANGED : FATE_NEW;
			best = c;
			time = ev->record_time;
			repaired = ev->repaired;
		}
		if (!told)
			c->item->fate = fate;
	}
	if (is_stored)
		v.earlier = best;
	else
		v.insert = best;
	return v;
}

void
put_event(struct buf *b, const struct event_copy *c)
{
	const struct event *ev = &c->item->ev;

	pg_copy_row(b, 30);
	put_text(b, ev->tenant);
	put_text(b, ev->event_id);
	put_text(b, str_of(slug_names[ev->slug]));
	put_text(b, ev->text);
	if (ev->has_value)
		put_int4(b, ev->value);
	else
		put_null(b);
	if (ev->has_weight)
		put_float8(b, ev->weight);
	else
		put_null(b);
	put_text(b, ev->end_user);
	put_text(b, str_of(source_names[ev->source]));
	put_stamp(b, ev->timestamp);
	put_stamp(b, ev->sent_at);
	put_stamp(b, ev->occurred_at);
	put_bool(b, ev->repaired);
	put_bool(b, ev->anonymize);
	put_jsonb(b, ev->stored_attributes);
	put_text(b, ev->retracts);
	put_text(b, ev->interaction_id);
	put_text(b, ev->conversation_id);
	put_text(b, ev->trace_id);
	put_uuid(b, c->match.has_input ? &c->match.input : NULL);
	put_uuid(b, c->match.has_output ? &c->match.output : NULL);
	put_int2(b, (int16_t)c->mask);
	put_uuid(b, c->has_key ? &c->key : NULL);
	put_text(b, c->interaction_id);
	put_uuid(b, &c->content);
	put_stamp(b, ev->record_time);
	put_coordinates(b, b, b, c->item->msg);
	put_jsonb(b, ev->pii);
	put_text(b, ev->pii_version);
}

enum {
	E_TENANT,
	E_EVENT,
	E_OCCURRED,
	E_REPAIRED,
	E_RECORD,
	E_TOPIC,
	E_PARTITION,
	E_OFFSET,
	E_INTERACTION,
	E_COUNT
};

static void
push_earlier(struct pg_array *a, const struct event_copy *c)
{
	const struct event *ev = &c->item->ev;

	put_text(pg_push(&a[E_TENANT]), ev->tenant);
	put_text(pg_push(&a[E_EVENT]), ev->event_id);
	put_stamp(pg_push(&a[E_OCCURRED]), ev->occurred_at);
	put_bool(pg_push(&a[E_REPAIRED]), ev->repaired);
	put_stamp(pg_push(&a[E_RECORD]), ev->record_time);
	put_coordinates(pg_push(&a[E_TOPIC]), pg_push(&a[E_PARTITION]), pg_push(&a[E_OFFSET]), c->item->msg);
	put_text(pg_push(&a[E_INTERACTION]), c->interaction_id);
}

enum { S_TENANT, S_EVENT, S_CONTENT, S_TEXT, S_ATTRIBUTES, S_PII, S_RULES, S_COUNT };

static void
push_scrub(struct pg_array *a, const struct event_copy *c)
{
	const struct event *ev = &c->item->ev;

	put_text(pg_push(&a[S_TENANT]), ev->tenant);
	put_text(pg_push(&a[S_EVENT]), ev->event_id);
	put_uuid(pg_push(&a[S_CONTENT]), &c->content);
	put_text(pg_push(&a[S_TEXT]), ev->text);
	put_text(pg_push(&a[S_ATTRIBUTES]), ev->stored_attributes);
	put_text(pg_push(&a[S_PII]), ev->pii);
	put_text(pg_push(&a[S_RULES]), ev->pii_version);
}

/* Inserts what is new, by COPY; corrects where an earlier copy came, or newer rules. */
static int
load(struct pg *pg, struct batch *b, const PGresult *res, struct err *e)
{
	struct pg_array a[E_COUNT] = {[E_TENANT] = {.type = PG_TEXTS},
	    [E_EVENT] = {.type = PG_TEXTS},
	    [E_OCCURRED] = {.type = PG_STAMPS},
	    [E_REPAIRED] = {.type = PG_BOOLS},
	    [E_RECORD] = {.type = PG_STAMPS},
	    [E_TOPIC] = {.type = PG_TEXTS},
	    [E_PARTITION] = {.type = PG_INT4S},
	    [E_OFFSET] = {.type = PG_INT8S},
	    [E_INTERACTION] = {.type = PG_TEXTS}};
	struct pg_array scrub[S_COUNT] = {[S_TENANT] = {.type = PG_TEXTS},
	    [S_EVENT] = {.type = PG_TEXTS},
	    [S_CONTENT] = {.type = PG_UUIDS},
	    [S_TEXT] = {.type = PG_TEXTS},
	    [S_ATTRIBUTES] = {.type = PG_TEXTS},
	    [S_PII] = {.type = PG_TEXTS},
	    [S_RULES] = {.type = PG_TEXTS}};
	struct buf buf = {0};
	bool copying = false;
	size_t to;
	int rc = 0;

	for (size_t i = 0; i < b->nevents && rc == 0; i = to) {
		struct verdict v;

		for (to = i + 1; to < b->nevents; to++)
			if (str_cmp(b->events[to].item->ev.tenant, b->events[i].item->ev.tenant) ||
			    str_cmp(b->events[to].item->ev.event_id, b->events[i].item->ev.event_id))
				break;
		v = judge(b, res, i, to);
		if (v.earlier)
			push_earlier(a, v.earlier);
		if (v.scrub)
			push_scrub(scrub, v.scrub);
		if (!v.insert)
			continue;
		if (!copying)
			rc = pg_copy_begin(pg, sql_event_copy, &buf, e);
		copying = true;
		if (rc == 0) {
			put_event(&buf, v.insert);
			rc = pg_copy_flush(pg, &buf, e);
		}
	}
	if (rc == 0 && copying)
		rc = pg_copy_end(pg, &buf, e);
	if (rc == 0 && a[E_TENANT].n)
		rc = pg_query(pg, sql_event_earlier, a, E_COUNT, NULL, e);
	if (rc == 0 && scrub[S_TENANT].n)
		rc = pg_query(pg, sql_event_scrub, scrub, S_COUNT, NULL, e);
	pg_arrays_free(scrub, S_COUNT);
	pg_arrays_free(a, E_COUNT);
	buf_free(&buf);
	return rc;
}

/* ---- rejected ---- */

/* The messages of a batch are, of each partition, all that there are between the first and the last. */
static int
rejected_delete(struct pg *pg, const struct batch *b, struct err *e)
{
	struct pg_array a[] = {
	    {.type = PG_TEXTS}, {.type = PG_INT4S}, {.type = PG_INT8S}, {.type = PG_INT8S}};
	rd_kafka_topic_partition_list_t *seen = rd_kafka_topic_partition_list_new(8);
	int rc;

	/* a message's offset may go back where partitions were assigned anew, so keep the least and the
	 * greatest */
	for (size_t i = 0; i < b->len; i++) {
		const rd_kafka_message_t *m = b->items[i].msg;
		const char *topic = rd_kafka_topic_name(m->rkt);
		rd_kafka_topic_partition_t *p = rd_kafka_topic_partition_list_find(seen, topic, m->partition);

		if (!p) {
			p = rd_kafka_topic_partition_list_add(seen, topic, m->partition);
			p->offset = m->offset;
			p->opaque = (void *)(intptr_t)m->offset;
		}
		if (m->offset < p->offset)
			p->offset = m->offset;
		if (m->offset > (int64_t)(intptr_t)p->opaque)
			p->opaque = (void *)(intptr_t)m->offset;
	}
	for (int i = 0; i < seen->cnt; i++) {
		put_text(pg_push(&a[0]), str_of(seen->elems[i].topic));
		put_int4(pg_push(&a[1]), seen->elems[i].partition);
		put_int8(pg_push(&a[2]), seen->elems[i].offset);
		put_int8(pg_push(&a[3]), (int64_t)(intptr_t)seen->elems[i].opaque);
	}
	rc = pg_query(pg, sql_rejected_delete, a, 4, NULL, e);
	rd_kafka_topic_partition_list_destroy(seen);
	pg_arrays_free(a, 4);
	return rc;
}

enum { J_TOPIC, J_PARTITION, J_OFFSET, J_TIME, J_REASON, J_DETAIL, J_TENANT, J_EVENT, J_COUNT };

static void
push_rejected(struct pg_array *a, const struct item *it)
{
	bool is_event = it->what == WHAT_EVENT;

	put_coordinates(pg_push(&a[J_TOPIC]), pg_push(&a[J_PARTITION]), pg_push(&a[J_OFFSET]), it->msg);
	put_stamp(pg_push(&a[J_TIME]), message_time(it->msg));
	put_text(pg_push(&a[J_REASON]), str_of(reason_names[it->reason]));
	put_text(pg_push(&a[J_DETAIL]), str_of(it->detail));
	put_text(pg_push(&a[J_TENANT]), is_event ? it->ev.tenant : it->in.tenant);
	put_text(pg_push(&a[J_EVENT]), is_event ? it->ev.event_id : (struct str){0});
}

static int
rejected_add(struct pg *pg, const struct batch *b, struct err *e)
{
	struct pg_array a[J_COUNT] = {[J_TOPIC] = {.type = PG_TEXTS},
	    [J_PARTITION] = {.type = PG_INT4S},
	    [J_OFFSET] = {.type = PG_INT8S},
	    [J_TIME] = {.type = PG_STAMPS},
	    [J_REASON] = {.type = PG_TEXTS},
	    [J_DETAIL] = {.type = PG_TEXTS},
	    [J_TENANT] = {.type = PG_TEXTS},
	    [J_EVENT] = {.type = PG_TEXTS}};
	int rc = 0;

	for (size_t i = 0; i < b->len; i++)
		if (b->items[i].reason != REASON_NONE)
			push_rejected(a, &b->items[i]);
	if (a[J_TOPIC].n)
		rc = pg_query(pg, sql_rejected_add, a, J_COUNT, NULL, e);
	pg_arrays_free(a, J_COUNT);
	return rc;
}

/* ---- all of it ---- */

/* Resolves the events and stores them, in a transaction. *clean as in store_events. */
static int
store(struct pg *pg, struct batch *b, const struct settings *s, int *clean, struct err *e)
{
	PGresult *stored = NULL, *best = NULL;
	int before = *clean, rc = 0;

	*clean = -CALM; /* unless this works */
	for (size_t i = 0; i < b->nevents; i++) {
		b->events[i].stored = -1;
		b->events[i].interaction_id = (struct str){0};
	}
	if (before < TRUST)
		rc = find(pg, b, &stored, e);
	if (rc == 0)
		rc = resolve(pg, b, s, stored, &best, e);
	if (rc == 0)
		rc = load(pg, b, stored, e);
	if (rc == 0 && !(stored && PQntuples(stored)))
		*clean = before + (before < TRUST);
	PQclear(stored);
	PQclear(best);
	return rc;
}

int
store_events(struct pg *pg, struct batch *b, const struct settings *s, int *clean, struct err *e)
{
	for (size_t i = 0; i < b->nevents; i++) /* of an attempt before */
		b->events[i].item->reason = REASON_NONE;
	if (masks_use(pg, b, e) < 0 || database_resolving(pg, s, e) < 0 ||
	    (b->nevents && store(pg, b, s, clean, e) < 0) || rejected_delete(pg, b, e) < 0 ||
	    rejected_add(pg, b, e) < 0)
		return -1;
	b->events_sent = true;
	return pg_commit(pg, e);
}
