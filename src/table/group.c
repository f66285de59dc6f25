#include "table/group.h"

#include "table/record.h"

#include <math.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#define UNIT "see unit"
/* Kind, name, unit, where the number lives in the row (of the key: in the key), words. */
#define COLUMNS(X) \
    X(KEY, "index", NULL, index, "name of the index") \
    X(KEY, "contrast", NULL, contrast, "condition or contrast that the index belongs to") \
    X(KEY, "atlas", NULL, atlas, "atlas of the region") \
    X(KEY, "region", NULL, region, "region, without its side") \
    X(KEY, "side", NULL, side, "L, R, B (both), RL (right minus left) or n/a") \
    X(KEY, "task", NULL, task, "BIDS task") \
    X(KEY, "session", NULL, session, "BIDS session") \
    X(KEY, "unit", NULL, unit, "unit of the index") \
    X(TEXT, "case", NULL, key, "label of the cases") \
    X(TEXT, "control", NULL, key, "label of the controls") \
    X(COUNT, "n_case", NULL, cases.n, "cases with a value") \
    X(COUNT, "n_control", NULL, controls.n, "controls with a value") \
    X(COUNT, "n_missing", NULL, n_missing, "members of both groups without a value; note says why") \
    X(REAL, "mean_case", UNIT, cases.mean, "mean of the cases") \
    X(REAL, "mean_control", UNIT, controls.mean, "mean of the controls") \
    X(REAL, "sd_case", UNIT, cases.sd, "standard deviation of the cases (n - 1)") \
    X(REAL, "sd_control", UNIT, controls.sd, "standard deviation of the controls") \
    X(REAL, "diff", UNIT, welch.diff, "mean of cases minus mean of controls") \
    X(REAL, "diff_ci_low", UNIT, welch.ci_low, "lower limit of its 95 % interval (Welch)") \
    X(REAL, "diff_ci_high", UNIT, welch.ci_high, "upper limit") \
    X(REAL, "t", NULL, welch.t, "Welch t") \
    X(REAL, "dof", NULL, welch.dof, "its degrees of freedom (Satterthwaite)") \
    X(REAL, "p", NULL, welch.p, "two-sided p of Welch t") \
    X(REAL, "hedges_g", NULL, effect.g, "difference over the pooled standard deviation, with the exact small-sample factor") \
    X(REAL, "hedges_g_ci_low", NULL, effect.g_low, "lower limit of its 95 % interval (noncentral t)") \
    X(REAL, "hedges_g_ci_high", NULL, effect.g_high, "upper limit") \
    X(REAL, "adj_diff", UNIT, adjusted.estimate, "difference adjusted for the covariates (ANCOVA)") \
    X(REAL, "adj_se", UNIT, adjusted.se, "its standard error") \
    X(REAL, "adj_ci_low", UNIT, adjusted.ci_low, "lower limit of its 95 % interval") \
    X(REAL, "adj_ci_high", UNIT, adjusted.ci_high, "upper limit") \
    X(REAL, "adj_t", NULL, adjusted.t, "adjusted difference over its standard error") \
    X(REAL, "adj_dof", NULL, adjusted.dof, "residual degrees of freedom") \
    X(REAL, "adj_p", NULL, adjusted.p, "two-sided p of the adjusted difference") \
    X(REAL, "q", NULL, q, "Benjamini-Hochberg q over the family; negative controls are one of their own") \
    X(TEXT, "q_of", NULL, key, "p value that q is of") \
    X(TEXT, "family_m", NULL, key, "number of tests in the family") \
    X(TEXT, "covariates", NULL, key, "covariates of the adjusted difference") \
    X(TEXT, "note", NULL, key, "words joined by ;") \
    X(KEY, "class", NULL, class_name, "what kind of measurement the index is") \
    X(TEXT, "role", NULL, key, "primary, family, derived, outside, negative-control, null-region or quality: which tests the row belongs to") \
    X(REAL, "median_case", UNIT, cases.median, "median of the cases") \
    X(REAL, "median_control", UNIT, controls.median, "median of the controls") \
    X(REAL, "q25_case", UNIT, cases.q25, "lower quartile of the cases (type 7)") \
    X(REAL, "q75_case", UNIT, cases.q75, "upper quartile of the cases") \
    X(REAL, "q25_control", UNIT, controls.q25, "lower quartile of the controls") \
    X(REAL, "q75_control", UNIT, controls.q75, "upper quartile of the controls") \
    X(REAL, "student_t", NULL, student.t, "Student t, equal variances") \
    X(REAL, "student_dof", NULL, student.dof, "its degrees of freedom") \
    X(REAL, "student_p", NULL, student.p, "its two-sided p") \
    X(REAL, "cohen_d", NULL, effect.d, "difference over the pooled standard deviation") \
    X(REAL, "cohen_d_ci_low", NULL, effect.d_low, "lower limit of its 95 % interval (noncentral t)") \
    X(REAL, "cohen_d_ci_high", NULL, effect.d_high, "upper limit") \
    X(REAL, "glass_delta", NULL, effect.glass, "difference over the standard deviation of the controls") \
    X(REAL, "mwu_u", NULL, ranks.u, "Mann-Whitney U of the cases") \
    X(REAL, "mwu_p", NULL, ranks.p, "its two-sided p: tests that a case is as often larger as smaller than a control") \
    X(TEXT, "mwu_method", NULL, key, "exact (conditional on ties) or normal (tie-corrected, continuity correction)") \
    X(REAL, "rank_biserial", NULL, ranks.rank_biserial, "2 U / (n n) - 1, Cliff's delta") \
    X(REAL, "shift", UNIT, ranks.shift, "Hodges-Lehmann shift: median of all differences") \
    X(REAL, "shift_ci_low", UNIT, ranks.shift_low, "lower limit of its 95 % interval") \
    X(REAL, "shift_ci_high", UNIT, ranks.shift_high, "upper limit") \
    X(REAL, "emm_case", UNIT, emm_case.estimate, "adjusted mean of the cases: numbers at their mean, levels weighted alike") \
    X(REAL, "emm_case_se", UNIT, emm_case.se, "its standard error") \
    X(REAL, "emm_control", UNIT, emm_control.estimate, "adjusted mean of the controls") \
    X(REAL, "emm_control_se", UNIT, emm_control.se, "its standard error") \
    X(REAL, "adj_hc3_se", UNIT, adjusted_hc3.se, "heteroscedasticity-consistent standard error (HC3) of the adjusted difference") \
    X(REAL, "adj_hc3_ci_low", UNIT, adjusted_hc3.ci_low, "lower limit of its 95 % interval") \
    X(REAL, "adj_hc3_ci_high", UNIT, adjusted_hc3.ci_high, "upper limit") \
    X(REAL, "adj_hc3_p", NULL, adjusted_hc3.p, "two-sided p with that error") \
    X(REAL, "adj_d", NULL, adjusted_d, "adjusted difference over the residual standard deviation") \
    X(REAL, "partial_eta2", NULL, partial_eta2, "share of the variance left by the covariates that the group explains") \
    X(REAL, "slopes_f", NULL, slopes.f, "F that the slopes of all covariates are alike in both groups") \
    X(REAL, "slopes_dof1", NULL, slopes.dof1, "its degrees of freedom, numerator") \
    X(REAL, "slopes_dof2", NULL, slopes.dof2, "its degrees of freedom, denominator") \
    X(REAL, "slopes_p", NULL, slopes.p, "its p") \
    X(REAL, "perm_t", NULL, permuted.t, "statistic that was permuted (studentised: Welch t, with covariates HC3 t)") \
    X(REAL, "perm_p", NULL, permuted.p, "two-sided permutation p") \
    X(REAL, "perm_p_fwe", NULL, permuted.p_family, "permutation p of the largest statistic of the family and the primary row: family-wise") \
    X(COUNT, "perm_n", NULL, permuted.arrangements, "arrangements: replicates drawn, or all that there are; 0: not asked for") \
    X(TEXT, "perm_method", NULL, key, "exact enumeration or monte-carlo") \
    X(REAL, "q_by", NULL, q_by, "Benjamini-Yekutieli q over the same family") \
    X(REAL, "p_holm", NULL, p_holm, "Holm's adjusted p over the same family") \
    X(REAL, "auc", NULL, auc.auc, "area under the ROC curve in the orientation named") \
    X(REAL, "auc_ci_low", NULL, auc.ci_low, "lower limit of its 95 % interval") \
    X(REAL, "auc_ci_high", NULL, auc.ci_high, "upper limit") \
    X(TEXT, "auc_orientation", NULL, key, "case_higher or case_lower: what counts as a sign of a case") \
    X(REAL, "youden_threshold", UNIT, auc.threshold, "cut-off with the largest sensitivity + specificity, in-sample and hence optimistic") \
    X(REAL, "youden_sensitivity", NULL, auc.sensitivity, "sensitivity at that cut-off") \
    X(REAL, "youden_specificity", NULL, auc.specificity, "specificity at that cut-off") \
    X(REAL, "tost_p", NULL, tost_p, "equivalence test: p that the difference lies outside the bounds declared") \
    X(REAL, "bf10", NULL, bayes_factor, "JZS Bayes factor of a difference against none, r = sqrt(2)/2") \
    X(REAL, "detectable_g", NULL, detectable_g, "g that a two-sided test at 0.05 finds with power 0.8 at these numbers") \
    X(REAL, "shapiro_p_case", NULL, shapiro_case, "Shapiro-Wilk p of the cases") \
    X(REAL, "shapiro_p_control", NULL, shapiro_control, "Shapiro-Wilk p of the controls") \
    X(REAL, "variance_ratio", NULL, variance_ratio.f, "variance of the cases over that of the controls") \
    X(REAL, "brown_forsythe_p", NULL, brown_forsythe.p, "p that the spreads are alike") \
    X(COUNT, "outliers_case", NULL, outliers_case, "cases further than 3 scaled median absolute deviations from their median") \
    X(COUNT, "outliers_control", NULL, outliers_control, "controls likewise") \
    X(REAL, "tost_bound", NULL, tost_bound, "bound of the equivalence test, on either side of 0") \
    X(TEXT, "tost_scale", NULL, key, "what the bound is in: g, or unit where --equivalence-bound gives it in that of the index") \
    X(REAL, "tost_ci90_low", NULL, tost_low, "lower limit of the 90 % interval (of g, or Welch's of the difference) that equivalence wants between the bounds") \
    X(REAL, "tost_ci90_high", NULL, tost_high, "upper limit") \
    X(REAL, "icc", NULL, icc, "ICC(3,k) within groups of the mean over runs or of two halves: the share of the spread that is no noise; n/a where none is left") \
    X(REAL, "icc_ci_low", NULL, icc_low, "lower limit of its 95 % interval (F)") \
    X(REAL, "icc_ci_high", NULL, icc_high, "upper limit") \
    X(REAL, "observable_g", NULL, observable_g, "what the noise of measurement leaves of a true g of 1: the square root of icc") \
    X(TEXT, "icc_of", NULL, key, "runs, or halves: odd and even blocks of a task, first and second half of a resting run, stepped up to the whole (Spearman-Brown)") \
    X(REAL, "hedges_g_true", NULL, g_true, "g without the noise of measurement: over the square root of icc") \
    X(REAL, "hedges_g_true_ci_low", NULL, g_true_low, "lower limit of its 95 % interval (BCa bootstrap)") \
    X(REAL, "hedges_g_true_ci_high", NULL, g_true_high, "upper limit")

#define AS_COLUMN(KIND, NAME, UNIT_OF, FIELD, HELP) { NAME, UNIT_OF, HELP },
const struct nvc_column nvc_group_columns[] = { COLUMNS(AS_COLUMN) { 0 } };

enum kind { KEY, TEXT, REAL, COUNT };
struct field {
    enum kind kind;
    size_t offset;
};
#define OFFSET_KEY(FIELD) offsetof(struct nvc_key, FIELD)
#define OFFSET_TEXT(FIELD) 0
#define OFFSET_REAL(FIELD) offsetof(struct nvc_group_row, FIELD)
#define OFFSET_COUNT(FIELD) offsetof(struct nvc_group_row, FIELD)
#define AS_FIELD(KIND, NAME, UNIT_OF, FIELD, HELP) { KIND, OFFSET_##KIND(FIELD) },
static const struct field fields[] = { COLUMNS(AS_FIELD) };
enum { FIELDS = sizeof fields / sizeof *fields };

/* Words of the note: what was missing and why, what could not be computed. */
static int note(struct nvc_cells *c, const struct nvc_group_row *r, struct nvc_error *err)
{
    char text[256] = "";
    size_t n = 0;
    for (size_t m = 1; m < NVC_MISSING_REASONS; m++)
        if (r->missing[m] && n < sizeof text)
            n += (size_t)snprintf(text + n, sizeof text - n, "%s%s=%zu", n ? ";" : "", nvc_missing_text((enum nvc_missing)m), r->missing[m]);
    const struct {
        bool holds;
        const char *word;
    } words[] = { { r->few, "too_few" }, { r->rank_deficient, "rank_deficient" }, { r->key->derived, "derived" }, { r->key->quality, "quality" },
                  { r->key->control, "negative_control" }, { r->maps == NVC_MAPS_UNKNOWN, "map_reliability_unknown" },
                  { r->maps == NVC_MAPS_DIFFER, "map_reliability_differs" } };
    for (size_t k = 0; k < sizeof words / sizeof *words; k++)
        if (words[k].holds && n < sizeof text)
            n += (size_t)snprintf(text + n, sizeof text - n, "%s%s", n ? ";" : "", words[k].word);
    return nvc_cells_text(c, text, err);
}

static const char *text_of(const char *name, const struct nvc_group_row *r, const struct nvc_group_heading *h)
{
    const struct {
        const char *name, *text;
    } texts[] = {
        { "case", h->case_label },
        { "control", h->control_label },
        { "covariates", h->covariates },
        { "q_of", !r->family_m ? NULL : r->q_of_adjusted ? "adj_p" : "p" },
        { "role", nvc_role_of_row_names[r->role] },
        { "tost_scale", r->tost_raw ? "unit" : "g" },
        { "icc_of", r->reliability_of == NVC_RELIABILITY_OF_RUNS ? "runs" : r->reliability_of == NVC_RELIABILITY_OF_HALVES ? "halves" : NULL },
        { "mwu_method", isnan(r->ranks.p) ? NULL : r->ranks.exact ? "exact" : "normal" },
        { "perm_method", !r->permuted.arrangements ? NULL : r->permuted.exact ? "exact" : "monte-carlo" },
        { "auc_orientation", r->auc.cases_higher ? "case_higher" : "case_lower" },
    };
    for (size_t k = 0; k < sizeof texts / sizeof *texts; k++)
        if (!strcmp(name, texts[k].name))
            return texts[k].text;
    return NULL;
}

static int text_cell(struct nvc_cells *c, const char *name, const struct nvc_group_row *r,
                     const struct nvc_group_heading *h, struct nvc_error *err)
{
    if (!strcmp(name, "note"))
        return note(c, r, err);
    if (!strcmp(name, "family_m") && r->family_m)
        return nvc_cells_printf(c, err, "%zu", r->family_m);
    return nvc_cells_text(c, text_of(name, r, h), err);
}

static int full_row(struct nvc_cells *c, const struct nvc_group_row *r, const struct nvc_group_heading *h, struct nvc_error *err)
{
    int status = 0;
    for (size_t k = 0; k < FIELDS && !status; k++) {
        const char *at = (const char *)(fields[k].kind == KEY ? (const void *)r->key : r) + fields[k].offset, *text;
        size_t count;
        double number;
        switch (fields[k].kind) {
        case KEY:
            memcpy(&text, at, sizeof text);
            status = nvc_cells_text(c, text, err);
            break;
        case COUNT:
            memcpy(&count, at, sizeof count);
            status = nvc_cells_printf(c, err, "%zu", count);
            break;
        case REAL:
            memcpy(&number, at, sizeof number);
            status = nvc_cells_real(c, number, err);
            break;
        case TEXT:
            status = text_cell(c, nvc_group_columns[k].name, r, h, err);
            break;
        }
    }
    return status;
}

/* ---- as a paper prints it ----------------------------------------------------------------------- */

static int mean_sd(struct nvc_cells *c, const struct nvc_sample *s, struct nvc_error *err)
{
    char mean[32], sd[32];
    nvc_print_number(mean, s->mean, 3);
    nvc_print_number(sd, s->sd, 3);
    return s->n > 1   ? nvc_cells_printf(c, err, "%s (%s), %zu", mean, sd, s->n)
           : s->n > 0 ? nvc_cells_printf(c, err, "%s, 1", mean)
                      : nvc_cells_text(c, "none", err);
}

static int blank(struct nvc_cells *c, struct nvc_error *err)
{
    return nvc_cells_text(c, " ", err);
}

/* What stands where no difference can be tested: why, and nothing more. */
static const char *untested(const struct nvc_group_row *r)
{
    bool constant = !r->few && r->cases.min == r->cases.max && r->controls.min == r->controls.max;
    return r->few ? "too few" : !constant ? NULL : r->cases.min == r->controls.min ? "all alike" : "no spread";
}

static int paper_row(struct nvc_cells *c, const struct nvc_group_row *r, bool adjusted, bool atlas, struct nvc_error *err)
{
    char name[256], t[32], dof[32];
    const char *why = untested(r);
    nvc_key_print(name, r->key, atlas);
    nvc_print_number(t, r->welch.t, 3);
    nvc_print_number(dof, r->welch.dof, 3);
    int status = nvc_cells_text(c, name, err);
    status = status ? status : mean_sd(c, &r->cases, err);
    status = status ? status : mean_sd(c, &r->controls, err);
    if (!status && why)
        status = nvc_cells_text(c, why, err);
    for (size_t k = 0; k < (adjusted ? 6 : 4) && why && !status; k++)
        status = blank(c, err);
    if (status || why)
        return status;
    status = nvc_cells_interval(c, r->welch.diff, r->welch.ci_low, r->welch.ci_high, err);
    status = status ? status : nvc_cells_printf(c, err, "%s (%s)", t, dof);
    status = status ? status : nvc_cells_p(c, r->welch.p, err);
    status = status ? status : nvc_cells_interval(c, r->effect.g, r->effect.g_low, r->effect.g_high, err);
    if (!status && adjusted) {
        status = nvc_cells_interval(c, r->adjusted.estimate, r->adjusted.ci_low, r->adjusted.ci_high, err);
        status = status ? status : nvc_cells_p(c, r->adjusted.p, err);
    }
    return status ? status : nvc_cells_p(c, r->q, err);
}

const struct nvc_group_block nvc_group_blocks[NVC_GROUP_BLOCKS] = {
    { NVC_ROW_PRIMARY, "Primary index" }, { NVC_ROW_FAMILY, "Family of tests" }, { NVC_ROW_OUTSIDE, "Outside the family" },
    { NVC_ROW_DERIVED, "Follow from these" }, { NVC_ROW_CONTROL, "Negative controls: should show nothing" }, { NVC_ROW_QUALITY, "Quality of the data" }
};

static int block(struct nvc_cells *c, const struct nvc_group_table *t, size_t b, bool adjusted, bool atlas, struct nvc_error *err)
{
    bool first = true;
    int status = 0;
    for (size_t i = 0; i < t->n && !status; i++) {
        if (t->rows[i].role != nvc_group_blocks[b].role)
            continue;
        if (first)
            status = nvc_cells_heading(c, nvc_group_blocks[b].heading, err);
        if (!status)
            status = paper_row(c, &t->rows[i], adjusted, atlas, err);
        first = false;
    }
    return status;
}

/* Tests of the family, and of the negative controls, of which so many are below 0.05. */
struct counts { size_t family, controls, low; };
static struct counts count(const struct nvc_group_table *t)
{
    struct counts n = { 0, 0, 0 };
    for (size_t i = 0; i < t->n; i++) {
        const struct nvc_group_row *r = &t->rows[i];
        const bool control = r->role == NVC_ROW_CONTROL;
        if (r->family_m)
            *(control ? &n.controls : &n.family) = r->family_m;
        n.low += control && r->family_m && (r->q_of_adjusted ? r->adjusted.p : r->welch.p) < 0.05;
    }
    return n;
}

static int paper(struct nvc_text *out, const struct nvc_group_table *t, const struct nvc_group_heading *h,
                 enum nvc_table_kind kind, struct nvc_error *err)
{
    struct nvc_cells c = { .n_cols = h->covariates ? 10 : 8 };
    struct nvc_text notes = { 0 };
    struct counts n = count(t);
    bool atlas = false;
    for (size_t i = 1; i < t->n; i++)
        atlas |= !t->rows[i].key->quality && strcmp(t->rows[i].key->atlas, t->rows[0].key->atlas) != 0;
    int status = nvc_cells_text(&c, "Index", err);
    status = status ? status : nvc_cells_printf(&c, err, "%s, mean (SD), n", h->case_label);
    status = status ? status : nvc_cells_printf(&c, err, "%s, mean (SD), n", h->control_label);
    static const char *const heads[] = { "Difference [95% CI]", "Welch t (df)", "p", "Hedges g [95% CI]", "Adjusted difference [95% CI]", "adjusted p", "q" };
    for (size_t k = 0; k < 7 && !status; k++)
        if (h->covariates || (k != 4 && k != 5))
            status = nvc_cells_text(&c, heads[k], err);
    for (size_t b = 0; b < NVC_GROUP_BLOCKS && !status; b++)
        status = block(&c, t, b, h->covariates != NULL, atlas, err);
    if (!status)
        status = nvc_text_printf(&notes, err,
                                 "Differences are %s minus %s.%s%s%s q: Benjamini-Hochberg over %zu tests of the %s p; rows "
                                 "without q describe data quality or follow from others and belong to no family.",
                                 h->case_label, h->control_label, h->covariates ? " Adjusted for " : "", h->covariates ? h->covariates : "",
                                 h->covariates ? "." : "", n.family, h->covariates ? "adjusted" : "Welch");
    if (!status && n.controls)
        status = nvc_text_printf(&notes, err, " Negative controls are a family of their own: %zu of %zu are below .05, %.2g expected by chance.", n.low,
                                 n.controls, 0.05 * (double)n.controls);
    if (!status)
        status = nvc_cells_write(out, &c, kind, "Indices by group", notes.data, err);
    nvc_text_release(&notes);
    nvc_cells_release(&c);
    return status;
}

int nvc_group_write(struct nvc_text *out, const struct nvc_group_table *t, const struct nvc_group_heading *h,
                    enum nvc_table_kind kind, struct nvc_error *err)
{
    struct nvc_cells c = { .n_cols = FIELDS };
    if (kind != NVC_TSV && kind != NVC_CSV)
        return paper(out, t, h, kind, err);
    int status = nvc_cells_header(&c, nvc_group_columns, err);
    for (size_t i = 0; i < t->n && !status; i++)
        status = full_row(&c, &t->rows[i], h, err);
    if (!status)
        status = nvc_cells_write(out, &c, kind, NULL, NULL, err);
    nvc_cells_release(&c);
    return status;
}
