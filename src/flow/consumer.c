#include "consumer.h"

#include "kafka.h"
#include "log.h"

#include <stdio.h>
#include <time.h>

#define CLOSE_MS  10000 /* librdkafka 2.0.2 can hang in close with cooperative assignment */
#define EMPTY_MS  200	/* how long an empty fill waits */
#define SERVE_MS  20	/* how long a fill waits for messages without serving the group */
#define LOOK_MS	  100	/* how long a fill that is empty looks whether a lost broker is back */
#define REMIND_MS 60000

static int64_t
now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

/* ---- group ---- */

static void
revoke(struct consumer *c, const rd_kafka_topic_partition_list_t *list)
{
	/* somebody else goes on from what is committed; what is held of these is stored all the same, which
	 * does no harm */
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

/* Each kind of trouble once, and again every minute: a broker says the same of each partition and at each
 * try. */
static void
complain(struct consumer *c, rd_kafka_resp_err_t code, const char *text)
{
	if (code == c->trouble && now_ms() - c->told < REMIND_MS)
		return;
	c->trouble = code;
	c->told = now_ms();
	log_warn("kafka: %s: %s", rd_kafka_name(c->rk), text);
}

static void
trouble(rd_kafka_t *rk, int code, const char *reason, void *opaque)
{
	struct consumer *c = opaque;

	if (code == RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN) {
		if (!c->lost_since) {
			c->lost_since = now_ms();
			log_warn("kafka: %s: no broker can be reached; waiting", rd_kafka_name(rk));
		}
	} else if (code != RD_KAFKA_RESP_ERR__TRANSPORT && code != RD_KAFKA_RESP_ERR__RESOLVE) {
		complain(c, (rd_kafka_resp_err_t)code, reason);
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

int
consumer_open(struct consumer *c, const struct conf *conf, int index, struct err *e)
{
	rd_kafka_topic_partition_list_t *topics;
	rd_kafka_conf_t *kafka = kafka_conf(conf);
	rd_kafka_resp_err_t rc;
	char text[256];

	*c = (struct consumer){0};
	rd_kafka_conf_set(kafka, "enable.auto.commit", "true", text, sizeof text);
	rd_kafka_conf_set(kafka, "enable.auto.offset.store", "false", text, sizeof text);
	rd_kafka_conf_set(kafka, "auto.commit.interval.ms", "250", text, sizeof text);
	rd_kafka_conf_set(kafka, "enable.partition.eof", "true", text, sizeof text);
	if (conf->group_instance_id)
		set_instance(kafka, conf->group_instance_id, index);
	rd_kafka_conf_set_rebalance_cb(kafka, rebalance);
	rd_kafka_conf_set_error_cb(kafka, trouble);
	rd_kafka_conf_set_opaque(kafka, c);
	c->rk = kafka_new(RD_KAFKA_CONSUMER, kafka, e);
	if (!c->rk)
		return -1;
	rd_kafka_poll_set_consumer(c->rk);
	c->messages = rd_kafka_queue_new(c->rk);
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
go_on_from(struct batch *b, const rd_kafka_message_t *m, int64_t offset)
{
	const char *topic = rd_kafka_topic_name(m->rkt);
	rd_kafka_topic_partition_t *p = rd_kafka_topic_partition_list_find(b->next, topic, m->partition);

	if (!p)
		p = rd_kafka_topic_partition_list_add(b->next, topic, m->partition);
	p->offset = offset;
}

static void
back(struct consumer *c)
{
	if (!c->lost_since)
		return;
	log_info(
	    "kafka: %s: back after %.1f s", rd_kafka_name(c->rk), (double)(now_ms() - c->lost_since) / 1000);
	c->lost_since = 0;
}

/* A topic in which nothing happens does not tell. */
static void
look(struct consumer *c)
{
	const struct rd_kafka_metadata *md;

	if (rd_kafka_metadata(c->rk, 0, NULL, &md, LOOK_MS))
		return;
	rd_kafka_metadata_destroy(md);
	back(c);
}

/* What comes that is no message: the end of a partition, or a complaint. */
static void
notice(struct consumer *c, rd_kafka_message_t *m)
{
	if (m->err == RD_KAFKA_RESP_ERR__PARTITION_EOF) {
		back(c);
		/* there may be more offsets than messages: control records, compaction */
		go_on_from(c->batch, m, m->offset);
	} else {
		/* behind bytes that are broken librdkafka goes on: end, so that they are not acknowledged but
		 * read anew */
		c->fatal =
		    c->fatal || m->err == RD_KAFKA_RESP_ERR__BAD_MSG || rd_kafka_fatal_error(c->rk, NULL, 0);
		complain(c, m->err, rd_kafka_message_errstr(m));
	}
	rd_kafka_message_destroy(m);
}

void
consumer_keep(struct consumer *c, int timeout_ms)
{
	rd_kafka_message_t *m = rd_kafka_consumer_poll(c->rk, timeout_ms);

	if (m)
		notice(c, m);
}

int
consumer_fill(
    struct consumer *c, struct batch *b, const struct conf *conf, const atomic_bool *stop, struct err *e)
{
	int64_t until = now_ms() + EMPTY_MS, left = EMPTY_MS;

	c->batch = b;
	while (!*stop && left > 0 && b->len < (size_t)conf->batch_max_events &&
	       b->bytes < (size_t)conf->batch_max_bytes) {
		rd_kafka_message_t *m =
		    rd_kafka_consume_queue(c->messages, left < SERVE_MS ? (int)left : SERVE_MS);

		if (m && m->err) {
			notice(c, m);
		} else if (m) {
			if (b->len == 0) {
				back(c);
				until = now_ms() + conf->batch_max_wait_ms;
			}
			go_on_from(b, m, m->offset + 1);
			batch_add(b, m);
		}
		if (!m || b->len % 256 == 0)
			consumer_keep(c, 0);
		left = until - now_ms();
	}
	if (c->lost_since && b->len == 0)
		look(c);
	return c->fatal ? err_set(e, ERR_FATAL, "kafka: this consumer cannot go on; the line before says why")
			: 0;
}

void
consumer_ack(struct consumer *c, struct batch *b)
{
	/* partitions that are no longer ours are refused, one by one, which is what we want */
	if (b->next->cnt > 0)
		rd_kafka_offsets_store(c->rk, b->next);
}

void
consumer_close(struct consumer *c)
{
	int64_t until = now_ms() + CLOSE_MS;
	rd_kafka_queue_t *queue;
	rd_kafka_error_t *error;

	if (!c->rk)
		return;
	c->batch = NULL;
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
	}
	rd_kafka_error_destroy(error);
	*c = (struct consumer){0};
}
