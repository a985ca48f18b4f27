/*
 * log: one line per thing worth telling, on stderr, with time and level.
 * Never a payload: events are named by coordinates, topic[partition]@offset.
 */
#ifndef LOG_H
#define LOG_H

#include <stdbool.h>

enum log_level { LEVEL_ERROR, LEVEL_WARN, LEVEL_INFO, LEVEL_DEBUG };

/* With the next, the one global of the program: lines above this level are not written. */
void log_set_level(enum log_level level);

/* A bar stands on the terminal's last line: lines are written over it. */
void log_set_bar(bool there);

void log_line(enum log_level level, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

#define log_error(...) log_line(LEVEL_ERROR, __VA_ARGS__)
#define log_warn(...)  log_line(LEVEL_WARN, __VA_ARGS__)
#define log_info(...)  log_line(LEVEL_INFO, __VA_ARGS__)
#define log_debug(...) log_line(LEVEL_DEBUG, __VA_ARGS__)

#endif
