#include "progress.h"

#include "clock.h"
#include "log.h"

#include <inttypes.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

#define LINE_MS 10000
#define BAR	24 /* characters of the bar itself */
#define NARROW	40 /* a terminal that does not say how wide it is, or is narrower, gets what it gets */

void
progress_begin(struct progress *p, const struct pool *pool)
{
	*p = (struct progress){.pool = pool, .terminal = isatty(STDERR_FILENO) != 0, .began = now_ms()};
	p->told = p->began;
	log_set_bar(p->terminal);
}

/* 1:05:09, 5:09 */
static void
put_time(struct buf *b, int64_t s)
{
	if (s >= 3600)
		buf_printf(b, "%" PRId64 ":%02d:%02d", s / 3600, (int)(s / 60 % 60), (int)(s % 60));
	else
		buf_printf(b, "%d:%02d", (int)(s / 60), (int)(s % 60));
}

/* Of the offsets, since some have no message; the rate is of messages. */
static void
put_numbers(struct buf *b, const struct progress *p, int64_t total, int64_t done)
{
	double seconds = (double)(now_ms() - p->began) / 1000;
	size_t messages = p->pool->counters.messages;

	buf_printf(b, "%3d %%, %zu messages, %.0f/s, ", (int)(100 * (double)done / (double)total), messages,
	    seconds > 0 ? (double)messages / seconds : 0);
	if (done > 0)
		put_time(b, (int64_t)((double)(total - done) * seconds / (double)done + 0.5));
	else
		buf_printf(b, "?");
	buf_printf(b, " left");
}

static size_t
width(void)
{
	struct winsize size = {0};

	return ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col >= NARROW ? size.ws_col : 80;
}

static void
draw(const struct buf *numbers, int64_t total, int64_t done)
{
	struct buf line = {0};
	int filled = (int)(BAR * (double)done / (double)total);
	size_t most;

	buf_printf(&line, "[");
	for (int i = 0; i < BAR; i++)
		buf_printf(&line, "%s", i < filled ? "=" : i == filled ? ">" : " ");
	buf_printf(&line, "] %.*s", (int)numbers->len, numbers->p);
	most = width() - 1; /* never a second line, which could not be taken back */
	fprintf(stderr, "\r%.*s\033[K", (int)(line.len < most ? line.len : most), line.p);
	fflush(stderr);
	buf_free(&line);
}

void
progress_look(struct progress *p)
{
	int64_t total = ranges_total(p->pool->ranges), done = total - ranges_left(p->pool->ranges);
	struct buf numbers = {0};

	if (total == 0 || (!p->terminal && now_ms() - p->told < LINE_MS))
		return;
	p->told = now_ms();
	put_numbers(&numbers, p, total, done);
	if (p->terminal)
		draw(&numbers, total, done);
	else
		log_info("%.*s", (int)numbers.len, numbers.p);
	buf_free(&numbers);
}

void
progress_end(struct progress *p)
{
	if (p->terminal) {
		fputs("\r\033[K", stderr);
		fflush(stderr);
	}
	log_set_bar(false);
}
