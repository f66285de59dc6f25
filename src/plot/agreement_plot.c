#include "plot/agreement_plot.h"

#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

enum { PER_ROW = 2, MOST_PANELS = 120 };
static const double page = 510, panel_height = 214, foot = 14, left_margin = 50, right_margin = 46, top_margin = 34,
                    bottom_margin = 36;
static const struct nvc_colour ink = { .13, .13, .13 }, soft = { .45, .45, .45 };

static bool shown(const struct nvc_reliability_row *r, const struct nvc_list *show)
{
    for (size_t i = 0; i < show->n; i++)
        if (nvc_key_matches(show->items[i], &r->repeats->key))
            return true;
    return !show->n;
}

static void stretch(struct nvc_axis *a, double v)
{
    if (!isnan(v)) {
        a->lo = fmin(a->lo, v);
        a->hi = fmax(a->hi, v);
    }
}

/* A level with its interval as a band and its number at the right. */
static void draw_level(struct nvc_canvas *c, const struct nvc_frame *f, double v, double low, double high,
                       struct nvc_colour colour, double dash)
{
    double y = nvc_frame_y(f, v), right = f->left + f->width;
    char text[32];
    if (isnan(v))
        return;
    nvc_canvas_rect(c, f->left, nvc_frame_y(f, high), f->width, nvc_frame_y(f, low) - nvc_frame_y(f, high), colour,
                    0.15);
    nvc_canvas_line(c, f->left, y, right, y, &(struct nvc_pen){ colour, 1, 1, dash });
    (void)!snprintf(text, sizeof text, "%.3g", v);
    nvc_canvas_text(c, right + 3, y, text, &(struct nvc_font){ 7, 0, 0.5, 0, 0, ink });
}

static void draw_panel(struct nvc_canvas *c, const struct nvc_reliability_row *r, double left, double top, double width)
{
    const struct nvc_repeats *t = r->repeats;
    const struct nvc_bland_altman *l = &r->limits;
    const double *a = t->x, *b = t->x + t->n;
    char title[256], caption[160], x_label[128], y_label[160], unit[64] = "";
    nvc_key_name(title, &t->key);
    if (strcmp(t->key.unit, "n/a"))
        (void)!snprintf(unit, sizeof unit, " (%.40s)", t->key.unit);
    (void)!snprintf(x_label, sizeof x_label, "mean%s", unit);
    (void)!snprintf(y_label, sizeof y_label, "%.40s minus %.40s%s", t->occasions[1], t->occasions[0], unit);
    (void)!snprintf(caption, sizeof caption, "n = %zu, ICC(2,1) = %.2f [%.2f, %.2f]", t->n,
                    r->agreement.icc[NVC_ICC_2_1].icc, r->agreement.icc[NVC_ICC_2_1].ci_low,
                    r->agreement.icc[NVC_ICC_2_1].ci_high);
    struct nvc_frame f = { left + left_margin,
                           top + top_margin,
                           width - left_margin - right_margin,
                           panel_height - top_margin - bottom_margin,
                           { INFINITY, -INFINITY, x_label, 0 },
                           { 0, 0, y_label, 0 } };
    for (size_t i = 0; i < t->n; i++) {
        stretch(&f.x, 0.5 * (a[i] + b[i]));
        stretch(&f.y, b[i] - a[i]);
    }
    stretch(&f.y, l->lower_low);
    stretch(&f.y, l->upper_high);
    double pad_x = f.x.hi > f.x.lo ? 0.05 * (f.x.hi - f.x.lo) : 0.5,
           pad_y = f.y.hi > f.y.lo ? 0.05 * (f.y.hi - f.y.lo) : 0.5;
    f.x.lo -= pad_x, f.x.hi += pad_x, f.y.lo -= pad_y, f.y.hi += pad_y;
    nvc_frame_draw(c, &f, 0);
    nvc_canvas_line(c, f.left, nvc_frame_y(&f, 0), f.left + f.width, nvc_frame_y(&f, 0),
                    &(struct nvc_pen){ soft, 0.5, 1, 1.5 });
    draw_level(c, &f, l->bias, l->bias_low, l->bias_high, nvc_colour_of(0), 0);
    draw_level(c, &f, l->lower, l->lower_low, l->lower_high, nvc_colour_of(1), 3);
    draw_level(c, &f, l->upper, l->upper_low, l->upper_high, nvc_colour_of(1), 3);
    for (size_t i = 0; i < t->n; i++)
        nvc_canvas_dot(c, nvc_frame_x(&f, 0.5 * (a[i] + b[i])), nvc_frame_y(&f, b[i] - a[i]), 1.9, 0, ink, 0.6);
    nvc_canvas_text_within(c, f.left, top + 14, title, &(struct nvc_font){ 8.5, 0, 0, 0, 1, ink }, f.width + right_margin - 6);
    nvc_canvas_text(c, f.left, top + 26, caption, &(struct nvc_font){ 7, 0, 0, 0, 0, soft });
}

int nvc_agreement_plot(struct nvc_text *out, enum nvc_picture kind, const struct nvc_reliability *r,
                       const struct nvc_list *show, struct nvc_error *err)
{
    struct nvc_canvas *c = NULL;
    size_t n = 0, at = 0;
    for (size_t i = 0; i < r->n; i++)
        n += shown(&r->rows[i], show);
    if (!n || n > MOST_PANELS)
        return n           ? nvc_fail(err, NVC_EUSAGE, "%zu indices to draw; name at most %d with --show", n, MOST_PANELS)
               : show->n ? nvc_fail(err, NVC_EUSAGE, "no index with a value has a name that --show gives; one is INDEX.CONTRAST.REGION_SIDE")
                         : nvc_fail(err, NVC_EDATA, "no index has enough values to be drawn");
    size_t columns = n < PER_ROW ? n : PER_ROW, rows = (n + PER_ROW - 1) / PER_ROW;
    double width = page / PER_ROW;
    int status = nvc_canvas_new(&c, kind, width * (double)columns, panel_height * (double)rows + foot, err);
    if (status)
        return status;
    for (size_t i = 0; i < r->n; i++)
        if (shown(&r->rows[i], show)) {
            draw_panel(c, &r->rows[i], width * (double)(at % PER_ROW), panel_height * (double)(at / PER_ROW), width);
            at++;
        }
    nvc_canvas_text(c, left_margin, panel_height * (double)rows + 6, "line: bias; dashed: 95 % limits of agreement; bands: 95 % intervals",
                    &(struct nvc_font){ 7, 0, 0, 0, 0, soft });
    nvc_canvas_describe(c, "Bland-Altman plot: the difference of two measurements of a person against their mean, with the bias (line), the 95 % limits of "
                           "agreement (dashed) and the 95 % intervals of these (bands).");
    status = nvc_canvas_finish(c, out, err);
    nvc_canvas_free(c);
    return status;
}
