#include "model/simulate/simulate_internal.h"

#include "base/memory.h"
#include "model/region/roi_parametric.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Sums over the voxels of a region that the head has. */
struct projection { size_t n; double weight, s0, noise_s0_2, noise_2, map[NVC_SIM_COURSES]; };

static struct projection project(const struct nvc_sim_head *head, const struct nvc_region *region)
{
    struct projection p = { 0 };
    for (size_t r = 0, v = 0; r < region->n; r++) {
        while (v < head->n && head->index[v] < region->index[r])
            v++;
        if (v == head->n || head->index[v] != region->index[r])
            continue;
        double w = region->weight[r], s0 = head->s0[v];
        p.n++;
        p.weight += w;
        p.s0 += w * s0;
        p.noise_s0_2 += w * w * s0 * s0;
        p.noise_2 += w * w;
        for (size_t k = 0; k < NVC_SIM_COURSES; k++)
            p.map[k] += w * head->map[v + head->n * k];
    }
    return p;
}

static void fill_side(double *y, const struct projection *p, const struct nvc_sim_spec *spec, const struct nvc_sim_run *run,
                      struct nvc_rng *rng)
{
    size_t n = run->n_volumes;
    double ar = 0;
    for (size_t t = 0; t < n; t++) {
        double sum = p->s0 + run->course[t + n * NVC_SIM_BLA] * p->map[NVC_SIM_BLA];
        if (rng) {
            double fresh = nvc_rng_normal(rng), thermal = nvc_rng_normal(rng);
            ar = t ? NVC_SIM_AR_PHI * ar + sqrt(1 - NVC_SIM_AR_PHI * NVC_SIM_AR_PHI) * fresh : fresh;
            sum += spec->noise * (NVC_SIM_AR_SD_PCT / 100 * sqrt(p->noise_s0_2) * ar +
                                  NVC_SIM_THERMAL_SD * sqrt(p->noise_2) * thermal);
            for (size_t k = NVC_SIM_FUSIFORM; k < NVC_SIM_COURSES; k++)
                sum += nvc_sim_course_scale(spec, k) * run->course[t + n * k] * p->map[k];
        }
        y[t] = sum / p->weight;
    }
}

static void fill_facts(struct nvc_region_facts *f, const struct nvc_region *region, const double *y, size_t n_volumes,
                       const struct projection *p)
{
    *f = (struct nvc_region_facts) { .n_vox_mask = (double)region->n, .n_vox = (double)p->n,
                                     .coverage = p->weight / region->weight_sum, .tsnr = NAN, .dropout = NAN };
    snprintf(f->column, sizeof f->column, "%s", region->column);
    snprintf(f->region, sizeof f->region, "%s", region->region);
    snprintf(f->side, sizeof f->side, "%s", region->side);
    snprintf(f->atlas, sizeof f->atlas, "%s", NVC_PARAMETRIC_ATLAS);
    for (size_t t = 0; t < n_volumes; t++)
        f->s0 += y[t] / (double)n_volumes;
}

static int allocate(struct nvc_series *s, const struct nvc_sim_spec *spec, const struct nvc_sim_person *person,
                    struct nvc_error *err)
{
    enum { REGIONS = 2 };
    *s = (struct nvc_series) { .n_volumes = spec->n_volumes, .n_regions = REGIONS, .tr_s = spec->tr_s,
                               .start_time_s = spec->tr_s / 2, .slice_time_corrected = 1,
                               .who = { .session = "n/a", .task = "faces", .run = "n/a", .space = NVC_PARAMETRIC_SPACE },
                               .summary = "weighted", .signal_unit = "arbitrary" };
    memcpy(s->who.participant_id, person->participant_id, sizeof person->participant_id);
    s->Y = nvc_array(s->n_volumes * REGIONS, sizeof *s->Y, err);
    s->time_s = s->Y ? nvc_array(s->n_volumes, sizeof *s->time_s, err) : NULL;
    s->regions = s->time_s ? nvc_array(REGIONS, sizeof *s->regions, err) : NULL;
    return s->regions ? 0 : (int)err->status;
}

int nvc_sim_series(struct nvc_series *s, const struct nvc_sim_spec *spec, const struct nvc_sim_person *person,
                   const struct nvc_sim_head *head, const struct nvc_sim_run *run, const struct nvc_mask *bla,
                   bool response_only, struct nvc_error *err)
{
    if (allocate(s, spec, person, err))
        return (int)err->status;
    struct nvc_rng rng = nvc_sim_stream(spec, person, NVC_SIM_VOXELS);
    size_t n = s->n_volumes;
    for (size_t r = 0; r < bla->n_regions; r++) {
        struct projection side = project(head, &bla->regions[r]);
        if (side.n == 0)
            return nvc_fail(err, NVC_EDATA, "%s: no voxel of %s has signal", person->participant_id, bla->regions[r].column);
        fill_side(s->Y + n * r, &side, spec, run, response_only ? NULL : &rng);
        fill_facts(&s->regions[r], &bla->regions[r], s->Y + n * r, n, &side);
    }
    for (size_t t = 0; t < n; t++)
        s->time_s[t] = round((double)t * s->tr_s * 1e6) / 1e6;
    return 0;
}
