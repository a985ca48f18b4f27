/*
 * pii_secret: what the parts of the recogniser of keys and passwords need of each other: which name stands
 * before a value (pii_name.c), where the value ends and whether it is like a secret (pii_value.c).
 */
#ifndef PII_SECRET_H
#define PII_SECRET_H

#include "pii_find.h"

/* What a name says about the value behind it. */
enum kind { NO_NAME, PASSWORD, WEAK_PASSWORD, STRONG_PASSWORD, TOKEN, CODE4, CODE3, PHRASE };

/* ---- names ---- */

/* May a name end before i? By its last two bytes. */
bool name_ends(const struct find *f, size_t i);
/* What the name that ends before i says about what comes behind it. *from: where the name begins. */
enum kind kind_of_name(const struct find *f, size_t i, size_t *from);
/* What a name says that is said to be for the words before i, "password for the router", or which it is:
 * "mot de passe provisoire". */
enum kind kind_of_what(const struct find *f, size_t i);
/* And of a name that has been given another value: "password has been reset". */
enum kind kind_of_changed(const struct find *f, size_t i);
/* "changed my" before the name at i? */
bool changed_before(const struct find *f, size_t i);
/* The name before a : or = at i, behind which there may be a closing quote and spaces. */
enum kind name_before(const struct find *f, size_t i);
/* May what ends before i be a name, or go on from one? By its last two bytes. */
bool may_be_name(const struct find *f, size_t i);
/* "is" between a name and its value: how many bytes before i, with the space; 0 where there is none. */
size_t link_before(const struct find *f, size_t i);
/* Does that link say little: "password to login2", "password - step1"? */
bool weak_link(const struct find *f, size_t i, size_t link);

/* ---- values ---- */

struct value {
	size_t start, end;
	bool quoted, bracket;
	bool digit, letter, mixed, sign; /* mixed: both cases inside, sign: another sign inside */
};

/* The value at i, in quotes or up to a space. */
struct value value_at(const struct find *f, size_t i);
/* Sets what a value is made of, by its start and end. */
void value_look(const struct find *f, struct value *v);
/* The name of something instead of what it holds: $PASSWORD, ${password}, %PASSWORD%, {{password}}. */
bool variable(const struct find *f, const struct value *v);
/* The words of a wallet: at least twelve, in small letters. Where they end, or 0. */
size_t phrase_end(const struct find *f, size_t i);
/* Little else looks like it: letters, digits, and a sign that words seldom have, two others, or one and both
 * cases; no path, no word-2. */
bool strong(const struct find *f, const struct value *v);
/* Takes the value if it is like what a thing of this kind looks like. sure: it stands behind = or in quotes.
 */
bool take_value(struct find *f, enum kind kind, const struct value *v, bool sure, const char *rule);

static inline bool
quote_or_space(unsigned char c)
{
	return c == ' ' || c == '"' || c == '\'' || c == '`';
}

/* Does what stands at i end a value that begins behind an escape, or behind none? */
static inline bool
ends_value(const struct find *f, size_t i, bool escapes)
{
	return byte_is[f->p[i]] & IS_END && (escapes || !escaped(f, i));
}

#endif
