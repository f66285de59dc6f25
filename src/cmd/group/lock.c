/* What was decided before the labels were looked at. */
#include "base/memory.h"
#include "base/sha256.h"
#include "cli/message.h"
#include "cli/output.h"
#include "cmd/group/job.h"
#include "io/json.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

static json_t *text_or_null(const char *s)
{
    return s ? json_string(s) : json_null();
}

static json_t *list_of(const struct nvc_list *l)
{
    json_t *a = json_array();
    for (size_t i = 0; a && i < l->n; i++)
        if (json_array_append_new(a, json_string(l->items[i]))) {
            json_decref(a);
            a = NULL;
        }
    return a;
}

/* Everything that decides a number; where it is written to does not.  NULL when one cannot be held. */
static json_t *declaration(const struct work *w)
{
    const struct options *o = w->o;
    json_t *j = json_object();
    const struct {
        const char *name;
        json_t *value;
    } members[] = {
        { "group", json_string(o->group) },
        { "case", json_string(w->groups.labels[1]) },
        { "control", json_string(w->groups.labels[0]) },
        { "primary", text_or_null(o->primary) },
        { "family", list_of(&o->family) },
        { "covariates", text_or_null(w->covariate_text) },
        { "exclude", list_of(&o->exclude) },
        { "min_coverage", json_real(o->min_coverage) },
        { "runs", json_integer(o->runs) },
        { "within", text_or_null(o->within) },
        { "combat", text_or_null(o->combat) },
        { "combat_prior", json_integer(o->combat_prior) },
        { "combat_mean_only", json_boolean(o->combat_mean_only) },
        { "combat_reference", text_or_null(o->combat_reference) },
        { "block", text_or_null(o->block) },
        { "permutations", json_integer(o->permutations) },
        { "seed", json_integer(o->seed) },
        { "pooled", json_boolean(o->pooled) },
        { "auc_ci", json_integer(o->auc_ci) },
        { "lower", list_of(&o->lower) },
        { "equivalence_g", json_real(o->equivalence_g) },
        { "equivalence_bounds", list_of(&o->equivalence_bounds) },
        { "site", text_or_null(o->site) },
        { "formula", text_or_null(o->formula) },
        { "level_contrasts", list_of(&o->level_contrasts) },
        { "region", text_or_null(o->specificity ? o->region : NULL) },
        { "control_regions", list_of(&o->control_regions) },
        { "null_regions", text_or_null(o->null_regions) },
        { "factors", list_of(&o->factors) },
        { "scores", text_or_null(o->scores) },
        { "dose", text_or_null(o->dose) },
        { "curve", list_of(&o->curve) },
        { "halves", json_boolean(o->halves.n > 0) }, /* that there are such tables: their names depend on the place */
        { "qc", json_boolean(o->qc.n > 0) },
    };
    bool whole = true;
    for (size_t i = 0; i < sizeof members / sizeof *members; i++)
        whole = !json_object_set_new(j, members[i].name, members[i].value) && whole;
    if (whole)
        return j;
    json_decref(j);
    return NULL;
}

static int digest(const json_t *analysis, char sha256[static NVC_SHA256_TEXT], struct nvc_error *err)
{
    struct nvc_text text = { 0 };
    int status = nvc_json_write(&text, analysis, 0, err);
    if (!status)
        nvc_sha256(text.data, text.len, sha256);
    nvc_text_release(&text);
    return status;
}

static int write_lock(struct work *w, json_t *analysis, struct nvc_error *err)
{
    struct nvc_text text = { 0 };
    time_t now = time(NULL);
    struct tm utc;
    (void)strftime(w->locked_at, sizeof w->locked_at, "%Y-%m-%dT%H:%M:%SZ", gmtime_r(&now, &utc));
    json_t *root =
        json_pack("{s:O, s:s, s:s}", "analysis", analysis, "sha256", w->lock_sha256, "declared", w->locked_at);
    int status = root ? nvc_json_write(&text, root, 2, err) : nvc_fail(err, NVC_ESYS, "out of memory");
    status = status ? status : nvc_text_puts(&text, "\n", err);
    status = status ? status : nvc_output(w->o->lock, &text, NULL, err);
    if (!status)
        nvc_note("analysis declared in %s, SHA-256 %.16s...", w->o->lock, w->lock_sha256);
    json_decref(root);
    nvc_text_release(&text);
    return status;
}

static int hold_to(struct work *w, const json_t *analysis, struct nvc_error *err)
{
    json_t *root = NULL, *member;
    const char *key, *path = w->o->lock;
    char found[NVC_SHA256_TEXT];
    int status = nvc_json_read(&root, path, err);
    const json_t *declared = status ? NULL : json_object_get(root, "analysis");
    if (!status && !json_is_object(declared))
        status = nvc_fail(err, NVC_EDATA, "%s: no analysis was declared here", path);
    status = status ? status : digest(declared, found, err);
    if (!status && strcmp(found, nvc_json_get_text(root, "sha256", "")) != 0)
        status =
            nvc_fail(err, NVC_EDATA, "%s: its SHA-256 is not that of the analysis in it: the file was changed", path);
    if (!status)
        json_object_foreach((json_t *)(uintptr_t)analysis, key,
                            member) if (!status && !json_equal(member, json_object_get(declared, key))) status =
            nvc_fail(err, NVC_EDATA,
                     "%s: '%s' is not what was declared; run as declared, or declare anew in another file and say so",
                     path, key);
    if (!status && strcmp(found, w->lock_sha256) != 0)
        status = nvc_fail(err, NVC_EDATA, "%s: something was declared that this version does not know", path);
    if (!status)
        strncpy(w->locked_at, nvc_json_get_text(root, "declared", "n/a"), sizeof w->locked_at - 1);
    json_decref(root);
    return status;
}

int nvc_group_lock(struct work *w, struct nvc_error *err)
{
    struct stat there;
    json_t *analysis = declaration(w);
    int status = analysis ? digest(analysis, w->lock_sha256, err) : nvc_json_fail(err, "the analysis to declare");
    if (!status)
        status = stat(w->o->lock, &there) ? write_lock(w, analysis, err) : hold_to(w, analysis, err);
    json_decref(analysis);
    return status;
}
