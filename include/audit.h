/*
 * audit: is what is stored what section 3 of the contract says? Everything is resolved again by the views
 * audit and audit_match_key (schemas/sql), part by part, and what differs is listed; it can be repaired.
 *
 * Beside a working pool an event may differ because it is about to be settled. So what differs is looked at
 * again after every session that was settling has finished, and counts only if nothing has become of it.
 */
#ifndef AUDIT_H
#define AUDIT_H

#include "database.h"
#include "pg.h"

#include <stdio.h>

#define AUDIT_PARTS 1024 /* of audit_part() */

struct audit {
	struct pg *pg; /* open */
	const struct settings *settings;
	FILE *out; /* a line for each row that differs */
	bool fix;
	int steps; /* how many steps each of the two views is looked at in, up to AUDIT_PARTS; 0: by size */

	int64_t events, interactions; /* looked at */
	int64_t differing;
	int64_t left; /* of those, not repaired */

	int part, parts; /* how far it is: parts done, of all */
};

/* Looks at everything. 0, or -1 and e: then what was found and repaired until then holds. */
int audit_run(struct audit *a, struct err *e);

#endif
