/*
 * conf: the configuration: worker.conf, then the environment, then -o, each over the one before.
 *
 * A file holds `name = value` lines; '#' starts a comment at the start of a line; white space around name and
 * value is dropped. An unknown name, a bad value or a name given twice is an ERR_CONFIG that names file and
 * line
 * ("worker.conf:12: ..."), the variable, or the -o. A near miss is suggested.
 *
 * Environment: AFTERWORD_ and the name in capitals with '.' as '_' (AFTERWORD_BATCH_MAX_EVENTS). For kafka.*
 * each
 * '_' after the prefix stands for '.'; for postgres.* it stays. An AFTERWORD_ variable that is no option is
 * only warned about, since orchestrators add variables of their own (AFTERWORD_SERVICE_HOST).
 *
 * kafka.* goes to librdkafka as it is, postgres.* to libpq; both are checked against what the library knows.
 * A secret may be `file:/path`: the file's content without its last newline.
 */
#ifndef CONF_H
#define CONF_H

#include "err.h"

#include <librdkafka/rdkafka.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

struct conf {
	rd_kafka_conf_t *kafka; /* base of every client: kafka.* and nothing else; owned */
	char **pq_names;	/* libpq keywords and values, NULL at the end of both; owned */
	char **pq_values;
	char *group_id;		 /* kafka.group.id, default "afterword" */
	char *group_instance_id; /* kafka.group.instance.id or NULL; each consumer adds "-N" */
	char *brokers;		 /* kafka.bootstrap.servers, for messages */

	char *topic_interactions, *topic_feedback, *topic_dlq;
	char *registry_url; /* NULL: no registry */
	bool decode_bare;
	char *schema;
	int64_t workers;
	int64_t tolerance_ms; /* resolve.clock.tolerance.ms */
	int64_t skew_min_ms;  /* resolve.skew.min.ms, -1: never correct */
	char *resolve_key;    /* NULL: the database's own */
	int64_t batch_max_events, batch_max_bytes, batch_max_wait_ms;
	int64_t dlq_max_consecutive; /* 0: off, as the next */
	double dlq_max_ratio;
	int64_t limit_copy_chars, limit_comment_chars;
	char *pii_keep;	 /* pii.attributes.keep: names, separated by commas */
	char *pii_known; /* pii.known.attributes, likewise */
	char *pii_entities, *pii_countries, *pii_operator, *pii_key, *pii_key_id; /* pii.h */
	char *pii_allow, *pii_deny, *pii_rules;					  /* files; NULL: none */
	bool pii_aggressive;
	char *log_level;
};

/* Where a command's configuration comes from. */
struct conf_args {
	const char *file;	 /* -c, or NULL */
	const char *const *sets; /* -o name=value, in order */
	size_t nsets;
};

/* All or nothing: on an error nothing is left to close. */
int conf_open(struct conf *c, const struct conf_args *args, struct err *e);
void conf_close(struct conf *c);

/* Is its value not to be shown? */
bool conf_secret(const char *name);

/* Every option with its default and its sentence, in the form of worker.conf. */
void conf_help(FILE *out);

#endif
