/* database: is the schema there and of our version, and are the settings in it ours? */
#ifndef DATABASE_H
#define DATABASE_H

#include "match.h"
#include "pg.h"

/* The version this program needs, and the one the database has: 0 where nothing was migrated. */
int database_needs(void);
int database_version(struct pg *pg, int *version, struct err *e);

/*
 * Creates or upgrades the schema and keeps the settings that decide results. Each step is told on stdout.
 * Migrations that are there already are left alone; a changed setting is told, with what follows from it.
 */
int database_migrate(struct pg *pg, const struct conf *c, struct err *e);

/* What run needs: our version, our settings; fills the secret. ERR_FATAL says which command helps. */
int database_check(struct pg *pg, const struct conf *c, struct match_secret *secret, struct err *e);

#endif
