/* database: is the schema there and of our version, and are the settings in it ours? */
#ifndef DATABASE_H
#define DATABASE_H

#include "match.h"
#include "pg.h"

/* The settings that decide results, as `migrate` keeps them; see there. */
struct settings {
	char tolerance[32], skew[32]; /* resolve.clock.tolerance.ms, resolve.skew.min.ms */
	char key_id[32];	      /* names resolve.key */
	int64_t tolerance_ms;
};

/* The version this program needs, and the one the database has: 0 where nothing was migrated. */
int database_needs(void);
int database_version(struct pg *pg, int *version, struct err *e);

/*
 * Creates or upgrades the schema and keeps the settings that decide results. Each step is told on stdout.
 * Migrations that are there already are left alone; a changed setting is told, with what follows from it.
 */
int database_migrate(struct pg *pg, const struct conf *c, struct err *e);

/* What run needs: our version, our settings; fills both. ERR_FATAL says which command helps. */
int database_check(struct pg *pg, const struct conf *c, struct settings *settings,
    struct match_secret *secret, struct err *e);

/*
 * Begins a transaction that resolves (resolving_begin.sql). ERR_FATAL where somebody has changed the settings
 * since database_check: nothing more may be resolved by the old ones.
 */
int database_resolving(struct pg *pg, const struct settings *settings, struct err *e);

#endif
