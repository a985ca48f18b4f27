#include "audit.h"

#include "embed.h"
#include "store.h"

#include <assert.h>

#define FETCH	  5000		 /* of audit_fetch.sql */
#define LOOK_SIZE (1024LL << 20) /* bytes of the tables that one look is to cover */

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

/* Waits until whoever was settling has finished. */
static int
wait_for_settlers(struct audit *a, struct err *e)
{
	for (int lock = 3; lock <= 4; lock++) {
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

/* Ids are what producers made of them: nothing of theirs reaches a terminal but as characters. */
static void
print_id(FILE *out, struct str id)
{
	putc('"', out);
	for (size_t i = 0; i < id.len; i++) {
		unsigned char c = (unsigned char)id.p[i];

		if (c < 0x20 || c == 0x7f || c == '"' || c == '\\')
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
	struct str fault = get_text(res, row, 1);

	if (str_is(fault, "event"))
		fputs("the match key of event ", out);
	else if (str_is(fault, "mask"))
		fprintf(out, "keys of kind %d are not in use", get_int2(res, row, 3));
	else
		fprintf(out, "a match key is %.*s of interaction ", STR_FMT(fault));
	if (get_text(res, row, 2).p)
		print_id(out, get_text(res, row, 2));
	fputs(" of tenant ", out);
	print_id(out, get_text(res, row, 0));
	if (str_is(fault, "event"))
		fputs(" is not that of its keys", out);
	putc('\n', out);
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
	for (int row = 0; row < PQntuples(res); row++) {
		print_key(a->out, res, row);
		if (a->fix && str_is(get_text(res, row, 1), "mask") &&
		    mask_add(a->pg, get_text(res, row, 0), get_int2(res, row, 3), e) < 0)
			return -1;
	}
	return 0;
}

static int
audit_keys(struct audit *a, int first, int last, struct err *e)
{
	int64_t found, left = 0;

	if (ask(a, sql_audit_key_find, first, last, &found, e) < 0)
		return -1;
	a->differing += found;
	a->left += found;
	if (found == 0)
		return 0;
	if (read_found(a, sql_audit_key_read, keys_told, e) < 0)
		return -1;
	if (a->fix) {
		if (pg_begin(a->pg, sql_mask_lock, e) < 0 || pg_exec(a->pg, sql_audit_plan, e) < 0 ||
		    pg_exec(a->pg, sql_audit_key_fix, e) < 0 || pg_commit(a->pg, e) < 0 ||
		    pg_exec(a->pg, sql_audit_empty, e) < 0 ||
		    ask(a, sql_audit_key_find, first, last, &left, e) < 0)
			return -1;
		a->left -= found - left;
	}
	return pg_exec(a->pg, sql_audit_empty, e);
}

/* ---- events ---- */

/* Repairs a piece of what differs, the way settling does. */
static int
repair(struct audit *a, const PGresult *res, struct err *e)
{
	struct pg_array at[] = {{.type = PG_TEXTS}, {.type = PG_TEXTS}};
	struct event_id ids[FETCH];
	size_t n = (size_t)PQntuples(res);
	struct stored stored = {0};
	int rc;

	assert(n <= FETCH);
	for (size_t i = 0; i < n; i++) {
		ids[i] = (struct event_id){get_text(res, (int)i, 0), get_text(res, (int)i, 1)};
		put_text(pg_push(&at[0]), ids[i].tenant);
		put_text(pg_push(&at[1]), ids[i].event_id);
	}
	rc = database_resolving(a->pg, a->settings, e) < 0 ||
		     pg_query(a->pg, sql_audit_time_fix, at, 2, NULL, e) < 0 || pg_commit(a->pg, e) < 0 ||
		     settle_events(a->pg, ids, n, a->settings, &stored, e) < 0
		 ? -1
		 : 0;
	pg_arrays_free(at, 2);
	return rc;
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
	return wait_for_settlers(a, e) < 0 || ask(a, sql_audit_event_confirm, first, last, n, e) < 0 ? -1 : 0;
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
	*looks = bytes / LOOK_SIZE < AUDIT_PARTS ? (int)(bytes / LOOK_SIZE) + 1 : AUDIT_PARTS;
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
		for (int i = 0; i < looks; i++) {
			if (kinds[kind](a, i * AUDIT_PARTS / looks, (i + 1) * AUDIT_PARTS / looks - 1, e) < 0)
				return -1;
			a->part++;
		}
	}
	return 0;
}
