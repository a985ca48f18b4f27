/*
 * pii_find: one text on its way through the recognisers. The scanner stops at anchors and asks them in turn;
 * each looks at the few bytes around the anchor, reports what it finds (find_report), and says how far it has
 * looked, so that no byte is looked at more than a few times.
 */
#ifndef PII_FIND_H
#define PII_FIND_H

#include "pii.h"
#include "pii_view.h"
#include "pii_words.h"

#include <string.h>

#define PAIR_WORDS 32 /* of 64 bits: a set of pairs of bytes, hashed to 2,048 bits */

/* The names that stand before keys and passwords, by their last two bytes: 1 and up, 0 is the end of a row.
 */
struct names {
	uint8_t first[64 * PAIR_WORDS], before[192], len[192];
	uint64_t pairs[PAIR_WORDS];   /* the last two bytes of each */
	uint64_t links[PAIR_WORDS];   /* and of what may stand between one and its value */
	uint64_t fors[PAIR_WORDS];    /* and between one and what it is for */
	uint64_t ends[PAIR_WORDS];    /* of these, and of what a name goes on with */
	uint64_t vendors[PAIR_WORDS]; /* the first two of what the keys of vendors begin with */
	uint64_t months[PAIR_WORDS];  /* and of the names of months */
};
struct names *names_open(void);
void vendors_put(uint64_t set[PAIR_WORDS]);
void months_put(uint64_t set[PAIR_WORDS]);

/* Sets of pairs of bytes, hashed: what is not in one is none of ours. */
static inline unsigned
pair_of(unsigned char a, unsigned char b)
{
	return (a * 131U + b) % (64 * PAIR_WORDS);
}

static inline void
pair_put(uint64_t set[PAIR_WORDS], unsigned char a, unsigned char b)
{
	unsigned pair = pair_of(a, b);

	set[pair / 64] |= UINT64_C(1) << pair % 64;
}

static inline bool
pair_in(const uint64_t set[PAIR_WORDS], unsigned char a, unsigned char b)
{
	unsigned pair = pair_of(a, b);

	return set[pair / 64] >> pair % 64 & 1;
}

#define FIND_BLOCKS 64

struct find {
	struct pii *pii;
	const unsigned char *p; /* the view */
	const uint32_t *map;	/* struct view; NULL: nothing is escaped */
	size_t len;
	size_t done;			       /* nothing before it is looked at again */
	size_t hex_done, url_done, value_done; /* nor by find_hex, find_url, and as the value of a name */
	size_t named_done;		       /* nor by find_named_secret */
	size_t chain_start, chain_end; /* words with - and . between them, of which find_chain() knows */
	struct pii_span *spans; /* owned; offsets of the view; those taken do not overlap those before them
				   but by accident */
	size_t n, cap;
	bool explain, aggressive;
	const struct words *words;
	const struct names *names;
	uint64_t strong[FIND_BLOCKS]; /* stops that may lead to something, of the first blocks of 64 bytes */
	bool
	    loud; /* something was nearly taken, or the text is longer: to be looked at again once replaced */
	struct str name;	  /* words before the text */
	uint8_t on[PII_BUILT_IN]; /* enum pii_state of each type, as configured */
	/* Groups of digits with nothing else between them, a phrase, have the same words around them, looked
	 * at once. */
	size_t phrase_start, phrase_end; /* SIZE_MAX: not in one */
	struct context context;
	size_t context_start, context_end; /* what it is of; SIZE_MAX: nothing */
};

/* ---- bytes ---- */

enum {
	IS_DIGIT = 1,
	IS_LOWER = 2,
	IS_UPPER = 4,
	IS_HEX = 8,
	IS_UNDER = 16,
	IS_LOCAL = 32,
	IS_B64 = 64,
	IS_SEP = 128,
	IS_END = 256,  /* of a value: a space or less, a quote, < or > */
	IS_BREAK = 512 /* words behind it speak of something else: a digit, @ < and a new line */
};
extern const uint16_t byte_is[256];
#define IS_ALPHA (IS_LOWER | IS_UPPER)
#define IS_ALNUM (IS_DIGIT | IS_ALPHA)
#define IS_WORD	 (IS_ALNUM | IS_UNDER)

/* The byte at i, and 0 beyond both ends. */
static inline unsigned char
at(const struct find *f, size_t i)
{
	return i < f->len ? f->p[i] : 0;
}

static inline bool
is(const struct find *f, size_t i, int what)
{
	return i < f->len && byte_is[f->p[i]] & what;
}

/* Is the byte before i of this kind? */
static inline bool
after(const struct find *f, size_t i, int what)
{
	return i > 0 && i <= f->len && byte_is[f->p[i - 1]] & what;
}

/* Is the letter at i the last of an escape of JSON and many languages: \\n? It may begin a folder's name as
 * well, so the view leaves it. */
bool escape_ends(const struct find *f, size_t i);
/* Does =3D, the = of quoted-printable, end before i? A value may begin with 3D as well, so the view leaves
 * it.
 */
bool equals_ends(const struct find *f, size_t i);
/* Is the + at i a space between two parts of the value at start, as in the query of a URL? */
bool plus_is_space(const struct find *f, size_t start, size_t i);
/* Does what begins at i go on from a word before it, and what ends at i into a word behind it? The _ of
 * emphasis (_x_) and the letter of an escape (\\n) are no words. */
bool glued_before(const struct find *f, size_t i);
bool glued_behind(const struct find *f, size_t i);

static inline unsigned char
small(unsigned char c)
{
	return c >= 'A' && c <= 'Z' ? c | 0x20 : c;
}

static inline unsigned char
capital(unsigned char c)
{
	return c >= 'a' && c <= 'z' ? c & 0xdf : c;
}

/* Is there this text in small letters at i, whatever the case there? */
static inline bool
find_says(const struct find *f, size_t i, const char *small_text)
{
	for (; *small_text; i++, small_text++)
		if (small(at(f, i)) != (unsigned char)*small_text)
			return false;
	return true;
}

/* A list of words in small letters. */
struct word {
	const char *text;
	uint8_t len;
};
#define WORD(text)                     \
	{                              \
		text, sizeof(text) - 1 \
	}
/* Is [i, end) one of these n words, whatever the case there? */
bool find_among(const struct find *f, size_t i, size_t end, const struct word *words, size_t n);

/* The first byte at or behind i that is not of this kind, at most max further. */
static inline size_t
find_past(const struct find *f, size_t i, int what, size_t max)
{
	size_t end = f->len - i < max ? f->len : i + max;

	while (i < end && byte_is[f->p[i]] & what)
		i++;
	return i;
}

/* The first byte of the run of this kind that ends before i, at most max before, and not before f->done. */
static inline size_t
find_back(const struct find *f, size_t i, int what, size_t max)
{
	size_t end = i > max ? i - max : 0;

	end = end > f->done ? end : f->done;
	while (i > end && byte_is[f->p[i - 1]] & what)
		i--;
	return i;
}

/* Is the byte at i written as an escape, %40 or \\u0040? Then it is a part of what it stands in, and ends
 * nothing. */
static inline bool
escaped(const struct find *f, size_t i)
{
	return f->map && i < f->len && f->map[i] & VIEW_ESCAPED;
}

/* ---- verdicts ---- */

static inline bool
wanted(const struct find *f, enum pii_type t)
{
	return t >= PII_BUILT_IN || f->on[t] != PII_OFF;
}

/* The words around a place; the same place is looked at once. */
const struct context *find_context(struct find *f, size_t start, size_t end);

/* Is there a word for a, and none as near for b? */
bool nearer(struct find *f, enum pii_type a, enum pii_type b, size_t start, size_t end);

/* Decides, and notes the span where it is taken (or explained). Returns whether it is taken. */
bool find_report(
    struct find *f, enum pii_type t, size_t start, size_t end, enum pii_level level, const char *rule);
/* Notes why something that looked like t was left, where that is asked for. Returns false. */
bool find_leave(struct find *f, enum pii_type t, size_t start, size_t end, const char *rule, const char *why);

/* ---- recognisers; i: the anchor ---- */

void find_number(struct find *f, size_t i);
bool find_mail(struct find *f, size_t i);	  /* @ */
void find_mail_bracket(struct find *f, size_t i); /* ( [ { < */
void find_mail_words(struct find *f, size_t i);	  /* "dot" */
void find_colon(struct find *f, size_t i);
void find_url(struct find *f, size_t i); /* the : of :// */
void find_www(struct find *f);
void find_named_text(struct find *f);
void find_equals(struct find *f, size_t i);
void find_dashes(struct find *f, size_t i);    /* the fifth of at least five */
void find_long_word(struct find *f, size_t i); /* inside a word of 16 or more */
bool find_mac_around(struct find *f, size_t from, size_t to);
bool find_mac_spaced(struct find *f, size_t from);	    /* AA BB CC 1D EE FF: the pair at from */
bool find_mac_word(struct find *f, size_t from, size_t to); /* aabbcc-dd1eff, AA_BB_CC_1D_EE_FF */
/* What stands for a dot at i, . [.] (dot): its end, or 0. words: "dot" without brackets too. */
size_t dot_end(const struct find *f, size_t i, bool words);
bool find_hex(struct find *f, size_t i);		/* IPv6 and MAC addresses; i: in it */
bool find_word(struct find *f, size_t from, size_t to); /* a word with letters and digits */
bool find_iban_spaced(struct find *f, size_t i);
bool
find_phone_plus(struct find *f, size_t start, size_t first); /* start: of the +, first: the first digit */
bool find_token(struct find *f, size_t from, size_t to);     /* a word of 16 or more */
bool find_chain(struct find *f, size_t i);   /* a vendor's key of several words, one of which begins at i */
bool find_element(struct find *f, size_t i); /* <password>hunter2</password>; i: of the < */
/* The word around [i, to): without the _ of emphasis and what an escape before it ends with. */
void find_edges(const struct find *f, size_t *i, size_t *to);
bool find_named_secret(struct find *f, size_t start); /* "password hunter2": the word at start */

/* What has the form of a placeholder and begins at i: its end, or 0. */
size_t placeholder_end(const unsigned char *p, size_t len, size_t i);
/* The same, of a type that there is. */
size_t placeholder_known(const struct find *f, size_t i);

#endif
