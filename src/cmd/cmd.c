#include "cmd.h"

#include "arena.h"
#include "log.h"
#include "near.h"

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

int
cmd_open(int argc, char **argv, const struct cmd_options *options, struct conf *conf, struct err *e)
{
	const struct option *all = all_options(options);
	const char **sets = xcalloc((size_t)argc + 1, sizeof *sets);
	struct conf_args args = {.sets = sets};
	int opt, rc = 0;

	opterr = 0;
	optind = 1;
	while (rc == 0 && (opt = getopt_long(argc, argv, ":c:o:h", all, NULL)) != -1) {
		switch (opt) {
		case 'c':
			args.file = optarg;
			break;
		case 'o':
			sets[args.nsets++] = optarg;
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
			rc = err_set(e, ERR_USAGE, "unknown option \"%s\"", argv[optind - 1]);
			break;
		default:
			rc = options->take(options->arg, opt, optarg, e);
		}
	}
	if (rc == 0)
		rc = conf_open(conf, &args, e);
	if (rc == 0)
		log_set_level(level_of(conf->log_level));
	free((void *)all);
	if (options->given)
		*options->given = args;
	else
		free(sets);
	return rc;
}

int
cmd_fail(const char *name, const struct err *e)
{
	fprintf(stderr, "afterword %s: %s\n", name, e->text);
	if (e->kind == ERR_USAGE)
		fprintf(stderr, "afterword %s --help tells how it is used\n", name);
	return err_exit(e);
}
