/* libfuzzer.c - one libFuzzer program a parser: -DKIND=0 is the first of fuzz_kinds. Built with clang only: CC=clang meson setup build-fuzz */
#include <stddef.h>
#include <stdint.h>

#include "targets.h"

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerInitialize(int *argc, char ***argv)
{
	(void)argc, (void)argv;
	fuzz_set_up();
	return 0;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	(void)fuzz_kinds[KIND].target(data, size);
	return 0;
}
