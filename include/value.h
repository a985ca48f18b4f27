/* value: what goes to Postgres and comes from it, in binary: parameters, rows of COPY, columns of results. */
#ifndef VALUE_H
#define VALUE_H

#include "buf.h"
#include "stamp.h"
#include "str.h"

#include <libpq-fe.h>

/* An array parameter: $1::text[] and the like. Zeroed but for type is empty. */
struct pg_array {
	Oid type; /* of the array: PG_TEXTS ... */
	int32_t n;
	struct buf b; /* a header, then the elements, each a length and its bytes */
};
enum {
	PG_BOOLS = 1000,
	PG_INT2S = 1005,
	PG_INT4S = 1007,
	PG_TEXTS = 1009,
	PG_INT8S = 1016,
	PG_STAMPS = 1185,
	PG_UUIDS = 2951
};

/* The buffer to put the next element into, with one of put_*. */
struct buf *pg_push(struct pg_array *a);
void pg_arrays_free(struct pg_array *a, int n);

/* As it travels: its header filled in. An array without elements has only that, in fixed. */
#define PG_ARRAY_HEADER 20
struct str pg_array_wire(const struct pg_array *a, char fixed[PG_ARRAY_HEADER]);

/* One value, of an array or of a row of a binary COPY. */
void put_null(struct buf *b);
void put_text(struct buf *b, struct str s); /* absent: null */
void put_jsonb(struct buf *b, struct str s);
void put_uuid(struct buf *b, const void *bytes16); /* NULL: null */
void put_bool(struct buf *b, bool v);
void put_int2(struct buf *b, int16_t v);
void put_int4(struct buf *b, int32_t v);
void put_int8(struct buf *b, int64_t v);
void put_float8(struct buf *b, double v);
void put_stamp(struct buf *b, int64_t micros); /* STAMP_NONE: null */

/* Values of a binary result. Texts point into it. */
bool get_null(const PGresult *r, int row, int col);
struct str get_text(const PGresult *r, int row, int col);
const void *get_uuid(const PGresult *r, int row, int col); /* NULL: null */
bool get_bool(const PGresult *r, int row, int col);
int16_t get_int2(const PGresult *r, int row, int col);
int64_t get_int8(const PGresult *r, int row, int col);
int64_t get_stamp(const PGresult *r, int row, int col); /* null: STAMP_NONE */

#endif
