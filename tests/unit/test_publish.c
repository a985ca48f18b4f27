/* A line of JSON to a record, and what is said about one that is none. */
#include "encode.h"
#include "line.h"

#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#define COUNT(x) (sizeof(x) / sizeof *(x))
#define NOW	 1769846400000000

static const struct conf conf = {
    .skew_min_ms = 300000, .limit_copy_chars = 100000, .limit_comment_chars = 5000};

/* ' stands for " in the lines, so that they can be read */
static struct str
json(struct arena *a, const char *text)
{
	struct str s = arena_dup(a, str_of(text));

	for (size_t i = 0; i < s.len; i++)
		if (s.p[i] == '\'')
			((char *)s.p)[i] = '"';
	return s;
}

/* FEEDBACK: inside "feedback"; META: more of "metadata"; TOP: more beside them. */
#define EVENT(top, feedback, meta)                                                     \
	"{'event_id':'e'" top ",'feedback':{" feedback "},'metadata':{'end_user':'u'," \
	"'timestamp':'2026-01-31T08:00:00Z'" meta "}}"
#define UP	 "'slug':'thumbs_up'"
#define NOT_JSON "not JSON: " /* and then words of jansson's */

static const struct {
	const char *line, *why; /* NULL: fine */
} events[] = {
    {EVENT("", UP, ""), NULL},
    {" \t" EVENT("", UP, "") " \r", NULL},
    {EVENT(",'tenant':null", UP ",'text':null,'value':null,'weight':null", ",'attributes':null"), NULL},
    {EVENT("", UP ",'text':''", ",'input':'','output':''"), NULL},
    {EVENT("", "'slug':'rating','value':4", ""), NULL},
    {EVENT("", "'slug':'rating','value':4.0", ""), NULL},
    {EVENT("", "'slug':'score','value':-10,'weight':1", ",'source':'platform','anonymize':true"), NULL},
    {EVENT("", UP, ",'attributes':{'a':0.1}"), NULL},
    {EVENT("", UP, ",'attributes':'{}'"), NULL},
    {EVENT("", UP, ",'attributes':{'n':123456789012345678901234567890}"), NULL},
    {EVENT("", UP, ",'sent_at':'2026-01-31T09:00:00.5+01:00'"), NULL},
    {EVENT("", UP, ",'sent_at':1769846400000000"), NULL},
    {EVENT("", UP, ",'input':'a\\u0000b'"), NULL},

    {"", NOT_JSON},
    {"hello", NOT_JSON},
    {EVENT("", UP, "") "}", NOT_JSON},
    {EVENT("", UP, ",'input':'\xff'"), NOT_JSON},
    {EVENT("", UP, ",'input':'\\ud800'"), NOT_JSON},
    {EVENT("", UP, ",'attributes':{"), NOT_JSON},
    {EVENT("", UP, ",'anonymize':True"), NOT_JSON},
    {"3", "not a JSON object"},
    {"[]", "not a JSON object"},
    {"{}", "feedback.slug is missing"},
    {"{'feedback':3}", "feedback must be an object"},
    {"{'feedback':{'slug':'thumbs_up'},'metadata':[]}", "metadata must be an object"},
    {"{'feedback':{'slug':'thumbs_up'}}", "metadata.timestamp is missing"},
    {"{'feedback':{'slug':'thumbs_up'},'metadata':{'timestamp':1}}",
	"one of interaction_id, conversation_id, trace_id and end_user is needed (missing_target)"},
    {EVENT(",'tenant':''", UP, ""), "tenant is missing (missing_field)"},
    {EVENT("", "'slug':'rating'", ""), "rating needs value (missing_field)"},
    {EVENT("", "'slug':'rating','value':6", ""), "rating takes a value from 1 to 5 (value_out_of_range)"},
    {EVENT("", "'slug':'rating','value':4.5", ""), "feedback.value must be a whole number of 32 bits"},
    {EVENT("", "'slug':'rating','value':4294967297", ""), "feedback.value must be a whole number of 32 bits"},
    {EVENT("", "'slug':'rating','value':'4'", ""), "feedback.value must be a whole number of 32 bits"},
    {EVENT("", "'slug':'score','value':1,'weight':'1'", ""), "feedback.weight must be a number"},
    {EVENT("", UP, ",'anonymize':1"), "metadata.anonymize must be true or false"},
    {EVENT("", UP, ",'conversation_id':7"), "metadata.conversation_id must be a string"},
    {EVENT("", UP, ",'source':'staff'"), "metadata.source must be one of customer, platform"},
    {EVENT("", "'slug':'like'", ""),
	"feedback.slug must be one of thumbs_up, thumbs_down, neutral, rating, score, comment, copy_input, "
	"copy_output, paste, clear, retract"},
    {EVENT("", UP, ",'sent_at':true"), "metadata.sent_at must be an RFC 3339 time or whole microseconds"},
    {EVENT("", UP, ",'sent_at':1.5"), "metadata.sent_at must be an RFC 3339 time or whole microseconds"},
    {EVENT("", UP, ",'sent_at':-1"), "sent_at is before 1970 (bad_timestamp)"},
    {EVENT("", UP, ",'attributes':[]"), "metadata.attributes must be an object, or a string that holds one"},
    {EVENT("", UP, ",'attributes':'[]'"), "attributes: not an object (bad_attributes)"},
    {EVENT("", UP, ",'attributes':{'a':1,'a':2}"), "attributes name a key twice"},
    {EVENT("", UP, ",'attributes':{'a':\xff}"), "attributes are not UTF-8"},
    {EVENT("", UP ",'slug':'neutral'", ""), NOT_JSON},
    {EVENT(",'metdata':{}", UP, ""), "unknown field \"metdata\"; did you mean \"metadata\"?"},
    {EVENT("", UP, ",'timestmp':1"),
	"unknown field \"metadata.timestmp\"; did you mean \"metadata.timestamp\"?"},
    {EVENT(",'slug':'x'", UP, ""), "unknown field \"slug\"; did you mean \"feedback.slug\"?"},
    {EVENT("", UP ",'end_user':'x'", ""),
	"unknown field \"feedback.end_user\"; did you mean \"metadata.end_user\"?"},
    {EVENT("", UP, ",'colour':'x'"), "unknown field \"metadata.colour\""},
    {EVENT(",'a\\u001b[1m':1", UP, ""), "unknown field \"a?[1m\""},
};

static const struct {
	const char *line, *why;
} interactions[] = {
    {"{'interaction_id':'i'}", NULL},
    {"{'interaction_id':'i','revision':2.0,'end_user':null,'started_at':1,'ended_at':'1970-01-01T00:00:00."
     "000001Z'}",
	NULL},
    {"{'interaction_id':'i','attributes':{'a':{'b':[1,2,{'c':null}]}}}", NULL},
    {"{}", "interaction_id is missing (missing_field)"},
    {"{'interaction_id':'i','revision':'2'}", "revision must be a whole number of 64 bits"},
    {"{'interaction_id':'i','revision':1e300}", "revision must be a whole number of 64 bits"},
    {"{'interaction_id':'i','started_at':2,'ended_at':1}", "ended_at is before started_at (bad_timestamp)"},
    {"{'interaction_id':'i','atributes':{}}", "unknown field \"atributes\"; did you mean \"attributes\"?"},
    {"{'interaction_id':'i','event_id':'e'}", "unknown field \"event_id\""},
};

static bool
as_wanted(const char *why, const char *want)
{
	if (!why || !want)
		return why == want;
	return strncmp(why, want, !strcmp(want, NOT_JSON) ? strlen(want) : SIZE_MAX) == 0;
}

static void
check(const struct record *type, const char *text, const char *want)
{
	struct arena a = {0};
	struct line l;
	const char *why = line_read(&l, type, json(&a, text), &conf, NOW, &a);

	if (!as_wanted(why, want))
		fail_msg("%s\n  %s\n  not: %s", text, why ? why : "fine", want ? want : "fine");
	arena_free(&a);
}

static void
each_event(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(events); i++)
		check(&record_event, events[i].line, events[i].why);
}

static void
each_interaction(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(interactions); i++)
		check(&record_interaction, interactions[i].line, interactions[i].why);
}

static struct line
read_event(struct arena *a, const char *text)
{
	struct line l;
	const char *why = line_read(&l, &record_event, json(a, text), &conf, NOW, a);

	if (why)
		fail_msg("%s: %s", text, why);
	return l;
}

/* A request body as Nebuly takes it. */
static void
nebuly(void **state)
{
	struct arena a = {0};
	struct event ev =
	    read_event(&a, "{'feedback':{'slug':'copy_output','text':'forty-two'},"
			   "'metadata':{'input':'What is six times seven?','output':'It is forty-two.',"
			   "'end_user':'ann','timestamp':'2026-01-31T08:00:00.25+00:00','anonymize':true}}")
		.as.ev;

	(void)state;
	assert_int_equal(ev.slug, SLUG_COPY_OUTPUT);
	assert_true(str_is(ev.text, "forty-two"));
	assert_true(str_is(ev.input, "What is six times seven?"));
	assert_true(str_is(ev.output, "It is forty-two."));
	assert_true(str_is(ev.end_user, "ann"));
	assert_true(str_is(ev.tenant, "default"));
	assert_int_equal(ev.timestamp, NOW + 250000);
	assert_int_equal(ev.occurred_at, NOW + 250000);
	assert_true(ev.anonymize);
	assert_int_equal(ev.source, SOURCE_CUSTOMER);
	assert_int_equal(ev.event_id.len, 32);
	arena_free(&a);
}

static const struct {
	const char *sent, *kept;
} attributes[] = {
    {"{}", "{}"},
    {" { 'b' : 0.10 , 'a' : [ 1 , { 'd' : 1e400 , 'c' : 18446744073709551615 } ] } ",
	"{'a':[1,{'c':18446744073709551615,'d':1e400}],'b':0.10}"},
    {"{'a':' x , } ] \\' \\\\','b':true}", "{'a':' x , } ] \\' \\\\','b':true}"},
    {"{'z':{},'y':[],'x':[[ ]],'w':null}", "{'w':null,'x':[[]],'y':[],'z':{}}"},
    {"{'a':'\\u0000'}", "{'a':'\\u0000'}"},
};

static void
each_attributes(void **state)
{
	struct arena a = {0};

	(void)state;
	for (size_t i = 0; i < COUNT(attributes); i++) {
		struct line l =
		    read_event(&a, arena_printf(&a, EVENT("", UP, ",'attributes':%s"), attributes[i].sent));

		if (str_cmp(l.as.ev.attributes, json(&a, attributes[i].kept)) != 0)
			fail_msg("%s: %.*s", attributes[i].sent, STR_FMT(l.as.ev.attributes));
	}
	arena_free(&a);
}

#define NO_ID(feedback, meta) "{'feedback':{" feedback "},'metadata':{" meta "}}"

/* Lines of one group have one id, those of different groups different ones. */
static const struct {
	int group;
	const char *line;
} ids[] = {
    {1, NO_ID(UP, "'end_user':'u','timestamp':1000000")},
    {1, NO_ID(UP, "'end_user':'u','timestamp':1000000.0")},
    {1, NO_ID(UP, " 'timestamp' : '1970-01-01T01:00:01+01:00' , 'end_user' : 'u' ")},
    {1, NO_ID(UP ",'text':'','value':null", "'end_user':'u','timestamp':1000000,'source':'customer'")},
    {1, "{'event_id':null,'tenant':'default','metadata':{'end_user':'u','timestamp':1000000},"
	"'feedback':{'slug':'thumbs_up'}}"},
    {2, NO_ID(UP, "'end_user':'u','timestamp':1000001")},
    {3, NO_ID(UP, "'conversation_id':'u','timestamp':1000000")},
    {4, NO_ID("'slug':'neutral'", "'end_user':'u','timestamp':1000000")},
    {5, NO_ID(UP, "'end_user':'u','timestamp':1000000,'attributes':{'a':1,'b':[2,3]}")},
    {5, NO_ID(UP, "'end_user':'u','timestamp':1000000,'attributes':{ 'b':[2, 3], 'a':1 }")},
    {5, NO_ID(UP, "'end_user':'u','timestamp':1000000,'attributes':'{\\'a\\':1,\\'b\\':[2,3]}'")},
    {6, NO_ID(UP, "'end_user':'u','timestamp':1000000,'attributes':{'a':1,'b':[3,2]}")},
    {7, NO_ID(UP, "'end_user':'u\\u0000','timestamp':1000000")},
    {8, NO_ID(UP ",'text':'x'", "'end_user':'u','timestamp':1000000")},
    {9, NO_ID("'slug':'score','value':1,'weight':0.5", "'end_user':'u','timestamp':1000000")},
    {10, NO_ID("'slug':'score','value':1", "'end_user':'u','timestamp':1000000")},
};

static void
each_id(void **state)
{
	struct arena a = {0};
	struct str got[COUNT(ids)];

	(void)state;
	for (size_t i = 0; i < COUNT(ids); i++) {
		got[i] = read_event(&a, ids[i].line).as.ev.event_id;
		for (size_t j = 0; j < i; j++)
			if ((str_cmp(got[i], got[j]) == 0) != (ids[i].group == ids[j].group))
				fail_msg("%s\n%s", ids[i].line, ids[j].line);
	}
	/* for ever, as it makes sending a file twice harmless (value from Python's hashlib.blake2b) */
	assert_true(str_is(got[0], "43551455fb54923af12ce431e252b25c"));
	arena_free(&a);
}

static const struct {
	const char *meta, *key;
} keys[] = {
    {"'end_user':'u','interaction_id':'i','conversation_id':'c','trace_id':'t'", "u"},
    {"'interaction_id':'i','conversation_id':'c','trace_id':'t'", "c"},
    {"'interaction_id':'i','trace_id':'t'", "t"},
    {"'interaction_id':'i'", "i"},
};

static void
each_key(void **state)
{
	struct arena a = {0};

	(void)state;
	for (size_t i = 0; i < COUNT(keys); i++) {
		struct line l = read_event(&a, arena_printf(&a, NO_ID(UP, "'timestamp':1,%s"), keys[i].meta));

		assert_true(str_is(line_key(&l), keys[i].key));
	}
	arena_free(&a);
}

/* Cut short anywhere, or with any byte changed, a line is read or refused, and nothing worse. */
static void
damaged(void **state)
{
	static const char line[] =
	    "{\"feedback\":{\"slug\":\"score\",\"value\":1},\"metadata\":{\"attributes\":"
	    "{\"a\":[1,{\"b\\u00e9\":\"\\\"\"}]},\"timestamp\":1,\"end_user\":\"\\ud83d\\ude00\"}}";
	static const char bytes[] = "\"{}[],:\\u0 \xff";
	struct arena a = {0};
	struct line l;

	(void)state;
	for (size_t n = 0; n < sizeof line; n++) {
		char text[sizeof line];

		for (size_t k = 0; k < sizeof bytes; k++) {
			memcpy(text, line, sizeof line);
			text[n] = bytes[k];
			line_read(&l, &record_event, (struct str){text, sizeof line - 1}, &conf, NOW, &a);
		}
		memcpy(text, line, sizeof line);
		if (n < sizeof line - 1)
			assert_non_null(line_read(&l, &record_event, (struct str){text, n}, &conf, NOW, &a));
		arena_reset(&a);
	}
	arena_free(&a);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(each_event),
	    cmocka_unit_test(each_interaction),
	    cmocka_unit_test(nebuly),
	    cmocka_unit_test(each_attributes),
	    cmocka_unit_test(each_id),
	    cmocka_unit_test(each_key),
	    cmocka_unit_test(damaged),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
