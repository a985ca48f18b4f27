/* cmd: what every subcommand shares: the table of commands, -c, -o and --help, and how an error ends. */
#ifndef CMD_H
#define CMD_H

#include "conf.h"
#include "err.h"

#include <getopt.h>

/* Every command once: function cmd_NAME, name, arguments, what it does. */
#define COMMANDS(X)                                                                                         \
	X(run, "run", "[--drain]", "the pool: read both topics, keep the pairs in Postgres")                \
	X(replay, "replay", "[--topic T] [--from WHERE] [--to WHERE] [--workers N] [--rate N] [--dry-run]", \
	    "read a range of the topics again, through the same path")                                      \
	X(publish, "publish", "feedback|interactions [--framing F] [FILE...]",                              \
	    "JSON Lines to Avro to Kafka")                                                                  \
	X(audit, "audit", "[--fix] [--steps N]", "does every stored event belong where it should?")         \
	X(migrate, "migrate", "", "create or upgrade the database schema")                                  \
	X(check, "check", "", "would 'run' work here? one line per thing looked at")                        \
	X(scrub, "scrub", "[--json] [--explain] [--stats] [FILE...]",                                       \
	    "takes personal data out of text, line by line")

/* Each gets its own name as argv[0], prints its results on stdout and its troubles on stderr, and returns the
 * exit code: 0 done, 1 failed, 2 usage, 3 configuration. */
int cmd_run(int argc, char **argv);
int cmd_replay(int argc, char **argv);
int cmd_publish(int argc, char **argv);
int cmd_audit(int argc, char **argv);
int cmd_migrate(int argc, char **argv);
int cmd_check(int argc, char **argv);
int cmd_scrub(int argc, char **argv);

/* Options of one command beyond the common ones. opt: what getopt_long returned. 0, or -1 and e. */
typedef int cmd_take_fn(void *arg, int opt, const char *value, struct err *e);

/* What the command line said. It lasts as long as the command runs. */
struct cmd_line {
	const struct conf *conf;
	const struct conf_args *given; /* -c and -o as typed */
	char **operands;	       /* ends with NULL */
};

/* The command itself: the exit code, or -1 and e. */
typedef int cmd_run_fn(void *arg, const struct cmd_line *line, struct err *e);

struct cmd_options {
	const struct option *more; /* ends with a zeroed entry; NULL: none */
	cmd_take_fn *take;
	cmd_run_fn *run;
	void *arg;	  /* of take and run */
	bool operands;	  /* does it take any? */
	const char *help; /* what --help prints under the usage line */
};

/* Parses the options, opens the configuration, runs the command, and tells what went wrong: the exit code. */
int cmd_main(int argc, char **argv, const struct cmd_options *options);

/* A whole number from 1 to max, the value of an option; else ERR_USAGE. */
int cmd_number(const char *option, const char *value, int64_t max, int64_t *n, struct err *e);

/* The nearest of names to what was typed, or NULL where none is near. */
const char *cmd_nearest(const char *typed, const char *const *names, size_t n);

#endif
