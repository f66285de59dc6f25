#include "model/response/balloon_input.h"

#include "base/memory.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>

static bool add_event(const struct nvc_events *e, size_t i, double *u, size_t n_bins, double dt_s)
{
    const bool impulse = !(e->duration_s[i] > 0);
    const double first = round(e->onset_s[i] / dt_s), last = first + (impulse ? 1 : fmax(1, round(e->duration_s[i] / dt_s)));
    bool inside = false;
    for (double b = fmax(first, 0); b < fmin(last, (double)n_bins); b++) {
        u[(size_t)b] += impulse ? e->weight[i] / dt_s : e->weight[i];
        inside = true;
    }
    return inside;
}

int nvc_balloon_input(double **out, const struct nvc_events *e, size_t n_bins, double dt_s, struct nvc_error *err)
{
    double *u = *out = nvc_array(n_bins * e->n_conditions, sizeof *u, err);
    size_t *found = nvc_array(e->n_conditions, sizeof *found, err);
    int status = u && found ? 0 : NVC_ESYS;
    for (size_t i = 0; i < e->n && !status; i++)
        found[e->condition[i]] += add_event(e, i, u + n_bins * e->condition[i], n_bins, dt_s);
    for (size_t k = 0; k < e->n_conditions && !status; k++)
        if (!found[k])
            status = nvc_fail(err, NVC_EDATA, "no event of condition '%s' lies inside the run", e->conditions[k]);
    free(found);
    if (status) {
        free(u);
        *out = NULL;
    }
    return status;
}
