/*
 * plan: a writer's schema, checked by avro-c and compiled, once: how its bytes become one of our two records,
 * by the rules of Avro schema resolution: fields by name, our defaults for those that the writer lacks,
 * promotions, unions by branch. Names of records and enums compare without namespace.
 */
#ifndef PLAN_H
#define PLAN_H

#include "field.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum node_type {
	N_NULL,
	N_BOOLEAN,
	N_INT,
	N_LONG,
	N_FLOAT,
	N_DOUBLE,
	N_BYTES,
	N_STRING,
	N_FIXED,
	N_ENUM,
	N_ARRAY,
	N_MAP,
	N_UNION,
	N_RECORD
};

struct node {
	enum node_type type;
	bool unreadable; /* a branch of a union that our field cannot take: an error if a message has it */
	bool millis;	 /* a time in milliseconds */
	const struct field *to; /* NULL: skipped */
	int n;			/* children, symbols, or the size of a fixed */
	struct node **child;	/* not owned */
	int32_t *symbol;	/* N_ENUM: the writer's to ours, -1: none of ours */
};

/* Immutable once it is there: threads may share it. */
struct plan {
	struct node *root;
	struct node **nodes; /* all, owned */
	size_t n, cap;
};

enum plan_of { READ_EVENT, READ_INTERACTION };

/*
 * Compiles the plan for one writer's schema, JSON text. Returns NULL where the schema as a whole cannot be
 * read as ours, and says why in why (no schema text in it beyond names of fields and types). Immutable
 * afterwards: threads may share it.
 */
struct plan *plan_open(const char *schema_json, enum plan_of of, char *why, size_t why_size);
void plan_close(struct plan *r);

#endif
