/* Case against control, key by key: the numbers of the group table.  Differences are case minus control;
 * nothing is tested that is not printed, and every key is printed, found or not. */
#ifndef NVC_MODEL_GROUP_H
#define NVC_MODEL_GROUP_H

#include "base/status.h"
#include "base/text.h"
#include "model/group/cohort.h"
#include "model/group/permute.h"
#include "model/stat/stat_effect.h"
#include "model/stat/stat_lm.h"
#include "model/stat/stat_rank.h"
#include "model/stat/stat_roc.h"
#include "model/stat/stat_sample.h"
#include "model/group/terms.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Who is compared: a copy of a participant variable with two levels, control (0) and case (1). */
struct nvc_contrast_groups {
    struct nvc_variable group; /* levels[0] control, levels[1] case; NaN: neither */
    const char *labels[2];
    size_t n_case, n_control;
};
/* From column `name`: `case_label`, and `control_label` or, when NULL, the only other label.  NVC_EDATA: no
 * such label (with a near miss), more than two labels and none named, fewer than two members. */
int nvc_contrast_groups_init(struct nvc_contrast_groups *g, const struct nvc_participants *p, const char *name,
                             const char *case_label, const char *control_label, struct nvc_error *err) NVC_CHECKED;
void nvc_contrast_groups_release(struct nvc_contrast_groups *g);

/* What a row is for: `family` rows share the false discovery rate, negative controls one of their own. */
enum nvc_role_of_row { NVC_ROW_FAMILY, NVC_ROW_PRIMARY, NVC_ROW_DERIVED, NVC_ROW_OUTSIDE, NVC_ROW_CONTROL, NVC_ROW_NULL, NVC_ROW_QUALITY };
extern const char *const nvc_role_of_row_names[]; /* "family", "primary", "derived", "outside", "negative-control", "null-region", "quality" */

/* What the reliability of a row was seen from. */
enum nvc_reliability_of { NVC_RELIABILITY_OF_NOTHING, NVC_RELIABILITY_OF_RUNS, NVC_RELIABILITY_OF_HALVES };

/* Whether the maps that a correlation across voxels is of (nvc_r_X, nvc_z_X, nvc_rpartial_X) repeat themselves alike in both groups. */
enum nvc_maps { NVC_MAPS_NONE, NVC_MAPS_UNKNOWN, NVC_MAPS_ALIKE, NVC_MAPS_DIFFER };

struct nvc_group_row {
    const struct nvc_key *key;
    enum nvc_role_of_row role;
    struct nvc_sample cases, controls;
    size_t n_missing, missing[NVC_MISSING_REASONS]; /* of both groups together, by reason */
    struct nvc_ttest welch, student;
    struct nvc_effect effect;
    struct nvc_mann_whitney ranks;
    struct nvc_auc auc;
    /* Equivalence: p, the bounds in standard deviations or, when tost_raw, in the unit of the index, and the 90 %
     * interval (of g or of the difference) that lies between them when p < 0.05. */
    double tost_p, tost_bound, tost_low, tost_high;
    bool tost_raw;
    double bayes_factor, detectable_g;
    double shapiro_case, shapiro_control; /* p */
    size_t outliers_case, outliers_control;
    struct nvc_ftest brown_forsythe, variance_ratio;
    /* ANCOVA with the covariates; NaN without. */
    struct nvc_estimate adjusted, adjusted_hc3, emm_case, emm_control;
    double adjusted_d, partial_eta2;
    struct nvc_lm_f slopes; /* group x covariates: are the slopes alike? */
    struct nvc_permute_result permuted;
    /* Of means over runs or of halves of a run (model/group/group_reliability.h), else NaN: ICC(3,k) within groups, g / sqrt(ICC). */
    enum nvc_reliability_of reliability_of;
    double icc, icc_low, icc_high, observable_g, g_true, g_true_low, g_true_high;
    double q, q_by, p_holm;
    size_t family_m; /* tests in the family of q; 0: this row is in none */
    bool q_of_adjusted;
    bool rank_deficient, few; /* notes */
    enum nvc_maps maps; /* note of correlations across voxels */
};

/* Equivalence within -value and value of the unit of the keys that the glob matches. */
struct nvc_bound {
    char glob[256];
    double value;
};

struct nvc_combat_options;
/* What is harmonised again with every permutation. */
struct nvc_combat_repeat {
    double *raw; /* values before: n x n_keys of the cohort */
    const struct nvc_variable *site;
    const struct nvc_combat_options *options;
};

struct nvc_group_options {
    /* Borrowed.  One without values is a quality of that name (nvc_quality_name) and is looked up for
     * each key. */
    const struct nvc_variable *covariates;
    size_t n_covariates;
    double level; /* of the intervals: 0.95 */
    enum nvc_auc_ci auc_ci;
    struct nvc_list cases_lower; /* globs of keys in which cases are expected to be lower; elsewhere higher */
    struct nvc_list family;      /* globs of keys that make the family; none: all but derived, controls and quality */
    const char *primary;         /* glob that one key must match, or NULL */
    const char *null_regions;    /* glob of pseudo-regions, which are in no family; or NULL */
    double equivalence_g;        /* bounds of the equivalence test in standard deviations */
    const struct nvc_bound *bounds; /* or in the unit of the index, for keys that match: the first that does */
    size_t n_bounds;
    size_t replicates;           /* permutations; 0: none */
    size_t enumerate;
    bool pooled;                      /* permute the pooled t */
    const struct nvc_variable *block; /* exchangeability blocks, or NULL */
    const struct nvc_combat_repeat *combat; /* the values were harmonised, which permutations repeat; or NULL */
    uint64_t seed;
    int threads;
};

struct nvc_group_table { /* zero it before use */
    struct nvc_group_row *rows;
    size_t n;
};
/* One row per key of the cohort.  Values of a key that are missing are left out of that key (and counted);
 * the ANCOVA also leaves out whoever lacks a covariate.  NVC_EDATA: covariates that are collinear with each
 * other or with the group among all its members; a primary key that is not there or not one. */
int nvc_group_compute(struct nvc_group_table *t, const struct nvc_cohort *c, const struct nvc_contrast_groups *g,
                      const struct nvc_group_options *o, struct nvc_error *err) NVC_CHECKED;
void nvc_group_table_release(struct nvc_group_table *t);

/* Name of a key as --primary and --family match it: "index.contrast.region_side[.task][.session]", parts
 * that are n/a left out. */
void nvc_key_name(char out[static 256], const struct nvc_key *k);
/* The glob matches the name or its beginning up to a dot: "psc", "psc.face", "psc.*.BLA_L". */
bool nvc_key_matches(const char *glob, const struct nvc_key *k);

/* The sorted values of key k: controls into x[0], cases into x[1] (room for c->n each), numbers in n[]. */
void nvc_group_values(const struct nvc_cohort *c, size_t k, const struct nvc_contrast_groups *g, double *const x[2],
                      size_t n[2]);

/* The model of key k for `values` (of all participants; those of the key: c->value + c->n * k): group first
 * (column 1), then the covariates, over the participants who have all; y[M->n] (room for c->n).  NVC_EDATA as
 * nvc_matrix_init, and where the key has no such quality. */
int nvc_group_model(const struct nvc_cohort *c, size_t k, const double *values, const struct nvc_contrast_groups *g,
                    const struct nvc_variable *covariates, size_t n_covariates, struct nvc_matrix *M, double *y,
                    struct nvc_error *err) NVC_CHECKED;

#endif
