#include "plot/group_plot.h"

#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

enum { PER_ROW = 3, DENSITY = 81 };
static const double page = 510, panel_height = 194, margin_left = 44, margin_right = 8, margin_top = 30,
                    margin_bottom = 32, foot = 14;
static const struct nvc_colour ink = { .13, .13, .13 }, soft = { .45, .45, .45 };

static double spread(const struct nvc_panel_group *g)
{
    double sum = 0, square = 0, n = (double)g->n;
    for (size_t i = 0; i < g->n; i++)
        sum += g->x[i];
    for (size_t i = 0; i < g->n; i++)
        square += pow(g->x[i] - sum / n, 2);
    double sd = sqrt(square / (n - 1)), iqr = (g->x[g->n * 3 / 4] - g->x[g->n / 4]) / 1.34;
    return 0.9 * (iqr > 0 ? fmin(sd, iqr) : sd) * pow(n, -0.2);
}

static double density(const struct nvc_panel_group *g, double at, double width)
{
    double sum = 0;
    for (size_t i = 0; i < g->n; i++)
        sum += exp(-0.5 * pow((g->x[i] - at) / width, 2));
    return sum / ((double)g->n * width * sqrt(2 * M_PI));
}

/* The half violin leans to the left of `centre`; all violins of a panel share the scale `tallest`. */
static void draw_cloud(struct nvc_canvas *c, const struct nvc_frame *f, const struct nvc_panel_group *g, double centre,
                       double reach, double tallest, struct nvc_colour colour)
{
    double x[2 * DENSITY], y[2 * DENSITY], width = spread(g), lo = g->x[0] - 2 * width, hi = g->x[g->n - 1] + 2 * width;
    for (size_t i = 0; i < DENSITY; i++) {
        double v = lo + (hi - lo) * (double)i / (DENSITY - 1);
        x[i] = centre - reach * density(g, v, width) / tallest;
        x[2 * DENSITY - 1 - i] = centre;
        y[i] = y[2 * DENSITY - 1 - i] = nvc_frame_y(f, v);
    }
    nvc_canvas_area(c, x, y, 2 * DENSITY, colour, 0.3);
    for (size_t i = 0; i < DENSITY; i++) /* no line between the others and one far away */
        x[i] = centre - x[i] > 0.002 * reach ? x[i] : NAN;
    nvc_canvas_path(c, x, y, DENSITY, &(struct nvc_pen){ colour, 0.8, 0.9, 0 });
}

static bool has_cloud(const struct nvc_panel_group *g)
{
    return g->n >= 5 && spread(g) > 0;
}

static double tallest_cloud(const struct nvc_panel *p)
{
    double tallest = 0;
    for (size_t k = 0; k < p->n_groups; k++)
        for (size_t i = 0; has_cloud(&p->groups[k]) && i < DENSITY; i++) {
            const struct nvc_panel_group *g = &p->groups[k];
            double v = g->x[0] + (g->x[g->n - 1] - g->x[0]) * (double)i / (DENSITY - 1);
            tallest = fmax(tallest, density(g, v, spread(g)));
        }
    return tallest;
}

/* Golden-section steps keep neighbours in value apart sideways, the same on every run. */
static void draw_points(struct nvc_canvas *c, const struct nvc_frame *f, const struct nvc_panel_group *g, double left,
                        double width, struct nvc_colour colour)
{
    double radius = g->n > 400 ? 0.9 : g->n > 100 ? 1.3 : 1.8;
    for (size_t i = 0; i < g->n; i++) {
        double turn = fmod(0.618033988749895 * (double)(i + 1), 1);
        nvc_canvas_dot(c, left + turn * width, nvc_frame_y(f, g->x[i]), radius, 0, colour, g->n > 100 ? 0.45 : 0.7);
    }
}

/* Panels of one quantity stand on one scale: their heights are compared, whether they may be or not. */
static void set_range(struct nvc_frame *f, const struct nvc_panel *panels, size_t n)
{
    double lo = INFINITY, hi = -INFINITY;
    for (size_t i = 0; i < n * NVC_PANEL_GROUPS; i++) {
        const struct nvc_panel *p = &panels[i / NVC_PANEL_GROUPS];
        const struct nvc_panel_group *g = &p->groups[i % NVC_PANEL_GROUPS];
        if (i % NVC_PANEL_GROUPS >= p->n_groups || !g->n || strcmp(p->axis, f->y.label) != 0)
            continue;
        double room = has_cloud(g) ? 2 * spread(g) : 0;
        lo = fmin(lo, fmin(g->x[0] - room, isnan(g->low) ? g->x[0] : g->low));
        hi = fmax(hi, fmax(g->x[g->n - 1] + room, isnan(g->high) ? g->x[0] : g->high));
    }
    if (!(lo <= hi))
        lo = 0, hi = 1;
    double pad = hi > lo ? 0.03 * (hi - lo) : fmax(fabs(hi) * 0.1, 0.5);
    f->y.lo = lo - pad, f->y.hi = hi + pad;
}

static void draw_label(struct nvc_canvas *c, const struct nvc_panel_group *g, double middle, double top, double width)
{
    char n[32];
    (void)snprintf(n, sizeof n, "n = %zu", g->n);
    nvc_canvas_text_within(c, middle, top, g->label, &(struct nvc_font){ 7.5, 0.5, 1, 0, 0, ink }, width);
    nvc_canvas_text(c, middle, top + 9.5, n, &(struct nvc_font){ 7, 0.5, 1, 0, 0, soft });
}

static void draw_panel(struct nvc_canvas *c, const struct nvc_panel *panels, size_t n, size_t at, double left, double top, double width)
{
    const struct nvc_panel *p = &panels[at];
    struct nvc_frame f = { left + margin_left,
                           top + margin_top,
                           width - margin_left - margin_right,
                           panel_height - margin_top - margin_bottom,
                           { 0, (double)p->n_groups, NULL, 1 },
                           { 0, 1, p->axis, 0 } };
    double step = f.width / (double)p->n_groups, bottom = f.top + f.height, tallest = tallest_cloud(p);
    set_range(&f, panels, n);
    nvc_frame_draw(c, &f, 0);
    if (f.y.lo < 0 && f.y.hi > 0)
        nvc_canvas_line(c, f.left, nvc_frame_y(&f, 0), f.left + f.width, nvc_frame_y(&f, 0),
                        &(struct nvc_pen){ soft, 0.5, 1, 1.5 });
    nvc_canvas_text_within(c, f.left, top + 12, p->title, &(struct nvc_font){ 8.5, 0, 0, 0, 1, ink }, f.width);
    if (p->caption)
        nvc_canvas_text_within(c, f.left, top + 23, p->caption, &(struct nvc_font){ 7, 0, 0, 0, 0, soft }, f.width);
    for (size_t k = 0; k < p->n_groups; k++) {
        const struct nvc_panel_group *g = &p->groups[k];
        struct nvc_colour colour = nvc_colour_of(k);
        double middle = f.left + ((double)k + 0.5) * step, reach = fmin(0.34 * step, 26);
        if (has_cloud(g))
            draw_cloud(c, &f, g, middle - 2, reach, tallest, colour);
        if (g->n)
            draw_points(c, &f, g, middle + 0.13 * step, fmin(0.24 * step, 20), colour);
        double x = middle + 0.05 * step;
        nvc_canvas_line(c, x, nvc_frame_y(&f, g->low), x, nvc_frame_y(&f, g->high),
                        &(struct nvc_pen){ ink, 1.4, 1, 0 });
        if (!isnan(g->mean))
            nvc_canvas_dot(c, x, nvc_frame_y(&f, g->mean), 2.6, 0, ink, 1);
        draw_label(c, g, middle, bottom + 5, step - 4);
    }
}

int nvc_group_plot(struct nvc_text *out, enum nvc_picture kind, const struct nvc_panel *panels, size_t n,
                   struct nvc_error *err)
{
    struct nvc_canvas *c = NULL;
    if (!n)
        return nvc_fail(err, NVC_EUSAGE, "no index to draw");
    size_t columns = n < PER_ROW ? n : n == 4 ? 2 : PER_ROW, rows = (n + columns - 1) / columns;
    double width = page / PER_ROW;
    int status = nvc_canvas_new(&c, kind, width * (double)columns, panel_height * (double)rows + foot, err);
    if (status)
        return status;
    for (size_t i = 0; i < n; i++)
        draw_panel(c, panels, n, i, width * (double)(i % columns), panel_height * (double)(i / columns), width);
    nvc_canvas_text(c, margin_left, panel_height * (double)rows + 6, "black: mean with 95 % interval",
                    &(struct nvc_font){ 7, 0, 0, 0, 0, soft });
    nvc_canvas_describe(c, "Every value as a dot, its density beside it and the mean with its 95 % interval in black, by group; one panel an index. "
                           "Above each panel Hedges g with its 95 % interval and the p of Welch's test, below it the number of people.");
    status = nvc_canvas_finish(c, out, err);
    nvc_canvas_free(c);
    return status;
}
