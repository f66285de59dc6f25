/* The options of nvc-group, between the words that describe them and the work that they ask for. */
#ifndef NVC_CMD_NVC_GROUP_H
#define NVC_CMD_NVC_GROUP_H

#include "base/status.h"
#include "base/text.h"
#include "cmd/shared/coupling_files.h"
#include "model/group/combat.h"
#include "model/group/demographics.h"
#include "model/group/flow.h"
#include "model/group/forks.h"
#include "model/group/formula.h"
#include "model/group/group.h"
#include "model/group/normative.h"
#include "model/group/one_sample.h"
#include "model/group/scores.h"
#include "model/group/sensitivity.h"
#include "model/group/specificity.h"

#include <stdbool.h>

struct options {
    /* who and what */
    const char *participants, *group, *case_label, *control_label, *covariates, *within;
    struct nvc_list factors, exclude, qc, halves;
    int runs;
    double min_coverage;
    /* harmonisation */
    const char *combat, *combat_reference;
    int combat_prior, combat_mean_only;
    /* tests */
    const char *primary, *block;
    struct nvc_list family, lower;
    int auc_ci, permutations, seed, pooled, threads, blind;
    double equivalence_g;
    struct nvc_list equivalence_bounds;
    const char *lock;
    /* further analyses */
    const char *sensitivity, *site, *dose, *specificity, *region, *null_regions, *one_sample, *normative, *participant;
    const char *scores, *correlations, *formula, *model, *curve_table, *curve_figure;
    struct nvc_list control_regions, level_contrasts, curve;
    /* output */
    const char *output, *demographics, *flow, *figure, *forest, *roc, *methods;
    struct nvc_list show, also;
};

enum nvc_combat_how { NVC_COMBAT_HOW_PARAMETRIC, NVC_COMBAT_HOW_NONPARAMETRIC };

/* Everything that a run holds; zeroed, released as a whole. */
struct work {
    const struct options *o;
    struct nvc_participants who;
    struct nvc_coupling rows, halves;
    struct nvc_contrast_groups groups;
    struct nvc_rule *rules;
    struct nvc_formula formula;
    struct nvc_variable *covariates;
    size_t n_covariates;
    char *covariate_text; /* as asked, with the site of ComBat */
    struct nvc_bound *bounds;
    const struct nvc_variable *block, *site, *dose, *combat;
    struct nvc_cohort cohort, all;
    struct nvc_group_options options;
    double *raw; /* values before ComBat */
    struct nvc_combat_options combat_options;
    struct nvc_combat_repeat repeat;
    double cramers_v, site_vif; /* of group and site */
    char lock_sha256[65], locked_at[32];
    struct nvc_marks marks;

    struct nvc_group_table table;
    struct nvc_demographics demographics;
    struct nvc_flow flow;
    struct nvc_sensitivity sensitivity;
    struct nvc_specificity specificity;
    struct nvc_one_sample_table one_sample;
    struct nvc_normative normative;
    struct nvc_scores scores;
    struct nvc_model_table model;
    struct nvc_forks forks;
};

int nvc_group_run(const struct options *o, char **args, int n_args, struct nvc_error *err) NVC_CHECKED;
/* What can be said before any file is read: rules, bounds, the formula; NVC_EUSAGE. */
int nvc_group_check_options(struct work *w, struct nvc_error *err) NVC_CHECKED;
/* The columns of the participants table that options name. */
int nvc_group_find_names(struct work *w, struct nvc_error *err) NVC_CHECKED;
int nvc_group_variable(struct work *w, const char *name, bool numeric, const char *option, const struct nvc_variable **v,
                       struct nvc_error *err) NVC_CHECKED;
/* Every KEY that an option gives must match an index of the cohort. */
int nvc_group_check_keys(const struct work *w, struct nvc_error *err) NVC_CHECKED;
/* Declare the analysis in o->lock, or hold the run to what was declared there. */
int nvc_group_lock(struct work *w, struct nvc_error *err) NVC_CHECKED;
/* What was computed, ready to paste. */
int nvc_group_methods(const struct work *w, struct nvc_text *out, struct nvc_error *err) NVC_CHECKED;
/* Write all that was asked for. */
int nvc_group_put(const struct work *w, struct nvc_error *err) NVC_CHECKED;

#endif
