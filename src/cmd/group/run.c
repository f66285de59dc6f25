#include "base/memory.h"
#include "cli/cmd.h"
#include "cli/message.h"
#include "cmd/group/job.h"
#include "math/lsq.h"
#include "math/random.h"
#include "model/group/cohort_combat.h"
#include "model/group/group_reliability.h"
#include "model/group/within.h"

#include <math.h>
#include <omp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void work_release(struct work *w)
{
    nvc_forks_release(&w->forks);
    nvc_model_release(&w->model);
    nvc_scores_release(&w->scores);
    nvc_normative_release(&w->normative);
    nvc_one_sample_release(&w->one_sample);
    nvc_specificity_release(&w->specificity);
    nvc_sensitivity_release(&w->sensitivity);
    nvc_flow_release(&w->flow);
    nvc_demographics_release(&w->demographics);
    nvc_group_table_release(&w->table);
    nvc_cohort_release(&w->cohort);
    nvc_cohort_release(&w->all);
    nvc_contrast_groups_release(&w->groups);
    nvc_coupling_release(&w->rows);
    nvc_coupling_release(&w->halves);
    nvc_participants_release(&w->who);
    nvc_formula_release(&w->formula);
    free(w->raw);
    free(w->rules);
    free(w->bounds);
    free(w->covariates);
    free(w->covariate_text);
    free(w->marks.items);
}

/* ---- the cohort ----------------------------------------------------------------------------------- */

/* Labels change hands among the members of both groups: for looking at everything but the result.  Every table and figure says so. */
static int blind(struct work *w, struct nvc_error *err)
{
    struct nvc_variable *g = &w->groups.group;
    struct nvc_rng r;
    nvc_rng_init(&r, (uint64_t)w->o->seed, UINT64_MAX);
    for (size_t i = w->who.n; i-- > 1;) {
        size_t j = (size_t)nvc_rng_below(&r, i + 1);
        if (!isnan(g->value[i]) && !isnan(g->value[j])) {
            double was = g->value[i];
            g->value[i] = g->value[j];
            g->value[j] = was;
        }
    }
    for (size_t k = 0; k < 2; k++) {
        char name[256];
        (void)snprintf(name, sizeof name, "shuffled %.200s", g->levels[k]);
        if (!(w->groups.labels[k] = g->levels[k] = nvc_pool_add(&w->rows.text, name, err)))
            return NVC_ESYS;
    }
    nvc_warn("--blind: group labels were shuffled; no number of this run is a result");
    return 0;
}

static void say_confounding(struct work *w, const struct nvc_variable *site, const struct nvc_confounding *c)
{
    w->cramers_v = c->cramers_v, w->site_vif = c->vif;
    if (c->vif > 2)
        nvc_warn("group and %s are confounded: Cramer's V %.2f, VIF %.1f; what is put down to %s may be group",
                 site->name, c->cramers_v, c->vif, site->name);
    else
        nvc_note("group and %s: Cramer's V %.2f, VIF %.2f", site->name, c->cramers_v, c->vif);
}

static int harmonise(struct work *w, struct nvc_error *err)
{
    struct nvc_combat_options *c = &w->combat_options;
    *c = (struct nvc_combat_options){ .prior = w->o->combat_prior == NVC_COMBAT_HOW_PARAMETRIC ? NVC_COMBAT_PARAMETRIC
                                                                                               : NVC_COMBAT_NONPARAMETRIC,
                                      .mean_only = w->o->combat_mean_only,
                                      .reference = SIZE_MAX };
    struct nvc_confounding confounding = { NAN, NAN };
    for (size_t l = 0; w->o->combat_reference && l < w->combat->n_levels; l++)
        if (!strcmp(w->combat->levels[l], w->o->combat_reference))
            c->reference = l;
    if (w->o->combat_reference && c->reference == SIZE_MAX)
        return nvc_fail(err, NVC_EDATA, "--combat-reference: column '%s' has no label '%s'", w->combat->name,
                        w->o->combat_reference);
    if (!(w->raw = nvc_array(w->cohort.n * w->cohort.n_keys, sizeof *w->raw, err)))
        return NVC_ESYS;
    memcpy(w->raw, w->cohort.value, w->cohort.n * w->cohort.n_keys * sizeof *w->raw);
    int status =
        nvc_cohort_combat(&w->cohort, &w->groups, w->combat, w->covariates, w->n_covariates, c, &confounding, err);
    if (!status)
        say_confounding(w, w->combat, &confounding);
    return status;
}

static int make_cohort(struct work *w, struct nvc_error *err)
{
    const struct options *o = w->o;
    struct nvc_cohort_options c = { (enum nvc_runs)o->runs, o->min_coverage, w->rules, o->exclude.n };
    int status = nvc_cohort_init(&w->cohort, &w->who, &w->rows, &c, err);
    if (!status && o->flow)
        status = nvc_flow_compute(&w->flow, &w->cohort, &w->rows, &w->groups, &c, err);
    if (!status && o->within)
        status = nvc_cohort_within(&w->cohort, o->within, err);
    if (!status && o->sensitivity && o->exclude.n) {
        c.n_rules = 0;
        status = nvc_cohort_init(&w->all, &w->who, &w->rows, &c, err);
        if (!status && o->within)
            status = nvc_cohort_within(&w->all, o->within, err);
    }
    if (!status && w->site && !w->combat) {
        struct nvc_confounding confounding;
        status = nvc_confounding_measure(&confounding, &w->groups, w->site, NULL, w->who.n, err);
        if (!status)
            say_confounding(w, w->site, &confounding);
    }
    return !status && o->combat ? harmonise(w, err) : status;
}

static void set_options(struct work *w)
{
    const struct options *o = w->o;
    w->options = (struct nvc_group_options){ .covariates = w->covariates,
                                             .n_covariates = w->n_covariates,
                                             .level = 0.95,
                                             .auc_ci = (enum nvc_auc_ci)o->auc_ci,
                                             .cases_lower = o->lower,
                                             .family = o->family,
                                             .primary = o->primary,
                                             .null_regions = o->null_regions,
                                             .equivalence_g = o->equivalence_g,
                                             .bounds = w->bounds,
                                             .n_bounds = o->equivalence_bounds.n,
                                             .replicates = (size_t)o->permutations,
                                             .enumerate = 100000,
                                             .pooled = o->pooled,
                                             .block = w->block,
                                             .seed = (uint64_t)o->seed,
                                             .threads = o->threads == NVC_NO_INT ? omp_get_max_threads() : o->threads };
    w->repeat = (struct nvc_combat_repeat){ w->raw, w->combat, &w->combat_options };
    w->options.combat = w->combat ? &w->repeat : NULL;
}

/* ---- the analyses --------------------------------------------------------------------------------- */

static int correlate_scores(struct work *w, struct nvc_error *err)
{
    const struct nvc_variable **scores = nvc_array(strlen(w->o->scores), sizeof *scores, err);
    char *names = nvc_strdup(w->o->scores, err), *rest = names;
    size_t n = 0;
    int status = scores && names ? 0 : NVC_ESYS;
    for (char *name = status ? NULL : strtok_r(rest, ", ", &rest); name && !status; name = strtok_r(NULL, ", ", &rest))
        status = nvc_group_variable(w, name, true, "--scores", &scores[n++], err);
    if (!status)
        status = nvc_scores_compute(&w->scores, &w->table, &w->cohort, &w->groups, &w->options, w->covariate_text,
                                    scores, n, err);
    free(names);
    free(scores);
    return status;
}

static int compare_participants(struct work *w, struct nvc_error *err)
{
    const char *id = NULL;
    if (w->o->participant) {
        size_t at = 0;
        if (nvc_participants_find(&w->who, w->o->participant, &at, err))
            return nvc_fail(err, NVC_EDATA, "--participant '%s': %s has no such participant", w->o->participant, w->o->participants);
        id = w->who.ids.items[at];
    }
    return nvc_normative_compute(&w->normative, &w->cohort, &w->groups, w->covariates, w->n_covariates, id, err);
}

enum { REPLICATES = 2000 }; /* of the bootstrap of g without noise */

static int see_reliability(struct work *w, struct nvc_error *err)
{
    const struct options *o = w->o;
    const struct nvc_cohort_options c = { (enum nvc_runs)o->runs, o->min_coverage, w->rules, o->exclude.n };
    const double *value = w->raw ? w->raw : w->cohort.value;
    bool found = !o->halves.n;
    int status = o->runs ? nvc_group_reliability(&w->table, &w->rows, &w->who, &w->groups, &c, REPLICATES, (uint64_t)o->seed, err) : 0;
    if (!status && o->halves.n)
        status = nvc_group_reliability_halves(&w->table, &w->cohort, value, &w->halves, &w->groups, c.runs, REPLICATES, (uint64_t)o->seed, err);
    for (size_t k = 0; k < w->table.n; k++)
        found |= w->table.rows[k].reliability_of == NVC_RELIABILITY_OF_HALVES;
    if (!status && !found)
        nvc_warn("--halves: no row of index, contrast, region, task and session belongs to an index that is compared and has one run");
    return status;
}

static int analyse(struct work *w, struct nvc_error *err)
{
    const struct options *o = w->o;
    struct nvc_group_options means = w->options; /* no sign of a harmonised value can be flipped: see METHODS in the page */
    means.replicates = w->combat ? 0 : means.replicates;
    const struct nvc_sensitivity_options s = { &w->options, w->site, w->dose, w->all.n ? &w->all : NULL };
    int status = nvc_group_compute(&w->table, &w->cohort, &w->groups, &w->options, err);
    const size_t differ = status ? 0 : nvc_group_map_reliability(&w->table);
    if (differ)
        nvc_warn("%zu correlation%s across voxels: of maps whose reliability (rel_) differs between the groups, note map_reliability_differs: the noisier "
                 "map correlates less; compare nvc_rdis instead", differ, differ == 1 ? " is" : "s are");
    if (!status && !o->within)
        status = see_reliability(w, err);
    if (!status && o->demographics)
        status = nvc_demographics_compute(&w->demographics, &w->who, &w->groups, err);
    if (!status && o->sensitivity)
        status = nvc_sensitivity_compute(&w->sensitivity, &w->table, &w->cohort, &w->groups, &s, err);
    if (!status && o->specificity)
        status = nvc_specificity_compute(&w->specificity, &w->cohort, &w->groups, &w->options, o->region,
                                         &o->control_regions, o->null_regions, err);
    if (!status && o->one_sample && w->combat && w->options.replicates)
        nvc_warn("--one-sample after --combat: perm_p is n/a, since ComBat sets the sites to the mean that is tested; without --combat signs are flipped");
    if (!status && o->one_sample)
        status = nvc_one_sample_compute(&w->one_sample, &w->cohort, &w->groups, &means, err);
    if (!status && o->normative)
        status = compare_participants(w, err);
    if (!status && o->scores)
        status = correlate_scores(w, err);
    if (!status && o->formula)
        status = nvc_model_compute(&w->model, &w->cohort, &w->formula, &o->level_contrasts, &w->options, err);
    if (!status && o->curve.n)
        status = nvc_forks_compute(&w->forks, &w->table, &w->cohort, &w->groups, &w->options, &o->curve, err);
    return status;
}

/* Tables without a single test are still printed, but not without a word. */
static void warn_empty(const struct work *w)
{
    size_t left[2] = { 0, 0 };
    for (size_t i = 0; i < w->cohort.n * w->cohort.n_keys; i++) {
        double group = w->groups.group.value[i % w->cohort.n];
        if (!isnan(group) && nvc_key_is_index(&w->cohort.keys[i / w->cohort.n]))
            left[group > 0] += isnan(w->cohort.value[i]) ? 0 : 1;
    }
    if (!left[0] || !left[1])
        nvc_warn("no %s has a value of any index%s: nothing can be compared", w->groups.labels[!left[0] ? 0 : 1],
                 w->o->exclude.n ? " that the rules of exclusion leave" : "");
}

/* Who has no row at all is easily overlooked. */
static void warn_absent(const struct work *w)
{
    size_t absent = 0, first = 0;
    for (size_t i = 0; i < w->cohort.n; i++) {
        bool any = isnan(w->groups.group.value[i]);
        for (size_t k = 0; k < w->cohort.n_keys && !any; k++)
            any = w->cohort.missing[i + w->cohort.n * k] != NVC_MISSING_ROW;
        if (!any && !absent++)
            first = i;
    }
    if (absent)
        nvc_warn("%zu participant%s of the two groups %s no row in any coupling table (first: %s)", absent,
                 absent == 1 ? "" : "s", absent == 1 ? "has" : "have", w->who.ids.items[first]);
}

int nvc_group_run(const struct options *o, char **args, int n_args, struct nvc_error *err)
{
    struct work w = { .o = o, .cramers_v = NAN, .site_vif = NAN };
    nvc_blas_single_thread();
    int status = nvc_group_check_options(&w, err);
    status = status ? status : nvc_read_participants_file(&w.who, &w.marks, o->participants, &o->factors, err);
    status =
        status ? status : nvc_contrast_groups_init(&w.groups, &w.who, o->group, o->case_label, o->control_label, err);
    status = status ? status : nvc_group_find_names(&w, err);
    status = status ? status : nvc_read_coupling_files(&w.rows, &w.marks, args, n_args, err);
    status = status ? status : nvc_read_coupling_list(&w.halves, &w.marks, &o->halves, err);
    status = status ? status : nvc_read_qc_files(&w.rows, &w.marks, &o->qc, err);
    if (!status && o->lock)
        status = nvc_group_lock(&w, err);
    if (!status && o->blind)
        status = blind(&w, err);
    status = status ? status : make_cohort(&w, err);
    status = status ? status : nvc_group_check_keys(&w, err);
    if (!status) {
        set_options(&w);
        status = analyse(&w, err);
    }
    if (!status) {
        warn_absent(&w);
        warn_empty(&w);
        status = nvc_group_put(&w, err);
    }
    work_release(&w);
    return status;
}
