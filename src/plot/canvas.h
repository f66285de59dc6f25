/* A figure in memory: the project's thin face over Cairo.
 *
 * Units are points (1/72 inch), the origin is the upper left corner, y grows downwards.  The kind of file
 * follows the extension of its name; the same drawing gives the same bytes on one machine (no dates).
 * Drawing never fails: the first trouble (memory) is kept and told by nvc_canvas_finish. */
#ifndef NVC_PLOT_CANVAS_H
#define NVC_PLOT_CANVAS_H

#include "base/status.h"
#include "base/text.h"
#include "plot/colour.h"

#include <stddef.h>

struct nvc_canvas; /* opaque */

enum nvc_picture { NVC_PNG, NVC_SVG, NVC_PDF };
/* By extension (.png .svg .pdf, any case); NVC_EUSAGE names the three. */
int nvc_picture_of(const char *path, enum nvc_picture *kind, struct nvc_error *err) NVC_CHECKED;

/* A white page of width x height points (PNG: 200 dots per inch).  NVC_ESYS.  nvc_canvas_free(NULL) is allowed. */
int nvc_canvas_new(struct nvc_canvas **c, enum nvc_picture kind, double width, double height,
                   struct nvc_error *err) NVC_CHECKED;
/* What the picture shows, in a sentence or two; it stands in the file (plot/description.h).  `text` is borrowed until the end. */
void nvc_canvas_describe(struct nvc_canvas *c, const char *text);
/* Complete the picture and append its bytes to out; draw nothing afterwards. */
int nvc_canvas_finish(struct nvc_canvas *c, struct nvc_text *out, struct nvc_error *err) NVC_CHECKED;
void nvc_canvas_free(struct nvc_canvas *c);

struct nvc_pen {
    struct nvc_colour colour;
    double width;  /* points */
    double alpha;  /* opacity; 0 means 1, so that it may be left out */
    double dash;   /* length of a dash; 0: solid */
};
/* Coordinates that are not finite break a path; closed outlines are filled with nvc_canvas_area. */
void nvc_canvas_line(struct nvc_canvas *c, double x0, double y0, double x1, double y1, const struct nvc_pen *pen);
void nvc_canvas_path(struct nvc_canvas *c, const double *x, const double *y, size_t n, const struct nvc_pen *pen);
void nvc_canvas_area(struct nvc_canvas *c, const double *x, const double *y, size_t n, struct nvc_colour colour, double alpha);
void nvc_canvas_rect(struct nvc_canvas *c, double x, double y, double w, double h, struct nvc_colour colour, double alpha);
/* A disc; with width > 0 a ring of that width. */
void nvc_canvas_dot(struct nvc_canvas *c, double x, double y, double radius, double width, struct nvc_colour colour, double alpha);

struct nvc_font {
    double size;         /* points */
    double h, v;         /* which point of the text stands at (x, y): 0 left, 0.5 centre, 1 right; 0 base line, 0.5 middle, 1 top */
    double angle;        /* degrees counter-clockwise */
    int bold;
    struct nvc_colour colour;
};
void nvc_canvas_text(struct nvc_canvas *c, double x, double y, const char *text, const struct nvc_font *font);
/* The same in at most `width` points: smaller down to three quarters, then with an ellipsis in the middle. */
void nvc_canvas_text_within(struct nvc_canvas *c, double x, double y, const char *text, const struct nvc_font *font, double width);
double nvc_canvas_text_width(struct nvc_canvas *c, const char *text, const struct nvc_font *font);

/* nx x ny values (value[i + nx * j] is column i, row j from the top) as cells that fill the rectangle;
 * map(t) with t = (value - lo) / (hi - lo) cut to 0..1; NaN is left white. */
void nvc_canvas_cells(struct nvc_canvas *c, double x, double y, double w, double h, const double *value, size_t nx,
                      size_t ny, double lo, double hi, nvc_colour_map map);

/* Ticks at round numbers (steps of 1, 2, 5 x 10^k), about `want` of them inside [lo, hi]. */
struct nvc_ticks {
    double first, step;
    int n, decimals;
};
struct nvc_ticks nvc_ticks_nice(double lo, double hi, int want);
/* Text of tick i with just enough decimals. */
void nvc_ticks_text(const struct nvc_ticks *t, int i, char out[static 32]);

/* A plotting area: data are mapped linearly, y upwards unless y_lo stands at the top (y.lo > y.hi). */
struct nvc_axis {
    double lo, hi;
    const char *label;  /* with its unit: "time (s)"; NULL: none */
    int hide;           /* no line, ticks and numbers (categories) */
};
struct nvc_frame {
    double left, top, width, height; /* points */
    struct nvc_axis x, y;
};
double nvc_frame_x(const struct nvc_frame *f, double x);
double nvc_frame_y(const struct nvc_frame *f, double y);
/* Axes with ticks, numbers and labels, left and below; grid: light horizontal lines. */
void nvc_frame_draw(struct nvc_canvas *c, const struct nvc_frame *f, int grid);

#endif
