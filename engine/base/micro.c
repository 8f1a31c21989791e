/* micro.c - decimal numbers to millionths and back, exactly.
 *
 * strtod would round twice (to binary, then to 1e-6) and could give two answers for one text; digits are therefore moved as
 * integers: mantissa digits and a power of ten, rounded half away from zero at the sixth place.
 */
#include <string.h>

#include <veil/base.h>

enum { LIMIT_DIGITS = 13 }; /* 10^6 in millionths has 13 digits */

typedef struct {
	char buffer[LIMIT_DIGITS + 1]; /* no digit behind these can change the result: half away from zero looks at one digit */
	int n;	     /* digits kept, leading zeros dropped */
	int point;   /* the value is 0.digits x 10^point */
	gboolean negative;
} Decimal;

static gboolean
read_exponent(const char *p, const char *end, int *out)
{
	gboolean negative = FALSE;
	int value = 0;

	if (p < end && (*p == '+' || *p == '-'))
		negative = *p++ == '-';
	if (p == end)
		return FALSE;
	for (; p < end; p++) {
		if (!g_ascii_isdigit(*p))
			return FALSE;
		if (value < 100000000) /* cut off far beyond the digits that a cell can hold */
			value = value * 10 + (*p - '0');
	}
	*out = negative ? -value : value;
	return TRUE;
}

static gboolean
read_decimal(const char *p, const char *end, Decimal *d)
{
	gboolean dot = FALSE, any = FALSE;
	int exponent = 0;

	d->n = d->point = 0;
	d->negative = FALSE;
	if (p < end && (*p == '+' || *p == '-'))
		d->negative = *p++ == '-';
	for (; p < end && *p != 'e' && *p != 'E'; p++) {
		if (*p == '.' && !dot) {
			dot = TRUE;
			continue;
		}
		if (!g_ascii_isdigit(*p))
			return FALSE;
		any = TRUE;
		if (d->n == 0 && *p == '0') {
			d->point -= dot;
			continue;
		}
		if (d->n < (int)sizeof d->buffer)
			d->buffer[d->n++] = *p;
		d->point += !dot;
	}
	if (!any)
		return FALSE;
	if (p < end && !read_exponent(p + 1, end, &exponent))
		return FALSE;
	d->point += exponent;
	return TRUE;
}

gboolean
veil_micro_parse(const char *text, gsize len, gint64 *out_micro)
{
	const char *end = text + len;
	Decimal d;
	gint64 value = 0;
	int whole;

	while (text < end && (*text == ' ' || *text == '\t'))
		text++;
	while (end > text && (end[-1] == ' ' || end[-1] == '\t'))
		end--;
	if (!read_decimal(text, end, &d))
		return FALSE;
	whole = d.point + 6; /* so many digits stand before the sixth decimal place ends */
	if (d.n == 0 || whole < 0) {
		*out_micro = 0;
		return TRUE;
	}
	if (whole > LIMIT_DIGITS)
		return FALSE;
	for (int i = 0; i < whole; i++)
		value = value * 10 + (i < d.n ? d.buffer[i] - '0' : 0);
	if (whole < d.n && d.buffer[whole] >= '5')
		value++;
	if (value > G_GINT64_CONSTANT(1000000000000))
		return FALSE;
	*out_micro = d.negative ? -value : value;
	return TRUE;
}

void
veil_micro_format(gint64 micro, char *out)
{
	guint64 magnitude = micro < 0 ? 0 - (guint64)micro : (guint64)micro;

	g_snprintf(out, 32, "%s%" G_GUINT64_FORMAT ".%06" G_GUINT64_FORMAT, micro < 0 ? "-" : "",
		   magnitude / 1000000, magnitude % 1000000);
}
