/* The command table, nothing else. */
#include "cmd.h"

#include <stdio.h>
#include <string.h>

#define ENTRY(id, name, args, does) {name, cmd_##id, args, does},
static const struct {
	const char *name;
	int (*run)(int argc, char **argv);
	const char *args, *does;
} commands[] = {COMMANDS(ENTRY)};
#define N_COMMANDS (sizeof commands / sizeof *commands)

static void
usage(FILE *out)
{
	fputs(
	    "usage: afterword COMMAND [-c worker.conf] [-o name=value]... [options]\n\n"
	    "Finds the AI answer that each piece of user feedback belongs to, and keeps the two together in "
	    "Postgres.\n\n",
	    out);
	for (size_t i = 0; i < N_COMMANDS; i++)
		fprintf(out, "  %-9s %s\n", commands[i].name, commands[i].does);
	fputs("\nafterword help COMMAND tells more; afterword help options lists the configuration.\n", out);
}

static int
unknown(const char *name)
{
	const char *names[N_COMMANDS], *near;

	for (size_t i = 0; i < N_COMMANDS; i++)
		names[i] = commands[i].name;
	near = cmd_nearest(name, names, N_COMMANDS);
	fprintf(stderr, "afterword: unknown command \"%s\"", name);
	if (near)
		fprintf(stderr, "; did you mean \"%s\"?", near);
	fputs("\nafterword --help lists the commands\n", stderr);
	return 2;
}

/* afterword help [COMMAND|options] */
static int
help(const char *name)
{
	char *argv[] = {(char *)name, "--help", NULL};

	if (name && !strcmp(name, "options")) {
		conf_help(stdout);
		return 0;
	}
	for (size_t i = 0; name && i < N_COMMANDS; i++)
		if (!strcmp(name, commands[i].name))
			return commands[i].run(2, argv);
	if (name)
		return unknown(name);
	usage(stdout);
	return 0;
}

int
main(int argc, char **argv)
{
	const char *name = argc > 1 ? argv[1] : NULL;

	if (!name) {
		usage(stderr);
		return 2;
	}
	if (!strcmp(name, "--version")) {
		puts("afterword " VERSION);
		return 0;
	}
	if (!strcmp(name, "--help") || !strcmp(name, "-h") || !strcmp(name, "help"))
		return help(argv[2]);
	for (size_t i = 0; i < N_COMMANDS; i++)
		if (!strcmp(name, commands[i].name))
			return commands[i].run(argc - 1, argv + 1);
	return unknown(name);
}
