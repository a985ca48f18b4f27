#include "audit.h"

#include "embed.h"
#include "store.h"

#include <assert.h>

#define FETCH	  5000		 /* of audit_fetch.sql */
#define LOOK_SIZE (4096LL << 20) /* bytes of the tables that one look is to sort */
#define LOOKS_MAX 16		 /* each reads the tables whole */

/* The first lock of the two: resolving_begin.sql and interaction_begin.sql tell why there are two. */
enum { RESOLVERS = 0, SETTLERS = 3 };

/* ---- asking ---- */

/* A statement with the first part and the last as its parameters, and a number as its answer. */
static int
ask(struct audit *a, const char *sql, int first, int last, int64_t *answer, struct err *e)
{
	struct pg_array parts[] = {{.type = PG_INT4S}, {.type = PG_INT4S}};
	PGresult *res = NULL;
	int rc;

	put_int4(pg_push(&parts[0]), first);
	put_int4(pg_push(&parts[1]), last);
	rc = pg_begin(a->pg, "BEGIN", e) < 0 || pg_exec(a->pg, sql_audit_plan, e) < 0 ||
		     pg_query(a->pg, sql, parts, 2, &res, e) < 0 || pg_commit(a->pg, e) < 0
		 ? -1
		 : 0;
	if (rc == 0)
		*answer = get_int8(res, 0, 0);
	PQclear(res);
	pg_arrays_free(parts, 2);
	return rc;
}

/* Waits until whoever holds one of two locks now has let go. */
static int
wait_for(struct audit *a, int first_lock, struct err *e)
{
	for (int lock = first_lock; lock <= first_lock + 1; lock++) {
		struct pg_array which = {.type = PG_INT4S};
		int rc;

		put_int4(pg_push(&which), lock);
		rc = pg_query(a->pg, sql_settle_wait, &which, 1, NULL, e);
		pg_arrays_free(&which, 1);
		if (rc < 0)
			return -1;
	}
	return 0;
}

/* ---- telling ---- */

/* Ids are what producers made of them: control characters of theirs do not reach a terminal. */
static void
print_id(FILE *out, struct str id)
{
	putc('"', out);
	for (size_t i = 0; i < id.len; i++) {
		unsigned char c = (unsigned char)id.p[i];

		if (c == 0xc2 && i + 1 < id.len && (unsigned char)id.p[i + 1] < 0xa0) /* C1 */
			fprintf(out, "\\xc2\\x%02x", (unsigned char)id.p[++i]);
		else if (c < 0x20 || c == 0x7f || c == '"' || c == '\\')
			fprintf(out, "\\x%02x", c);
		else
			putc(c, out);
	}
	putc('"', out);
}

static void
print_interaction(FILE *out, struct str id)
{
	if (id.p)
		print_id(out, id);
	else
		fputs("none", out);
}

static void
print_event(FILE *out, const PGresult *res, int row)
{
	struct str time = get_text(res, row, 5), expected_time = get_text(res, row, 6);
	struct str stored = get_text(res, row, 3), expected = get_text(res, row, 4);

	fprintf(out, "%.*s: event ", STR_FMT(get_text(res, row, 2)));
	print_id(out, get_text(res, row, 1));
	fputs(" of tenant ", out);
	print_id(out, get_text(res, row, 0));
	if (str_cmp(time, expected_time))
		fprintf(out, ": occurred_at is %.*s, should be %.*s", STR_FMT(time), STR_FMT(expected_time));
	if (str_cmp(stored, expected)) {
		fputs(": interaction is ", out);
		print_interaction(out, stored);
		fputs(", should be ", out);
		print_interaction(out, expected);
	}
	putc('\n', out);
}

static void
print_key(FILE *out, const PGresult *res, int row)
{
	struct str fault = get_text(res, row, 1), id = get_text(res, row, 2), at = get_text(res, row, 4);

	if (str_is(fault, "event"))
		fprintf(out, "%.*s: event ", STR_FMT(at));
	else if (id.p)
		fputs("interaction ", out);
	if (id.p) {
		print_id(out, id);
		fputs(" of ", out);
	}
	fputs("tenant ", out);
	print_id(out, get_text(res, row, 0));
	if (str_is(fault, "event"))
		fputs(": its match key is not that of its keys\n", out);
	else if (str_is(fault, "mask"))
		fprintf(out, ": events look by keys (mask %d) that its interactions have no match keys for\n",
		    get_int2(res, row, 3));
	else
		fprintf(out, ": a %.*s match key\n", STR_FMT(fault));
}

/* Goes through what has been found, a piece at a time. */
static int
read_found(struct audit *a, const char *sql, int (*each)(struct audit *a, const PGresult *res, struct err *e),
    struct err *e)
{
	PGresult *res;
	int n;

	if (pg_exec(a->pg, sql, e) < 0)
		return -1;
	do {
		int rc;

		if (pg_query(a->pg, sql_audit_fetch, NULL, 0, &res, e) < 0)
			return -1;
		n = PQntuples(res);
		rc = n ? each(a, res, e) : 0;
		PQclear(res);
		if (rc < 0)
			return -1;
	} while (n);
	return pg_exec(a->pg, "CLOSE audit_read", e);
}

/* ---- match keys ---- */

static int
keys_told(struct audit *a, const PGresult *res, struct err *e)
{
	(void)e;
	for (int row = 0; row < PQntuples(res); row++)
		print_key(a->out, res, row);
	return 0;
}

static int
masks_added(struct audit *a, const PGresult *res, struct err *e)
{
	for (int row = 0; row < PQntuples(res); row++)
		if (str_is(get_text(res, row, 1), "mask") &&
		    mask_add(a->pg, get_text(res, row, 0), get_int2(res, row, 3), e) < 0)
			return -1;
	return 0;
}

/* Repairs what has been found, and finds what is left. */
static int
keys_repaired(struct audit *a, int first, int last, int64_t *left, struct err *e)
{
	if (pg_begin(a->pg, sql_mask_lock, e) < 0 || pg_exec(a->pg, sql_audit_plan, e) < 0 ||
	    pg_exec(a->pg, sql_audit_key_fix, e) < 0 || pg_commit(a->pg, e) < 0 ||
	    pg_exec(a->pg, sql_audit_empty, e) < 0)
		return -1;
	return ask(a, sql_audit_key_find, first, last, left, e);
}

static int
audit_keys(struct audit *a, int first, int last, struct err *e)
{
	int64_t found, left;

	if (ask(a, sql_audit_key_find, first, last, &found, e) < 0)
		return -1;
	a->differing += found;
	if (found && read_found(a, sql_audit_key_read, keys_told, e) < 0)
		return -1;
	left = found;
	/* first events get their own masks back; which masks are missing, and of which match keys, shows then
	 */
	for (int round = 0; a->fix && left && round < 3; round++)
		if ((round && read_found(a, sql_audit_key_read, masks_added, e) < 0) ||
		    keys_repaired(a, first, last, &left, e) < 0)
			return -1;
	a->left += left;
	return found ? pg_exec(a->pg, sql_audit_empty, e) : 0;
}

/* ---- events ---- */

/* Repairs a piece of what differs, the way settling does. */
static int
repair(struct audit *a, const PGresult *res, struct err *e)
{
	struct event_id ids[FETCH];
	size_t n = (size_t)PQntuples(res);
	struct stored stored = {0};

	assert(n <= FETCH);
	for (size_t i = 0; i < n; i++)
		ids[i] = (struct event_id){get_text(res, (int)i, 0), get_text(res, (int)i, 1)};
	return settle_events(a->pg, ids, n, a->settings, &stored, e);
}

static int
events_told(struct audit *a, const PGresult *res, struct err *e)
{
	for (int row = 0; row < PQntuples(res); row++)
		print_event(a->out, res, row);
	return a->fix ? repair(a, res, e) : 0;
}

/* How many events differ, and do so still when whoever was settling has finished; they stand in audit_event.
 */
static int
find_events(struct audit *a, int first, int last, int64_t *n, struct err *e)
{
	if (ask(a, sql_audit_event_find, first, last, n, e) < 0)
		return -1;
	if (*n == 0)
		return 0;
	return wait_for(a, SETTLERS, e) < 0 || ask(a, sql_audit_event_confirm, first, last, n, e) < 0 ? -1
												      : 0;
}

static int
audit_events(struct audit *a, int first, int last, struct err *e)
{
	int64_t found, left = 0;

	if (find_events(a, first, last, &found, e) < 0)
		return -1;
	a->differing += found;
	a->left += found;
	if (found == 0)
		return 0;
	if (read_found(a, sql_audit_event_read, events_told, e) < 0)
		return -1;
	if (a->fix) {
		if (pg_exec(a->pg, sql_audit_empty, e) < 0 || find_events(a, first, last, &left, e) < 0)
			return -1;
		a->left -= found - left;
	}
	return pg_exec(a->pg, sql_audit_empty, e);
}

/* ---- all of it ---- */

static int
size_up(struct audit *a, int *looks, struct err *e)
{
	PGresult *res;
	int64_t bytes;

	if (pg_begin(a->pg, "BEGIN", e) < 0 || pg_exec(a->pg, sql_audit_plan, e) < 0 ||
	    pg_query(a->pg, sql_audit_size, NULL, 0, &res, e) < 0)
		return -1;
	a->events = get_int8(res, 0, 0);
	a->interactions = get_int8(res, 0, 1);
	bytes = get_int8(res, 0, 2);
	PQclear(res);
	*looks = bytes / LOOK_SIZE < LOOKS_MAX ? (int)(bytes / LOOK_SIZE) + 1 : LOOKS_MAX;
	if (a->steps)
		*looks = a->steps;
	return pg_commit(a->pg, e);
}

int
audit_run(struct audit *a, struct err *e)
{
	static int (*const kinds[])(struct audit * a, int first, int last, struct err *e) = {
	    audit_keys, audit_events}; /* in this order: events are repaired by their keys */
	int looks;

	if (pg_exec(a->pg, sql_audit_open, e) < 0 || size_up(a, &looks, e) < 0)
		return -1;
	a->parts = 2 * looks;
	for (int kind = 0; kind < 2; kind++) {
		/* whoever resolves by settings or match keys that have been changed since has ended when we
		 * look */
		if (wait_for(a, RESOLVERS, e) < 0)
			return -1;
		for (int i = 0; i < looks; i++) {
			if (kinds[kind](a, i * AUDIT_PARTS / looks, (i + 1) * AUDIT_PARTS / looks - 1, e) < 0)
				return -1;
			a->part++;
		}
	}
	return 0;
}
