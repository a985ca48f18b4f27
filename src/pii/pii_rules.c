#include "pii_rules.h"

#include "arena.h"
#include "buf.h"
#include "pii_view.h"
#include "text.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

#define FILE_BYTES_MAX	 (4 << 20)
#define MATCH_LIMIT	 200000
#define KNOWN_VALUES_MAX 64

/* A piece of text that is looked for in small letters. */
struct literal {
	char *text; /* owned; small */
	size_t len;
	char *exact; /* owned: only written just so; NULL: in any case */
	bool suffix; /* of the allow list */
};

struct literals {
	struct literal *l;
	size_t n;
};

struct custom {
	int type;
	char *literal; /* owned */
	pcre2_code *code;
};

struct rules {
	struct literals allow, deny, known;
	struct custom *customs;
	size_t n_customs;
	char **types; /* owned */
	int n_types;
	struct buf text, low;
	pcre2_match_context *limits;
	pcre2_match_data *match;
};

/* ---- small letters ---- */

/* In place, by the byte: ASCII, Latin-1, Greek and Cyrillic, none of which changes its length. */
static void
make_small(unsigned char *p, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		unsigned char next = i + 1 < len ? p[i + 1] : 0;

		p[i] = small(p[i]);
		if ((p[i] == 0xc3 && next >= 0x80 && next <= 0x9e && next != 0x97) ||
		    (p[i] == 0xce && next >= 0x91 && next <= 0x9f) ||
		    (p[i] == 0xd0 && next >= 0x90 && next <= 0x9f)) {
			p[++i] = next + 0x20;
		} else if (p[i] == 0xce && next >= 0xa0 && next <= 0xa9) {
			p[i++] = 0xcf;
			p[i] = next - 0x20;
		} else if (p[i] == 0xd0 && next >= 0xa0 && next <= 0xaf) {
			p[i++] = 0xd1;
			p[i] = next - 0x20;
		} else if (p[i] >= 0xc2 && next >= 0x80) {
			i++;
		}
	}
}

static void
literal_add(struct literals *to, struct str s, bool suffix, bool exact)
{
	struct view v = {0};
	struct literal l = {.suffix = suffix};

	if (!view_of(&v, s) || v.len == 0) {
		view_free(&v);
		return;
	}
	l.len = v.len;
	l.text = xcalloc(v.len + 1, 1);
	memcpy(l.text, v.p, v.len);
	if (exact)
		l.exact = xstrdup(l.text);
	make_small((unsigned char *)l.text, l.len);
	view_free(&v);
	to->l = xrealloc(to->l, (to->n + 1) * sizeof *to->l);
	to->l[to->n++] = l;
}

static void
literals_reset(struct literals *l)
{
	for (size_t i = 0; i < l->n; i++) {
		free(l->l[i].text);
		free(l->l[i].exact);
	}
	l->n = 0;
}

static void
literals_free(struct literals *l)
{
	literals_reset(l);
	free(l->l);
}

/* ---- files ---- */

typedef int line_fn(struct rules *r, char *line, struct err *e);

static char *
word_cut(char **line)
{
	char *word = *line + strspn(*line, " \t");

	*line = word + strcspn(word, " \t");
	if (**line)
		*(*line)++ = '\0';
	return word;
}

static int
type_of(struct rules *r, const char *name)
{
	enum pii_type built_in = entity_named(name, strlen(name));

	if (built_in != PII_BUILT_IN)
		return (int)built_in;
	for (int i = 0; i < r->n_types; i++)
		if (!strcmp(r->types[i], name))
			return PII_BUILT_IN + i;
	r->types = xrealloc(r->types, (size_t)(r->n_types + 1) * sizeof *r->types);
	r->types[r->n_types++] = xstrdup(name);
	return PII_BUILT_IN + r->n_types - 1;
}

static bool
good_type(const char *name)
{
	char holder[64];
	int n = snprintf(holder, sizeof holder, "<%s>", name);

	return n > 0 && n < (int)sizeof holder &&
	       placeholder_end((const unsigned char *)holder, (size_t)n, 0) == (size_t)n &&
	       strcmp(name, "REDACTED") != 0;
}

static int
take_custom(struct rules *r, char *line, struct err *e)
{
	struct custom c = {0};
	char *type = word_cut(&line), *literal = word_cut(&line);
	int number;
	PCRE2_SIZE at_;

	line += strspn(line, " \t");
	if (!*literal || !*line)
		return err_set(e, ERR_CONFIG, "a rule is: TYPE LITERAL REGEX");
	if (!good_type(type))
		return err_set(e, ERR_CONFIG,
		    "\"%s\" is no name of a type (3 to 48 of A-Z, 0-9, _, at most 3 digits in a row)", type);
	c.code = pcre2_compile((PCRE2_SPTR)line, PCRE2_ZERO_TERMINATED, PCRE2_UTF | PCRE2_NEVER_BACKSLASH_C,
	    &number, &at_, NULL);
	if (!c.code) {
		PCRE2_UCHAR why[128];

		pcre2_get_error_message(number, why, sizeof why);
		return err_set(e, ERR_CONFIG, "the expression is wrong at its character %zu: %s",
		    (size_t)at_ + 1, (char *)why);
	}
	pcre2_jit_compile(c.code, PCRE2_JIT_COMPLETE); /* where there is none, it is interpreted */
	c.type = type_of(r, type);
	c.literal = xstrdup(literal);
	r->customs = xrealloc(r->customs, (r->n_customs + 1) * sizeof *r->customs);
	r->customs[r->n_customs++] = c;
	return 0;
}

static int
take_allow(struct rules *r, char *line, struct err *e)
{
	bool suffix = *line == '*';

	if (suffix && strlen(line) < 4)
		return err_set(e, ERR_CONFIG, "an ending of less than 3 characters would allow nearly all");
	literal_add(&r->allow, str_of(line + suffix), suffix, false);
	return 0;
}

static int
take_deny(struct rules *r, char *line, struct err *e)
{
	if (text_chars(str_of(line)) < 3)
		return err_set(e, ERR_CONFIG, "a value of less than 3 characters would deny too much");
	literal_add(&r->deny, str_of(line), false, false);
	return 0;
}

static int
read_lines(struct rules *r, const char *path, line_fn *take, struct err *e)
{
	FILE *f = path ? fopen(path, "re") : NULL;
	char *line = NULL;
	size_t cap = 0, number = 0, total = 0;
	ssize_t n;
	int rc = 0;

	if (!path)
		return 0;
	if (!f)
		return err_set(e, ERR_CONFIG, "cannot read \"%s\": %s", path, strerror(errno));
	while (rc == 0 && (n = getline(&line, &cap, f)) > 0) {
		bool bad = false;
		struct arena a = {0};
		char *text = line + strspn(line, " \t");

		number++;
		total += (size_t)n;
		buf_put(&r->text, line, (size_t)n);
		text_repair(&a, (struct str){line, (size_t)n}, &bad);
		arena_free(&a);
		for (n = (ssize_t)strlen(text); n > 0 && strchr(" \t\r\n", text[n - 1]); n--)
			text[n - 1] = '\0';
		if (bad)
			rc = err_set(e, ERR_CONFIG, "not UTF-8, or a zero byte");
		else if (total > FILE_BYTES_MAX)
			rc = err_set(e, ERR_CONFIG, "the file is larger than %d bytes", FILE_BYTES_MAX);
		else if (*text && *text != '#')
			rc = take(r, text, e);
		if (rc < 0)
			err_wrap(e, "%s:%zu", path, number);
	}
	if (rc == 0 && ferror(f))
		rc = err_set(e, ERR_CONFIG, "cannot read \"%s\": %s", path, strerror(errno));
	free(line);
	fclose(f);
	return rc;
}

struct rules *
rules_open(const char *allow, const char *deny, const char *custom, struct err *e)
{
	struct rules *r = xcalloc(1, sizeof *r);

	r->limits = pcre2_match_context_create(NULL);
	r->match = pcre2_match_data_create(16, NULL);
	if (r->limits) {
		pcre2_set_match_limit(r->limits, MATCH_LIMIT);
		pcre2_set_heap_limit(r->limits, 4096); /* KB */
	}
	if (!r->limits || !r->match || read_lines(r, allow, take_allow, e) < 0 ||
	    read_lines(r, deny, take_deny, e) < 0 || read_lines(r, custom, take_custom, e) < 0) {
		rules_close(r);
		return NULL;
	}
	return r;
}

void
rules_close(struct rules *r)
{
	if (!r)
		return;
	literals_free(&r->allow);
	literals_free(&r->deny);
	literals_free(&r->known);
	for (size_t i = 0; i < r->n_customs; i++) {
		free(r->customs[i].literal);
		pcre2_code_free(r->customs[i].code);
	}
	for (int i = 0; i < r->n_types; i++)
		free(r->types[i]);
	free(r->customs);
	free((void *)r->types);
	buf_free(&r->text);
	buf_free(&r->low);
	pcre2_match_data_free(r->match);
	pcre2_match_context_free(r->limits);
	free(r);
}

int
rules_types(const struct rules *r)
{
	return PII_BUILT_IN + r->n_types;
}

const char *
rules_type_name(const struct rules *r, int type)
{
	return r->types[type - PII_BUILT_IN];
}

bool
rules_custom(const struct rules *r)
{
	return r->n_customs > 0;
}

struct str
rules_text(const struct rules *r)
{
	return (struct str){r->text.p, r->text.len};
}

/* ---- known values ---- */

/* What many records hold, and is nobody's name. */
static bool
dull(struct str s)
{
	static const char *const values[] = {"user", "users", "anonymous", "anon", "admin", "guest", "test",
	    "tester", "customer", "client", "unknown", "none", "null", "default", "system", "root", "demo",
	    "public", "true", "false", "you", "the", "and", "assistant", "agent", "bot", "everyone",
	    "someone", "nobody", "undefined"};
	bool digits = true;

	for (size_t i = 0; i < s.len; i++)
		digits &= byte_is[(unsigned char)s.p[i]] & IS_DIGIT ? true : false;
	if (s.len < 3 || s.len > 256 || (digits && s.len < 5) || text_chars(s) < 2)
		return true;
	for (size_t i = 0; i < sizeof values / sizeof *values; i++)
		if (strlen(values[i]) == s.len && !strncasecmp(values[i], s.p, s.len))
			return true;
	return false;
}

static bool
of_letters(struct str s)
{
	for (size_t i = 0; i < s.len; i++)
		if (!(byte_is[(unsigned char)s.p[i]] & IS_ALPHA) && !strchr(" -'.", s.p[i]) &&
		    (unsigned char)s.p[i] < 0x80)
			return false;
	return true;
}

void
rules_known_reset(struct rules *r)
{
	literals_reset(&r->known);
}

/* A name of several words goes as a whole, and each of its words of three letters or more that is written
 * just so. */
void
rules_known_add(struct rules *r, struct str value)
{
	size_t words = 0;

	while (value.len > 0 && (value.p[0] == ' ' || value.p[0] == '\t')) {
		value.p++;
		value.len--;
	}
	while (value.len > 0 && (value.p[value.len - 1] == ' ' || value.p[value.len - 1] == '\n'))
		value.len--;
	if (r->known.n >= KNOWN_VALUES_MAX || !value.p || dull(value))
		return;
	literal_add(&r->known, value, false, false);
	for (size_t i = 0; i < value.len; i++)
		words += value.p[i] == ' ';
	if (words < 1 || words > 4 || !of_letters(value))
		return;
	for (size_t i = 0; i < value.len;) {
		const char *end = memchr(value.p + i, ' ', value.len - i);
		struct str part = {value.p + i, end ? (size_t)(end - value.p) - i : value.len - i};

		if (text_chars(part) >= 3 && !dull(part))
			literal_add(&r->known, part, false, true);
		i += part.len + 1;
	}
}

/* ---- looking ---- */

/* A letter or a digit of an alphabet that writes words apart. */
static bool
joins(const struct find *f, size_t i, bool before)
{
	if (before) {
		if (i == 0)
			return false;
		i--;
		while (i > 0 && (f->p[i] & 0xc0) == 0x80)
			i--;
	}
	return i < f->len && (byte_is[f->p[i]] & IS_ALNUM || (f->p[i] >= 0xc3 && f->p[i] <= 0xdf));
}

static void
look_for(struct find *f, const char *low, const struct literal *l, enum pii_type t, const char *rule)
{
	const char *p = low, *end = low + f->len;

	while ((p = memmem(p, (size_t)(end - p), l->text, l->len))) {
		size_t from = (size_t)(p - low), to = from + l->len;

		p++;
		if ((l->exact && memcmp(f->p + from, l->exact, l->len) != 0) ||
		    (joins(f, from, true) && joins(f, from, false)) ||
		    (joins(f, to, false) && joins(f, to, true)))
			continue;
		find_report(f, t, from, to, PII_CERTAIN, rule);
		p = low + to;
	}
}

static int
match_all(struct rules *r, const struct custom *c, struct find *f)
{
	const PCRE2_SIZE *v = pcre2_get_ovector_pointer(r->match);
	PCRE2_SIZE from = 0;

	while (from <= f->len) {
		int n = pcre2_match(c->code, f->p, f->len, from, PCRE2_NO_UTF_CHECK, r->match, r->limits);
		int k;

		if (n == PCRE2_ERROR_NOMATCH)
			return 0;
		if (n < 0)
			return -1;
		k = n > 1 && v[2] != PCRE2_UNSET && v[3] > v[2] ? 1 : 0;
		if (v[2 * k + 1] > v[2 * k])
			find_report(
			    f, (enum pii_type)c->type, v[2 * k], v[2 * k + 1], PII_CERTAIN, "custom rule");
		from = v[1] > from ? v[1] : from + 1;
		while (from < f->len && (f->p[from] & 0xc0) == 0x80)
			from++;
	}
	return 0;
}

int
rules_scan(struct rules *r, struct find *f)
{
	if (r->deny.n || r->known.n || r->allow.n) {
		buf_reset(&r->low);
		buf_put(&r->low, f->p, f->len);
		make_small((unsigned char *)r->low.p, f->len);
	}
	for (size_t i = 0; i < r->deny.n; i++)
		look_for(f, r->low.p, &r->deny.l[i], PII_DENY_LIST, "deny list");
	for (size_t i = 0; i < r->known.n; i++)
		look_for(f, r->low.p, &r->known.l[i], PII_KNOWN_VALUE, "known value");
	for (size_t i = 0; i < r->n_customs; i++)
		if (memmem(f->p, f->len, r->customs[i].literal, strlen(r->customs[i].literal)) &&
		    match_all(r, &r->customs[i], f) < 0)
			return -1;
	return 0;
}

void
rules_allow(const struct rules *r, struct find *f)
{
	for (size_t i = 0; i < f->n && r->allow.n; i++) {
		struct pii_span *s = &f->spans[i];
		size_t len = s->end - s->start;

		for (size_t k = 0; k < r->allow.n && s->taken && s->type != PII_DENY_LIST; k++) {
			const struct literal *l = &r->allow.l[k];

			if (l->suffix ? len < l->len : len != l->len)
				continue;
			if (!memcmp(r->low.p + s->end - l->len, l->text, l->len)) {
				s->taken = false;
				s->why = "allow list";
			}
		}
	}
}
