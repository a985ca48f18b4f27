/* Runs a fuzz target over files, without a fuzzer: replay FILE... */
#include "arena.h"

#include <stdio.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size);

static int
replay(const char *path)
{
	unsigned char *data = NULL;
	size_t size = 0, n;
	FILE *f = fopen(path, "rb");

	if (!f) {
		perror(path);
		return -1;
	}
	do {
		data = xrealloc(data, size + 65536);
		n = fread(data + size, 1, 65536, f);
		size += n;
	} while (n > 0);
	fclose(f);
	data = xrealloc(data, size);
	LLVMFuzzerTestOneInput(data, size);
	free(data);
	return 0;
}

int
main(int argc, char **argv)
{
	for (int i = 1; i < argc; i++)
		if (replay(argv[i]) < 0)
			return 1;
	printf("replayed %d\n", argc - 1);
	return 0;
}
