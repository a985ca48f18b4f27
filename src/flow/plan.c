#include "plan.h"

#include "arena.h"

#include <avro.h>
#include <ctype.h>
#include <jansson.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

/* ---- our side ---- */

/* Where something of the writer's goes: a field, or, without one, the record or the record in it that group
 * names. */
struct target {
	const struct record *record;
	const char *group; /* NULL: the whole */
	const struct field *field;
};

/* Records and enums inside our records are named like their fields, with a capital. */
static bool
named_like(const char *type, const char *field)
{
	return toupper((unsigned char)field[0]) == type[0] && !strcmp(type + 1, field + 1);
}

static bool
is_record(const struct target *to, const char *name)
{
	if (to->field)
		return false;
	return to->group ? named_like(name, to->group) : !strcmp(name, to->record->name);
}

static const char *
name_of(const struct target *to)
{
	return to->field ? to->field->name : to->group ? to->group : to->record->name;
}

static bool
in_group(const struct field *f, const char *group)
{
	return f->group == group || (f->group && group && !strcmp(f->group, group));
}

/* What a field of the writer's, inside a record that goes to `in`, goes to; false: it is none of ours. */
static bool
target_of(const struct target *in, const char *name, struct target *to)
{
	*to = (struct target){.record = in->record};
	for (size_t i = 0; i < in->record->n_fields; i++) {
		const struct field *f = &in->record->fields[i];

		if (in_group(f, in->group) && !strcmp(f->name, name)) {
			to->field = f;
			return true;
		}
		if (!in->group && f->group && !strcmp(f->group, name)) {
			to->group = f->group;
			return true;
		}
	}
	return false;
}

static bool
is_time(const struct field *f)
{
	return f->type == FIELD_TIME || f->type == FIELD_TIME_OR_NULL;
}

static bool
nullable(const struct field *f)
{
	return f->type == FIELD_TEXT_OR_NULL || f->type == FIELD_ATTRIBUTES ||
	       f->type == FIELD_TIME_OR_NULL || f->type == FIELD_INT_OR_NULL || f->type == FIELD_REAL_OR_NULL;
}

/* ---- compiling ---- */

/* What compiling needs to know; the tree of the writer's schema dies with it. */
struct compiler {
	struct plan *r;
	json_t *names; /* full name -> {"type": definition, "ns": enclosing namespace}, both borrowed */
	json_t *skips; /* full name -> index of the node that skips it: a recursive type is made once */
	struct arena *scratch; /* full names */
	char *why;
	size_t why_size;
	bool hopeless; /* not only this branch of a union: the whole schema */
};

static struct node *
node_new(struct compiler *c, enum node_type type, const struct target *to)
{
	struct plan *r = c->r;
	struct node *n = xcalloc(1, sizeof *n);

	if (r->n == r->cap) {
		r->cap = r->cap ? 2 * r->cap : 64;
		r->nodes = xrealloc(r->nodes, r->cap * sizeof(struct node *));
	}
	r->nodes[r->n++] = n;
	n->type = type;
	n->to = to ? to->field : NULL;
	return n;
}

/* Says why, once, and returns NULL. */
static struct node *refuse(struct compiler *c, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

static struct node *
refuse(struct compiler *c, const char *fmt, ...)
{
	va_list ap;

	if (!c->why[0]) {
		va_start(ap, fmt);
		vsnprintf(c->why, c->why_size, fmt, ap);
		va_end(ap);
	}
	return NULL;
}

static struct node *
refuse_type(struct compiler *c, const struct target *to)
{
	if (!to->field && !to->group)
		return refuse(c, "it is not our record \"%s\"", name_of(to));
	return refuse(c, "field \"%s\" has a type that cannot be read as ours", name_of(to));
}

static const char *
unqualified(const char *name)
{
	const char *dot = strrchr(name, '.');

	return dot ? dot + 1 : name;
}

/* The full name of a name in a namespace. */
static const char *
qualify(struct compiler *c, const char *name, const char *ns)
{
	if (strchr(name, '.') || !ns || !*ns)
		return name;
	return arena_printf(c->scratch, "%s.%s", ns, name);
}

/* The namespace in which the fields of a named type stand. */
static const char *
inner_namespace(struct compiler *c, const json_t *def, const char *ns)
{
	const char *name = json_string_value(json_object_get(def, "name"));
	const char *own = json_string_value(json_object_get(def, "namespace"));
	const char *dot = name ? strrchr(name, '.') : NULL;

	if (dot)
		return arena_dup(c->scratch, (struct str){name, (size_t)(dot - name)}).p;
	return own ? own : ns;
}

static int
primitive(const char *name)
{
	static const char *const names[] = {
	    "null", "boolean", "int", "long", "float", "double", "bytes", "string"};

	for (int i = 0; i < (int)(sizeof names / sizeof *names); i++)
		if (!strcmp(name, names[i]))
			return i;
	return -1;
}

/* Is this the type of a definition with a name of its own? An attribute "name" means nothing elsewhere. */
static bool
is_named(const char *type)
{
	return type && (!strcmp(type, "record") || !strcmp(type, "error") || !strcmp(type, "enum") ||
			   !strcmp(type, "fixed"));
}

/* Notes every named type of the schema, so that a name can be looked up wherever it stands. */
static void
collect(struct compiler *c, json_t *s, const char *ns)
{
	const char *name, *in;
	json_t *item;
	size_t i;

	if (json_is_array(s)) {
		json_array_foreach(s, i, item) collect(c, item, ns);
		return;
	}
	if (!json_is_object(s))
		return;
	if (json_is_object(json_object_get(s, "type")) || json_is_array(json_object_get(s, "type")))
		collect(c, json_object_get(s, "type"), ns);
	collect(c, json_object_get(s, "items"), ns);
	collect(c, json_object_get(s, "values"), ns);
	name = json_string_value(json_object_get(s, "name"));
	if (!name || !is_named(json_string_value(json_object_get(s, "type"))))
		return;
	in = inner_namespace(c, s, ns);
	json_object_set_new(
	    c->names, qualify(c, name, in), json_pack("{s:O, s:s}", "type", s, "ns", in ? in : ""));
	json_array_foreach(json_object_get(s, "fields"), i, item)
	    collect(c, json_object_get(item, "type"), in);
}

/* Does our field take this primitive of the writer's? Avro's promotions. */
static bool
takes(const struct field *f, enum node_type type)
{
	switch (f->type) {
	case FIELD_TEXT:
	case FIELD_TEXT_OR_NULL:
	case FIELD_ATTRIBUTES:
		return type == N_STRING || type == N_BYTES;
	case FIELD_INT_OR_NULL:
		return type == N_INT;
	case FIELD_LONG:
	case FIELD_TIME:
	case FIELD_TIME_OR_NULL:
		return type == N_INT || type == N_LONG;
	case FIELD_REAL_OR_NULL:
		return type == N_INT || type == N_LONG || type == N_FLOAT || type == N_DOUBLE;
	case FIELD_BOOL:
		return type == N_BOOLEAN;
	case FIELD_ENUM:
		break;
	}
	return false;
}

static struct node *compile(struct compiler *c, json_t *s, const char *ns, const struct target *to);

static struct node *
compile_primitive(struct compiler *c, enum node_type type, const char *logical, const struct target *to)
{
	struct node *n = node_new(c, type, to);

	if (!to)
		return n;
	if (!to->field || (type == N_NULL ? !nullable(to->field) : !takes(to->field, type)))
		return refuse_type(c, to);
	if (is_time(to->field) && logical) {
		n->millis = !strcmp(logical, "timestamp-millis");
		c->hopeless = !n->millis && strcmp(logical, "timestamp-micros");
		if (c->hopeless)
			return refuse(c, "field \"%s\" is neither timestamp-micros nor timestamp-millis",
			    to->field->name);
	}
	return n;
}

static bool
is_null(const json_t *s)
{
	const char *type = json_string_value(s);

	return type && !strcmp(type, "null");
}

/*
 * The branches of a union that our field cannot take are errors only in a message that has one. Why none can:
 * the first that is not null says. What is skipped has no such branches: there a failure is one of the
 * schema.
 */
static struct node *
compile_union(struct compiler *c, json_t *s, const char *ns, const struct target *to)
{
	struct node *n = node_new(c, N_UNION, to);
	char why[256] = "";
	bool any = false;

	n->n = (int)json_array_size(s);
	n->child = xcalloc((size_t)n->n, sizeof(struct node *));
	for (int i = 0; i < n->n; i++) {
		json_t *branch = json_array_get(s, (size_t)i);
		struct compiler own = *c;
		char ignored[sizeof why] = "";

		own.why = why[0] || is_null(branch) ? ignored : why;
		own.why_size = sizeof why;
		n->child[i] = compile(&own, branch, ns, to);
		c->hopeless = own.hopeless;
		if (n->child[i]) {
			any = true;
		} else if (c->hopeless || !to) {
			return refuse(c, "%s", own.why);
		} else {
			n->child[i] = node_new(c, N_NULL, NULL);
			n->child[i]->unreadable = true;
		}
	}
	if (any)
		return n;
	return why[0] || !to ? refuse(c, "%s", why) : refuse_type(c, to);
}

static struct node *
compile_enum(struct compiler *c, const json_t *s, const struct target *to)
{
	const json_t *symbols = json_object_get(s, "symbols");
	const char *name = unqualified(json_string_value(json_object_get(s, "name")));
	struct node *n = node_new(c, N_ENUM, to);

	n->n = (int)json_array_size(symbols);
	if (!to)
		return n;
	if (!to->field || to->field->type != FIELD_ENUM || !named_like(name, to->field->name))
		return refuse_type(c, to);
	n->symbol = xcalloc((size_t)n->n, sizeof *n->symbol);
	for (int i = 0; i < n->n; i++) {
		const char *symbol = json_string_value(json_array_get(symbols, (size_t)i));

		n->symbol[i] = -1;
		for (size_t j = 0; j < to->field->n_names; j++)
			if (!strcmp(symbol, to->field->names[j]))
				n->symbol[i] = (int32_t)j;
	}
	return n;
}

static bool
has_field(const json_t *fields, const char *name)
{
	json_t *f;
	size_t i;

	json_array_foreach(
	    fields, i, f) if (!strcmp(json_string_value(json_object_get(f, "name")), name)) return true;
	return false;
}

/* The name of the first field that the writer lacks and that has no default, or NULL. */
static const char *
lacking(const json_t *fields, const struct target *to)
{
	for (size_t i = 0; i < to->record->n_fields; i++) {
		const struct field *f = &to->record->fields[i];
		bool here = in_group(f, to->group);
		const char *name = here ? f->name : f->group;

		/* a field of a record in this one is missing where that record is */
		if (f->needed && (here || !to->group) && !has_field(fields, name))
			return name;
	}
	return NULL;
}

static struct node *
compile_record(struct compiler *c, const json_t *s, const char *ns, const struct target *to, struct node *n)
{
	json_t *fields = json_object_get(s, "fields");
	const char *name = unqualified(json_string_value(json_object_get(s, "name")));
	const char *lacks;

	if (to && !is_record(to, name))
		return refuse(c, "record \"%s\" is not our \"%s\"", name, name_of(to));
	n->n = (int)json_array_size(fields);
	n->child = xcalloc((size_t)n->n, sizeof(struct node *));
	for (int i = 0; i < n->n; i++) {
		json_t *f = json_array_get(fields, (size_t)i);
		struct target inner;
		bool ours = to && target_of(to, json_string_value(json_object_get(f, "name")), &inner);

		n->child[i] = compile(c, json_object_get(f, "type"), ns, ours ? &inner : NULL);
		if (!n->child[i])
			return NULL;
	}
	lacks = to ? lacking(fields, to) : NULL;
	return lacks ? refuse(c, "field \"%s\" is missing and has no default", lacks) : n;
}

static struct node *
compile_items(struct compiler *c, enum node_type type, json_t *items, const char *ns, const struct target *to)
{
	struct node *n = node_new(c, type, to);

	if (to)
		return refuse_type(c, to);
	n->n = 1;
	n->child = xcalloc(1, sizeof(struct node *));
	n->child[0] = compile(c, items, ns, NULL);
	return n->child[0] ? n : NULL;
}

/* A record, enum or fixed where it is defined or named. What is skipped is compiled once, so that it may
 * contain itself. */
static struct node *
compile_named(struct compiler *c, json_t *s, const char *ns, const struct target *to)
{
	const char *type = json_string_value(json_object_get(s, "type"));
	const char *in = inner_namespace(c, s, ns);
	const char *name = qualify(c, json_string_value(json_object_get(s, "name")), in);
	json_t *made = to ? NULL : json_object_get(c->skips, name);
	json_int_t size;
	struct node *n;

	if (made)
		return c->r->nodes[json_integer_value(made)];
	if (!strcmp(type, "enum"))
		return compile_enum(c, s, to);
	n = node_new(c, !strcmp(type, "fixed") ? N_FIXED : N_RECORD, to);
	if (!to)
		json_object_set_new(c->skips, name, json_integer((json_int_t)c->r->n - 1));
	if (n->type == N_RECORD)
		return compile_record(c, s, in, to, n);
	if (to)
		return refuse_type(c, to);
	size = json_integer_value(json_object_get(s, "size"));
	if (size < 0 || size > INT_MAX)
		return refuse(c, "a fixed has no such size");
	n->n = (int)size;
	return n;
}

static struct node *
compile_name(struct compiler *c, const char *name, const char *ns, const struct target *to)
{
	int p = primitive(name);
	json_t *known;

	if (p >= 0)
		return compile_primitive(c, (enum node_type)p, NULL, to);
	known = json_object_get(c->names, qualify(c, name, ns));
	if (!known)
		known = json_object_get(c->names, name);
	if (!known)
		return refuse(c, "it names a type that it does not define");
	return compile_named(
	    c, json_object_get(known, "type"), json_string_value(json_object_get(known, "ns")), to);
}

static struct node *
compile(struct compiler *c, json_t *s, const char *ns, const struct target *to)
{
	json_t *inner = json_object_get(s, "type");
	const char *type = json_string_value(inner);

	if (json_is_string(s))
		return compile_name(c, json_string_value(s), ns, to);
	if (json_is_array(s))
		return compile_union(c, s, ns, to);
	if (!type)
		return inner ? compile(c, inner, ns, to) : refuse(c, "a type is missing");
	if (!strcmp(type, "array"))
		return compile_items(c, N_ARRAY, json_object_get(s, "items"), ns, to);
	if (!strcmp(type, "map"))
		return compile_items(c, N_MAP, json_object_get(s, "values"), ns, to);
	if (is_named(type))
		return compile_named(c, s, ns, to);
	if (primitive(type) >= 0)
		return compile_primitive(c, (enum node_type)primitive(type),
		    json_string_value(json_object_get(s, "logicalType")), to);
	return compile_name(c, type, ns, to);
}

struct plan *
plan_open(const char *schema_json, enum plan_of of, char *why, size_t why_size)
{
	const struct target whole = {.record = of == READ_EVENT ? &record_event : &record_interaction};
	struct arena scratch = {0};
	struct compiler c = {.why = why, .why_size = why_size, .scratch = &scratch};
	avro_schema_t checked = NULL;
	json_t *tree = json_loads(schema_json, JSON_DECODE_ANY, NULL);

	why[0] = '\0';
	if (!tree || avro_schema_from_json_length(schema_json, strlen(schema_json), &checked)) {
		snprintf(why, why_size, "the writer's schema is no Avro schema");
		json_decref(tree);
		return NULL;
	}
	avro_schema_decref(checked);
	c.r = xcalloc(1, sizeof *c.r);
	c.names = json_object();
	c.skips = json_object();
	collect(&c, tree, NULL);
	c.r->root = compile(&c, tree, NULL, &whole);
	if (!c.r->root) {
		if (!why[0])
			snprintf(why, why_size, "the writer's schema cannot be read as ours");
		plan_close(c.r);
		c.r = NULL;
	}
	json_decref(c.names);
	json_decref(c.skips);
	arena_free(&scratch);
	json_decref(tree);
	return c.r;
}

void
plan_close(struct plan *r)
{
	if (!r)
		return;
	for (size_t i = 0; i < r->n; i++) {
		free(r->nodes[i]->child);
		free(r->nodes[i]->symbol);
		free(r->nodes[i]);
	}
	free(r->nodes);
	free(r);
}
