/*
 * Fuzz target of the scanner's view. What must hold of every text: it is refused if and only if it is not
 * UTF-8; the view is UTF-8 too and no longer than the text; where its characters come from never goes back,
 * and the ranges that single characters stand for do not overlap; and where nothing can be an escape, ASCII
 * is its own view, each character comes from one, and what a view shows has nothing more to show.
 */
#include "pii_view.h"

#include "arena.h"
#include "text.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size);

static void
need(bool holds)
{
	if (!holds)
		abort();
}

static bool
valid(const char *p, size_t len, bool *ascii)
{
	*ascii = true;
	for (size_t i = 0, n; i < len; i += n) {
		if (!(n = text_char(p + i, len - i)))
			return false;
		*ascii = *ascii && n == 1;
	}
	return true;
}

static bool
begins_escape(char c)
{
	return c == '\\' || c == '%' || c == '&' || c == 0x1b;
}

static bool
escapes(const char *p, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if (begins_escape(p[i]))
			return true;
	return false;
}

/* Each character of the view, on its own. */
static void
check_map(const struct view *v, size_t len)
{
	size_t before = 0;

	for (size_t i = 0, n; i < v->len; i += n) {
		size_t start = view_start(v, i), end;

		n = text_char(v->p + i, v->len - i);
		end = view_end(v, i + n);
		need(before <= start && start < end && end <= len);
		need(text_char(v->text.p + start, len - start) == end - start ||
		     begins_escape(v->text.p[start]));
		before = end;
	}
	need(v->same || view_start(v, v->len) == len);
}

int
LLVMFuzzerTestOneInput(const unsigned char *data, size_t size)
{
	static struct view v, again; /* their buffers are used again */
	char *copy = xcalloc(size, 1);
	bool ascii, seen;
	struct str shown;

	if (size)
		memcpy(copy, data, size);
	if (!valid(copy, size, &ascii)) {
		need(!view_of(&v, (struct str){copy, size}));
		free(copy);
		return 0;
	}
	need(view_of(&v, (struct str){copy, size}));
	need(valid(v.p, v.len, &seen) && v.len <= size);
	need(!ascii || v.same || escapes(copy, size));
	check_map(&v, size);
	shown = (struct str){v.p, v.len};
	need(view_of(&again, shown) && (again.same || escapes(shown.p, shown.len)));
	free(copy);
	return 0;
}
