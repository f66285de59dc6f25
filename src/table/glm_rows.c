#include "table/glm_rows.h"

#include "base/memory.h"
#include "model/glm/glm_detail.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* One region of the series. */
struct region {
    const struct nvc_region_facts *facts;
    const double *y;   /* rows of the design */
    size_t v;
    double s0;
    const char *note;
};

static void add_note(struct nvc_glm_row *row, const char *word)
{
    size_t n = strlen(row->note);
    if (*word && strcmp(word, "n/a"))
        (void)snprintf(row->note + n, sizeof row->note - n, "%s%s", n ? ";" : "", word);
}

static struct region region_of(const struct nvc_glm_rows *r, size_t v)
{
    size_t n = r->design->n_rows;
    struct region g = { &r->series->regions[v], r->series->Y + v * r->series->n_volumes + r->design->n_dummy, v, NAN, "" };
    double mean = 0, square = 0;
    g.s0 = g.facts->s0;
    for (size_t t = 0; t < n; t++)
        mean += g.y[t] / (double)n;
    for (size_t t = 0; t < n; t++)
        square += (g.y[t] - mean) * (g.y[t] - mean) / (double)n;
    if (isnan(mean))
        g.note = "empty_region";
    else if (isnan(g.s0) && mean > 10 * sqrt(square)) {
        g.s0 = mean;
        g.note = "s0_of_series";
    } else if (!(g.s0 > 0)) {
        g.s0 = NAN;
        g.note = "s0_unknown";
    }
    return g;
}

static struct nvc_glm_row *new_row(struct nvc_glm_table *t, const struct nvc_glm_rows *r, const struct nvc_plan_item *item,
                                   const struct nvc_region_facts *facts, struct nvc_error *err)
{
    struct nvc_glm_row *row = nvc_glm_table_add(t, err);
    if (!row || !(row->contrast = nvc_strdup(item->contrast.name, err)) || !(row->weights = nvc_strdup(item->weights, err)))
        return NULL;
    row->who = r->series->who;
    (void)snprintf(row->atlas, sizeof row->atlas, "%s", facts->atlas);
    (void)snprintf(row->region, sizeof row->region, "%s", facts->region);
    (void)snprintf(row->side, sizeof row->side, "%s", facts->side);
    (void)snprintf(row->noise, sizeof row->noise, "%s", nvc_noise_names[r->noise]);
    row->type = item->type;
    row->event_duration_s = item->event_duration_s;
    row->n_vol = (double)r->design->n_rows;
    row->n_censored = (double)nvc_design_censored(r->design, NULL);
    row->dof = nvc_glm_dof(r->glm);
    row->df_num = item->type == NVC_GLM_F ? nvc_glm_test_dof(r->glm, item->test) : 1;
    return row;
}

/* t, p and z of an effect and its standard error; p is given where pairs of noise parameters were averaged. */
static void infer(struct nvc_glm_row *row, double effect, double se, double p)
{
    row->stat = effect / se;
    if (isnan(p)) {
        row->p = nvc_glm_p(row->stat, row->dof);
        row->z = nvc_glm_z(row->stat, row->dof);
    } else {
        row->p = p;
        row->z = nvc_glm_z_of_p(p, effect);
    }
}

static void fill_effect(struct nvc_glm_row *row, const struct nvc_glm_rows *r, const struct nvc_plan_item *item,
                        const struct region *g)
{
    const struct nvc_glm_fit *fit = r->fit;
    size_t at = item->effect * fit->n_vox + g->v;
    row->effect = fit->effect[at];
    row->se = sqrt(fit->variance[at]);
    row->effect_pct = 100 * row->effect / g->s0;
    row->se_pct = 100 * row->se / g->s0;
    infer(row, row->effect, row->se, r->noise == NVC_NOISE_ARMA11 ? fit->p[at] : NAN);
    add_note(row, item->psc_note);
    if (item->psc_effect < 0)
        return;
    at = (size_t)item->psc_effect * fit->n_vox + g->v;
    row->psc = 100 * fit->effect[at] / g->s0;
    row->psc_se = 100 * sqrt(fit->variance[at]) / g->s0;
}

static int add_row(struct nvc_glm_table *t, const struct nvc_glm_rows *r, const struct nvc_plan_item *item,
                   const struct region *g, struct nvc_error *err)
{
    const struct nvc_glm_fit *fit = r->fit;
    struct nvc_glm_row *row = new_row(t, r, item, g->facts, err);
    if (!row)
        return NVC_ESYS;
    row->s0 = g->s0;
    row->ar = fit->ar[g->v];
    row->ma = fit->ma[g->v];
    row->sigma = fit->sigma[g->v];
    row->n_vox = g->facts->n_vox;
    row->coverage = g->facts->coverage;
    row->tsnr = g->facts->tsnr;
    add_note(row, g->facts->note);
    add_note(row, g->note);
    if (isnan(fit->rss[g->v]) && strcmp(g->note, "empty_region"))
        add_note(row, "no_residual");
    if (item->type == NVC_GLM_F) {
        row->stat = fit->f[item->test * fit->n_vox + g->v];
        row->p = fit->f_p[item->test * fit->n_vox + g->v];
        row->z = nvc_glm_z_of_p(row->p, 1);
    } else {
        fill_effect(row, r, item, g);
    }
    return 0;
}

/* se of b - a from the standard errors and the correlation of the estimates. */
static double se_difference(double se_a, double se_b, double correlation)
{
    return sqrt(se_a * se_a + se_b * se_b - 2 * correlation * se_a * se_b);
}

/* How a difference of two regions is called. */
struct difference { const char *region, *side, *note; };

/* The row second - first of one contrast, from the details of both fits. */
static int add_difference(struct nvc_glm_table *t, const struct nvc_glm_rows *r, const struct nvc_plan_item *item, const struct difference *name,
                          const struct region side[2], const struct nvc_glm_detail detail[2], struct nvc_error *err)
{
    struct nvc_glm_row both[2] = { { .dof = nvc_glm_dof(r->glm), .psc = NAN }, { .dof = nvc_glm_dof(r->glm), .psc = NAN } };
    struct nvc_glm_row *row = new_row(t, r, item, side[0].facts, err);
    if (!row)
        return NVC_ESYS;
    for (size_t k = 0; k < 2; k++) {
        both[k].psc_se = NAN;
        fill_effect(&both[k], r, item, &side[k]);
    }
    double correlation = nvc_glm_correlation(&detail[0], &detail[1], item->effect);
    (void)snprintf(row->region, sizeof row->region, "%s", name->region);
    (void)snprintf(row->side, sizeof row->side, "%s", name->side);
    add_note(row, name->note);
    row->effect_pct = both[1].effect_pct - both[0].effect_pct;
    row->se_pct = se_difference(both[0].se_pct, both[1].se_pct, correlation);
    infer(row, row->effect_pct, row->se_pct, NAN);
    row->n_vox = side[0].facts->n_vox + side[1].facts->n_vox;
    row->coverage = fmin(side[0].facts->coverage, side[1].facts->coverage);
    row->tsnr = fmin(side[0].facts->tsnr, side[1].facts->tsnr);
    add_note(row, item->psc_note);
    if (item->psc_effect < 0)
        return 0;
    correlation = nvc_glm_correlation(&detail[0], &detail[1], (size_t)item->psc_effect);
    row->psc = both[1].psc - both[0].psc;
    row->psc_se = se_difference(both[0].psc_se, both[1].psc_se, correlation);
    return 0;
}

/* The other side of a region, or n_regions. */
static size_t right_of(const struct nvc_series *s, size_t left)
{
    const struct nvc_region_facts *l = &s->regions[left];
    for (size_t v = 0; v < s->n_regions && !strcmp(l->side, "L"); v++)
        if (!strcmp(s->regions[v].side, "R") && !strcmp(s->regions[v].region, l->region) && !strcmp(s->regions[v].atlas, l->atlas))
            return v;
    return s->n_regions;
}

static int add_differences(struct nvc_glm_table *t, const struct nvc_glm_rows *r, const struct difference *name, size_t left, size_t right,
                           struct nvc_error *err)
{
    struct region side[2] = { region_of(r, left), region_of(r, right) };
    struct nvc_glm_detail detail[2] = { 0 };
    int status = 0;
    if (isnan(r->fit->rss[left]) || isnan(r->fit->rss[right]))
        return 0;
    for (size_t k = 0; k < 2 && !status; k++)
        status = nvc_glm_detail_init(&detail[k], r->glm, r->fit, side[k].v, side[k].y, err);
    for (size_t k = 0; k < r->plan->n_items && !status; k++)
        if (r->plan->items[k].type != NVC_GLM_F)
            status = add_difference(t, r, &r->plan->items[k], name, side, detail, err);
    nvc_glm_detail_release(&detail[0]);
    nvc_glm_detail_release(&detail[1]);
    return status;
}

/* Every region minus one control region, with the covariance of the two. */
static int add_minus(struct nvc_glm_table *t, const struct nvc_glm_rows *r, const char *control, struct nvc_error *err)
{
    const struct nvc_series *s = r->series;
    bool found = false;
    int status = 0;
    for (size_t c = 0; c < s->n_regions && !status; c++) {
        const struct nvc_region_facts *from = &s->regions[c];
        const bool sided = !strcmp(from->side, "L") || !strcmp(from->side, "R");
        if (strcmp(from->region, control) != 0)
            continue;
        found = true;
        for (size_t v = 0; v < s->n_regions && !status; v++) {
            const struct nvc_region_facts *of = &s->regions[v];
            char name[96];
            if (!strcmp(of->region, control) || (sided && strcmp(of->side, from->side) != 0))
                continue;
            (void)snprintf(name, sizeof name, "%.47s-%.47s", of->region, control);
            status = add_differences(t, r, &(struct difference){ name, of->side, "difference_of_regions" }, c, v, err);
        }
    }
    return status || found ? status : nvc_fail(err, NVC_EDATA, "no region is called '%s' (--minus)", control);
}

int nvc_glm_rows_add(struct nvc_glm_table *t, const struct nvc_glm_rows *r, struct nvc_error *err)
{
    int status = 0;
    for (size_t v = 0; v < r->series->n_regions && !status; v++) {
        struct region g = region_of(r, v);
        for (size_t k = 0; k < r->plan->n_items && !status; k++)
            status = add_row(t, r, &r->plan->items[k], &g, err);
    }
    for (size_t v = 0; v < r->series->n_regions && !status; v++) {
        size_t right = right_of(r->series, v);
        if (right < r->series->n_regions)
            status = add_differences(t, r, &(struct difference){ r->series->regions[v].region, "RL", "" }, v, right, err);
    }
    for (size_t k = 0; k < r->minus.n && !status; k++)
        status = add_minus(t, r, r->minus.items[k], err);
    return status;
}
