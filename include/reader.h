/*
 * reader: reads Avro records written with some schema as our two records, by the rules of Avro schema
 * resolution: fields by name, our defaults for those that the writer lacks, promotions, unions by branch.
 * Names of records and enums compare without namespace.
 *
 * The writer's schema is checked by avro-c and then compiled, once, into a plan; a message is read by walking
 * the plan over its bytes, every length checked before it is used, and texts are left where they are.
 * avro-c's own binary reader is not let near the messages: in 1.11.1 it allocates and writes by a string's
 * length before it has looked whether the length is negative or more than there is (encoding_binary.c,
 * read_string), and has no defaults.
 */
#ifndef READER_H
#define READER_H

#include "err.h"
#include "event.h"

struct reader;

enum reader_of { READ_EVENT, READ_INTERACTION };

/*
 * Compiles the plan for one writer's schema, JSON text. Returns NULL where the schema as a whole cannot be
 * read as ours, and says why in why (no schema text in it beyond names of fields and types). Immutable
 * afterwards: threads may share it.
 */
struct reader *reader_open(const char *schema_json, enum reader_of of, char *why, size_t why_size);
void reader_close(struct reader *r);

/*
 * Reads one record, all of bytes. Returns NULL, or a few words on why the bytes are no such record; then *ev
 * or *in holds what was read so far. The caller has called event_init or interaction_init. Texts point into
 * bytes.
 */
const char *reader_event(const struct reader *r, struct str bytes, struct event *ev);
const char *reader_interaction(const struct reader *r, struct str bytes, struct interaction *in);

#endif
