/* Axes: ticks at round numbers and the mapping from data to points (plot/canvas.h). */
#include "plot/canvas.h"

#include <math.h>
#include <stdio.h>

struct nvc_ticks nvc_ticks_nice(double lo, double hi, int want)
{
    struct nvc_ticks t = { lo, 1, 0, 0 };
    if (lo > hi) {
        double swap = lo;
        lo = hi, hi = swap;
    }
    double span = hi - lo;
    if (!(span > 0) || !isfinite(span) || want < 1)
        return t;
    double power = floor(log10(span / want)), unit = pow(10, power), rough = span / want / unit;
    double factor = rough < 1.5 ? 1 : rough < 3.5 ? 2 : rough < 7.5 ? 5 : 10;
    t.step = factor * unit;
    double slack = 1e-9 * span / t.step, from = ceil(lo / t.step - slack), to = floor(hi / t.step + slack);
    t.first = from * t.step;
    t.n = (int)(to - from) + 1;
    t.decimals = (int)fmax(0, -(power + (factor >= 10)));
    return t;
}

void nvc_ticks_text(const struct nvc_ticks *t, int i, char out[static 32])
{
    double v = t->first + i * t->step;
    if (fabs(v) < t->step / 2)
        v = 0;
    (void)!snprintf(out, 32, fabs(v) < 1e7 ? "%.*f" : "%.*g", fabs(v) < 1e7 ? t->decimals : 6, v);
}

double nvc_frame_x(const struct nvc_frame *f, double x) { return f->left + f->width * (x - f->x.lo) / (f->x.hi - f->x.lo); }

double nvc_frame_y(const struct nvc_frame *f, double y)
{
    return f->top + f->height * (f->y.hi - y) / (f->y.hi - f->y.lo);
}

static const struct nvc_colour dark = { .2, .2, .2 }, light = { .88, .88, .88 };
static const double tick = 3, number = 7.5, title = 8.5;

static void draw_x(struct nvc_canvas *c, const struct nvc_frame *f)
{
    struct nvc_ticks t = nvc_ticks_nice(f->x.lo, f->x.hi, (int)fmax(3, f->width / 55));
    double y = f->top + f->height;
    char text[32];
    nvc_canvas_line(c, f->left, y, f->left + f->width, y, &(struct nvc_pen){ dark, .7, 1, 0 });
    for (int i = 0; i < t.n; i++) {
        double x = nvc_frame_x(f, t.first + i * t.step);
        nvc_canvas_line(c, x, y, x, y + tick, &(struct nvc_pen){ dark, .7, 1, 0 });
        nvc_ticks_text(&t, i, text);
        nvc_canvas_text(c, x, y + tick + 2.5, text, &(struct nvc_font){ number, .5, 1, 0, 0, dark });
    }
}

/* Returns the room that the numbers take, for the label beside them. */
static double draw_y(struct nvc_canvas *c, const struct nvc_frame *f, int grid)
{
    struct nvc_ticks t = nvc_ticks_nice(f->y.lo, f->y.hi, (int)fmax(2, f->height / 35));
    double widest = 0;
    char text[32];
    nvc_canvas_line(c, f->left, f->top, f->left, f->top + f->height, &(struct nvc_pen){ dark, .7, 1, 0 });
    for (int i = 0; i < t.n; i++) {
        double y = nvc_frame_y(f, t.first + i * t.step);
        struct nvc_font font = { number, 1, .5, 0, 0, dark };
        if (grid)
            nvc_canvas_line(c, f->left, y, f->left + f->width, y, &(struct nvc_pen){ light, .6, 1, 0 });
        nvc_canvas_line(c, f->left - tick, y, f->left, y, &(struct nvc_pen){ dark, .7, 1, 0 });
        nvc_ticks_text(&t, i, text);
        nvc_canvas_text(c, f->left - tick - 2, y, text, &font);
        widest = fmax(widest, nvc_canvas_text_width(c, text, &font));
    }
    return widest + tick + 2;
}

void nvc_frame_draw(struct nvc_canvas *c, const struct nvc_frame *f, int grid)
{
    double room = f->y.hide ? 0 : draw_y(c, f, grid);
    if (!f->x.hide)
        draw_x(c, f);
    if (f->x.label)
        nvc_canvas_text(c, f->left + f->width / 2, f->top + f->height + (f->x.hide ? 4 : tick + number + 7), f->x.label,
                        &(struct nvc_font){ title, .5, 1, 0, 0, dark });
    if (f->y.label)
        nvc_canvas_text(c, f->left - room - 7, f->top + f->height / 2, f->y.label,
                        &(struct nvc_font){ title, .5, 0, 90, 0, dark });
}
