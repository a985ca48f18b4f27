#include "guard.h"

#include "buf.h"

#define ENOUGH 1000 /* below so many messages the ratio says nothing */

/* The window slides: what comes in pushes out what came GUARD_WINDOW messages ago. */
static void
count(struct guard_topic *t, enum reason reason)
{
	t->in_a_row = reason == REASON_NONE ? 0 : t->in_a_row + 1;
	if (t->seen < GUARD_WINDOW)
		t->seen++;
	else
		t->reasons[t->window[t->at]]--;
	t->window[t->at] = (unsigned char)reason;
	t->reasons[reason]++;
	t->at = (t->at + 1) % GUARD_WINDOW;
}

static size_t
bad(const struct guard_topic *t)
{
	return t->seen - t->reasons[REASON_NONE];
}

static int
stop(const struct guard_topic *t, const char *topic, struct err *e)
{
	struct buf reasons = {0};

	for (int i = REASON_NONE + 1; i < REASON_COUNT; i++)
		if (t->reasons[i])
			buf_printf(
			    &reasons, "%s%s %zu", reasons.len ? ", " : "", reason_names[i], t->reasons[i]);
	err_set(e, ERR_FATAL,
	    "too many bad messages in topic \"%s\": %zu in a row, %zu of the last %zu (%.*s); nothing of "
	    "this batch was acknowledged. Look at \"rejected\" and the producer; dlq.max.consecutive and "
	    "dlq.max.ratio let "
	    "them through",
	    topic, t->in_a_row, bad(t), t->seen, (int)reasons.len, reasons.p);
	buf_free(&reasons);
	return -1;
}

int
guard_batch(struct guard *g, const struct batch *b, const struct conf *c, struct err *e)
{
	for (size_t i = 0; i < b->len; i++) {
		const struct item *it = &b->items[i];
		bool is_event = it->what == WHAT_EVENT;
		struct guard_topic *t = is_event ? &g->events : &g->interactions;

		if (it->what == WHAT_TOMBSTONE)
			continue;
		count(t, it->reason);
		if ((c->dlq_max_consecutive && t->in_a_row >= (size_t)c->dlq_max_consecutive) ||
		    (c->dlq_max_ratio > 0 && t->seen >= ENOUGH && it->reason != REASON_NONE &&
			(double)bad(t) > c->dlq_max_ratio * (double)t->seen))
			return stop(t, is_event ? c->topic_feedback : c->topic_interactions, e);
	}
	return 0;
}
