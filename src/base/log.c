#include "log.h"

#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

static _Atomic enum log_level limit = LEVEL_INFO;
static atomic_bool bar;

void
log_set_level(enum log_level level)
{
	limit = level;
}

void
log_set_bar(bool there)
{
	bar = there;
}

void
log_line(enum log_level level, const char *fmt, ...)
{
	static const char *const names[] = {"error", "warn", "info", "debug"};
	char line[2048];
	struct timespec now;
	struct tm tm;
	size_t n;
	va_list ap;

	if (level > limit)
		return;
	clock_gettime(CLOCK_REALTIME, &now);
	gmtime_r(&now.tv_sec, &tm);
	n = bar ? (size_t)snprintf(line, sizeof line, "\r\033[K") : 0;
	n += strftime(line + n, sizeof line - n, "%Y-%m-%dT%H:%M:%S", &tm);
	n +=
	    (size_t)snprintf(line + n, sizeof line - n, ".%03ldZ %-5s ", now.tv_nsec / 1000000, names[level]);
	va_start(ap, fmt);
	vsnprintf(line + n, sizeof line - n - 1, fmt, ap);
	va_end(ap);
	while (line[n])
		n++;
	line[n++] = '\n';
	/* one write, so that the lines of several threads do not mix; nothing can be done where it fails */
	if (write(STDERR_FILENO, line, n) < 0)
		return;
}
