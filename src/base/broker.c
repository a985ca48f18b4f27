#include "broker.h"

#include "clock.h"
#include "log.h"

#define LOOK_MS	      500 /* how long a broker may take to answer that it is there */
#define LOOK_EVERY_MS 1000
#define REMIND_MS     60000

void
broker_trouble(struct broker *b, rd_kafka_resp_err_t code, const char *reason)
{
	switch (code) {
	case RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN:
	case RD_KAFKA_RESP_ERR__TRANSPORT:
	case RD_KAFKA_RESP_ERR__RESOLVE:
	case RD_KAFKA_RESP_ERR__TIMED_OUT:
		b->doubt = true; /* one of many, or all of them? */
		break;
	default:
		broker_complain(b, code, reason);
	}
}

/* A broker says the same of each partition and at each try. */
void
broker_complain(struct broker *b, rd_kafka_resp_err_t code, const char *text)
{
	size_t i = 0;

	while (i < BROKER_COMPLAINTS && b->told[i].what != code)
		i++;
	if (i < BROKER_COMPLAINTS && now_ms() - b->told[i].at < REMIND_MS)
		return;
	if (i == BROKER_COMPLAINTS)
		i = b->complaints++ % BROKER_COMPLAINTS;
	b->told[i].what = code;
	b->told[i].at = now_ms();
	log_warn("kafka: %s: %s", rd_kafka_name(b->rk), text);
}

/* Only asking tells: an idle topic is silent, and what was fetched before comes all the same. */
void
broker_look(struct broker *b)
{
	const struct rd_kafka_metadata *md;
	int64_t now = now_ms();

	if (!b->doubt || now - b->looked < LOOK_EVERY_MS)
		return;
	b->looked = now;
	if (rd_kafka_metadata(b->rk, 0, NULL, &md, LOOK_MS)) {
		if (!b->lost_since)
			log_warn("kafka: %s: no broker can be reached; waiting", rd_kafka_name(b->rk));
		b->lost_since = b->lost_since ? b->lost_since : now;
		return;
	}
	rd_kafka_metadata_destroy(md);
	if (b->lost_since)
		log_info("kafka: %s: back after %.1f s", rd_kafka_name(b->rk),
		    (double)(now_ms() - b->lost_since) / 1000);
	b->lost_since = 0;
	b->doubt = false;
}
