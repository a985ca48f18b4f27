#include "decode.h"

#include "reader.h"
#include "text.h"

#include <stdlib.h>

#define LAG_MS \
	5000 /* a registry that does not know an id is asked once more after this time: registries lag */

#define COUNT(array) (sizeof(array) / sizeof *(array))

enum frame { FRAME_UNKNOWN, FRAME_SHORT, FRAME_CONFLUENT, FRAME_SINGLE_OBJECT, FRAME_BARE };

/* Tells the wire formats apart by the first bytes; *body is what follows the frame. */
static enum frame
frame_of(struct str bytes, bool bare, struct str *body)
{
	static const char single_object[] = {'\xc3', '\x01'};
	size_t head = 0;
	enum frame framing = bare ? FRAME_BARE : FRAME_UNKNOWN;

	if (bytes.len >= 1 && bytes.p[0] == '\0') {
		framing = FRAME_CONFLUENT;
		head = 1 + 4;
	} else if (bytes.len >= 2 && !memcmp(bytes.p, single_object, 2)) {
		framing = FRAME_SINGLE_OBJECT;
		head = 2 + 8;
	}
	if (bytes.len < head)
		return FRAME_SHORT;
	*body = (struct str){bytes.p + head, bytes.len - head};
	return framing;
}

static int32_t
confluent_id(struct str bytes)
{
	const unsigned char *p = (const unsigned char *)bytes.p + 1;

	return (int32_t)((uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3]);
}

static struct str
payload(const struct item *it)
{
	return (struct str){it->msg->payload, it->msg->len};
}

static enum plan_of
record_of(const struct item *it)
{
	return it->what == WHAT_EVENT ? READ_EVENT : READ_INTERACTION;
}

static void
reject(struct item *it, enum reason reason, const char *detail)
{
	it->reason = reason;
	it->detail = detail;
}

/* ---- the registry ---- */

struct ids {
	int32_t *id;
	size_t n;
};

static bool
has_id(const struct ids *ids, int32_t id)
{
	for (size_t i = 0; i < ids->n; i++)
		if (ids->id[i] == id)
			return true;
	return false;
}

/* The ids in the batch that nobody has fetched yet. */
static struct ids
unknown_ids(struct decoder *d, struct batch *b)
{
	struct ids ids = {arena_alloc(&b->arena, b->len * sizeof(int32_t)), 0};
	struct known known;
	struct str body;

	for (size_t i = 0; i < b->len; i++) {
		struct str bytes = payload(&b->items[i]);
		int32_t id;

		if (!bytes.p || frame_of(bytes, false, &body) != FRAME_CONFLUENT)
			continue;
		id = confluent_id(bytes);
		if (!has_id(&ids, id) && !schemas_by_id(d->schemas, id, READ_EVENT, &known))
			ids.id[ids.n++] = id;
	}
	return ids;
}

/* Fetches them; what is left in ids, the registry does not know. */
static int
fetch(struct decoder *d, struct ids *ids, struct err *e)
{
	size_t left = 0;

	for (size_t i = 0; i < ids->n; i++) {
		int rc = schemas_fetch(d->schemas, ids->id[i], d->wait, d->wait_arg, e);

		if (rc < 0 || d->wait(d->wait_arg, 1, e) < 0) /* many ids take long: stay in the group */
			return -1;
		if (rc > 0)
			ids->id[left++] = ids->id[i];
	}
	ids->n = left;
	return 0;
}

static bool
is_absent(const struct decoder *d, int32_t id)
{
	for (size_t i = 0; i < d->nabsent && i < COUNT(d->absent); i++)
		if (d->absent[i] == id)
			return true;
	return false;
}

/* Fetches what is unknown, and those that the registry does not know either a second time after a while:
 * once, or else one producer with a wrong id would hold up all the others in batch after batch. */
static int
fetch_unknown(struct decoder *d, struct batch *b, struct err *e)
{
	struct ids ids = unknown_ids(d, b);
	bool again = false;

	if (fetch(d, &ids, e) < 0)
		return -1;
	for (size_t i = 0; i < ids.n; i++)
		again |= !is_absent(d, ids.id[i]);
	if (again && (d->wait(d->wait_arg, LAG_MS, e) < 0 || fetch(d, &ids, e) < 0))
		return -1;
	for (size_t i = 0; i < ids.n; i++)
		if (!is_absent(d, ids.id[i]))
			d->absent[d->nabsent++ % COUNT(d->absent)] = ids.id[i];
	return 0;
}

/* ---- one message ---- */

/* The plan for a message, or NULL and the message is rejected. */
static const struct plan *
plan_for(struct decoder *d, struct item *it, struct str *body)
{
	enum frame framing = frame_of(payload(it), d->conf->decode_bare, body);
	struct known known = {0};

	switch (framing) {
	case FRAME_UNKNOWN:
		reject(it, REASON_UNDECODABLE,
		    "the framing is unknown: neither 00 nor C3 01, and decode.bare is off");
		return NULL;
	case FRAME_SHORT:
		reject(it, REASON_UNDECODABLE, "the message ends within its framing");
		return NULL;
	case FRAME_BARE:
		known = schemas_own(d->schemas, record_of(it));
		break;
	case FRAME_SINGLE_OBJECT:
		known = schemas_by_fingerprint(d->schemas, (const char *)it->msg->payload + 2, record_of(it));
		break;
	case FRAME_CONFLUENT:
		if (!d->has_registry)
			known.why = "registry.url is not set";
		else if (!schemas_by_id(d->schemas, confluent_id(payload(it)), record_of(it), &known))
			known.why = "the registry has no such schema id";
		break;
	}
	if (!known.plan)
		reject(it, REASON_UNKNOWN_SCHEMA, known.why);
	return known.plan;
}

static void
decode(struct decoder *d, struct batch *b, struct item *it)
{
	const struct plan *r;
	const char *wrong = NULL;
	struct str body, *tenant, assumed;

	it->reason = REASON_NONE;
	it->what = WHAT_TOMBSTONE;
	if (!it->msg->payload)
		return; /* counted and skipped */
	it->what = !strcmp(rd_kafka_topic_name(it->msg->rkt), d->conf->topic_feedback) ? WHAT_EVENT
										       : WHAT_INTERACTION;
	if (it->what == WHAT_EVENT)
		event_init(&it->ev);
	else
		interaction_init(&it->in);
	tenant = it->what == WHAT_EVENT ? &it->ev.tenant : &it->in.tenant;
	assumed = *tenant;
	r = plan_for(d, it, &body);
	if (!r) {
		*tenant = (struct str){0}; /* nothing is known of it, not even that it says nothing */
		return;
	}
	if (it->what == WHAT_EVENT) {
		wrong = reader_event(r, body, &it->ev);
		event_repair(&it->ev, &b->arena);
		it->ev.record_time = message_time(it->msg);
		if (!wrong)
			it->reason = event_validate(&it->ev, d->conf, &b->arena, &it->detail);
	} else {
		wrong = reader_interaction(r, body, &it->in);
		interaction_repair(&it->in, &b->arena);
		if (!wrong)
			it->reason = interaction_validate(&it->in, &b->arena, &it->detail);
	}
	if (wrong) {
		if (tenant->p == assumed.p)
			*tenant = (struct str){0};
		reject(it, REASON_UNDECODABLE, wrong);
	}
}

int
decode_batch(struct decoder *d, struct batch *b, struct err *e)
{
	if (d->has_registry && fetch_unknown(d, b, e) < 0)
		return -1;
	for (size_t i = 0; i < b->len; i++)
		decode(d, b, &b->items[i]);
	return 0;
}
