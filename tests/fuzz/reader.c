/*
 * Fuzz target of the reader. Input: the writer's schema as JSON text, a zero byte, then a message; the
 * schemas "e" and "i" are our own. Every input is read as both of our records.
 */
#include "reader.h"

#include "arena.h"
#include "embed.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size);

/* avro-c 1.11.1 leaks what it had parsed of a schema that it refuses in the end. */
const char *__lsan_default_suppressions(void);

const char *
__lsan_default_suppressions(void)
{
	return "leak:libavro.so\n";
}

static void
need(bool holds)
{
	if (!holds)
		abort();
}

/* A text is absent, the default, or points into the message. */
static void
check_text(struct str s, struct str bytes)
{
	if (!s.p || str_is(s, "default"))
		return;
	need(s.len > 0 && s.p >= bytes.p && s.len <= bytes.len && s.p <= bytes.p + (bytes.len - s.len));
}

#define CHECK(field) check_text(r.field, bytes);

static void
read_as_event(const struct plan *plan, struct str bytes)
{
	struct event r;

	event_init(&r);
	if (reader_event(plan, bytes, &r))
		need(reader_event(plan, bytes, &r) != NULL);
	EVENT_TEXTS(CHECK)
	need(r.slug >= 0 && r.slug < SLUG_COUNT);
	need(r.source >= 0 && r.source < SOURCE_COUNT);
}

static void
read_as_interaction(const struct plan *plan, struct str bytes)
{
	struct interaction r;

	interaction_init(&r);
	if (reader_interaction(plan, bytes, &r))
		need(reader_interaction(plan, bytes, &r) != NULL);
	INTERACTION_TEXTS(CHECK)
}

int
LLVMFuzzerTestOneInput(const unsigned char *data, size_t size)
{
	char *schema = xcalloc(size + 1, 1), *message;
	struct str bytes;
	size_t len;

	if (size)
		memcpy(schema, data, size);
	len = strlen(schema);
	bytes.len = len < size ? size - len - 1 : 0;
	bytes.p = message = xcalloc(bytes.len, 1); /* of its own, so that one byte too far is seen */
	if (bytes.len)
		memcpy(message, data + len + 1, bytes.len);
	for (int of = READ_EVENT; of <= READ_INTERACTION; of++) {
		const char *json = !strcmp(schema, "e")	  ? schema_feedback_event
				   : !strcmp(schema, "i") ? schema_interaction
							  : schema;
		char why[64];
		struct plan *plan = plan_open(json, (enum plan_of)of, why, sizeof why);

		need((plan == NULL) == (why[0] != '\0'));
		if (plan && of == READ_EVENT)
			read_as_event(plan, bytes);
		else if (plan)
			read_as_interaction(plan, bytes);
		plan_close(plan);
	}
	free(message);
	free(schema);
	return 0;
}
