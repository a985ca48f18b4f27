#include "database.h"

#include "embed.h"

#include <inttypes.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>

/* The settings that decide results, as text: what migrate keeps and run compares. */
#define TOLERANCE "resolve.clock.tolerance.ms"
#define SKEW	  "resolve.skew.min.ms"
#define KEY_ID	  "resolve.key.id"

int
database_needs(void)
{
	int version = 0;

	for (const struct migration *m = migrations; m->sql; m++)
		version = m->version;
	return version;
}

/* Runs a statement whose parameters are one text each; b may be NULL. */
static int
query_texts(struct pg *pg, const char *sql, const char *a, const char *b, struct err *e)
{
	struct pg_array texts[2] = {{.type = PG_TEXTS}, {.type = PG_TEXTS}};
	int rc;

	put_text(pg_push(&texts[0]), str_of(a));
	put_text(pg_push(&texts[1]), str_of(b));
	rc = pg_query(pg, sql, texts, b ? 2 : 1, NULL, e);
	pg_arrays_free(texts, 2);
	return rc;
}

int
database_version(struct pg *pg, int *version, struct err *e)
{
	PGresult *res;
	bool exists;

	*version = 0;
	if (pg_query(pg, sql_migration_exists, NULL, 0, &res, e) < 0)
		return -1;
	exists = get_bool(res, 0, 0);
	PQclear(res);
	if (!exists)
		return 0;
	if (pg_query(pg, sql_migration_version, NULL, 0, &res, e) < 0)
		return -1;
	if (!get_null(res, 0, 0))
		*version = (int)get_int8(res, 0, 0);
	PQclear(res);
	return 0;
}

/* ---- settings ---- */

static void
copy_text(char *to, size_t size, struct str s)
{
	snprintf(to, size, "%.*s", STR_FMT(s));
}

/* Empty where there is none. */
static int
settings_read(struct pg *pg, struct settings *s, struct err *e)
{
	PGresult *res;

	*s = (struct settings){.tolerance_ms = 0};
	if (pg_query(pg, sql_setting_list, NULL, 0, &res, e) < 0)
		return -1;
	for (int i = 0; i < PQntuples(res); i++) {
		struct str name = get_text(res, i, 0), value = get_text(res, i, 1);

		if (str_is(name, TOLERANCE))
			copy_text(s->tolerance, sizeof s->tolerance, value);
		else if (str_is(name, SKEW))
			copy_text(s->skew, sizeof s->skew, value);
		else if (str_is(name, KEY_ID))
			copy_text(s->key_id, sizeof s->key_id, value);
	}
	PQclear(res);
	return 0;
}

/* The key that the database keeps, malloc'ed, or NULL. */
static int
secret_read(struct pg *pg, char **key, struct err *e)
{
	PGresult *res;

	*key = NULL;
	if (pg_query(pg, sql_secret_get, NULL, 0, &res, e) < 0)
		return -1;
	if (PQntuples(res) == 1)
		*key = strndup(get_text(res, 0, 0).p, get_text(res, 0, 0).len);
	PQclear(res);
	return 0;
}

static void
settings_of_conf(struct settings *s, const struct conf *c, const char *key)
{
	struct match_secret secret;

	s->tolerance_ms = c->tolerance_ms;
	snprintf(s->tolerance, sizeof s->tolerance, "%" PRId64, c->tolerance_ms);
	snprintf(s->skew, sizeof s->skew, "%" PRId64, c->skew_min_ms);
	s->key_id[0] = '\0';
	if (key) {
		match_secret_init(&secret, str_of(key));
		snprintf(s->key_id, sizeof s->key_id, "%s", secret.id);
	}
}

/* ---- migrate ---- */

static int
apply(struct pg *pg, const struct migration *m, struct err *e)
{
	struct pg_array a[] = {{.type = PG_INT4S}, {.type = PG_TEXTS}};
	int rc, has;

	put_int4(pg_push(&a[0]), m->version);
	put_text(pg_push(&a[1]), str_of(m->name));
	rc = pg_begin(pg, sql_migration_begin, e);
	if (rc == 0)
		rc = database_version(pg, &has, e);
	if (rc == 0 && has < m->version) { /* nobody else was quicker */
		rc = pg_exec(pg, m->sql, e);
		if (rc == 0)
			rc = pg_query(pg, sql_migration_add, a, 2, NULL, e);
		if (rc == 0)
			printf("%s: applied\n", m->name);
	}
	if (rc == 0)
		rc = pg_commit(pg, e);
	else
		pg_rollback(pg);
	pg_arrays_free(a, 2);
	return rc < 0 ? err_wrap(e, "%s", m->name) : 0;
}

static int
is_empty(struct pg *pg, bool *empty, struct err *e)
{
	PGresult *res;

	if (pg_query(pg, sql_database_empty, NULL, 0, &res, e) < 0)
		return -1;
	*empty = get_bool(res, 0, 0);
	PQclear(res);
	return 0;
}

/* Keeps the matching key, or what names it: once anything is stored it stays as it is. */
static int
migrate_key(struct pg *pg, const struct conf *c, const struct settings *old, struct err *e)
{
	char *kept = NULL, fresh[2 * 32 + 1];
	unsigned char random_bytes[32];
	const char *key = c->resolve_key;
	struct settings ours;
	bool empty = true;
	int rc;

	if (secret_read(pg, &kept, e) < 0)
		return -1;
	if (!key)
		key = kept;
	if (!key && !old->key_id[0]) {
		randombytes_buf(random_bytes, sizeof random_bytes);
		key = sodium_bin2hex(fresh, sizeof fresh, random_bytes, sizeof random_bytes);
		printf("resolve.key: made one; it stays in the database\n");
	}
	settings_of_conf(&ours, c, key);
	rc = old->key_id[0] ? is_empty(pg, &empty, e) : 0;
	if (rc == 0 && !key) {
		rc = err_set(e, ERR_CONFIG,
		    "resolve.key is missing: this database was made with one that is configured, not kept");
	} else if (rc == 0 && old->key_id[0] && strcmp(old->key_id, ours.key_id)) {
		if (!empty)
			rc = err_set(e, ERR_CONFIG,
			    "resolve.key is not the one that the stored data was matched with; it can be "
			    "changed only while the database is empty");
		else
			printf("resolve.key: changed\n");
	}
	if (rc == 0)
		rc = query_texts(pg, sql_secret_set, c->resolve_key ? NULL : key, NULL, e);
	if (rc == 0)
		rc = query_texts(pg, sql_setting_set, KEY_ID, ours.key_id, e);
	free(kept);
	return rc;
}

static int
migrate_setting(struct pg *pg, const char *name, const char *old, const char *ours, struct err *e)
{
	bool empty = true;

	if (!strcmp(old, ours))
		return 0;
	if (old[0]) {
		if (is_empty(pg, &empty, e) < 0)
			return -1;
		printf("%s: %s, was %s%s\n", name, ours, old,
		    empty ? ""
			  : "; what is stored was resolved with the old value until 'afterword audit --fix' "
			    "settles it again");
	}
	return query_texts(pg, sql_setting_set, name, ours, e);
}

static int
migrate_settings(struct pg *pg, const struct conf *c, struct err *e)
{
	struct settings old, ours;

	settings_of_conf(&ours, c, NULL);
	if (pg_begin(pg, sql_migration_begin, e) < 0 || settings_read(pg, &old, e) < 0 ||
	    migrate_setting(pg, TOLERANCE, old.tolerance, ours.tolerance, e) < 0 ||
	    migrate_setting(pg, SKEW, old.skew, ours.skew, e) < 0 || migrate_key(pg, c, &old, e) < 0 ||
	    pg_commit(pg, e) < 0) {
		pg_rollback(pg);
		return -1;
	}
	return 0;
}

int
database_migrate(struct pg *pg, const struct conf *c, struct err *e)
{
	int version;

	if (pg_begin(pg, sql_migration_begin, e) < 0 || pg_exec(pg, sql_migration_schema, e) < 0 ||
	    pg_commit(pg, e) < 0) {
		pg_rollback(pg);
		return err_wrap(e, "schema \"%s\"", c->schema);
	}
	if (database_version(pg, &version, e) < 0)
		return -1;
	for (const struct migration *m = migrations; m->sql; m++)
		if (m->version > version && apply(pg, m, e) < 0)
			return -1;
	if (migrate_settings(pg, c, e) < 0)
		return -1;
	if (database_version(pg, &version, e) < 0)
		return -1;
	printf("schema \"%s\" is at version %d\n", c->schema, version);
	return 0;
}

/* ---- check ---- */

static int
differs(const char *name, const char *ours, const char *theirs, struct err *e)
{
	return err_set(e, ERR_FATAL,
	    "%s is %s here and %s in the database, and results depend on it; 'afterword migrate' changes it "
	    "there, and "
	    "'afterword audit --fix' then settles everything again",
	    name, ours, theirs);
}

int
database_check(struct pg *pg, const struct conf *c, struct settings *settings, struct match_secret *secret,
    struct err *e)
{
	struct settings theirs, ours;
	char *kept = NULL;
	const char *key;
	int version, rc = 0;

	if (database_version(pg, &version, e) < 0)
		return -1;
	if (version < database_needs())
		return err_set(e, ERR_FATAL,
		    "schema \"%s\" is at version %d and this program needs %d; run 'afterword migrate'",
		    c->schema, version, database_needs());
	if (version > database_needs())
		return err_set(e, ERR_FATAL,
		    "schema \"%s\" is at version %d and this program knows %d; install the newer program",
		    c->schema, version, database_needs());
	if (settings_read(pg, &theirs, e) < 0 || secret_read(pg, &kept, e) < 0)
		return -1;
	key = c->resolve_key ? c->resolve_key : kept;
	settings_of_conf(&ours, c, key);
	if (strcmp(ours.tolerance, theirs.tolerance))
		rc = differs(TOLERANCE, ours.tolerance, theirs.tolerance, e);
	else if (strcmp(ours.skew, theirs.skew))
		rc = differs(SKEW, ours.skew, theirs.skew, e);
	else if (!key)
		rc = err_set(e, ERR_FATAL,
		    "resolve.key is missing: this database was made with one that is configured, not kept");
	else if (strcmp(ours.key_id, theirs.key_id))
		rc = err_set(e, ERR_FATAL,
		    "resolve.key is not the one that the database was made with (id %s here, %s there); "
		    "'afterword migrate' can "
		    "change it only while the database is empty",
		    ours.key_id, theirs.key_id);
	else
		match_secret_init(secret, str_of(key));
	*settings = ours;
	free(kept);
	return rc;
}

int
database_resolving(struct pg *pg, const struct settings *settings, struct err *e)
{
	struct settings now;

	/* looked at under the lock: whoever changes them and then waits for the lock finds us done or warned
	 */
	if (pg_begin(pg, sql_resolving_begin, e) < 0 || settings_read(pg, &now, e) < 0)
		return -1;
	if (!now.tolerance[0] || !now.skew[0] || !now.key_id[0])
		return err_set(e, ERR_AGAIN, "postgres: table \"setting\" is empty");
	if (strcmp(now.tolerance, settings->tolerance) || strcmp(now.skew, settings->skew) ||
	    strcmp(now.key_id, settings->key_id))
		return err_set(e, ERR_FATAL,
		    "the settings that results depend on were changed in the database by 'afterword "
		    "migrate'; "
		    "start again with the new ones");
	return 0;
}
