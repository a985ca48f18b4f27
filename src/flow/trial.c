#include "trial.h"

#include "clock.h"
#include "embed.h"

#include <inttypes.h>

#define PATIENCE_MS 5000 /* who looks must not wait for long himself */

int
trial_begin(struct pg *pg, int *pid, struct err *e)
{
	if (pg_exec(pg, sql_trial_begin, e) < 0)
		return -1;
	pg->trial = true;
	*pid = PQbackendPID(pg->conn);
	return 0;
}

static int
patience(void *arg, struct err *e)
{
	const struct trial_watch *w = arg;

	return now_ms() - w->asked < PATIENCE_MS
		   ? 0
		   : err_set(e, ERR_AGAIN, "postgres: no answer in %d s", PATIENCE_MS / 1000);
}

static int
ask(struct trial_watch *w, const char *sql, int pid, PGresult **res, struct err *e)
{
	struct pg_array which = {.type = PG_INT4S};
	int rc;

	put_int4(pg_push(&which), pid);
	rc = pg_query(&w->pg, sql, &which, 1, res, e);
	pg_arrays_free(&which, 1);
	return rc;
}

static void
name_waiter(const PGresult *res, struct err *e)
{
	struct str user = get_text(res, 0, 1), program = get_text(res, 0, 2);

	err_set(e, ERR_FATAL,
	    "session %" PRId64 " of \"%.*s\"%s%.*s%s waits for what the dry run has touched",
	    get_int8(res, 0, 0), STR_FMT(user), program.len ? " (\"" : "", STR_FMT(program),
	    program.len ? "\")" : "");
}

int
trial_look(struct trial_watch *w, const struct conf *c, int pid, atomic_bool *stop, struct err *e)
{
	PGresult *res;
	struct err ignored;
	int rc;

	w->pg.idle = patience;
	w->pg.idle_arg = w;
	w->asked = now_ms();
	if ((!w->pg.conn && pg_open(&w->pg, c, e) < 0) || ask(w, sql_trial_look, pid, &res, e) < 0)
		return -1;
	rc = PQntuples(res) > 0;
	if (rc) {
		name_waiter(res, e);
		*stop = true; /* so that its worker does not take its end for a failure */
		ask(w, sql_trial_end, pid, NULL, &ignored);
	}
	PQclear(res);
	return rc;
}

void
trial_watch_close(struct trial_watch *w)
{
	pg_close(&w->pg);
}
