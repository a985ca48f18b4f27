#include "cmd.h"

#include "arena.h"
#include "log.h"
#include "near.h"

#include <errno.h>
#include <inttypes.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

enum { OPT_HELP = 1000 };

static const struct option common[] = {
    {"conf", required_argument, NULL, 'c'},
    {"option", required_argument, NULL, 'o'},
    {"help", no_argument, NULL, OPT_HELP},
};
#define N_COMMON (sizeof common / sizeof *common)

const char *
cmd_nearest(const char *typed, const char *const *names, size_t n)
{
	const char *best = NULL;
	size_t least = 3;

	for (size_t i = 0; i < n; i++) {
		size_t d = near_distance(typed, names[i]);

		if (d < least && d < strlen(names[i])) {
			least = d;
			best = names[i];
		}
	}
	return best;
}

static void
print_help(const char *name, const struct cmd_options *options)
{
#define LINE(id, command, args, does)                                                                       \
	if (!strcmp(name, command))                                                                         \
		printf("usage: afterword %s [-c worker.conf] [-o name=value]... %s\n\n%s\n", command, args, \
		    does);
	COMMANDS(LINE)
#undef LINE
	printf("\n"
	       "  -c FILE          configuration: name = value lines\n"
	       "  -o name=value    one option, over the file and the environment\n"
	       "%s"
	       "\nEvery option can come from the environment too: AFTERWORD_BATCH_MAX_EVENTS=1000.\n"
	       "afterword help options lists them with their defaults.\n",
	    options->help ? options->help : "");
}

static const struct option *
all_options(const struct cmd_options *options)
{
	size_t n = 0;
	struct option *all;

	while (options->more && options->more[n].name)
		n++;
	all = xcalloc(N_COMMON + n + 1, sizeof *all);
	memcpy(all, common, sizeof common);
	if (n)
		memcpy(all + N_COMMON, options->more, n * sizeof *all);
	return all;
}

static enum log_level
level_of(const char *name)
{
	static const char *const names[] = {"error", "warn", "info", "debug"};

	for (int i = 0; i < 4; i++)
		if (!strcmp(name, names[i]))
			return (enum log_level)i;
	return LEVEL_INFO;
}

/* word: the argument that was looked at last; of several letters behind one -, the one before. letter: what
 * is no option; 0: it is a long one; that of a long option, which was given a value and takes none. */
static int
unknown(const struct option *all, const char *word, int letter, struct err *e)
{
	if (!letter)
		return err_set(e, ERR_USAGE, "unknown option \"%s\"", word);
	for (; all->name; all++)
		if (all->val == letter)
			return err_set(e, ERR_USAGE, "option \"--%s\" takes no value", all->name);
	return err_set(e, ERR_USAGE, "unknown option \"-%c\"; long ones begin with --", letter);
}

/* Returns 0, 1 after --help was printed, or -1. */
static int
parse(int argc, char **argv, const struct cmd_options *options, struct conf_args *args, const char **sets,
    struct err *e)
{
	const struct option *all = all_options(options);
	int opt, rc = 0;

	opterr = 0;
	optind = 1;
	while (rc == 0 && (opt = getopt_long(argc, argv, ":c:o:h", all, NULL)) != -1) {
		switch (opt) {
		case 'c':
			args->file = optarg;
			break;
		case 'o':
			sets[args->nsets++] = optarg;
			break;
		case 'h':
		case OPT_HELP:
			print_help(argv[0], options);
			rc = 1;
			break;
		case ':':
			rc = err_set(e, ERR_USAGE, "option \"%s\" needs a value", argv[optind - 1]);
			break;
		case '?':
			rc = unknown(all, argv[optind - 1], optopt, e);
			break;
		default:
			rc = options->take(options->arg, opt, optarg, e);
		}
	}
	free((void *)all);
	return rc;
}

static int
start(char **operands, const struct cmd_options *options, const struct conf_args *args, struct err *e)
{
	struct conf conf;
	const struct cmd_line line = {&conf, args, operands};
	int rc;

	if (conf_open(&conf, args, e) < 0)
		return -1;
	log_set_level(level_of(conf.log_level));
	if (*operands && !options->operands)
		rc = err_set(e, ERR_USAGE, "\"%s\" is one argument too many", *operands);
	else if (sodium_init() < 0)
		rc = err_set(e, ERR_FATAL, "libsodium does not start");
	else
		rc = options->run(options->arg, &line, e);
	conf_close(&conf);
	return rc;
}

int
cmd_main(int argc, char **argv, const struct cmd_options *options)
{
	const char **sets = xcalloc((size_t)argc + 1, sizeof *sets);
	struct conf_args args = {.sets = sets};
	struct err e = {0};
	int rc = parse(argc, argv, options, &args, sets, &e);

	if (rc == 0)
		rc = start(argv + optind, options, &args, &e);
	else if (rc > 0)
		rc = 0;
	free(sets);
	if (rc >= 0)
		return rc;
	fprintf(stderr, "afterword %s: %s\n", argv[0], e.text);
	if (e.kind == ERR_USAGE)
		fprintf(stderr, "afterword %s --help tells how it is used\n", argv[0]);
	return err_exit(&e);
}

int
cmd_number(const char *option, const char *value, int64_t max, int64_t *n, struct err *e)
{
	char *end;

	errno = 0;
	*n = strtoll(value, &end, 10);
	if (*value < '0' || *value > '9' || *end || errno || *n < 1 || *n > max)
		return err_set(e, ERR_USAGE, "%s \"%s\" is no number from 1 to %" PRId64, option, value, max);
	return 0;
}
