#include "model/coupling/coupling_maps.h"

#include "base/memory.h"
#include "math/correlation.h"
#include "model/coupling/coupling_line.h"
#include "model/coupling/imco.h"
#include "model/coupling/map_coupling.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

struct work { /* of one region and one activity map */
    const struct nvc_map_set *set;
    const struct nvc_region *region;
    const struct nvc_half_map *activity;
    struct nvc_coupling *out;
    struct nvc_coupling_row row;
    size_t *voxels, n;             /* of weight 0.5 and more */
    bool *near;                    /* within 10 mm of the region */
};

static bool usable(double v) { return isfinite(v) && v != 0; }

const struct nvc_coupling_row *nvc_coupling_find(const struct nvc_coupling *c, const char *index, const char *region, const char *side)
{
    for (size_t i = 0; c && i < c->n; i++)
        if (!strcmp(c->rows[i].index, index) && !strcmp(c->rows[i].region, region) && !strcmp(c->rows[i].side, side))
            return &c->rows[i];
    return NULL;
}

/* index: "nvc_r_" or with a name that is not that of the map (NULL: alone). */
static int add(struct work *w, const char *prefix, const char *name, const char *unit, const char *note, double value, double se, double low,
               double high, struct nvc_error *err)
{
    char *index = nvc_sprintf(err, "%s%s", prefix, name);
    if (!index)
        return NVC_ESYS;
    struct nvc_coupling_row row = w->row;
    row.index = index, row.unit = unit, row.note = note, row.value = value, row.se = se, row.ci_low = low, row.ci_high = high;
    const int status = nvc_coupling_add(w->out, &row, err);
    free(index);
    return status;
}

static int couple(const struct work *w, const double *x, const double *y, bool partial, struct nvc_map_r *r, struct nvc_error *err)
{
    const struct nvc_map_set *s = w->set;
    const struct nvc_map_pair pair = { .grid = s->grid, .x = x, .y = y, .region = w->voxels, .n_region = w->n, .support = s->tissue, .support_mm = 20,
                                       .covariates = s->covariates, .n_covariates = partial ? s->n_covariates : 0, .bootstrap = s->bootstrap,
                                       .seed = s->seed };
    int status = nvc_map_couple(&pair, r, err);
    return status == NVC_EDATA ? 0 : status; /* then r is NaN */
}

static double spearman_brown(double q) { return 2 * q / (1 + q); }

/* said: the row is there already. */
static int add_reliability(struct work *w, const struct nvc_half_map *m, const char *name, bool said, double *half_r, struct nvc_error *err)
{
    struct nvc_map_r r;
    *half_r = NAN;
    if (!m->half[0] || !m->half[1])
        return 0;
    int status = couple(w, m->half[0], m->half[1], false, &r, err);
    *half_r = r.r;
    if (status || said)
        return status;
    const char *const class_name = w->row.class_name; /* how well a map repeats itself is no coupling */
    w->row.class_name = m == &w->set->cbf ? "perfusion" : "bold-fluctuation";
    status = add(w, "rel_", name, "0..1", isnan(r.r) ? "derived;few_voxels" : "derived", spearman_brown(r.r), NAN, spearman_brown(r.ci_low),
                 spearman_brown(r.ci_high), err);
    w->row.class_name = class_name;
    return status;
}

static const char *why(const struct nvc_map_r *r)
{
    if (isnan(r->r))
        return r->n < 4 ? "few_voxels" : r->n_support < 8 ? "few_support" : "constant";
    return isnan(r->z_se) ? "n_eff_below_3" : r->few_support ? "few_support" : "";
}

static int add_correlations(struct work *w, struct nvc_error *err)
{
    const struct nvc_map_set *s = w->set;
    const char *name = w->activity->name;
    struct nvc_map_r r, p;
    double half_x, half_y;
    int status = couple(w, s->cbf.map, w->activity->map, false, &r, err);
    w->row.n_vox = (double)r.n, w->row.coverage = w->n ? (double)r.n / (double)w->n : NAN;
    if (!status)
        status = add(w, "nvc_r_", name, "r", why(&r), r.r, NAN, r.ci_low, r.ci_high, err);
    if (!status)
        status = add(w, "nvc_z_", name, "Fisher z", isnan(r.r) ? why(&r) : "derived", r.z, r.z_se, atanh(r.ci_low), atanh(r.ci_high), err);
    if (!status)
        status = add(w, "nvc_neff_", name, "voxels", isnan(r.n_eff) ? why(&r) : "derived", r.n_eff, NAN, NAN, NAN, err);
    if (!status && s->n_covariates && !(status = couple(w, s->cbf.map, w->activity->map, true, &p, err))) {
        const double z = atanh(p.partial_r), half = 1.959964 * p.partial_z_se;
        status = add(w, "nvc_rpartial_", name, "r", isnan(p.partial_r) ? "few_voxels" : "", p.partial_r, NAN, tanh(z - half), tanh(z + half), err);
    }
    if (status || s->of_half || (status = add_reliability(w, &s->cbf, "cbf", w->activity > s->activity, &half_x, err)) ||
        (status = add_reliability(w, w->activity, name, false, &half_y, err)))
        return status;
    if (s->cbf.half[0] && w->activity->half[0]) {
        const double free_r = nvc_disattenuate(r.r, half_x, half_y), factor = free_r / r.r;
        status = add(w, "nvc_rdis_", name, "r", isnan(free_r) ? "reliability_low" : "", free_r, NAN, r.ci_low * factor, r.ci_high * factor, err);
    }
    return status;
}

/* The published way: everything outside the region is 0 in both maps, and enters. */
static int add_mica(struct work *w, struct nvc_error *err)
{
    const size_t n = nvc_grid_voxels(w->set->grid);
    double *x = nvc_array(2 * n, sizeof *x, err);
    if (!x)
        return NVC_ESYS;
    for (size_t i = 0; i < w->n; i++) {
        const size_t v = w->voxels[i];
        x[v] = isfinite(w->set->cbf.map[v]) ? w->set->cbf.map[v] : 0;
        x[n + v] = isfinite(w->activity->map[v]) ? w->activity->map[v] : 0;
    }
    const int status = add(w, "mica_r_", w->activity->name, "r", "zero_padded", nvc_pearson(x, x + n, n), NAN, NAN, NAN, err);
    free(x);
    return status;
}

/* Weighted mean over the region, and over tissue beyond 10 mm. */
static void means_of(const struct work *w, const double *map, double *region, double *grey)
{
    double sum = 0, weights = 0, all = 0, n = 0;
    for (size_t i = 0; i < w->region->n; i++)
        if (usable(map[w->region->index[i]])) {
            sum += w->region->weight[i] * map[w->region->index[i]];
            weights += w->region->weight[i];
        }
    for (size_t v = 0; v < nvc_grid_voxels(w->set->grid); v++)
        if (w->set->tissue[v] && !w->near[v] && usable(map[v]))
            all += map[v], n++;
    *region = sum / weights, *grey = all / n;
}

static double ln_ratio(const struct work *w, const double *map)
{
    double region, grey;
    means_of(w, map, &region, &grey);
    return region > 0 && grey > 0 ? log(region / grey) : NAN;
}

struct error { double var, dof; const char *note; };

/* Variance of ln(X_R / X_GM): of known rows, of halves, or unknown. */
static struct error error_of(const struct work *w, const struct nvc_half_map *m, const char *name, const char *unknown)
{
    const struct nvc_coupling *known = w->set->known;
    const struct nvc_region *r = w->region;
    const struct nvc_coupling_row *own = nvc_coupling_find(known, name, r->region, r->side), *grey = nvc_coupling_find(known, name, "GM", "B");
    const struct nvc_coupling_row *ln = !strcmp(name, "alff") ? nvc_coupling_find(known, "lnalff", r->region, r->side) : NULL;
    if (ln && ln->se > 0)
        return (struct error){ ln->se * ln->se, ln->dof, NULL };
    if (own && own->se > 0) {
        const double share = own->se / own->value, of_grey = grey && grey->se > 0 ? grey->se / grey->value : 0;
        return (struct error){ share * share + of_grey * of_grey, own->dof, NULL };
    }
    if (m->half[0] && m->half[1])
        return (struct error){ pow(ln_ratio(w, m->half[0]) - ln_ratio(w, m->half[1]), 2) / (w->set->of_half ? 2 : 4), 1, "error_of_halves" };
    return (struct error){ NAN, NAN, unknown };
}

static int add_ratios(struct work *w, struct nvc_flow_line_point *point, struct nvc_error *err)
{
    const struct nvc_map_set *s = w->set;
    const char *name = w->activity->name;
    const double c = ln_ratio(w, s->cbf.map), a = ln_ratio(w, w->activity->map);
    const struct error ec = error_of(w, &s->cbf, "cbf", "flow_error_unknown"), ea = error_of(w, w->activity, name, "activity_error_unknown");
    struct nvc_coupling_row interval = { .value = c - a, .se = sqrt(ec.var + ea.var), .dof = fmin(isnan(ec.dof) ? INFINITY : ec.dof,
                                                                                             isnan(ea.dof) ? INFINITY : ea.dof) };
    double region, grey;
    means_of(w, s->cbf.map, &region, &grey);
    *point = (struct nvc_flow_line_point){ log(region), sqrt(ec.var), NAN, sqrt(ea.var) };
    means_of(w, w->activity->map, &region, &grey);
    point->ln_alff = log(region);
    if (!isfinite(interval.dof))
        interval.dof = NAN;
    nvc_coupling_interval(&interval);
    const char *note = isnan(interval.value) ? "not_positive" : ec.note ? ec.note : ea.note ? ea.note : "";
    w->row.dof = interval.dof;
    int status = add(w, "nvc_logratio_", name, "ln", note, interval.value, interval.se, interval.ci_low, interval.ci_high, err);
    if (!status)
        status = add(w, "nvc_ratio_", name, "ratio", isnan(interval.value) ? note : "derived", exp(interval.value), exp(interval.value) * interval.se,
                     exp(interval.ci_low), exp(interval.ci_high), err);
    w->row.dof = NAN;
    return status;
}

double nvc_half_map_noise(const struct nvc_map_set *s, const struct nvc_half_map *m)
{
    double n = 0, mean = 0, ss = 0;
    for (size_t v = 0; m->half[0] && m->half[1] && v < nvc_grid_voxels(s->grid); v++)
        if (s->tissue[v] && usable(m->half[0][v]) && usable(m->half[1][v])) {
            const double d = m->half[0][v] - m->half[1][v], away = d - mean;
            mean += away / ++n;
            ss += away * (d - mean);
        }
    return n > 1 ? ss / (n - 1) / (s->of_half ? 2 : 4) : NAN;
}

static int add_local(struct work *w, struct nvc_error *err)
{
    const struct nvc_map_set *s = w->set;
    const struct nvc_imco_spec spec = { .grid = s->grid, .x = s->cbf.map, .y = w->activity->map, .tissue = s->tissue, .region = w->voxels,
                                        .n_region = w->n, .radius_mm = s->radius_mm, .noise_x = nvc_half_map_noise(s, &s->cbf),
                                        .noise_y = nvc_half_map_noise(s, w->activity) };
    struct nvc_imco fit;
    struct nvc_coupling_row interval = { 0 };
    int status = nvc_imco_fit(&spec, &fit, err);
    if (status && status != NVC_EDATA)
        return status;
    interval.value = fit.slope, interval.se = fit.se, interval.dof = w->row.dof = status ? NAN : (double)fit.n_blocks - 1;
    nvc_coupling_interval(&interval);
    const char *note = status ? "few_voxels" : fit.noise_assumed ? "noise_assumed" : "";
    status = add(w, "imco_", w->activity->name, "sd per sd", note, fit.slope, fit.se, interval.ci_low, interval.ci_high, err);
    w->row.dof = NAN;
    return status ? status : add(w, "imco_r2_", w->activity->name, "R2", *note && isnan(fit.r2) ? note : "derived", fit.r2, NAN, NAN, NAN, err);
}

static int add_activity(struct work *w, struct nvc_error *err)
{
    struct nvc_flow_line_point point;
    int status = add_correlations(w, err);
    if (!status && w->set->mica)
        status = add_mica(w, err);
    if (!status)
        status = add_ratios(w, &point, err);
    if (!status)
        status = add_local(w, err);
    if (!status && w->set->parcels && !strcmp(w->activity->name, "alff"))
        status = nvc_coupling_of_parcels(w->out, &w->row, w->set, w->activity, w->near, &point, err);
    return status;
}

int nvc_coupling_of_maps(struct nvc_coupling *c, const struct nvc_map_set *s, const struct nvc_region *r, struct nvc_error *err)
{
    const struct nvc_identity *who = s->who;
    struct work w = { .set = s, .region = r, .out = c };
    int status = (w.voxels = nvc_array(r->n, sizeof *w.voxels, err)) && (w.near = nvc_array(nvc_grid_voxels(s->grid), sizeof *w.near, err)) ? 0 : NVC_ESYS;
    w.row = (struct nvc_coupling_row){ .participant_id = who->participant_id, .session = who->session, .task = who->task, .run = who->run,
                                       .space = who->space, .atlas = r->atlas, .region = r->region, .side = r->side, .class_name = "coupling",
                                       .contrast = "rest", .se = NAN, .dof = NAN, .n_vox = NAN, .coverage = NAN, .tsnr = NAN, .mean_fd_mm = NAN };
    for (size_t i = 0; i < r->n && !status; i++)
        if (r->weight[i] >= 0.5)
            w.voxels[w.n++] = r->index[i];
    if (!status)
        nvc_region_margin(r, s->grid, 10, w.near);
    for (size_t k = 0; k < s->n_activity && !status; k++) {
        w.activity = &s->activity[k];
        status = add_activity(&w, err);
    }
    free(w.voxels);
    free(w.near);
    return status;
}
