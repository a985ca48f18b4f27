/* store_interactions: the greatest copy of each interaction, and the match keys by which events find it. */
#include "store.h"

#include "embed.h"

#include <stdlib.h>

/* The masks that events of the tenants of this batch have used, and the match keys under them. They stay as
 * they are until the transaction ends. */
static int
masks_read(struct pg *pg, struct batch *b, struct err *e)
{
	struct pg_array tenants = {.type = PG_TEXTS};
	PGresult *res;
	int rc;

	for (size_t i = 0; i < b->ninteractions; i++)
		if (i == 0 || str_cmp(b->interactions[i].in->tenant, b->interactions[i - 1].in->tenant))
			put_text(pg_push(&tenants), b->interactions[i].in->tenant);
	rc = pg_query(pg, sql_mask_list, &tenants, 1, &res, e);
	pg_arrays_free(&tenants, 1);
	if (rc < 0)
		return -1;
	b->nmasks = (size_t)PQntuples(res);
	b->masks = arena_alloc(&b->arena, b->nmasks * sizeof *b->masks);
	for (size_t i = 0; i < b->nmasks; i++)
		b->masks[i] =
		    (struct mask){arena_dup(&b->arena, get_text(res, (int)i, 0)), get_int2(res, (int)i, 1)};
	PQclear(res);
	batch_keys(b);
	return 0;
}

/* What this batch does to one interaction. */
enum act { ACT_NONE, ACT_INSERT, ACT_REPLACE, ACT_SCRUB };

/* What counts of a copy when it is compared: none is less than any. */
struct rank {
	bool any;
	int64_t revision, ended_at;
	const void *content;
};

static bool
greater(const struct interaction_copy *c, const struct rank *than)
{
	if (!than->any)
		return true;
	if (c->in->revision != than->revision)
		return c->in->revision > than->revision;
	if (c->in->ended_at != than->ended_at)
		return c->in->ended_at > than->ended_at;
	return memcmp(c->content.b, than->content, sizeof c->content.b) > 0;
}

static bool
equal(const struct interaction_copy *c, const struct rank *to)
{
	return to->any && !memcmp(c->content.b, to->content, sizeof c->content.b);
}

struct arrival {
	const struct interaction_copy *copy;
};

static int
by_arrival(const void *x, const void *y)
{
	const struct arrival *a = x, *b = y;

	return (a->copy->item > b->copy->item) - (a->copy->item < b->copy->item);
}

/* The first of the copies of which interactions[greatest] is the last. */
static size_t
first_copy(const struct batch *b, size_t greatest)
{
	while (greatest > 0 && !b->interactions[greatest - 1].greatest)
		greatest--;
	return greatest;
}

/* Tells the fates of the copies of one interaction, in the order in which they came. */
static void
judge(struct batch *b, size_t greatest, struct rank stored)
{
	size_t from = first_copy(b, greatest), n = greatest + 1 - from;
	struct arrival *copies;

	if (b->interactions_sent && equal(&b->interactions[greatest], &stored))
		return; /* an attempt before this one stored it, and told */
	copies = arena_alloc(&b->arena, n * sizeof *copies);
	for (size_t i = 0; i < n; i++)
		copies[i].copy = &b->interactions[from + i];
	qsort(copies, n, sizeof *copies, by_arrival);
	for (size_t i = 0; i < n; i++) {
		const struct interaction_copy *c = copies[i].copy;

		if (greater(c, &stored)) {
			c->item->fate = stored.any ? FATE_CHANGED : FATE_NEW;
			stored = (struct rank){true, c->in->revision, c->in->ended_at, &c->content};
		} else {
			c->item->fate = equal(c, &stored) ? FATE_UNCHANGED : FATE_DUPLICATE;
		}
	}
}

/* Is what is stored scrubbed, and by other rules than these? */
static bool
other_rules(const struct interaction *in, const PGresult *res, int row)
{
	return in->pii_version.p && !get_null(res, row, 4) && str_cmp(get_text(res, row, 4), in->pii_version);
}

/* Compares the greatest copies with what is stored: acts[i] for interactions[i]. */
static int
compare(struct pg *pg, struct batch *b, enum act *acts, struct err *e)
{
	struct pg_array a[] = {{.type = PG_TEXTS}, {.type = PG_TEXTS}}; /* tenants, ids */
	size_t *at = arena_alloc(&b->arena, b->ninteractions * sizeof *at), n = 0;
	PGresult *res;
	int rc;

	for (size_t i = 0; i < b->ninteractions; i++) {
		struct interaction_copy *c = &b->interactions[i];

		acts[i] = ACT_NONE;
		if (!c->greatest)
			continue;
		acts[i] = ACT_INSERT;
		at[n++] = i;
		put_text(pg_push(&a[0]), c->in->tenant);
		put_text(pg_push(&a[1]), c->in->interaction_id);
	}
	rc = pg_query(pg, sql_interaction_find, a, 2, &res, e);
	pg_arrays_free(a, 2);
	if (rc < 0)
		return -1;
	for (int row = 0; row < PQntuples(res); row++) {
		size_t i = at[get_int8(res, row, 0) - 1];
		const struct rank stored = {
		    true, get_int8(res, row, 1), get_stamp(res, row, 2), get_uuid(res, row, 3)};

		acts[i] = greater(&b->interactions[i], &stored) ? ACT_REPLACE : ACT_NONE;
		judge(b, i, stored);
		if (equal(&b->interactions[i], &stored) && other_rules(b->interactions[i].in, res, row)) {
			acts[i] = ACT_SCRUB;
			b->interactions[i].item->fate = FATE_CHANGED;
		}
	}
	PQclear(res);
	for (size_t i = 0; i < b->ninteractions; i++) {
		b->interactions[i].fresh = acts[i] == ACT_INSERT;
		if (acts[i] == ACT_INSERT)
			judge(b, i, (struct rank){0});
	}
	return 0;
}

static int
insert(struct pg *pg, struct batch *b, const enum act *acts, struct buf *buf, struct err *e)
{
	bool any = false;

	for (size_t i = 0; i < b->ninteractions; i++) {
		const struct interaction_copy *c = &b->interactions[i];

		if (acts[i] != ACT_INSERT)
			continue;
		if (!any && pg_copy_begin(pg, sql_interaction_copy, buf, e) < 0)
			return -1;
		any = true;
		pg_copy_row(buf, 17);
		put_text(buf, c->in->tenant);
		put_text(buf, c->in->interaction_id);
		put_int8(buf, c->in->revision);
		put_text(buf, c->in->conversation_id);
		put_text(buf, c->in->trace_id);
		put_text(buf, c->in->end_user);
		put_text(buf, c->in->input);
		put_text(buf, c->in->output);
		put_stamp(buf, c->in->started_at);
		put_stamp(buf, c->in->ended_at);
		put_bool(buf, c->in->anonymize);
		put_jsonb(buf, c->in->stored_attributes);
		put_uuid(buf, c->match.has_input ? &c->match.input : NULL);
		put_uuid(buf, c->match.has_output ? &c->match.output : NULL);
		put_uuid(buf, &c->content);
		put_jsonb(buf, c->in->pii);
		put_text(buf, c->in->pii_version);
		if (pg_copy_flush(pg, buf, e) < 0)
			return -1;
	}
	return any ? pg_copy_end(pg, buf, e) : 0;
}

/* Rows of interaction_key that are to be deleted. */
enum { K_TENANT, K_KEY, K_END, K_ID, K_COUNT };

/* The match keys of a copy of an interaction that is no more. */
static void
push_keys(struct pg_array *a, const struct batch *b, const struct interaction *in, const struct match *old,
    int64_t ended_at)
{
	const struct mask *masks;
	struct hash key;
	size_t n;

	masks = batch_masks(b, in->tenant, &n);
	for (size_t i = 0; i < n; i++) {
		if (!match_key(old, masks[i].mask, &key))
			continue;
		put_text(pg_push(&a[K_TENANT]), in->tenant);
		put_uuid(pg_push(&a[K_KEY]), &key);
		put_stamp(pg_push(&a[K_END]), ended_at);
		put_text(pg_push(&a[K_ID]), in->interaction_id);
	}
}

/* Takes away the match keys of the copies that were replaced. */
static int
unkey(struct pg *pg, struct batch *b, const PGresult *res, const size_t *at, struct err *e)
{
	struct pg_array a[K_COUNT] = {[K_TENANT] = {.type = PG_TEXTS},
	    [K_KEY] = {.type = PG_UUIDS},
	    [K_END] = {.type = PG_STAMPS},
	    [K_ID] = {.type = PG_TEXTS}};
	int rc = 0;

	for (int row = 0; row < PQntuples(res); row++) {
		const struct interaction *in = b->interactions[at[get_int8(res, row, 0) - 1]].in;
		const void *input = get_uuid(res, row, 4), *output = get_uuid(res, row, 5);
		struct match old = {in->interaction_id, get_text(res, row, 1), get_text(res, row, 2),
		    get_text(res, row, 3), input != NULL, output != NULL, {{0}}, {{0}}};
		int64_t ended_at = get_stamp(res, row, 6);

		if (input)
			memcpy(old.input.b, input, sizeof old.input.b);
		if (output)
			memcpy(old.output.b, output, sizeof old.output.b);
		if (ended_at != STAMP_NONE)
			push_keys(a, b, in, &old, ended_at);
	}
	if (a[K_KEY].n)
		rc = pg_query(pg, sql_interaction_key_delete, a, K_COUNT, NULL, e);
	pg_arrays_free(a, K_COUNT);
	return rc;
}

enum {
	R_TENANT,
	R_ID,
	R_REVISION,
	R_CONVERSATION,
	R_TRACE,
	R_USER,
	R_INPUT,
	R_OUTPUT,
	R_STARTED,
	R_ENDED,
	R_ANONYMIZE,
	R_ATTRIBUTES,
	R_INPUT_HASH,
	R_OUTPUT_HASH,
	R_CONTENT,
	R_PII,
	R_RULES,
	R_COUNT
};

static void
push_replacement(struct pg_array *a, const struct interaction_copy *c)
{
	put_text(pg_push(&a[R_TENANT]), c->in->tenant);
	put_text(pg_push(&a[R_ID]), c->in->interaction_id);
	put_int8(pg_push(&a[R_REVISION]), c->in->revision);
	put_text(pg_push(&a[R_CONVERSATION]), c->in->conversation_id);
	put_text(pg_push(&a[R_TRACE]), c->in->trace_id);
	put_text(pg_push(&a[R_USER]), c->in->end_user);
	put_text(pg_push(&a[R_INPUT]), c->in->input);
	put_text(pg_push(&a[R_OUTPUT]), c->in->output);
	put_stamp(pg_push(&a[R_STARTED]), c->in->started_at);
	put_stamp(pg_push(&a[R_ENDED]), c->in->ended_at);
	put_bool(pg_push(&a[R_ANONYMIZE]), c->in->anonymize);
	put_text(pg_push(&a[R_ATTRIBUTES]), c->in->stored_attributes);
	put_uuid(pg_push(&a[R_INPUT_HASH]), c->match.has_input ? &c->match.input : NULL);
	put_uuid(pg_push(&a[R_OUTPUT_HASH]), c->match.has_output ? &c->match.output : NULL);
	put_uuid(pg_push(&a[R_CONTENT]), &c->content);
	put_text(pg_push(&a[R_PII]), c->in->pii);
	put_text(pg_push(&a[R_RULES]), c->in->pii_version);
}

/* Somebody stored a greater copy since we compared. */
static void
outdone(struct batch *b, size_t greatest)
{
	for (size_t i = first_copy(b, greatest); i <= greatest; i++)
		b->interactions[i].item->fate = FATE_DUPLICATE;
}

/* Replaces what is stored by greater copies. acts of those that somebody else outdid meanwhile become
 * ACT_NONE. */
static int
replace(struct pg *pg, struct batch *b, enum act *acts, struct err *e)
{
	struct pg_array a[R_COUNT] = {[R_TENANT] = {.type = PG_TEXTS},
	    [R_ID] = {.type = PG_TEXTS},
	    [R_REVISION] = {.type = PG_INT8S},
	    [R_CONVERSATION] = {.type = PG_TEXTS},
	    [R_TRACE] = {.type = PG_TEXTS},
	    [R_USER] = {.type = PG_TEXTS},
	    [R_INPUT] = {.type = PG_TEXTS},
	    [R_OUTPUT] = {.type = PG_TEXTS},
	    [R_STARTED] = {.type = PG_STAMPS},
	    [R_ENDED] = {.type = PG_STAMPS},
	    [R_ANONYMIZE] = {.type = PG_BOOLS},
	    [R_ATTRIBUTES] = {.type = PG_TEXTS},
	    [R_INPUT_HASH] = {.type = PG_UUIDS},
	    [R_OUTPUT_HASH] = {.type = PG_UUIDS},
	    [R_CONTENT] = {.type = PG_UUIDS},
	    [R_PII] = {.type = PG_TEXTS},
	    [R_RULES] = {.type = PG_TEXTS}};
	size_t *at = arena_alloc(&b->arena, b->ninteractions * sizeof *at), n = 0;
	PGresult *res = NULL;
	int rc = 0;

	for (size_t i = 0; i < b->ninteractions; i++) {
		if (acts[i] != ACT_REPLACE)
			continue;
		at[n++] = i;
		acts[i] = ACT_NONE;
		push_replacement(a, &b->interactions[i]);
	}
	if (n)
		rc = pg_query(pg, sql_interaction_replace, a, R_COUNT, &res, e);
	pg_arrays_free(a, R_COUNT);
	if (rc == 0 && res)
		rc = unkey(pg, b, res, at, e);
	for (int row = 0; rc == 0 && row < PQntuples(res); row++)
		acts[at[get_int8(res, row, 0) - 1]] = ACT_REPLACE;
	for (size_t i = 0; rc == 0 && i < n; i++)
		if (acts[at[i]] == ACT_NONE)
			outdone(b, at[i]);
	PQclear(res);
	return rc;
}

/* The match keys of what was inserted or replaced, where it is completed. */
static int
key(struct pg *pg, struct batch *b, const enum act *acts, struct buf *buf, struct err *e)
{
	if (b->nmasks == 0)
		return 0;
	if (pg_copy_begin(pg, sql_interaction_key_copy, buf, e) < 0)
		return -1;
	for (size_t i = 0; i < b->nkeys; i++) {
		const struct interaction_key *k = &b->keys[i];
		enum act act = acts[k->copy - b->interactions];

		if (k->mask == MASK_INTERACTION || (act != ACT_INSERT && act != ACT_REPLACE))
			continue;
		pg_copy_row(buf, 4);
		put_text(buf, k->copy->in->tenant);
		put_uuid(buf, &k->key);
		put_stamp(buf, k->copy->in->ended_at);
		put_text(buf, k->copy->in->interaction_id);
		if (pg_copy_flush(pg, buf, e) < 0)
			return -1;
	}
	return pg_copy_end(pg, buf, e);
}

/* Puts what these rules left in the place of what others did. */
static int
scrub(struct pg *pg, struct batch *b, const enum act *acts, struct err *e)
{
	enum { S_TENANT, S_ID, S_CONTENT, S_INPUT, S_OUTPUT, S_ATTRIBUTES, S_PII, S_RULES, S_COUNT };
	struct pg_array a[S_COUNT];
	int rc = 0;

	for (int k = 0; k < S_COUNT; k++)
		a[k] = (struct pg_array){.type = k == S_CONTENT ? PG_UUIDS : PG_TEXTS};
	for (size_t i = 0; i < b->ninteractions; i++) {
		const struct interaction_copy *c = &b->interactions[i];

		if (acts[i] != ACT_SCRUB)
			continue;
		put_text(pg_push(&a[S_TENANT]), c->in->tenant);
		put_text(pg_push(&a[S_ID]), c->in->interaction_id);
		put_uuid(pg_push(&a[S_CONTENT]), &c->content);
		put_text(pg_push(&a[S_INPUT]), c->in->input);
		put_text(pg_push(&a[S_OUTPUT]), c->in->output);
		put_text(pg_push(&a[S_ATTRIBUTES]), c->in->stored_attributes);
		put_text(pg_push(&a[S_PII]), c->in->pii);
		put_text(pg_push(&a[S_RULES]), c->in->pii_version);
	}
	if (a[S_TENANT].n)
		rc = pg_query(pg, sql_interaction_scrub, a, S_COUNT, NULL, e);
	pg_arrays_free(a, S_COUNT);
	return rc;
}

int
store_interactions(struct pg *pg, struct batch *b, struct err *e)
{
	enum act *acts = arena_alloc(&b->arena, b->ninteractions * sizeof *acts);
	struct buf buf = {0};
	int rc;

	if (b->ninteractions == 0)
		return 0;
	rc = pg_begin(pg, sql_interaction_begin, e) < 0 || masks_read(pg, b, e) < 0 ||
		     compare(pg, b, acts, e) < 0 || replace(pg, b, acts, e) < 0 ||
		     insert(pg, b, acts, &buf, e) < 0 || key(pg, b, acts, &buf, e) < 0 ||
		     scrub(pg, b, acts, e) < 0
		 ? -1
		 : 0;
	buf_free(&buf);
	if (rc < 0)
		return -1;
	b->interactions_sent = true;
	return pg_commit(pg, e);
}
