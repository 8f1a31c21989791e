/* html.h - inside the room: text that cannot become markup, and charts. */
#pragma once

#include <veil/report.h>

/* Text for elements and quoted attributes: markup, control and direction-changing characters neutralised. NULL is empty. */
void veil_html_text(GString *out, const char *text);
/* The same for a quoted CSS string inside <style>. */
void veil_html_css_string(GString *out, const char *text);
/* "12,345" */
void veil_html_number(GString *out, guint64 number);
/* A count of the minutes: "<5" (escaped) under five. */
void veil_html_count(GString *out, guint64 count);

typedef struct {
	const char *id; /* for aria-labelledby, an ASCII word */
	const char *title, *english;
	const VeilCount *counts;
	guint n;
	int width, label_width; /* in points */
} VeilChart;

/* Horizontal bars as inline SVG, readable without colour. Under five: an open, hatched stub of one length, so that no height tells
 * what the number hides. Nothing when n is 0. */
void veil_svg_bars(GString *out, const VeilChart *chart);
