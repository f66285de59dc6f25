/* What the parts of the simulator share. */
#ifndef NVC_MODEL_SIMULATE_INTERNAL_H
#define NVC_MODEL_SIMULATE_INTERNAL_H

#include "model/simulate/simulate.h"

enum nvc_sim_use { NVC_SIM_PERSON, NVC_SIM_RUN, NVC_SIM_HEAD, NVC_SIM_VOXELS, NVC_SIM_USES };

/* The stream of random numbers of one person for one use. */
struct nvc_rng nvc_sim_stream(const struct nvc_sim_spec *spec, const struct nvc_sim_person *person, enum nvc_sim_use use);

/* What the BLA of a resting person does: bursts at random times through the Balloon model, in percent. */
int nvc_sim_bursts(double *pct, const struct nvc_sim_spec *spec, double gain, struct nvc_rng *rng, struct nvc_error *err) NVC_CHECKED;
/* Flow of a voxel of the head, and the probability that it is grey matter. */
double nvc_sim_flow(const struct nvc_sim_head *head, size_t v, double *grey);

/* Scale of course k: the answers of BLA and fusiform stay when noise is scaled. */
static inline double nvc_sim_course_scale(const struct nvc_sim_spec *spec, size_t k)
{
    return k == NVC_SIM_BLA || k == NVC_SIM_FUSIFORM ? 1 : spec->noise;
}

/* Noise of one voxel: AR(1) in percent of its signal, and thermal noise, the same everywhere. */
#define NVC_SIM_AR_PHI 0.3
#define NVC_SIM_AR_SD_PCT 0.8
#define NVC_SIM_THERMAL_SD 80.0

#endif
