#include "pii_words.h"

#include "arena.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#define SLOTS	 4096 /* a power of two, several times the number of words */
#define WORD_MAX 40
#define SHORT	 5 /* shorter words with capitals inside are abbreviations too */

struct entry {
	const char *word;
	uint8_t len;
	bool prefix;
	uint32_t hash;
	uint64_t types;
};

#define MAYBE_BITS (SLOTS * 8)

struct words {
	struct entry slots[SLOTS];
	/* A bit for each hash that is a word, and for each three bytes that one begins with, so that most of
	 * the others cost one look. */
	uint64_t maybe[MAYBE_BITS / 64], begins[MAYBE_BITS / 64];
};

#define HASH_FIRST 2166136261U

static unsigned char
lower(unsigned char c)
{
	return c >= 'A' && c <= 'Z' ? c | 0x20 : c;
}

static uint32_t
hash_next(uint32_t h, unsigned char c)
{
	return (h ^ c) * 16777619U;
}

static uint32_t
spread(uint32_t h)
{
	return h ^ h >> 15;
}

/* Three bytes, letters whatever their case, as a hash. */
static uint32_t
three(const unsigned char *p)
{
	return ((p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16) | 0x202020) * 2654435761U;
}

static void
bit_set(uint64_t *bits, uint32_t hash)
{
	bits[spread(hash) % MAYBE_BITS / 64] |= UINT64_C(1) << spread(hash) % 64;
}

static bool
bit_is(const uint64_t *bits, uint32_t hash)
{
	return bits[spread(hash) % MAYBE_BITS / 64] >> spread(hash) % 64 & 1;
}

static bool
same_word(const struct entry *e, const unsigned char *p, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if ((unsigned char)e->word[i] != lower(p[i]))
			return false;
	return true;
}

static struct entry *
slot_of(const struct words *w, uint32_t hash, const unsigned char *p, size_t len)
{
	uint32_t at = spread(hash) % SLOTS;

	while (w->slots[at].word &&
	       !(w->slots[at].hash == hash && w->slots[at].len == len && same_word(&w->slots[at], p, len)))
		at = (at + 1) % SLOTS;
	return (struct entry *)&w->slots[at];
}

static void
words_add(struct words *w, const char *list, int bit)
{
	while (*list) {
		size_t n = strcspn(list, " "), len = n;
		uint32_t hash = HASH_FIRST;
		struct entry *e;

		if (n > 0 && list[n - 1] == '*')
			len--;
		for (size_t i = 0; i < len; i++)
			hash = hash_next(hash, (unsigned char)list[i]);
		assert(len > 2 || len == n); /* or begins would have to know it */
		if (len > 2)
			bit_set(w->begins, three((const unsigned char *)list));
		e = slot_of(w, hash, (const unsigned char *)list, len);
		if (!e->word)
			*e = (struct entry){.word = list, .len = (uint8_t)len, .hash = hash};
		e->prefix |= len < n;
		e->types |= UINT64_C(1) << bit;
		bit_set(w->maybe, hash);
		list += n + (list[n] == ' ');
	}
}

struct words *
words_open(void)
{
	struct words *w = xcalloc(1, sizeof *w);

	for (int i = 0; i < PII_BUILT_IN; i++)
		words_add(w, entities[i].words, i);
	words_add(w, entity_against, WORDS_AGAINST);
	words_add(w, entity_versions, WORDS_VERSION);
	words_add(w, entity_sections, WORDS_SECTION);
	return w;
}

void
words_close(struct words *w)
{
	free(w);
}

/* A text in which words are looked for. */
struct looking {
	const struct words *w;
	const unsigned char *p;
	size_t len;
	bool before, explain;
	size_t barrier; /* a word in front of it, and so of another number, says nothing against this one;
			   SIZE_MAX: not looked for yet */
	struct context *c;
};

/* May a word that begins at i speak against the number? */
static bool
may_be_against(struct looking *l, size_t i)
{
	if (l->before && l->barrier == SIZE_MAX)
		for (l->barrier = l->len; l->barrier > 0;) {
			unsigned char c = l->p[--l->barrier];

			if (c == WORDS_BARRIER || (c >= '0' && c <= '9'))
				break;
		}
	return l->before && i >= l->barrier;
}

static void
note(struct looking *l, const struct entry *e, size_t from, size_t far)
{
	struct context *c = l->c;
	const uint64_t against = UINT64_C(1) << WORDS_AGAINST;
	uint64_t types = e->types;

	if (types & against && !may_be_against(l, from))
		types &= ~against;
	for (; types; types &= types - 1) {
		int bit = __builtin_ctzll(types);

		if (bit == WORDS_SECTION && (!l->before || far > 1))
			continue;
		if (c->has & UINT64_C(1) << bit && c->far[bit] <= far)
			continue;
		c->has |= UINT64_C(1) << bit;
		c->far[bit] = (uint8_t)(far > 255 ? 255 : far);
		if (l->explain) {
			size_t n = e->len < sizeof c->word[0] ? e->len : sizeof c->word[0] - 1;

			memcpy(c->word[bit], e->word, n);
			c->word[bit][n] = '\0';
		}
	}
}

enum { OTHER, SMALL = 1, CAPITAL = 2, ROW = 4, LETTER = SMALL | CAPITAL };

/* Letters. What is not ASCII counts as a small one; but Chinese, Japanese and Korean write words in a row:
 * each character may begin one. */
/* clang-format off */
static const uint8_t kind_of[256] = {
	['A' ... 'Z'] = CAPITAL, ['a' ... 'z'] = SMALL, [0x80 ... 0xe2] = SMALL, [0xe3 ... 0xed] = ROW, [0xee ... 0xff] = SMALL,
};
/* clang-format on */

/* The word [from, to): every beginning of it that is a word of ours, or a beginning with *. */
static void
word_look(struct looking *l, size_t from, size_t to)
{
	const struct words *w = l->w;
	const unsigned char *p = l->p + from;
	uint32_t hash = HASH_FIRST;
	size_t n = to - from, far = from;
	bool row = kind_of[p[0]] == ROW;

	for (size_t i = 0; i < n && i < WORD_MAX; i++) {
		const struct entry *e;

		hash = hash_next(hash, lower(p[i]));
		if (i < 1 || !bit_is(w->maybe, hash))
			continue;
		e = slot_of(w, hash, p, i + 1);
		if (l->before)
			far = row ? l->len - from - (i + 1) : l->len - to;
		if (e->word && (i + 1 == n || e->prefix || row))
			note(l, e, from, far);
	}
}

/* The end of the letters at i. A capital behind a small letter begins a new word: phoneNumber. */
static size_t
letters_end(const unsigned char *p, size_t i, size_t len)
{
	do {
		for (i++; i < len && kind_of[p[i]] == SMALL; i++)
			;
	} while (i < len && kind_of[p[i]] == CAPITAL && !(p[i - 1] >= 'a' && p[i - 1] <= 'z'));
	return i;
}

/* All words of a text. _ parts words too: card_number. */
static void
words_in(struct looking l)
{
	const unsigned char *p = l.p;
	size_t len = l.len, from = 0, to, whole;

	for (;; from = to) {
		while (from < len && kind_of[p[from]] == OTHER)
			from++;
		if (from == len)
			return;
		if (kind_of[p[from]] == ROW) { /* a character further each time */
			for (to = from + 1; to < len && kind_of[p[to]] != OTHER;)
				to++;
			word_look(&l, from, to);
			for (to = from + 1; to < len && (p[to] & 0xc0) == 0x80;)
				to++;
			continue;
		}
		to = letters_end(p, from, len);
		whole = to;
		while (whole < len && whole - from < SHORT && (kind_of[p[whole]] & LETTER))
			whole++;
		if (whole > to && whole - from < SHORT)
			word_look(&l, from, whole); /* DoB */
		while (to < len && p[to] >= '0' && p[to] <= '9' && to - from < 4)
			to++; /* ipv6, w9, md5 */
		if (to - from == 2 || (to - from > 2 && bit_is(l.w->begins, three(p + from))))
			word_look(&l, from, to);
	}
}

void
words_look(const struct words *w, struct str before, struct str after, bool explain, struct context *c)
{
	c->has = 0;
	words_in(
	    (struct looking){w, (const unsigned char *)before.p, before.len, true, explain, SIZE_MAX, c});
	words_in((struct looking){w, (const unsigned char *)after.p, after.len, false, explain, 0, c});
}
