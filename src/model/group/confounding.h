/* How far group and site can be told apart. */
#ifndef NVC_MODEL_CONFOUNDING_H
#define NVC_MODEL_CONFOUNDING_H

#include "base/status.h"
#include "model/group/group.h"

struct nvc_confounding {
    double cramers_v, vif; /* vif: 1 / (1 - R2) of the group on the sites; infinite where each holds one group only */
};
/* Over the participants row[n] (NULL: all) who have a group and a site.  NVC_ESYS. */
int nvc_confounding_measure(struct nvc_confounding *out, const struct nvc_contrast_groups *g,
                            const struct nvc_variable *site, const size_t *row, size_t n,
                            struct nvc_error *err) NVC_CHECKED;

#endif
