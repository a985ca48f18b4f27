/*
 * Fuzz target of the scanner and of its view. Input: a byte that says how it is configured, then the text.
 * What must hold of every text: what is left is valid UTF-8, spans lie in the text in order, every way to
 * look for anchors finds the same, to explain changes nothing, and scrubbing twice changes nothing more.
 */
#include "arena.h"
#include "pii.h"
#include "text.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size);

static void
need(bool holds)
{
	if (!holds)
		abort();
}

static const struct pii_options options[] = {
    {0},
    {.entities = "all", .countries = "all"},
    {.aggressive = true},
    {.operators = "pseudonym", .key = "0123456789abcdef0123456789abcdef"},
    {.operators = "mask:4", .entities = "all"},
    {.operators = "drop", .aggressive = true},
    {.operators = "replace,EMAIL_ADDRESS=keep,PHONE_NUMBER=mask"},
    {.operators = "replace,SECRET=mask:4"},
    {.operators = "drop,SECRET=keep,IP_ADDRESS=mask"},
};
#define N_OPTIONS (sizeof options / sizeof *options)

static void
check_spans(const struct pii *p, struct str text)
{
	size_t n, end = 0;
	const struct pii_span *spans = pii_spans(p, &n);

	for (size_t i = 0; i < n; i++) {
		need(spans[i].start < spans[i].end && spans[i].end <= text.len);
		need(i == 0 || spans[i].start >= spans[i - 1].start);
		need(spans[i].type >= 0 && spans[i].type < pii_types(p));
		if (!spans[i].taken || spans[i].kept)
			continue;
		need(spans[i].start >= end);
		end = spans[i].end;
	}
}

static bool
valid(struct str s)
{
	for (size_t i = 0, n; i < s.len; i += n)
		if (!(n = text_char(s.p + i, s.len - i)))
			return false;
	return true;
}

int
LLVMFuzzerTestOneInput(const unsigned char *data, size_t size)
{
	static struct pii *fast[N_OPTIONS], *scalar[N_OPTIONS];
	size_t which = size ? data[0] % N_OPTIONS : 0;
	struct str text, left, same;
	char *copy, *once;
	struct err e;

	if (!fast[which]) {
		fast[which] = pii_open(&options[which], &e);
		scalar[which] = pii_open(&options[which], &e);
		need(fast[which] && scalar[which] && pii_use_vectors(scalar[which], 0));
	}
	text.len = size ? size - 1 : 0;
	text.p = copy = xcalloc(text.len, 1); /* of its own, so that one byte too far is seen */
	if (text.len)
		memcpy(copy, data + 1, text.len);
	left = pii_scrub(fast[which], (struct str){0}, text);
	need(valid(left));
	check_spans(fast[which], text);
	same = pii_scrub(scalar[which], (struct str){0}, text);
	need(str_cmp(left, same) == 0);
	once = xcalloc(left.len, 1);
	if (left.len)
		memcpy(once, left.p, left.len);
	pii_set_explain(fast[which], true);
	same = pii_scrub(fast[which], (struct str){0}, text);
	need(same.len == left.len && (same.len == 0 || memcmp(same.p, once, same.len) == 0));
	check_spans(fast[which], text);
	pii_set_explain(fast[which], false);
	same = pii_scrub(fast[which], (struct str){0}, (struct str){once, left.len});
	need(same.len == left.len && (same.len == 0 || memcmp(same.p, once, same.len) == 0));
	free(once);
	free(copy);
	return 0;
}
