/* Fuzz target of the rule files. Input: a byte that says which file it is (allow, deny, rules), then its
 * content. */
#include "arena.h"
#include "pii.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size);

int
LLVMFuzzerTestOneInput(const unsigned char *data, size_t size)
{
	static const char text[] = "Anna (anna@example.com) on EMP-123456, aaaaaaaaaaaaaaaaaaaaaaaa! "
				   "\xc3\xa9\xe4\xbd\xa0 4111 1111 1111 1111";
	int fd = memfd_create("rules", 0), which = size ? data[0] % 3 : 0;
	struct pii_options o = {0};
	struct err e = {0};
	char path[64];
	struct pii *p;

	snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
	if (fd < 0 || (size > 1 && write(fd, data + 1, size - 1) != (ssize_t)size - 1))
		abort();
	*(which == 0 ? &o.allow_file : which == 1 ? &o.deny_file : &o.rules_file) = path;
	p = pii_open(&o, &e);
	if ((p == NULL) != (e.kind == ERR_CONFIG))
		abort();
	if (p)
		pii_scrub(p, (struct str){0}, (struct str){text, sizeof text - 1});
	pii_close(p);
	close(fd);
	return 0;
}
