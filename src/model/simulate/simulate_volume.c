#include "model/simulate/simulate_internal.h"

#include "base/memory.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static const double ar_phi = NVC_SIM_AR_PHI, ar_sd_pct = NVC_SIM_AR_SD_PCT, thermal_sd = NVC_SIM_THERMAL_SD;

int nvc_sim_noise_init(struct nvc_sim_noise *noise, const struct nvc_sim_spec *spec, const struct nvc_sim_person *person,
                       const struct nvc_sim_head *head, struct nvc_error *err)
{
    noise->rng = nvc_sim_stream(spec, person, NVC_SIM_VOXELS);
    noise->state = nvc_array(3 * head->n, sizeof *noise->state, err);
    if (!noise->state)
        return (int)err->status;
    noise->sum = noise->state + head->n, noise->scale = noise->sum + head->n;
    for (size_t v = 0; v < head->n; v++)
        noise->scale[v] = spec->rest ? (float)sqrt(nvc_sim_flow(head, v, NULL) / 50) : 1;
    for (size_t v = 0; v < head->n; v++)
        noise->state[v] = (float)(nvc_rng_normal(&noise->rng) * ar_sd_pct / 100);
    return 0;
}

void nvc_sim_noise_release(struct nvc_sim_noise *noise)
{
    free(noise->state);
    noise->state = NULL;
}

/* What is not noise of the voxel: a sum of maps, one after the other so that the compiler can use vectors. */
static void add_maps(float *restrict sum, size_t t, const struct nvc_sim_spec *spec, const struct nvc_sim_head *head,
                     const struct nvc_sim_run *run)
{
    memcpy(sum, head->s0, head->n * sizeof *sum);
    for (size_t k = 0; k < NVC_SIM_COURSES; k++) {
        float by = (float)(nvc_sim_course_scale(spec, k) * run->course[t + run->n_volumes * k]);
        const float *restrict map = head->map + head->n * k;
        for (size_t v = 0; v < head->n; v++)
            sum[v] += by * map[v];
    }
}

void nvc_sim_volume(float *volume, size_t t, const struct nvc_sim_spec *spec, const struct nvc_sim_head *head,
                    const struct nvc_sim_run *run, struct nvc_sim_noise *noise)
{
    add_maps(noise->sum, t, spec, head, run);
    float innovation = (float)(ar_sd_pct / 100 * sqrt(1 - ar_phi * ar_phi));
    float scale = (float)spec->noise, thermal = (float)(spec->noise * thermal_sd);
    for (size_t v = 0; v < head->n; v++) {
        noise->state[v] = (float)ar_phi * noise->state[v] + innovation * (float)nvc_rng_normal(&noise->rng);
        volume[head->index[v]] = noise->sum[v] + scale * noise->scale[v] * head->s0[v] * noise->state[v] +
                                 thermal * (float)nvc_rng_normal(&noise->rng);
    }
}
