/* Bias-corrected and accelerated bootstrap of two groups (Efron 1987, doi:10.1080/01621459.1987.10478410). */
#ifndef NVC_MODEL_BOOTSTRAP_H
#define NVC_MODEL_BOOTSTRAP_H

#include "base/status.h"

#include <stddef.h>
#include <stdint.h>

/* The statistic of the units pick[0..n1) of group one and pick[n1..n1+n0) of group two; NaN: undefined. */
typedef double (*nvc_bootstrap_statistic)(const size_t *pick, size_t n1, size_t n0, const void *data);

struct nvc_bootstrap {
    double estimate, low, high;
    size_t undefined; /* replicates without a value; the interval is NaN when they are more than a tenth */
};
/* Units of group one are 0 .. n1-1, of group two n1 .. n1+n0-1 (n0 may be 0); each is resampled within its
 * group.  Replicate b draws from random stream b of `seed`. */
int nvc_bootstrap(nvc_bootstrap_statistic statistic, const void *data, size_t n1, size_t n0, size_t replicates,
                  uint64_t seed, double level, struct nvc_bootstrap *out, struct nvc_error *err) NVC_CHECKED;

#endif
