#include "pii_replace.h"

#include "arena.h"
#include "pii_find.h"
#include "pii_view.h"
#include "text.h"

#include <sodium.h>
#include <stdlib.h>

#define CARD_KEEP_MAX 4
#define KEY_ID_MAX    8

struct replacer {
	struct operator* of; /* owned; by type */
	int n;
	crypto_auth_hmacsha256_state keyed; /* begun with the key */
	char key_id[KEY_ID_MAX + 1];
	bool has_key;
	struct view seen;
};

static int
operator_of(struct operator* op, struct str s, struct err *e)
{
	*op = (struct operator){0};
	if (str_is(s, "replace"))
		op->kind = OP_REPLACE;
	else if (str_is(s, "pseudonym"))
		op->kind = OP_PSEUDONYM;
	else if (str_is(s, "drop"))
		op->kind = OP_DROP;
	else if (str_is(s, "keep"))
		op->kind = OP_KEEP;
	else if (str_is(s, "mask"))
		*op = (struct operator){OP_MASK, 4};
	else if (s.len == 6 && !memcmp(s.p, "mask:", 5) && s.p[5] >= '0' && s.p[5] <= '9')
		*op = (struct operator){OP_MASK, s.p[5] - '0'};
	else
		return err_set(e, ERR_CONFIG,
		    "\"%.*s\" is no operator (replace, mask:0 to mask:9, pseudonym, drop, keep)", STR_FMT(s));
	return 0;
}

static struct str
trimmed(struct str s)
{
	while (s.len > 0 && s.p[0] == ' ') {
		s.p++;
		s.len--;
	}
	while (s.len > 0 && s.p[s.len - 1] == ' ')
		s.len--;
	return s;
}

/* One of the list: an operator for all, or TYPE=operator. */
static int
take_operator(struct replacer *r, struct str s, const char *(*name)(const void *arg, int type),
    const void *arg, struct err *e)
{
	const char *equals = memchr(s.p, '=', s.len);
	struct operator op;
	struct str type, what;

	if (!equals) {
		if (operator_of(&op, s, e) < 0)
			return -1;
		for (int i = 0; i < r->n; i++)
			r->of[i] = op;
		return 0;
	}
	type = trimmed((struct str){s.p, (size_t)(equals - s.p)});
	what = trimmed((struct str){equals + 1, (size_t)(s.p + s.len - equals - 1)});
	if (operator_of(&op, what, e) < 0)
		return -1;
	for (int i = 0; i < r->n; i++)
		if (str_is(type, name(arg, i))) {
			r->of[i] = op;
			return 0;
		}
	return err_set(e, ERR_CONFIG, "\"%.*s\" is no type of personal data", STR_FMT(type));
}

static int
check_key(struct replacer *r, const struct pii_options *o, struct err *e)
{
	bool needed = false;
	const char *id = o->key_id ? o->key_id : "k1";
	size_t n = strlen(id);

	for (int i = 0; i < r->n; i++)
		needed |= r->of[i].kind == OP_PSEUDONYM;
	if (n < 1 || n > KEY_ID_MAX || !(byte_is[(unsigned char)*id] & IS_ALPHA))
		return err_set(
		    e, ERR_CONFIG, "a key id is a letter and up to %d letters or digits", KEY_ID_MAX - 1);
	for (size_t i = 0; i < n; i++)
		if (!(byte_is[(unsigned char)id[i]] & IS_ALNUM))
			return err_set(e, ERR_CONFIG, "a key id is a letter and up to %d letters or digits",
			    KEY_ID_MAX - 1);
	memcpy(r->key_id, id, n + 1);
	if (needed && !o->key)
		return err_set(e, ERR_CONFIG, "the operator pseudonym needs a key");
	if (!o->key)
		return 0;
	if (text_chars(str_of(o->key)) < 32)
		return err_set(e, ERR_CONFIG, "the key of pseudonyms needs at least 32 characters");
	crypto_auth_hmacsha256_init(&r->keyed, (const unsigned char *)o->key, strlen(o->key));
	r->has_key = true;
	return 0;
}

struct replacer *
replacer_open(const struct pii_options *o, int n, const char *(*name)(const void *arg, int type),
    const void *arg, struct err *e)
{
	struct replacer *r = xcalloc(1, sizeof *r);
	const char *p = o->operators ? o->operators : "";
	int rc = 0;

	r->of = xcalloc((size_t)n, sizeof *r->of);
	r->n = n;
	for (size_t len; rc == 0 && *p; p += len + (p[len] == ',')) {
		struct str s;

		len = strcspn(p, ",");
		s = trimmed((struct str){p, len});
		if (s.len)
			rc = take_operator(r, s, name, arg, e);
	}
	if (rc < 0 || check_key(r, o, e) < 0) {
		replacer_close(r);
		return NULL;
	}
	return r;
}

void
replacer_close(struct replacer *r)
{
	if (!r)
		return;
	free(r->of);
	view_free(&r->seen);
	sodium_memzero(r, sizeof *r);
	free(r);
}

const struct operator* replacer_of(const struct replacer *r, int type)
{
	return &r->of[type];
}

/* Does a character begin here that a mask hides? Of a secret each does, of others letters and digits; a star
 * is what one became, so that a mask of a mask is the same. */
static bool
hides(unsigned char c, bool all)
{
	return all ? c > ' ' && (c < 0x80 || c >= 0xc0) : byte_is[c] & IS_ALNUM || c >= 0xc0 || c == '*';
}

/* Characters become stars, all but the last ones. Of an address of e-mail the host stays, of a card at most
 * four digits, of anything at most half; of what is hidden nothing. */
static void
put_mask(struct buf *out, const struct pii_span *span, int keep, struct str s)
{
	const char *host = span->type == PII_EMAIL_ADDRESS && !span->hidden ? memchr(s.p, '@', s.len) : NULL;
	bool all = span->hidden || span->type == PII_SECRET || span->type == PII_URL_CREDENTIALS;
	size_t chars = 0, end = host ? (size_t)(host - s.p) : s.len, hide;

	for (size_t i = 0; i < end; i++)
		chars += hides((unsigned char)s.p[i], all);
	keep = span->type == PII_CREDIT_CARD && keep > CARD_KEEP_MAX ? CARD_KEEP_MAX : keep;
	keep = (size_t)keep > chars / 2 ? (int)(chars / 2) : keep;
	hide = host || span->hidden ? chars : chars - (size_t)keep;
	for (size_t i = 0; i < s.len; i++) {
		unsigned char c = (unsigned char)s.p[i];

		if (i >= end || hide == 0 || !hides(c, all)) {
			buf_put(out, s.p + i, 1);
			continue;
		}
		buf_put(out, "*", 1);
		hide--;
		while (i + 1 < s.len && ((unsigned char)s.p[i + 1] & 0xc0) == 0x80)
			i++;
	}
}

/* Letters and digits alone, in small letters: how a number is written makes no difference. Of e-mail all but
 * its case. */
static void
put_pseudonym(const struct replacer *r, struct buf *out, int type, const char *name, struct str s)
{
	crypto_auth_hmacsha256_state state = r->keyed;
	unsigned char hash[crypto_auth_hmacsha256_BYTES];

	crypto_auth_hmacsha256_update(&state, (const unsigned char *)name, strlen(name) + 1);
	for (size_t i = 0; i < s.len; i++) {
		unsigned char c = small((unsigned char)s.p[i]);

		if (type == PII_EMAIL_ADDRESS || byte_is[c] & IS_ALNUM || c >= 0x80)
			crypto_auth_hmacsha256_update(&state, &c, 1);
	}
	crypto_auth_hmacsha256_final(&state, hash);
	buf_printf(out, "<%s:%s:", name, r->key_id);
	for (int i = 0; i < 10; i++)
		buf_printf(out, "%02x", hash[i]);
	buf_put(out, ">", 1);
}

/* The value as the scanner saw it: %40 is an @. */
static struct str
seen(struct replacer *r, struct str value)
{
	return view_of(&r->seen, value) ? (struct str){r->seen.p, r->seen.len} : value;
}

void
replacer_put(
    struct replacer *r, struct buf *out, const struct pii_span *s, const char *name, struct str value)
{
	const struct operator* op = & r->of[s->type];

	switch (op->kind) {
	case OP_REPLACE:
		buf_put(out, "<", 1);
		buf_put(out, name, strlen(name));
		buf_put(out, ">", 1);
		break;
	case OP_MASK:
		put_mask(out, s, op->keep, seen(r, value));
		break;
	case OP_PSEUDONYM:
		put_pseudonym(r, out, s->type, name, seen(r, value));
		break;
	case OP_DROP:
		break;
	case OP_KEEP:
		buf_put(out, value.p, value.len);
		break;
	}
}
