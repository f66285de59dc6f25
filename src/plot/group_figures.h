/* The figures of a group table: points, forest of effect sizes, ROC curves. */
#ifndef NVC_PLOT_GROUP_FIGURES_H
#define NVC_PLOT_GROUP_FIGURES_H

#include "base/status.h"
#include "base/text.h"
#include "model/group/cohort.h"
#include "model/group/group.h"
#include "plot/canvas.h"

enum nvc_group_figure { NVC_FIGURE_POINTS, NVC_FIGURE_FOREST, NVC_FIGURE_ROC };

/* Draw the rows whose key matches one of `show`; none: the primary row and the family (ROC: the primary row,
 * or the first eight of the family).  NVC_EDATA: nothing to draw; NVC_EUSAGE: more than 120 panels or eight curves. */
int nvc_group_draw(struct nvc_text *out, enum nvc_picture kind, enum nvc_group_figure figure,
                   const struct nvc_group_table *t, const struct nvc_cohort *c, const struct nvc_contrast_groups *g,
                   const struct nvc_list *show, struct nvc_error *err) NVC_CHECKED;

#endif
