#include "model/simulate/simulate_asl.h"

#include "base/memory.h"
#include "model/simulate/simulate_internal.h"

#include <math.h>
#include <stdlib.h>

static const double grey_flow = 65, white_flow = 20, bla_flow = 50, noise_share = 0.003; /* sd of a volume over M0 */

/* Sheets of grey matter some 15 mm apart: a pattern with the scale of gyri. */
static double grey_at(const double mm[3])
{
    const double wave = sin(mm[0] / 5 + 1) * cos(mm[1] / 6) + sin(mm[2] / 5.5);
    return 0.5 + 0.5 * tanh(4 * wave);
}

double nvc_sim_flow(const struct nvc_sim_head *head, size_t v, double *grey)
{
    double mm[3];
    nvc_voxel_mm(&head->grid, head->index[v], mm);
    const double here = grey_at(mm), s0 = (double)head->s0[v], bla = s0 > 0 ? 100 * (double)head->map[v + head->n * NVC_SIM_BLA] / s0 : 0;
    if (grey)
        *grey = (1 - bla) * here + bla;
    return (1 - bla) * (white_flow + (grey_flow - white_flow) * here) + bla * bla_flow;
}

int nvc_sim_asl_init(struct nvc_sim_asl *a, const struct nvc_sim_spec *spec, const struct nvc_sim_person *person, const struct nvc_sim_head *head,
                     struct nvc_error *err)
{
    *a = (struct nvc_sim_asl){ .asl = nvc_asl_defaults(NVC_ASL_PCASL, 1.8), .delay_s = 1.8, .tr_s = 5, .n = head->n };
    nvc_rng_init(&a->rng, spec->seed ^ 0x9e3779b97f4a7c15U, person->index);
    if (!(a->grey = nvc_array(2 * head->n, sizeof *a->grey, err)))
        return NVC_ESYS;
    a->flow = a->grey + head->n;
    for (size_t v = 0; v < head->n; v++) {
        double grey;
        a->flow[v] = (float)nvc_sim_flow(head, v, &grey);
        a->grey[v] = (float)grey;
    }
    return 0;
}

void nvc_sim_asl_release(struct nvc_sim_asl *a)
{
    free(a->grey);
    *a = (struct nvc_sim_asl){ 0 };
}

void nvc_sim_asl_volume(float *volume, size_t t, const struct nvc_sim_spec *spec, const struct nvc_sim_head *head, struct nvc_sim_asl *a)
{
    const double per_flow = 1 / nvc_cbf(&a->asl, 1, 1, a->delay_s), sd = spec->noise * noise_share;
    for (size_t v = 0; v < head->n; v++) {
        const double label = t > 0 && t % 2 == 0 ? (double)a->flow[v] * per_flow : 0;
        volume[head->index[v]] = (float)((double)head->s0[v] * (1 - label + sd * nvc_rng_normal(&a->rng)));
    }
}
