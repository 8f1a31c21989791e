/* Minutes: what stands in them is text, whatever it looks like; small counts tell nothing; the same input gives the same bytes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include <veil/report.h>

#define ATTACK "</style></title><script>alert(1)</script>\"' onload='x' &amp; <img src=x> \\22 url(http://x)"

/* --- a reader of the document ------------------------------------------------------------------------------------- */

typedef struct {
	GString *text;	 /* of the body's and the title's elements, not of style */
	GHashTable *elements;
	GArray *widths;	 /* of rectangles, tenths of a point */
	int view_width, label_end;
	gboolean in_style;
	GString *style;
} Reading;

static int
tenths(const char *number)
{
	int whole = 0, part = 0;

	if (sscanf(number, "%d.%1d", &whole, &part) < 1)
		fail_msg("no number: %s", number);
	return whole * 10 + part;
}

static void
on_start(GMarkupParseContext *context, const char *element, const char **names, const char **values, gpointer data, GError **error)
{
	static const char *const allowed[] = {"html",  "head",	"meta", "title", "style", "body", "header", "h1",   "p",	 "div",	    "b",    "span",
					      "h2",    "small", "table", "thead", "tbody", "tr",	 "th",	   "td",   "dl",	 "dt",	    "dd",   "figure",
					      "figcaption", "svg", "g",	 "text",  "rect",  "line", "section", "i", "pre", "colgroup", "col", NULL};
	static const char *const attributes[] = {"lang",  "charset", "http-equiv", "content", "name", "class", "aria-hidden", "scope", "colspan", "rowspan",
						 "role",  "aria-labelledby", "viewBox", "width",   "height", "id", "x", "y", "x1", "x2", "y1", "y2",
						 "text-anchor", NULL};
	Reading *reading = data;

	(void)context;
	(void)error;
	if (!g_strv_contains(allowed, element))
		fail_msg("element %s", element);
	g_hash_table_add(reading->elements, g_strdup(element));
	for (int i = 0; names[i] != NULL; i++) {
		if (!g_strv_contains(attributes, names[i]))
			fail_msg("attribute %s", names[i]);
		assert_null(strstr(values[i], "://"));
		if (strcmp(element, "rect") == 0 && strcmp(names[i], "width") == 0) {
			int width = tenths(values[i]);

			g_array_append_val(reading->widths, width);
		}
	}
	reading->in_style = strcmp(element, "style") == 0;
}

static void
on_end(GMarkupParseContext *context, const char *element, gpointer data, GError **error)
{
	(void)context;
	(void)element;
	(void)error;
	((Reading *)data)->in_style = FALSE;
}

static void
on_text(GMarkupParseContext *context, const char *text, gsize n, gpointer data, GError **error)
{
	Reading *reading = data;

	(void)context;
	(void)error;
	g_string_append_len(reading->in_style ? reading->style : reading->text, text, (gssize)n);
}

static void
read_document(const char *html, Reading *reading)
{
	static const GMarkupParser parser = {.start_element = on_start, .end_element = on_end, .text = on_text};
	g_autoptr(GMarkupParseContext) context = NULL;
	g_autoptr(GError) error = NULL;

	*reading = (Reading){.text = g_string_new(NULL), .style = g_string_new(NULL), .widths = g_array_new(FALSE, FALSE, sizeof(int)),
			     .elements = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL)};
	assert_true(g_utf8_validate(html, -1, NULL));
	assert_true(g_str_has_prefix(html, "<!DOCTYPE html>\n"));
	context = g_markup_parse_context_new(&parser, 0, reading, NULL);
	if (!g_markup_parse_context_parse(context, html + strlen("<!DOCTYPE html>\n"), -1, &error) || !g_markup_parse_context_end_parse(context, &error))
		fail_msg("not well-formed: %s", error->message);
}

static void
reading_clear(Reading *reading)
{
	g_string_free(reading->text, TRUE);
	g_string_free(reading->style, TRUE);
	g_array_unref(reading->widths);
	g_hash_table_unref(reading->elements);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Reading, reading_clear)

/* --- a document ---------------------------------------------------------------------------------------------------- */

static const VeilLine facts[] = {{"as of", "2026-03-01"}, {"seed", "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"}};
static const VeilLine rules[] = {{"C13", "forbid*, 36 months, 沪科规〔2025〕5号"}};
static const VeilMinutesPlace places[] = {
	{"PAAA", "R001", 900000, "panel"},   {"PAAA", "R002", 800000, "panel"}, {"PAAA", "R009", 700000, "reserve"},
	{"PBBB", "R001", 900000, "panel"},   {"PBBB", "R003", -5, "panel"},
};

static VeilMinutes
sample(void)
{
	static const VeilCount exclusions[] = {{"C01", 12}, {"C04", 65512}}, loads[] = {{"0", 900}, {"1", 30}, {"2", 7}}, fit[] = {{"0.9", 8}};

	return (VeilMinutes){.batch = "2026-a", .state = "drawn", .facts = facts, .n_facts = 2, .rules = rules, .n_rules = 1,
			     .exclusions = exclusions, .n_exclusions = 2, .loads = loads, .n_loads = 3, .fit = fit, .n_fit = 1,
			     .places = places, .n_places = G_N_ELEMENTS(places), .n_projects = 2, .n_reviewers = 937, .policy_text = "[batch]\ndemand=2\n"};
}

static guint
times(const char *haystack, const char *needle)
{
	guint n = 0;

	for (const char *p = strstr(haystack, needle); p != NULL; p = strstr(p + 1, needle))
		n++;
	return n;
}

/* --- tests ---------------------------------------------------------------------------------------------------------- */

static void
test_minutes__say_what_was_drawn(void **state)
{
	VeilMinutes minutes = sample();
	g_autofree char *html = veil_minutes_html(&minutes);
	g_auto(Reading) reading = {0};

	(void)state;
	read_document(html, &reading);
	assert_non_null(strstr(reading.text->str, "专家抽取记录表"));
	assert_non_null(strstr(reading.text->str, "65,512"));
	assert_non_null(strstr(reading.text->str, "demand=2\n"));
	assert_int_equal(times(reading.text->str, "PAAA"), 1); /* one row a project */
	assert_int_equal(times(reading.text->str, "R001"), 2);
	assert_int_equal(times(reading.text->str, "R002"), 1);
	assert_int_equal(times(reading.text->str, "R003"), 1);
	assert_non_null(strstr(reading.text->str, "备选 reserve: R009"));
	assert_non_null(strstr(reading.text->str, "抽取地点"));
	assert_non_null(strstr(reading.text->str, "监督人"));
	assert_null(strstr(reading.text->str, "REHEARSAL"));
	assert_null(strstr(reading.style->str, "REHEARSAL"));
	assert_non_null(strstr(reading.style->str, "counter(page)"));
	assert_false(g_hash_table_contains(reading.elements, "script"));
	assert_null(strstr(html, "://"));
	assert_null(strstr(html, "url("));
	assert_null(strstr(html, "@import"));
}

static void
test_minutes__a_rehearsal_says_so_on_every_page(void **state)
{
	VeilMinutes minutes = sample();
	g_autofree char *html = NULL;
	g_auto(Reading) reading = {0};

	(void)state;
	minutes.rehearsal = TRUE;
	html = veil_minutes_html(&minutes);
	read_document(html, &reading);
	assert_non_null(strstr(reading.text->str, "Rehearsal"));
	assert_non_null(strstr(reading.style->str, "@top-center{content:\"演练"));
	assert_non_null(strstr(html, "class=\"mark\""));
}

static void
test_minutes__markup_in_any_field_stays_text(void **state)
{
	static const VeilLine lines[] = {{ATTACK, ATTACK}};
	static const VeilCount counts[] = {{ATTACK, 100}};
	static const VeilMinutesPlace attacked[] = {{ATTACK, ATTACK, 0, ATTACK}};
	VeilMinutes minutes = {.batch = ATTACK, .rehearsal = TRUE, .state = ATTACK, .facts = lines, .n_facts = 1, .rules = lines, .n_rules = 1,
			       .exclusions = counts, .n_exclusions = 1, .loads = counts, .n_loads = 1, .fit = counts, .n_fit = 1, .mix = counts,
			       .n_mix = 1, .places = attacked, .n_places = 1, .policy_text = ATTACK};
	g_autofree char *html = veil_minutes_html(&minutes);
	g_auto(Reading) reading = {0};

	(void)state;
	read_document(html, &reading); /* fails on any element or attribute that is not ours */
	assert_int_equal(times(html, "<style>"), 1);
	assert_int_equal(times(html, "</style>"), 1);
	assert_null(strstr(reading.style->str, "alert(")); /* words remain, every mark between them is an escape */
	assert_null(strstr(reading.style->str, "url("));
	assert_true(times(reading.text->str, ATTACK) >= 10);
}

static void
test_minutes__css_string_cannot_be_left(void **state)
{
	VeilMinutes minutes = sample();
	g_autofree char *html = NULL, *plain_html = NULL;
	g_auto(Reading) reading = {0}, plain = {0};

	(void)state;
	plain_html = veil_minutes_html(&minutes);
	minutes.batch = "a\";}}*{display:none}/*\\";
	html = veil_minutes_html(&minutes);
	read_document(html, &reading);
	read_document(plain_html, &plain);
	assert_null(strstr(reading.style->str, "*{"));
	assert_int_equal(times(reading.style->str, "\""), times(plain.style->str, "\""));
	assert_int_equal(times(reading.style->str, "}"), times(plain.style->str, "}"));
}

static void
test_minutes__broken_text_cannot_break_the_page(void **state)
{
	static const VeilLine lines[] = {{"bytes", "a\xff\xfe\x80z"}, {"control", "a\x01\x1b[31m\x7f"}, {"bidi", "PAAA\xe2\x80\xae" "001R\xe2\x81\xa6"},
					 {"mark", "\xef\xbb\xbf\xef\xbf\xbe"}, {NULL, NULL}, {"", ""}};
	VeilMinutes minutes = sample();
	g_autofree char *html = NULL;
	g_auto(Reading) reading = {0};

	(void)state;
	minutes.facts = lines;
	minutes.n_facts = G_N_ELEMENTS(lines);
	html = veil_minutes_html(&minutes);
	read_document(html, &reading);
	assert_null(strchr(html, 0x1b));
	assert_null(strchr(html, 0x01));
	assert_null(strstr(html, "\xe2\x80\xae"));
	assert_null(strstr(html, "\xef\xbb\xbf"));
	assert_non_null(strstr(reading.text->str, "PAAA\xef\xbf\xbd" "001R"));
}

static void
test_minutes__counts_under_five_are_all_alike(void **state)
{
	g_autofree char *first = NULL;

	(void)state;
	for (guint64 few = 0; few < 5; few++) {
		VeilCount counts[] = {{"C01", few}, {"C04", 20}}, loads[] = {{"0", few}, {"1", few}, {"2", 6}};
		VeilMinutes minutes = sample();
		g_autofree char *html = NULL;
		g_auto(Reading) reading = {0};

		minutes.exclusions = minutes.fit = minutes.mix = counts;
		minutes.n_exclusions = minutes.n_fit = minutes.n_mix = 2;
		minutes.loads = loads;
		html = veil_minutes_html(&minutes);
		read_document(html, &reading);
		assert_non_null(strstr(reading.text->str, "<5"));
		if (first == NULL)
			first = g_steal_pointer(&html);
		else
			assert_string_equal(first, html);
	}
}

static void
test_minutes__five_is_shown(void **state)
{
	static const VeilCount counts[] = {{"C01", 5}};
	VeilMinutes minutes = sample();
	g_autofree char *html = NULL;
	g_auto(Reading) reading = {0};

	(void)state;
	minutes.exclusions = counts;
	minutes.n_exclusions = 1;
	html = veil_minutes_html(&minutes);
	read_document(html, &reading);
	assert_non_null(strstr(html, "<small>C01</small></dt><dd>5</dd>"));
	assert_null(strstr(reading.text->str, "<5"));
}

static void
test_minutes__bars_stay_on_the_paper(void **state)
{
	static const VeilCount counts[] = {{"huge", G_MAXUINT64}, {"half", G_MAXUINT64 / 2}, {"none", 0}, {"一个很长很长很长很长很长很长很长很长的名称", 9}};
	VeilMinutes minutes = sample();
	g_autofree char *html = NULL;
	g_auto(Reading) reading = {0};

	(void)state;
	minutes.loads = minutes.fit = minutes.mix = counts;
	minutes.n_loads = minutes.n_fit = minutes.n_mix = G_N_ELEMENTS(counts);
	html = veil_minutes_html(&minutes);
	read_document(html, &reading);
	assert_int_equal(reading.widths->len, 12);
	for (guint i = 0; i < reading.widths->len; i++) {
		int width = g_array_index(reading.widths, int, i);

		assert_in_range(width, 60, 3360);
		if (i % 4 == 1) /* half of the one before, rounding aside */
			assert_in_range(g_array_index(reading.widths, int, i - 1) - 2 * width, 0, 2);
	}
	assert_non_null(strstr(reading.text->str, "18,446,744,073,709,551,615"));
	assert_non_null(strstr(reading.text->str, "…"));
}

static void
test_minutes__same_input_same_bytes(void **state)
{
	VeilMinutes minutes = sample();
	g_autofree char *one = veil_minutes_html(&minutes), *two = veil_minutes_html(&minutes);

	(void)state;
	assert_string_equal(one, two);
}

static void
test_minutes__of_nothing_are_still_a_page(void **state)
{
	VeilMinutes minutes = {.batch = "x", .state = "frozen, not drawn"};
	g_autofree char *html = veil_minutes_html(&minutes);
	g_auto(Reading) reading = {0};

	(void)state;
	read_document(html, &reading);
	assert_non_null(strstr(reading.text->str, "frozen, not drawn"));
	assert_false(g_hash_table_contains(reading.elements, "svg"));
	assert_false(g_hash_table_contains(reading.elements, "pre"));
	assert_non_null(strstr(reading.text->str, "签字"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_minutes__say_what_was_drawn),
		cmocka_unit_test(test_minutes__a_rehearsal_says_so_on_every_page),
		cmocka_unit_test(test_minutes__markup_in_any_field_stays_text),
		cmocka_unit_test(test_minutes__css_string_cannot_be_left),
		cmocka_unit_test(test_minutes__broken_text_cannot_break_the_page),
		cmocka_unit_test(test_minutes__counts_under_five_are_all_alike),
		cmocka_unit_test(test_minutes__five_is_shown),
		cmocka_unit_test(test_minutes__bars_stay_on_the_paper),
		cmocka_unit_test(test_minutes__same_input_same_bytes),
		cmocka_unit_test(test_minutes__of_nothing_are_still_a_page),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
