/* A forest plot: one line per index with its effect and interval. */
#ifndef NVC_PLOT_FOREST_PLOT_H
#define NVC_PLOT_FOREST_PLOT_H

#include "base/status.h"
#include "base/text.h"
#include "plot/canvas.h"

#include <stdbool.h>
#include <stddef.h>

struct nvc_forest_line {
    const char *label, *numbers; /* text left and right of the interval */
    double value, low, high;     /* NaN: "n/a" and no mark */
    double weight;               /* area of the mark relative to the others, e.g. n */
    bool strong;                 /* drawn in colour: the primary row, a pooled estimate */
};

struct nvc_forest_words {
    const char *axis;        /* label of the values */
    const char *head;        /* above the numbers; NULL: none */
    const char *left, *right; /* below the axis, what its directions mean; NULL: nothing */
    const char *about;       /* the description that the file holds */
};

/* Appends the picture.  NVC_EUSAGE: no line; NVC_ESYS. */
int nvc_forest_plot(struct nvc_text *out, enum nvc_picture kind, const struct nvc_forest_line *lines, size_t n,
                    const struct nvc_forest_words *words, struct nvc_error *err) NVC_CHECKED;

#endif
