#include "plot/roc_plot.h"

#include <math.h>

static const struct nvc_colour soft = { .6, .6, .6 };
static const struct nvc_font small = { 7.5, 0, 0, 0, 0, { .13, .13, .13 } };

/* Wide enough for the longest label below the frame. */
static int page_width(double *width, enum nvc_picture kind, const struct nvc_roc_line *lines, size_t n, struct nvc_error *err)
{
    struct nvc_canvas *c = NULL;
    int status = nvc_canvas_new(&c, kind, 10, 10, err);
    *width = 284;
    for (size_t k = 0; k < n && !status; k++)
        *width = fmax(*width, 68 + nvc_canvas_text_width(c, lines[k].label, &small) + 12);
    nvc_canvas_free(c);
    return status;
}

int nvc_roc_plot(struct nvc_text *out, enum nvc_picture kind, const struct nvc_roc_line *lines, size_t n,
                 struct nvc_error *err)
{
    struct nvc_canvas *c = NULL;
    struct nvc_frame f = { 46, 12, 226, 226, { 0, 1, "1 \xe2\x88\x92 specificity", 0 }, { 0, 1, "sensitivity", 0 } };
    if (!n || n > NVC_PALETTE_SIZE)
        return nvc_fail(err, NVC_EUSAGE, "%zu ROC curves; one picture holds 1 to %d", n, NVC_PALETTE_SIZE);
    double width;
    int status = page_width(&width, kind, lines, n, err);
    if (!status)
        status = nvc_canvas_new(&c, kind, width, 286 + 12 * (double)n, err);
    if (status)
        return status;
    nvc_frame_draw(c, &f, 0);
    nvc_canvas_line(c, nvc_frame_x(&f, 0), nvc_frame_y(&f, 0), nvc_frame_x(&f, 1), nvc_frame_y(&f, 1),
                    &(struct nvc_pen){ soft, 0.7, 1, 3 });
    for (size_t k = 0; k < n; k++) {
        struct nvc_pen pen = { nvc_colour_of(k), 1.4, 0.95, 0 };
        double y = 288 + 12 * (double)k;
        for (size_t i = 1; i < lines[k].n; i++)
            nvc_canvas_line(c, nvc_frame_x(&f, lines[k].x[i - 1]), nvc_frame_y(&f, lines[k].y[i - 1]),
                            nvc_frame_x(&f, lines[k].x[i]), nvc_frame_y(&f, lines[k].y[i]), &pen);
        nvc_canvas_line(c, 46, y - 2.5, 62, y - 2.5, &pen);
        nvc_canvas_text(c, 68, y, lines[k].label, &small);
    }
    nvc_canvas_describe(c, "ROC curves: sensitivity against 1 \xe2\x88\x92 specificity over all cut-offs, with the area under each (AUC) and its 95 % "
                           "interval: how often a value of the one group is above (>) or below (<) one of the other. On the dashed diagonal an index tells nothing.");
    status = nvc_canvas_finish(c, out, err);
    nvc_canvas_free(c);
    return status;
}
