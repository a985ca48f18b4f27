#include "dlq.h"

#include "kafka.h"

#include <inttypes.h>
#include <stdio.h>

/* What became of the messages of one dlq_send. */
struct sent {
	size_t left; /* no word yet */
	rd_kafka_resp_err_t error;
};

static void
delivered(rd_kafka_t *rk, const rd_kafka_message_t *msg, void *opaque)
{
	struct sent *s = msg->_private;

	(void)rk;
	(void)opaque;
	s->left--;
	if (msg->err)
		s->error = msg->err;
}

static int
dlq_open(struct dlq *d, const struct conf *c, struct err *e)
{
	rd_kafka_conf_t *conf = kafka_conf(c);
	char text[256];

	/* what Kafka let through once is let through again: the broker judges, not the client */
	rd_kafka_conf_set(conf, "message.max.bytes", "1000000000", text, sizeof text);
	rd_kafka_conf_set(conf, "linger.ms", "5", text, sizeof text);
	/* a broker refuses a whole batch that is larger than a message may be */
	rd_kafka_conf_set(conf, "batch.size", "16384", text, sizeof text);
	/* the whole batch is tried again, so a time-out may come soon */
	rd_kafka_conf_set(conf, "message.timeout.ms", "30000", text, sizeof text);
	rd_kafka_conf_set_dr_msg_cb(conf, delivered);
	d->producer = kafka_new(RD_KAFKA_PRODUCER, conf, e);
	return d->producer ? 0 : -1;
}

static void
add_header(rd_kafka_headers_t *headers, const char *name, const char *value)
{
	rd_kafka_header_remove(headers, name); /* of an earlier rejection */
	rd_kafka_header_add(headers, name, -1, value, -1);
}

static rd_kafka_headers_t *
headers_of(const struct item *it)
{
	rd_kafka_headers_t *original, *headers;
	rd_kafka_timestamp_type_t type;
	char number[32];

	if (rd_kafka_message_headers(it->msg, &original) == RD_KAFKA_RESP_ERR_NO_ERROR)
		headers = rd_kafka_headers_copy(original);
	else
		headers = rd_kafka_headers_new(6);
	add_header(headers, "afterword.reason", reason_names[it->reason]);
	add_header(headers, "afterword.detail", it->detail);
	add_header(headers, "afterword.topic", rd_kafka_topic_name(it->msg->rkt));
	snprintf(number, sizeof number, "%" PRId32, it->msg->partition);
	add_header(headers, "afterword.partition", number);
	snprintf(number, sizeof number, "%" PRId64, it->msg->offset);
	add_header(headers, "afterword.offset", number);
	snprintf(number, sizeof number, "%" PRId64, rd_kafka_message_timestamp(it->msg, &type));
	add_header(headers, "afterword.timestamp", number);
	return headers;
}

static int
send_one(struct dlq *d, const struct item *it, const char *topic, struct sent *s,
    int (*idle)(void *arg, struct err *e), void *arg, struct err *e)
{
	rd_kafka_headers_t *headers = headers_of(it);
	rd_kafka_resp_err_t rc;
	int told = 0;

	do {
		rc = rd_kafka_producev(d->producer, RD_KAFKA_V_TOPIC(topic),
		    RD_KAFKA_V_KEY(it->msg->key, it->msg->key_len),
		    RD_KAFKA_V_VALUE(it->msg->payload, it->msg->len), RD_KAFKA_V_HEADERS(headers),
		    RD_KAFKA_V_MSGFLAGS(RD_KAFKA_MSG_F_COPY), RD_KAFKA_V_OPAQUE(s), RD_KAFKA_V_END);
		if (rc == RD_KAFKA_RESP_ERR__QUEUE_FULL) {
			rd_kafka_poll(d->producer, 500);
			told = idle(arg, e);
		}
	} while (rc == RD_KAFKA_RESP_ERR__QUEUE_FULL && told == 0);
	if (rc) {
		rd_kafka_headers_destroy(headers);
		return told < 0 ? told
				: err_set(e, ERR_AGAIN, "kafka: dead-letter topic \"%s\": %s", topic,
				      rd_kafka_err2str(rc));
	}
	s->left++;
	return 0;
}

int
dlq_send(struct dlq *d, const struct batch *b, const struct conf *c, int (*idle)(void *arg, struct err *e),
    void *arg, struct err *e)
{
	struct sent s = {0};
	int rc = 0;

	for (size_t i = 0; i < b->len && rc == 0; i++) {
		if (b->items[i].reason == REASON_NONE)
			continue;
		if (!d->producer && dlq_open(d, c, e) < 0)
			return -1;
		rc = send_one(d, &b->items[i], c->topic_dlq, &s, idle, arg, e);
	}
	while (s.left > 0 && rc == 0) {
		rd_kafka_poll(d->producer, 500);
		rc = idle(arg, e);
	}
	if (rc < 0 && s.left > 0) { /* the reports point to s: none may come later */
		rd_kafka_purge(d->producer, RD_KAFKA_PURGE_F_QUEUE | RD_KAFKA_PURGE_F_INFLIGHT);
		while (s.left > 0)
			rd_kafka_poll(d->producer, 100);
	}
	if (rc == 0 && s.error)
		rc = err_set(e, ERR_AGAIN, "kafka: dead-letter topic \"%s\": %s%s", c->topic_dlq,
		    rd_kafka_err2str(s.error),
		    s.error == RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE
			? "; raise its max.message.bytes above that of the source topics, for the headers"
			: "");
	return rc;
}

void
dlq_close(struct dlq *d)
{
	if (d->producer)
		rd_kafka_destroy(d->producer);
	d->producer = NULL;
}
