/*
 * pg: one connection to Postgres: connect, ask, copy in; and what its errors mean.
 *
 * Everything waits without blocking: while Postgres takes its time, idle() is called about twice a second, so
 * that a worker can stay in its consumer group however long a lock is held. Nothing is ever formatted into
 * SQL.
 */
#ifndef PG_H
#define PG_H

#include "conf.h"
#include "err.h"
#include "value.h"

/* Called while waiting. Returns 0 to wait on, or -1 and an error to give up. */
typedef int pg_idle_fn(void *arg, struct err *e);

/* Zeroed is valid: closed. */
struct pg {
	PGconn *conn;
	pg_idle_fn *idle; /* may be NULL */
	void *idle_arg;
	bool trial;	     /* a dry run: all of it in one transaction that is never committed (trial.h) */
	int64_t idle_at;     /* monotonic ms when it was called last */
	unsigned first_host; /* of several, which to try first: one that did not answer in time goes last */
};

/* Connects and sets the session: search_path is the schema alone; plans are index probes. ERR_AGAIN where the
 * server is not there, not ready or does not let us in. */
int pg_open(struct pg *pg, const struct conf *c, struct err *e);
void pg_close(struct pg *pg);

/*
 * Runs one statement with n arrays as $1..$n (scalars are arrays of one: ($3::int8[])[1]). *res may be NULL
 * where no rows are wanted; else PQclear it. Without parameters and rows, sql may be several statements.
 */
int
pg_query(struct pg *pg, const char *sql, const struct pg_array *arrays, int n, PGresult **res, struct err *e);

/* pg_query without parameters and rows. */
int pg_exec(struct pg *pg, const char *sql, struct err *e);

/* COPY ... FROM STDIN (FORMAT binary): begin, any number of rows into *b with pg_copy_row, end. */
int pg_copy_begin(struct pg *pg, const char *sql, struct buf *b, struct err *e);
void pg_copy_row(struct buf *b, int fields);			/* before the fields of each row */
int pg_copy_flush(struct pg *pg, struct buf *b, struct err *e); /* after a row: sends what has gathered */
int pg_copy_end(struct pg *pg, struct buf *b, struct err *e);

/* Begins a transaction by a statement that does, with the locks that it needs; ends it. In a dry run it is a
 * savepoint, without locks. */
int pg_begin(struct pg *pg, const char *sql, struct err *e);
int pg_commit(struct pg *pg, struct err *e);

/* Leaves a failed transaction; closes the connection where that does not work. */
void pg_rollback(struct pg *pg);

#endif
