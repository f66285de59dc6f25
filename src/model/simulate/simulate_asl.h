/* The perfusion run of a simulated person: PCASL at 3 T, one delay, an M0 and ten pairs, in the space of the cohort. */
#ifndef NVC_MODEL_SIMULATE_ASL_H
#define NVC_MODEL_SIMULATE_ASL_H

#include "model/perfusion/perfusion.h"
#include "model/simulate/simulate.h"

enum { NVC_SIM_ASL_PAIRS = 10, NVC_SIM_ASL_VOLUMES = 1 + 2 * NVC_SIM_ASL_PAIRS };

struct nvc_sim_asl {
    struct nvc_asl asl;
    double delay_s, tr_s;
    size_t n;
    float *grey, *flow;        /* per voxel of the head: probability of grey matter; flow, 20 in white and 65 in grey matter, 50 in the BLA */
    struct nvc_rng rng;
};
int nvc_sim_asl_init(struct nvc_sim_asl *a, const struct nvc_sim_spec *spec, const struct nvc_sim_person *person, const struct nvc_sim_head *head,
                     struct nvc_error *err) NVC_CHECKED;
void nvc_sim_asl_release(struct nvc_sim_asl *a);
/* Volume t = 0 (M0), 1 (control), 2 (label) ... at all voxels of the grid; those outside the head are left as they are. */
void nvc_sim_asl_volume(float *volume, size_t t, const struct nvc_sim_spec *spec, const struct nvc_sim_head *head, struct nvc_sim_asl *a);

#endif
