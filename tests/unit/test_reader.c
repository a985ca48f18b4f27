#include "reader.h"

#include "arena.h"
#include "buf.h"
#include "embed.h"
#include "field.h"

#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define E READ_EVENT
#define I READ_INTERACTION

#define COUNT(a) (sizeof(a) / sizeof *(a))

/* ---- writing ---- */

static void
put_byte(struct buf *b, unsigned byte)
{
	char c = (char)byte;

	buf_put(b, &c, 1);
}

static void
put_long(struct buf *b, int64_t v)
{
	uint64_t n = ((uint64_t)v << 1) ^ (v < 0 ? UINT64_MAX : 0);

	for (; n > 0x7f; n >>= 7)
		put_byte(b, (unsigned)(n & 0x7f) | 0x80);
	put_byte(b, (unsigned)n);
}

static void
put_text(struct buf *b, const char *p, size_t len)
{
	put_long(b, (int64_t)len);
	buf_put(b, p, len);
}

/*
 * A message, written down as words: 12 is an int, a long, a length, a branch or a symbol; 'abc' a string or
 * bytes; f1.5 a float, d1.5 a double; T and F booleans; x00ff bytes as they are.
 */
static void
put_words(struct buf *b, const char *words)
{
	for (const char *w = words + strspn(words, " "); *w;) {
		size_t len = *w == '\'' ? strcspn(w + 1, "'") + 2 : strcspn(w, " ");
		double d;
		float f;

		if (*w == '\'') {
			put_text(b, w + 1, len - 2);
		} else if (*w == 'x') {
			for (size_t i = 1; i < len; i += 2)
				put_byte(b, (unsigned)strtoul((char[]){w[i], w[i + 1], 0}, NULL, 16));
		} else if (*w == 'T' || *w == 'F') {
			put_byte(b, *w == 'T');
		} else if (*w == 'd') {
			d = strtod(w + 1, NULL);
			buf_put(b, (const char *)&d, sizeof d);
		} else if (*w == 'f') {
			f = strtof(w + 1, NULL);
			buf_put(b, (const char *)&f, sizeof f);
		} else {
			put_long(b, strtoll(w, NULL, 10));
		}
		w += len;
		w += strspn(w, " ");
	}
}

/* Schemas are written with ' for "; those that have a " are as they are. */
static void
put_json(struct buf *b, const char *json)
{
	bool written = !strchr(json, '"');

	for (; *json; json++)
		put_byte(b, written && *json == '\'' ? '"' : (unsigned char)*json);
}

static const char *
text_of(struct buf *b)
{
	put_byte(b, 0);
	return b->p;
}

/* ---- reading ---- */

static void
show_field(struct buf *out, const struct field *f, const void *record)
{
	const void *at = field_of(f, record);

	if (!field_there(f, record)) {
		buf_printf(out, "-");
		return;
	}
	switch (f->type) {
	case FIELD_TEXT:
	case FIELD_TEXT_OR_NULL:
	case FIELD_ATTRIBUTES:
		buf_put(out, ((const struct str *)at)->p, ((const struct str *)at)->len);
		break;
	case FIELD_LONG:
	case FIELD_TIME:
	case FIELD_TIME_OR_NULL:
		buf_printf(out, "%" PRId64, *(const int64_t *)at);
		break;
	case FIELD_INT_OR_NULL:
		buf_printf(out, "%" PRId32, *(const int32_t *)at);
		break;
	case FIELD_REAL_OR_NULL:
		buf_printf(out, "%.17g", *(const double *)at);
		break;
	case FIELD_BOOL:
		buf_printf(out, "%s", *(const bool *)at ? "true" : "false");
		break;
	case FIELD_ENUM:
		buf_printf(out, "%s", f->names[*(const int32_t *)at]);
		break;
	}
}

/* One field of the record, or with NULL every one that does not have its default. */
static void
show(struct buf *out, enum plan_of of, const void *record, const char *name)
{
	const struct record *r = of == E ? &record_event : &record_interaction;
	struct event ev;
	struct interaction in;

	event_init(&ev);
	interaction_init(&in);
	for (size_t i = 0; i < r->n_fields; i++) {
		const struct field *f = &r->fields[i];
		struct buf value = {0}, fallback = {0};

		show_field(&value, f, record);
		show_field(&fallback, f, of == E ? (void *)&ev : (void *)&in);
		if (name && !strcmp(name, f->name))
			buf_put(out, value.p, value.len);
		else if (!name &&
			 str_cmp((struct str){value.p, value.len}, (struct str){fallback.p, fallback.len}))
			buf_printf(out, "%s%s=%.*s", out->len ? " " : "", f->name, (int)value.len, value.p);
		buf_free(&value);
		buf_free(&fallback);
	}
}

/* Reads bytes that end where their memory ends, and shows the record, or what is wrong behind a '!'. */
static void
read_bytes(
    struct buf *out, const struct plan *r, enum plan_of of, const char *p, size_t len, const char *name)
{
	char *exact = xcalloc(len, 1);
	struct str bytes = {exact, len};
	struct event ev;
	struct interaction in;
	const char *wrong;

	if (len)
		memcpy(exact, p, len);
	event_init(&ev);
	interaction_init(&in);
	wrong = of == E ? reader_event(r, bytes, &ev) : reader_interaction(r, bytes, &in);
	if (wrong)
		buf_printf(out, "!%s", wrong);
	else
		show(out, of, of == E ? (void *)&ev : (void *)&in, name);
	free(exact);
}

/* Reads words as a record of schema; a schema that cannot be read says why behind '!!'. */
static bool
reads(enum plan_of of, const char *schema, const char *words, const char *name, const char *expected)
{
	struct buf json = {0}, bytes = {0}, out = {0};
	char why[256];
	struct plan *r;
	bool ok;

	put_json(&json, schema);
	put_words(&bytes, words);
	r = plan_open(text_of(&json), of, why, sizeof why);
	if (r)
		read_bytes(&out, r, of, bytes.p, bytes.len, name);
	else
		buf_printf(&out, "!!%s", why);
	ok = !strcmp(text_of(&out), expected);
	if (!ok)
		print_error("%s\n  %s\n  expected: %s\n  read:     %s\n", schema, words, expected, out.p);
	plan_close(r);
	buf_free(&json);
	buf_free(&bytes);
	buf_free(&out);
	return ok;
}

/* ---- one field ---- */

#define SLUGS_OF_OURS                                                                                        \
	"'thumbs_up','thumbs_down','neutral','rating','score','comment','copy_input','copy_output','paste'," \
	"'clear',"                                                                                           \
	"'retract'"

/*
 * A record that has what it needs and one field more, or another in the place of one it needs: what follows
 * the others in their record. %s: the field. Words: of the others.
 */
static const struct base {
	const char *group;
	enum plan_of of;
	const char *without; /* the field whose place it takes, NULL: any other */
	const char *schema, *words;
} bases[] = {
#define FEEDBACK "{'name':'feedback','type':{'type':'record','name':'Feedback','fields':["
#define METADATA "{'name':'metadata','type':{'type':'record','name':'Metadata','fields':["
#define EVENT	 "{'type':'record','name':'FeedbackEvent','fields':["
#define SLUG	 "{'name':'slug','type':{'type':'enum','name':'Slug','symbols':['score']}}"
#define TIME	 "{'name':'timestamp','type':'long'}"
#define ID	 "{'name':'event_id','type':'string'}"
    {"event", E, "event_id", EVENT FEEDBACK SLUG "]}}," METADATA TIME "]}},%s]}", "0 5"},
    {"event", E, NULL, EVENT ID "," FEEDBACK SLUG "]}}," METADATA TIME "]}},%s]}", "'e' 0 5"},
    {"feedback", E, "slug", EVENT ID "," METADATA TIME "]}}," FEEDBACK "%s]}}]}", "'e' 5"},
    {"feedback", E, NULL, EVENT ID "," METADATA TIME "]}}," FEEDBACK SLUG ",%s]}}]}", "'e' 5 0"},
    {"metadata", E, "timestamp", EVENT ID "," FEEDBACK SLUG "]}}," METADATA "%s]}}]}", "'e' 0"},
    {"metadata", E, NULL, EVENT ID "," FEEDBACK SLUG "]}}," METADATA TIME ",%s]}}]}", "'e' 0 5"},
#define INTERACTION "{'type':'record','name':'Interaction','fields':["
#define IID	    "{'name':'interaction_id','type':'string'}"
#define USER	    "{'name':'end_user','type':'string'}"
#define INPUT	    "{'name':'input','type':'string'}"
    {"interaction", I, "interaction_id", INTERACTION USER "," INPUT ",%s]}", "'u' 'x'"},
    {"interaction", I, "end_user", INTERACTION IID "," INPUT ",%s]}", "'i' 'x'"},
    {"interaction", I, "input", INTERACTION IID "," USER ",%s]}", "'i' 'u'"},
    {"interaction", I, NULL, INTERACTION IID "," USER "," INPUT ",%s]}", "'i' 'u' 'x'"},
};

#define LONG(logical)  "{'type':'long','logicalType':'" logical "'}"
#define INT(logical)   "{'type':'int','logicalType':'" logical "'}"
#define MAX64	       "9223372036854775807"
#define MIN64	       "-9223372036854775808"
#define NO_TIME(name)  "!!field \"" name "\" is neither timestamp-micros nor timestamp-millis"
#define NOT_OURS(name) "!!field \"" name "\" has a type that cannot be read as ours"
#define NO_BRANCH      "!a union has a branch that cannot be read as ours"
#define EARLY	       "!the bytes end early"

static const struct {
	const char *group, *name, *type, *words, *expected;
} fields[] = {
    /* the very type */
    {"event", "event_id", "'string'", "'abc'", "abc"},
    {"event", "tenant", "'string'", "'acme'", "acme"},
    {"event", "tenant", "'string'", "''",
	"-"}, /* an empty string counts as absent, the default is for no field */
    {"feedback", "text", "['null','string']", "1 'abc'", "abc"},
    {"feedback", "text", "['null','string']", "0", "-"},
    {"feedback", "value", "['null','int']", "1 -3", "-3"},
    {"feedback", "weight", "['null','double']", "1 d0.25", "0.25"},
    {"metadata", "anonymize", "'boolean'", "T", "true"},
    {"metadata", "anonymize", "'boolean'", "F", "false"},
    {"metadata", "anonymize", "'boolean'", "x02", "!a boolean is neither true nor false"},
    {"interaction", "revision", "'long'", MAX64, MAX64},
    {"interaction", "revision", "'long'", MIN64, MIN64},

    /* the same, written at length */
    {"event", "tenant", "{'type':'string'}", "'acme'", "acme"},
    {"event", "tenant", "{'type':'string','avro.java.string':'String'}", "'acme'", "acme"},
    {"interaction", "revision", "{'type':'long','name':'Interaction'}", "7", "7"},

    /* no union where we have one, a union where we have none */
    {"feedback", "text", "'string'", "'abc'", "abc"},
    {"feedback", "text", "'null'", "", "-"},
    {"feedback", "value", "'int'", "4", "4"},
    {"event", "tenant", "['string','null']", "0 'acme'", "acme"},
    {"event", "tenant", "['string','null']", "1", NO_BRANCH},
    {"event", "tenant", "['string']", "0 'acme'", "acme"},
    {"event", "tenant", "'null'", "", NOT_OURS("tenant")},
    {"event", "tenant", "['null']", "0", NOT_OURS("tenant")},
    {"feedback", "text", "['null']", "0", "-"},

    /* branches in another order, and some that are not ours */
    {"feedback", "text", "['string','null']", "0 'abc'", "abc"},
    {"feedback", "text", "['string','null']", "1", "-"},
    {"feedback", "text", "['int','string','null']", "1 'abc'", "abc"},
    {"feedback", "text", "['int','string','null']", "2", "-"},
    {"feedback", "text", "['int','string','null']", "0 5", NO_BRANCH},
    {"feedback", "text", "['null','int']", "0", "-"},
    {"feedback", "text", "['null','int']", "1 5", NO_BRANCH},
    {"feedback", "text", "['int',{'type':'array','items':'string'}]", "0 5", NOT_OURS("text")},
    {"feedback", "text", "['null','string']", "2", "!a union has no such branch"},
    {"feedback", "text", "['null','string']", "-1", "!a union has no such branch"},
    {"feedback", "text", "['null','string']", MAX64, "!a union has no such branch"},
    {"feedback", "text", "['null','string']", "4294967297 'abc'", "!a union has no such branch"},
    {"feedback", "weight", "['null','int','float','double','string']", "1 1", "1"},
    {"feedback", "weight", "['null','int','float','double','string']", "2 f0.5", "0.5"},
    {"feedback", "weight", "['null','int','float','double','string']", "3 d0.75", "0.75"},
    {"feedback", "weight", "['null','int','float','double','string']", "4 'x'", NO_BRANCH},

    /* promotions */
    {"interaction", "revision", "'int'", "-2147483648", "-2147483648"},
    {"feedback", "weight", "'int'", "1", "1"},
    {"feedback", "weight", "'long'", "9007199254740993", "9007199254740992"},
    {"feedback", "weight", "'float'", "f0.5", "0.5"},
    {"feedback", "weight", "'float'", "f0.1", "0.10000000149011612"},
    {"feedback", "text", "'bytes'", "'abc'", "abc"},
    {"event", "event_id", "'bytes'", "'abc'", "abc"},
    {"metadata", "timestamp", "'int'", "7", "7"},
    {"metadata", "sent_at", "['null','int']", "1 7", "7"},

    /* none of them */
    {"feedback", "value", "'long'", "1", NOT_OURS("value")},
    {"feedback", "value", "['null','long']", "0", "-"},
    {"feedback", "value", "['null','long']", "1 1", NO_BRANCH},
    {"feedback", "value", "'float'", "f1", NOT_OURS("value")},
    {"feedback", "value", "'boolean'", "T", NOT_OURS("value")},
    {"feedback", "weight", "'string'", "'1'", NOT_OURS("weight")},
    {"interaction", "revision", "'double'", "d1", NOT_OURS("revision")},
    {"interaction", "revision", "'float'", "f1", NOT_OURS("revision")},
    {"interaction", "revision", "'string'", "'1'", NOT_OURS("revision")},
    {"metadata", "anonymize", "'int'", "1", NOT_OURS("anonymize")},
    {"feedback", "text", "'int'", "1", NOT_OURS("text")},
    {"feedback", "text", "{'type':'fixed','name':'F','size':3}", "xffffff", NOT_OURS("text")},
    {"feedback", "text", "{'type':'enum','name':'Text','symbols':['a']}", "0", NOT_OURS("text")},
    {"feedback", "text", "{'type':'array','items':'string'}", "0", NOT_OURS("text")},
    {"feedback", "text", "{'type':'map','values':'string'}", "0", NOT_OURS("text")},
    {"feedback", "text", "{'type':'record','name':'Text','fields':[]}", "",
	"!!record \"Text\" is not our \"text\""},
    {"feedback", "slug", "'string'", "'score'", NOT_OURS("slug")},
    {"feedback", "slug", "'int'", "4", NOT_OURS("slug")},

    /* enums */
    {"feedback", "slug", "{'type':'enum','name':'Slug','symbols':[" SLUGS_OF_OURS "]}", "0", "thumbs_up"},
    {"feedback", "slug", "{'type':'enum','name':'Slug','symbols':[" SLUGS_OF_OURS "]}", "10", "retract"},
    {"feedback", "slug", "{'type':'enum','name':'Slug','symbols':[" SLUGS_OF_OURS "]}", "11",
	"!an enum has no such symbol"},
    {"feedback", "slug", "{'type':'enum','name':'Slug','symbols':[" SLUGS_OF_OURS "]}", "-1",
	"!an enum has no such symbol"},
    {"feedback", "slug", "{'type':'enum','name':'Slug','symbols':['wave','paste','score']}", "2", "score"},
    {"feedback", "slug", "{'type':'enum','name':'Slug','symbols':['wave','paste','score']}", "1", "paste"},
    {"feedback", "slug", "{'type':'enum','name':'Slug','symbols':['wave','paste','score']}", "0",
	"!an enum symbol is none of ours"},
    {"feedback", "slug", "{'type':'enum','name':'Slug','symbols':['wave','paste'],'default':'paste'}", "0",
	"!an enum symbol is none of ours"},
    {"feedback", "slug", "{'type':'enum','name':'Slug','symbols':['Score']}", "0",
	"!an enum symbol is none of ours"},
    {"feedback", "slug", "['null',{'type':'enum','name':'Slug','symbols':['score']}]", "1 0", "score"},
    {"feedback", "slug", "['null',{'type':'enum','name':'Slug','symbols':['score']}]", "0", NO_BRANCH},
    {"feedback", "slug", "{'type':'enum','name':'Kind','symbols':['score']}", "0", NOT_OURS("slug")},
    {"feedback", "slug", "{'type':'enum','name':'slug','symbols':['score']}", "0", NOT_OURS("slug")},
    {"feedback", "slug", "{'type':'enum','name':'Slug','namespace':'other','symbols':['score']}", "0",
	"score"},
    {"feedback", "slug", "{'type':'enum','name':'a.b.Slug','symbols':['score']}", "0", "score"},
    {"feedback", "slug", "{'type':'record','name':'Slug','fields':[]}", "",
	"!!record \"Slug\" is not our \"slug\""},
    {"metadata", "source", "{'type':'enum','name':'Source','symbols':['platform','customer']}", "0",
	"platform"},
    {"metadata", "source", "{'type':'enum','name':'Slug2','symbols':['platform']}", "0", NOT_OURS("source")},

    /* times */
    {"metadata", "timestamp", LONG("timestamp-micros"), "1700000000000001", "1700000000000001"},
    {"metadata", "timestamp", "'long'", "1700000000000001", "1700000000000001"},
    {"metadata", "timestamp", "{'type':'long','logicalType':null}", "7", "7"},
    {"metadata", "timestamp", LONG("timestamp-millis"), "1700000000001", "1700000000001000"},
    {"metadata", "timestamp", LONG("timestamp-millis"), "-1", "-1000"},
    {"metadata", "timestamp", LONG("timestamp-millis"), "9223372036854775", "9223372036854775000"},
    {"metadata", "timestamp", LONG("timestamp-millis"), "9223372036854776", MAX64},
    {"metadata", "timestamp", LONG("timestamp-millis"), MAX64, MAX64},
    {"metadata", "timestamp", LONG("timestamp-millis"), "-9223372036854775", "-9223372036854775807"},
    {"metadata", "timestamp", LONG("timestamp-millis"), MIN64, "-9223372036854775807"},
    {"metadata", "timestamp", LONG("timestamp-micros"), MIN64,
	"-9223372036854775807"}, /* there, if out of range */
    {"metadata", "timestamp", LONG("timestamp-nanos"), "7", NO_TIME("timestamp")},
    {"metadata", "timestamp", LONG("local-timestamp-millis"), "7", NO_TIME("timestamp")},
    {"metadata", "timestamp", LONG("local-timestamp-micros"), "7", NO_TIME("timestamp")},
    {"metadata", "timestamp", LONG("time-micros"), "7", NO_TIME("timestamp")},
    {"metadata", "timestamp", INT("date"), "7", NO_TIME("timestamp")},
    {"metadata", "timestamp", "'string'", "'2026-01-01'", NOT_OURS("timestamp")},
    {"metadata", "timestamp", "['null'," LONG("timestamp-millis") "]", "1 7", "7000"},
    {"metadata", "timestamp", "['null'," LONG("timestamp-millis") "]", "0", NO_BRANCH},
    {"metadata", "timestamp", "['null','long'," INT("date") "]", "1 7", NO_TIME("timestamp")},
    {"metadata", "timestamp", "[" LONG("timestamp-nanos") ",'null']", "1", NO_TIME("timestamp")},
    {"metadata", "sent_at", "['null'," LONG("timestamp-micros") "]", "1 7", "7"},
    {"metadata", "sent_at", "['null'," LONG("timestamp-micros") "]", "0", "-"},
    {"metadata", "sent_at", "['null'," LONG("timestamp-nanos") "]", "0", NO_TIME("sent_at")},
    {"interaction", "started_at", "['null'," LONG("timestamp-millis") "]", "1 7", "7000"},
    {"interaction", "ended_at", LONG("timestamp-millis"), "7", "7000"},
    {"interaction", "ended_at", "['null'," LONG("timestamp-nanos") "]", "0", NO_TIME("ended_at")},
    {"interaction", "revision", LONG("timestamp-millis"), "7", "7"}, /* no time of ours */
    {"feedback", "value", INT("date"), "7", "7"},
    {"feedback", "text", "{'type':'string','logicalType':'uuid'}", "'abc'", "abc"},
    {"feedback", "text", "{'type':'bytes','logicalType':'decimal','precision':4,'scale':2}", "'abc'", "abc"},

    /* numbers */
    {"interaction", "revision", "'long'", "x8000", "0"},
    {"interaction", "revision", "'long'", "x80808080808080808000", "0"},
    {"interaction", "revision", "'long'", "xfeffffffffffffffff01", MAX64},
    {"interaction", "revision", "'long'", "xffffffffffffffffff01", MIN64},
    {"interaction", "revision", "'long'", "xffffffffffffffffff02", "!a number is too long"},
    {"interaction", "revision", "'long'", "xffffffffffffffffff03", "!a number is too long"},
    {"interaction", "revision", "'long'", "xffffffffffffffffff8100", "!a number is too long"},
    {"interaction", "revision", "'long'", "x8080808080808080808000", "!a number is too long"},
    {"interaction", "revision", "'long'", "xffffffffffffffffff", EARLY},
    {"interaction", "revision", "'long'", "", EARLY},
    {"feedback", "value", "'int'", "2147483647", "2147483647"},
    {"feedback", "value", "'int'", "2147483648", "!an int is out of range"},
    {"feedback", "value", "'int'", "-2147483649", "!an int is out of range"},
    {"feedback", "weight", "'double'", "x000000000000f07f", "inf"},
    {"feedback", "weight", "'double'", "d-0.0", "-0"},

    /* lengths */
    {"event", "tenant", "'string'", "-1", "!a length is negative"},
    {"event", "tenant", "'string'", MIN64, "!a length is negative"},
    {"event", "tenant", "'string'", "1", EARLY},
    {"event", "tenant", "'string'", "4294967296", EARLY},
    {"event", "tenant", "'string'", MAX64, EARLY},
    {"event", "tenant", "'string'", "9223372036854775800", EARLY},
    {"feedback", "text", "'bytes'", "-1", "!a length is negative"},
};

static bool
reads_field(size_t row)
{
	const struct base *base = NULL;
	struct buf field = {0}, schema = {0}, words = {0};
	bool ok;

	for (size_t i = 0; i < COUNT(bases) && !base; i++)
		if (!strcmp(bases[i].group, fields[row].group) &&
		    (!bases[i].without || !strcmp(bases[i].without, fields[row].name)))
			base = &bases[i];
	assert_non_null(base);
	buf_printf(&field, "{'name':'%s','type':%s}", fields[row].name, fields[row].type);
	for (const char *p = base->schema; *p; p++) {
		if (p[0] == '%' && p[1] == 's') {
			buf_put(&schema, field.p, field.len);
			p++;
		} else {
			put_byte(&schema, (unsigned char)*p);
		}
	}
	buf_printf(&words, "%s %s", base->words, fields[row].words);
	ok = reads(base->of, text_of(&schema), text_of(&words), fields[row].name, fields[row].expected);
	buf_free(&field);
	buf_free(&schema);
	buf_free(&words);
	return ok;
}

static void
reads_a_field(void **state)
{
	int bad = 0;

	(void)state;
	for (size_t i = 0; i < COUNT(fields); i++)
		bad += !reads_field(i);
	assert_int_equal(bad, 0);
}

/* ---- whole records ---- */

#define PLAIN_I	     "interaction_id=i end_user=u input=x"
#define PLAIN_FIELDS IID "," USER "," INPUT
#define PLAIN_WORDS  "'i' 'u' 'x'"
#define NAMED(name)  "{'type':'record','name':" name ",'fields':[" PLAIN_FIELDS "]}"
#define WITH(fields) \
	"{'type':'record','name':'Interaction','namespace':'a','fields':[" fields "," PLAIN_FIELDS "]}"
#define X(name, type) "{'name':'" name "','type':" type "}"
#define NO_AVRO	      "!!the writer's schema is no Avro schema"
#define NO_I	      "!!it is not our record \"Interaction\""

static const struct {
	enum plan_of of;
	const char *schema, *words, *expected;
} records[] = {
    /* only what is needed: our defaults for the rest */
    {I, NAMED("'Interaction'"), PLAIN_WORDS, PLAIN_I},
    {E, EVENT ID "," FEEDBACK SLUG "]}}," METADATA TIME "]}}]}", "'e' 0 5",
	"event_id=e slug=score timestamp=5"},

    /* one that is needed is not there */
    {I, INTERACTION USER "," INPUT "]}", "'u' 'x'",
	"!!field \"interaction_id\" is missing and has no default"},
    {I, INTERACTION IID "," INPUT "]}", "'i' 'x'", "!!field \"end_user\" is missing and has no default"},
    {I, INTERACTION IID "," USER "]}", "'i' 'u'", "!!field \"input\" is missing and has no default"},
    {E, EVENT FEEDBACK SLUG "]}}," METADATA TIME "]}}]}", "",
	"!!field \"event_id\" is missing and has no default"},
    {E, EVENT ID "," METADATA TIME "]}}]}", "", "!!field \"feedback\" is missing and has no default"},
    {E, EVENT ID "," FEEDBACK SLUG "]}}]}", "", "!!field \"metadata\" is missing and has no default"},
    {E, EVENT ID "," FEEDBACK "]}}," METADATA TIME "]}}]}", "",
	"!!field \"slug\" is missing and has no default"},
    {E, EVENT ID "," FEEDBACK SLUG "]}}," METADATA "]}}]}", "",
	"!!field \"timestamp\" is missing and has no default"},
    {I, INTERACTION "{'name':'Input','type':'string'}," IID "," USER "]}", "'x' 'i' 'u'",
	"!!field \"input\" is missing and has no default"},
    {I, INTERACTION "{'name':'text','aliases':['input'],'type':'string'}," IID "," USER "]}", "'x' 'i' 'u'",
	"!!field \"input\" is missing and has no default"}, /* aliases are the reader's to give */

    /* in another order */
    {I, INTERACTION INPUT "," USER ",{'name':'tenant','type':'string'}," IID "]}", "'x' 'u' 't' 'i'",
	"tenant=t " PLAIN_I},
    {E, EVENT METADATA TIME "]}}," FEEDBACK "{'name':'value','type':'int'}," SLUG "]}}," ID "]}", "5 3 0 'e'",
	"event_id=e slug=score value=3 timestamp=5"},

    /* names compare without namespace, and no further */
    {I, NAMED("'afterword.Interaction'"), PLAIN_WORDS, PLAIN_I},
    {I, NAMED("'a.b.c.Interaction'"), PLAIN_WORDS, PLAIN_I},
    {I, NAMED("'Interaction','namespace':'a.b'"), PLAIN_WORDS, PLAIN_I},
    {I, NAMED("'Interaction','namespace':''"), PLAIN_WORDS, PLAIN_I},
    {I, NAMED("'a.Interaction','namespace':'b'"), PLAIN_WORDS, PLAIN_I},
    {I, NAMED("'interaction'"), PLAIN_WORDS, "!!record \"interaction\" is not our \"Interaction\""},
    {I, NAMED("'Interaction.Other'"), PLAIN_WORDS, "!!record \"Other\" is not our \"Interaction\""},
    {I, NAMED("'Exchange','aliases':['Interaction']"), PLAIN_WORDS,
	"!!record \"Exchange\" is not our \"Interaction\""},
    {E, NAMED("'Interaction'"), PLAIN_WORDS, "!!record \"Interaction\" is not our \"FeedbackEvent\""},
    {E,
	EVENT ID ",{'name':'feedback','type':{'type':'record','name':'Other','fields':[" SLUG
		 "]}}," METADATA TIME "]}}]}",
	"", "!!record \"Other\" is not our \"feedback\""},
    {E, EVENT ID "," FEEDBACK SLUG "]}},{'name':'metadata','type':'Feedback'}]}", "",
	"!!record \"Feedback\" is not our \"metadata\""},

    /* a record in a union */
    {I, "['null'," NAMED("'Interaction'") "]", "1 " PLAIN_WORDS, PLAIN_I},
    {I, "['null'," NAMED("'Interaction'") "]", "0", NO_BRANCH},
    {I, "[" NAMED("'Other'") "," NAMED("'Interaction'") "]", "1 " PLAIN_WORDS, PLAIN_I},
    {I, "[" NAMED("'Other'") "," NAMED("'Interaction'") "]", "0 " PLAIN_WORDS, NO_BRANCH},
    {I, "['null'," NAMED("'Other'") ",'string']", "0", "!!record \"Other\" is not our \"Interaction\""},
    {E,
	EVENT ID "," FEEDBACK SLUG
		 "]}},{'name':'metadata','type':['null',{'type':'record','name':'Metadata','fields':[" TIME
		 "]}]}]}",
	"'e' 0 1 5", "event_id=e slug=score timestamp=5"},
    {E,
	EVENT ID "," FEEDBACK SLUG
		 "]}},{'name':'metadata','type':['null',{'type':'record','name':'Metadata','fields':[" TIME
		 "]}]}]}",
	"'e' 0 0", NO_BRANCH},
    {E,
	EVENT ID "," FEEDBACK SLUG
		 "]}},{'name':'metadata','type':[{'type':'record','name':'Metadata','fields':[]},'null']}]}",
	"'e' 0 0", "!!field \"timestamp\" is missing and has no default"},
    {E,
	EVENT ID "," FEEDBACK SLUG "]}},{'name':'metadata','type':['null',{'type':'record','name':'Metadata',"
		 "'fields':[{'name':'timestamp',"
		 "'type':" LONG("timestamp-nanos") "}]}]}]}",
	"'e' 0 0", NO_TIME("timestamp")},

    /* no record at all */
    {I, "'string'", "'i'", NO_I}, {I, "{'type':'string'}", "'i'", NO_I}, {I, "['null','string']", "0", NO_I},
    {I, "{'type':'array','items':" NAMED("'Interaction'") "}", "0", NO_I},
    {I, "{'type':'map','values':" NAMED("'Interaction'") "}", "0", NO_I},
    {I, "{'type':'fixed','name':'Interaction','size':3}", "xffffff", NO_I},
    {I, "{'type':'enum','name':'Interaction','symbols':['a']}", "0", NO_I}, {I, "", "", NO_AVRO},
    {I, "{", "", NO_AVRO}, {I, "{}", "", NO_AVRO}, {I, "[]", "", NO_AVRO}, {I, "null", "", NO_AVRO},
    {I, "'Interaction'", "", NO_AVRO}, {I, NAMED("'Interaction'") " x", PLAIN_WORDS, NO_AVRO},
    {I, NAMED("5"), PLAIN_WORDS, NO_AVRO}, {I, "{'type':'record','name':'Interaction'}", "", NO_AVRO},
    {I, WITH("{'name':'n'}"), "", NO_AVRO}, {I, WITH(X("n", "'Nowhere'")), "", NO_AVRO},
    {I, WITH(X("n", "'N'") "," X("m", "{'type':'fixed','name':'N','size':1}")), "",
	NO_AVRO}, /* used before it is defined */
    {I, WITH(X("n", "{'type':'fixed','name':'N','size':-1}")), PLAIN_WORDS, "!!a fixed has no such size"},
    {I, WITH(X("n", "{'type':'fixed','name':'N','size':4294967296}")), PLAIN_WORDS,
	"!!a fixed has no such size"},
    {I, WITH(X("n", "['null',{'type':'fixed','name':'N','size':-1}]")), "0 " PLAIN_WORDS,
	"!!a fixed has no such size"},

    /* names: whole, or in the namespace they stand in; each definition in the one it says */
    {I, WITH(X("n", "{'type':'fixed','name':'N','size':1}") "," X("m", "'N'") "," X("o", "'a.N'")),
	"x010101 " PLAIN_WORDS, PLAIN_I},
    {I,
	WITH(X("n", "{'type':'fixed','name':'N','size':1}") "," X(
	    "m", "{'type':'fixed','name':'b.N','size':2}") "," X("o", "'N'") "," X("p", "'b.N'")),
	"x01 x0202 x01 x0202 " PLAIN_WORDS, PLAIN_I},
    {I,
	WITH(X("n", "{'type':'record','name':'b.N','fields':[" X(
			"f", "{'type':'fixed','name':'M','size':2}") "," X("g", "'M'") "]}") "," X("m",
	    "{'type':'fixed','name':'M','size':1}") "," X("o", "'M'") "," X("p", "'b.M'")),
	"x0202 x0202 x01 x01 x0202 " PLAIN_WORDS, PLAIN_I},
    {I,
	WITH(X("n", "{'type':'record','name':'N','namespace':'b.c','fields':[" X("f", "['null','N']") "," X(
			"g", "{'type':'fixed','name':'M','size':2}") "]}") "," X("m",
	    "['null','b.c.M','b.c.N']")),
	"1 0 x0202 x0303 2 0 x0202 " PLAIN_WORDS, PLAIN_I},
    {I,
	WITH(X("n", "{'type':'enum','name':'N','symbols':['A','B']}") "," X(
	    "m", "{'type':'string','name':'N'}") "," X("o", "'N'")),
	"1 'abc' 1 " PLAIN_WORDS, PLAIN_I}, /* a string has no name */
    {I, WITH(X("n", "{'type':'fixed','name':'N','size':1}") "," X("m", "{'type':'N'}")), "x0101 " PLAIN_WORDS,
	PLAIN_I},
    {E,
	EVENT "{'name':'f','type':{'type':'record','name':'p.Feedback','fields':[" SLUG
	      "]}},{'name':'feedback','type':'p.Feedback'}," ID "," METADATA TIME "]}}]}",
	"0 0 'e' 5", "event_id=e slug=score timestamp=5"}, /* skipped once, read once */
};

static void
reads_a_record(void **state)
{
	int bad = 0;

	(void)state;
	for (size_t i = 0; i < COUNT(records); i++)
		bad += !reads(records[i].of, records[i].schema, records[i].words, NULL, records[i].expected);
	assert_int_equal(bad, 0);
}

/* Names that differ only far behind: 600 bytes are no more than a name may have. */
static void
long_names_stay_apart(void **state)
{
	char name[601];
	struct buf schema = {0};

	(void)state;
	memset(name, 'n', 600);
	name[600] = '\0';
	for (int i = 0; i < 2; i++) {
		schema.len = 0;
		buf_printf(&schema, "{'type':'record','name':'Interaction','namespace':'%s','fields':[",
		    i ? "a" : "");
		buf_printf(&schema, "{'name':'x','type':{'type':'fixed','name':'%s1','size':1}},", name);
		buf_printf(&schema, "{'name':'y','type':{'type':'fixed','name':'%s2','size':2}},", name);
		buf_printf(&schema, "{'name':'z','type':'%s1'}," PLAIN_FIELDS "]}", name);
		assert_true(reads(I, text_of(&schema), "x01 x0202 x01 " PLAIN_WORDS, NULL, PLAIN_I));
	}
	buf_free(&schema);
}

/* ---- what is skipped ---- */

#define LIST                                                                                                 \
	"{'type':'record','name':'List','fields':[{'name':'v','type':'long'},{'name':'next','type':['null'," \
	"'List']}]}"
#define TREE                                                                                                 \
	"{'type':'record','name':'Tree','fields':[{'name':'v','type':'string'},{'name':'of','type':{'type':" \
	"'array','items':'Tree'}}]}"
#define MANY "!it has more items than bytes"

static const struct {
	const char *type, *words, *wrong; /* wrong NULL: skipped, and what follows is read */
} extras[] = {
    /* every type */
    {"'null'", "", NULL},
    {"'boolean'", "T", NULL},
    {"'boolean'", "x02", "!a boolean is neither true nor false"},
    {"'int'", "-2147483648", NULL},
    {"'int'", "2147483648", "!an int is out of range"},
    {"'long'", MIN64, NULL},
    {"'float'", "f1.5", NULL},
    {"'double'", "d1.5", NULL},
    {"'bytes'", "'abc'", NULL},
    {"'bytes'", "''", NULL},
    {"'bytes'", "-1", "!a length is negative"},
    {"'string'", "'abc'", NULL},
    {"'string'", MAX64, EARLY},
    {"{'type':'fixed','name':'F','size':5}", "x0102030405", NULL},
    {"{'type':'fixed','name':'F','size':0}", "", NULL},
    {"{'type':'fixed','name':'F','size':2147483647}", "", EARLY},
    {"{'type':'enum','name':'N','symbols':['A','B','C']}", "2", NULL},
    {"{'type':'enum','name':'N','symbols':['A','B','C']}", "3", "!an enum has no such symbol"},
    {"{'type':'enum','name':'N','symbols':['A','B','C']}", "-1", "!an enum has no such symbol"},
    {"{'type':'enum','name':'N','symbols':['A','B','C'],'default':'A'}", "1", NULL},
    {LONG("timestamp-nanos"), "5", NULL}, /* no field of ours */
    {LONG("nobody-knows"), "5", NULL},
    {"{'type':'fixed','name':'D','size':4,'logicalType':'decimal','precision':4}", "x01020304", NULL},

    /* unions */
    {"['null','string']", "0", NULL},
    {"['null','string']", "1 'abc'", NULL},
    {"['null','string']", "2", "!a union has no such branch"},
    {"['null','string']", "-1", "!a union has no such branch"},
    {"[{'type':'fixed','name':'F','size':2},{'type':'array','items':'F'},'int']", "1 2 x01020304 0", NULL},

    /* arrays, in blocks, some that say their size */
    {"{'type':'array','items':'long'}", "0", NULL},
    {"{'type':'array','items':'long'}", "3 1 2 300 0", NULL},
    {"{'type':'array','items':'long'}", "1 1 2 2 300 0", NULL},
    {"{'type':'array','items':'long'}", "-3 4 1 2 300 0", NULL},
    {"{'type':'array','items':'long'}", "-1 1 1 2 2 300 -1 1 1 0", NULL},
    {"{'type':'array','items':'long'}", "-1 -1 1 0", "!a length is negative"},
    {"{'type':'array','items':'long'}", "-1 " MIN64 " 1 0", "!a length is negative"},
    {"{'type':'array','items':'long'}", "-1 " MAX64 " 1 0", EARLY},
    {"{'type':'array','items':'long'}", MIN64 " 0 0", NULL},
    {"{'type':'array','items':'long'}", MAX64 " 1 0", EARLY},
    {"{'type':'array','items':{'type':'array','items':'string'}}", "2 1 'a' 0 2 'b' 'c' 0 0", NULL},
    {"{'type':'array','items':'null'}", "1000 0", NULL},
    {"{'type':'array','items':'null'}", MAX64 " 0", MANY},
    {"{'type':'array','items':'null'}", "-1000 0 0", NULL},
    {"{'type':'array','items':{'type':'fixed','name':'F','size':0}}", MAX64 " 0", MANY},
    {"{'type':'array','items':{'type':'record','name':'R','fields':[]}}", MAX64 " 0", MANY},

    /* maps */
    {"{'type':'map','values':'int'}", "0", NULL},
    {"{'type':'map','values':'int'}", "2 'a' 1 'b' 2 0", NULL},
    {"{'type':'map','values':'int'}", "1 'a' 1 -1 3 'b' 2 0", NULL},
    {"{'type':'map','values':'int'}", "1 -1 1 0", "!a length is negative"},
    {"{'type':'map','values':'int'}", "1 " MAX64 " 1 0", EARLY},
    {"{'type':'map','values':{'type':'map','values':'null'}}", "1 'a' 1 'b' 0 0", NULL},
    {"{'type':'map','values':'null'}", MAX64 " ''", EARLY},

    /* records */
    {"{'type':'record','name':'R','fields':[]}", "", NULL},
    {"{'type':'record','name':'R','fields':[" X("a", "'int'") "," X("b", "'string'") "]}", "1 'b'", NULL},
    {"{'type':'record','name':'R','fields':[" X("tenant", "'int'") "," X("input", "'float'") "]}", "1 f2",
	NULL}, /* not ours in there */
    {"{'type':'record','name':'Feedback','fields':[" X("slug", "'string'") "]}", "'wave'", NULL},
    {LIST, "1 0", NULL},
    {LIST, "1 1 2 1 3 0", NULL},
    {LIST, "1 1 2 2", "!a union has no such branch"},
    {TREE, "'a' 2 'b' 0 'c' 1 'd' 0 0 0", NULL},
    {TREE, "'a' -1 8 'b' -1 3 'c' 0 0 0", NULL},
    {"['null'," LIST "]", "1 1 1 2 0", NULL},
    {"{'type':'map','values':['null'," TREE ",'boolean']}", "3 'a' 0 'b' 1 'x' 0 'c' 2 T 0", NULL},
};

/* One cut of the message too short, or one byte too long, is always an error. */
static bool
holds_at_every_length(const struct plan *r, enum plan_of of, const struct buf *bytes)
{
	struct buf longer = {0}, out = {0};
	bool ok = true;

	for (size_t len = 0; len < bytes->len; len++) {
		out.len = 0;
		read_bytes(&out, r, of, bytes->p, len, NULL);
		ok = ok && out.len > 0 && out.p[0] == '!';
	}
	buf_put(&longer, bytes->p, bytes->len);
	put_byte(&longer, 0);
	out.len = 0;
	read_bytes(&out, r, of, longer.p, longer.len, NULL);
	ok = ok && !strcmp(text_of(&out), "!bytes are left over");
	if (!ok)
		print_error("cut or with a byte more: %s\n", out.p);
	buf_free(&longer);
	buf_free(&out);
	return ok;
}

/* Before, between and behind what is ours. */
static bool
skips(size_t row)
{
	const char *type = extras[row].type;
	struct buf schema = {0}, json = {0}, words = {0}, bytes = {0};
	char why[256];
	struct plan *r;
	bool ok;

	buf_printf(&schema, INTERACTION "{'name':'x','type':%s}," IID "," USER "," INPUT "]}", type);
	buf_printf(&words, "%s " PLAIN_WORDS, extras[row].words);
	if (extras[row].wrong && !strcmp(extras[row].wrong, EARLY))
		words.len -= strlen(PLAIN_WORDS); /* whether more follows or not */
	ok = reads(
	    I, text_of(&schema), text_of(&words), NULL, extras[row].wrong ? extras[row].wrong : PLAIN_I);
	if (extras[row].wrong)
		goto out;
	put_json(&json, schema.p);
	put_words(&bytes, words.p);
	r = plan_open(text_of(&json), I, why, sizeof why);
	if (!holds_at_every_length(r, I, &bytes)) {
		print_error("%s\n", schema.p);
		ok = false;
	}
	plan_close(r);
	schema.len = words.len = 0;
	buf_printf(&schema, INTERACTION IID ",{'name':'x','type':%s}," USER "," INPUT "]}", type);
	buf_printf(&words, "'i' %s 'u' 'x'", extras[row].words);
	ok = reads(I, text_of(&schema), text_of(&words), NULL, PLAIN_I) && ok;
	schema.len = words.len = 0;
	buf_printf(&schema, INTERACTION IID "," USER "," INPUT ",{'name':'x','type':%s}]}", type);
	buf_printf(&words, PLAIN_WORDS " %s", extras[row].words);
	ok = reads(I, text_of(&schema), text_of(&words), NULL, PLAIN_I) && ok;
out:
	buf_free(&schema);
	buf_free(&json);
	buf_free(&words);
	buf_free(&bytes);
	return ok;
}

static void
skips_what_is_not_ours(void **state)
{
	int bad = 0;

	(void)state;
	for (size_t i = 0; i < COUNT(extras); i++)
		bad += !skips(i);
	assert_int_equal(bad, 0);
}

/* ---- our own schemas ---- */

static const struct {
	enum plan_of of;
	const char *words, *expected;
} own[] = {
    {E,
	"'e' 'acme' 4 1 'good' 1 7 1 d0.5 1 'u' 1 'i' 1 'c' 1 't' 1 'in' 1 'out' 1700000000000001 1 5 T 1 1 "
	"'r' 1 '{}'",
	"event_id=e tenant=acme slug=score text=good value=7 weight=0.5 end_user=u interaction_id=i "
	"conversation_id=c "
	"trace_id=t input=in output=out timestamp=1700000000000001 sent_at=5 anonymize=true source=platform "
	"retracts=r "
	"attributes={}"},
    {E, "'e' 'default' 1 0 0 0 0 0 0 0 0 0 5 0 F 0 0 0", "event_id=e slug=thumbs_down timestamp=5"},
    {I, "'acme' 'i' 3 1 'c' 1 't' 'u' 'in' 1 'out' 1 5 1 6 T 1 '{}'",
	"tenant=acme interaction_id=i revision=3 conversation_id=c trace_id=t end_user=u input=in output=out "
	"started_at=5 "
	"ended_at=6 anonymize=true attributes={}"},
    {I, "'' '' 0 0 0 '' '' 0 0 0 F 0", "tenant=-"},
};

static void
reads_our_own(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(own); i++) {
		const char *schema = own[i].of == E ? schema_feedback_event : schema_interaction;
		struct buf bytes = {0};
		char why[256];
		struct plan *r = plan_open(schema, own[i].of, why, sizeof why);

		assert_non_null(r);
		assert_true(reads(own[i].of, schema, own[i].words, NULL, own[i].expected));
		put_words(&bytes, own[i].words);
		assert_true(holds_at_every_length(r, own[i].of, &bytes));
		plan_close(r);
		buf_free(&bytes);
		assert_null(plan_open(schema, own[i].of == E ? I : E, why, sizeof why));
	}
}

/* One byte that is not as it should be: whatever comes out, nothing breaks. */
static void
survives_each_wrong_byte(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(own); i++) {
		const char *schema = own[i].of == E ? schema_feedback_event : schema_interaction;
		struct buf bytes = {0}, out = {0};
		char why[256];
		struct plan *r = plan_open(schema, own[i].of, why, sizeof why);

		put_words(&bytes, own[i].words);
		for (size_t at = 0; at < bytes.len; at++) {
			char was = bytes.p[at];

			for (int c = 0; c < 256; c++) {
				bytes.p[at] = (char)c;
				out.len = 0;
				read_bytes(&out, r, own[i].of, bytes.p, bytes.len, NULL);
			}
			bytes.p[at] = was;
		}
		plan_close(r);
		buf_free(&bytes);
		buf_free(&out);
	}
}

/* ---- depth and size ---- */

static void
reads_list(int len, const char *expected)
{
	struct buf words = {0};

	for (int i = 0; i < len; i++)
		buf_printf(&words, "0 1 ");
	buf_printf(&words, "0 0 " PLAIN_WORDS);
	assert_true(reads(I, WITH(X("list", LIST)), text_of(&words), NULL, expected));
	buf_free(&words);
}

static void
depth_has_a_bound(void **state)
{
	(void)state;
	reads_list(1000, PLAIN_I);
	reads_list(100000, "!it is nested too deep");
}

/* A schema as deep as JSON goes. */
static void
deep_schemas(void **state)
{
	struct buf schema = {0}, json = {0};
	char why[256];
	struct plan *r;

	(void)state;
	for (int depth = 100; depth <= 100000; depth *= 10) {
		schema.len = json.len = 0;
		buf_printf(&schema, INTERACTION PLAIN_FIELDS ",{'name':'x','type':");
		for (int i = 0; i < depth; i++)
			buf_printf(&schema, "{'type':'array','items':");
		buf_printf(&schema, "'int'");
		for (int i = 0; i < depth; i++)
			buf_printf(&schema, "}");
		buf_printf(&schema, "}]}");
		put_json(&json, text_of(&schema));
		r = plan_open(text_of(&json), I, why, sizeof why);
		assert_int_equal(r != NULL, depth <= 1000);
		plan_close(r);
	}
	buf_free(&schema);
	buf_free(&json);
}

/* Records of records of nothing: 2 to the power of 40 fields in not one byte. */
static void
nothing_without_end(void **state)
{
	struct buf schema = {0};

	(void)state;
	buf_printf(&schema, INTERACTION "{'name':'x0','type':{'type':'record','name':'R0','fields':[]}},");
	for (int i = 1; i <= 40; i++)
		buf_printf(&schema,
		    "{'name':'x%d','type':{'type':'record','name':'R%d','fields':["
		    "{'name':'a','type':'R%d'},{'name':'b','type':'R%d'}]}},",
		    i, i, i - 1, i - 1);
	buf_printf(&schema, PLAIN_FIELDS "]}");
	assert_true(reads(I, text_of(&schema), PLAIN_WORDS, NULL, MANY));
	buf_free(&schema);
}

/* Where it says why, it says it in the room that there is. */
static void
says_why_in_little_room(void **state)
{
	char why[8];

	(void)state;
	assert_null(plan_open("\"string\"", I, why, sizeof why));
	assert_string_equal(why, "it is n");
	plan_close(NULL);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(reads_our_own),
	    cmocka_unit_test(reads_a_field),
	    cmocka_unit_test(reads_a_record),
	    cmocka_unit_test(long_names_stay_apart),
	    cmocka_unit_test(skips_what_is_not_ours),
	    cmocka_unit_test(survives_each_wrong_byte),
	    cmocka_unit_test(depth_has_a_bound),
	    cmocka_unit_test(deep_schemas),
	    cmocka_unit_test(nothing_without_end),
	    cmocka_unit_test(says_why_in_little_room),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
