#include "table/reactivity.h"

#include <math.h>

int nvc_cvr_indices(struct nvc_coupling *c, const struct nvc_series *s, size_t region, const struct nvc_reactivity *r,
                    const struct nvc_cvr_rows *how, struct nvc_error *err)
{
    const struct nvc_region_facts *f = s->regions + region;
    const bool stepped = how->kind == NVC_CVR_BLOCK && !isnan(how->step_mmhg), weak = !(fabs(r->slope) >= 2 * r->se);
    const double unit = stepped ? how->step_mmhg : 1;
    struct nvc_coupling_row row = {
        .participant_id = s->who.participant_id, .session = s->who.session, .task = s->who.task, .run = s->who.run, .space = s->who.space,
        .atlas = f->atlas, .region = f->region, .side = f->side, .class_name = "reactivity", .noise = "arma11",
        .contrast = how->kind == NVC_CVR_CO2 ? "co2" : how->kind == NVC_CVR_GAS_FREE ? "gas-free" : how->contrast,
        .index = how->kind == NVC_CVR_BREATH_HOLD ? "bh_response" : how->kind == NVC_CVR_GAS_FREE ? "cvr_relative"
                 : how->kind == NVC_CVR_CO2 || stepped ? "cvr" : "cvr_block",
        .unit = how->kind == NVC_CVR_GAS_FREE ? "ratio" : how->kind == NVC_CVR_CO2 || stepped ? "%/mmHg" : "%",
        .value = r->slope / unit, .se = r->se / unit, .dof = r->dof, .ci_low = r->ci_low / unit, .ci_high = r->ci_high / unit,
        .n_vox = f->n_vox, .coverage = f->coverage, .tsnr = f->tsnr, .mean_fd_mm = how->mean_fd_mm,
        .note = isnan(r->slope) ? "empty" : weak ? r->lag_at_edge ? "weak;lag_at_edge" : "weak" : r->lag_at_edge ? "lag_at_edge" : "" };
    int status = nvc_coupling_add(c, &row, err);
    row.index = "cvr_lag", row.unit = "s", row.value = r->lag_s, row.se = row.dof = NAN;
    row.ci_low = r->lag_ci_low_s, row.ci_high = r->lag_ci_high_s;
    return status || how->one_lag ? status : nvc_coupling_add(c, &row, err);
}
