/* Coupling indices from flow and BOLD measured together: class coupling. */
#ifndef NVC_MODEL_COUPLING_FLOW_H
#define NVC_MODEL_COUPLING_FLOW_H

#include "base/status.h"
#include "model/coupling/calibrated.h"
#include "model/coupling/coupling.h"
#include "model/region/series.h"

#include <stddef.h>
#include <stdint.h>

/* Calibrated fMRI (model/coupling/calibrated.h).  bold and flow: responses of the same regions and conditions, as percent signal change of the
 * BOLD and of the flow series; co2: the condition that changes flow but not oxygen use.  For each region with co2, and each other
 * condition:  davis_m (M, %; contrast co2), cmro2_ratio, nvc_n and nvc_theta = 1 / n, with 95 % limits of n_draws Monte-Carlo draws.
 * Notes: m_below_signal (no CMRO2: dS >= M or M <= 0), often_undefined (so in more than 5 % of the draws), flow_unknown.
 * NVC_EDATA: no region has co2 in both. */
struct nvc_calibration {
    const struct nvc_response *bold, *flow;
    size_t n_bold, n_flow;
    const char *co2;
    struct nvc_davis davis;
    size_t n_draws;
    uint64_t seed;
};
int nvc_coupling_calibrated(struct nvc_coupling *c, const struct nvc_calibration *k, struct nvc_error *err) NVC_CHECKED;

/* nvc_rt, nvc_zt and nvc_rt_lag of every region that both series have (model/coupling/temporal_coupling.h).  NVC_EDATA: other lengths or
 * repetition times, no region in both. */
int nvc_coupling_temporal(struct nvc_coupling *c, const struct nvc_series *flow, const struct nvc_series *bold, double max_lag_s,
                          struct nvc_error *err) NVC_CHECKED;

#endif
