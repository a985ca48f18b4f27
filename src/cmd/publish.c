/* publish: JSON Lines, each checked whole, to Avro, to Kafka. */
#include "arena.h"
#include "clock.h"
#include "cmd.h"
#include "encode.h"
#include "line.h"
#include "producer.h"
#include "registry.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define LINE_MAX_BYTES (256u * 1024 * 1024) /* more is no line of JSON, whatever Kafka lets through */
#define READ_BYTES     (256u * 1024)

struct publish {
	const struct conf *conf;
	const struct record *type;
	const char *topic, *option; /* option: what names the topic */
	int framing;		    /* -1: not said */

	struct producer *producer;
	struct encoder *encoder;
	struct arena arena; /* of one line */
	struct buf message;

	size_t lines, bad;     /* lines: those that are not blank */
	off_t bytes, of_bytes; /* read, and to read; of_bytes 0: nobody knows */
	bool stopped;	       /* SIGINT or SIGTERM came */
	bool terminal, shown;  /* is stderr one; does it show the progress line */
	int64_t started;       /* ns */
	double next_shown;     /* seconds after started */
};

/* ---- talk ---- */

static double
seconds(const struct publish *p)
{
	return (double)(now_ns() - p->started) / 1e9;
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

	if (!p->terminal || !p->producer || t < p->next_shown)
		return;
	p->next_shown = t + 1;
	hide_progress(p);
	fprintf(stderr, "%zu lines", p->lines);
	if (p->of_bytes > 0)
		fprintf(stderr, " (%.0f %%)", 100.0 * (double)p->bytes / (double)p->of_bytes);
	fprintf(stderr, ", %zu published, %zu bad, %.0f a second", producer_delivered(p->producer), p->bad,
	    (double)producer_delivered(p->producer) / t);
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
	fprintf(stderr, "published %zu of %zu line%s to %s", producer_delivered(p->producer), p->lines,
	    p->lines == 1 ? "" : "s", p->topic);
	if (p->bad)
		fprintf(stderr, "; %zu bad", p->bad);
	if (producer_lost(p->producer))
		fprintf(stderr, "; %zu not delivered", producer_lost(p->producer));
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

/* ---- what the producer calls ---- */

static void
on_lost(void *arg, struct place at, const char *why)
{
	tell(arg, at, "not delivered: ", why);
}

static bool
on_waiting(void *arg)
{
	show_progress(arg);
	return stopped(arg);
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
	why = line_read(&line, p->type, text, p->conf, now_micros(), &p->arena);
	if (!why && encode_record(p->encoder, &line.as, &p->message, &e) < 0)
		why = e.text;
	if (why) {
		p->bad++;
		tell(p, at, "", why);
		return;
	}
	producer_send(p->producer, line_key(&line), (struct str){p->message.p, p->message.len}, at);
	producer_poll(p->producer);
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
		producer_poll(p->producer);
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
		p->topic = p->conf->topic_feedback;
		p->option = "topics.feedback";
		return 0;
	}
	if (!strcmp(word, "interactions")) {
		p->type = &record_interaction;
		p->topic = p->conf->topic_interactions;
		p->option = "topics.interactions";
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

	if (!p->conf->registry_url)
		return err_set(e, ERR_CONFIG, "framing confluent needs \"registry.url\"");
	if (registry_open(&registry, p->conf->registry_url, e) < 0)
		return -1;
	subject = arena_printf(&p->arena, "%s-value", p->topic);
	rc = registry_register(registry, subject, encode_schema(p->type), id, e);
	registry_close(registry);
	return rc < 0 ? err_wrap(e, "cannot register the schema of \"%s\"", subject) : 0;
}

static int
publish_open(struct publish *p, char **files, struct err *e)
{
	const struct producer_calls calls = {on_lost, on_waiting, p};
	int32_t id = 0;
	sigset_t set;

	if (p->framing < 0)
		p->framing = p->conf->registry_url ? FRAMING_CONFLUENT : FRAMING_SINGLE_OBJECT;
	if (look_at_files(p, files, e) < 0 || (p->framing == FRAMING_CONFLUENT && schema_id(p, &id, e) < 0) ||
	    encoder_open(&p->encoder, p->type, (enum framing)p->framing, id, e) < 0)
		return -1;
	stop_signals(&set); /* before librdkafka's threads, so that they block them, too */
	sigprocmask(SIG_BLOCK, &set, NULL);
	return producer_open(&p->producer, p->conf, p->topic, p->option, &calls, e);
}

static void
publish_close(struct publish *p)
{
	producer_close(p->producer);
	encoder_close(p->encoder);
	arena_free(&p->arena);
	buf_free(&p->message);
}

/* 1 where some lines did not arrive or were not read. */
static int
send_files(struct publish *p, char **operands, struct err *e)
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
	producer_flush(p->producer);
	summary(p);
	if (rc == 0 && (p->bad || producer_lost(p->producer) || p->stopped))
		rc = 1;
	return rc;
}

static int
publish(void *arg, const struct cmd_line *line, struct err *e)
{
	struct publish *p = arg;
	int rc;

	p->conf = line->conf;
	p->started = now_ns();
	rc = send_files(p, line->operands, e);
	publish_close(p);
	return rc;
}

int
cmd_publish(int argc, char **argv)
{
	static const struct option more[] = {{"framing", required_argument, NULL, OPT_FRAMING}, {0}};
	struct publish p = {.framing = -1, .terminal = isatty(STDERR_FILENO), .next_shown = 2};

	return cmd_main(argc, argv,
	    &(struct cmd_options){.more = more,
		.take = take_option,
		.run = publish,
		.arg = &p,
		.operands = true,
		.help =
		    "  --framing F      confluent (where registry.url is set), single-object (where not) or "
		    "bare\n"
		    "\n"
		    "FILE holds a JSON object a line, nested like the Avro record; \"-\" or none: standard "
		    "input.\n"
		    "Times are RFC 3339 or whole microseconds. An event without event_id gets one from its "
		    "content.\n"
		    "A bad line is told by number and left out; then the exit code is 1.\n"});
}
