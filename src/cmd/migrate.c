#include "cmd.h"
#include "database.h"

#include <sodium.h>

int
cmd_migrate(int argc, char **argv)
{
	static const struct cmd_options options = {
	    .help = "\nCreates or upgrades the schema, and keeps the settings in it that results depend on. "
		    "Creates the roles\n"
		    "afterword_writer and afterword_reader where the server has none.\n"};
	struct conf conf;
	struct pg pg = {0};
	struct err e = {0};
	int rc = cmd_open(argc, argv, &options, &conf, &e);

	if (rc > 0)
		return 0;
	if (rc < 0)
		return cmd_fail(argv[0], &e);
	if (optind < argc)
		rc = err_set(&e, ERR_USAGE, "\"%s\" is one argument too many", argv[optind]);
	else if (sodium_init() < 0)
		rc = err_set(&e, ERR_FATAL, "libsodium does not start");
	else if (pg_open(&pg, &conf, &e) < 0 || database_migrate(&pg, &conf, &e) < 0)
		rc = -1;
	pg_close(&pg);
	conf_close(&conf);
	return rc < 0 ? cmd_fail(argv[0], &e) : 0;
}
