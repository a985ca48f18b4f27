/*
 * match: the keys by which an event and an interaction find each other (contract, section 3).
 *
 * Which keys an event has is its mask; their values hash to one 16-byte match key. An event has exactly one;
 * an interaction has one for each mask that events of its tenant have used (table match_mask). Texts enter as
 * their keyed hashes (BLAKE2b with resolve.key, over the tenant and the text of text_match), so that what is
 * stored for matching tells nothing about the text. The match key itself is a plain SHA-256 over ids and
 * those hashes, cut to 16 bytes, because Postgres must be able to compute the same (SQL function match_key).
 */
#ifndef MATCH_H
#define MATCH_H

#include "event.h"

#define MASK_INTERACTION  1
#define MASK_CONVERSATION 2
#define MASK_TRACE	  4
#define MASK_USER	  8
#define MASK_INPUT	  16
#define MASK_OUTPUT	  32

/* 16 bytes: Postgres's uuid. */
struct hash {
	unsigned char b[16];
};

/* What a matching key is made of; hashes count only where has_* is set. */
struct match {
	struct str interaction_id, conversation_id, trace_id, end_user;
	bool has_input, has_output;
	struct hash input, output;
};

/* The secret of the text hashes, from resolve.key: any text of 32 characters or more. */
struct match_secret {
	unsigned char key[32];
	char id[17]; /* what names it without telling it: 16 hex digits */
};

void match_secret_init(struct match_secret *k, struct str text);

void
match_of_event(struct match *m, const struct event *ev, const struct match_secret *k, struct arena *scratch);
void match_of_interaction(
    struct match *m, const struct interaction *in, const struct match_secret *k, struct arena *scratch);

/* The mask of an event with these keys: section 3's three cases. 0: none. */
int match_mask(const struct match *m);

/* The match key of these keys under a mask; false where one that the mask names is absent. */
bool match_key(const struct match *m, int mask, struct hash *out);

/* Keyed hash of a record's content: equal records have equal ones (section 2, copies). */
struct hash event_content(const struct event *ev, const struct match_secret *k);
struct hash interaction_content(const struct interaction *in, const struct match_secret *k);

#endif
