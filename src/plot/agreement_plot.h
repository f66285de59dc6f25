/* Bland-Altman figures. */
#ifndef NVC_PLOT_AGREEMENT_PLOT_H
#define NVC_PLOT_AGREEMENT_PLOT_H

#include "base/status.h"
#include "base/text.h"
#include "model/group/reliability.h"
#include "plot/canvas.h"

/* One panel per row that matches one of `show` (none: all): difference of the first two occasions against
 * their mean, bias and limits of agreement with their intervals as bands.  NVC_EDATA: nothing to draw; NVC_EUSAGE: more
 * than 120 panels. */
int nvc_agreement_plot(struct nvc_text *out, enum nvc_picture kind, const struct nvc_reliability *r,
                       const struct nvc_list *show, struct nvc_error *err) NVC_CHECKED;

#endif
