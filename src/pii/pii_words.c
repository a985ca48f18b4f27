#include "pii_words.h"

#include "arena.h"

#include <stdlib.h>
#include <string.h>

#define SLOTS	 4096 /* a power of two, several times the number of words */
#define WORD_MAX 40

struct entry {
	const char *word;
	uint8_t len;
	bool prefix;
	uint32_t hash;
	uint64_t types;
};

struct words {
	struct entry slots[SLOTS];
	uint64_t maybe[SLOTS /
		       8]; /* a bit for each hash that is a word, so that most of the others cost one look */
};

#define HASH_FIRST 2166136261U
#define MAYBE_BITS (SLOTS * 8)

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

static struct entry *
slot_of(const struct words *w, uint32_t hash, const char *word, size_t len)
{
	uint32_t at = spread(hash) % SLOTS;

	while (w->slots[at].word && !(w->slots[at].hash == hash && w->slots[at].len == len &&
					!memcmp(w->slots[at].word, word, len)))
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
		e = slot_of(w, hash, list, len);
		if (!e->word)
			*e = (struct entry){.word = list, .len = (uint8_t)len, .hash = hash};
		e->prefix |= len < n;
		e->types |= UINT64_C(1) << bit;
		w->maybe[spread(hash) % MAYBE_BITS / 64] |= UINT64_C(1) << spread(hash) % 64;
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
	return w;
}

void
words_close(struct words *w)
{
	free(w);
}

static void
note(struct context *c, const struct entry *e, size_t far, bool against, bool explain)
{
	uint64_t types = against ? e->types : e->types & ~(UINT64_C(1) << WORDS_AGAINST);

	for (uint64_t left = types; left; left &= left - 1) {
		int bit = __builtin_ctzll(left);

		if (c->has & UINT64_C(1) << bit && c->far[bit] <= far)
			continue;
		c->has |= UINT64_C(1) << bit;
		c->far[bit] = (uint8_t)(far > 255 ? 255 : far);
		if (explain) {
			size_t n = e->len < sizeof c->word[0] ? e->len : sizeof c->word[0] - 1;

			memcpy(c->word[bit], e->word, n);
			c->word[bit][n] = '\0';
		}
	}
}

static bool
is_letter(unsigned char c)
{
	return c >= 0x80 || (unsigned char)((c | 0x20) - 'a') < 26;
}

/* Chinese, Japanese and Korean write words in a row: each character may begin one. */
static bool
is_row(unsigned char c)
{
	return c >= 0xe3 && c <= 0xed;
}

/* One word: every beginning of it that is a word of ours, or a beginning with *. */
static void
word_look(const struct words *w, const unsigned char *p, size_t n, size_t far, bool before, bool against,
    bool explain, struct context *c)
{
	uint32_t hash = HASH_FIRST;
	bool row = is_row(p[0]);

	for (size_t i = 0; i < n && i < WORD_MAX; i++) {
		const struct entry *e;

		hash = hash_next(hash, p[i]);
		if (i < 1 || !(w->maybe[spread(hash) % MAYBE_BITS / 64] >> spread(hash) % 64 & 1))
			continue;
		e = slot_of(w, hash, (const char *)p, i + 1);
		if (e->word && (i + 1 == n || e->prefix || row))
			note(c, e, row && before ? far - (i + 1) : far, against, explain);
	}
}

/* All words of a text in small letters. A capital behind a small letter, and _, begin a new one: phoneNumber,
 * card_number. */
static void
words_in(
    const struct words *w, const unsigned char *p, size_t len, bool before, bool explain, struct context *c)
{
	unsigned char low[WORDS_BEFORE * 2 + 8];
	size_t from, to, barrier = 0; /* a word in front of another number says nothing against this one */

	for (size_t i = 0; i < len; i++) {
		low[i] = p[i] >= 'A' && p[i] <= 'Z' ? p[i] | 0x20 : p[i];
		if (before && (p[i] == WORDS_BARRIER || (p[i] >= '0' && p[i] <= '9')))
			barrier = i;
	}
	for (from = 0; from < len; from = to) {
		to = from + 1;
		if (!is_letter(low[from]))
			continue;
		while (to < len && is_letter(low[to]) &&
		       !(p[to] >= 'A' && p[to] <= 'Z' && p[to - 1] >= 'a' && p[to - 1] <= 'z'))
			to++;
		if (is_row(low[from])) { /* one character further each time */
			size_t next = from + 1;

			word_look(w, low + from, to - from, before ? len - from : from, before,
			    before && from >= barrier, explain, c);
			while (next < to && (low[next] & 0xc0) == 0x80)
				next++;
			to = next;
		} else {
			size_t row = from;

			while (row < to && !is_row(low[row]))
				row++;
			to = row;
			while (to < len && low[to] >= '0' && low[to] <= '9' && to - from < 4)
				to++; /* ipv6, w9, md5 */
			word_look(w, low + from, to - from, before ? len - to : from, before,
			    before && from >= barrier, explain, c);
		}
	}
}

void
words_look(const struct words *w, struct str before, struct str after, bool explain, struct context *c)
{
	c->has = 0;
	words_in(w, (const unsigned char *)before.p, before.len, true, explain, c);
	words_in(w, (const unsigned char *)after.p, after.len, false, explain, c);
}
