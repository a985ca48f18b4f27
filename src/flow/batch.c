#include "batch.h"

#include <stdlib.h>

struct item *
batch_add(struct batch *b, rd_kafka_message_t *msg)
{
	struct item *it;

	if (b->len == b->cap) {
		b->cap = b->cap ? 2 * b->cap : 256;
		b->items = xrealloc(b->items, b->cap * sizeof *b->items);
	}
	it = &b->items[b->len++];
	*it = (struct item){.msg = msg};
	b->bytes += msg->len + msg->key_len;
	return it;
}

int64_t
message_time(const rd_kafka_message_t *msg)
{
	rd_kafka_timestamp_type_t type;
	int64_t ms = rd_kafka_message_timestamp(msg, &type);

	/* beyond the year 294276 there is no time in Postgres either */
	if (type == RD_KAFKA_TIMESTAMP_NOT_AVAILABLE || ms < 0 || ms > INT64_C(9000000000000000))
		return STAMP_NONE;
	return 1000 * ms;
}

void
batch_reset(struct batch *b)
{
	for (size_t i = 0; i < b->len; i++)
		rd_kafka_message_destroy(b->items[i].msg);
	b->len = b->bytes = 0;
	b->interactions_sent = b->events_sent = false;
	if (b->next)
		rd_kafka_topic_partition_list_destroy(b->next);
	b->next = rd_kafka_topic_partition_list_new(8);
	b->events = NULL;
	b->interactions = NULL;
	b->masks = NULL;
	b->keys = NULL;
	b->nevents = b->ninteractions = b->nmasks = b->nkeys = 0;
	arena_reset(&b->arena);
}

void
batch_free(struct batch *b)
{
	batch_reset(b);
	rd_kafka_topic_partition_list_destroy(b->next);
	free(b->items);
	arena_free(&b->arena);
	*b = (struct batch){0};
}

static int
by_event(const void *x, const void *y)
{
	const struct event_copy *a = x, *b = y;
	int c = str_cmp(a->item->ev.tenant, b->item->ev.tenant);

	if (c == 0)
		c = str_cmp(a->item->ev.event_id, b->item->ev.event_id);
	return c ? c : (a->item > b->item) - (a->item < b->item);
}

/* Section 2: the order of copies is (revision, ended_at with null lowest, hash of the content). */
static int
by_interaction(const void *x, const void *y)
{
	const struct interaction_copy *a = x, *b = y;
	int c = str_cmp(a->in->tenant, b->in->tenant);

	if (c == 0)
		c = str_cmp(a->in->interaction_id, b->in->interaction_id);
	if (c == 0)
		c = (a->in->revision > b->in->revision) - (a->in->revision < b->in->revision);
	if (c == 0) /* STAMP_NONE is the lowest there is */
		c = (a->in->ended_at > b->in->ended_at) - (a->in->ended_at < b->in->ended_at);
	return c ? c : memcmp(a->content.b, b->content.b, sizeof a->content.b);
}

static bool
same_id(const struct interaction_copy *a, const struct interaction_copy *b)
{
	return !str_cmp(a->in->tenant, b->in->tenant) &&
	       !str_cmp(a->in->interaction_id, b->in->interaction_id);
}

static void
match_event(struct event_copy *c, struct item *it, const struct match_secret *k, struct arena *a)
{
	*c = (struct event_copy){.item = it, .content = event_content(&it->ev, k)};
	match_of_event(&c->match, &it->ev, k, a);
	if (it->ev.slug == SLUG_RETRACT)
		return; /* not feedback on an answer: it has no keys, whatever its metadata say */
	c->mask = match_mask(&c->match);
	if (c->mask != MASK_TRACE)
		c->has_key = match_key(&c->match, c->mask, &c->key);
}

void
batch_match(struct batch *b, const struct match_secret *k)
{
	b->events = arena_alloc(&b->arena, b->len * sizeof *b->events);
	b->interactions = arena_alloc(&b->arena, b->len * sizeof *b->interactions);
	b->nevents = b->ninteractions = 0;
	for (size_t i = 0; i < b->len; i++) {
		struct item *it = &b->items[i];

		if (it->reason != REASON_NONE)
			continue;
		if (it->what == WHAT_EVENT) {
			match_event(&b->events[b->nevents++], it, k, &b->arena);
		} else if (it->what == WHAT_INTERACTION) {
			struct interaction_copy *c = &b->interactions[b->ninteractions++];

			*c = (struct interaction_copy){
			    .item = it, .in = &it->in, .content = interaction_content(&it->in, k)};
			match_of_interaction(&c->match, &it->in, k, &b->arena);
		}
	}
	if (b->nevents)
		qsort(b->events, b->nevents, sizeof *b->events, by_event);
	if (b->ninteractions)
		qsort(b->interactions, b->ninteractions, sizeof *b->interactions, by_interaction);
	for (size_t i = 0; i < b->ninteractions; i++)
		b->interactions[i].greatest =
		    i + 1 == b->ninteractions || !same_id(&b->interactions[i], &b->interactions[i + 1]);
}

const struct mask *
batch_masks(const struct batch *b, struct str tenant, size_t *n)
{
	size_t from = 0, to = b->nmasks, end;

	while (from < to) {
		size_t mid = from + (to - from) / 2;

		if (str_cmp(b->masks[mid].tenant, tenant) < 0)
			from = mid + 1;
		else
			to = mid;
	}
	for (end = from; end < b->nmasks && str_cmp(b->masks[end].tenant, tenant) == 0; end++)
		;
	*n = end - from;
	return b->masks + from;
}

static int
by_key(const void *x, const void *y)
{
	const struct interaction_key *a = x, *b = y;

	return memcmp(a->key.b, b->key.b, sizeof a->key.b);
}

/* The keys of interactions[from..to), all of one tenant, after those that there are. */
static void
keys_of_tenant(struct batch *b, size_t from, size_t to, const struct mask *masks, size_t n)
{
	struct interaction_key *first = b->keys + b->nkeys, *k = first;

	for (size_t i = from; i < to; i++) {
		const struct interaction_copy *c = &b->interactions[i];

		if (c->in->ended_at == STAMP_NONE)
			continue;
		for (size_t m = 0; m <= n; m++) {
			int mask = m < n ? masks[m].mask : MASK_INTERACTION;

			*k = (struct interaction_key){.mask = mask, .copy = c};
			if (match_key(&c->match, mask, &k->key))
				k++;
		}
	}
	b->nkeys += (size_t)(k - first);
	if (k > first)
		qsort(first, (size_t)(k - first), sizeof *k, by_key);
}

void
batch_keys(struct batch *b)
{
	size_t to, n;

	b->nkeys = 0;
	for (size_t i = 0; i < b->ninteractions; i++, b->nkeys += n + 1)
		batch_masks(b, b->interactions[i].in->tenant, &n);
	b->keys = arena_alloc(&b->arena, b->nkeys * sizeof *b->keys);
	b->nkeys = 0;
	for (size_t from = 0; from < b->ninteractions; from = to) {
		struct str tenant = b->interactions[from].in->tenant;
		const struct mask *masks = batch_masks(b, tenant, &n);

		for (to = from; to < b->ninteractions && !str_cmp(b->interactions[to].in->tenant, tenant);
		     to++)
			;
		keys_of_tenant(b, from, to, masks, n);
	}
}
