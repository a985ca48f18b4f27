#include "field.h"

/* What stands in braces: group, name, type. */
#define FIELD(g, n, t)	  .group = g, .name = #n, .type = t, .at = offsetof(struct RECORD, n)
#define NEEDED(g, n, t)	  FIELD(g, n, t), .needed = true
#define MAYBE(g, n, t)	  FIELD(g, n, t), .has = offsetof(struct RECORD, has_##n)
#define ENUM(g, n, a, nn) FIELD(g, n, FIELD_ENUM), .names = a, .n_names = nn
#define TOP		  NULL
#define COUNT(x)	  (sizeof(x) / sizeof *(x))

#define RECORD event
static const struct field event_fields[] = {
    {NEEDED(TOP, event_id, FIELD_TEXT)},
    {FIELD(TOP, tenant, FIELD_TEXT)},
    {ENUM("feedback", slug, slug_names, SLUG_COUNT), .needed = true},
    {FIELD("feedback", text, FIELD_TEXT_OR_NULL)},
    {MAYBE("feedback", value, FIELD_INT_OR_NULL)},
    {MAYBE("feedback", weight, FIELD_REAL_OR_NULL)},
    {FIELD("metadata", end_user, FIELD_TEXT_OR_NULL)},
    {FIELD("metadata", interaction_id, FIELD_TEXT_OR_NULL)},
    {FIELD("metadata", conversation_id, FIELD_TEXT_OR_NULL)},
    {FIELD("metadata", trace_id, FIELD_TEXT_OR_NULL)},
    {FIELD("metadata", input, FIELD_TEXT_OR_NULL)},
    {FIELD("metadata", output, FIELD_TEXT_OR_NULL)},
    {NEEDED("metadata", timestamp, FIELD_TIME)},
    {FIELD("metadata", sent_at, FIELD_TIME_OR_NULL)},
    {FIELD("metadata", anonymize, FIELD_BOOL)},
    {ENUM("metadata", source, source_names, SOURCE_COUNT)},
    {FIELD("metadata", retracts, FIELD_TEXT_OR_NULL)},
    {FIELD("metadata", attributes, FIELD_ATTRIBUTES)},
};
#undef RECORD

#define RECORD interaction
static const struct field interaction_fields[] = {
    {FIELD(TOP, tenant, FIELD_TEXT)},
    {NEEDED(TOP, interaction_id, FIELD_TEXT)},
    {FIELD(TOP, revision, FIELD_LONG)},
    {FIELD(TOP, conversation_id, FIELD_TEXT_OR_NULL)},
    {FIELD(TOP, trace_id, FIELD_TEXT_OR_NULL)},
    {NEEDED(TOP, end_user, FIELD_TEXT)},
    {NEEDED(TOP, input, FIELD_TEXT)},
    {FIELD(TOP, output, FIELD_TEXT_OR_NULL)},
    {FIELD(TOP, started_at, FIELD_TIME_OR_NULL)},
    {FIELD(TOP, ended_at, FIELD_TIME_OR_NULL)},
    {FIELD(TOP, anonymize, FIELD_BOOL)},
    {FIELD(TOP, attributes, FIELD_ATTRIBUTES)},
};
#undef RECORD

const struct record record_event = {"FeedbackEvent", event_fields, COUNT(event_fields)};
const struct record record_interaction = {"Interaction", interaction_fields, COUNT(interaction_fields)};

bool
field_there(const struct field *f, const void *record)
{
	const void *at = field_of(f, record);

	switch (f->type) {
	case FIELD_TEXT:
	case FIELD_TEXT_OR_NULL:
	case FIELD_ATTRIBUTES:
		return ((const struct str *)at)->p != NULL;
	case FIELD_TIME:
	case FIELD_TIME_OR_NULL:
		return *(const int64_t *)at != STAMP_NONE;
	case FIELD_INT_OR_NULL:
	case FIELD_REAL_OR_NULL:
		return *(const bool *)((const char *)record + f->has);
	default:
		return true;
	}
}
