#include "model/group/demographics.h"

#include "base/memory.h"
#include "model/stat/stat_counts.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

void nvc_demographics_release(struct nvc_demographics *d)
{
    free(d->rows);
    *d = (struct nvc_demographics){ 0 };
}

static struct nvc_demographic_row *add(struct nvc_demographics *d, const char *variable, const char *level,
                                       struct nvc_error *err)
{
    if (nvc_grow(&d->rows, &d->cap, d->n + 1, sizeof *d->rows, err))
        return NULL;
    struct nvc_demographic_row *r = &d->rows[d->n++];
    *r = (struct nvc_demographic_row){ .variable = variable,
                                       .level = level,
                                       .count_case = NAN,
                                       .count_control = NAN,
                                       .stat = NAN,
                                       .dof = NAN,
                                       .p = NAN,
                                       .p_variance = NAN,
                                       .smd = NAN };
    return r;
}

static int describe_number(struct nvc_demographics *d, const struct nvc_variable *v,
                           const struct nvc_contrast_groups *g, size_t n, struct nvc_error *err)
{
    double *x = nvc_array(2 * n, sizeof *x, err), *group[2] = { x, x + n };
    struct nvc_demographic_row *r = x ? add(d, v->name, NULL, err) : NULL;
    size_t count[2] = { 0, 0 };
    struct nvc_ftest f = { NAN, NAN, NAN, NAN };
    int status = r ? 0 : NVC_ESYS;
    for (size_t i = 0; i < n && !status; i++) {
        size_t k = g->group.value[i] > 0;
        if (isnan(g->group.value[i]))
            continue;
        if (isnan(v->value[i]))
            r->n_missing++;
        else
            group[k][count[k]++] = v->value[i];
    }
    if (!status) {
        for (size_t k = 0; k < 2; k++)
            nvc_sort(group[k], count[k]);
        r->controls = nvc_sample_describe(group[0], count[0]);
        r->cases = nvc_sample_describe(group[1], count[1]);
        r->n_control = count[0], r->n_case = count[1];
        struct nvc_ttest t = nvc_welch(&r->cases, &r->controls, 0.95);
        r->test = "welch", r->stat = t.t, r->dof = t.dof, r->p = t.p;
        r->smd = t.diff / sqrt(0.5 * (pow(r->cases.sd, 2) + pow(r->controls.sd, 2)));
        if (count[0] > 1 && count[1] > 1)
            status = nvc_brown_forsythe((const double *const *)group, count, 2, &f, err);
        r->p_variance = f.p;
    }
    free(x);
    return status;
}

static void test_counts(struct nvc_demographic_row *r, const double *count, size_t levels)
{
    struct nvc_chi2 c = nvc_chi2_test(count, levels, 2, false);
    double exact = c.least_expected < 5 ? nvc_freeman_halton(count + levels, count, levels) : NAN;
    if (levels == 2) {
        r->test = "fisher";
        r->p = nvc_fisher_test(count[2], count[3], count[0], count[1], 0.95).p;
    } else if (!isnan(exact)) {
        r->test = "freeman-halton";
        r->p = exact;
    } else if (!isnan(c.p)) {
        r->test = "chi2";
        r->stat = c.chi2, r->dof = c.dof, r->p = c.p;
    }
}

static int describe_factor(struct nvc_demographics *d, const struct nvc_variable *v,
                           const struct nvc_contrast_groups *g, size_t n, struct nvc_error *err)
{
    double *count = nvc_array(2 * v->n_levels, sizeof *count, err); /* levels x (controls, cases) */
    size_t first = d->n, total[2] = { 0, 0 }, missing = 0;
    int status = count ? 0 : NVC_ESYS;
    for (size_t i = 0; i < n && !status; i++) {
        size_t k = g->group.value[i] > 0;
        if (isnan(g->group.value[i]))
            continue;
        if (isnan(v->value[i]))
            missing++;
        else {
            count[(size_t)v->value[i] + v->n_levels * k]++;
            total[k]++;
        }
    }
    for (size_t l = 0; l < v->n_levels && !status; l++) {
        struct nvc_demographic_row *r = add(d, v->name, v->levels[l], err);
        if (!r) {
            status = NVC_ESYS;
            break;
        }
        r->n_control = total[0], r->n_case = total[1], r->n_missing = missing;
        r->count_control = count[l], r->count_case = count[l + v->n_levels];
        double p1 = r->count_case / (double)total[1], p0 = r->count_control / (double)total[0];
        r->smd = (p1 - p0) / sqrt(0.5 * (p1 * (1 - p1) + p0 * (1 - p0)));
    }
    if (!status && d->n > first)
        test_counts(&d->rows[first], count, v->n_levels);
    free(count);
    return status;
}

int nvc_demographics_compute(struct nvc_demographics *d, const struct nvc_participants *p,
                             const struct nvc_contrast_groups *g, struct nvc_error *err)
{
    int status = 0;
    for (size_t k = 0; k < p->n_variables && !status; k++) {
        const struct nvc_variable *v = &p->variables[k];
        if (!strcmp(v->name, g->group.name) || (!v->numeric && 2 * v->n_levels > p->n))
            continue;
        status = v->numeric ? describe_number(d, v, g, p->n, err) : describe_factor(d, v, g, p->n, err);
    }
    return status;
}
