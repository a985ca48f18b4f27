#include "producer.h"

#include "arena.h"
#include "clock.h"
#include "kafka.h"
#include "log.h"

#include <stdlib.h>
#include <time.h>

#define BROKER_S 10 /* how long a broker may take to answer the first question */
#define CREATE_S 2  /* how long a broker that creates topics may call one unknown */

struct producer {
	rd_kafka_t *rk;
	rd_kafka_topic_t *rkt;
	const char *topic, *option, *brokers;
	struct producer_calls calls;
	size_t delivered, lost;
	char broker_error[256];
};

static void
tell_lost(struct producer *k, struct place at, rd_kafka_resp_err_t err)
{
	k->lost++;
	k->calls.lost(k->calls.arg, at, rd_kafka_err2str(err));
}

static void
on_delivery(rd_kafka_t *rk, const rd_kafka_message_t *m, void *arg)
{
	struct producer *k = arg;
	struct place *at = m->_private;

	(void)rk;
	if (m->err)
		tell_lost(k, *at, m->err);
	else
		k->delivered++;
	free(at);
}

/* What matters of it is told by line, or in the sentence that ends the command. */
static void
on_log(const rd_kafka_t *rk, int level, const char *facility, const char *text)
{
	(void)rk, (void)level;
	log_debug("kafka: %s: %s", facility, text);
}

/* Kept for the sentence that tells that no broker answers, without " (after 2ms in state CONNECT)". */
static void
on_error(rd_kafka_t *rk, int err, const char *reason, void *arg)
{
	struct producer *k = arg;
	const char *aside = strstr(reason, " (");
	size_t n = aside ? (size_t)(aside - reason) : strlen(reason);

	(void)rk;
	if (err != RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN)
		snprintf(k->broker_error, sizeof k->broker_error, "%.*s", (int)n, reason);
}

/* What we set where the user left librdkafka's default. */
static const struct preference {
	const char *name, *fallback, *value;
} preferences[] = {
    {"enable.idempotence", "false", "true"},
    /* the broker is the one to refuse a message; it says so for each */
    {"message.max.bytes", "1000000", "1000000000"},
    /* a batch too big for the topic is refused whole; smaller ones are no slower */
    {"batch.size", "1000000", "65536"},
    {"queue.buffering.max.kbytes", "1048576", "131072"},
    {"message.timeout.ms", "300000", "60000"},
};

static int
prefer(rd_kafka_conf_t *conf, struct err *e)
{
	char now[64], why[256];

	for (size_t i = 0; i < sizeof preferences / sizeof *preferences; i++) {
		const struct preference *p = &preferences[i];
		size_t size = sizeof now;

		if (rd_kafka_conf_get(conf, p->name, now, &size) == RD_KAFKA_CONF_OK &&
		    strcmp(now, p->fallback) != 0)
			continue;
		if (rd_kafka_conf_set(conf, p->name, p->value, why, sizeof why) != RD_KAFKA_CONF_OK)
			return err_set(e, ERR_CONFIG, "kafka: %s", why);
	}
	return 0;
}

static int
client_open(struct producer *k, const struct conf *c, struct err *e)
{
	rd_kafka_conf_t *conf = kafka_conf(c);

	rd_kafka_conf_set_dr_msg_cb(conf, on_delivery);
	rd_kafka_conf_set_log_cb(conf, on_log);
	rd_kafka_conf_set_error_cb(conf, on_error);
	rd_kafka_conf_set_opaque(conf, k);
	if (prefer(conf, e) < 0) {
		rd_kafka_conf_destroy(conf);
		return -1;
	}
	k->rk = kafka_new(RD_KAFKA_PRODUCER, conf, e);
	if (!k->rk)
		return -1;
	k->rkt = rd_kafka_topic_new(k->rk, k->topic, NULL);
	if (!k->rkt)
		return err_set(
		    e, ERR_CONFIG, "topic \"%s\": %s", k->topic, rd_kafka_err2str(rd_kafka_last_error()));
	return 0;
}

/* What the cluster says of the topic, or why it cannot be asked. Creates it where the broker does that by
 * itself. */
static rd_kafka_resp_err_t
topic_state(struct producer *k, bool *answered)
{
	const struct rd_kafka_metadata *md;
	rd_kafka_resp_err_t err = rd_kafka_metadata(k->rk, 0, k->rkt, &md, 1000);

	*answered = !err;
	if (err)
		return err;
	err = md->topic_cnt == 1 ? md->topics[0].err : RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART;
	rd_kafka_metadata_destroy(md);
	return err;
}

static int
topic_error(const struct producer *k, rd_kafka_resp_err_t err, bool answered, struct err *e)
{
	const char *why = k->broker_error[0] ? k->broker_error : rd_kafka_err2str(err);

	if (!answered)
		return err_set(e, ERR_AGAIN, "no broker answers at \"%s\" (kafka.bootstrap.servers): %s",
		    k->brokers, why);
	if (err == RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART)
		return err_set(e, ERR_FATAL,
		    "topic \"%s\" does not exist on %s; create it, or name another with %s", k->topic,
		    k->brokers, k->option);
	return err_set(e, ERR_FATAL, "topic \"%s\" on %s: %s", k->topic, k->brokers, rd_kafka_err2str(err));
}

static double
seconds(void)
{
	return (double)now_ns() / 1e9;
}

/* So that what is wrong with the broker or the topic is told once, and not for every message. */
static int
topic_wait(struct producer *k, struct err *e)
{
	const struct timespec moment = {.tv_nsec = 200000000};
	double begin = seconds(), unknown = 0; /* since when */
	rd_kafka_resp_err_t err;
	bool answered;

	for (;; nanosleep(&moment, NULL)) {
		err = topic_state(k, &answered);
		rd_kafka_poll(k->rk, 0);
		if (!err || k->calls.waiting(k->calls.arg))
			return 0;
		if (answered && err == RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART) {
			unknown = unknown > 0 ? unknown : seconds();
			if (seconds() - unknown > CREATE_S)
				break;
		} else if (answered && err != RD_KAFKA_RESP_ERR_LEADER_NOT_AVAILABLE) {
			break;
		}
		if (seconds() - begin > BROKER_S)
			break;
	}
	return topic_error(k, err, answered, e);
}

int
producer_open(struct producer **out, const struct conf *c, const char *topic, const char *option,
    const struct producer_calls *calls, struct err *e)
{
	struct producer *k = xcalloc(1, sizeof *k);

	*out = NULL;
	k->topic = topic;
	k->option = option;
	k->brokers = c->brokers;
	k->calls = *calls;
	if (client_open(k, c, e) < 0 || topic_wait(k, e) < 0) {
		producer_close(k);
		return -1;
	}
	*out = k;
	return 0;
}

void
producer_close(struct producer *k)
{
	if (!k)
		return;
	if (k->rkt)
		rd_kafka_topic_destroy(k->rkt);
	if (k->rk)
		rd_kafka_destroy(k->rk);
	free(k);
}

void
producer_send(struct producer *k, struct str key, struct str message, struct place at)
{
	struct place *opaque = xcalloc(1, sizeof *opaque);
	rd_kafka_resp_err_t err;

	*opaque = at;
	while (rd_kafka_produce(k->rkt, RD_KAFKA_PARTITION_UA, RD_KAFKA_MSG_F_COPY,
		   (void *)(uintptr_t)message.p, message.len, key.p, key.len, opaque) != 0) {
		err = rd_kafka_last_error();
		if (err != RD_KAFKA_RESP_ERR__QUEUE_FULL || rd_kafka_outq_len(k->rk) == 0 ||
		    k->calls.waiting(k->calls.arg)) {
			free(opaque);
			tell_lost(k, at, err);
			return;
		}
		rd_kafka_poll(k->rk, 100);
	}
}

void
producer_poll(struct producer *k)
{
	rd_kafka_poll(k->rk, 0);
}

void
producer_flush(struct producer *k)
{
	while (rd_kafka_flush(k->rk, 200) == RD_KAFKA_RESP_ERR__TIMED_OUT)
		k->calls.waiting(k->calls.arg);
}

size_t
producer_delivered(const struct producer *k)
{
	return k->delivered;
}

size_t
producer_lost(const struct producer *k)
{
	return k->lost;
}
