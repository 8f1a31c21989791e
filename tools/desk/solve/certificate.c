/* certificate.c - prices and weights as canonical JSON: members by name, no blanks, integers only. */
#include "solve/certificate.h"

#include <string.h>

/* ,"name": in front of every member but the first of its object. */
static void
member(GString *out, const char *name)
{
	if (out->len > 0 && out->str[out->len - 1] != '{')
		g_string_append_c(out, ',');
	g_string_append_printf(out, "\"%s\":", name);
}

static void
put_number(GString *out, const char *name, gint64 number)
{
	member(out, name);
	g_string_append_printf(out, "%" G_GINT64_FORMAT, number);
}

static void
put_projects(GString *out, const char *name, const VeilBatch *batch, const gint64 *numbers)
{
	member(out, name);
	g_string_append_c(out, '{');
	for (guint32 p = 0; numbers != NULL && p < batch->n_projects; p++)
		if (numbers[p] != 0)
			put_number(out, batch->projects[p].code, numbers[p]);
	g_string_append_c(out, '}');
}

static void
put_reviewers(GString *out, const char *name, const VeilBatch *batch, const gint64 *numbers)
{
	member(out, name);
	g_string_append_c(out, '{');
	for (guint32 r = 0; numbers != NULL && r < batch->n_reviewers; r++)
		if (numbers[r] != 0)
			put_number(out, batch->reviewers[r].code, numbers[r]);
	g_string_append_c(out, '}');
}

/* Names of a policy's groups come in the order of their bytes. Some may hold what JSON escapes. */
static void
put_shares(GString *out, const char *name, const VeilBatchInstance *instance, const gint64 *numbers)
{
	if (instance->instance.n_shares == 0 || numbers == NULL)
		return;
	member(out, name);
	g_string_append_c(out, '{');
	for (guint32 s = 0; s < instance->instance.n_shares; s++) {
		const char *share = g_ptr_array_index(instance->share_names, s);
		g_autoptr(GString) escaped = g_string_new(NULL);

		for (const char *c = share; *c != '\0'; c++)
			g_string_append_printf(escaped, *c == '"' || *c == '\\' ? "\\%c" : "%c", *c);
		if (numbers[s] != 0)
			put_number(out, escaped->str, numbers[s]);
	}
	g_string_append_c(out, '}');
}

char *
veil_certificate_of_match(const VeilBatch *batch, const VeilBatchInstance *instance, const VeilMatch *match, gboolean fair)
{
	GString *out = g_string_new("{");

	if (match->even) {
		member(out, "load_cap");
		g_string_append_c(out, '{');
		put_number(out, "bound", match->load_cap_bound);
		put_reviewers(out, "prices", batch, match->cap_price);
		put_shares(out, "share_prices", instance, match->cap_share_price);
		put_number(out, "value", match->load_cap);
		put_projects(out, "weights", batch, match->cap_weight);
		g_string_append_c(out, '}');
	}
	if (fair) {
		member(out, "minimum");
		g_string_append_c(out, '{');
		put_number(out, "bound", match->minimum_bound);
		put_reviewers(out, "prices", batch, match->min_price);
		put_shares(out, "share_prices", instance, match->min_share_price);
		put_number(out, "value", match->minimum);
		put_projects(out, "weights", batch, match->min_weight);
		g_string_append_c(out, '}');
	}
	put_shares(out, "share_prices", instance, match->share_price);
	if (fair)
		put_projects(out, "weights", batch, match->weight);
	g_string_append_c(out, '}');
	return g_string_free(out, FALSE);
}
