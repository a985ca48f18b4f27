#include "pg.h"

#include "arena.h"
#include "clock.h"
#include "embed.h"

#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <stdlib.h>

#define CHUNK	(64u * 1024) /* COPY data is sent when this much has gathered */
#define IDLE_MS 500
#define OLDEST	150000 /* views with the rights of the reader */

/* ---- errors ---- */

/* The message without its newline and without DETAIL, which quotes rows. */
static struct str
primary(const char *message)
{
	struct str s = str_of(message ? message : "");
	const char *nl = s.len ? memchr(s.p, '\n', s.len) : NULL;

	if (nl)
		s.len = (size_t)(nl - s.p);
	return s;
}

static int
lost(struct pg *pg, const char *what, struct err *e)
{
	struct str s = primary(PQerrorMessage(pg->conn));

	err_set(e, ERR_AGAIN, "postgres: %s: %.*s", what, STR_FMT(s));
	return -1;
}

/* What each of several hosts said is in a line of its own. */
static int
unconnected(struct pg *pg, struct err *e)
{
	err_set(e, ERR_AGAIN, "postgres: cannot connect: %s", PQerrorMessage(pg->conn));
	for (size_t len = strlen(e->text); len > 0 && e->text[len - 1] == '\n'; len--)
		e->text[len - 1] = '\0';
	for (char *nl = e->text; (nl = strchr(nl, '\n'));)
		*nl = ';';
	return -1;
}

/* What a SQLSTATE asks of the caller. */
static enum err_kind
kind_of(const char *state)
{
	static const struct {
		const char *prefix;
		enum err_kind kind;
	} table[] = {
	    {"23505", ERR_RACE},  /* unique_violation: another worker stored the same key first */
	    {"40001", ERR_RACE},  /* serialization_failure */
	    {"40P01", ERR_RACE},  /* deadlock_detected */
	    {"25", ERR_AGAIN},	  /* read only; idle in a transaction for too long since we were stopped */
	    {"28", ERR_AGAIN},	  /* not let in */
	    {"3D000", ERR_AGAIN}, /* the database is being made anew */
	    {"3F000", ERR_AGAIN}, /* a schema or a table that was there when we began: somebody restores it */
	    {"42P01", ERR_AGAIN}, {"42883", ERR_AGAIN},
	    {"42501", ERR_AGAIN}, /* insufficient_privilege: rights are given anew */
	    {"08", ERR_AGAIN},	  /* connection exceptions */
	    {"40", ERR_AGAIN},	  /* transaction rollback */
	    {"53", ERR_AGAIN},	  /* insufficient resources: disk, memory, connections */
	    {"55", ERR_AGAIN},	  /* a lock that is not available, a server in recovery */
	    {"57", ERR_AGAIN},	  /* operator intervention: shutdown, cancel, time-outs */
	    {"58", ERR_AGAIN},	  /* system errors */
	    {"F0", ERR_AGAIN},	  /* configuration files */
	    {"XX", ERR_AGAIN},	  /* internal errors: a broken page, a catalog that changes under us */
	};

	for (size_t i = 0; state && i < sizeof table / sizeof *table; i++)
		if (!strncmp(state, table[i].prefix, strlen(table[i].prefix)))
			return table[i].kind;
	return ERR_FATAL;
}

static int
failed(struct pg *pg, const PGresult *res, struct err *e)
{
	const char *state = PQresultErrorField(res, PG_DIAG_SQLSTATE);
	const char *text = PQresultErrorField(res, PG_DIAG_MESSAGE_PRIMARY);
	const char *hint = PQresultErrorField(res, PG_DIAG_MESSAGE_HINT);

	if (!state)
		return lost(pg, "connection lost", e);
	/* class 22 quotes the value that it dislikes */
	if (!strncmp(state, "22", 2))
		text = "a value was refused";
	return err_set(e, kind_of(state), "postgres: %s (SQLSTATE %s)%s%s", text ? text : "error", state,
	    hint ? "; " : "", hint ? hint : "");
}

/* ---- waiting ---- */

/* Not only where nothing comes: a server that trickles must not keep us from the group either. */
static int
wait_for(struct pg *pg, short events, struct err *e)
{
	struct pollfd p = {.fd = PQsocket(pg->conn), .events = events};
	int n;

	if (p.fd < 0)
		return lost(pg, "connection lost", e);
	do
		n = poll(&p, 1, IDLE_MS);
	while (n < 0 && errno == EINTR);
	if (!pg->idle || (n > 0 && now_ms() - pg->idle_at < IDLE_MS))
		return 0;
	pg->idle_at = now_ms();
	return pg->idle(pg->idle_arg, e);
}

static int
flush(struct pg *pg, struct err *e)
{
	int rc;

	while ((rc = PQflush(pg->conn)) == 1) {
		/* reading meanwhile keeps the server from blocking on its own output */
		if (wait_for(pg, POLLIN | POLLOUT, e) < 0)
			return -1;
		if (!PQconsumeInput(pg->conn))
			return lost(pg, "connection lost", e);
	}
	return rc < 0 ? lost(pg, "connection lost", e) : 0;
}

/* The next result; NULL in *res: none left. */
static int
next(struct pg *pg, PGresult **res, struct err *e)
{
	while (PQisBusy(pg->conn)) {
		if (wait_for(pg, POLLIN, e) < 0)
			return -1;
		if (!PQconsumeInput(pg->conn))
			return lost(pg, "connection lost", e);
	}
	*res = PQgetResult(pg->conn);
	return 0;
}

/* Reads results to the end; keeps the last with rows, and the first error. want: the status that ends early
 * (COPY). */
static int
results(struct pg *pg, ExecStatusType want, PGresult **keep, struct err *e)
{
	int rc = 0;

	for (;;) {
		PGresult *res = NULL;
		ExecStatusType status;

		if (next(pg, &res, e) < 0)
			return -1;
		if (!res)
			return rc;
		status = PQresultStatus(res);
		if (status == PGRES_TUPLES_OK && keep) {
			PQclear(*keep);
			*keep = res;
			continue;
		}
		if (rc == 0 && status != PGRES_TUPLES_OK && status != PGRES_COMMAND_OK && status != want)
			rc = failed(pg, res, e);
		PQclear(res);
		if (status == want && status == PGRES_COPY_IN)
			return rc;
	}
}

/* ---- connection ---- */

/* The values of c with each list of hosts, addresses and ports turned, so that another host is the first. */
static char **
turned(const struct conf *c, unsigned by)
{
	size_t n = 0;
	char **values;

	while (c->pq_names[n])
		n++;
	values = xcalloc(n + 1, sizeof *values);
	for (size_t i = 0; i < n; i++) {
		bool list = !strcmp(c->pq_names[i], "host") || !strcmp(c->pq_names[i], "hostaddr") ||
			    !strcmp(c->pq_names[i], "port");

		values[i] = xstrdup(c->pq_values[i] ? c->pq_values[i] : "");
		for (unsigned k = 0; list && k < by; k++) {
			size_t first = strcspn(values[i], ","), len = strlen(values[i]);
			struct buf b = {0};

			if (first == len)
				break;
			buf_printf(&b, "%s,%.*s", values[i] + first + 1, (int)first, values[i]);
			memcpy(values[i], b.p, len + 1);
			buf_free(&b);
		}
	}
	return values;
}

static PGconn *
start(const struct conf *c, unsigned by)
{
	char **values = turned(c, by);
	PGconn *conn = PQconnectStartParams((const char *const *)c->pq_names, (const char *const *)values, 0);

	for (size_t i = 0; values[i]; i++)
		free(values[i]);
	free(values);
	return conn;
}

/* libpq's own does not hold for asynchronous connecting. */
static int64_t
timeout_ms(const struct conf *c)
{
	long s = 0;

	for (size_t i = 0; c->pq_names[i]; i++)
		if (!strcmp(c->pq_names[i], "connect_timeout") && c->pq_values[i])
			s = strtol(c->pq_values[i], NULL, 10);
	return s > 0 ? 1000 * (int64_t)s : INT64_MAX;
}

static void
silent(void *arg, const PGresult *res)
{
	(void)arg;
	(void)res;
}

static int
connect_start(struct pg *pg, const struct conf *c, struct err *e)
{
	PostgresPollingStatusType status = PGRES_POLLING_WRITING;
	int64_t begin = now_ms(), timeout = timeout_ms(c);

	pg->conn = start(c, pg->first_host);
	if (!pg->conn)
		return err_set(e, ERR_AGAIN, "postgres: no memory for a connection");
	PQsetNoticeReceiver(pg->conn, silent, NULL); /* libpq would write to stderr */
	if (PQstatus(pg->conn) == CONNECTION_BAD)
		return unconnected(pg, e);
	while (status != PGRES_POLLING_OK) {
		if (now_ms() - begin > timeout) {
			const char *host = PQhost(pg->conn);

			pg->first_host++; /* one that is silent must not keep us from the others */
			return err_set(e, ERR_AGAIN,
			    "postgres: cannot connect: no answer from \"%s\" in %" PRId64 " s",
			    host ? host : "", timeout / 1000);
		}
		if (status == PGRES_POLLING_FAILED)
			return unconnected(pg, e);
		if (wait_for(pg, status == PGRES_POLLING_READING ? POLLIN : POLLOUT, e) < 0)
			return -1;
		status = PQconnectPoll(pg->conn);
	}
	return 0;
}

static int
suits(struct pg *pg, struct err *e)
{
	const char *encoding = PQparameterStatus(pg->conn, "server_encoding");

	if (PQserverVersion(pg->conn) < OLDEST)
		return err_set(e, ERR_FATAL, "postgres: version %d is needed, this is %d", OLDEST / 10000,
		    PQserverVersion(pg->conn) / 10000);
	if (!encoding || strcmp(encoding, "UTF8"))
		return err_set(e, ERR_FATAL,
		    "postgres: the database's encoding is %s; make one with ENCODING 'UTF8'",
		    encoding ? encoding : "unknown");
	return 0;
}

int
pg_open(struct pg *pg, const struct conf *c, struct err *e)
{
	struct pg_array schema = {.type = PG_TEXTS};
	int rc;

	rc = connect_start(pg, c, e) < 0 ? -1 : suits(pg, e);
	if (rc == 0) {
		PQsetnonblocking(pg->conn, 1);
		put_text(pg_push(&schema), str_of(c->schema));
		rc = pg_query(pg, sql_session, &schema, 1, NULL, e);
		pg_arrays_free(&schema, 1);
	}
	if (rc < 0)
		pg_close(pg);
	return rc;
}

void
pg_close(struct pg *pg)
{
	PQfinish(pg->conn);
	pg->conn = NULL;
}

int
pg_begin(struct pg *pg, const char *sql, struct err *e)
{
	return pg_exec(pg, pg->trial ? "SAVEPOINT stage" : sql, e);
}

int
pg_commit(struct pg *pg, struct err *e)
{
	return pg_exec(pg, pg->trial ? "RELEASE SAVEPOINT stage" : "COMMIT", e);
}

void
pg_rollback(struct pg *pg)
{
	const char *sql = pg->trial ? "ROLLBACK TO SAVEPOINT stage; RELEASE SAVEPOINT stage" : "ROLLBACK";
	struct err ignored;

	if (!pg->conn)
		return;
	if (PQstatus(pg->conn) == CONNECTION_BAD || PQtransactionStatus(pg->conn) == PQTRANS_ACTIVE) {
		pg_close(pg); /* a statement is still under way: the server ends it with the connection */
		return;
	}
	if (PQtransactionStatus(pg->conn) != PQTRANS_IDLE && pg_exec(pg, sql, &ignored) < 0)
		pg_close(pg);
}

/* ---- statements ---- */

int
pg_query(struct pg *pg, const char *sql, const struct pg_array *arrays, int n, PGresult **res, struct err *e)
{
	enum { MOST = 24 };
	Oid types[MOST] = {0};
	const char *values[MOST] = {0};
	int lengths[MOST] = {0}, formats[MOST] = {0}, sent;
	char fixed[MOST][PG_ARRAY_HEADER];

	if (res)
		*res = NULL;
	if (n > MOST)
		return err_set(e, ERR_FATAL, "postgres: %d parameters", n);
	for (int i = 0; i < n; i++) {
		struct str bytes = pg_array_wire(&arrays[i], fixed[i]);

		types[i] = arrays[i].type;
		values[i] = bytes.p;
		lengths[i] = (int)bytes.len;
		formats[i] = 1;
	}
	sent = n || res ? PQsendQueryParams(pg->conn, sql, n, types, values, lengths, formats, 1)
			: PQsendQuery(pg->conn, sql);
	if (!sent)
		return lost(pg, "connection lost", e);
	if (flush(pg, e) < 0 || results(pg, PGRES_TUPLES_OK, res, e) < 0) {
		if (res) {
			PQclear(*res);
			*res = NULL;
		}
		return -1;
	}
	return 0;
}

int
pg_exec(struct pg *pg, const char *sql, struct err *e)
{
	return pg_query(pg, sql, NULL, 0, NULL, e);
}

/* ---- COPY ---- */

int
pg_copy_begin(struct pg *pg, const char *sql, struct buf *b, struct err *e)
{
	static const char header[19] = "PGCOPY\n\377\r\n"; /* and flags, and no extension */

	if (!PQsendQuery(pg->conn, sql))
		return lost(pg, "connection lost", e);
	if (flush(pg, e) < 0 || results(pg, PGRES_COPY_IN, NULL, e) < 0)
		return -1;
	buf_reset(b);
	buf_put(b, header, sizeof header);
	return 0;
}

void
pg_copy_row(struct buf *b, int fields)
{
	buf_be16(b, (int16_t)fields);
}

static int
send_copy(struct pg *pg, struct buf *b, struct err *e)
{
	if (PQputCopyData(pg->conn, b->p, (int)b->len) != 1)
		return lost(pg, "connection lost", e);
	buf_reset(b);
	return flush(pg, e);
}

int
pg_copy_flush(struct pg *pg, struct buf *b, struct err *e)
{
	return b->len < CHUNK ? 0 : send_copy(pg, b, e);
}

int
pg_copy_end(struct pg *pg, struct buf *b, struct err *e)
{
	buf_be16(b, -1);
	if (send_copy(pg, b, e) < 0)
		return -1;
	if (PQputCopyEnd(pg->conn, NULL) != 1)
		return lost(pg, "connection lost", e);
	return flush(pg, e) < 0 ? -1 : results(pg, PGRES_COMMAND_OK, NULL, e);
}
