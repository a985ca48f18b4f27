/*
 * reader: reads Avro records as our two records: walks the plan of the writer's schema over the bytes, every
 * length checked before it is used, and texts are left where they are.
 * avro-c's own binary reader is not let near the messages: in 1.11.1 it allocates and writes by a string's
 * length before it has looked whether the length is negative or more than there is (encoding_binary.c,
 * read_string), and has no defaults.
 */
#ifndef READER_H
#define READER_H

#include "event.h"
#include "plan.h"

/*
 * Reads one record, all of bytes. Returns NULL, or a few words on why the bytes are no such record; then *ev
 * or *in holds what was read so far. The caller has called event_init or interaction_init. Texts point into
 * bytes.
 */
const char *reader_event(const struct plan *p, struct str bytes, struct event *ev);
const char *reader_interaction(const struct plan *p, struct str bytes, struct interaction *in);

#endif
