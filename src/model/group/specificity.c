#include "model/group/specificity.h"

#include "base/memory.h"
#include "math/dist.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

void nvc_specificity_release(struct nvc_specificity *s)
{
    free(s->rows);
    *s = (struct nvc_specificity){ 0 };
}

struct moments { /* of the pairs of one group */
    size_t n;
    double b, c, d, var_b, var_c, cov, var_d;
};

static struct moments describe(const double *b, const double *c, const double *d, size_t n)
{
    struct moments m = { n, nvc_mean(b, n), nvc_mean(c, n), nvc_mean(d, n), 0, 0, 0, 0 };
    for (size_t i = 0; i < n; i++)
        m.cov += (b[i] - m.b) * (c[i] - m.c) / ((double)n - 1);
    m.var_b = nvc_sum_squares(b, n, m.b) / ((double)n - 1);
    m.var_c = nvc_sum_squares(c, n, m.c) / ((double)n - 1);
    m.var_d = nvc_sum_squares(d, n, m.d) / ((double)n - 1);
    return m;
}

/* Variance of ln(mean B / mean C). */
static double log_ratio_variance(const struct moments *m)
{
    return (m->var_b / (m->b * m->b) + m->var_c / (m->c * m->c) - 2 * m->cov / (m->b * m->c)) / (double)m->n;
}

static struct nvc_ttest welch(const struct moments *a, const struct moments *b, double mean_a, double mean_b,
                              double var_a, double var_b, double level)
{
    struct nvc_sample x = { .n = a->n, .mean = mean_a, .sd = sqrt(var_a) },
                      y = { .n = b->n, .mean = mean_b, .sd = sqrt(var_b) };
    return nvc_welch(&x, &y, level);
}

static void judge(struct nvc_specificity_row *r, const struct moments m[2], double level)
{
    struct nvc_ttest b = welch(&m[1], &m[0], m[1].b, m[0].b, m[1].var_b, m[0].var_b, level);
    struct nvc_ttest c = welch(&m[1], &m[0], m[1].c, m[0].c, m[1].var_c, m[0].var_c, level);
    r->diff_region = b.diff, r->diff_region_p = b.p;
    r->diff_control_region = c.diff, r->diff_control_region_p = c.p;
    bool both_differ = b.p < 1 - level && c.p < 1 - level && b.diff * c.diff > 0;
    r->verdict = "undetermined";
    if (!(r->control_over_se > 4))
        r->note = "weak_control";
    else if (r->ci_low > 0 || r->ci_high < 0)
        r->verdict = "specific";
    else if (both_differ)
        r->verdict = "shared";
    r->percent = r->percent_low = r->percent_high = NAN;
    if (m[0].b > 0 && m[1].b > 0 && m[0].c > 0 && m[1].c > 0) {
        double e = log(m[1].b / m[1].c) - log(m[0].b / m[0].c);
        double half =
            nvc_normal_quantile(0.5 * (1 + level)) * sqrt(log_ratio_variance(&m[0]) + log_ratio_variance(&m[1]));
        r->percent = 100 * expm1(e), r->percent_low = 100 * expm1(e - half), r->percent_high = 100 * expm1(e + half);
    } else if (!r->note)
        r->note = "negative_mean";
}

/* D beside covariates: the group coefficient with its HC3 error.  NVC_EDATA: no such fit. */
static int adjust(struct nvc_specificity_row *r, const struct nvc_cohort *c, size_t k, const double *d_of,
                  const struct nvc_contrast_groups *g, const struct nvc_group_options *o, struct nvc_error *err)
{
    struct nvc_matrix M = { 0 };
    struct nvc_lm lm = { 0 };
    double *y = nvc_array(c->n, sizeof *y, err), *contrast = NULL;
    int status = y ? 0 : NVC_ESYS;
    status = status ? status : nvc_group_model(c, k, d_of, g, o->covariates, o->n_covariates, &M, y, err);
    status = status ? status : nvc_lm_fit(&lm, M.X, y, M.n, M.m, (const char *const *)M.names, err);
    if (!status && !(contrast = nvc_array(M.m, sizeof *contrast, err)))
        status = NVC_ESYS;
    if (!status) {
        contrast[1] = 1;
        struct nvc_estimate e = nvc_lm_contrast(&lm, contrast, true, o->level);
        r->diff = e.estimate, r->se = e.se, r->ci_low = e.ci_low, r->ci_high = e.ci_high, r->t = e.t, r->dof = e.dof,
        r->p = e.p;
    }
    free(contrast);
    free(y);
    nvc_lm_release(&lm);
    nvc_matrix_release(&M);
    return status;
}

static int contrast_keys(struct nvc_specificity_row *r, const struct nvc_cohort *c, size_t kb, size_t kc,
                         const struct nvc_contrast_groups *g, const struct nvc_group_options *o, struct nvc_error *err)
{
    double *room = nvc_array(7 * c->n, sizeof *room, err), *d_of = room + 6 * c->n, sum_b = 0, sum_c = 0, squares = 0;
    size_t n[2] = { 0, 0 };
    struct moments m[2];
    if (!room)
        return NVC_ESYS;
    for (size_t i = 0; i < c->n; i++) {
        double b = c->value[i + c->n * kb], x = c->value[i + c->n * kc];
        if (!isnan(b) && !isnan(x) && !isnan(g->group.value[i]))
            sum_b += b, sum_c += x;
    }
    r->rho = sum_b / sum_c;
    for (size_t i = 0; i < c->n; i++) {
        double b = c->value[i + c->n * kb], x = c->value[i + c->n * kc], group = g->group.value[i];
        size_t k = group > 0;
        d_of[i] = b - r->rho * x;
        if (isnan(d_of[i]) || isnan(group)) {
            d_of[i] = NAN;
            continue;
        }
        room[3 * k * c->n + n[k]] = b;
        room[(3 * k + 1) * c->n + n[k]] = x;
        room[(3 * k + 2) * c->n + n[k]++] = d_of[i];
    }
    r->n_control = n[0], r->n_case = n[1];
    r->verdict = "undetermined";
    int status = 0;
    if (n[0] > 1 && n[1] > 1) {
        for (size_t k = 0; k < 2; k++)
            m[k] = describe(room + 3 * k * c->n, room + (3 * k + 1) * c->n, room + (3 * k + 2) * c->n, n[k]);
        struct nvc_ttest t = welch(&m[1], &m[0], m[1].d, m[0].d, m[1].var_d, m[0].var_d, o->level);
        double all = (double)(n[0] + n[1]), mean_c = sum_c / all;
        for (size_t k = 0; k < 2; k++)
            squares += m[k].var_c * ((double)n[k] - 1) + (double)n[k] * (m[k].c - mean_c) * (m[k].c - mean_c);
        r->control_over_se = mean_c / sqrt(squares / (all - 1) / all);
        r->mean_case = m[1].d, r->mean_control = m[0].d;
        r->diff = t.diff, r->se = t.se, r->ci_low = t.ci_low, r->ci_high = t.ci_high, r->t = t.t, r->dof = t.dof,
        r->p = t.p;
        status = o->n_covariates ? adjust(r, c, kb, d_of, g, o, err) : 0;
        status = status == NVC_EDATA ? 0 : status;
        judge(r, m, o->level);
    }
    free(room);
    return status;
}

/* Alike but for the region; the control may be on one side only, or of another atlas. */
static bool is_control_of(const struct nvc_key *b, const struct nvc_key *k, const char *glob)
{
    return nvc_key_is_index(k) && nvc_glob_match(glob, k->region) && !strcmp(k->index, b->index) &&
           !strcmp(k->contrast, b->contrast) && !strcmp(k->task, b->task) && !strcmp(k->session, b->session) &&
           (!strcmp(k->side, b->side) || !strcmp(k->side, "n/a") || !strcmp(k->side, "B"));
}

static void rank_in_space(struct nvc_specificity_row *r, const struct nvc_cohort *c, size_t kb,
                          const struct nvc_contrast_groups *g, const char *null_regions, double *room)
{
    double *const x[2] = { room, room + c->n };
    size_t n[2], beyond = 0;
    double own = NAN;
    for (size_t pass = 0; pass < 2; pass++)
        for (size_t k = 0; k < c->n_keys; k++) {
            if (pass ? k == kb || !is_control_of(&c->keys[kb], &c->keys[k], null_regions) : k != kb)
                continue;
            nvc_group_values(c, k, g, x, n);
            struct nvc_sample a = nvc_sample_describe(x[1], n[1]), b = nvc_sample_describe(x[0], n[0]);
            double size = fabs(nvc_student(&a, &b, 0.95).t * sqrt(1 / (double)n[0] + 1 / (double)n[1]));
            if (!pass)
                own = size;
            else if (!isnan(size)) {
                r->n_null++;
                beyond += size >= own;
            }
        }
    if (r->n_null && !isnan(own))
        r->spatial_rank = (1 + (double)beyond) / ((double)r->n_null + 1);
}

static int add_row(struct nvc_specificity *s, const struct nvc_cohort *c, size_t kb, size_t kc,
                   const struct nvc_contrast_groups *g, const struct nvc_group_options *o, const char *null_regions,
                   double *room, struct nvc_error *err)
{
    int status = nvc_grow(&s->rows, &s->cap, s->n + 1, sizeof *s->rows, err);
    if (status)
        return status;
    struct nvc_specificity_row *r = &s->rows[s->n++];
    *r = (struct nvc_specificity_row){ .key = c->keys[kb],
                                       .control_region = c->keys[kc].region,
                                       .spatial_rank = NAN,
                                       .diff = NAN,
                                       .se = NAN,
                                       .ci_low = NAN,
                                       .ci_high = NAN,
                                       .t = NAN,
                                       .dof = NAN,
                                       .p = NAN,
                                       .mean_case = NAN,
                                       .mean_control = NAN,
                                       .percent = NAN,
                                       .percent_low = NAN,
                                       .percent_high = NAN,
                                       .diff_region = NAN,
                                       .diff_region_p = NAN,
                                       .diff_control_region = NAN,
                                       .diff_control_region_p = NAN,
                                       .control_over_se = NAN };
    if (null_regions)
        rank_in_space(r, c, kb, g, null_regions, room);
    return contrast_keys(r, c, kb, kc, g, o, err);
}

int nvc_specificity_compute(struct nvc_specificity *s, const struct nvc_cohort *c, const struct nvc_contrast_groups *g,
                            const struct nvc_group_options *o, const char *region, const struct nvc_list *controls,
                            const char *null_regions, struct nvc_error *err)
{
    double *room = nvc_array(2 * c->n, sizeof *room, err);
    int status = room ? 0 : NVC_ESYS;
    for (size_t kb = 0; kb < c->n_keys && !status; kb++) {
        if (!nvc_key_is_index(&c->keys[kb]) || !nvc_glob_match(region, c->keys[kb].region))
            continue;
        for (size_t j = 0; j < controls->n; j++)
            for (size_t kc = 0; kc < c->n_keys && !status; kc++)
                if (kc != kb && is_control_of(&c->keys[kb], &c->keys[kc], controls->items[j]))
                    status = add_row(s, c, kb, kc, g, o, null_regions, room, err);
    }
    if (!status && !s->n)
        status = nvc_fail(err, NVC_EDATA, "no index was measured both in region '%s' and in a control region", region);
    free(room);
    return status;
}
