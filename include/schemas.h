/*
 * schemas: the writer schemas that are known: our own two by their fingerprints, those of the registry by
 * their ids. A schema of the registry is fetched once, by whichever thread needs it first, compiled, and
 * kept. Shared by all threads.
 */
#ifndef SCHEMAS_H
#define SCHEMAS_H

#include "plan.h"
#include "registry.h"

struct schemas;

/* registry may be NULL: there is none. Not owned. */
struct schemas *schemas_open(struct registry *registry);
void schemas_close(struct schemas *s);

/* What is known of a schema as the writer's of one of our records: a plan, or why there is none. */
struct known {
	const struct plan *plan;
	const char *why; /* lives as long as s */
};

/* Our own schemas: by the eight bytes of the fingerprint, or for bare Avro. */
struct known schemas_by_fingerprint(const struct schemas *s, const void *fingerprint, enum plan_of of);
struct known schemas_own(const struct schemas *s, enum plan_of of);

/* By the registry's id; false where it was not fetched yet. */
bool schemas_by_id(struct schemas *s, int32_t id, enum plan_of of, struct known *known);

/* Fetches an id unless it is known. 0: it is known now; 1: the registry says that there is none; -1:
 * ERR_AGAIN. wait is called while the registry, or another thread that asks it, takes its time. */
int schemas_fetch(struct schemas *s, int32_t id, registry_wait_fn *wait, void *wait_arg, struct err *e);

#endif
