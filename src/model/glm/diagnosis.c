#include "model/glm/diagnosis.h"

#include "base/memory.h"
#include "math/dist.h"
#include "model/glm/glm_detail.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void nvc_diagnosis_release(struct nvc_diagnosis *d)
{
    for (size_t k = 0; k < d->n_conditions && d->conditions; k++)
        free(d->conditions[k]);
    free(d->conditions);
    free(d->censored);
    free(d->pool);
    *d = (struct nvc_diagnosis){ 0 };
}

void nvc_diagnoses_release(struct nvc_diagnoses *l)
{
    for (size_t k = 0; k < l->n; k++)
        nvc_diagnosis_release(&l->items[k]);
    free(l->items);
    *l = (struct nvc_diagnoses){ 0 };
}

size_t nvc_noise_parameters(enum nvc_noise noise)
{
    return noise == NVC_NOISE_OLS || noise == NVC_NOISE_ARMA11_FIXED ? 0 : noise == NVC_NOISE_AR1 || noise == NVC_NOISE_AR1_REML ? 1 : 2;
}

/* What a task column belongs to; NULL for all others.  Where roles are unknown, every column that varies is its own. */
static const char *condition_of(const struct nvc_design *d, size_t j)
{
    const struct nvc_regressor *c = &d->columns[j];
    bool varies = false;
    for (size_t t = 1; t < d->n_rows; t++)
        varies = varies || d->X[t + j * d->n_rows] != d->X[j * d->n_rows];
    if (c->role == NVC_ROLE_UNKNOWN)
        return varies ? c->name : NULL;
    return c->role == NVC_ROLE_TASK ? c->condition ? c->condition : c->name : NULL;
}

bool nvc_design_is_task(const struct nvc_design *d, size_t column)
{
    return condition_of(d, column) != NULL;
}

static int allocate(struct nvc_diagnosis *d, const struct nvc_design *x, struct nvc_error *err)
{
    enum { ARRAYS = 7 };
    size_t n = d->n;
    if (!(d->pool = nvc_array((ARRAYS + x->n_cols) * n, sizeof *d->pool, err)) ||
        !(d->conditions = nvc_array(x->n_cols, sizeof *d->conditions, err)))
        return NVC_ESYS;
    double **const where[ARRAYS] = { &d->time_s, &d->signal, &d->fitted, &d->task, &d->whitened, &d->leverage, &d->cook };
    for (size_t k = 0; k < ARRAYS; k++)
        *where[k] = d->pool + k * n;
    d->response = d->pool + ARRAYS * n;
    return 0;
}

/* The parts of the fit that belong to the task, condition by condition. */
static int add_responses(struct nvc_diagnosis *d, const struct nvc_design *x, const double *beta, struct nvc_error *err)
{
    for (size_t j = 0; j < x->n_cols; j++) {
        const char *name = condition_of(x, j);
        size_t k = 0;
        if (!name)
            continue;
        while (k < d->n_conditions && strcmp(d->conditions[k], name) != 0)
            k++;
        if (k == d->n_conditions) {
            if (!(d->conditions[k] = nvc_strdup(name, err)))
                return NVC_ESYS;
            d->n_conditions++;
        }
        for (size_t t = 0; t < d->n; t++) {
            double part = beta[j] * x->X[t + j * d->n];
            d->response[t + k * d->n] += part;
            d->task[t] += part;
        }
    }
    return 0;
}

static void summarise(struct nvc_diagnosis *d)
{
    size_t kept = d->n - d->n_censored;
    d->s0 = d->mean_leverage = 0;
    for (size_t t = 0; t < d->n; t++) {
        if (d->censored[t])
            continue;
        d->s0 += d->signal[t] / (double)kept;
        d->mean_leverage += d->leverage[t] / (double)kept;
        if (!(d->max_leverage >= d->leverage[t])) {
            d->max_leverage = d->leverage[t];
            d->leverage_at = t;
        }
        if (!(d->max_cook >= d->cook[t]) && !isnan(d->cook[t])) {
            d->max_cook = d->cook[t];
            d->cook_at = t;
        }
        d->n_influential += d->cook[t] > 4 / (double)kept;
    }
}

static int look(struct nvc_diagnosis *d, const struct nvc_diagnosis_of *of, size_t v, const double *y, struct nvc_error *err)
{
    struct nvc_glm_detail detail;
    size_t lags, p = d->n_columns - d->n_censored;
    int status = nvc_glm_detail_init(&detail, of->glm, of->fit, v, y, err);
    if (status)
        return status;
    status = allocate(d, of->design, err);
    if (!status)
        status = nvc_glm_influence(&detail, of->glm, of->fit, v, p, d->leverage, d->cook, err);
    if (!status)
        status = add_responses(d, of->design, detail.beta, err);
    if (!status) {
        memcpy(d->signal, y, d->n * sizeof *y);
        memcpy(d->fitted, detail.fitted, d->n * sizeof *y);
        memcpy(d->time_s, of->series->time_s + d->first_volume, d->n * sizeof *y);
        for (size_t t = 0; t < d->n; t++)
            d->whitened[t] = d->censored[t] ? NAN : detail.residual[t] / sqrt(detail.sigma2);
        d->ljung_box = nvc_glm_ljung_box(&detail, d->censored, p, &lags);
        summarise(d);
        status = nvc_glm_whiteness(&detail, d->censored, &d->whiteness, &lags, err);
        d->whiteness_dof = (double)lags - (double)nvc_noise_parameters(of->noise);
        d->whiteness_p = nvc_chi2_sf(d->whiteness, d->whiteness_dof);
    }
    nvc_glm_detail_release(&detail);
    return status;
}

int nvc_diagnose(struct nvc_diagnosis *d, const struct nvc_diagnosis_of *of, size_t v, struct nvc_error *err)
{
    const struct nvc_region_facts *facts = &of->series->regions[v];
    const struct nvc_design *x = of->design;
    *d = (struct nvc_diagnosis){ .who = of->series->who, .noise = of->noise, .n = x->n_rows, .n_columns = x->n_cols,
        .first_volume = x->n_dummy, .ar = of->fit->ar[v], .ma = of->fit->ma[v], .sigma = of->fit->sigma[v], .s0 = NAN,
        .dof = nvc_glm_dof(of->glm), .condition = of->condition,
        .ljung_box = NAN, .whiteness = NAN, .whiteness_dof = NAN, .whiteness_p = NAN, .mean_leverage = NAN, .max_leverage = NAN, .max_cook = NAN };
    (void)snprintf(d->atlas, sizeof d->atlas, "%s", facts->atlas);
    (void)snprintf(d->region, sizeof d->region, "%s", facts->region);
    (void)snprintf(d->side, sizeof d->side, "%s", facts->side);
    if (!(d->censored = nvc_array(d->n, sizeof *d->censored, err)))
        return NVC_ESYS;
    d->n_censored = nvc_design_censored(x, d->censored);
    if (isnan(of->fit->rss[v]))
        return 0;
    int status = look(d, of, v, of->series->Y + v * of->series->n_volumes + x->n_dummy, err);
    if (status)
        nvc_diagnosis_release(d);
    return status;
}

int nvc_diagnoses_add(struct nvc_diagnoses *l, const struct nvc_diagnosis_of *of, struct nvc_error *err)
{
    int status = nvc_grow(&l->items, &l->cap, l->n + of->series->n_regions, sizeof *l->items, err);
    for (size_t v = 0; v < of->series->n_regions && !status; v++)
        if (!(status = nvc_diagnose(&l->items[l->n], of, v, err)))
            l->n++;
    return status;
}
