/* intake.c - `batch new`. Policy, projects and people are taken together or not at all. */
#include "import/intake.h"

#include <string.h>

#include <veil/policy.h>

#include "import/import-projects.h"
#include "site/log.h"
#include "solve/supported.h"

void
veil_intake_result_clear(VeilIntakeResult *result)
{
	g_clear_pointer(&result->rows, veil_import_result_free);
}

static gboolean
log_batch(Import *import, const char *name, const VeilPolicy *policy, guint n_project_files, const VeilIntakeResult *result, GError **error)
{
	g_autofree char *projects_digest = veil_import_macs(import, 0, n_project_files);
	g_autofree char *people_digest = veil_import_macs(import, n_project_files, G_MAXUINT);
	g_autofree char *projects = g_strdup_printf("%" G_GUINT64_FORMAT, result->projects);
	g_autofree char *people = g_strdup_printf("%" G_GUINT64_FORMAT, result->people);
	char policy_digest[65];
	guint8 hash[32];
	g_autoptr(VeilLog) log = veil_log_open(import->site->dir, import->options->operator_handle, error);

	veil_sha256(policy->canonical, strlen(policy->canonical), hash);
	veil_hex_encode(hash, sizeof hash, policy_digest);
	return log != NULL && veil_log_append(log, "registrar", "batch.new", error, "batch", name, "policy-sha256", policy_digest,
					      "projects-mac", projects_digest, "people-mac", *people_digest ? people_digest : NULL,
					      "projects", projects, "people", people, NULL);
}

static gboolean
read_lists(Import *import, const char *projects, const char *people, GError **error)
{
	const char *const project_files[] = {projects, NULL};
	const char *const people_files[] = {people, NULL};

	return veil_import_read(import, VEIL_KIND_PROJECTS, &veil_import_projects, project_files, error) &&
	       (people == NULL || veil_import_read(import, VEIL_KIND_PEOPLE, &veil_import_people, people_files, error)) &&
	       veil_import_settle(import, error);
}

static gboolean
take(Import *import, const char *name, const VeilPolicy *policy, const char *projects, const char *people, VeilIntakeResult *result,
     GError **error)
{
	/* The name is taken first: lists that are read for nothing are nobody's wish. */
	if (!import->options->dry_run && !veil_registry_batch_add(import->registry, name, policy->canonical, error))
		return FALSE;
	veil_import_intake_init(import, name);
	if (!read_lists(import, projects, people, error))
		return FALSE;
	if (!veil_import_intake_check_teams(import, policy, error))
		return FALSE;
	veil_import_intake_counts(import, &result->projects, &result->people);
	if (result->projects == 0) {
		g_set_error_literal(error, VEIL_ERROR, VEIL_ERROR_INPUT, "no project is left: nothing was taken");
		return FALSE;
	}
	/* Nobody behind any project is a batch without conflicts of interest: nobody's wish who named a list of people. */
	if (people != NULL && result->people == 0) {
		g_set_error_literal(error, VEIL_ERROR, VEIL_ERROR_INPUT,
				    "no row of the list of people could be taken: nothing was made; mend the rows that were rejected, or leave --people out if nobody stands behind the projects");
		return FALSE;
	}
	if (import->options->dry_run)
		return TRUE;
	return veil_import_write_first(import, error) && veil_import_projects.write(import, error) &&
	       veil_import_people.write(import, error) && veil_import_write_last(import, error) &&
	       log_batch(import, name, policy, 1, result, error) && veil_registry_commit(import->registry, error);
}

gboolean
veil_intake_run(const VeilSite *site, const char *name, const char *policy_path, const char *projects, const char *people,
		const VeilImportOptions *options, VeilIntakeResult *out_result, GError **error)
{
	g_autoptr(VeilPolicy) policy = NULL;
	g_autoptr(Import) import = NULL;
	gint64 start = g_get_monotonic_time();
	gboolean ok;

	if (!veil_site_check_name(name, "batch", error) || (policy = veil_policy_load(policy_path, error)) == NULL ||
	    !veil_policy_check_supported(policy, error) || (import = veil_import_new(site, options, error)) == NULL)
		return FALSE;
	ok = take(import, name, policy, projects, people, out_result, error);
	veil_import_intake_clear(import);
	import->result->seconds = (double)(g_get_monotonic_time() - start) / 1e6;
	out_result->rows = g_steal_pointer(&import->result);
	return ok;
}
