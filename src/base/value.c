#include "value.h"

#define EPOCH 946684800000000 /* Postgres counts from 2000-01-01 */

/* ---- arrays ---- */

/* The wire form of an array: dimensions, has nulls, element type, length, lower bound; then the elements. */
enum { AT_DIMENSIONS = 0, AT_NULLS = 4, AT_TYPE = 8, AT_LENGTH = 12, AT_LOWER = 16, HEADER_EMPTY = 12 };

struct buf *
pg_push(struct pg_array *a)
{
	if (a->n++ == 0) { /* room for the header */
		buf_need(&a->b, PG_ARRAY_HEADER);
		a->b.len = PG_ARRAY_HEADER;
	}
	return &a->b;
}

void
pg_arrays_free(struct pg_array *a, int n)
{
	for (int i = 0; i < n; i++) {
		buf_free(&a[i].b);
		a[i].n = 0;
	}
}

static Oid
element(Oid array)
{
	switch (array) {
	case PG_BOOLS:
		return 16;
	case PG_INT2S:
		return 21;
	case PG_INT4S:
		return 23;
	case PG_INT8S:
		return 20;
	case PG_STAMPS:
		return 1184;
	case PG_UUIDS:
		return 2950;
	default:
		return 25; /* text */
	}
}

struct str
pg_array_wire(const struct pg_array *a, char fixed[PG_ARRAY_HEADER])
{
	struct buf head = {.p = a->n ? a->b.p : fixed, .len = PG_ARRAY_HEADER, .cap = PG_ARRAY_HEADER};

	buf_set_be32(&head, AT_DIMENSIONS, a->n > 0);
	buf_set_be32(&head, AT_NULLS, 1);
	buf_set_be32(&head, AT_TYPE, (int32_t)element(a->type));
	buf_set_be32(&head, AT_LENGTH, a->n);
	buf_set_be32(&head, AT_LOWER, 1);
	return (struct str){head.p, a->n ? a->b.len : HEADER_EMPTY};
}

/* ---- values ---- */

void
put_null(struct buf *b)
{
	buf_be32(b, -1);
}

static void
put(struct buf *b, const void *p, size_t len)
{
	buf_be32(b, (int32_t)len);
	buf_put(b, p, len);
}

void
put_text(struct buf *b, struct str s)
{
	if (s.p)
		put(b, s.p, s.len);
	else
		put_null(b);
}

void
put_jsonb(struct buf *b, struct str s)
{
	if (!s.p) {
		put_null(b);
		return;
	}
	buf_be32(b, (int32_t)s.len + 1);
	buf_put(b, "\1", 1); /* the version of the format */
	buf_put(b, s.p, s.len);
}

void
put_uuid(struct buf *b, const void *bytes16)
{
	if (bytes16)
		put(b, bytes16, 16);
	else
		put_null(b);
}

void
put_bool(struct buf *b, bool v)
{
	put(b, v ? "\1" : "\0", 1);
}

void
put_int2(struct buf *b, int16_t v)
{
	buf_be32(b, 2);
	buf_be16(b, v);
}

void
put_int4(struct buf *b, int32_t v)
{
	buf_be32(b, 4);
	buf_be32(b, v);
}

void
put_int8(struct buf *b, int64_t v)
{
	buf_be32(b, 8);
	buf_be64(b, v);
}

void
put_float8(struct buf *b, double v)
{
	int64_t bits;

	memcpy(&bits, &v, sizeof bits);
	put_int8(b, bits);
}

void
put_stamp(struct buf *b, int64_t micros)
{
	if (micros == STAMP_NONE)
		put_null(b);
	else
		put_int8(b, micros - EPOCH);
}

bool
get_null(const PGresult *r, int row, int col)
{
	return PQgetisnull(r, row, col) != 0;
}

struct str
get_text(const PGresult *r, int row, int col)
{
	if (get_null(r, row, col))
		return (struct str){0};
	return (struct str){PQgetvalue(r, row, col), (size_t)PQgetlength(r, row, col)};
}

const void *
get_uuid(const PGresult *r, int row, int col)
{
	return get_null(r, row, col) ? NULL : PQgetvalue(r, row, col);
}

bool
get_bool(const PGresult *r, int row, int col)
{
	return PQgetvalue(r, row, col)[0] != 0;
}

int16_t
get_int2(const PGresult *r, int row, int col)
{
	const unsigned char *p = (const unsigned char *)PQgetvalue(r, row, col);

	return (int16_t)(p[0] << 8 | p[1]);
}

int64_t
get_int8(const PGresult *r, int row, int col)
{
	return be64_at(PQgetvalue(r, row, col));
}

int64_t
get_stamp(const PGresult *r, int row, int col)
{
	return get_null(r, row, col) ? STAMP_NONE : get_int8(r, row, col) + EPOCH;
}
