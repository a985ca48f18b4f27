/*
 * registry: a schema registry with Confluent's API (contract, sections 2 and 6), asked once per call: nothing
 * is kept and nothing is tried again here. One registry serves all threads.
 *
 * A registry that cannot be asked is an ERR_AGAIN that names its url (without user and password) and what
 * happened: not reached, no answer in 10 s, any status but the ones named below, or an answer that is not the
 * API's.
 */
#ifndef REGISTRY_H
#define REGISTRY_H

#include "err.h"

#include <stdint.h>

struct registry;

enum registry_answer {
	REGISTRY_FOUND,
	REGISTRY_NO_SUCH_ID, /* 404; registries lag, so ask again before believing it */
	REGISTRY_NOT_AVRO    /* another schema type, or a schema in pieces (references) */
};

/*
 * url: http:// or https://, user:password@ if need be, the base of the API. Anything else is an ERR_CONFIG.
 * Asks nothing yet.
 */
int registry_open(struct registry **r, const char *url, struct err *e);
void registry_close(struct registry *r);

/* Waits ms milliseconds, about, and does what its owner has to do meanwhile; -1: give up. */
typedef int registry_wait_fn(void *arg, int ms, struct err *e);

/*
 * *schema_json: the schema's text, for the caller to free, where the answer is REGISTRY_FOUND; else NULL.
 * wait is called about once a second until there is an answer.
 */
int registry_fetch(struct registry *r, int32_t id, enum registry_answer *answer, char **schema_json,
    registry_wait_fn *wait, void *wait_arg, struct err *e);

/* Makes sure that the subject has this schema. A schema that the registry refuses (409, 422) is an ERR_FATAL.
 */
int registry_register(
    struct registry *r, const char *subject, const char *schema_json, int32_t *id, struct err *e);

/* Is there a registry? */
int registry_ping(struct registry *r, struct err *e);

#endif
