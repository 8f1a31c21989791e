/* cosign.c - a witness for the tests: `cosign key NAME N` prints his key line, `cosign sign NOTE NAME N TIME` adds his line to a checkpoint. N makes
 * the secret key; it is no secret. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <veil/ledger.h>

int
main(int argc, char **argv)
{
	guint8 seed[VEIL_SIGNING_KEY_BYTES];
	g_autofree char *note = NULL, *line = NULL;
	gsize len;

	if (argc == 4 && strcmp(argv[1], "key") == 0) {
		memset(seed, atoi(argv[3]), sizeof seed);
		line = veil_note_witness_vkey(argv[2], seed);
		puts(line);
		return 0;
	}
	if (argc != 6 || !g_file_get_contents(argv[2], &note, &len, NULL))
		return 2;
	memset(seed, atoi(argv[4]), sizeof seed);
	line = veil_checkpoint_cosign(note, len, argv[3], seed, strtoull(argv[5], NULL, 10), NULL);
	FILE *out = line != NULL ? fopen(argv[2], "a") : NULL;
	if (out == NULL || fputs(line, out) < 0 || fclose(out) != 0)
		return 1;
	return 0;
}
