#include "model/glm/plan.h"

#include "base/memory.h"
#include "base/number.h"
#include "math/lsq.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static const double worst_condition = 1e6;

void nvc_plan_release(struct nvc_plan *p)
{
    for (size_t k = 0; k < p->n_items; k++) {
        nvc_contrast_release(&p->items[k].contrast);
        free(p->items[k].weights);
    }
    free(p->items);
    free(p->names);
    free(p->C);
    free(p->want);
    free(p->tests);
    free(p->drift);
    free(p->task);
    *p = (struct nvc_plan){ 0 };
}

/* The column that stands for its condition: no modulator, not a derivative of another. */
static bool is_condition(const struct nvc_regressor *c)
{
    return c->role == NVC_ROLE_TASK && !c->modulator &&
           !(c->basis && (!strcmp(c->basis, "derivative") || !strcmp(c->basis, "dispersion")));
}

/* Append room for rows of weights; the new item's contrast is copied into C. */
static int add_effects(struct nvc_plan *p, const double *rows, size_t n_rows, enum nvc_want want, struct nvc_error *err)
{
    size_t n = p->n_effects + n_rows;
    double *C = realloc(p->C, n * p->m * sizeof *C);
    p->C = C ? C : p->C;
    enum nvc_want *wants = realloc(p->want, n * sizeof *wants);
    p->want = wants ? wants : p->want;
    if (!C || !wants)
        return nvc_fail(err, NVC_ESYS, "no memory for contrasts");
    memcpy(C + p->n_effects * p->m, rows, n_rows * p->m * sizeof *C);
    while (p->n_effects < n)
        wants[p->n_effects++] = want;
    return 0;
}

static int add_test(struct nvc_plan *p, size_t n_rows, bool at_best, struct nvc_error *err)
{
    struct nvc_arma_test *tests = realloc(p->tests, (p->n_tests + 1) * sizeof *tests);
    if (!tests)
        return nvc_fail(err, NVC_ESYS, "no memory for contrasts");
    p->tests = tests;
    p->tests[p->n_tests++] = (struct nvc_arma_test){ p->n_effects - n_rows, n_rows, at_best };
    return 0;
}

/* Weights w_i h_i of percent signal change, or why there are none. */
static int add_psc(struct nvc_plan *p, struct nvc_plan_item *item, const struct nvc_design *d, struct nvc_error *err)
{
    double *row = nvc_array(p->m, sizeof *row, err), duration = NAN;
    bool first = true, heights = true;
    if (!row)
        return NVC_ESYS;
    for (size_t j = 0; j < p->m; j++) {
        double w = item->contrast.C[j];
        if (w == 0)
            continue;
        heights = heights && isfinite(d->columns[j].h_ref);
        row[j] = w * d->columns[j].h_ref;
        duration = first || duration == d->columns[j].event_duration_s ? d->columns[j].event_duration_s : NAN;
        first = false;
    }
    item->event_duration_s = duration;
    int status = 0;
    if (!heights)
        item->psc_note = "psc_no_height";
    else if (!nvc_contrast_is_mean(&item->contrast))
        item->psc_note = "psc_not_a_mean";
    else if (p->psc && !(status = add_effects(p, row, 1, NVC_WANT_VARIANCE, err)))
        item->psc_effect = (long)p->n_effects - 1;
    free(row);
    return status;
}

static int add_item(struct nvc_plan *p, struct nvc_contrast *contrast, enum nvc_glm_type type, const struct nvc_design *d,
                    struct nvc_error *err)
{
    struct nvc_plan_item *item = &p->items[p->n_items++];
    struct nvc_text weights = { 0 };
    *item = (struct nvc_plan_item){ .contrast = *contrast, .type = type, .effect = p->n_effects, .psc_effect = -1,
                                    .psc_note = "", .event_duration_s = NAN };
    int status = nvc_contrast_weights(&weights, contrast, p->names, err);
    item->weights = weights.data;
    for (size_t k = 0; k + 1 < p->n_items && !status; k++)
        if (!strcmp(p->items[k].contrast.name, contrast->name))
            status = nvc_fail(err, NVC_EDATA, "two contrasts are called '%s'; name one of them otherwise: 'NAME = ...'",
                              contrast->name);
    if (!status)
        status = add_effects(p, contrast->C, contrast->n_rows, type == NVC_GLM_F ? NVC_WANT_VARIANCE : NVC_WANT_P, err);
    if (!status && type == NVC_GLM_F) {
        item->test = p->n_tests;
        return add_test(p, contrast->n_rows, false, err);
    }
    return status ? status : add_psc(p, item, d, err);
}

static int add_columns(struct nvc_plan *p, const struct nvc_design *d, bool regressors, struct nvc_error *err)
{
    bool roles = false;
    for (size_t j = 0; j < d->n_cols; j++)
        roles = roles || d->columns[j].role == NVC_ROLE_TASK;
    for (size_t pass = 0; pass < 2; pass++)
        for (size_t j = 0; j < d->n_cols; j++) {
            const struct nvc_regressor *c = &d->columns[j];
            bool condition = is_condition(c), wanted = regressors || (!roles && c->role == NVC_ROLE_UNKNOWN);
            struct nvc_contrast contrast;
            if (pass == 0 ? !condition : condition || !wanted)
                continue;
            int status = nvc_contrast_single(&contrast, c->name, j, d->n_cols, err);
            if (!status)
                status = add_item(p, &contrast, condition ? NVC_GLM_CONDITION : NVC_GLM_REGRESSOR, d, err);
            if (status)
                return status;
        }
    return 0;
}

/* All task columns together. */
static int add_task_test(struct nvc_plan *p, struct nvc_error *err)
{
    size_t n = 0;
    double *rows = nvc_array(p->m * p->m, sizeof *rows, err);
    if (!rows)
        return NVC_ESYS;
    for (size_t j = 0; j < p->m; j++)
        if (p->task[j])
            rows[p->m * n++ + j] = 1;
    int status = n ? add_effects(p, rows, n, NVC_WANT_AT_BEST, err) : 0;
    if (!status && n) {
        p->task_test = (long)p->n_tests;
        status = add_test(p, n, true, err);
    }
    free(rows);
    return status;
}

static int check_design(struct nvc_plan *p, const struct nvc_design *d, struct nvc_error *err)
{
    struct nvc_lsq f;
    int status = nvc_lsq_init(&f, d->X, d->n_rows, d->n_cols, err);
    if (status)
        return nvc_fail_in(err, "design");
    p->condition = f.condition;
    status = nvc_lsq_require(&f, worst_condition, p->names, err);
    nvc_lsq_release(&f);
    return status ? nvc_fail_in(err, "design") : 0;
}

static int allocate(struct nvc_plan *p, const struct nvc_design *d, size_t n_contrasts, struct nvc_error *err)
{
    *p = (struct nvc_plan){ .m = d->n_cols, .task_test = -1 };
    if (!(p->items = nvc_array(d->n_cols + n_contrasts, sizeof *p->items, err)) ||
        !(p->names = nvc_array(d->n_cols, sizeof *p->names, err)) || !(p->drift = nvc_array(d->n_cols, sizeof(bool), err)) ||
        !(p->task = nvc_array(d->n_cols, sizeof(bool), err)))
        return NVC_ESYS;
    for (size_t j = 0; j < d->n_cols; j++) {
        p->names[j] = d->columns[j].name;
        p->drift[j] = d->columns[j].role == NVC_ROLE_DRIFT;
        p->task[j] = d->columns[j].role == NVC_ROLE_TASK;
    }
    return 0;
}

int nvc_plan_init(struct nvc_plan *p, const struct nvc_design *d, const struct nvc_plan_wish *wish, struct nvc_error *err)
{
    const struct nvc_list *contrasts = wish->contrasts;
    int status = allocate(p, d, contrasts->n, err);
    p->psc = wish->psc;
    if (!status)
        status = check_design(p, d, err);
    if (!status)
        status = add_columns(p, d, wish->regressors, err);
    for (size_t k = 0; k < contrasts->n && !status; k++) {
        struct nvc_contrast c;
        status = nvc_contrast_parse(&c, contrasts->items[k], p->names, d->n_cols, err);
        if (!status)
            status = add_item(p, &c, c.is_f ? NVC_GLM_F : NVC_GLM_T, d, err);
    }
    if (!status && p->n_items == 0)
        status = nvc_fail(err, NVC_EDATA, "nothing to report: the design has no condition; ask with --contrast or --regressors");
    if (!status && wish->r2)
        status = add_task_test(p, err);
    if (status)
        nvc_plan_release(p);
    return status;
}

int nvc_design_set_height(struct nvc_design *d, const char *text, struct nvc_error *err)
{
    const char *equal = strrchr(text, '=');
    double height;
    if (!equal || equal == text || !nvc_parse_real(equal + 1, strlen(equal + 1), &height))
        return nvc_fail(err, NVC_EUSAGE, "height '%s': NAME=NUMBER is wanted, for example face=0.21", text);
    for (size_t j = 0; d && j < d->n_cols; j++)
        if (strlen(d->columns[j].name) == (size_t)(equal - text) && !strncmp(d->columns[j].name, text, (size_t)(equal - text))) {
            d->columns[j].h_ref = height;
            return 0;
        }
    return d ? nvc_fail(err, NVC_EDATA, "height '%s': the design has no column '%.*s'", text, (int)(equal - text), text) : 0;
}
