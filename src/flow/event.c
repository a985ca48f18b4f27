#include "event.h"

#include "jsonb.h"
#include "text.h"

#include <assert.h>
#include <stddef.h>

#define X_NAME(id, name) name,
const char *const slug_names[SLUG_COUNT] = {SLUGS(X_NAME)};
const char *const reason_names[REASON_COUNT] = {REASONS(X_NAME)};
#undef X_NAME
const char *const source_names[SOURCE_COUNT] = {"customer", "platform"};

/* What each slug needs and allows; what is not named here is neither. */
static const struct rule {
	bool value, weight, text, retracts; /* value, text, retracts: needed; weight: allowed */
	bool copied;			    /* text is as long as limit.copy.chars allows */
	int32_t min, max;
} rules[SLUG_COUNT] = {
    [SLUG_RATING] = {.value = true, .min = 1, .max = 5},
    [SLUG_SCORE] = {.value = true, .min = -10, .max = 10, .weight = true},
    [SLUG_COMMENT] = {.text = true},
    [SLUG_COPY_INPUT] = {.text = true, .copied = true},
    [SLUG_COPY_OUTPUT] = {.text = true, .copied = true},
    [SLUG_PASTE] = {.text = true, .copied = true},
    [SLUG_RETRACT] = {.retracts = true},
};

/* How many bytes an id may have. */
struct length {
	const char *name;
	size_t at, max;
};

#define EVENT_ID_MAX 128
#define ID_MAX	     1024

static const struct length event_lengths[] = {
    {"event_id", offsetof(struct event, event_id), EVENT_ID_MAX},
    {"retracts", offsetof(struct event, retracts), EVENT_ID_MAX},
    {"tenant", offsetof(struct event, tenant), ID_MAX},
    {"end_user", offsetof(struct event, end_user), ID_MAX},
    {"interaction_id", offsetof(struct event, interaction_id), ID_MAX},
    {"conversation_id", offsetof(struct event, conversation_id), ID_MAX},
    {"trace_id", offsetof(struct event, trace_id), ID_MAX},
};

static const struct length interaction_lengths[] = {
    {"tenant", offsetof(struct interaction, tenant), ID_MAX},
    {"interaction_id", offsetof(struct interaction, interaction_id), ID_MAX},
    {"conversation_id", offsetof(struct interaction, conversation_id), ID_MAX},
    {"trace_id", offsetof(struct interaction, trace_id), ID_MAX},
    {"end_user", offsetof(struct interaction, end_user), ID_MAX},
};

#define COUNT(x) (sizeof(x) / sizeof *(x))

void
event_init(struct event *ev)
{
	*ev = (struct event){
	    .tenant = {"default", 7},
	    .timestamp = STAMP_NONE,
	    .sent_at = STAMP_NONE,
	    .source = SOURCE_CUSTOMER,
	    .record_time = STAMP_NONE,
	    .occurred_at = STAMP_NONE,
	};
}

void
interaction_init(struct interaction *in)
{
	*in = (struct interaction){
	    .tenant = {"default", 7},
	    .started_at = STAMP_NONE,
	    .ended_at = STAMP_NONE,
	};
}

static bool
in_range(int64_t t)
{
	return t >= STAMP_MIN && t <= STAMP_MAX;
}

int64_t
event_occurred_at(const struct event *ev, int64_t skew_min_ms)
{
	int64_t off;

	if (skew_min_ms < 0 || ev->record_time < 0 || !in_range(ev->sent_at) || !in_range(ev->timestamp))
		return ev->timestamp;
	off = ev->record_time - ev->sent_at;
	/* the bound is whole milliseconds, so dividing what is compared with it loses nothing */
	if ((off < 0 ? -off : off) / 1000 < skew_min_ms && off >= -1000000)
		return ev->timestamp;
	return off > INT64_MAX - ev->timestamp ? INT64_MAX : ev->timestamp + off;
}

static const char *
too_long(const void *record, const struct length *lengths, size_t n, struct arena *a)
{
	for (size_t i = 0; i < n; i++) {
		const struct length *l = &lengths[i];
		const struct str *s = (const struct str *)((const char *)record + l->at);

		if (s->len > l->max)
			return arena_printf(
			    a, "%s is %zu bytes long, %zu are allowed", l->name, s->len, l->max);
	}
	return NULL;
}

static const char *
missing_field(const struct event *ev, struct arena *a)
{
	const struct rule *r = &rules[ev->slug];

	if (!ev->tenant.p)
		return "tenant is missing";
	if (r->value && !ev->has_value)
		return arena_printf(a, "%s needs value", slug_names[ev->slug]);
	if (r->text && !ev->text.p)
		return arena_printf(a, "%s needs text", slug_names[ev->slug]);
	if (r->retracts && !ev->retracts.p)
		return arena_printf(a, "%s needs retracts", slug_names[ev->slug]);
	return NULL;
}

static const char *
not_allowed(const struct event *ev, struct arena *a)
{
	const struct rule *r = &rules[ev->slug];

	if (ev->has_value && !r->value)
		return arena_printf(a, "%s takes no value", slug_names[ev->slug]);
	if (ev->has_weight && !r->weight)
		return arena_printf(a, "%s takes no weight", slug_names[ev->slug]);
	if (ev->retracts.p && !r->retracts)
		return arena_printf(a, "%s takes no retracts", slug_names[ev->slug]);
	return NULL;
}

static const char *
out_of_range(const struct event *ev, struct arena *a)
{
	const struct rule *r = &rules[ev->slug];

	if (ev->has_value && (ev->value < r->min || ev->value > r->max))
		return arena_printf(
		    a, "%s takes a value from %d to %d", slug_names[ev->slug], (int)r->min, (int)r->max);
	if (ev->has_weight && !(ev->weight >= 0 && ev->weight <= 1)) /* NaN, too */
		return "weight is not a number from 0 to 1";
	return NULL;
}

static const char *
text_too_long(const struct event *ev, const struct conf *c, struct arena *a)
{
	int64_t max = rules[ev->slug].copied ? c->limit_copy_chars : c->limit_comment_chars;
	size_t chars;

	if (!ev->text.p || (int64_t)ev->text.len <= max) /* a character has a byte or more */
		return NULL;
	chars = text_chars(ev->text);
	if ((int64_t)chars <= max)
		return NULL;
	return arena_printf(a, "text is %zu characters long, %lld are allowed for %s", chars, (long long)max,
	    slug_names[ev->slug]);
}

/* What is wrong with a point in time, in words; NULL: nothing. */
static const char *
bad_time(struct arena *a, const char *name, int64_t t)
{
	if (in_range(t))
		return NULL;
	return arena_printf(a, "%s is %s", name, t < STAMP_MIN ? "before 1970" : "after 9999");
}

static const char *
bad_time_or_none(struct arena *a, const char *name, int64_t t)
{
	return t == STAMP_NONE ? NULL : bad_time(a, name, t);
}

static const char *
bad_timestamps(struct event *ev, const struct conf *c, struct arena *a)
{
	const char *why;

	if ((why = bad_time(a, "timestamp", ev->timestamp)) ||
	    (why = bad_time_or_none(a, "sent_at", ev->sent_at)))
		return why;
	ev->occurred_at = event_occurred_at(ev, c->skew_min_ms);
	return bad_time(a, "occurred_at, corrected by the record time,", ev->occurred_at);
}

static const char *
bad_interaction_timestamps(const struct interaction *in, struct arena *a)
{
	const char *why;

	if ((why = bad_time_or_none(a, "started_at", in->started_at)) ||
	    (why = bad_time_or_none(a, "ended_at", in->ended_at)))
		return why;
	if (in->started_at != STAMP_NONE && in->ended_at != STAMP_NONE && in->ended_at < in->started_at)
		return "ended_at is before started_at";
	return NULL;
}

static const char *
bad_attributes(struct str sent, struct str *stored, bool *repaired, struct arena *a)
{
	const char *why;

	*stored = (struct str){0};
	if (!sent.p)
		return NULL;
	why = jsonb_check(a, sent, NULL, NULL, stored, repaired);
	return why ? arena_printf(a, "attributes: %s", why) : NULL;
}

enum reason
event_validate(struct event *ev, const struct conf *c, struct arena *a, const char **detail)
{
	assert(ev->slug >= 0 && ev->slug < SLUG_COUNT);
	if (!ev->event_id.p) {
		*detail = "event_id is missing";
		return REASON_MISSING_EVENT_ID;
	}
	if ((*detail = too_long(ev, event_lengths, COUNT(event_lengths), a)))
		return REASON_ID_TOO_LONG;
	if ((*detail = missing_field(ev, a)))
		return REASON_MISSING_FIELD;
	if (ev->slug != SLUG_RETRACT && !ev->interaction_id.p && !ev->conversation_id.p && !ev->trace_id.p &&
	    !ev->end_user.p) {
		*detail = "one of interaction_id, conversation_id, trace_id and end_user is needed";
		return REASON_MISSING_TARGET;
	}
	if ((*detail = not_allowed(ev, a)))
		return REASON_VALUE_NOT_ALLOWED;
	if ((*detail = out_of_range(ev, a)))
		return REASON_VALUE_OUT_OF_RANGE;
	if ((*detail = text_too_long(ev, c, a)))
		return REASON_TEXT_TOO_LONG;
	if ((*detail = bad_timestamps(ev, c, a)))
		return REASON_BAD_TIMESTAMP;
	if ((*detail = bad_attributes(ev->attributes, &ev->stored_attributes, &ev->repaired, a)))
		return REASON_BAD_ATTRIBUTES;
	return REASON_NONE;
}

enum reason
interaction_validate(struct interaction *in, struct arena *a, const char **detail)
{
	if ((*detail = too_long(in, interaction_lengths, COUNT(interaction_lengths), a)))
		return REASON_ID_TOO_LONG;
	if (!in->tenant.p || !in->interaction_id.p) {
		*detail = in->tenant.p ? "interaction_id is missing" : "tenant is missing";
		return REASON_MISSING_FIELD;
	}
	if ((*detail = bad_interaction_timestamps(in, a)))
		return REASON_BAD_TIMESTAMP;
	if ((*detail = bad_attributes(in->attributes, &in->stored_attributes, &in->repaired, a)))
		return REASON_BAD_ATTRIBUTES;
	return REASON_NONE;
}

static struct str
repair(struct arena *a, struct str s, bool *repaired)
{
	return s.len ? text_repair(a, s, repaired) : (struct str){0};
}

#define X_REPAIR(field) r->field = repair(a, r->field, &r->repaired);

void
event_repair(struct event *r, struct arena *a)
{
	EVENT_TEXTS(X_REPAIR)
}

void
interaction_repair(struct interaction *r, struct arena *a)
{
	INTERACTION_TEXTS(X_REPAIR)
}
