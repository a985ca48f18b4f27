/* publish: JSON Lines, each checked whole, to Avro, to Kafka. */
#include "arena.h"
#include "cmd.h"
#include "encode.h"
#include "kafka.h"
#include "line.h"
#include "log.h"
#include "registry.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sodium.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define BROKER_S       10		    /* how long a broker may take to answer the first question */
#define LINE_MAX_BYTES (256u * 1024 * 1024) /* more is no line of JSON, whatever Kafka lets through */
#define READ_BYTES     (256u * 1024)

struct publish {
	struct conf conf;
	const struct record *type;
	const char *topic;
	int framing; /* -1: not said */

	rd_kafka_t *rk;
	rd_kafka_topic_t *rkt;
	struct encoder *encoder;
	struct arena arena; /* of one line */
	struct buf message;

	size_t lines, bad, sent, delivered, lost; /* lines: those that are not blank */
	off_t bytes, of_bytes;			  /* read, and to read; of_bytes 0: nobody knows */
	bool stopped;				  /* SIGINT or SIGTERM came */
	bool terminal, shown;			  /* is stderr one; does it show the progress line */
	struct timespec started;
	double next_shown; /* seconds after started */
	char broker_error[256];
};

/* Where a message came from, for a delivery that fails later. */
struct place {
	const char *file;
	size_t line;
};

/* ---- talk ---- */

static double
seconds(const struct publish *p)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)(now.tv_sec - p->started.tv_sec) + (double)(now.tv_nsec - p->started.tv_nsec) / 1e9;
}

static void
hide_progress(struct publish *p)
{
	if (p->shown)
		fputs("\r\033[K", stderr);
	p->shown = false;
}

static void
show_progress(struct publish *p)
{
	double t = seconds(p);

	if (!p->terminal || t < p->next_shown)
		return;
	p->next_shown = t + 1;
	hide_progress(p);
	fprintf(stderr, "%zu lines", p->lines);
	if (p->of_bytes > 0)
		fprintf(stderr, " (%.0f %%)", 100.0 * (double)p->bytes / (double)p->of_bytes);
	fprintf(stderr, ", %zu published, %zu bad, %.0f a second", p->delivered, p->bad,
	    (double)p->delivered / t);
	p->shown = true;
}

static void
tell(struct publish *p, struct place at, const char *what, const char *why)
{
	hide_progress(p);
	fprintf(stderr, "%s:%zu: %s%s\n", at.file, at.line, what, why);
}

static void
summary(struct publish *p)
{
	hide_progress(p);
	fprintf(stderr, "published %zu of %zu line%s to %s", p->delivered, p->lines, p->lines == 1 ? "" : "s",
	    p->topic);
	if (p->bad)
		fprintf(stderr, "; %zu bad", p->bad);
	if (p->lost)
		fprintf(stderr, "; %zu not delivered", p->lost);
	if (p->stopped)
		fputs("; interrupted", stderr);
	fputc('\n', stderr);
}

/* ---- signals: blocked, and asked for now and then; a second one ends the process ---- */

static void
stop_signals(sigset_t *set)
{
	sigemptyset(set);
	sigaddset(set, SIGINT);
	sigaddset(set, SIGTERM);
}

static bool
stopped(struct publish *p)
{
	const struct timespec now = {0};
	sigset_t set;

	stop_signals(&set);
	if (!p->stopped && sigtimedwait(&set, NULL, &now) > 0) {
		p->stopped = true;
		sigprocmask(SIG_UNBLOCK, &set, NULL);
	}
	return p->stopped;
}

/* ---- Kafka ---- */

static void
on_delivery(rd_kafka_t *rk, const rd_kafka_message_t *m, void *arg)
{
	struct publish *p = arg;
	struct place *at = m->_private;

	(void)rk;
	if (m->err) {
		p->lost++;
		tell(p, *at, "not delivered: ", rd_kafka_err2str(m->err));
	} else {
		p->delivered++;
	}
	free(at);
}

/* What matters of it is told by line, or in the sentence that ends the command. */
static void
on_log(const rd_kafka_t *rk, int level, const char *facility, const char *text)
{
	(void)rk, (void)level;
	log_debug("kafka: %s: %s", facility, text);
}

/* Kept for the sentence that tells that no broker answers. */
static void
on_error(rd_kafka_t *rk, int err, const char *reason, void *arg)
{
	struct publish *p = arg;

	(void)rk;
	if (err != RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN) /* without " (after 2ms in state CONNECT)" */
		snprintf(p->broker_error, sizeof p->broker_error, "%.*s", (int)strcspn(reason, "("), reason);
}

/* Sets what the user left at its default. */
static int
prefer(rd_kafka_conf_t *conf, const char *name, const char *fallback, const char *value, struct err *e)
{
	char now[64], why[256];
	size_t size = sizeof now;

	if (rd_kafka_conf_get(conf, name, now, &size) == RD_KAFKA_CONF_OK && strcmp(now, fallback) != 0)
		return 0;
	if (rd_kafka_conf_set(conf, name, value, why, sizeof why) != RD_KAFKA_CONF_OK)
		return err_set(e, ERR_CONFIG, "kafka: %s", why);
	return 0;
}

static int
producer_open(struct publish *p, struct err *e)
{
	rd_kafka_conf_t *conf = kafka_conf(&p->conf);

	rd_kafka_conf_set_log_cb(conf, on_log);
	rd_kafka_conf_set_dr_msg_cb(conf, on_delivery);
	rd_kafka_conf_set_error_cb(conf, on_error);
	rd_kafka_conf_set_opaque(conf, p);
	if (prefer(conf, "enable.idempotence", "false", "true", e) < 0 ||
	    /* the broker is the one to refuse a message; it says so for each */
	    prefer(conf, "message.max.bytes", "1000000", "1000000000", e) < 0 ||
	    /* a batch too big for the topic is refused whole; smaller ones are no slower */
	    prefer(conf, "batch.size", "1000000", "65536", e) < 0 ||
	    prefer(conf, "queue.buffering.max.kbytes", "1048576", "131072", e) < 0 ||
	    prefer(conf, "message.timeout.ms", "300000", "60000", e) < 0) {
		rd_kafka_conf_destroy(conf);
		return -1;
	}
	p->rk = kafka_new(RD_KAFKA_PRODUCER, conf, e);
	if (!p->rk)
		return -1;
	p->rkt = rd_kafka_topic_new(p->rk, p->topic, NULL);
	if (!p->rkt)
		return err_set(
		    e, ERR_CONFIG, "topic \"%s\": %s", p->topic, rd_kafka_err2str(rd_kafka_last_error()));
	return 0;
}

/* What the cluster says of the topic, or why it cannot be asked. Creates it where the broker does that by
 * itself. */
static rd_kafka_resp_err_t
topic_state(struct publish *p, bool *answered)
{
	const struct rd_kafka_metadata *md;
	rd_kafka_resp_err_t err = rd_kafka_metadata(p->rk, 0, p->rkt, &md, 1000);

	*answered = !err;
	if (err)
		return err;
	err = md->topic_cnt == 1 ? md->topics[0].err : RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART;
	rd_kafka_metadata_destroy(md);
	return err;
}

static int
topic_error(const struct publish *p, rd_kafka_resp_err_t err, bool answered, struct err *e)
{
	const char *why = p->broker_error[0] ? p->broker_error : rd_kafka_err2str(err);

	if (!answered)
		return err_set(e, ERR_AGAIN, "no broker answers at \"%s\" (kafka.bootstrap.servers): %s",
		    p->conf.brokers, why);
	if (err == RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART)
		return err_set(e, ERR_FATAL,
		    "topic \"%s\" does not exist on %s; create it, or name another with topics.%s", p->topic,
		    p->conf.brokers, p->type == &record_event ? "feedback" : "interactions");
	return err_set(
	    e, ERR_FATAL, "topic \"%s\" on %s: %s", p->topic, p->conf.brokers, rd_kafka_err2str(err));
}

/* Waits for a broker and the topic, so that what is wrong with either is told once and not for every line. */
static int
topic_check(struct publish *p, struct err *e)
{
	const struct timespec moment = {.tv_nsec = 200000000};
	double begin = seconds(p), unknown_since = -1, now;
	rd_kafka_resp_err_t err;
	bool answered;

	for (;;) {
		err = topic_state(p, &answered);
		rd_kafka_poll(p->rk, 0);
		if (!err || stopped(p))
			return 0;
		now = seconds(p);
		if (answered && err == RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART) {
			/* a broker that creates topics says this the first time, too */
			unknown_since = unknown_since < 0 ? now : unknown_since;
			if (now - unknown_since > 2)
				break;
		} else if (answered && err != RD_KAFKA_RESP_ERR_LEADER_NOT_AVAILABLE) {
			break;
		}
		if (now - begin > BROKER_S)
			break;
		nanosleep(&moment, NULL);
	}
	return topic_error(p, err, answered, e);
}

/* Gives a message to the producer, waiting where its queue is full. */
static void
send_message(struct publish *p, struct str key, struct place at)
{
	struct place *opaque = xcalloc(1, sizeof *opaque);
	rd_kafka_resp_err_t err;

	*opaque = at;
	for (;;) {
		if (rd_kafka_produce(p->rkt, RD_KAFKA_PARTITION_UA, RD_KAFKA_MSG_F_COPY, p->message.p,
			p->message.len, key.p, key.len, opaque) == 0) {
			p->sent++;
			return;
		}
		err = rd_kafka_last_error();
		if (err != RD_KAFKA_RESP_ERR__QUEUE_FULL || rd_kafka_outq_len(p->rk) == 0 || stopped(p))
			break;
		rd_kafka_poll(p->rk, 100);
		show_progress(p);
	}
	free(opaque);
	p->lost++;
	tell(p, at, "not delivered: ", rd_kafka_err2str(err));
}

/* Until all is delivered or given up. */
static void
flush(struct publish *p)
{
	while (rd_kafka_flush(p->rk, 200) == RD_KAFKA_RESP_ERR__TIMED_OUT) {
		stopped(p);
		show_progress(p);
	}
}

/* ---- lines ---- */

static bool
blank(struct str s)
{
	for (size_t i = 0; i < s.len; i++)
		if (s.p[i] != ' ' && s.p[i] != '\t' && s.p[i] != '\r')
			return false;
	return true;
}

static int64_t
now_micros(void)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

static void
take_line(struct publish *p, struct str text, struct place at)
{
	struct err e = {0};
	struct line line;
	const char *why;

	if (at.line == 1 && text.len >= 3 && memcmp(text.p, "\xef\xbb\xbf", 3) == 0) { /* a byte order mark */
		text.p += 3;
		text.len -= 3;
	}
	if (blank(text))
		return;
	p->lines++;
	arena_reset(&p->arena);
	buf_reset(&p->message);
	why = line_read(&line, p->type, text, &p->conf, now_micros(), &p->arena);
	if (!why && encode_record(p->encoder, &line.as, &p->message, &e) < 0)
		why = e.text;
	if (why) {
		p->bad++;
		tell(p, at, "", why);
		return;
	}
	send_message(p, line_key(&line), at);
	rd_kafka_poll(p->rk, 0);
}

struct input {
	int fd;
	struct place at;
	struct buf buf;	   /* what was read; the lines before done are dealt with */
	size_t done, seen; /* seen: no newline between done and here */
};

/* Deals with the whole lines that are there, and at the end of the file with what is left. */
static void
take_lines(struct publish *p, struct input *in, bool end)
{
	char *nl;

	while (!p->stopped && in->done < in->buf.len) {
		nl = memchr(in->buf.p + in->seen, '\n', in->buf.len - in->seen);
		in->seen = in->buf.len;
		if (!nl && !end)
			break;
		nl = nl ? nl : in->buf.p + in->buf.len;
		in->at.line++;
		take_line(p, (struct str){in->buf.p + in->done, (size_t)(nl - in->buf.p) - in->done}, in->at);
		in->done = (size_t)(nl - in->buf.p) + 1;
		in->seen = in->done;
		stopped(p);
		show_progress(p);
	}
	if (in->done >= in->buf.len) {
		buf_reset(&in->buf);
		in->done = in->seen = 0;
	} else if (in->done > 0) {
		memmove(in->buf.p, in->buf.p + in->done, in->buf.len - in->done);
		in->buf.len -= in->done;
		in->seen -= in->done;
		in->done = 0;
	}
}

/* Waits for input, but not so long that signals, deliveries and the progress line would wait with it. */
static ssize_t
read_some(struct publish *p, struct input *in)
{
	struct pollfd ready = {.fd = in->fd, .events = POLLIN};
	ssize_t n;

	for (;;) {
		if (stopped(p))
			return 0;
		rd_kafka_poll(p->rk, 0);
		show_progress(p);
		if (poll(&ready, 1, 100) == 0)
			continue;
		buf_need(&in->buf, READ_BYTES);
		n = read(in->fd, in->buf.p + in->buf.len, READ_BYTES);
		if (n >= 0 || (errno != EINTR && errno != EAGAIN))
			break;
	}
	if (n > 0) {
		in->buf.len += (size_t)n;
		p->bytes += n;
	}
	return n;
}

static int
take_input(struct publish *p, struct input *in, struct err *e)
{
	ssize_t n;

	do {
		n = read_some(p, in);
		if (n < 0)
			return err_set(e, ERR_FATAL, "cannot read %s: %s", in->at.file, strerror(errno));
		take_lines(p, in, n == 0);
		if (in->buf.len > LINE_MAX_BYTES)
			return err_set(
			    e, ERR_FATAL, "%s:%zu: line of more than 256 MB", in->at.file, in->at.line + 1);
	} while (n > 0 && !p->stopped);
	return 0;
}

static int
take_file(struct publish *p, const char *name, struct err *e)
{
	bool standard = !strcmp(name, "-");
	struct input in = {.at.file = standard ? "stdin" : name};
	int rc;

	in.fd = standard ? STDIN_FILENO : open(name, O_RDONLY | O_CLOEXEC);
	if (in.fd < 0)
		return err_set(e, ERR_FATAL, "cannot open %s: %s", name, strerror(errno));
	rc = take_input(p, &in, e);
	if (!standard)
		close(in.fd);
	buf_free(&in.buf);
	return rc;
}

/* ---- the command ---- */

enum { OPT_FRAMING = 1 };

static int
take_option(void *arg, int opt, const char *value, struct err *e)
{
	struct publish *p = arg;

	(void)opt; /* there is but one */
	for (int i = 0; i < FRAMING_COUNT; i++)
		if (!strcmp(value, framing_names[i])) {
			p->framing = i;
			return 0;
		}
	return err_set(e, ERR_USAGE, "unknown framing \"%s\": confluent, single-object or bare", value);
}

static int
take_kind(struct publish *p, const char *word, struct err *e)
{
	static const char *const kinds[] = {"feedback", "interactions"};
	const char *near = word ? cmd_nearest(word, kinds, 2) : NULL;

	if (!word)
		return err_set(e, ERR_USAGE, "publish what? feedback or interactions");
	if (!strcmp(word, "feedback")) {
		p->type = &record_event;
		p->topic = p->conf.topic_feedback;
		return 0;
	}
	if (!strcmp(word, "interactions")) {
		p->type = &record_interaction;
		p->topic = p->conf.topic_interactions;
		return 0;
	}
	if (near)
		return err_set(e, ERR_USAGE, "cannot publish \"%s\"; did you mean \"%s\"?", word, near);
	return err_set(e, ERR_USAGE, "cannot publish \"%s\": feedback or interactions", word);
}

/* Before anything is sent: can the files be read, and how much is it? */
static int
look_at_files(struct publish *p, char **files, struct err *e)
{
	bool sizes_known = true;
	off_t size = 0;

	for (; *files; files++) {
		bool standard = !strcmp(*files, "-");
		struct stat st;

		if (!standard && access(*files, R_OK) < 0)
			return err_set(e, ERR_FATAL, "cannot read %s: %s", *files, strerror(errno));
		if ((standard ? fstat(STDIN_FILENO, &st) : stat(*files, &st)) < 0 || !S_ISREG(st.st_mode))
			sizes_known = false;
		else
			size += st.st_size;
	}
	p->of_bytes = sizes_known ? size : 0;
	return 0;
}

static int
schema_id(struct publish *p, int32_t *id, struct err *e)
{
	struct registry *registry;
	char *subject;
	int rc;

	if (!p->conf.registry_url)
		return err_set(e, ERR_CONFIG, "framing confluent needs \"registry.url\"");
	if (registry_open(&registry, p->conf.registry_url, NULL, e) < 0)
		return -1;
	subject = arena_printf(&p->arena, "%s-value", p->topic);
	rc = registry_register(registry, subject, encode_schema(p->type), id, e);
	registry_close(registry);
	return rc < 0 ? err_wrap(e, "cannot register the schema of \"%s\"", subject) : 0;
}

static int
publish_open(struct publish *p, char **files, struct err *e)
{
	int32_t id = 0;
	sigset_t set;

	if (sodium_init() < 0)
		return err_set(e, ERR_FATAL, "libsodium does not start");
	if (p->framing < 0)
		p->framing = p->conf.registry_url ? FRAMING_CONFLUENT : FRAMING_SINGLE_OBJECT;
	if (look_at_files(p, files, e) < 0 || (p->framing == FRAMING_CONFLUENT && schema_id(p, &id, e) < 0) ||
	    encoder_open(&p->encoder, p->type, (enum framing)p->framing, id, e) < 0)
		return -1;
	stop_signals(&set); /* before librdkafka's threads, so that they block them, too */
	sigprocmask(SIG_BLOCK, &set, NULL);
	if (producer_open(p, e) < 0)
		return -1;
	return topic_check(p, e);
}

static void
publish_close(struct publish *p)
{
	if (p->rkt)
		rd_kafka_topic_destroy(p->rkt);
	if (p->rk)
		rd_kafka_destroy(p->rk);
	encoder_close(p->encoder);
	arena_free(&p->arena);
	buf_free(&p->message);
	conf_close(&p->conf);
}

static int
publish(struct publish *p, char **operands, struct err *e)
{
	char *standard[] = {"-", NULL};
	char **files;
	int rc = take_kind(p, operands[0], e);

	if (rc < 0)
		return -1;
	files = operands[1] ? operands + 1 : standard;
	rc = publish_open(p, files, e);
	if (rc < 0)
		return -1;
	for (; rc == 0 && *files && !p->stopped; files++)
		rc = take_file(p, *files, e);
	flush(p);
	summary(p);
	return rc;
}

int
cmd_publish(int argc, char **argv)
{
	static const struct option more[] = {{"framing", required_argument, NULL, OPT_FRAMING}, {0}};
	struct publish p = {.framing = -1, .terminal = isatty(STDERR_FILENO), .next_shown = 2};
	struct cmd_options options = {
	    .more = more,
	    .take = take_option,
	    .arg = &p,
	    .help = "  --framing F      confluent (where registry.url is set), single-object (where not) or "
		    "bare\n"
		    "\n"
		    "FILE holds a JSON object a line, nested like the Avro record; \"-\" or none: standard "
		    "input.\n"
		    "Times are RFC 3339 or whole microseconds. An event without event_id gets one from its "
		    "content.\n"
		    "A bad line is told by number and left out; then the exit code is 1.\n",
	};
	struct err e = {0};
	int rc;

	clock_gettime(CLOCK_MONOTONIC, &p.started);
	rc = cmd_open(argc, argv, &options, &p.conf, &e);
	if (rc > 0)
		return 0;
	if (rc == 0) {
		rc = publish(&p, argv + optind, &e);
		publish_close(&p);
	}
	if (rc < 0)
		return cmd_fail("publish", &e);
	return p.bad || p.lost || p.stopped ? 1 : 0;
}
