/* bars.c - a chart that a photocopier cannot spoil: dark horizontal bars, the number written behind each.
 *
 * Integers only: lengths are in tenths of a point, so the same counts give the same bytes everywhere.
 */
#include "html.h"

#define ROW 15
#define BAR 10
#define NUMBER_WIDTH 44
#define STUB 60 /* tenths of a point */

/* Cuts at what fits; the full label stands in the bar's title. About 8.5 points a wide character, 5 a narrow one. */
static char *
fitting(const char *label, int width)
{
	g_autofree char *valid = g_utf8_make_valid(label ? label : "", -1);
	int used = 0;
	const char *p = valid;

	for (; *p != '\0'; p = g_utf8_next_char(p)) {
		used += g_unichar_iswide(g_utf8_get_char(p)) ? 85 : 50;
		if (used > width * 10 - 60)
			break;
	}
	return *p == '\0' ? g_strdup(valid) : g_strdup_printf("%.*s…", (int)(p - valid), valid);
}

static void
append_bar(GString *out, const VeilChart *chart, guint i, guint64 largest)
{
	const VeilCount *count = &chart->counts[i];
	int room = (chart->width - chart->label_width - NUMBER_WIDTH) * 10, y = (int)i * ROW;
	guint64 divisor = largest > G_MAXUINT32 ? largest / G_MAXUINT16 : 1; /* no overflow, however absurd the count */
	gboolean hidden = count->count < 5;
	int length = hidden ? STUB : MAX(STUB, (int)(count->count / divisor * (guint64)room / (largest / divisor)));
	g_autofree char *label = fitting(count->label, chart->label_width);

	g_string_append(out, "<g><title>");
	veil_html_text(out, count->label);
	g_string_append(out, ": ");
	veil_html_count(out, count->count);
	g_string_append_printf(out, "</title><text x=\"%d\" y=\"%d\" text-anchor=\"end\">", chart->label_width - 5, y + 11);
	veil_html_text(out, label);
	g_string_append_printf(out, "</text><rect x=\"%d\" y=\"%d\" width=\"%d.%d\" height=\"%d\" class=\"%s\"/>", chart->label_width, y + 2, length / 10,
			       length % 10, BAR, hidden ? "few" : "bar");
	g_string_append_printf(out, "<text x=\"%d.%d\" y=\"%d\">", chart->label_width + length / 10 + 4, length % 10, y + 11);
	veil_html_count(out, count->count);
	g_string_append(out, "</text></g>\n");
}

void
veil_svg_bars(GString *out, const VeilChart *chart)
{
	guint64 largest = 5;

	if (chart->n == 0)
		return;
	for (guint i = 0; i < chart->n; i++)
		largest = MAX(largest, chart->counts[i].count);
	g_string_append_printf(out, "<svg role=\"img\" aria-labelledby=\"%s-t\" viewBox=\"0 0 %d %u\" width=\"%dpt\" height=\"%upt\">\n", chart->id,
			       chart->width, chart->n * ROW + 2, chart->width, chart->n * ROW + 2);
	g_string_append_printf(out, "<title id=\"%s-t\">", chart->id);
	veil_html_text(out, chart->title);
	g_string_append(out, " / ");
	veil_html_text(out, chart->english);
	g_string_append(out, "</title>\n");
	g_string_append_printf(out, "<line x1=\"%d\" y1=\"0\" x2=\"%d\" y2=\"%u\" class=\"axis\"/>\n", chart->label_width, chart->label_width,
			       chart->n * ROW + 2);
	for (guint i = 0; i < chart->n; i++)
		append_bar(out, chart, i, largest);
	g_string_append(out, "</svg>\n");
}
