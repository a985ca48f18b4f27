#include "conf.h"

#include "arena.h"
#include "buf.h"
#include "log.h"
#include "options.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define COUNT(array) (sizeof(array) / sizeof *(array))

/* What a file has said so far. */
struct seen {
	char **name;
	size_t *line, n;
};

static char *
trim(char *s)
{
	static const char space[] = " \t\r\v\f";
	size_t n;

	s += strspn(s, space);
	for (n = strlen(s); n > 0 && strchr(space, s[n - 1]); n--)
		s[n - 1] = '\0';
	return s;
}

/* Cuts "name = value" in two. */
static int
cut(char *line, char **name, char **value, struct err *e)
{
	char *equals = strchr(line, '=');

	if (!equals)
		return err_set(e, ERR_CONFIG, "no \"=\" between name and value");
	*equals = '\0';
	*name = trim(line);
	*value = trim(equals + 1);
	if (**name == '\0')
		return err_set(e, ERR_CONFIG, "no name before the \"=\"");
	return 0;
}

/* Notes that the file has the name in this line; an error where it had it before. */
static int
first_time(struct seen *seen, const char *name, size_t line, struct err *e)
{
	for (size_t i = 0; i < seen->n; i++)
		if (!strcmp(seen->name[i], name))
			return err_set(
			    e, ERR_CONFIG, "\"%s\" was given in line %zu already", name, seen->line[i]);
	seen->name = xrealloc(seen->name, (seen->n + 1) * sizeof *seen->name);
	seen->line = xrealloc(seen->line, (seen->n + 1) * sizeof *seen->line);
	seen->name[seen->n] = xstrdup(name);
	seen->line[seen->n++] = line;
	return 0;
}

static int
take_line(struct loading *l, struct seen *seen, char *text, size_t line, struct err *e)
{
	char *name = text, *value = text;
	int rc;

	text = trim(text);
	if (*text == '\0' || *text == '#')
		return 0;
	if (cut(text, &name, &value, e) < 0)
		return -1;
	rc = option_set(l, name, value, e);
	if (rc == OPTION_UNKNOWN)
		return option_unknown(l, name, e);
	return rc < 0 ? rc : first_time(seen, name, line, e);
}

static int
take_file(struct loading *l, const char *path, struct err *e)
{
	struct buf file = {0};
	struct seen seen = {0};
	size_t line = 0;
	char *at, *end;
	int rc = option_file(path, &file, e);

	at = file.p;
	end = file.p + file.len;
	if (rc == 0 && file.len >= 3 && !memcmp(at, "\xef\xbb\xbf", 3)) /* some editors begin so */
		at += 3;
	while (rc == 0 && at < end) {
		char *eol = memchr(at, '\n', (size_t)(end - at));

		eol = eol ? eol : end;
		line++;
		*eol = '\0';
		if (memchr(at, '\0', (size_t)(eol - at)))
			rc = err_set(e, ERR_CONFIG, "a zero byte: not a text file");
		else
			rc = take_line(l, &seen, at, line, e);
		if (rc < 0)
			err_wrap(e, "%s:%zu", path, line);
		at = eol + 1;
	}
	for (size_t i = 0; i < seen.n; i++)
		free(seen.name[i]);
	free(seen.name);
	free(seen.line);
	buf_free(&file);
	return rc;
}

/* BATCH_MAX_EVENTS: batch.max.events; POSTGRES_CONNECT_TIMEOUT: postgres.connect_timeout. */
static void
name_of_variable(char *name)
{
	bool dots = true;

	for (char *p = name; *p; p++) {
		if (*p == '_' && dots) {
			*p = '.';
			dots = strncmp(name, "postgres.", 9) != 0;
		} else {
			*p = (char)tolower((unsigned char)*p);
		}
	}
}

static int
take_environment(struct loading *l, struct err *e)
{
	static const char prefix[] = "AFTERWORD_";
	int rc = 0;

	for (char **p = environ; rc == 0 && p && *p; p++) {
		char *variable, *equals, *name;

		if (strncmp(*p, prefix, sizeof prefix - 1) != 0 || !strchr(*p, '='))
			continue;
		variable = xstrdup(*p);
		equals = strchr(variable, '=');
		*equals = '\0';
		name = xstrdup(variable + sizeof prefix - 1);
		name_of_variable(name);
		rc = option_set(l, name, trim(equals + 1), e);
		if (rc == OPTION_UNKNOWN) {
			log_warn("%s in the environment is no option of ours", variable);
			rc = 0;
		} else if (rc < 0) {
			err_wrap(e, "%s", variable);
		}
		free(name);
		free(variable);
	}
	return rc;
}

static int
take_set(struct loading *l, const char *set, struct err *e)
{
	char *copy = xstrdup(set), *name = copy, *value = copy;
	int rc = cut(copy, &name, &value, e);

	if (rc < 0) {
		err_wrap(e, "-o %.*s", (int)strspn(set, "abcdefghijklmnopqrstuvwxyz0123456789._="), set);
	} else {
		rc = option_set(l, name, value, e);
		if (rc == OPTION_UNKNOWN)
			rc = option_unknown(l, name, e);
		if (rc < 0) /* values are repeated only where they are ours and no secret */
			option_shown(name) ? err_wrap(e, "-o %s=%s", name, value)
					   : err_wrap(e, "-o %s", name);
	}
	free(copy);
	return rc;
}

static int
same_topic(const char *name, const char *other, const char *topic, struct err *e)
{
	return err_set(e, ERR_CONFIG, "topics.%s and topics.%s are both \"%s\"", name, other, topic);
}

/* What only the whole can tell. */
static int
finish(struct conf *c, struct err *e)
{
	c->brokers = option_kafka(c->kafka, "bootstrap.servers");
	c->group_id = option_kafka(c->kafka, "group.id");
	if (!c->brokers || *c->brokers == '\0')
		return err_set(e, ERR_CONFIG, "kafka.bootstrap.servers is empty");
	if (!c->group_id || *c->group_id == '\0')
		return err_set(e, ERR_CONFIG, "kafka.group.id is empty");
	if (!strcmp(c->topic_interactions, c->topic_feedback))
		return same_topic("interactions", "feedback", c->topic_feedback, e);
	if (!strcmp(c->topic_dlq, c->topic_feedback))
		return same_topic("dlq", "feedback", c->topic_dlq, e);
	if (!strcmp(c->topic_dlq, c->topic_interactions))
		return same_topic("dlq", "interactions", c->topic_dlq, e);
	return 0;
}

static int
take_all(struct loading *l, const struct conf_args *args, struct err *e)
{
	if (option_defaults(l, e) < 0)
		return -1;
	if (args->file && take_file(l, args->file, e) < 0)
		return -1;
	if (take_environment(l, e) < 0)
		return -1;
	for (size_t i = 0; i < args->nsets; i++)
		if (take_set(l, args->sets[i], e) < 0)
			return -1;
	return finish(l->c, e);
}

int
conf_open(struct conf *c, const struct conf_args *args, struct err *e)
{
	struct loading l = {.c = c, .pq = PQconndefaults()};
	int rc;

	*c = (struct conf){.kafka = rd_kafka_conf_new()};
	rc = l.pq ? take_all(&l, args, e) : err_set(e, ERR_FATAL, "libpq does not tell its options");
	PQconninfoFree(l.pq);
	if (rc < 0)
		conf_close(c);
	return rc;
}

void
conf_close(struct conf *c)
{
	char *texts[] = {c->group_id, c->group_instance_id, c->brokers, c->topic_interactions,
	    c->topic_feedback, c->topic_dlq, c->registry_url, c->schema, c->resolve_key, c->pii_keep,
	    c->pii_known, c->pii_entities, c->pii_countries, c->pii_operator, c->pii_key, c->pii_key_id,
	    c->pii_allow, c->pii_deny, c->pii_rules, c->log_level};

	for (size_t i = 0; i < COUNT(texts); i++)
		free(texts[i]);
	for (size_t i = 0; c->pq_names && c->pq_names[i]; i++) {
		free(c->pq_names[i]);
		free(c->pq_values[i]);
	}
	free(c->pq_names);
	free(c->pq_values);
	if (c->kafka)
		rd_kafka_conf_destroy(c->kafka);
	*c = (struct conf){0};
}
