#include "line.h"

#include "attributes.h"
#include "buf.h"
#include "cmd.h"
#include "stamp.h"

#include <jansson.h>
#include <sodium.h>
#include <stdlib.h>

#define STRICT (JSON_REJECT_DUPLICATES | JSON_ALLOW_NUL)

#define NO_SLUG (-1)

/* "metadata.timestamp" */
static const char *
path_of(const struct field *f, struct arena *a)
{
	return f->group ? arena_printf(a, "%s.%s", f->group, f->name) : f->name;
}

static bool
key_twice(struct str json)
{
	json_error_t why;
	json_t *j = json_loadb(json.p, json.len, STRICT | JSON_DECODE_INT_AS_REAL, &why);
	bool twice = !j && json_error_code(&why) == json_error_duplicate_key;

	json_decref(j);
	return twice;
}

/* ---- from JSON to the record ---- */

static const char *
symbols(const struct field *f, struct arena *a)
{
	const char *list = f->names[0];

	for (size_t i = 1; i < f->n_names; i++)
		list = arena_printf(a, "%s, %s", list, f->names[i]);
	return arena_printf(a, "one of %s", list);
}

/* What a field takes, for "x must be ...". */
static const char *
takes(const struct field *f, struct arena *a)
{
	static const char *const names[] = {
	    [FIELD_TEXT] = "a string",
	    [FIELD_TEXT_OR_NULL] = "a string",
	    [FIELD_ATTRIBUTES] = "an object, or a string that holds one",
	    [FIELD_LONG] = "a whole number of 64 bits",
	    [FIELD_TIME] = "an RFC 3339 time or whole microseconds",
	    [FIELD_TIME_OR_NULL] = "an RFC 3339 time or whole microseconds",
	    [FIELD_INT_OR_NULL] = "a whole number of 32 bits",
	    [FIELD_REAL_OR_NULL] = "a number",
	    [FIELD_BOOL] = "true or false",
	};

	return f->type == FIELD_ENUM ? symbols(f, a) : names[f->type];
}

static bool
whole(const json_t *j, int64_t *out)
{
	double real = json_real_value(j);

	if (json_is_integer(j))
		*out = json_integer_value(j);
	else if (json_is_real(j) && real >= -0x1p53 && real <= 0x1p53 && real == (double)(int64_t)real)
		*out = (int64_t)real;
	else
		return false;
	return true;
}

static bool
symbol(const struct field *f, const json_t *j, int32_t *out)
{
	for (size_t i = 0; json_is_string(j) && i < f->n_names; i++)
		if (!strcmp(json_string_value(j), f->names[i])) {
			*out = (int32_t)i;
			return true;
		}
	return false;
}

static bool
text_value(const json_t *j, struct str *out, struct arena *a)
{
	if (json_is_string(j))
		*out = arena_dup(a, (struct str){json_string_value(j), json_string_length(j)});
	return json_is_string(j);
}

static bool
small(const json_t *j, int32_t *out)
{
	int64_t n;

	if (!whole(j, &n) || n < INT32_MIN || n > INT32_MAX)
		return false;
	*out = (int32_t)n;
	return true;
}

static const char *
bad_stamp(const json_t *j, int64_t *out)
{
	if (!json_is_string(j)) /* the number that stands for no time is no time that could be meant */
		return whole(j, out) && *out != STAMP_NONE ? NULL : "not a time";
	return stamp_parse((struct str){json_string_value(j), json_string_length(j)}, out);
}

/* Sets one field from a value that is not null; false: it is not of the right kind. */
static bool
set_field(const struct field *f, const json_t *j, void *record, struct arena *a)
{
	void *at = field_in(f, record);

	switch (f->type) {
	case FIELD_TEXT:
	case FIELD_TEXT_OR_NULL:
	case FIELD_ATTRIBUTES:
		return text_value(j, at, a);
	case FIELD_LONG:
		return whole(j, at);
	case FIELD_TIME:
	case FIELD_TIME_OR_NULL:
		return bad_stamp(j, at) == NULL;
	case FIELD_INT_OR_NULL:
		return *field_has(f, record) = small(j, at);
	case FIELD_REAL_OR_NULL:
		*(double *)at = json_number_value(j);
		return *field_has(f, record) = json_is_number(j);
	case FIELD_BOOL:
		*(bool *)at = json_is_true(j);
		return json_is_boolean(j);
	case FIELD_ENUM:
		return symbol(f, j, at);
	}
	return false;
}

static const char *
set_fields(const struct record *type, const json_t *root, void *record, struct arena *a)
{
	for (size_t i = 0; i < type->n_fields; i++) {
		const struct field *f = &type->fields[i];
		const json_t *object = f->group ? json_object_get(root, f->group) : root;
		const json_t *j = json_object_get(object, f->name);

		if (object && !json_is_null(object) && !json_is_object(object))
			return arena_printf(a, "%s must be an object", f->group);
		if (!j || json_is_null(j) || set_field(f, j, record, a))
			continue;
		if (json_is_string(j) && (f->type == FIELD_TIME || f->type == FIELD_TIME_OR_NULL))
			return arena_printf(a, "%s: %s", path_of(f, a), bad_stamp(j, field_in(f, record)));
		return arena_printf(a, "%s must be %s", path_of(f, a), takes(f, a));
	}
	return NULL;
}

/* A name from the line, fit to be shown. */
static const char *
shown(const char *group, const char *name, struct arena *a)
{
	char *s = arena_printf(a, "%s%s%.64s", group ? group : "", group ? "." : "", name);

	for (char *p = s; *p; p++)
		if ((unsigned char)*p < ' ' || *p == 0x7f)
			*p = '?';
	return s;
}

/* "unknown field", and what may have been meant: the same name elsewhere, or a similar one here. */
static const char *
unknown(const struct record *type, const char *group, const char *name, struct arena *a)
{
	const char *here[32], *near, *what = shown(group, name, a);
	size_t n = 0;

	for (size_t i = 0; i < type->n_fields; i++) {
		const struct field *f = &type->fields[i];

		if (!strcmp(f->name, name))
			return arena_printf(
			    a, "unknown field \"%s\"; did you mean \"%s\"?", what, path_of(f, a));
		if ((f->group == NULL) == (group == NULL) && (!group || !strcmp(group, f->group)))
			here[n++] = path_of(f, a);
		else if (!group && (n == 0 || here[n - 1] != f->group))
			here[n++] = f->group;
	}
	near = cmd_nearest(what, here, n);
	if (near)
		return arena_printf(a, "unknown field \"%s\"; did you mean \"%s\"?", what, near);
	return arena_printf(a, "unknown field \"%s\"", what);
}

static bool
known(const struct record *type, const char *group, const char *name, bool *is_group)
{
	*is_group = false;
	for (size_t i = 0; i < type->n_fields; i++) {
		const struct field *f = &type->fields[i];
		bool here = group ? f->group && !strcmp(f->group, group) : !f->group;

		if (here && !strcmp(f->name, name))
			return true;
		if (!group && f->group && !strcmp(f->group, name))
			return *is_group = true;
	}
	return false;
}

static const char *
unknown_fields(const struct record *type, const char *group, json_t *object, struct arena *a)
{
	const char *name, *why;
	json_t *j;
	bool is_group;

	json_object_foreach(object, name, j)
	{
		if (!known(type, group, name, &is_group))
			return unknown(type, group, name, a);
		if (is_group && (why = unknown_fields(type, name, j, a)))
			return why;
	}
	return NULL;
}

/* What the schema has no default for, and the rules of the worker do not ask for either. */
static const char *
missing(const struct line *l)
{
	if (l->type != &record_event)
		return NULL;
	if (l->as.ev.slug == NO_SLUG)
		return "feedback.slug is missing";
	if (l->as.ev.timestamp == STAMP_NONE)
		return "metadata.timestamp is missing";
	return NULL;
}

/* "'}' expected at byte 17"; jansson goes on to quote what it saw. */
static const char *
not_json(const json_error_t *why, struct arena *a)
{
	const char *near = strstr(why->text, " near ");
	int n = near ? (int)(near - why->text) : (int)strlen(why->text);

	return arena_printf(a, "not JSON: %.*s at byte %d", n, why->text, why->position);
}

static const char *
read_json(struct line *l, struct str text, struct arena *a)
{
	char *copy = (char *)arena_dup(a, text).p;
	struct str attributes, *at;
	json_error_t why_not;
	const char *why = attributes_cut(l->type, copy, text.len, &attributes, a);
	json_t *root;

	if (why)
		return why;
	if (attributes.p && key_twice(attributes))
		return "attributes name a key twice";
	root = json_loadb(copy, text.len, STRICT | JSON_DECODE_ANY, &why_not);
	if (!root)
		return not_json(&why_not, a);
	if (!json_is_object(root))
		why = "not a JSON object";
	if (!why)
		why = unknown_fields(l->type, NULL, root, a);
	if (!why)
		why = set_fields(l->type, root, &l->as, a);
	at = field_in(&l->type->fields[l->type->n_fields - 1], &l->as);
	if (attributes.p)
		*at = attributes;
	json_decref(root);
	return why;
}

/* ---- the id of an event that has none ---- */

static void
hash_part(crypto_generichash_state *state, const char *name, const void *p, size_t len)
{
	struct buf head = {0};

	buf_put(&head, name, strlen(name) + 1);
	buf_be64(&head, (int64_t)len);
	crypto_generichash_update(state, (const unsigned char *)head.p, head.len);
	crypto_generichash_update(state, p, len);
	buf_free(&head);
}

static void
hash_number(crypto_generichash_state *state, const char *name, int64_t bits)
{
	struct buf number = {0};

	buf_be64(&number, bits);
	hash_part(state, name, number.p, number.len);
	buf_free(&number);
}

static void
hash_field(crypto_generichash_state *state, const struct field *f, const void *record)
{
	const void *at = field_of(f, record);
	int64_t bits;

	switch (f->type) {
	case FIELD_TEXT:
	case FIELD_TEXT_OR_NULL:
	case FIELD_ATTRIBUTES:
		hash_part(state, f->name, ((const struct str *)at)->p, ((const struct str *)at)->len);
		break;
	case FIELD_LONG:
	case FIELD_TIME:
	case FIELD_TIME_OR_NULL:
		hash_number(state, f->name, *(const int64_t *)at);
		break;
	case FIELD_INT_OR_NULL:
		hash_number(state, f->name, *(const int32_t *)at);
		break;
	case FIELD_REAL_OR_NULL:
		memcpy(&bits, at, sizeof bits);
		hash_number(state, f->name, bits);
		break;
	case FIELD_BOOL:
		hash_number(state, f->name, *(const bool *)at);
		break;
	case FIELD_ENUM:
		hash_part(
		    state, f->name, f->names[*(const int32_t *)at], strlen(f->names[*(const int32_t *)at]));
		break;
	}
}

static struct str
id_of_content(const struct event *ev, struct arena *a)
{
	crypto_generichash_state state;
	unsigned char hash[16];
	char *hex = arena_alloc(a, 2 * sizeof hash + 1);

	crypto_generichash_init(&state, NULL, 0, sizeof hash);
	for (size_t i = 0; i < record_event.n_fields; i++)
		if (field_there(&record_event.fields[i], ev))
			hash_field(&state, &record_event.fields[i], ev);
	crypto_generichash_final(&state, hash, sizeof hash);
	sodium_bin2hex(hex, 2 * sizeof hash + 1, hash, sizeof hash);
	return (struct str){hex, 2 * sizeof hash};
}

/* ---- the whole ---- */

static enum reason
check(struct line *l, const struct conf *c, int64_t now, struct arena *a, const char **detail)
{
	if (l->type == &record_interaction) {
		interaction_repair(&l->as.in, a);
		return interaction_validate(&l->as.in, a, detail);
	}
	l->as.ev.record_time = now;
	event_repair(&l->as.ev, a);
	if (!l->as.ev.event_id.p)
		l->as.ev.event_id = id_of_content(&l->as.ev, a);
	return event_validate(&l->as.ev, c, a, detail);
}

const char *
line_read(struct line *l, const struct record *type, struct str text, const struct conf *c, int64_t now,
    struct arena *a)
{
	const char *why;
	enum reason reason;

	l->type = type;
	if (type == &record_event) {
		event_init(&l->as.ev);
		l->as.ev.slug = NO_SLUG;
	} else {
		interaction_init(&l->as.in);
	}
	if ((why = read_json(l, text, a)) || (why = missing(l)))
		return why;
	reason = check(l, c, now, a, &why);
	return reason == REASON_NONE ? NULL : arena_printf(a, "%s (%s)", why, reason_names[reason]);
}

struct str
line_key(const struct line *l)
{
	const struct event *ev = &l->as.ev;
	const struct interaction *in = &l->as.in;
	const struct str of_event[] = {ev->end_user, ev->conversation_id, ev->trace_id, ev->interaction_id};
	const struct str of_interaction[] = {
	    in->end_user, in->conversation_id, in->trace_id, in->interaction_id};
	const struct str *keys = l->type == &record_event ? of_event : of_interaction;

	for (int i = 0; i < 4; i++)
		if (keys[i].p)
			return keys[i];
	return (struct str){0};
}
