/* kafka: what every librdkafka client of ours has in common: a configuration, a log, a first look at the
 * broker. */
#ifndef KAFKA_H
#define KAFKA_H

#include "conf.h"
#include "err.h"

/* A copy of the configured base with our log; the caller's to pass on or destroy. */
rd_kafka_conf_t *kafka_conf(const struct conf *c);

/* Makes a client; conf is gone either way. NULL and an ERR_CONFIG where librdkafka refuses the configuration.
 */
rd_kafka_t *kafka_new(rd_kafka_type_t type, rd_kafka_conf_t *conf, struct err *e);

/*
 * Asks the broker about a topic. Returns the number of its partitions, 0 where there is no such topic, or -1
 * with ERR_AGAIN (no broker in timeout_ms) or ERR_FATAL (not allowed).
 */
int kafka_partitions(rd_kafka_t *rk, const struct conf *c, const char *topic, int timeout_ms, struct err *e);

/* Asks where a partition begins and ends: it holds offsets [low, high). -1: ERR_AGAIN. */
int kafka_ends(rd_kafka_t *rk, const struct conf *c, const char *topic, int32_t partition, int64_t *low,
    int64_t *high, struct err *e);

/* That there was no answer about a partition, and why: always -1. */
int kafka_silent(
    const struct conf *c, const char *topic, int32_t partition, rd_kafka_resp_err_t why, struct err *e);

#endif
