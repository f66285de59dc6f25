/* Rows of the coupling table from the connectivity of a seed, all of class connectivity: people call it coupling, too, but it says
 * nothing of vessels and neurons apart. */
#ifndef NVC_TABLE_CONNECTIVITY_H
#define NVC_TABLE_CONNECTIVITY_H

#include "base/status.h"
#include "model/connectivity/connect.h"
#include "model/coupling/coupling.h"
#include "model/region/series.h"

/* fc_SEED: Fisher's z of the correlation of a region with the seed, contrast rest, with its interval.  NULL connection: empty. */
int nvc_seed_index(struct nvc_coupling *c, const struct nvc_series *s, size_t seed, size_t region, const struct nvc_connection *found,
                   double mean_fd_mm, struct nvc_error *err) NVC_CHECKED;

/* ppi_SEED: change of slope under a condition, or a contrast of such. */
struct nvc_ppi_effect { const char *contrast; double value, se, dof, ci_low, ci_high; bool derived; };
int nvc_ppi_index(struct nvc_coupling *c, const struct nvc_series *s, size_t seed, size_t region, const struct nvc_ppi_effect *effect,
                  double mean_fd_mm, struct nvc_error *err) NVC_CHECKED;

#endif
