#include "attributes.h"

#include "buf.h"
#include "jsonb.h"
#include "text.h"

#include <stdlib.h>

struct cursor {
	const char *p, *end;
};

static bool
is_space(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

static void
skip_space(struct cursor *c)
{
	while (c->p < c->end && is_space(*c->p))
		c->p++;
}

static void
skip_string(struct cursor *c)
{
	for (c->p++; c->p < c->end && *c->p != '"'; c->p++)
		if (*c->p == '\\' && c->p + 1 < c->end)
			c->p++;
	if (c->p < c->end)
		c->p++;
}

/* One value of any kind. Asks no more of the text than needed to find its end: others check it. */
static struct str
next_value(struct cursor *c)
{
	const char *start = c->p;
	size_t depth = 0;

	while (c->p < c->end) {
		char at = *c->p;
		bool closes = at == '}' || at == ']';

		if (at == '"') {
			skip_string(c);
		} else {
			if (depth == 0 && (closes || at == ',' || at == ':' || is_space(at)))
				break;
			depth += at == '{' || at == '[';
			depth -= closes;
			c->p++;
		}
		if (depth == 0 && (closes || at == '"'))
			break;
	}
	return (struct str){start, (size_t)(c->p - start)};
}

/* The next member of an object (key: with its quotes), or element of an array (key: NULL). */
static bool
next_member(struct cursor *c, struct str *key, struct str *value)
{
	skip_space(c);
	if (c->p < c->end && *c->p == ',')
		c->p++;
	skip_space(c);
	if (key) {
		if (c->p == c->end || *c->p != '"')
			return false;
		*key = next_value(c);
		skip_space(c);
		if (c->p == c->end || *c->p++ != ':')
			return false;
		skip_space(c);
	}
	*value = next_value(c);
	return value->len > 0;
}

static struct cursor
inside(struct str s)
{
	return (struct cursor){s.p + 1, s.p + s.len};
}

/* The member of this name where it is an object; absent where there is none. */
static struct str
object_in(struct str object, const char *name)
{
	struct cursor c = inside(object);
	struct str key, value;

	while (next_member(&c, &key, &value))
		if (key.len == strlen(name) + 2 && memcmp(key.p + 1, name, key.len - 2) == 0)
			return value.p[0] == '{' && value.len >= 2 ? value : (struct str){0};
	return (struct str){0};
}

static struct str
find_attributes(const struct record *type, struct str text)
{
	const struct field *f = &type->fields[type->n_fields - 1];
	struct cursor c = {text.p, text.p + text.len};
	struct str object;

	skip_space(&c);
	object = (struct str){c.p, (size_t)(c.end - c.p)};
	if (object.len == 0 || object.p[0] != '{')
		return (struct str){0};
	if (f->group)
		object = object_in(object, f->group);
	return object.p ? object_in(object, f->name) : object;
}

struct member {
	struct str key, value;
};

static int
by_key(const void *a, const void *b)
{
	const struct member *x = a, *y = b;

	return str_cmp(x->key, y->key);
}

/* Without white space, members by the bytes of their keys. */
static void
put_sorted(struct buf *out, struct str s)
{
	struct cursor c = inside(s);
	struct buf list = {0};
	struct member m = {0};
	bool object = s.p[0] == '{';
	struct member *members;
	size_t n;

	if (!object && s.p[0] != '[') {
		buf_put(out, s.p, s.len);
		return;
	}
	while (next_member(&c, object ? &m.key : NULL, &m.value))
		buf_put(&list, &m, sizeof m);
	members = (struct member *)(void *)list.p;
	n = list.len / sizeof m;
	if (object && n > 0)
		qsort(members, n, sizeof m, by_key);
	buf_put(out, object ? "{" : "[", 1);
	for (size_t i = 0; i < n; i++) {
		buf_put(out, ",", i > 0);
		buf_put(out, members[i].key.p, members[i].key.len);
		buf_put(out, ":", object);
		put_sorted(out, members[i].value);
	}
	buf_put(out, object ? "}" : "]", 1);
	buf_free(&list);
}

const char *
attributes_cut(const struct record *type, char *text, size_t len, struct str *found, struct arena *a)
{
	struct str cut = find_attributes(type, (struct str){text, len});
	struct buf sorted = {0};
	bool bad = false;

	*found = (struct str){0};
	if (!cut.p)
		return NULL;
	text_repair(a, cut, &bad);
	if (bad)
		return "attributes are not UTF-8";
	if (jsonb_check(a, cut, NULL, NULL, found, &bad)) {
		*found = arena_dup(a, cut);
	} else {
		put_sorted(&sorted, cut);
		*found = arena_dup(a, (struct str){sorted.p, sorted.len});
		buf_free(&sorted);
	}
	memset(text + (cut.p - text), ' ', cut.len);
	memcpy(text + (cut.p - text), "\"\"", 2);
	return NULL;
}
