/* One key without covariates: samples, tests, sizes, shape. */
#include "model/group/group_internal.h"

#include "base/memory.h"
#include "model/stat/stat_shape.h"

#include <math.h>
#include <stdlib.h>

void nvc_group_values(const struct nvc_cohort *c, size_t k, const struct nvc_contrast_groups *g, double *const x[2],
                      size_t n[2])
{
    n[0] = n[1] = 0;
    for (size_t i = 0; i < c->n; i++) {
        double v = c->value[i + c->n * k], group = g->group.value[i];
        if (!isnan(v) && !isnan(group))
            x[group > 0][n[group > 0]++] = v;
    }
    nvc_sort(x[0], n[0]);
    nvc_sort(x[1], n[1]);
}

static void count_missing(struct nvc_group_row *row, const struct nvc_cohort *c, size_t k,
                          const struct nvc_contrast_groups *g)
{
    for (size_t i = 0; i < c->n; i++)
        if (!isnan(g->group.value[i]) && isnan(c->value[i + c->n * k])) {
            row->missing[c->missing[i + c->n * k]]++;
            row->n_missing++;
        }
}

static int shape(struct nvc_group_row *row, double *const x[2], const size_t n[2], struct nvc_error *err)
{
    double w;
    row->variance_ratio = nvc_variance_ratio(&row->cases, &row->controls);
    row->brown_forsythe = (struct nvc_ftest){ NAN, NAN, NAN, NAN };
    int status = nvc_shapiro_wilk(x[0], n[0], &w, &row->shapiro_control, err);
    if (!status)
        status = nvc_shapiro_wilk(x[1], n[1], &w, &row->shapiro_case, err);
    if (!status)
        status = nvc_count_outliers(x[0], n[0], &row->outliers_control, err);
    if (!status)
        status = nvc_count_outliers(x[1], n[1], &row->outliers_case, err);
    if (!status && !row->few)
        status = nvc_brown_forsythe((const double *const *)x, n, 2, &row->brown_forsythe, err);
    return status;
}

/* Bounds in the unit of the index (Welch) where they were declared, else in standard deviations. */
static void equivalence(struct nvc_group_row *row, const struct nvc_group_options *o)
{
    const struct nvc_effect e = nvc_effect_size(&row->cases, &row->controls, 0.9);
    const struct nvc_ttest t = nvc_welch(&row->cases, &row->controls, 0.9);
    const struct nvc_bound *b = o->bounds;
    size_t k = 0;
    while (k < o->n_bounds && !nvc_key_matches(b[k].glob, row->key))
        k++;
    row->tost_raw = k < o->n_bounds;
    row->tost_bound = row->tost_raw ? b[k].value : o->equivalence_g;
    row->tost_low = row->tost_raw ? t.ci_low : e.g_low;
    row->tost_high = row->tost_raw ? t.ci_high : e.g_high;
    row->tost_p = row->tost_raw ? nvc_tost(&row->cases, &row->controls, row->tost_bound)
                                : nvc_tost_standardised(&row->cases, &row->controls, row->tost_bound);
}

static bool cases_lower(const struct nvc_group_options *o, const struct nvc_key *key)
{
    for (size_t i = 0; i < o->cases_lower.n; i++)
        if (nvc_key_matches(o->cases_lower.items[i], key))
            return true;
    return false;
}

int nvc_group_describe(struct nvc_group_row *row, const struct nvc_cohort *c, size_t k,
                       const struct nvc_contrast_groups *g, const struct nvc_group_options *o, struct nvc_rank_law *law,
                       struct nvc_error *err)
{
    size_t n[2];
    double *room = nvc_array(2 * c->n, sizeof *room, err), *const x[2] = { room, room + c->n };
    if (!room)
        return NVC_ESYS;
    nvc_group_values(c, k, g, x, n);
    count_missing(row, c, k, g);
    row->key = &c->keys[k];
    row->controls = nvc_sample_describe(x[0], n[0]);
    row->cases = nvc_sample_describe(x[1], n[1]);
    row->few = n[0] < 2 || n[1] < 2;
    row->icc = row->icc_low = row->icc_high = row->observable_g = row->g_true = row->g_true_low = row->g_true_high = NAN;
    row->welch = nvc_welch(&row->cases, &row->controls, o->level);
    row->student = nvc_student(&row->cases, &row->controls, o->level);
    row->effect = nvc_effect_size(&row->cases, &row->controls, o->level);
    equivalence(row, o);
    row->bayes_factor = nvc_bayes_factor(row->student.t, (double)n[1], (double)n[0], M_SQRT1_2);
    row->detectable_g = row->few ? NAN : nvc_minimum_detectable_g((double)n[1], (double)n[0], 0.05, 0.8);
    int status = nvc_mann_whitney_test(x[1], n[1], x[0], n[0], o->level, law, &row->ranks, err);
    if (!status)
        status = nvc_auc(x[1], n[1], x[0], n[0], !cases_lower(o, row->key), o->auc_ci, o->level, &row->auc, err);
    if (!status)
        status = shape(row, x, n, err);
    free(room);
    return status;
}
