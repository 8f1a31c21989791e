/* batch-command.c - from a context to what tools/desk asks for; the clock enters here. */
#include "batch-command.h"

VeilSite *
veil_context_open_site(const VeilContext *context, GError **error)
{
	const char *dir = veil_context_site(context, error);

	return dir ? veil_site_open(dir, error) : NULL;
}

VeilStep
veil_context_step(const VeilContext *context, const VeilSite *site)
{
	return (VeilStep){
		.site = site,
		.operator_handle = context->operator_handle,
		.now_unix_s = g_get_real_time() / G_USEC_PER_SEC,
		.quiet = context->quiet,
	};
}

VeilPrint
veil_context_print(const VeilContext *context)
{
	if (context->json)
		return VEIL_PRINT_JSON;
	if (context->for_spreadsheet)
		return VEIL_PRINT_SPREADSHEET;
	return context->csv ? VEIL_PRINT_CSV : VEIL_PRINT_TEXT;
}
