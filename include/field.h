/*
 * field: the fields of the two records (contract, section 2) in the order of their schemas, for whoever walks
 * over a record instead of naming its parts.
 */
#ifndef FIELD_H
#define FIELD_H

#include "event.h"

#include <stddef.h>

enum field_type {
	FIELD_TEXT,	    /* struct str; never null in Avro: absent is the empty string */
	FIELD_TEXT_OR_NULL, /* struct str */
	FIELD_ATTRIBUTES,   /* struct str, null or a JSON object as text */
	FIELD_LONG,	    /* int64_t */
	FIELD_TIME,	    /* int64_t, microseconds, never STAMP_NONE in a valid record */
	FIELD_TIME_OR_NULL, /* int64_t */
	FIELD_INT_OR_NULL,  /* int32_t, and a bool that says whether it is there */
	FIELD_REAL_OR_NULL, /* double, likewise */
	FIELD_BOOL,	    /* bool */
	FIELD_ENUM	    /* int32_t */
};

struct field {
	const char *group; /* the record inside the record: "feedback"; NULL: none */
	const char *name;
	enum field_type type;
	bool needed;		  /* the schema has no default for it */
	size_t at, has;		  /* offsets in the struct; has: of the bool of *_OR_NULL */
	const char *const *names; /* FIELD_ENUM: its symbols */
	size_t n_names;
};

struct record {
	const char *name; /* without namespace */
	const struct field *fields;
	size_t n_fields;
};

extern const struct record record_event;       /* of a struct event */
extern const struct record record_interaction; /* of a struct interaction */

/* The place of a field in its struct: *(struct str *) field_in(field, ev). */
static inline void *
field_in(const struct field *f, void *record)
{
	return (char *)record + f->at;
}

static inline const void *
field_of(const struct field *f, const void *record)
{
	return (const char *)record + f->at;
}

static inline bool *
field_has(const struct field *f, void *record)
{
	return (bool *)((char *)record + f->has);
}

/* Is there a value? Always for what has no null. */
bool field_there(const struct field *f, const void *record);

#endif
