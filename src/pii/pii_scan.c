#include "pii_scan.h"

#include "arena.h"

#include <stdlib.h>

#if defined(__x86_64__)
#include <immintrin.h>
#endif

#define D IS_DIGIT | IS_BREAK | IS_HEX | IS_LOCAL | IS_B64
#define U IS_UPPER | IS_LOCAL | IS_B64
#define L IS_LOWER | IS_LOCAL | IS_B64
#define H IS_HEX
/* clang-format off */
const uint16_t byte_is[256] = {
	[0 ... 8] = IS_END, ['\n'] = IS_END | IS_BREAK, [0xb ... 0x1f] = IS_END,
	['0'] = D, D, D, D, D, D, D, D, D, D,
	['A'] = U | H, U | H, U | H, U | H, U | H, U | H, U, U, U, U, U, U, U, U, U, U, U, U, U, U, U, U, U, U, U, U,
	['a'] = L | H, L | H, L | H, L | H, L | H, L | H, L, L, L, L, L, L, L, L, L, L, L, L, L, L, L, L, L, L, L, L,
	['_'] = IS_UNDER | IS_LOCAL | IS_B64 | IS_SEP, ['-'] = IS_LOCAL | IS_B64 | IS_SEP, ['.'] = IS_LOCAL | IS_SEP,
	['%'] = IS_LOCAL, ['+'] = IS_LOCAL | IS_B64, ['/'] = IS_B64 | IS_SEP, ['!'] = IS_LOCAL, ['#'] = IS_LOCAL,
	['$'] = IS_LOCAL, ['\''] = IS_LOCAL | IS_END, ['^'] = IS_LOCAL, ['~'] = IS_LOCAL, [' '] = IS_SEP | IS_END, ['\t'] = IS_SEP | IS_END, ['"'] = IS_END, ['`'] = IS_END, ['<'] = IS_END | IS_BREAK, ['@'] = IS_BREAK, ['>'] = IS_END,
	['('] = IS_SEP, [')'] = IS_SEP,
};
/* clang-format on */
#undef D
#undef U
#undef L
#undef H

/* ---- where to stop ---- */

#define SPECIAL "@:=([{<"

static void
masks_scalar(const unsigned char *p, size_t n, struct masks *out)
{
	for (; n > 0; n--, p += 64, out++) {
		*out = (struct masks){0};
		for (int i = 0; i < 64; i++) {
			uint64_t bit = UINT64_C(1) << i;
			unsigned char c = p[i];

			out->digit |= byte_is[c] & IS_DIGIT ? bit : 0;
			out->word |= byte_is[c] & IS_WORD ? bit : 0;
			out->special |= c && strchr(SPECIAL, c) ? bit : 0;
			out->dash |= c == '-' ? bit : 0;
			out->dot |= (c | 0x20) == 'd' && (p[i + 1] | 0x20) == 'o' && (p[i + 2] | 0x20) == 't'
					? bit
					: 0;
		}
	}
}

#if defined(__x86_64__)
static inline __m128i
between(__m128i v, char from, char n)
{
	/* unsigned v - from < n, by the comparison of signed bytes */
	v = _mm_add_epi8(v, _mm_set1_epi8((char)(0x80 - from)));
	return _mm_cmplt_epi8(v, _mm_set1_epi8((char)(0x80 + n)));
}

static inline uint64_t
bits16(__m128i v)
{
	return (uint64_t)(unsigned)_mm_movemask_epi8(v);
}

static void
masks_sse2(const unsigned char *p, size_t n, struct masks *out)
{
	const __m128i low = _mm_set1_epi8(0x20);

#define IS(c) _mm_cmpeq_epi8(v, _mm_set1_epi8(c))
	for (; n > 0; n--, p += 64, out++) {
		struct masks m = {0}; /* p could point into *out, for all that the compiler knows */

		for (int i = 0; i < 64; i += 16) {
			__m128i v = _mm_loadu_si128((const __m128i *)(const void *)(p + i)),
				w = _mm_or_si128(v, low);
			__m128i v1 = _mm_loadu_si128((const __m128i *)(const void *)(p + i + 1));
			__m128i v2 = _mm_loadu_si128((const __m128i *)(const void *)(p + i + 2));
			__m128i digit = between(v, '0', 10), special, dot;

			special = _mm_or_si128(_mm_or_si128(_mm_or_si128(IS('@'), IS(':')), IS('=')),
			    _mm_or_si128(_mm_or_si128(IS('('), IS('[')), _mm_or_si128(IS('{'), IS('<'))));
			dot = _mm_and_si128(_mm_cmpeq_epi8(w, _mm_set1_epi8('d')),
			    _mm_and_si128(_mm_cmpeq_epi8(_mm_or_si128(v1, low), _mm_set1_epi8('o')),
				_mm_cmpeq_epi8(_mm_or_si128(v2, low), _mm_set1_epi8('t'))));
			m.digit |= bits16(digit) << i;
			m.word |= bits16(_mm_or_si128(_mm_or_si128(digit, between(w, 'a', 26)), IS('_')))
				  << i;
			m.special |= bits16(special) << i;
			m.dash |= bits16(IS('-')) << i;
			m.dot |= bits16(dot) << i;
		}
		*out = m;
	}
#undef IS
}

static inline __attribute__((target("avx2"))) uint64_t
bits32(__m256i v)
{
	return (uint64_t)(unsigned)_mm256_movemask_epi8(v);
}

/*
 * Two tables of 16, by the two halves of a byte; their AND says what it is: 0x01 digit, 0x02 "(",
 * 0x04 of ":<=", 0x08 "@", 0x10 of "[{", 0x20 and 0x40 letters and _, 0x80 "-". Bytes from 0x80 on are
 * nothing.
 */
static __attribute__((target("avx2"))) void
masks_avx2(const unsigned char *p, size_t n, struct masks *out)
{
	/* by the lower half: 0 to f */
	const __m256i by_low = _mm256_setr_epi8(0x49, 0x61, 0x61, 0x61, 0x61, 0x61, 0x61, 0x61, 0x63, 0x61,
	    0x64, 0x30, 0x24, (char)0xa4, 0x20, 0x20, 0x49, 0x61, 0x61, 0x61, 0x61, 0x61, 0x61, 0x61, 0x63,
	    0x61, 0x64, 0x30, 0x24, (char)0xa4, 0x20, 0x20);
	const __m256i by_high = _mm256_setr_epi8(0, 0, (char)0x82, 0x05, 0x28, 0x50, 0x20, 0x50, 0, 0, 0, 0,
	    0, 0, 0, 0, 0, 0, (char)0x82, 0x05, 0x28, 0x50, 0x20, 0x50, 0, 0, 0, 0, 0, 0, 0, 0);
	const __m256i low = _mm256_set1_epi8(0x20), half = _mm256_set1_epi8(0x0f),
		      none = _mm256_setzero_si256();
	const __m256i special = _mm256_set1_epi8(0x1e), word = _mm256_set1_epi8(0x61),
		      under = _mm256_set1_epi8('_');

	for (; n > 0; n--, p += 64, out++) {
		struct masks m = {0};

		for (int i = 0; i < 64; i += 32) {
			__m256i v = _mm256_loadu_si256((const __m256i *)(const void *)(p + i));
			__m256i v1 = _mm256_loadu_si256((const __m256i *)(const void *)(p + i + 1));
			__m256i v2 = _mm256_loadu_si256((const __m256i *)(const void *)(p + i + 2));
			__m256i what = _mm256_and_si256(_mm256_shuffle_epi8(by_low, v),
			    _mm256_shuffle_epi8(by_high, _mm256_and_si256(_mm256_srli_epi16(v, 4), half)));
			__m256i dot = _mm256_and_si256(
			    _mm256_cmpeq_epi8(_mm256_or_si256(v, low), _mm256_set1_epi8('d')),
			    _mm256_and_si256(
				_mm256_cmpeq_epi8(_mm256_or_si256(v1, low), _mm256_set1_epi8('o')),
				_mm256_cmpeq_epi8(_mm256_or_si256(v2, low), _mm256_set1_epi8('t'))));

			m.digit |= bits32(_mm256_slli_epi16(what, 7)) << i;
			m.dash |= bits32(what) << i;
			m.special |=
			    (~bits32(_mm256_cmpeq_epi8(_mm256_and_si256(what, special), none)) & 0xffffffff)
			    << i;
			m.word |=
			    ((~bits32(_mm256_cmpeq_epi8(_mm256_and_si256(what, word), none)) & 0xffffffff) |
				bits32(_mm256_cmpeq_epi8(v, under)))
			    << i;
			m.dot |= bits32(dot) << i;
		}
		*out = m;
	}
}
#endif

masks_fn *
masks_way(int way)
{
#if defined(__x86_64__)
	if (way == 2)
		return __builtin_cpu_supports("avx2") ? masks_avx2 : NULL;
	if (way == 1)
		return masks_sse2;
#endif
	return way == 0 ? masks_scalar : NULL;
}

masks_fn *
masks_best(void)
{
	for (int way = 2; way > 0; way--)
		if (masks_way(way))
			return masks_way(way);
	return masks_scalar;
}

/* ---- the pass ---- */

#define BLOCKS FIND_BLOCKS /* looked at in one go */

/* What the block before left over. */
struct carry {
	uint64_t digit, dash, dashes, word;
};

static uint64_t
shifted(uint64_t now, uint64_t before, int n)
{
	return now << n | before >> (64 - n);
}

/* The fifth of at least five dashes in a row. */
static uint64_t
fifth_dash(const struct masks *m, struct carry *c)
{
	uint64_t all = m->dash, first;

	for (int i = 1; i < 5; i++)
		all &= shifted(m->dash, c->dash, i);
	first = all & ~shifted(all, c->dashes, 1);
	c->dash = m->dash;
	c->dashes = all;
	return first;
}

/* Eight in a row that begin at a multiple of eight: every sixteen hold such. */
static bool
has_eight(uint64_t v)
{
	const uint64_t ones = UINT64_C(0x0101010101010101);

	return (~v - ones) & v & (ones << 7);
}

/* The sixteenth letter or digit in a row. */
static uint64_t
sixteenth(const struct masks *m, struct carry *c)
{
	uint64_t run = m->word, before = c->word;
	bool maybe = has_eight(run) || has_eight(before);

	c->word = run;
	if (!maybe)
		return 0;
	for (int n = 1; n < 16; n *= 2) {
		run &= shifted(run, before, n);
		before &= before << n;
	}
	return run & ~shifted(run, before, 1);
}

static void
stop_at(struct find *f, size_t i)
{
	unsigned char c = f->p[i];

	switch (c) {
	case '@':
		f->loud |= !find_mail(f, i);
		break;
	case ':':
		find_colon(f, i);
		break;
	case '=':
		find_equals(f, i);
		break;
	case '<':
		if (find_element(f, i))
			break;
		/* fallthrough */
	case '(':
	case '[':
	case '{':
		find_mail_bracket(f, i);
		break;
	case '-':
		find_dashes(f, i);
		break;
	default:
		if (byte_is[c] & IS_DIGIT && !after(f, i, IS_DIGIT)) {
			find_number(f, i);
		} else if (small(c) == 'd' && small(at(f, i + 1)) == 'o' && small(at(f, i + 2)) == 't' &&
			   !after(f, i, IS_WORD))
			find_mail_words(f, i);
		else
			find_long_word(f, i);
	}
}

static void
scan_blocks(struct find *f, const struct masks *m, size_t n, size_t base, struct carry *c)
{
	for (; n > 0; n--, m++, base += 64) {
		uint64_t stops = m->digit & ~shifted(m->digit, c->digit, 1);

		c->digit = m->digit;
		stops |= m->dot | sixteenth(m, c);
		if (m->dash)
			stops |= fifth_dash(m, c);
		else
			c->dash = c->dashes = 0;
		if (base / 64 < FIND_BLOCKS)
			f->strong[base / 64] = stops;
		else
			f->loud = true;
		stops |= m->special;
		for (; stops; stops &= stops - 1) {
			size_t i = base + (size_t)__builtin_ctzll(stops);

			if (i >= f->done && i < f->len)
				stop_at(f, i);
		}
	}
}

void
scan_text(struct find *f, masks_fn *masks)
{
	struct masks m[BLOCKS];
	struct carry c = {0};
	unsigned char tail[64 * 2 + 2] = {0};
	size_t base = 0, rest;

	f->done = f->n = f->hex_done = f->url_done = f->value_done = 0;
	f->named_done = f->chain_start = f->chain_end = 0;
	f->loud = false;
	f->phrase_start = f->context_start = SIZE_MAX;
	while (f->len - base > 2 * 64) { /* what is left fits into tail */
		size_t n = (f->len - base - 2) / 64;

		n = n < BLOCKS ? n : BLOCKS;
		masks(f->p + base, n, m);
		scan_blocks(f, m, n, base, &c);
		base += 64 * n;
	}
	if (base == f->len)
		return;
	rest = f->len - base;
	/* of memcpy() GCC 12 makes a rep movs here, which is slow to begin */
	memmove(tail, f->p + base, rest);
	masks(tail, (rest + 63) / 64, m);
	scan_blocks(f, m, (rest + 63) / 64, base, &c);
}

/* ---- bytes ---- */

bool
escape_ends(const struct find *f, size_t i)
{
	return i > 0 && f->p[i - 1] == '\\' && at(f, i) && strchr("nrtbfv", f->p[i]);
}

bool
equals_ends(const struct find *f, size_t i)
{
	return i >= 3 && i <= f->len && f->p[i - 1] == 'D' && f->p[i - 2] == '3' && f->p[i - 3] == '=';
}

bool
glued_before(const struct find *f, size_t i)
{
	if (!after(f, i, IS_WORD) || escape_ends(f, i - 1) || equals_ends(f, i))
		return false;
	while (after(f, i, IS_UNDER))
		i--;
	return after(f, i, IS_ALNUM);
}

bool
glued_behind(const struct find *f, size_t i)
{
	while (is(f, i, IS_UNDER))
		i++;
	return is(f, i, IS_ALNUM);
}

bool
plus_is_space(const struct find *f, size_t start, size_t i)
{
	if (at(f, i) != '+')
		return false;
	start -= after(f, start, IS_LOCAL) && f->p[start - 1] == '+';
	return is(f, i + 1, IS_ALNUM) && start > 0 && f->p[start - 1] == '=';
}

void
find_edges(const struct find *f, size_t *i, size_t *to)
{
	if (*i < *to && escape_ends(f, *i))
		++*i;
	else if (*i + 2 < *to && equals_ends(f, *i + 2))
		*i += 2;
	while (*i < *to && f->p[*i] == '_')
		++*i;
	while (*to > *i && f->p[*to - 1] == '_')
		--*to;
}

bool
find_among(const struct find *f, size_t i, size_t end, const struct word *words, size_t n)
{
	unsigned char first = small(at(f, i));

	for (; n > 0; n--, words++)
		if (words->len == end - i && (unsigned char)*words->text == first &&
		    find_says(f, i, words->text))
			return true;
	return false;
}

/* ---- placeholders ---- */

/* <EMAIL_ADDRESS>, <EMAIL_ADDRESS:k1:0123456789abcdef0123>; so strict that no number fits in. */
size_t
placeholder_end(const unsigned char *p, size_t len, size_t i)
{
	size_t start = i + 1, digits = 0, n;

	if (i >= len || p[i] != '<')
		return 0;
	for (i = start; i < len && (byte_is[p[i]] & (IS_UPPER | IS_DIGIT) || p[i] == '_') && i - start < 48;
	     i++) {
		digits = byte_is[p[i]] & IS_DIGIT ? digits + 1 : 0;
		if (digits > 3)
			return 0;
	}
	if (i - start < 3 || !(byte_is[p[start]] & IS_UPPER))
		return 0;
	if (i < len && p[i] == '>')
		return i + 1;
	if (i >= len || p[i] != ':' || i + 1 >= len || !(byte_is[p[i + 1]] & IS_ALPHA))
		return 0;
	for (i++, n = 0; i < len && byte_is[p[i]] & IS_ALNUM && n < 8; i++)
		n++;
	if (i >= len || p[i] != ':')
		return 0;
	for (i++, n = 0; i < len && byte_is[p[i]] & IS_HEX && !(byte_is[p[i]] & IS_UPPER) && n < 20; i++)
		n++;
	return n == 20 && i < len && p[i] == '>' ? i + 1 : 0;
}

size_t
placeholder_known(const struct find *f, size_t i)
{
	size_t end = placeholder_end(f->p, f->len, i), n;
	const char *name = (const char *)f->p + i + 1;

	if (!end)
		return 0;
	n = strcspn(name, ":>"); /* one of them is there */
	if (entity_named(name, n) != PII_BUILT_IN || (n == 8 && !memcmp(name, "REDACTED", n)))
		return end;
	for (int t = PII_BUILT_IN; t < pii_types(f->pii); t++)
		if (!strncmp(pii_type_name(f->pii, t), name, n) && !pii_type_name(f->pii, t)[n])
			return end;
	return 0;
}

/* Does [start, end) touch a placeholder? */
static bool
on_placeholder(const struct find *f, size_t start, size_t end)
{
	size_t from = start > 84 ? start - 84 : 0;
	const unsigned char *open = memrchr(f->p + from, '<', start - from);

	if (open && placeholder_known(f, (size_t)(open - f->p)) > start)
		return true;
	for (const unsigned char *p = memchr(f->p + start, '<', end - start); p;
	     p = memchr(p + 1, '<', (size_t)(f->p + end - p - 1)))
		if (placeholder_known(f, (size_t)(p - f->p)))
			return true;
	return false;
}

/* ---- verdicts ---- */

static const char FOR[] = "a word for it", AGAINST[] = "a word against it";

/* The placeholder that ends at i begins here; i itself where there is none. */
static size_t
placeholder_start(const struct find *f, size_t i)
{
	size_t from = i > 84 ? i - 84 : 0;

	for (size_t k = i - 1; k > from; k--)
		if (f->p[k - 1] == '<')
			return placeholder_known(f, k - 1) == i ? k - 1 : i;
	return i;
}

static bool
letter(unsigned char c)
{
	return byte_is[c] & IS_ALPHA || c >= 0x80;
}

#define NAME_MAX_BYTES 24
#define ROOM	       (WORDS_BEFORE + 24 + 1 + NAME_MAX_BYTES)

/* What stands before start, without what was taken and without placeholders: what is left of both is one
 * space, so that the same words are seen when the scrubbed text is scanned. */
static struct str
words_before(const struct find *f, size_t start, char room[ROOM])
{
	size_t n = ROOM, i = start, k = f->n;
	const size_t stop = ROOM - WORDS_BEFORE;

	while (i > 0 && n > NAME_MAX_BYTES + 1 && (n > stop || letter(f->p[i - 1]))) {
		while (k > 0 && (!f->spans[k - 1].taken || f->spans[k - 1].end > i))
			k--;
		if (k > 0 && f->spans[k - 1].end == i) {
			i = f->spans[k - 1].start;
			room[--n] = WORDS_BARRIER;
		} else if (f->p[i - 1] == '>' && placeholder_start(f, i) < i) {
			i = placeholder_start(f, i);
			room[--n] = WORDS_BARRIER;
		} else {
			room[--n] = (char)f->p[--i];
		}
	}
	if (i == 0 && f->name.p) {
		size_t len = f->name.len < NAME_MAX_BYTES ? f->name.len : NAME_MAX_BYTES;

		room[--n] = ' ';
		n -= len;
		memcpy(room + n, f->name.p, len);
	}
	return (struct str){room + n, ROOM - n};
}

/* The same where nothing of this kind is near: the text itself. Absent where something is. */
static struct str
words_plain(const struct find *f, size_t start)
{
	size_t i = start > WORDS_BEFORE ? start - WORDS_BEFORE : 0, from = i, k = f->n;

	while (i > 0 && from - i < 24 && letter(f->p[i - 1]))
		i--;
	while (k > 0 && !f->spans[k - 1].taken)
		k--;
	if ((i == 0 && f->name.p) || (k > 0 && f->spans[k - 1].end > i) || memchr(f->p + i, '>', start - i))
		return (struct str){0};
	return (struct str){(const char *)f->p + i, start - i};
}

const struct context *
find_context(struct find *f, size_t start, size_t end)
{
	char room[ROOM];
	struct str before;
	size_t to, near;

	if (f->phrase_start != SIZE_MAX) {
		start = f->phrase_start;
		end = f->phrase_end;
	}
	if (f->context_start == start && f->context_end == end)
		return &f->context;
	f->context_start = start;
	f->context_end = end;
	near = f->len - end < WORDS_AFTER ? f->len : end + WORDS_AFTER;
	for (to = end; to < near && !(byte_is[f->p[to]] & IS_BREAK); to++)
		;
	if (to == near) /* the word that it ends in */
		while (to < f->len && to - end < WORDS_AFTER + 16 && letter(f->p[to]))
			to++;
	before = words_plain(f, start);
	if (!before.p)
		before = words_before(f, start, room);
	words_look(
	    f->words, before, (struct str){(const char *)f->p + end, to - end}, f->explain, &f->context);
	return &f->context;
}

bool
nearer(struct find *f, enum pii_type a, enum pii_type b, size_t start, size_t end)
{
	const struct context *c = find_context(f, start, end);

	return c->has >> a & 1 && !(c->has >> b & 1 && c->far[b] <= c->far[a]);
}

static struct pii_span *
add(struct find *f, enum pii_type t, size_t start, size_t end, enum pii_level level, const char *rule)
{
	if (f->n == f->cap) {
		f->cap = f->cap ? 2 * f->cap : 64;
		f->spans = xrealloc(f->spans, f->cap * sizeof *f->spans);
	}
	f->spans[f->n] =
	    (struct pii_span){.start = start, .end = end, .type = (int)t, .level = level, .rule = rule};
	return &f->spans[f->n++];
}

bool
find_leave(struct find *f, enum pii_type t, size_t start, size_t end, const char *rule, const char *why)
{
	if (f->explain && start < end)
		add(f, t, start, end, PII_POSSIBLE, rule)->why = why;
	return false;
}

/* Is there a word for it, and none nearer against it? */
static const char *
weigh(
    struct find *f, enum pii_type t, size_t start, enum pii_level level, const struct context *c, bool *take)
{
	int other = t == PII_IP_ADDRESS ? WORDS_VERSION : WORDS_AGAINST;
	/* a word speaks against the first number behind it */
	bool for_it = c->has >> t & 1,
	     not_it = c->has >> other & 1 && (f->phrase_start == SIZE_MAX || start == f->phrase_start);

	if (for_it && not_it) {
		for_it = c->far[t] <= c->far[other];
		not_it = !for_it;
	}
	*take = for_it || f->aggressive || (level == PII_LIKELY && f->on[t] == PII_ON && !not_it);
	if (for_it)
		return FOR;
	if (not_it)
		return AGAINST;
	return *take ? (f->aggressive && level == PII_POSSIBLE ? "aggressive" : "form") : "no word for it";
}

bool
find_report(struct find *f, enum pii_type t, size_t start, size_t end, enum pii_level level, const char *rule)
{
	const char *why = "validator";
	const struct context *c = NULL;
	bool take = true;
	struct pii_span *s;

	if (!wanted(f, t))
		return false;
	if (level != PII_CERTAIN) {
		c = find_context(f, start, end);
		why = weigh(f, t, start, level, c, &take);
	}
	if (take && on_placeholder(f, start, end))
		return false;
	if (!take && (!f->explain || end <= start))
		return false;
	s = add(f, t, start, end, level, rule);
	s->taken = take;
	s->why = why;
	if (c && f->explain && why == FOR)
		memcpy(s->word, c->word[t], sizeof c->word[t]);
	else if (c && f->explain && why == AGAINST)
		memcpy(
		    s->word, c->word[t == PII_IP_ADDRESS ? WORDS_VERSION : WORDS_AGAINST], sizeof c->word[t]);
	return take;
}

/* ---- what overlaps ---- */

static int
by_place(const void *x, const void *y)
{
	const struct pii_span *a = x, *b = y;

	if (a->start != b->start)
		return a->start < b->start ? -1 : 1;
	return (a->end < b->end) - (a->end > b->end);
}

/* Does a win over b? By level, precedence, length, place. */
static bool
wins(const struct pii_span *a, const struct pii_span *b)
{
	if (a->level != b->level)
		return a->level > b->level;
	if (a->type != b->type)
		return a->type < b->type;
	return a->end - a->start > b->end - b->start;
}

/* What goes whatever it is a part of. */
static bool
goes_always(const struct pii_span *s)
{
	return !s->kept && (s->type == PII_DENY_LIST || s->type == PII_KNOWN_VALUE || s->type == PII_SECRET ||
			       s->type >= PII_BUILT_IN);
}

/* One of two that overlap, a being the first: the winner, over the place of both. What is kept wins only
 * where it is all of that, and over what does not go always. */
static void
unite(struct pii_span *a, const struct pii_span *b)
{
	size_t start = a->start, end = b->end > a->end ? b->end : a->end;
	bool second = wins(b, a);
	const struct pii_span *winner = second ? b : a;

	if (a->kept != b->kept && winner->kept &&
	    (winner->start > start || winner->end < end || goes_always(a) || goes_always(b)))
		second = !second;
	if (second)
		*a = *b;
	a->hidden |= a->start > start || a->end < end;
	a->start = start;
	a->end = end;
}

void
scan_settle(struct find *f)
{
	size_t out = 0;
	struct pii_span *last = NULL; /* taken */
	bool sorted = true;

	for (size_t i = 1; i < f->n && sorted; i++)
		sorted = by_place(&f->spans[i - 1], &f->spans[i]) <= 0;
	if (!sorted)
		qsort(f->spans, f->n, sizeof *f->spans, by_place);
	for (size_t i = 0; i < f->n; i++) {
		struct pii_span s = f->spans[i];

		if (s.taken && last && s.start < last->end) {
			unite(last, &s);
			continue;
		}
		f->spans[out++] = s;
		if (s.taken)
			last = &f->spans[out - 1];
	}
	f->n = out;
}

/* Bits from to to - 1 of a block. */
static uint64_t
bits_of(size_t from, size_t to)
{
	return (to < 64 ? (UINT64_C(1) << to) - 1 : UINT64_MAX) & ~((UINT64_C(1) << from) - 1);
}

bool
scan_all_taken(struct find *f)
{
	uint64_t left = 0;

	if (f->loud)
		return false;
	for (size_t i = 0; i < f->n; i++) {
		const struct pii_span *s = &f->spans[i];

		for (size_t at_ = s->start; s->taken && at_ < s->end; at_ = (at_ / 64 + 1) * 64)
			f->strong[at_ / 64] &= ~bits_of(at_ % 64, s->end - at_ / 64 * 64);
	}
	for (size_t i = 0; i < (f->len + 63) / 64; i++)
		left |= f->strong[i];
	return !left;
}
