/* test-derive.c - published vectors: RFC 5869 (HKDF), RFC 8439 (ChaCha20) through a second implementation, RFC 6234 (SHA-256). */
#include "blind-test.h"

static void
assert_hex(const guint8 *bytes, gsize n, const char *hex)
{
	g_autofree char *have = g_malloc(2 * n + 1);
	veil_hex_encode(bytes, n, have);
	assert_string_equal(have, hex);
}

static gsize
from_hex(const char *hex, guint8 *out)
{
	gsize n = strlen(hex) / 2;
	assert_true(veil_hex_decode(hex, out, n));
	return n;
}

static void
sha256_vectors(void **state)
{
	(void)state;
	guint8 out[32];
	veil_sha256("", 0, out);
	assert_hex(out, 32, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
	veil_sha256("abc", 3, out);
	assert_hex(out, 32, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

static void
hkdf_rfc5869(void **state)
{
	(void)state;
	guint8 ikm[128], salt[128], out[128];

	gsize n_ikm = from_hex("0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b", ikm);
	gsize n_salt = from_hex("000102030405060708090a0b0c", salt);
	veil_hkdf(salt, n_salt, ikm, n_ikm, "\xf0\xf1\xf2\xf3\xf4\xf5\xf6\xf7\xf8\xf9", out, 42);
	assert_hex(out, 42, "3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b887185865");

	/* Test case 3: no salt, no info. */
	veil_hkdf(NULL, 0, ikm, n_ikm, "", out, 42);
	assert_hex(out, 42, "8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d9d201395faa4b61a96c8");
	veil_hkdf(NULL, 0, ikm, n_ikm, NULL, out, 42);
	assert_hex(out, 42, "8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d9d201395faa4b61a96c8");

	/* Test case 2, whose info holds no zero byte: 80 bytes each, more than two blocks out. */
	char info[81] = {0};
	for (int i = 0; i < 80; i++) {
		ikm[i] = (guint8)i;
		salt[i] = (guint8)(0x60 + i);
		info[i] = (char)(0xb0 + i);
	}
	veil_hkdf(salt, 80, ikm, 80, info, out, 82);
	assert_hex(out, 82,
		   "b11e398dc80327a1c8e7f78c596a49344f012eda2d4efad8a050cc4c19afa97c59045a99cac7827271cb41c65e590e09"
		   "da3275600c2f09b8367793a9aca3db71cc30c58179ec3e87c14c01d5c1f3434f1d87");
}

/* ChaCha20 written from RFC 8439, to check the library's other variant against. */
static guint32
rotl(guint32 v, int n)
{
	return v << n | v >> (32 - n);
}

static void
quarter(guint32 *s, int a, int b, int c, int d)
{
	s[a] += s[b], s[d] = rotl(s[d] ^ s[a], 16);
	s[c] += s[d], s[b] = rotl(s[b] ^ s[c], 12);
	s[a] += s[b], s[d] = rotl(s[d] ^ s[a], 8);
	s[c] += s[d], s[b] = rotl(s[b] ^ s[c], 7);
}

static void
chacha_block(const guint8 key[32], guint32 counter, const guint8 nonce[12], guint8 out[64])
{
	guint32 start[16] = {0x61707865, 0x3320646e, 0x79622d32, 0x6b206574}, s[16];
	for (int i = 0; i < 8; i++)
		start[4 + i] = veil_get_u32(key + 4 * i);
	start[12] = counter;
	for (int i = 0; i < 3; i++)
		start[13 + i] = veil_get_u32(nonce + 4 * i);
	memcpy(s, start, sizeof s);
	for (int round = 0; round < 10; round++) {
		quarter(s, 0, 4, 8, 12), quarter(s, 1, 5, 9, 13), quarter(s, 2, 6, 10, 14), quarter(s, 3, 7, 11, 15);
		quarter(s, 0, 5, 10, 15), quarter(s, 1, 6, 11, 12), quarter(s, 2, 7, 8, 13), quarter(s, 3, 4, 9, 14);
	}
	for (int i = 0; i < 16; i++)
		veil_put_u32(out + 4 * i, s[i] + start[i]);
}

static void
stream_is_rfc8439(void **state)
{
	(void)state;
	guint8 key[32], nonce[12] = {0}, block[64], seed[32], stream[64 * 40 + 7];

	/* RFC 8439, 2.3.2 proves the reference above. */
	for (int i = 0; i < 32; i++)
		key[i] = (guint8)i;
	from_hex("000000090000004a00000000", nonce);
	chacha_block(key, 1, nonce, block);
	assert_hex(block, 64,
		   "10f1e7e4d13b5915500fdd1fa32071c4c7d1f4c733c068030422aa9ac3d46c4e"
		   "d2826446079faa0914c2d705d98b02a2b5129cd1de164eb9cbd083e8a2503c4e");

	memset(nonce, 0, sizeof nonce);
	memset(seed, 0x5a, sizeof seed);
	veil_hkdf(NULL, 0, seed, 32, "veil/test", key, 32);
	veil_stream(seed, "veil/test", stream, sizeof stream);
	for (guint32 i = 0; i * 64 < sizeof stream; i++) {
		chacha_block(key, i, nonce, block);
		assert_memory_equal(stream + 64 * i, block, MIN(64, sizeof stream - 64 * i));
	}
	/* A shorter request is a prefix; another label is another stream. */
	guint8 other[64];
	veil_stream(seed, "veil/test", other, 33);
	assert_memory_equal(other, stream, 33);
	veil_stream(seed, "veil/tesu", other, 64);
	assert_memory_not_equal(other, stream, 64);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sha256_vectors),
		cmocka_unit_test(hkdf_rfc5869),
		cmocka_unit_test(stream_is_rfc8439),
	};
	if (!veil_blind_init(NULL))
		return 99;
	return cmocka_run_group_tests_name("blind-derive", tests, NULL, NULL);
}
