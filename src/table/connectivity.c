#include "table/connectivity.h"

#include <math.h>
#include <stdio.h>

static struct nvc_coupling_row start(const struct nvc_series *s, size_t region, double mean_fd_mm)
{
    const struct nvc_region_facts *f = s->regions + region;
    return (struct nvc_coupling_row){
        .participant_id = s->who.participant_id, .session = s->who.session, .task = s->who.task, .run = s->who.run, .space = s->who.space,
        .atlas = f->atlas, .region = f->region, .side = f->side, .class_name = "connectivity", .note = "", .value = NAN, .se = NAN,
        .dof = NAN, .ci_low = NAN, .ci_high = NAN, .n_vox = f->n_vox, .coverage = f->coverage, .tsnr = f->tsnr, .mean_fd_mm = mean_fd_mm };
}

static int add(struct nvc_coupling *c, struct nvc_coupling_row *row, const char *prefix, const struct nvc_series *s, size_t seed, struct nvc_error *err)
{
    char index[160];
    (void)snprintf(index, sizeof index, "%s_%s", prefix, s->regions[seed].column);
    row->index = index;
    return nvc_coupling_add(c, row, err);
}

int nvc_seed_index(struct nvc_coupling *c, const struct nvc_series *s, size_t seed, size_t region, const struct nvc_connection *found,
                   double mean_fd_mm, struct nvc_error *err)
{
    struct nvc_coupling_row row = start(s, region, mean_fd_mm);
    row.contrast = "rest", row.unit = "z", row.noise = "bartlett";
    if (!found)
        row.note = "empty";
    else
        row.value = found->z, row.se = found->se, row.ci_low = found->ci_low, row.ci_high = found->ci_high;
    return add(c, &row, "fc", s, seed, err);
}

int nvc_ppi_index(struct nvc_coupling *c, const struct nvc_series *s, size_t seed, size_t region, const struct nvc_ppi_effect *effect,
                  double mean_fd_mm, struct nvc_error *err)
{
    struct nvc_coupling_row row = start(s, region, mean_fd_mm);
    row.contrast = effect->contrast, row.unit = "slope", row.noise = "arma11";
    row.value = effect->value, row.se = effect->se, row.dof = effect->dof, row.ci_low = effect->ci_low, row.ci_high = effect->ci_high;
    row.note = isnan(effect->value) ? "empty" : effect->derived ? "derived" : "";
    return add(c, &row, "ppi", s, seed, err);
}
