/* afterword scrub: takes personal data out of files or standard input, line by line. */
#include "scrub.h"

#include "buf.h"
#include "clock.h"
#include "cmd.h"
#include "pii.h"
#include "text.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#define READ_BYTES (256 * 1024)
#define LINE_BYTES (16 << 20) /* a longer line is redacted without being kept */

struct scrub {
	bool json, explain, stats;
	struct pii *pii;
	struct buf in, out;
	size_t lines, failed, bytes;
	size_t *found; /* by type */
	bool closed;   /* nobody reads what we write */
};

static int
flush(struct scrub *s, struct err *e)
{
	size_t at = 0;

	while (at < s->out.len && !s->closed) {
		ssize_t n = write(STDOUT_FILENO, s->out.p + at, s->out.len - at);

		if (n >= 0)
			at += (size_t)n;
		else if (errno == EPIPE)
			s->closed = true;
		else if (errno != EINTR)
			return err_set(e, ERR_FATAL, "cannot write: %s", strerror(errno));
	}
	buf_reset(&s->out);
	return 0;
}

/* A text as a JSON string. */
static void
put_json(struct buf *out, struct str s)
{
	buf_put(out, "\"", 1);
	for (size_t i = 0, from = 0; i <= s.len; i++) {
		unsigned char c = i < s.len ? (unsigned char)s.p[i] : 0;

		if (i < s.len && c >= 0x20 && c != '"' && c != '\\' && c != 0x7f)
			continue;
		buf_put(out, s.p + from, i - from);
		from = i + 1;
		if (i == s.len)
			break;
		if (c == '"' || c == '\\')
			buf_printf(out, "\\%c", c);
		else
			buf_printf(out, "\\u%04x", c);
	}
	buf_put(out, "\"", 1);
}

/* Offsets in bytes become offsets in characters, going forward. */
struct ruler {
	struct str text;
	size_t byte, chars;
};

static size_t
chars_at(struct ruler *r, size_t byte)
{
	for (; r->byte < byte; r->byte++)
		r->chars += ((unsigned char)r->text.p[r->byte] & 0xc0) != 0x80;
	return r->chars;
}

/* Characters of a line that may not be UTF-8: as they are after repair. */
static size_t
repaired_chars(struct str line)
{
	struct arena a = {0};
	bool repaired = false;
	size_t n = text_chars(text_repair(&a, line, &repaired));

	arena_free(&a);
	return n;
}

static void
put_spans(struct scrub *s, struct str line, struct str left)
{
	size_t n;
	const struct pii_span *spans = pii_spans(s->pii, &n);
	struct ruler ruler = {.text = line};
	const char *comma = "";

	buf_printf(&s->out, "{\"text\": ");
	put_json(&s->out, left);
	buf_printf(&s->out, ", \"spans\": [");
	if (pii_failed(s->pii))
		buf_printf(&s->out,
		    "{\"type\": \"REDACTED\", \"start\": 0, \"end\": %zu, \"level\": \"certain\", \"rule\": "
		    "\"%s\"}",
		    repaired_chars(line), pii_failed(s->pii));
	for (size_t i = 0; i < n; i++) {
		size_t start, end;

		if (!spans[i].taken || spans[i].kept)
			continue;
		start = chars_at(&ruler, spans[i].start);
		end = chars_at(&ruler, spans[i].end);
		buf_printf(&s->out,
		    "%s{\"type\": \"%s\", \"start\": %zu, \"end\": %zu, \"level\": \"%s\", \"rule\": \"%s\"}",
		    comma, pii_type_name(s->pii, spans[i].type), start, end, pii_level_names[spans[i].level],
		    spans[i].rule);
		comma = ", ";
	}
	buf_printf(&s->out, "]}\n");
}

/* Why each was taken or left: never what it is. */
static void
explain(const struct scrub *s, struct str line)
{
	size_t n;
	const struct pii_span *spans = pii_spans(s->pii, &n);
	struct ruler ruler = {.text = line};

	if (pii_failed(s->pii))
		fprintf(stderr, "%zu: redacted: %s\n", s->lines, pii_failed(s->pii));
	for (size_t i = 0; i < n; i++) { /* by their start, but they may overlap */
		size_t start = chars_at(&ruler, spans[i].start);
		struct ruler on = ruler;
		size_t end = chars_at(&on, spans[i].end);

		fprintf(stderr, "%zu:%zu-%zu: %s %s: %s, %s, %s%s%s%s\n", s->lines, start, end,
		    pii_type_name(s->pii, spans[i].type),
		    !spans[i].taken ? "left"
		    : spans[i].kept ? "kept"
				    : "taken",
		    pii_level_names[spans[i].level], spans[i].rule, spans[i].why, *spans[i].word ? " \"" : "",
		    spans[i].word, *spans[i].word ? "\"" : "");
	}
}

/* end: what the line ended with, a newline or nothing. */
static int
scrub_line(struct scrub *s, struct str line, struct str end, struct err *e)
{
	struct str left = pii_scrub(s->pii, (struct str){0}, line);
	size_t n;
	const struct pii_span *spans = pii_spans(s->pii, &n);

	s->lines++;
	s->bytes += line.len + end.len;
	s->failed += pii_failed(s->pii) != NULL;
	for (size_t i = 0; i < n; i++)
		s->found[spans[i].type] += spans[i].taken && !spans[i].kept;
	if (s->explain)
		explain(s, line);
	if (s->json) {
		put_spans(s, line, left);
	} else {
		buf_put(&s->out, left.p, left.len);
		buf_put(&s->out, end.p, end.len);
	}
	return s->out.len > READ_BYTES ? flush(s, e) : 0;
}

/* Every whole line that was read; what is left moves to the front. */
static int
whole_lines(struct scrub *s, struct err *e)
{
	size_t at = 0;
	const char *eol;

	while (!s->closed && (eol = memchr(s->in.p + at, '\n', s->in.len - at))) {
		size_t len = (size_t)(eol - s->in.p) - at;

		if (scrub_line(s, (struct str){s->in.p + at, len}, str_of("\n"), e) < 0)
			return -1;
		at += len + 1;
	}
	memmove(s->in.p, s->in.p + at, s->in.len - at);
	s->in.len -= at;
	return flush(s, e);
}

/* A line without end: <REDACTED>, and all of it is passed over. */
static int
endless(struct scrub *s, bool *passing, struct err *e)
{
	const char *eol = memchr(s->in.p, '\n', s->in.len);

	if (!*passing) {
		s->lines++;
		s->failed++;
		if (s->explain)
			fprintf(stderr, "%zu: redacted: too long\n", s->lines);
		buf_printf(&s->out,
		    s->json ? "{\"text\": \"" PII_REDACTED "\", \"spans\": []}\n" : PII_REDACTED "\n");
		*passing = true;
	}
	s->bytes += eol ? (size_t)(eol - s->in.p) + 1 : s->in.len;
	if (eol) {
		size_t skip = (size_t)(eol - s->in.p) + 1;

		memmove(s->in.p, s->in.p + skip, s->in.len - skip);
		s->in.len -= skip;
		*passing = false;
	} else {
		buf_reset(&s->in);
	}
	return flush(s, e);
}

static int
scrub_file(struct scrub *s, int fd, const char *path, struct err *e)
{
	bool passing = false;
	ssize_t n;

	buf_reset(&s->in);
	while (!s->closed) {
		buf_need(&s->in, READ_BYTES);
		n = read(fd, s->in.p + s->in.len, READ_BYTES);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return err_set(e, ERR_FATAL, "cannot read \"%s\": %s", path, strerror(errno));
		if (n == 0)
			break;
		s->in.len += (size_t)n;
		if (passing && endless(s, &passing, e) < 0)
			return -1;
		if (!passing && whole_lines(s, e) < 0)
			return -1;
		if (!passing && s->in.len > LINE_BYTES && endless(s, &passing, e) < 0)
			return -1;
	}
	if (!passing && s->in.len && !s->closed &&
	    scrub_line(s, (struct str){s->in.p, s->in.len}, (struct str){"", 0}, e) < 0)
		return -1;
	return flush(s, e);
}

static int
scrub_files(struct scrub *s, char **files, struct err *e)
{
	if (!*files)
		return scrub_file(s, STDIN_FILENO, "standard input", e);
	for (; *files; files++) {
		bool input = !strcmp(*files, "-");
		int fd = input ? STDIN_FILENO : open(*files, O_RDONLY | O_CLOEXEC), rc;

		if (fd < 0)
			return err_set(e, ERR_FATAL, "cannot read \"%s\": %s", *files, strerror(errno));
		rc = scrub_file(s, fd, *files, e);
		if (!input)
			close(fd);
		if (rc < 0)
			return -1;
	}
	return 0;
}

static void
print_stats(const struct scrub *s, double took)
{
	fprintf(stderr, "%zu lines, %zu bytes, %zu redacted as a whole, %.3f s, %.1f MB/s, rules %s\n",
	    s->lines, s->bytes, s->failed, took, took > 0 ? (double)s->bytes / took / 1e6 : 0,
	    pii_version(s->pii));
	for (int i = 0; i < pii_types(s->pii); i++)
		if (s->found[i])
			fprintf(stderr, "  %-26s %zu\n", pii_type_name(s->pii, i), s->found[i]);
}

enum { OPT_JSON = 1, OPT_EXPLAIN, OPT_STATS };

static int
take(void *arg, int opt, const char *value, struct err *e)
{
	struct scrub *s = arg;

	(void)value;
	(void)e;
	s->json |= opt == OPT_JSON;
	s->explain |= opt == OPT_EXPLAIN;
	s->stats |= opt == OPT_STATS;
	return 0;
}

static int
scrub(void *arg, const struct cmd_line *line, struct err *e)
{
	struct scrub *s = arg;
	struct pii_options pii = scrub_options(line->conf);
	int64_t start = now_ns();
	int rc;

	s->pii = pii_open(&pii, e);
	if (!s->pii)
		return -1;
	signal(SIGPIPE, SIG_IGN);
	s->found = xcalloc((size_t)pii_types(s->pii), sizeof *s->found);
	pii_set_explain(s->pii, s->explain);
	rc = scrub_files(s, line->operands, e);
	if (s->stats)
		print_stats(s, (double)(now_ns() - start) / 1e9);
	pii_close(s->pii);
	free(s->found);
	buf_free(&s->in);
	buf_free(&s->out);
	return rc;
}

int
cmd_scrub(int argc, char **argv)
{
	static const struct option more[] = {{"json", no_argument, NULL, OPT_JSON},
	    {"explain", no_argument, NULL, OPT_EXPLAIN}, {"stats", no_argument, NULL, OPT_STATS}, {0}};
	struct scrub s = {0};

	return cmd_main(argc, argv,
	    &(struct cmd_options){.more = more,
		.take = take,
		.run = scrub,
		.arg = &s,
		.operands = true,
		.help =
		    "  --json           a line of JSON for each: the text that is left, and what was found: "
		    "type, start, end (characters of\n"
		    "                   the line as given), level, rule\n"
		    "  --explain        on standard error: why each was taken or left; never the value\n"
		    "  --stats          on standard error, at the end: how many of each type, and how fast\n"
		    "\nReads files or standard input, needs no Kafka and no Postgres, and does what 'run' "
		    "does to records that ask to be\n"
		    "anonymised. A line that is not UTF-8, or too long, becomes <REDACTED>.\n"
		    "\nIt finds what has a form: e-mail, telephone numbers, cards, IBAN, national numbers, "
		    "addresses of networks and coins,\n"
		    "keys, passwords that are named. It cannot find what has none: names of people, postal "
		    "addresses, organisations. Against\n"
		    "those: pii.known.attributes (what the record itself knows goes from its texts), "
		    "pii.deny.file and pii.rules.file, or do\n"
		    "not send them.\n"});
}
