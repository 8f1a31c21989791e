/* mutate.c - replays a corpus, then mutates good inputs at random; a stand-in for libFuzzer where there is no clang.
 *
 * usage: mutate CORPUS [N] [SEED]    N mutations of each kind
 *        mutate --write CORPUS       writes the good inputs and some damaged ones
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <glib/gstdio.h>

#include "targets.h"

static guint64 state;

static guint32
draw(guint32 below)
{
	state = state * 6364136223846793005u + 1442695040888963407u;
	return (guint32)((state >> 33) % below);
}

static void
mutate_once(GByteArray *bytes)
{
	static const guint8 liked[] = {0, 0xff, '\n', ' ', '0', '9', 'A', '+', '=', 0x80};
	if (bytes->len == 0) {
		g_byte_array_append(bytes, liked, 1);
		return;
	}
	guint at = draw(bytes->len), n = 1 + draw(MIN(bytes->len - at, 40));
	switch (draw(7)) {
	case 0:
		bytes->data[at] ^= (guint8)(1 << draw(8));
		break;
	case 1:
		bytes->data[at] = liked[draw(sizeof liked)];
		break;
	case 2:
		g_byte_array_remove_range(bytes, at, n);
		break;
	case 3: {
		g_autofree guint8 *copy = g_memdup2(bytes->data + at, n);
		g_byte_array_append(bytes, copy, n);
		break;
	}
	case 4:
		g_byte_array_set_size(bytes, at);
		break;
	case 5: { /* two pieces change places */
		guint to = draw(bytes->len);
		for (guint i = 0; i < n && at + i < bytes->len && to + i < bytes->len; i++) {
			guint8 one = bytes->data[at + i];
			bytes->data[at + i] = bytes->data[to + i];
			bytes->data[to + i] = one;
		}
		break;
	}
	default:
		bytes->data[at] = (guint8)draw(256);
	}
}

static void
put(const char *dir, const char *kind, const char *name, const guint8 *bytes, gsize len)
{
	g_autofree char *folder = g_build_filename(dir, kind, NULL), *path = g_build_filename(folder, name, NULL);
	g_mkdir_with_parents(folder, 0755);
	if (!g_file_set_contents(path, (const char *)bytes, (gssize)len, NULL))
		exit(1);
}

static void
write_corpus(const char *dir)
{
	for (const FuzzKind *kind = fuzz_kinds; kind->name != NULL; kind++) {
		g_autoptr(GByteArray) good = g_byte_array_new();
		kind->seed(good);
		put(dir, kind->name, "good", good->data, good->len);
		put(dir, kind->name, "bad-empty", good->data, 0);
		put(dir, kind->name, "bad-cut", good->data, good->len / 2);
		put(dir, kind->name, "bad-last-byte-missing", good->data, good->len - 1);
		good->data[good->len / 2] ^= 1;
		put(dir, kind->name, "bad-bit", good->data, good->len);
		good->data[good->len / 2] ^= 1;
		g_byte_array_append(good, (const guint8 *)"\n", 1);
		put(dir, kind->name, "bad-trailing", good->data, good->len);
	}
}

/* Files named bad-... must be refused, good... taken. */
static guint
replay(const FuzzKind *kind, const char *dir)
{
	g_autofree char *folder = g_build_filename(dir, kind->name, NULL);
	g_autoptr(GDir) handle = g_dir_open(folder, 0, NULL);
	guint failed = 0, n = 0;
	for (const char *name; handle != NULL && (name = g_dir_read_name(handle)) != NULL; n++) {
		g_autofree char *path = g_build_filename(folder, name, NULL), *bytes = NULL;
		gsize len;
		if (!g_file_get_contents(path, &bytes, &len, NULL))
			exit(1);
		gboolean taken = kind->target((const guint8 *)bytes, len);
		if (taken != g_str_has_prefix(name, "good")) {
			printf("not ok: %s/%s was %s\n", kind->name, name, taken ? "taken" : "refused");
			failed++;
		}
	}
	if (n == 0)
		printf("not ok: no corpus of kind %s\n", kind->name);
	return failed + (n == 0);
}

int
main(int argc, char **argv)
{
	guint failed = 0, n = argc > 2 ? (guint)atoi(argv[2]) : 5000;

	if (argc < 2)
		return 2;
	fuzz_set_up();
	if (strcmp(argv[1], "--write") == 0) {
		write_corpus(argv[2]);
		return 0;
	}
	state = argc > 3 ? strtoull(argv[3], NULL, 10) : 20260301;
	for (const FuzzKind *kind = fuzz_kinds; kind->name != NULL; kind++) {
		guint taken = 0;
		g_autoptr(GByteArray) good = g_byte_array_new();
		failed += replay(kind, argv[1]);
		kind->seed(good);
		for (guint i = 0; i < n; i++) {
			g_autoptr(GByteArray) bytes = g_byte_array_new();
			g_byte_array_append(bytes, good->data, good->len);
			for (guint k = 1 + draw(4); k > 0; k--)
				mutate_once(bytes);
			if (bytes->len == good->len && memcmp(bytes->data, good->data, good->len) == 0)
				continue;
			taken += kind->target(bytes->data, bytes->len);
		}
		printf("%s %s: %u mutations, %u taken\n", taken == 0 || kind->others ? "ok" : "not ok", kind->name, n, taken);
		failed += taken > 0 && !kind->others;
	}
	return failed > 0;
}
