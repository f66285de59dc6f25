#include "model/perfusion/asl_series.h"

#include "base/memory.h"

#include <stdlib.h>
#include <string.h>

static bool of_series(enum nvc_asl_volume type) { return type == NVC_VOL_CONTROL || type == NVC_VOL_LABEL; }

int nvc_asl_series_init(struct nvc_asl_series *s, const struct nvc_asl_plan *plan, size_t n_voxels, struct nvc_error *err)
{
    *s = (struct nvc_asl_series){ .plan = plan, .n_voxels = n_voxels, .last = plan->n_volumes };
    if (plan->n_delays != 1)
        return nvc_fail(err, NVC_EDATA, "a series needs one delay, the run has %zu", plan->n_delays);
    for (size_t t = 0, before = plan->n_volumes; t < plan->n_volumes; t++) {
        if (!of_series(plan->type[t]))
            continue;
        if (before < plan->n_volumes && plan->type[before] == plan->type[t])
            return nvc_fail(err, NVC_EDATA, "volumes %zu and %zu are both %s; a series needs control and label in turn", before + 1, t + 1,
                            plan->type[t] == NVC_VOL_LABEL ? "label" : "control");
        before = t;
        s->n_volumes++;
    }
    if (s->n_volumes < 2)
        return nvc_fail(err, NVC_EDATA, "a series needs control and label volumes, the run has %zu", s->n_volumes);
    for (int k = 0; k < 2; k++)
        if (!(s->near[k] = nvc_array(n_voxels, sizeof *s->near[k], err)))
            return NVC_ESYS;
    return 0;
}

void nvc_asl_series_release(struct nvc_asl_series *s)
{
    free(s->near[0]);
    free(s->near[1]);
    *s = (struct nvc_asl_series){ 0 };
}

static void emit(const struct nvc_asl_series *s, const float *next, float *flow, float *bold)
{
    const float sign = s->plan->type[s->last] == NVC_VOL_CONTROL ? 1 : -1;
    const float *before = s->seen > 1 ? s->near[0] : next, *after = next ? next : s->near[0];
    for (size_t v = 0; v < s->n_voxels; v++) {
        const float around = 0.5F * (before[v] + after[v]), y = s->near[1][v];
        flow[v] = sign * (y - around);
        bold[v] = 0.5F * (y + around);
    }
}

bool nvc_asl_series_add(struct nvc_asl_series *s, size_t t, const float *values, float *flow, float *bold)
{
    if (values && !of_series(s->plan->type[t]))
        return false;
    const bool ready = s->seen > 0;
    if (ready)
        emit(s, values, flow, bold);
    if (!values)
        return ready;
    float *spare = s->near[0];
    s->near[0] = s->near[1];
    s->near[1] = spare;
    memcpy(spare, values, s->n_voxels * sizeof *spare);
    s->last = t;
    s->seen++;
    return ready;
}
