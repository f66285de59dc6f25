#include "plot/fit_plot.h"

#include "base/memory.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MOST_REGIONS = 40 };
static const double page = 560, margin_left = 52, margin_right = 14, title_height = 34, fit_height = 112, parts_height = 44,
                    residual_height = 52, gap = 12, foot = 40;
static const struct nvc_colour ink = { .13, .13, .13 }, soft = { .45, .45, .45 }, grey = { .62, .62, .62 };

static double panel_height(void)
{
    return title_height + fit_height + parts_height + residual_height + 2 * gap + foot;
}

/* Percent of the mean, what the nuisance columns fit taken out. */
static double adjusted(const struct nvc_diagnosis *d, size_t t)
{
    return 100 * (d->signal[t] - d->fitted[t] + d->task[t]) / d->s0;
}

static void stretch(struct nvc_axis *a, double v)
{
    if (isfinite(v)) {
        a->lo = fmin(a->lo, v);
        a->hi = fmax(a->hi, v);
    }
}

static void pad(struct nvc_axis *a)
{
    double room = a->hi > a->lo ? 0.06 * (a->hi - a->lo) : 1;
    a->lo -= room;
    a->hi += room;
}

static struct nvc_frame frame_of(const struct nvc_diagnosis *d, double top, double height, const char *label)
{
    struct nvc_frame f = { margin_left, top, page - margin_left - margin_right, height,
                           { d->time_s[0], d->time_s[0], NULL, 1 }, { 0, 0, label, 0 } };
    stretch(&f.x, d->time_s[d->n - 1]);
    if (!(f.x.hi > f.x.lo))
        f.x.hi = f.x.lo + 1;
    return f;
}

static void shade_censored(struct nvc_canvas *c, const struct nvc_frame *f, const struct nvc_diagnosis *d)
{
    double half = d->n > 1 ? f->width / (double)(d->n - 1) / 2 : 1;
    for (size_t t = 0; t < d->n; t++)
        if (d->censored[t])
            nvc_canvas_rect(c, nvc_frame_x(f, d->time_s[t]) - half, f->top, 2 * half, f->height, grey, 0.35);
}

static void draw_zero(struct nvc_canvas *c, const struct nvc_frame *f)
{
    if (f->y.lo < 0 && f->y.hi > 0)
        nvc_canvas_line(c, f->left, nvc_frame_y(f, 0), f->left + f->width, nvc_frame_y(f, 0), &(struct nvc_pen){ soft, 0.5, 1, 1.5 });
}

/* A line through the volumes that are not censored; x and y hold n values each. */
static void draw_line(struct nvc_canvas *c, const struct nvc_frame *f, const struct nvc_diagnosis *d, const double *value, double scale,
                      const struct nvc_pen *pen, double *x, double *y)
{
    for (size_t t = 0; t < d->n; t++) {
        x[t] = nvc_frame_x(f, d->time_s[t]);
        y[t] = nvc_frame_y(f, scale * value[t]);
    }
    nvc_canvas_path(c, x, y, d->n, pen);
}

static void draw_fit(struct nvc_canvas *c, const struct nvc_diagnosis *d, double top, double *x, double *y)
{
    struct nvc_frame f = frame_of(d, top, fit_height, "signal (%)");
    for (size_t t = 0; t < d->n; t++) {
        stretch(&f.y, d->censored[t] ? NAN : adjusted(d, t));
        stretch(&f.y, 100 * d->task[t] / d->s0);
    }
    pad(&f.y);
    shade_censored(c, &f, d);
    nvc_frame_draw(c, &f, 1);
    draw_zero(c, &f);
    for (size_t t = 0; t < d->n; t++) {
        x[t] = nvc_frame_x(&f, d->time_s[t]);
        y[t] = d->censored[t] ? NAN : nvc_frame_y(&f, adjusted(d, t));
        nvc_canvas_dot(c, x[t], y[t], d->n > 400 ? 0.7 : 1.1, 0, grey, 0.9);
    }
    nvc_canvas_path(c, x, y, d->n, &(struct nvc_pen){ grey, 0.5, 0.8, 0 });
    draw_line(c, &f, d, d->task, 100 / d->s0, &(struct nvc_pen){ ink, 1.3, 1, 0 }, x, y);
}

/* Names of the conditions in their colours, from the right. */
static void draw_legend(struct nvc_canvas *c, const struct nvc_diagnosis *d, double right, double y)
{
    for (size_t k = d->n_conditions; k-- > 0;) {
        struct nvc_font font = { 7.5, 1, 0, 0, 1, nvc_colour_of(k) };
        double width = nvc_canvas_text_width(c, d->conditions[k], &font);
        if (right - width < margin_left + 0.47 * page)
            return;
        nvc_canvas_text(c, right, y, d->conditions[k], &font);
        right -= width + 9;
    }
}

static void draw_parts(struct nvc_canvas *c, const struct nvc_diagnosis *d, double top, double *x, double *y)
{
    struct nvc_frame f = frame_of(d, top, parts_height, "parts (%)");
    for (size_t i = 0; i < d->n * d->n_conditions; i++)
        stretch(&f.y, 100 * d->response[i] / d->s0);
    pad(&f.y);
    shade_censored(c, &f, d);
    nvc_frame_draw(c, &f, 0);
    draw_zero(c, &f);
    for (size_t k = 0; k < d->n_conditions; k++)
        draw_line(c, &f, d, d->response + k * d->n, 100 / d->s0, &(struct nvc_pen){ nvc_colour_of(k), 1, 1, 0 }, x, y);
}

static void draw_residuals(struct nvc_canvas *c, const struct nvc_diagnosis *d, double top)
{
    struct nvc_frame f = frame_of(d, top, residual_height, "residual (sd)");
    double limit = 4 / (double)(d->n - d->n_censored);
    char text[64];
    f.x.label = "time (s)";
    f.x.hide = 0;
    f.y.lo = -2.5;
    f.y.hi = 2.5;
    for (size_t t = 0; t < d->n; t++)
        stretch(&f.y, d->whitened[t]);
    pad(&f.y);
    shade_censored(c, &f, d);
    nvc_frame_draw(c, &f, 0);
    draw_zero(c, &f);
    for (size_t t = 0; t < d->n; t++) {
        double x = nvc_frame_x(&f, d->time_s[t]), y = nvc_frame_y(&f, d->whitened[t]);
        if (d->cook[t] > limit)
            nvc_canvas_dot(c, x, y, 2.2, 1, ink, 1);
        else
            nvc_canvas_dot(c, x, y, d->n > 400 ? 0.7 : 1.1, 0, ink, 0.7);
    }
    if (!(d->max_cook > limit))
        return;
    (void)snprintf(text, sizeof text, "%zu", d->first_volume + d->cook_at);
    double x = nvc_frame_x(&f, d->time_s[d->cook_at]), y = nvc_frame_y(&f, d->whitened[d->cook_at]);
    bool left = x > f.left + f.width - 24;
    nvc_canvas_text(c, x + (left ? -4 : 4), y, text, &(struct nvc_font){ 7, left, .5, 0, 1, ink });
}

static void draw_title(struct nvc_canvas *c, const struct nvc_diagnosis *d, double top)
{
    char title[320], caption[256], run[128] = "", pair[64] = "", p[32];
    if (strcmp(d->who.run, "n/a"))
        (void)snprintf(run, sizeof run, ", run %s", d->who.run);
    (void)snprintf(title, sizeof title, "%s%s%s%s", d->region, strcmp(d->side, "n/a") ? " " : "", strcmp(d->side, "n/a") ? d->side : "", run);
    if (isfinite(d->ma))
        (void)snprintf(pair, sizeof pair, " (a %.3g, b %.3g)", d->ar, d->ma);
    else if (isfinite(d->ar))
        (void)snprintf(pair, sizeof pair, " (a %.3g)", d->ar);
    (void)snprintf(p, sizeof p, d->whiteness_p < .001 ? "< .001" : "= %.3f", d->whiteness_p);
    (void)snprintf(caption, sizeof caption, "%s%s; %zu volumes, %zu censored; whiteness p %s; Cook's distance above 4/n: %zu, "
                   "largest %.2g at volume %zu", nvc_noise_names[d->noise], pair, d->n, d->n_censored, p, d->n_influential, d->max_cook,
                   d->first_volume + d->cook_at);
    nvc_canvas_text_within(c, margin_left, top + 13, title, &(struct nvc_font){ 9.5, 0, 0, 0, 1, ink }, 0.45 * page);
    nvc_canvas_text_within(c, margin_left, top + 25, caption, &(struct nvc_font){ 7, 0, 0, 0, 0, soft }, page - margin_left - margin_right);
    draw_legend(c, d, page - margin_right, top + 13);
}

int nvc_fit_plot(struct nvc_text *out, enum nvc_picture kind, const struct nvc_diagnoses *l, struct nvc_error *err)
{
    struct nvc_canvas *c = NULL;
    size_t n = 0, longest = 0;
    for (size_t k = 0; k < l->n; k++) {
        n += l->items[k].pool != NULL;
        longest = l->items[k].n > longest ? l->items[k].n : longest;
    }
    if (!n || n > MOST_REGIONS)
        return nvc_fail(err, NVC_EDATA, n ? "a figure of %zu regions cannot be read, up to %d can: give fewer" : "%zu regions have a fit to "
                        "draw (up to %d can be drawn)", n, MOST_REGIONS);
    double *x = nvc_array(2 * longest, sizeof *x, err), top = 4;
    int status = x ? nvc_canvas_new(&c, kind, page, top + panel_height() * (double)n + 12, err) : NVC_ESYS;
    for (size_t k = 0; k < l->n && !status; k++) {
        const struct nvc_diagnosis *d = &l->items[k];
        if (!d->pool)
            continue;
        double fit = top + title_height, parts = fit + fit_height + gap, residual = parts + parts_height + gap;
        draw_title(c, d, top);
        draw_fit(c, d, fit, x, x + longest);
        draw_parts(c, d, parts, x, x + longest);
        draw_residuals(c, d, residual);
        top += panel_height();
    }
    if (!status) {
        nvc_canvas_text(c, margin_left, top + 2, "grey: series without confounds and drift; black: fit; rings: Cook's distance above 4/n; grey bars: censored",
                        &(struct nvc_font){ 7, 0, 0, 0, 0, soft });
        nvc_canvas_describe(c, "How the model follows the series of each region: signal without confounds and drift in percent of its mean (grey) with the fit "
                               "(black), the part of each condition, and the whitened residuals in standard deviations with the influential volumes ringed.");
    }
    if (!status)
        status = nvc_canvas_finish(c, out, err);
    nvc_canvas_free(c);
    free(x);
    return status;
}
