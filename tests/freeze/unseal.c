/* unseal.c FILE KEY OUT - a sealed audit file as the SQLite file it is, for tests that look into it with other eyes. */
#include <stdio.h>

#include <veil/sealed.h>

int
main(int argc, char **argv)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(VeilAuditorKey) key = argc == 4 ? veil_auditor_key_open(argv[2], NULL, &error) : NULL;
	g_autofree char *text = NULL;
	gsize len = 0;

	if (key != NULL && g_file_get_contents(argv[1], &text, &len, &error)) {
		g_autoptr(GBytes) plain = veil_sealed_open(text, len, argv[1], key, &error);
		if (plain != NULL && g_file_set_contents(argv[3], g_bytes_get_data(plain, NULL), (gssize)g_bytes_get_size(plain), &error))
			return 0;
	}
	fprintf(stderr, "unseal: %s\n", error ? error->message : "usage: unseal FILE KEY OUT");
	return 1;
}
