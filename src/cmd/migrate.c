#include "cmd.h"
#include "database.h"

static int
migrate(void *arg, const struct cmd_line *line, struct err *e)
{
	struct pg pg = {0};
	int rc;

	(void)arg;
	rc = pg_open(&pg, line->conf, e) < 0 || database_migrate(&pg, line->conf, e) < 0 ? -1 : 0;
	pg_close(&pg);
	return rc;
}

int
cmd_migrate(int argc, char **argv)
{
	return cmd_main(argc, argv,
	    &(struct cmd_options){.run = migrate,
		.help =
		    "\nCreates or upgrades the schema, and keeps the settings in it that results depend on. "
		    "Creates the roles\n"
		    "afterword_writer and afterword_reader where the server has none.\n"});
}
