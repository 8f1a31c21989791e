/* libfuzzer.c - one libFuzzer program a parser: -DKIND=0 is the first of fuzz_kinds. Built with clang only: CC=clang meson setup build-fuzz */
#include <signal.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include "targets.h"

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* g_error() ends in a trap, of which libFuzzer keeps no input. */
static void
on_trap(int number)
{
	(void)number;
	abort();
}

int
LLVMFuzzerInitialize(int *argc, char ***argv)
{
	(void)argc, (void)argv;
	signal(SIGTRAP, on_trap);
	fuzz_set_up();
	return 0;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	(void)fuzz_kinds[KIND].target(data, size);
	return 0;
}
