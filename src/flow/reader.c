#include "reader.h"

#include "plan.h"

#define MAX_DEPTH 4096 /* of a value: a recursive type can nest without end, the stack cannot */

struct cursor {
	const unsigned char *p, *end;
	void *out;	/* the struct that is filled */
	uint64_t steps; /* what is left before the message is taken for an attack: items may take no bytes */
	const char *broken; /* the first thing that was wrong */
};

static bool
broken(struct cursor *c, const char *what)
{
	if (!c->broken)
		c->broken = what;
	return false;
}

static bool
read_varint(struct cursor *c, int64_t *v)
{
	uint64_t n = 0;

	for (unsigned shift = 0; shift < 70; shift += 7) {
		uint64_t b;

		if (c->p == c->end)
			return broken(c, "the bytes end early");
		b = *c->p++;
		if (shift == 63 && b > 1)
			break;
		n |= (b & 0x7f) << shift;
		if (!(b & 0x80)) {
			*v = (int64_t)(n >> 1) ^ -(int64_t)(n & 1);
			return true;
		}
	}
	return broken(c, "a number is too long");
}

static bool
take(struct cursor *c, int64_t len, struct str *s)
{
	if (len < 0)
		return broken(c, "a length is negative");
	if (len > c->end - c->p)
		return broken(c, "the bytes end early");
	*s = (struct str){(const char *)c->p, (size_t)len};
	c->p += len;
	return true;
}

static int64_t
micros_of_millis(int64_t ms)
{
	if (ms > INT64_MAX / 1000)
		return INT64_MAX;
	return ms <= INT64_MIN / 1000 ? INT64_MIN + 1 : ms * 1000;
}

static void
store_long(struct cursor *c, const struct node *n, int64_t v)
{
	const struct field *f = n->to;
	void *at = field_in(f, c->out);

	switch (f->type) {
	case FIELD_TIME:
	case FIELD_TIME_OR_NULL:
		if (n->millis)
			v = micros_of_millis(v);
		/* the least is "no time" to us; out of range either way */
		*(int64_t *)at = v == STAMP_NONE ? v + 1 : v;
		break;
	case FIELD_LONG:
		*(int64_t *)at = v;
		break;
	case FIELD_REAL_OR_NULL:
		*(double *)at = (double)v;
		*field_has(f, c->out) = true;
		break;
	case FIELD_INT_OR_NULL:
		*(int32_t *)at = (int32_t)v;
		*field_has(f, c->out) = true;
		break;
	default: /* FIELD_ENUM */
		*(int32_t *)at = (int32_t)v;
	}
}

static bool read_node(struct cursor *c, const struct node *n, int depth);

static bool
read_number(struct cursor *c, const struct node *n)
{
	int64_t v;

	if (!read_varint(c, &v))
		return false;
	if (n->type == N_INT && (v < INT32_MIN || v > INT32_MAX))
		return broken(c, "an int is out of range");
	if (n->to)
		store_long(c, n, v);
	return true;
}

static bool
read_float(struct cursor *c, const struct node *n)
{
	struct str raw;
	double d;
	float f;

	if (!take(c, n->type == N_FLOAT ? 4 : 8, &raw))
		return false;
	if (!n->to)
		return true;
	if (n->type == N_FLOAT) {
		memcpy(&f, raw.p, sizeof f); /* little-endian, as the machines that we run on */
		d = (double)f;
	} else {
		memcpy(&d, raw.p, sizeof d);
	}
	*(double *)field_in(n->to, c->out) = d;
	*field_has(n->to, c->out) = true;
	return true;
}

static bool
read_boolean(struct cursor *c, const struct node *n)
{
	struct str raw;

	if (!take(c, 1, &raw))
		return false;
	if ((unsigned char)raw.p[0] > 1)
		return broken(c, "a boolean is neither true nor false");
	if (n->to)
		*(bool *)field_in(n->to, c->out) = raw.p[0] == 1;
	return true;
}

static bool
read_text(struct cursor *c, const struct node *n)
{
	struct str s;
	int64_t len;

	if (!read_varint(c, &len) || !take(c, len, &s))
		return false;
	if (n->to) {
		if (s.len == 0) /* an empty string counts as absent */
			s.p = NULL;
		*(struct str *)field_in(n->to, c->out) = s;
	}
	return true;
}

static bool
read_enum(struct cursor *c, const struct node *n)
{
	int64_t i;

	if (!read_varint(c, &i))
		return false;
	if (i < 0 || i >= n->n)
		return broken(c, "an enum has no such symbol");
	if (!n->to)
		return true;
	if (n->symbol[i] < 0)
		return broken(c, "an enum symbol is none of ours");
	store_long(c, n, n->symbol[i]);
	return true;
}

/* Arrays and maps are never ours: skipped, block by block. */
static bool
skip_items(struct cursor *c, const struct node *n, int depth)
{
	struct str ignored;
	int64_t count, bytes, len;

	for (;;) {
		if (!read_varint(c, &count))
			return false;
		if (count == 0)
			return true;
		if (count < 0) { /* a block that says its size */
			if (!read_varint(c, &bytes) || !take(c, bytes, &ignored))
				return false;
			continue;
		}
		for (; count > 0; count--) {
			if (n->type == N_MAP && (!read_varint(c, &len) || !take(c, len, &ignored)))
				return false;
			if (!read_node(c, n->child[0], depth))
				return false;
		}
	}
}

static bool
read_union(struct cursor *c, const struct node *n, int depth)
{
	int64_t i;

	if (!read_varint(c, &i))
		return false;
	if (i < 0 || i >= n->n)
		return broken(c, "a union has no such branch");
	if (n->child[i]->unreadable)
		return broken(c, "a union has a branch that cannot be read as ours");
	return read_node(c, n->child[i], depth);
}

static bool
read_node(struct cursor *c, const struct node *n, int depth)
{
	struct str ignored;

	if (depth > MAX_DEPTH)
		return broken(c, "it is nested too deep");
	if (c->steps-- == 0)
		return broken(c, "it has more items than bytes");
	switch (n->type) {
	case N_NULL:
		return true; /* our default, which is absent, stays */
	case N_BOOLEAN:
		return read_boolean(c, n);
	case N_INT:
	case N_LONG:
		return read_number(c, n);
	case N_FLOAT:
	case N_DOUBLE:
		return read_float(c, n);
	case N_BYTES:
	case N_STRING:
		return read_text(c, n);
	case N_FIXED:
		return take(c, n->n, &ignored);
	case N_ENUM:
		return read_enum(c, n);
	case N_ARRAY:
	case N_MAP:
		return skip_items(c, n, depth + 1);
	case N_UNION:
		return read_union(c, n, depth + 1);
	case N_RECORD:
		for (int i = 0; i < n->n; i++)
			if (!read_node(c, n->child[i], depth + 1))
				return false;
		return true;
	}
	return broken(c, "a type is unknown");
}

static const char *
read_record(const struct plan *r, struct str bytes, void *out)
{
	struct cursor c = {
	    .p = (const unsigned char *)bytes.p, .out = out, .steps = 65536 + 8 * (uint64_t)bytes.len};

	c.end = c.p + bytes.len;
	if (read_node(&c, r->root, 0) && c.p != c.end)
		broken(&c, "bytes are left over");
	return c.broken;
}

const char *
reader_event(const struct plan *r, struct str bytes, struct event *ev)
{
	return read_record(r, bytes, ev);
}

const char *
reader_interaction(const struct plan *r, struct str bytes, struct interaction *in)
{
	return read_record(r, bytes, in);
}
