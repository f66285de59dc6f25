#include "plot/curve_plot.h"

#include <math.h>
#include <stdbool.h>

enum { PER_ROW = 3, POINTS = NVC_SHAPE_POINTS };
static const double panel_width = 200, panel_height = 150, left_margin = 44, right_margin = 10, top_margin = 20, bottom_margin = 34, row_height = 12;
static const struct nvc_colour ink = { .13, .13, .13 }, soft = { .45, .45, .45 };

/* The range of all curves and of the bands, these cut at twice the range of the curves: a band of noise must not flatten them. */
static struct nvc_axis common_axis(const struct nvc_curve_panel *panels, size_t n, size_t n_curves)
{
    struct nvc_axis y = { 0, 0, "response (%)", 0 };
    double low = 0, high = 0;
    for (size_t i = 0; i < n * n_curves; i++)
        for (size_t t = 0; t < POINTS; t++) {
            const struct nvc_shape_band *b = panels[i / n_curves].bands + i % n_curves;
            const bool seen = panels[i / n_curves].seen[i % n_curves];
            y.lo = fmin(y.lo, b->value[t]), y.hi = fmax(y.hi, b->value[t]);
            low = fmin(low, seen ? b->low[t] : b->value[t]), high = fmax(high, seen ? b->high[t] : b->value[t]);
        }
    const double reach = y.hi - y.lo;
    y.lo = fmax(low, y.lo - reach), y.hi = fmin(high, y.hi + reach);
    if (!(y.hi > y.lo))
        y.hi = y.lo + 1;
    const double room = 0.04 * (y.hi - y.lo);
    y.lo -= room, y.hi += room;
    return y;
}

static void draw_curve(struct nvc_canvas *c, const struct nvc_frame *f, const struct nvc_shape_band *b, bool seen, struct nvc_colour colour)
{
    double x[2 * POINTS], y[2 * POINTS];
    for (size_t t = 0; t < POINTS; t++) {
        x[t] = x[2 * POINTS - 1 - t] = nvc_frame_x(f, nvc_shape_step_s * (double)t);
        y[t] = nvc_frame_y(f, fmin(f->y.hi, b->high[t]));
        y[2 * POINTS - 1 - t] = nvc_frame_y(f, fmax(f->y.lo, b->low[t]));
    }
    if (seen)
        nvc_canvas_area(c, x, y, 2 * POINTS, colour, 0.18);
    for (size_t t = 0; t < POINTS; t++)
        y[t] = nvc_frame_y(f, b->value[t]);
    nvc_canvas_path(c, x, y, POINTS, &(struct nvc_pen){ colour, seen ? 1.3 : 0.8, 1, seen ? 0 : 2 });
}

static void draw_panel(struct nvc_canvas *c, const struct nvc_curve_panel *p, size_t n_curves, struct nvc_axis y, double left, double top)
{
    const struct nvc_frame f = { left + left_margin, top + top_margin, panel_width - left_margin - right_margin,
                                 panel_height - top_margin - bottom_margin,
                                 { 0, nvc_shape_step_s * (POINTS - 1), "time since the event (s)", 0 }, y };
    nvc_frame_draw(c, &f, 0);
    nvc_canvas_line(c, f.left, nvc_frame_y(&f, 0), f.left + f.width, nvc_frame_y(&f, 0), &(struct nvc_pen){ soft, .5, 1, 1.5 });
    nvc_canvas_text_within(c, f.left, top + top_margin - 6, p->title, &(struct nvc_font){ 8.5, 0, 0, 0, 1, ink }, f.width);
    for (size_t k = 0; k < n_curves; k++)
        draw_curve(c, &f, p->bands + k, p->seen[k], nvc_colour_of(k));
}

static void draw_legend(struct nvc_canvas *c, const char *const *names, size_t n, bool dashed, double top)
{
    const struct nvc_font font = { 8, 0, .5, 0, 0, ink };
    for (size_t k = 0; k < n; k++) {
        const double y = top + row_height * ((double)k + 0.5);
        nvc_canvas_line(c, left_margin, y, left_margin + 16, y, &(struct nvc_pen){ nvc_colour_of(k), 1.3, 1, 0 });
        nvc_canvas_text(c, left_margin + 20, y, names[k], &font);
    }
    nvc_canvas_text(c, left_margin, top + row_height * ((double)n + 0.5),
                    dashed ? "band: 95 % interval; dashed, without a band: no response by the omnibus F" : "band: 95 % interval", &font);
}

int nvc_curve_plot(struct nvc_text *out, const struct nvc_curve_panel *panels, size_t n_panels, const char *const *names,
                   size_t n_curves, enum nvc_picture kind, struct nvc_error *err)
{
    const size_t n = n_panels < NVC_CURVE_PANELS ? n_panels : NVC_CURVE_PANELS, across = n < PER_ROW ? n : PER_ROW;
    const size_t down = across ? (n + across - 1) / across : 0;
    bool dashed = false;
    for (size_t i = 0; i < n * n_curves; i++)
        dashed |= !panels[i / n_curves].seen[i % n_curves];
    const double legend = row_height * (double)(n_curves + 1) + 4;
    struct nvc_canvas *c;
    int status = nvc_canvas_new(&c, kind, panel_width * fmax(1, (double)across), panel_height * fmax(1, (double)down) + legend, err);
    if (status)
        return status;
    const struct nvc_axis y = common_axis(panels, n, n_curves);
    for (size_t i = 0; i < n; i++)
        draw_panel(c, panels + i, n_curves, y, panel_width * (double)(i % across), panel_height * (double)(i / across));
    draw_legend(c, names, n_curves, dashed, panel_height * (double)down);
    nvc_canvas_describe(c, "Response to an event over time, one panel a region, with its 95 % interval as a band; dashed, without a band: no response by the "
                           "omnibus F.");
    status = nvc_canvas_finish(c, out, err);
    nvc_canvas_free(c);
    return status;
}
