#include "kafka.h"

#include "log.h"

#include <inttypes.h>
#include <string.h>
#include <syslog.h>
#include <time.h>

#define NEW_TOPIC_TRIES 20 /* of 0.1 s */
#define ENDS_TRIES	100
#define ENDS_MS		10000

/* librdkafka tells each failed connection attempt as an error; that a neighbour is away is told once, by who
 * waits for it. */
static void
to_log(const rd_kafka_t *rk, int level, const char *facility, const char *text)
{
	enum log_level to = level <= LOG_ERR ? LEVEL_ERROR : level == LOG_WARNING ? LEVEL_WARN : LEVEL_DEBUG;

	if (!strcmp(facility, "FAIL") || !strcmp(facility, "ERROR") || !strcmp(facility, "REQTMOUT") ||
	    !strcmp(facility, "CONFWARN") || !strcmp(facility, "COMMITFAIL") ||
	    !strcmp(facility, "SESSTMOUT"))
		to = LEVEL_DEBUG;
	log_line(to, "kafka: %s: %s", rd_kafka_name(rk), text);
}

rd_kafka_conf_t *
kafka_conf(const struct conf *c)
{
	rd_kafka_conf_t *conf = rd_kafka_conf_dup(c->kafka);

	rd_kafka_conf_set_log_cb(conf, to_log);
	return conf;
}

rd_kafka_t *
kafka_new(rd_kafka_type_t type, rd_kafka_conf_t *conf, struct err *e)
{
	char text[256];
	rd_kafka_t *rk = rd_kafka_new(type, conf, text, sizeof text);

	if (!rk) {
		rd_kafka_conf_destroy(conf);
		err_set(e, ERR_CONFIG, "kafka: %s", text);
	}
	return rk;
}

/* One look: the broker's word on a topic. */
static rd_kafka_resp_err_t
look(rd_kafka_t *rk, rd_kafka_topic_t *rkt, int timeout_ms, int *partitions, rd_kafka_resp_err_t *answer)
{
	const struct rd_kafka_metadata *md;
	rd_kafka_resp_err_t rc = rd_kafka_metadata(rk, 0, rkt, &md, timeout_ms);

	if (rc)
		return rc;
	*answer = md->topic_cnt == 1 ? md->topics[0].err : RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART;
	*partitions = md->topic_cnt == 1 ? md->topics[0].partition_cnt : 0;
	rd_kafka_metadata_destroy(md);
	return RD_KAFKA_RESP_ERR_NO_ERROR;
}

int
kafka_partitions(rd_kafka_t *rk, const struct conf *c, const char *topic, int timeout_ms, struct err *e)
{
	const struct timespec pause = {0, 100 * 1000000L};
	rd_kafka_topic_t *rkt = rd_kafka_topic_new(rk, topic, NULL);
	rd_kafka_resp_err_t rc, answer = RD_KAFKA_RESP_ERR_NO_ERROR;
	int n = 0;

	if (!rkt)
		return err_set(e, ERR_CONFIG, "kafka: \"%s\" is no topic name", topic);
	/* a topic that was made a moment ago is not known to every broker, or has no leader yet */
	for (int tries = 0; tries < NEW_TOPIC_TRIES; tries++) {
		rc = look(rk, rkt, timeout_ms, &n, &answer);
		if (rc || !answer)
			break;
		nanosleep(&pause, NULL);
	}
	rd_kafka_topic_destroy(rkt);
	if (rc)
		return err_set(e, ERR_AGAIN,
		    "kafka: no answer from \"%s\" in %d s: %s; is kafka.bootstrap.servers right?", c->brokers,
		    timeout_ms / 1000, rd_kafka_err2str(rc));
	if (answer == RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART || answer == RD_KAFKA_RESP_ERR__UNKNOWN_TOPIC)
		return 0;
	if (answer)
		return err_set(e, answer == RD_KAFKA_RESP_ERR_LEADER_NOT_AVAILABLE ? ERR_AGAIN : ERR_FATAL,
		    "kafka: topic \"%s\": %s", topic, rd_kafka_err2str(answer));
	return n;
}

int
kafka_silent(
    const struct conf *c, const char *topic, int32_t partition, rd_kafka_resp_err_t why, struct err *e)
{
	return err_set(e, ERR_AGAIN, "kafka: no answer from \"%s\" about %s[%" PRId32 "]: %s", c->brokers,
	    topic, partition, rd_kafka_err2str(why));
}

int
kafka_ends(rd_kafka_t *rk, const struct conf *c, const char *topic, int32_t partition, int64_t *low,
    int64_t *high, struct err *e)
{
	const struct timespec pause = {0, 100 * 1000000L};
	rd_kafka_resp_err_t rc = RD_KAFKA_RESP_ERR_NO_ERROR;

	/* one that was made a moment ago may not be known to all of the cluster */
	for (int tries = 0; tries < ENDS_TRIES; tries++) {
		rc = rd_kafka_query_watermark_offsets(rk, topic, partition, low, high, ENDS_MS);
		if (rc != RD_KAFKA_RESP_ERR__UNKNOWN_PARTITION && rc != RD_KAFKA_RESP_ERR__UNKNOWN_TOPIC &&
		    rc != RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART &&
		    rc != RD_KAFKA_RESP_ERR_LEADER_NOT_AVAILABLE &&
		    rc != RD_KAFKA_RESP_ERR_NOT_LEADER_FOR_PARTITION)
			break;
		nanosleep(&pause, NULL);
	}
	return rc ? kafka_silent(c, topic, partition, rc, e) : 0;
}
