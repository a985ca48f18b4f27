/*
 * event: the two records of the contract (section 2), decoded, and the rules they must keep (section 6).
 */
#ifndef EVENT_H
#define EVENT_H

#include "arena.h"
#include "conf.h"
#include "stamp.h"
#include "str.h"

#include <stdint.h>

/* Slugs, in the order of the schema's enum. */
#define SLUGS(X)                      \
	X(THUMBS_UP, "thumbs_up")     \
	X(THUMBS_DOWN, "thumbs_down") \
	X(NEUTRAL, "neutral")         \
	X(RATING, "rating")           \
	X(SCORE, "score")             \
	X(COMMENT, "comment")         \
	X(COPY_INPUT, "copy_input")   \
	X(COPY_OUTPUT, "copy_output") \
	X(PASTE, "paste")             \
	X(CLEAR, "clear")             \
	X(RETRACT, "retract")

/* Why a message can never be stored, in the order in which it is checked: the first that holds is the reason.
 */
#define REASONS(X)                                  \
	X(NONE, "")                                 \
	X(UNDECODABLE, "undecodable")               \
	X(UNKNOWN_SCHEMA, "unknown_schema")         \
	X(MISSING_EVENT_ID, "missing_event_id")     \
	X(ID_TOO_LONG, "id_too_long")               \
	X(MISSING_FIELD, "missing_field")           \
	X(MISSING_TARGET, "missing_target")         \
	X(VALUE_NOT_ALLOWED, "value_not_allowed")   \
	X(VALUE_OUT_OF_RANGE, "value_out_of_range") \
	X(TEXT_TOO_LONG, "text_too_long")           \
	X(BAD_TIMESTAMP, "bad_timestamp")           \
	X(BAD_ATTRIBUTES, "bad_attributes")         \
	X(EVENT_ID_CONFLICT, "event_id_conflict")

#define X_SLUG(id, name)   SLUG_##id,
#define X_REASON(id, name) REASON_##id,
enum slug { SLUGS(X_SLUG) SLUG_COUNT };
enum reason { REASONS(X_REASON) REASON_COUNT };
#undef X_SLUG
#undef X_REASON

enum source { SOURCE_CUSTOMER, SOURCE_PLATFORM, SOURCE_COUNT };

extern const char *const slug_names[SLUG_COUNT];
extern const char *const reason_names[REASON_COUNT];
extern const char *const source_names[SOURCE_COUNT];

/*
 * afterword.FeedbackEvent. Texts point into the message or into the batch's arena. Absent: p == NULL,
 * STAMP_NONE, has_* false. Zeroed is not quite valid: call event_init.
 */
struct event {
	struct str event_id, tenant;
	int32_t slug;
	struct str text;
	bool has_value, has_weight;
	int32_t value;
	double weight;
	struct str end_user, interaction_id, conversation_id, trace_id, input, output;
	int64_t timestamp, sent_at;
	bool anonymize;
	int32_t source;
	struct str retracts;
	struct str attributes;	      /* as sent, bytes repaired: what is compared */
	struct str stored_attributes; /* as stored: escapes repaired, scrubbed */
	struct str pii;		/* what was found, counts by type, as JSON; absent where nobody looked */
	struct str pii_version; /* by which rules */

	int64_t record_time; /* Kafka's, microseconds; STAMP_NONE: none */
	int64_t occurred_at; /* timestamp, corrected (section 3) */
	bool repaired;	     /* a field, or an escape in attributes, held what Postgres cannot */
};

/* afterword.Interaction, likewise. */
struct interaction {
	struct str tenant, interaction_id;
	int64_t revision;
	struct str conversation_id, trace_id, end_user, input, output;
	int64_t started_at, ended_at;
	bool anonymize;
	struct str attributes, stored_attributes;
	struct str pii, pii_version;
	bool repaired;
};

/* The defaults of the schema: what a record has that says nothing. */
void event_init(struct event *ev);
void interaction_init(struct interaction *in);

/* Section 3: timestamp, corrected where the client's clock is wrong. Needs times in range. */
int64_t event_occurred_at(const struct event *ev, int64_t skew_min_ms);

/*
 * The table of section 6 from missing_event_id to bad_attributes, in its order. Returns REASON_NONE or the
 * first that holds, with *detail a sentence in the arena that quotes no payload. Fills occurred_at,
 * stored_attributes and repaired (escapes). Uses of the configuration: limit.*, resolve.skew.min.ms. The
 * texts were repaired before.
 */
enum reason event_validate(struct event *ev, const struct conf *c, struct arena *a, const char **detail);
enum reason interaction_validate(struct interaction *in, struct arena *a, const char **detail);

/* text_repair over every text of the record; an empty one becomes absent. */
void event_repair(struct event *ev, struct arena *a);
void interaction_repair(struct interaction *in, struct arena *a);

/* Every text field of a record once: X(field). */
#define EVENT_TEXTS(X)     \
	X(event_id)        \
	X(tenant)          \
	X(text)            \
	X(end_user)        \
	X(interaction_id)  \
	X(conversation_id) \
	X(trace_id)        \
	X(input)           \
	X(output)          \
	X(retracts)        \
	X(attributes)
#define INTERACTION_TEXTS(X) \
	X(tenant)            \
	X(interaction_id)    \
	X(conversation_id)   \
	X(trace_id)          \
	X(end_user)          \
	X(input)             \
	X(output)            \
	X(attributes)

#endif
