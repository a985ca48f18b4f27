#include "range.h"

#include "arena.h"
#include "kafka.h"
#include "log.h"
#include "near.h"
#include "stamp.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>

#define ANSWER_MS 10000
#define ALLOWED	  "an RFC 3339 time (2026-01-31T08:00:00Z), \"beginning\", \"end\", or P:OFFSET (0:1234,1:77)"

/* ---- what is asked ---- */

static int
add_point(struct bound *b, const char *option, struct point p, struct err *e)
{
	if (bound_point(b, p.partition))
		return err_set(e, ERR_USAGE, "%s names partition %" PRId32 " twice", option, p.partition);
	b->points = xrealloc(b->points, (b->n + 1) * sizeof *b->points);
	b->points[b->n++] = p;
	return 0;
}

/* Digits up to a character, of a number up to max; NULL: they are not. */
static const char *
number(const char *s, const char *until, int64_t max, int64_t *value)
{
	char *end;

	errno = 0;
	*value = strtoll(s, &end, 10);
	return *s >= '0' && *s <= '9' && !errno && *value <= max && strchr(until, *end) ? end : NULL;
}

/* P:OFFSET[,P:OFFSET]...; 1: it is something else. */
static int
take_points(struct bound *b, const char *option, const char *value, struct err *e)
{
	const char *at = value;

	for (;;) {
		int64_t partition, offset;

		at = number(at, ":", INT32_MAX, &partition);
		if (!at || !*at || !(at = number(at + 1, ",", INT64_MAX - 1, &offset)))
			return 1;
		if (add_point(b, option, (struct point){(int32_t)partition, offset}, e) < 0)
			return -1;
		if (!*at++)
			return 0;
	}
}

static int
take_time(struct bound *b, const char *value, const char **wrong)
{
	int64_t micros;

	*wrong = stamp_parse(str_of(value), &micros);
	if (*wrong)
		return -1;
	/* the first whole millisecond that is not before it; negative numbers mean something else to Kafka */
	b->ms = micros <= 0 ? 0 : (micros + 999) / 1000;
	b->kind = BOUND_TIME;
	return 0;
}

static int
misspelt(const char *option, const char *value, const char *wrong, struct err *e)
{
	static const char *const words[] = {"beginning", "end"};

	for (size_t i = 0; i < 2; i++)
		if (near_distance(value, words[i]) <= 2)
			return err_set(
			    e, ERR_USAGE, "%s \"%s\": did you mean \"%s\"?", option, value, words[i]);
	if (strlen(value) >= 8 && strspn(value, "0123456789") >= 4 && value[4] == '-')
		return err_set(e, ERR_USAGE, "%s \"%s\": %s; it takes " ALLOWED, option, value, wrong);
	return err_set(e, ERR_USAGE, "%s \"%s\" is none of what it takes: " ALLOWED, option, value);
}

int
bound_take(struct bound *b, const char *option, const char *value, struct err *e)
{
	bool first = b->kind == BOUND_NONE;
	const char *wrong;
	int rc;

	if (first && !strcmp(value, "beginning")) {
		b->kind = BOUND_BEGINNING;
		return 0;
	}
	if (first && !strcmp(value, "end")) {
		b->kind = BOUND_END;
		return 0;
	}
	rc = first || b->kind == BOUND_OFFSETS ? take_points(b, option, value, e) : 1;
	if (rc <= 0) {
		b->kind = BOUND_OFFSETS;
		return rc;
	}
	if (!first)
		return err_set(e, ERR_USAGE,
		    "%s is given again with \"%s\"; only P:OFFSET may be given several times", option, value);
	return take_time(b, value, &wrong) < 0 ? misspelt(option, value, wrong, e) : 0;
}

void
bound_free(struct bound *b)
{
	free(b->points);
	*b = (struct bound){0};
}

const struct point *
bound_point(const struct bound *b, int32_t partition)
{
	for (size_t i = 0; i < b->n; i++)
		if (b->points[i].partition == partition)
			return &b->points[i];
	return NULL;
}

/* ---- what there is of it ---- */

static int64_t
where(const struct bound *b, int32_t partition, int64_t time, int64_t low, int64_t high, int64_t otherwise)
{
	const struct point *p = bound_point(b, partition);

	switch (b->kind) {
	case BOUND_BEGINNING:
		return low;
	case BOUND_END:
		return high;
	case BOUND_TIME:
		return time < 0 ? high : time; /* nothing of that time or later */
	case BOUND_OFFSETS:
		return p ? p->offset : otherwise;
	default:
		return otherwise;
	}
}

static int64_t
clip(int64_t at, int64_t low, int64_t high)
{
	return at < low ? low : at > high ? high : at;
}

void
range_clip(struct range *r, const struct bound *from, const struct bound *to, int64_t from_time,
    int64_t to_time, int64_t low, int64_t high, struct buf *says)
{
	const struct point *p = bound_point(from, r->partition), *q = bound_point(to, r->partition);
	int64_t first = where(from, r->partition, from_time, low, high, low);
	int64_t last = where(to, r->partition, to_time, low, high, high); /* exclusive, as all */
	int64_t asked = p ? p->offset : 0; /* without a word on where to begin */

	r->from = clip(first, low, high);
	r->to = clip(last, low, high);
	if (r->to < r->from)
		r->to = r->from;
	r->at = r->from;
	if ((p || q) && asked < low && asked < last && (p || last <= low)) {
		buf_printf(says,
		    "%s[%" PRId32 "]: offsets %" PRId64 " to %" PRId64 " are no longer held by the broker",
		    r->topic, r->partition, asked, (last < low ? last : low) - 1);
		if (r->from < r->to)
			buf_printf(says, "; starting at %" PRId64, low);
		buf_printf(says, "\n");
	}
	if (from->kind == BOUND_TIME && low > 0 && first <= low)
		buf_printf(says,
		    "%s[%" PRId32 "]: offsets 0 to %" PRId64
		    " are no longer held by the broker, and messages of that time may have been among them; "
		    "starting at "
		    "%" PRId64 "\n",
		    r->topic, r->partition, low - 1, low);
	if ((p && first > high) || (q && last > high && first <= last))
		buf_printf(says,
		    "%s[%" PRId32 "]: offsets %" PRId64 " to %" PRId64 " are not there; it ends at %" PRId64
		    "\n",
		    r->topic, r->partition, first > high ? first : high,
		    (last > first ? last : first + 1) - 1, high);
}

/* ---- the broker's word ---- */

/* Where the first message of this time or later is, in each partition of the list; -1: there is none. */
static int
offsets_of_time(rd_kafka_t *rk, const struct ranges *rs, const struct bound *b, int64_t *offsets,
    const struct conf *c, struct err *e)
{
	rd_kafka_topic_partition_list_t *list;
	rd_kafka_resp_err_t rc;
	size_t i;

	for (i = 0; i < rs->n; i++)
		offsets[i] = -1;
	if (b->kind != BOUND_TIME || rs->n == 0)
		return 0;
	list = rd_kafka_topic_partition_list_new((int)rs->n);
	for (i = 0; i < rs->n; i++)
		rd_kafka_topic_partition_list_add(list, rs->list[i].topic, rs->list[i].partition)->offset =
		    b->ms;
	rc = rd_kafka_offsets_for_times(rk, list, ANSWER_MS);
	for (i = 0; !rc && i < rs->n; i++) {
		rc = list->elems[i].err;
		offsets[i] = list->elems[i].offset < 0 ? -1 : list->elems[i].offset;
	}
	rd_kafka_topic_partition_list_destroy(list);
	i = i ? i - 1 : 0;
	return rc ? kafka_silent(c, rs->list[i].topic, rs->list[i].partition, rc, e) : 0;
}

/* The partitions of a topic that take part. */
static int
add_topic(struct ranges *rs, rd_kafka_t *rk, const struct conf *c, const char *topic, const struct ask *ask,
    struct err *e)
{
	int n = kafka_partitions(rk, c, topic, ANSWER_MS, e);
	const struct bound *ends[] = {&ask->from, &ask->to};
	bool named = ask->from.kind == BOUND_OFFSETS || ask->to.kind == BOUND_OFFSETS;

	if (n <= 0)
		return n < 0 ? -1
			     : err_set(e, ERR_FATAL, "kafka: topic \"%s\" does not exist on \"%s\"", topic,
				   c->brokers);
	for (size_t k = 0; k < 2; k++)
		for (size_t i = 0; i < ends[k]->n; i++)
			if (ends[k]->points[i].partition >= n)
				return err_set(e, ERR_USAGE,
				    "\"%s\" has no partition %" PRId32 ", only 0 to %d", topic,
				    ends[k]->points[i].partition, n - 1);
	rs->list = xrealloc(rs->list, (rs->n + (size_t)n) * sizeof *rs->list);
	for (int32_t p = 0; p < n; p++)
		if (!named || bound_point(&ask->from, p) || bound_point(&ask->to, p))
			rs->list[rs->n++] = (struct range){.topic = topic, .partition = p};
	return 0;
}

static int
backwards(const struct ask *ask, struct err *e)
{
	if (ask->from.kind == BOUND_TIME && ask->to.kind == BOUND_TIME && ask->to.ms < ask->from.ms)
		return err_set(e, ERR_USAGE, "--to is before --from");
	for (size_t i = 0; i < ask->from.n; i++) {
		const struct point *p = &ask->from.points[i], *q = bound_point(&ask->to, p->partition);

		if (q && q->offset < p->offset)
			return err_set(e, ERR_USAGE,
			    "--to %" PRId32 ":%" PRId64 " is before --from %" PRId32 ":%" PRId64,
			    q->partition, q->offset, p->partition, p->offset);
	}
	return 0;
}

static void
tell(const struct buf *says)
{
	const char *at = says->p;

	for (const char *nl; at && (nl = memchr(at, '\n', (size_t)(says->p + says->len - at))); at = nl + 1)
		log_warn("%.*s", (int)(nl - at), at);
}

/* Asks for the ends of each partition, and keeps of the list what there is to read. */
static int
look_up(struct ranges *rs, rd_kafka_t *rk, const struct ask *ask, const struct conf *c, struct err *e)
{
	int64_t *from = xcalloc(rs->n + 1, sizeof *from), *to = xcalloc(rs->n + 1, sizeof *to);
	struct buf says = {0};
	size_t left = 0;
	int rc = offsets_of_time(rk, rs, &ask->from, from, c, e) < 0 ||
			 offsets_of_time(rk, rs, &ask->to, to, c, e) < 0
		     ? -1
		     : 0;

	for (size_t i = 0; rc == 0 && i < rs->n; i++) {
		struct range *r = &rs->list[i];
		int64_t low, high;

		rc = kafka_ends(rk, c, r->topic, r->partition, &low, &high, e);
		if (rc < 0)
			break;
		range_clip(r, &ask->from, &ask->to, from[i], to[i], low, high, &says);
		if (r->from < r->to)
			rs->list[left++] = (struct range){r->topic, r->partition, r->from, r->to, r->from};
	}
	tell(&says);
	if (rc == 0 && left == 0 && says.len && (ask->from.n || ask->to.n))
		rc = err_set(e, ERR_FATAL, "nothing is left of these offsets");
	rs->n = left;
	buf_free(&says);
	free(from);
	free(to);
	return rc;
}

int
ranges_open(struct ranges *rs, const struct ask *ask, const struct conf *c, struct err *e)
{
	rd_kafka_t *rk;
	int rc;

	if (backwards(ask, e) < 0)
		return -1;
	rk = kafka_new(RD_KAFKA_CONSUMER, kafka_conf(c), e);
	if (!rk)
		return -1;
	rc = (ask->interactions && add_topic(rs, rk, c, c->topic_interactions, ask, e) < 0) ||
		     (ask->events && add_topic(rs, rk, c, c->topic_feedback, ask, e) < 0)
		 ? -1
		 : look_up(rs, rk, ask, c, e);
	rd_kafka_destroy(rk);
	return rc;
}

void
ranges_close(struct ranges *rs)
{
	free(rs->list);
	*rs = (struct ranges){0};
}

/* ---- reading ---- */

struct range *
ranges_take(struct ranges *rs)
{
	size_t i = rs->taken;

	while (i < rs->n && !atomic_compare_exchange_weak(&rs->taken, &i, i + 1))
		;
	return i < rs->n ? &rs->list[i] : NULL;
}

void
ranges_stored(struct ranges *rs, const char *topic, int32_t partition, int64_t offset)
{
	for (size_t i = 0; i < rs->n; i++) {
		struct range *r = &rs->list[i];

		if (r->partition == partition && !strcmp(r->topic, topic))
			r->at = offset < r->to ? offset : r->to;
	}
}

int64_t
ranges_total(const struct ranges *rs)
{
	int64_t sum = 0;

	for (size_t i = 0; i < rs->n; i++)
		sum += rs->list[i].to - rs->list[i].from;
	return sum;
}

int64_t
ranges_left(const struct ranges *rs)
{
	int64_t sum = 0;

	for (size_t i = 0; i < rs->n; i++)
		sum += rs->list[i].to - rs->list[i].at;
	return sum;
}
