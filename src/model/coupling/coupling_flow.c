#include "model/coupling/coupling_flow.h"

#include "base/memory.h"
#include "model/coupling/temporal_coupling.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static bool same(const char *a, const char *b) { return !strcmp(a, b); }

static const struct nvc_response *find(const struct nvc_response *all, size_t n, const struct nvc_response *at, const char *contrast)
{
    for (size_t i = 0; i < n; i++)
        if (same(all[i].contrast, contrast) && same(all[i].region, at->region) && same(all[i].side, at->side) && same(all[i].atlas, at->atlas) &&
            same(all[i].participant_id, at->participant_id))
            return &all[i];
    return NULL;
}

static struct nvc_coupling_row row_of(const struct nvc_response *r)
{
    return (struct nvc_coupling_row){ .participant_id = r->participant_id, .session = r->session, .task = r->task, .run = r->run, .space = r->space,
                                      .atlas = r->atlas, .region = r->region, .side = r->side, .class_name = "coupling", .contrast = r->contrast,
                                      .noise = r->noise, .se = NAN, .dof = NAN, .n_vox = r->n_vox, .coverage = r->coverage, .tsnr = r->tsnr,
                                      .mean_fd_mm = NAN };
}

static int add(struct nvc_coupling *c, struct nvc_coupling_row *row, const char *index, const char *unit, double value, struct nvc_quantiles ci,
               double scale, struct nvc_error *err)
{
    row->index = index, row->unit = unit, row->value = scale * value, row->ci_low = scale * ci.low, row->ci_high = scale * ci.high;
    return nvc_coupling_add(c, row, err);
}

static struct nvc_measured share(const struct nvc_response *r, double base)
{
    return (struct nvc_measured){ base + r->psc / 100, r->psc_se / 100 };
}

static int calibrate(struct nvc_coupling *c, const struct nvc_calibration *k, const struct nvc_response *co2, double *work, struct nvc_error *err)
{
    const struct nvc_response *flow_co2 = find(k->flow, k->n_flow, co2, k->co2);
    struct nvc_coupling_row row = row_of(co2);
    bool said = false;
    int status = 0;
    for (size_t i = 0; i < k->n_bold && !status; i++) {
        const struct nvc_response *task = &k->bold[i];
        if (task == co2 || task->derived || same(task->contrast, k->co2) || find(co2, 1, task, k->co2) != co2)
            continue;
        const struct nvc_response *flow = find(k->flow, k->n_flow, task, task->contrast);
        if (!flow)
            continue;
        const struct nvc_davis_result r = nvc_davis_couple(&k->davis, share(co2, 0), share(flow_co2, 1), share(task, 0), share(flow, 1), k->n_draws, k->seed,
                                                           work);
        if (!said) {
            row.note = r.M > 0 ? "" : "m_below_signal";
            status = add(c, &row, "davis_m", "%", r.M, r.M_ci, 100, err);
            said = true;
        }
        struct nvc_coupling_row out = row_of(task);
        out.note = isnan(r.m) ? "m_below_signal" : r.invalid > 0.05 ? "often_undefined" : "";
        status = status ? status : add(c, &out, "cmro2_ratio", "ratio", r.m, r.m_ci, 1, err);
        status = status ? status : add(c, &out, "nvc_n", "ratio", r.n, r.n_ci, 1, err);
        status = status ? status : add(c, &out, "nvc_theta", "ratio", r.theta, r.theta_ci, 1, err);
    }
    return status;
}

int nvc_coupling_calibrated(struct nvc_coupling *c, const struct nvc_calibration *k, struct nvc_error *err)
{
    double *work = nvc_array(4 * k->n_draws, sizeof *work, err);
    size_t found = 0;
    int status = work ? 0 : NVC_ESYS;
    for (size_t i = 0; i < k->n_bold && !status; i++)
        if (same(k->bold[i].contrast, k->co2) && !same(k->bold[i].side, "RL") && find(k->flow, k->n_flow, &k->bold[i], k->co2)) {
            found++;
            status = calibrate(c, k, &k->bold[i], work, err);
        }
    free(work);
    return status || found ? status : nvc_fail(err, NVC_EDATA, "no region has a response to '%s' in both the BOLD and the flow table", k->co2);
}

static int temporal(struct nvc_coupling *c, const struct nvc_series *s, size_t region, const struct nvc_temporal_r *r, struct nvc_error *err)
{
    const struct nvc_region_facts *f = &s->regions[region];
    struct nvc_coupling_row row = { .participant_id = s->who.participant_id, .session = s->who.session, .task = s->who.task, .run = s->who.run,
                                    .space = s->who.space, .atlas = f->atlas, .region = f->region, .side = f->side, .class_name = "coupling",
                                    .contrast = "time", .n_vox = f->n_vox, .coverage = f->coverage, .tsnr = f->tsnr, .mean_fd_mm = NAN,
                                    .note = isnan(r->r) ? "constant" : "", .se = NAN, .dof = NAN };
    const struct nvc_quantiles r_ci = { r->r, r->ci_low, r->ci_high }, none = { NAN, NAN, NAN };
    int status = add(c, &row, "nvc_rt", "r", r->r, r_ci, 1, err);
    row.se = r->z_se, row.note = isnan(r->r) ? "constant" : "derived";
    const struct nvc_quantiles z_ci = { r->z, r->z - 1.959964 * r->z_se, r->z + 1.959964 * r->z_se };
    status = status ? status : add(c, &row, "nvc_zt", "Fisher z", r->z, z_ci, 1, err);
    row.se = NAN;
    return status ? status : add(c, &row, "nvc_rt_lag", "s", isnan(r->r) ? NAN : (double)r->best_lag * s->tr_s, none, 1, err);
}

int nvc_coupling_temporal(struct nvc_coupling *c, const struct nvc_series *flow, const struct nvc_series *bold, double max_lag_s, struct nvc_error *err)
{
    size_t found = 0;
    int status = 0;
    if (flow->n_volumes != bold->n_volumes || fabs(flow->tr_s - bold->tr_s) > 1e-3)
        return nvc_fail(err, NVC_EDATA, "the flow series has %zu volumes of %g s, the BOLD series %zu of %g s; both must come from one run", flow->n_volumes,
                        flow->tr_s, bold->n_volumes, bold->tr_s);
    for (size_t i = 0; i < flow->n_regions && !status; i++)
        for (size_t k = 0; k < bold->n_regions && !status; k++) {
            struct nvc_temporal_r r;
            if (!same(flow->regions[i].column, bold->regions[k].column))
                continue;
            found++;
            status = nvc_temporal_couple(flow->Y + i * flow->n_volumes, bold->Y + k * bold->n_volumes, flow->n_volumes,
                                         (long)floor(max_lag_s / bold->tr_s + 1e-9), &r, err);
            status = status ? status : temporal(c, bold, k, &r, err);
        }
    return status || found ? status : nvc_fail(err, NVC_EDATA, "no region stands in both series");
}
