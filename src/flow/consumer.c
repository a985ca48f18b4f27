#include "consumer.h"

#include "clock.h"
#include "kafka.h"
#include "log.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#define CLOSE_MS 10000 /* librdkafka 2.0.2 can hang in close with cooperative assignment */
#define EMPTY_MS 200   /* how long an empty fill waits */
#define SERVE_MS 20    /* how long a fill waits for messages without serving the group */
#define RANGE_MS \
	1000 /* how long a fill from a range waits at most: nobody waits for what was stored long ago */

/* ---- group ---- */

static void
revoke(struct consumer *c, const rd_kafka_topic_partition_list_t *list)
{
	/* somebody else goes on from what is committed; what is held of these is stored all the same, which
	 * does no harm */
	c->cut = true;
	for (int i = 0; c->batch && c->batch->next && i < list->cnt; i++)
		rd_kafka_topic_partition_list_del(
		    c->batch->next, list->elems[i].topic, list->elems[i].partition);
}

/* Messages of these partitions go to our queue, not to the one that consumer_keep serves. */
static void
divert(struct consumer *c, const rd_kafka_topic_partition_list_t *list)
{
	for (int i = 0; i < list->cnt; i++) {
		rd_kafka_queue_t *q =
		    rd_kafka_queue_get_partition(c->rk, list->elems[i].topic, list->elems[i].partition);

		if (q) {
			rd_kafka_queue_forward(q, c->messages);
			rd_kafka_queue_destroy(q);
		}
	}
}

static void
rebalance(rd_kafka_t *rk, rd_kafka_resp_err_t what, rd_kafka_topic_partition_list_t *list, void *opaque)
{
	struct consumer *c = opaque;
	bool cooperative = !strcmp(rd_kafka_rebalance_protocol(rk), "COOPERATIVE");
	rd_kafka_error_t *error = NULL;

	if (what == RD_KAFKA_RESP_ERR__ASSIGN_PARTITIONS) {
		divert(c, list);
		if (cooperative)
			error = rd_kafka_incremental_assign(rk, list);
		else
			rd_kafka_assign(rk, list);
		log_debug("%s: %d partitions assigned", rd_kafka_name(rk), list->cnt);
	} else {
		if (rd_kafka_assignment_lost(rk) && !c->broker.lost_since)
			broker_complain(&c->broker, RD_KAFKA_RESP_ERR__ASSIGNMENT_LOST,
			    "put out of the group; joining again");
		revoke(c, list);
		if (cooperative)
			error = rd_kafka_incremental_unassign(rk, list);
		else
			rd_kafka_assign(rk, NULL);
		log_debug("%s: %d partitions revoked", rd_kafka_name(rk), list->cnt);
	}
	if (error) {
		log_warn("kafka: %s: %s", rd_kafka_name(rk), rd_kafka_error_string(error));
		rd_kafka_error_destroy(error);
	}
}

static void
trouble(rd_kafka_t *rk, int code, const char *reason, void *opaque)
{
	struct consumer *c = opaque;

	(void)rk;
	broker_trouble(&c->broker, (rd_kafka_resp_err_t)code, reason);
}

/* What is refused now is committed later, or comes again. */
static void
committed(rd_kafka_t *rk, rd_kafka_resp_err_t rc, rd_kafka_topic_partition_list_t *list, void *opaque)
{
	struct consumer *c = opaque;
	char text[256];

	(void)rk;
	for (int i = 0; rc == RD_KAFKA_RESP_ERR_NO_ERROR && i < list->cnt; i++)
		rc = list->elems[i].err;
	switch (rc) {
	case RD_KAFKA_RESP_ERR_NO_ERROR:
	case RD_KAFKA_RESP_ERR__NO_OFFSET:
	case RD_KAFKA_RESP_ERR_REBALANCE_IN_PROGRESS: /* the partitions go to somebody else */
	case RD_KAFKA_RESP_ERR_ILLEGAL_GENERATION:
	case RD_KAFKA_RESP_ERR_UNKNOWN_MEMBER_ID:
	case RD_KAFKA_RESP_ERR__WAIT_COORD: /* told when no broker can be reached */
	case RD_KAFKA_RESP_ERR__TRANSPORT:
		return;
	default:
		snprintf(
		    text, sizeof text, "offsets were not committed: %s; trying again", rd_kafka_err2str(rc));
		broker_complain(&c->broker, rc, text);
	}
}

static void
set_instance(rd_kafka_conf_t *conf, const char *id, int index)
{
	char name[512], text[256];

	/* one id for each consumer, or they fence each other */
	snprintf(name, sizeof name, "%s-%d", id, index);
	rd_kafka_conf_set(conf, "group.instance.id", name, text, sizeof text);
}

/* librdkafka before 2.3 aborts in an assertion where a member leaves before its first assignment. */
static void
warn_of_cooperation(const rd_kafka_conf_t *kafka)
{
	char strategy[128] = "";
	size_t size = sizeof strategy;

	if (rd_kafka_version() < 0x020300ff &&
	    !rd_kafka_conf_get(kafka, "partition.assignment.strategy", strategy, &size) &&
	    strstr(strategy, "cooperative"))
		log_warn(
		    "kafka.partition.assignment.strategy: librdkafka %s may abort with \"%s\"; use range or "
		    "roundrobin",
		    rd_kafka_version_str(), strategy);
}

static void
set_member(rd_kafka_conf_t *kafka, const struct conf *conf, int index)
{
	char text[256];

	rd_kafka_conf_set(kafka, "enable.auto.commit", "true", text, sizeof text);
	rd_kafka_conf_set(kafka, "auto.commit.interval.ms", "250", text, sizeof text);
	if (conf->group_instance_id)
		set_instance(kafka, conf->group_instance_id, index);
	rd_kafka_conf_set_rebalance_cb(kafka, rebalance);
	if (index == 0)
		warn_of_cooperation(kafka);
}

/* In no group at all, with librdkafka's simple consumer. */
static void
set_loner(rd_kafka_conf_t *kafka)
{
	static const char *const settings[][2] = {
	    {"group.id", ""}, {"group.instance.id", ""}, {"enable.auto.commit", "false"},
	    {"auto.commit.enable", "false"},
	    {"auto.offset.reset", "error"}, /* nothing is left out silently */
	    {"fetch.wait.max.ms", "10"}, /* the next range waits for the answer about the end of the last */
	};
	char text[256];

	for (size_t i = 0; i < sizeof settings / sizeof *settings; i++)
		rd_kafka_conf_set(kafka, settings[i][0], settings[i][1], text, sizeof text);
}

int
consumer_open(struct consumer *c, const struct conf *conf, struct ranges *ranges, int index, struct err *e)
{
	rd_kafka_topic_partition_list_t *topics;
	rd_kafka_conf_t *kafka = kafka_conf(conf);
	rd_kafka_resp_err_t rc;
	char text[256];

	*c = (struct consumer){.ranges = ranges};
	rd_kafka_conf_set(kafka, "enable.auto.offset.store", "false", text, sizeof text);
	rd_kafka_conf_set(kafka, "enable.partition.eof", "true", text, sizeof text);
	if (ranges)
		set_loner(kafka);
	else
		set_member(kafka, conf, index);
	rd_kafka_conf_set_error_cb(kafka, trouble);
	rd_kafka_conf_set_offset_commit_cb(kafka, committed);
	rd_kafka_conf_set_opaque(kafka, c);
	c->rk = kafka_new(RD_KAFKA_CONSUMER, kafka, e);
	if (!c->rk)
		return -1;
	c->broker.rk = c->rk;
	c->messages = rd_kafka_queue_new(c->rk);
	if (ranges)
		return 0;
	rd_kafka_poll_set_consumer(c->rk);
	topics = rd_kafka_topic_partition_list_new(2);
	rd_kafka_topic_partition_list_add(topics, conf->topic_interactions, RD_KAFKA_PARTITION_UA);
	rd_kafka_topic_partition_list_add(topics, conf->topic_feedback, RD_KAFKA_PARTITION_UA);
	rc = rd_kafka_subscribe(c->rk, topics);
	rd_kafka_topic_partition_list_destroy(topics);
	if (rc) {
		consumer_close(c);
		return err_set(e, ERR_FATAL, "kafka: cannot subscribe: %s", rd_kafka_err2str(rc));
	}
	return 0;
}

/* ---- messages ---- */

static void
go_on_from(struct batch *b, rd_kafka_topic_t *rkt, int32_t partition, int64_t offset)
{
	const char *topic = rd_kafka_topic_name(rkt);
	rd_kafka_topic_partition_t *p = rd_kafka_topic_partition_list_find(b->next, topic, partition);

	if (!p)
		p = rd_kafka_topic_partition_list_add(b->next, topic, partition);
	p->offset = offset;
}

/* ---- ranges ---- */

/* Goes on with the next range where none is being read. false: there is none. */
static bool
range_start(struct consumer *c)
{
	if (!c->range && (c->range = ranges_take(c->ranges))) {
		c->rkt = rd_kafka_topic_new(c->rk, c->range->topic, NULL);
		if (rd_kafka_consume_start_queue(c->rkt, c->range->partition, c->range->from, c->messages)) {
			log_error("kafka: %s[%" PRId32 "]: cannot be read from %" PRId64 ": %s",
			    c->range->topic, c->range->partition, c->range->from,
			    rd_kafka_err2str(rd_kafka_last_error()));
			c->fatal = true;
		}
	}
	c->done = !c->range;
	return !c->done;
}

static void
range_end(struct consumer *c)
{
	if (!c->range)
		return;
	rd_kafka_consume_stop(c->rkt, c->range->partition);
	rd_kafka_topic_destroy(c->rkt);
	c->range = NULL;
}

/* What is before this offset has come: what is left are offsets that nothing stands at (control records,
 * compaction), or that were not asked for. */
static void
range_reached(struct consumer *c, int64_t offset)
{
	go_on_from(c->batch, c->rkt, c->range->partition, offset < c->range->to ? offset : c->range->to);
	if (offset >= c->range->to)
		range_end(c);
}

/* The partition ends here. It was longer when the range was looked up if this is before the range's end:
 * nobody knows whether it will be again. What is left of the range stays undone. */
static void
range_eof(struct consumer *c, int64_t offset)
{
	const struct range *r = c->range;

	range_reached(c, offset);
	if (c->range != r)
		return;
	log_warn("kafka: %s[%" PRId32 "]: ends at %" PRId64 " now, offsets up to %" PRId64
		 " were there before: a transaction is open, or the log was cut",
	    r->topic, r->partition, offset, r->to - 1);
	range_end(c);
}

/* Is it of the range that is being read? */
static bool
range_has(const struct consumer *c, const rd_kafka_message_t *m)
{
	return c->range && m->rkt && m->partition == c->range->partition &&
	       !strcmp(rd_kafka_topic_name(m->rkt), c->range->topic);
}

static void
range_trouble(struct consumer *c, const rd_kafka_message_t *m)
{
	switch (m->err) {
	case RD_KAFKA_RESP_ERR__AUTO_OFFSET_RESET:
		c->gone = c->fatal = range_has(c, m);
		return;
	case RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART:
	case RD_KAFKA_RESP_ERR__UNKNOWN_TOPIC:
	case RD_KAFKA_RESP_ERR__UNKNOWN_PARTITION:
	case RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED:
		c->fatal = true;
		break;
	default:
		break;
	}
	broker_complain(&c->broker, m->err, rd_kafka_message_errstr(m));
}

/* ---- filling ---- */

/* What comes that is no message: the end of a partition, or a complaint. */
static void
notice(struct consumer *c, rd_kafka_message_t *m)
{
	if (m->err == RD_KAFKA_RESP_ERR__PARTITION_EOF) {
		/* there may be more offsets than messages: control records, compaction */
		if (!c->ranges)
			go_on_from(c->batch, m->rkt, m->partition, m->offset);
		else if (range_has(c, m))
			range_eof(c, m->offset);
	} else if (c->ranges && m->err != RD_KAFKA_RESP_ERR__BAD_MSG) {
		range_trouble(c, m);
	} else {
		/* behind bytes that are broken librdkafka goes on: end, so that they are not acknowledged but
		 * read anew */
		c->fatal =
		    c->fatal || m->err == RD_KAFKA_RESP_ERR__BAD_MSG || rd_kafka_fatal_error(c->rk, NULL, 0);
		broker_complain(&c->broker, m->err, rd_kafka_message_errstr(m));
	}
	rd_kafka_message_destroy(m);
}

void
consumer_keep(struct consumer *c, int timeout_ms)
{
	rd_kafka_message_t *m = NULL;

	if (c->ranges)
		rd_kafka_poll(c->rk, timeout_ms);
	else
		m = rd_kafka_consumer_poll(c->rk, timeout_ms);
	if (m)
		notice(c, m);
	broker_look(&c->broker);
}

/* A message that belongs to the batch, or not. */
static void
take(struct consumer *c, rd_kafka_message_t *m)
{
	struct batch *b = c->batch;

	if (!c->ranges) {
		go_on_from(b, m->rkt, m->partition, m->offset + 1);
		batch_add(b, m);
	} else if (!range_has(c, m) || m->offset >= c->range->to) {
		if (range_has(c, m))
			range_reached(c, m->offset);
		rd_kafka_message_destroy(m);
	} else {
		rate_take(&c->ranges->rate, now_ns());
		batch_add(b, m);
		range_reached(c, m->offset + 1);
	}
}

/* May another message be taken now? Waits for it, a moment at most. */
static bool
may_take(struct consumer *c)
{
	int64_t wait;

	if (!c->ranges)
		return true;
	wait = rate_wait(&c->ranges->rate, now_ns());
	if (wait > 0)
		consumer_keep(c, wait / 1000000 < SERVE_MS ? (int)(wait / 1000000) + 1 : SERVE_MS);
	return wait == 0;
}

int
consumer_fill(
    struct consumer *c, struct batch *b, const struct conf *conf, const atomic_bool *stop, struct err *e)
{
	int64_t until = now_ms() + EMPTY_MS, left = EMPTY_MS;

	c->batch = b;
	c->cut = false;
	while (!*stop && !c->fatal && !(c->cut && b->len > 0) && left > 0 && (!c->ranges || range_start(c)) &&
	       b->len < (size_t)conf->batch_max_events && b->bytes < (size_t)conf->batch_max_bytes) {
		rd_kafka_message_t *m = NULL;

		if (may_take(c))
			m = rd_kafka_consume_queue(c->messages, left < SERVE_MS ? (int)left : SERVE_MS);
		if (m && m->err) {
			notice(c, m);
		} else if (m) {
			if (b->len == 0)
				until = now_ms() + (c->ranges ? RANGE_MS : conf->batch_max_wait_ms);
			take(c, m);
		}
		if (!m || b->len % 256 == 0)
			consumer_keep(c, 0);
		left = until - now_ms();
	}
	if (!c->fatal || (c->ranges && b->len > 0)) /* what came before the trouble is stored first */
		return 0;
	if (c->gone)
		return err_set(e, ERR_FATAL,
		    "%s[%" PRId32 "]@%" PRId64
		    " is no longer held by the broker: deleted while the range was read",
		    c->range->topic, c->range->partition, (int64_t)c->range->at);
	return err_set(e, ERR_FATAL, "kafka: this consumer cannot go on; the line before says why");
}

void
consumer_ack(struct consumer *c, struct batch *b)
{
	for (int i = 0; c->ranges && i < b->next->cnt; i++)
		ranges_stored(c->ranges, b->next->elems[i].topic, b->next->elems[i].partition,
		    b->next->elems[i].offset);
	/* partitions that are no longer ours are refused, one by one, which is what we want */
	if (!c->ranges && b->next->cnt > 0)
		rd_kafka_offsets_store(c->rk, b->next);
}

static void
ranges_leave(struct consumer *c)
{
	range_end(c);
	rd_kafka_queue_destroy(c->messages);
	rd_kafka_destroy(c->rk);
}

/* Threads of librdkafka that could not be ended must not meet libraries that exit() has torn down. */
static void
leave(int status, void *arg)
{
	(void)arg;
	fflush(NULL);
	_Exit(status);
}

static void
group_leave(struct consumer *c)
{
	int64_t until = now_ms() + CLOSE_MS;
	rd_kafka_queue_t *queue;
	rd_kafka_error_t *error;

	queue = rd_kafka_queue_new(c->rk);
	error = rd_kafka_consumer_close_queue(c->rk, queue);
	while (!error && !rd_kafka_consumer_closed(c->rk) && now_ms() < until) {
		rd_kafka_event_t *ev = rd_kafka_queue_poll(queue, 100);

		if (ev && rd_kafka_event_type(ev) == RD_KAFKA_EVENT_REBALANCE) {
			rd_kafka_topic_partition_list_t *list = rd_kafka_event_topic_partition_list(ev);

			rebalance(c->rk, rd_kafka_event_error(ev), list, c);
		}
		rd_kafka_event_destroy(ev);
	}
	/* librdkafka cannot be ended while it waits for a broker that hangs; the process is ending, so leave
	 * it */
	if (error || rd_kafka_consumer_closed(c->rk)) {
		rd_kafka_queue_destroy(queue);
		if (c->messages)
			rd_kafka_queue_destroy(c->messages);
		rd_kafka_destroy_flags(c->rk, RD_KAFKA_DESTROY_F_NO_CONSUMER_CLOSE);
	} else {
		log_warn("kafka: %s: no answer; left without goodbye", rd_kafka_name(c->rk));
		on_exit(leave, NULL);
	}
	rd_kafka_error_destroy(error);
}

void
consumer_close(struct consumer *c)
{
	c->batch = NULL;
	if (c->rk && c->ranges)
		ranges_leave(c);
	else if (c->rk)
		group_leave(c);
	*c = (struct consumer){0};
}
