#include "model/group/confounding.h"

#include "base/memory.h"
#include "model/stat/stat_counts.h"

#include <math.h>
#include <stdlib.h>

int nvc_confounding_measure(struct nvc_confounding *out, const struct nvc_contrast_groups *g,
                            const struct nvc_variable *site, const size_t *row, size_t n, struct nvc_error *err)
{
    size_t levels = site->n_levels;
    double *count = nvc_array(2 * levels, sizeof *count, err), within = 0, cases = 0, all = 0;
    if (!count)
        return NVC_ESYS;
    for (size_t i = 0; i < n; i++) {
        size_t at = row ? row[i] : i;
        double group = g->group.value[at];
        if (isnan(group) || isnan(site->value[at]))
            continue;
        count[(size_t)site->value[at] + levels * (group > 0)]++;
        cases += group > 0;
        all++;
    }
    for (size_t l = 0; l < levels; l++) {
        double here = count[l] + count[l + levels];
        within += here > 0 ? count[l + levels] * (1 - count[l + levels] / here) : 0;
    }
    *out = (struct nvc_confounding){ nvc_chi2_test(count, levels, 2, false).cramers_v,
                                     within > 0 ? cases * (1 - cases / all) / within : INFINITY };
    free(count);
    return 0;
}
