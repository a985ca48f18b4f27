/* options: the table of all options, and how a value of one is checked and put into the configuration. */
#ifndef OPTIONS_H
#define OPTIONS_H

#include "buf.h"
#include "conf.h"

#include <libpq-fe.h>

/* A configuration that is being put together. */
struct loading {
	struct conf *c;
	PQconninfoOption *pq; /* what libpq knows */
};

/* One setting, wherever it comes from. OPTION_UNKNOWN: nobody knows the name. */
#define OPTION_UNKNOWN 1
int option_set(struct loading *l, const char *name, const char *value, struct err *e);

/* That a name is unknown, and which is near: always -1. */
int option_unknown(const struct loading *l, const char *name, struct err *e);

/* All defaults. */
int option_defaults(struct loading *l, struct err *e);

/* May its value be repeated in a message? Only where it is ours and no secret. */
bool option_shown(const char *name);

/* What librdkafka made of an option, to be freed; NULL where it has none. */
char *option_kafka(const rd_kafka_conf_t *kafka, const char *name);

/* All of a file, a configuration or a secret, and a NUL behind it. */
int option_file(const char *path, struct buf *out, struct err *e);

#endif
