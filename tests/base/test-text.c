/* test-text.c - spellings that must meet, spellings that must not, and one tokeniser held against the other. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "../../engine/base/text-internal.h"

#define RELEASE __attribute__((cleanup(release))) char *
static void
release(char **text)
{
	g_free(*text);
}

static void
add_term(const char *term, gsize len, gpointer data)
{
	GString *out = data;

	assert_true(len > 0 && len <= 64);
	assert_true(g_utf8_validate_len(term, len, NULL));
	if (out->len)
		g_string_append_c(out, ' ');
	g_string_append_len(out, term, (gssize)len);
}

static char *
terms_of(const char *text)
{
	GString *out = g_string_new(NULL);

	veil_text_terms(text, add_term, out);
	return g_string_free(out, FALSE);
}

static char *
terms_by_icu(const char *text)
{
	GString *out = g_string_new(NULL);

	veil_text__terms_icu(text, add_term, out);
	return g_string_free(out, FALSE);
}

#define assert_terms(text, expected)                                                                                              \
	do {                                                                                                                      \
		RELEASE got = terms_of(text);                                                                                     \
		assert_string_equal(got, expected);                                                                               \
	} while (0)
#define assert_fold(function, text, expected)                                                                                     \
	do {                                                                                                                      \
		RELEASE got = function(text);                                                                                     \
		assert_string_equal(got, expected);                                                                               \
	} while (0)
#define assert_id(kind, text, expected)                                                                                           \
	do {                                                                                                                      \
		RELEASE got = veil_text_fold_id(kind, text);                                                                      \
		assert_string_equal(got, expected);                                                                               \
	} while (0)

static void
nfc_is_stored(void **state)
{
	(void)state;
	assert_fold(veil_text_nfc, "e\xcc\x81t\xc3\xa9", "été");
	assert_fold(veil_text_nfc, " \t\n x y \r\n", "x y");
	assert_fold(veil_text_nfc, "　刘伟　", "刘伟");
	assert_fold(veil_text_nfc, "a\x01\x7f" "b\r\nc\td", "ab\nc\td");
	assert_fold(veil_text_nfc, "\xc2\x85", "");
	assert_fold(veil_text_nfc, "Ａ①", "Ａ①"); /* compatibility forms are kept: this is what was typed */
	assert_fold(veil_text_nfc, "\xff\xfe", "\xef\xbf\xbd\xef\xbf\xbd");
	assert_fold(veil_text_nfc, "", "");
}

static void
names_meet(void **state)
{
	static const char *const same[][2] = {
		{"严   良", "严良"}, {"刘　伟", "刘伟"}, {"热米拉・热杰甫", "热米拉·热杰甫"}, {"热米拉 • 热杰甫", "热米拉·热杰甫"},
		{"买买提．吐尔逊", "买买提·吐尔逊"}, {"买买提・吐尔逊", "买买提.吐尔逊"}, {"Alberto Barrón-Cedeño", "ALBERTO  BARRON-CEDENO"},
		{"Ｊｏｈｎ　Ｓｍｉｔｈ", "john smith"}, {"김 철수", "김철수"}, {"Müller\xc2\xa0" "A.", "muller a."}, {"刘\xe2\x80\x8b伟", "刘伟"},
	};
	static const char *const different[][2] = {
		{"刘伟", "刘玮"}, {"Yang Liu", "Liu Yang"}, {"Wei Liu", "Weiliu"}, {"王健", "王建"},
	};

	(void)state;
	for (gsize i = 0; i < G_N_ELEMENTS(same); i++) {
		RELEASE a = veil_text_fold_name(same[i][0]);
		RELEASE b = veil_text_fold_name(same[i][1]);
		assert_string_equal(a, b);
		assert_true(*a);
	}
	for (gsize i = 0; i < G_N_ELEMENTS(different); i++) {
		RELEASE a = veil_text_fold_name(different[i][0]);
		RELEASE b = veil_text_fold_name(different[i][1]);
		assert_string_not_equal(a, b);
	}
	assert_fold(veil_text_fold_name, " 　\xe2\x80\x8b", "");
}

static void
employers_meet(void **state)
{
	static const char *const same[][2] = {
		{"中国地质大学（武汉）", "中国地质大学(武汉)"}, {"中国地质大学 (武汉)", "中国地质大学【武汉】"},
		{"浙江财经学院 工商管理学院", "浙江财经学院工商管理学院"}, {"《中国近代史》编辑部", "中国近代史编辑部"},
		{"University  of\tX, Department", "UNIVERSITY OF X,Department."}, {"Università di Bologna", "Universita di Bologna"},
		{"Ｗｕｈａｎ　University", "wuhan university"}, {"A–B Institute", "A-B Institute"}, {"“Sirius” Centre", "Sirius Centre"},
		{"北京大学、清华大学", "北京大学，清华大学"},
	};
	static const char *const different[][2] = {
		{"中国地质大学（武汉）", "中国地质大学（北京）"}, {"中国矿业大学", "中国矿业大学（北京）"}, {"中国社科院", "中国社会科学院"},
		{"New York University", "Newyork University"}, {"第1中学", "第11中学"},
	};
	static const char *const nobody[] = {"0", "无", "-", "n/a", "N/A", "None", "NULL", "未知", "０", " — ", "（）", "", "/", "。"};

	(void)state;
	for (gsize i = 0; i < G_N_ELEMENTS(same); i++) {
		RELEASE a = veil_text_fold_org(same[i][0]);
		RELEASE b = veil_text_fold_org(same[i][1]);
		assert_string_equal(a, b);
		assert_true(*a);
	}
	for (gsize i = 0; i < G_N_ELEMENTS(different); i++) {
		RELEASE a = veil_text_fold_org(different[i][0]);
		RELEASE b = veil_text_fold_org(different[i][1]);
		assert_string_not_equal(a, b);
	}
	for (gsize i = 0; i < G_N_ELEMENTS(nobody); i++)
		assert_fold(veil_text_fold_org, nobody[i], "");
}

/* A fold of a fold is the fold: what is stored can be compared with what is typed. */
static void
folds_are_idempotent(void **state)
{
	g_autoptr(GRand) rand = g_rand_new_with_seed(1);
	static const gunichar alphabet[] = {'a', 'Z', ' ', '.', '-', '(', 0xE9, 0x301, 0x4E2D, 0x56FD, 0x3000, 0xFF21, 0xFF0E, 0x30FB, 0xB7,
					    0xDF, 0x130, 0x1E9E, 0xFDFA, 0x3099, 0x304B, 0xAC00, 0x1100, 0x1161, 0x201C, 0xE26A, 0x1F600, 0x345, 0x3B1};

	(void)state;
	for (int round = 0; round < 20000; round++) {
		g_autoptr(GString) text = g_string_new(NULL);
		char *(*const folds[])(const char *) = {veil_text_nfc, veil_text_fold_name, veil_text_fold_org};

		for (int n = g_rand_int_range(rand, 0, 9); n > 0; n--)
			g_string_append_unichar(text, alphabet[g_rand_int_range(rand, 0, G_N_ELEMENTS(alphabet))]);
		for (gsize f = 0; f < G_N_ELEMENTS(folds); f++) {
			RELEASE once = folds[f](text->str);
			RELEASE twice = folds[f](once);
			RELEASE nfc = veil_text_nfc(text->str);
			RELEASE of_nfc = folds[f](nfc);

			assert_string_equal(once, twice);
			assert_string_equal(once, of_nfc);
		}
	}
}

static void
ids_are_exact(void **state)
{
	(void)state;
	assert_id("id", " Ｎ００１ ", "N001");
	assert_id("id", "aB", "aB");
	assert_id("id", "A 1", "A 1");
	assert_id("phone", "+86 138-1234-5678", "13812345678");
	assert_id("phone", "１３８１２３４５６７８", "13812345678");
	assert_id("phone", "008613812345678", "13812345678");
	assert_id("phone", "8613812345678", "13812345678");
	assert_id("phone", "86123456", "86123456");
	assert_id("email", " Foo.Bar@Example.ORG ", "foo.bar@example.org");
	assert_id("email", "josé@x.es", "josé@x.es");
	assert_id("orcid", "https://orcid.org/0000-0002-1825-009X", "000000021825009x");
	assert_id("orcid", "0000 0002 1825 009x", "000000021825009x");
	assert_id("id_number", "11010119900101001X", "11010119900101001x");
}

static void
ruined_ids_are_seen(void **state)
{
	static const char *const ruined[] = {"1.23E+17", "1.23e+17", " 4.40301E+17 ", "1E+12", "１.２３Ｅ+17", "1,23E+17", "-1.5E-3", "9.9E17"};
	static const char *const sound[] = {"1E23", "12E4", "E+17", "1.23", "1.23E", "1.23E+", "1.23E+1x", "A1.2E+3", "", "440301199001011234", "2024.eacl-long.1"};

	(void)state;
	for (gsize i = 0; i < G_N_ELEMENTS(ruined); i++)
		assert_true(veil_text_is_ruined_id(ruined[i]));
	for (gsize i = 0; i < G_N_ELEMENTS(sound); i++)
		assert_false(veil_text_is_ruined_id(sound[i]));
}

static void
lists_are_split(void **state)
{
	g_auto(GStrv) pieces = veil_text_split_list(" a ;; b；c d ； ");
	g_auto(GStrv) none = veil_text_split_list("；;");

	(void)state;
	assert_int_equal(g_strv_length(pieces), 3);
	assert_string_equal(pieces[0], "a");
	assert_string_equal(pieces[1], "b");
	assert_string_equal(pieces[2], "c d");
	assert_int_equal(g_strv_length(none), 0);
}

static void
terms_of_english(void **state)
{
	(void)state;
	assert_terms("The studies of Neural networks", "study neural network");
	assert_terms("end-to-end GPT4 models, 2024 3.14 x", "end end gpt4 model");
	assert_terms("classes boxes analysis corpus glass", "class box analysis corpus glass");
	assert_terms("naïve Naive ｎａｉｖｅ na\xc3\xafve", "naive naive naive naive");
	assert_terms("see https://github.com/somebody/secret-name, or github.com/x/y. Done", "see done");
	assert_terms("mail {jane,joe}@uni.edu jane.doe@uni.edu www.jane.org", "mail jane joe");
	assert_terms("$\\mathcal{O}(n\\log n)$ \\textbf{parsing} \\citep{smith}", "parsing smith");
	assert_terms("don't can't it's author's", "author");
	assert_terms("", "");
	assert_terms("\xff\xfe abc\xff", "abc");
	assert_terms("recall@5.", "recall");
	assert_terms("input/output AC/DC", "input output ac dc");
}

static void
long_words_are_no_terms(void **state)
{
	g_autofree char *x64 = g_strnfill(64, 'x'), *x65 = g_strnfill(65, 'x');
	g_autofree char *wide = g_strdup_printf("%sй", x64);

	(void)state;
	assert_terms(x64, x64);
	assert_terms(x65, "");
	assert_terms(wide, "");
}

static gboolean
has_term(const char *terms, const char *term)
{
	g_auto(GStrv) list = g_strsplit(terms, " ", -1);

	return g_strv_contains((const char *const *)list, term);
}

static void
terms_of_chinese(void **state)
{
	RELEASE a = terms_of("马克思主义中国化的思想逻辑研究");
	RELEASE b = terms_of("基于BERT的稀土永磁材料");
	RELEASE once = terms_of("税收");

	(void)state;
	assert_true(has_term(a, "马克"));
	assert_true(has_term(a, "思想"));
	assert_true(has_term(a, "克思"));
	assert_false(has_term(a, "的"));
	assert_false(has_term(a, "化的"));
	assert_true(has_term(b, "bert"));
	assert_true(has_term(b, "稀土"));
	assert_true(has_term(b, "永磁"));
	assert_false(has_term(b, "基于"));
	/* A bigram that is a word of the dictionary counts once. */
	assert_string_equal(once, "税收");
	assert_terms("税", "税");
	assert_terms("的", "");
}

static void
the_two_ways_agree_on_ascii(void **state)
{
	g_autoptr(GRand) rand = g_rand_new_with_seed(7);
	static const char *const chunks[] = {"model", "s", "'", "\"", ".", ",", ":", ";", "_", "-", "/", "\\", "{", "}", "$", "@", "http://", "www.",
					     "3", "14", "A", "b", " ", " ", "\n", "\t", "x.y", "ies", "ss", ".com/", "~", "#", "(", ")", "+", "%", "U.S.A"};

	(void)state;
	for (int round = 0; round < 30000; round++) {
		g_autoptr(GString) text = g_string_new(NULL);

		for (int n = g_rand_int_range(rand, 0, 20); n > 0; n--) {
			if (g_rand_int_range(rand, 0, 3) == 0)
				g_string_append_c(text, (char)g_rand_int_range(rand, 1, 128));
			else
				g_string_append(text, chunks[g_rand_int_range(rand, 0, G_N_ELEMENTS(chunks))]);
		}
		RELEASE quick = terms_of(text->str);
		RELEASE slow = terms_by_icu(text->str);
		assert_string_equal(quick, slow);
	}
}

static void
any_bytes_are_survived(void **state)
{
	g_autoptr(GRand) rand = g_rand_new_with_seed(9);

	(void)state;
	for (int round = 0; round < 20000; round++) {
		char text[40];
		int n = g_rand_int_range(rand, 0, 39);

		for (int i = 0; i < n; i++)
			text[i] = (char)g_rand_int_range(rand, 1, 256);
		text[n] = '\0';
		RELEASE terms = terms_of(text);
		RELEASE name = veil_text_fold_name(text);
		RELEASE org = veil_text_fold_org(text);
		RELEASE nfc = veil_text_nfc(text);
		RELEASE id = veil_text_fold_id("id", text);
		assert_true(g_utf8_validate(terms, -1, NULL) && g_utf8_validate(name, -1, NULL) && g_utf8_validate(org, -1, NULL));
		assert_true(g_utf8_validate(nfc, -1, NULL) && g_utf8_validate(id, -1, NULL));
		veil_text_is_ruined_id(text);
	}
}

static const char thread_text[] = "中国社会科学院的数字经济与税收治理 naïve Bayes für Übersetzungen を用いた機械翻訳 нейронные сети";

static gpointer
repeat_terms(gpointer data)
{
	(void)data;
	for (int i = 0; i < 300; i++) {
		char *got = terms_of(thread_text), *again = terms_of("x 机器学习 y");

		if (i == 299) {
			g_free(again);
			return got;
		}
		g_free(got);
		g_free(again);
	}
	return NULL;
}

static void
threads_agree(void **state)
{
	RELEASE expected = terms_of(thread_text);
	GThread *threads[4];

	(void)state;
	for (int i = 0; i < 4; i++)
		threads[i] = g_thread_new("terms", repeat_terms, NULL);
	for (int i = 0; i < 4; i++) {
		RELEASE got = g_thread_join(threads[i]);

		assert_string_equal(got, expected);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nfc_is_stored),	     cmocka_unit_test(names_meet),
		cmocka_unit_test(employers_meet),	     cmocka_unit_test(folds_are_idempotent),
		cmocka_unit_test(ids_are_exact),	     cmocka_unit_test(ruined_ids_are_seen),
		cmocka_unit_test(lists_are_split),	     cmocka_unit_test(terms_of_english),
		cmocka_unit_test(long_words_are_no_terms),   cmocka_unit_test(terms_of_chinese),
		cmocka_unit_test(the_two_ways_agree_on_ascii), cmocka_unit_test(any_bytes_are_survived),
		cmocka_unit_test(threads_agree),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
