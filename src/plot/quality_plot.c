#include "plot/quality_plot.h"

#include <math.h>
#include <string.h>

enum { PANELS = 3 };
static const double line_height = 14, top = 16, bottom = 46, gap = 16, panel_width = 120;
static const struct nvc_colour ink = { .13, .13, .13 }, soft = { .6, .6, .6 }, band = { .955, .955, .955 };
static const char *const titles[PANELS] = { "smallest coverage", "smallest tSNR", "largest mean FD (mm)" };

static double value(const struct nvc_quality_line *l, int panel)
{
    return panel == 0 ? l->coverage : panel == 1 ? l->tsnr : l->fd_mm;
}

/* Bluish green, orange, vermilion, as the verdicts go; told apart by shape as well. */
static struct nvc_colour colour_of(const char *verdict)
{
    return nvc_palette[!strcmp(verdict, "fail") ? 6 : !strcmp(verdict, "flag") ? 1 : !strcmp(verdict, "pass") ? 3 : 0];
}

static struct nvc_frame panel_frame(const struct nvc_quality_line *lines, size_t n, int panel, double left, double limit)
{
    double most = panel == 0 ? 1 : isnan(limit) ? 0 : 1.2 * limit;
    for (size_t i = 0; i < n; i++)
        most = fmax(most, 1.05 * value(&lines[i], panel)); /* fmax passes over NaN */
    return (struct nvc_frame){ left + panel * (panel_width + gap), top, panel_width, line_height * (double)n,
                               { 0, most > 0 ? most : 1, titles[panel], 0 }, { (double)n, 0, NULL, 1 } };
}

static void draw_mark(struct nvc_canvas *c, const struct nvc_frame *f, const struct nvc_quality_line *l, int panel, double y)
{
    double x = nvc_frame_x(f, value(l, panel));
    if (isnan(x))
        return;
    if (!strcmp(l->verdict, "fail"))
        nvc_canvas_rect(c, x - 3, y - 3, 6, 6, colour_of(l->verdict), 1);
    else
        nvc_canvas_dot(c, x, y, 3, strcmp(l->verdict, "flag") ? 0 : 1.6, colour_of(l->verdict), 1);
}

int nvc_quality_plot(struct nvc_text *out, enum nvc_picture kind, const struct nvc_quality_line *lines, size_t n, const double limits[3],
                     struct nvc_error *err)
{
    struct nvc_canvas *c;
    double left = 0;
    if (!n)
        return nvc_fail(err, NVC_EUSAGE, "no participant to draw");
    int status = nvc_canvas_new(&c, kind, 10, 10, err);
    for (size_t i = 0; !status && i < n; i++)
        left = fmax(left, nvc_canvas_text_width(c, lines[i].label, &(struct nvc_font){ .size = 8 }));
    if (!status)
        nvc_canvas_free(c);
    left = fmin(left, 200) + 2 * gap + 26;
    if (!status)
        status = nvc_canvas_new(&c, kind, left + PANELS * (panel_width + gap), top + line_height * (double)n + bottom, err);
    if (status)
        return status;
    for (size_t i = 0; i < n; i += 2)
        nvc_canvas_rect(c, 0, top + line_height * (double)i, left + PANELS * (panel_width + gap), line_height, band, 1);
    for (int p = 0; p < PANELS; p++) {
        struct nvc_frame f = panel_frame(lines, n, p, left, limits[p]);
        double at = nvc_frame_x(&f, limits[p]);
        nvc_canvas_line(c, at, f.top, at, f.top + f.height, &(struct nvc_pen){ soft, 0.8, 1, 3 });
        for (size_t i = 0; i < n; i++)
            draw_mark(c, &f, &lines[i], p, top + line_height * ((double)i + 0.5));
        nvc_frame_draw(c, &f, 0);
    }
    for (size_t i = 0; i < n; i++) {
        double y = top + line_height * ((double)i + 0.5);
        nvc_canvas_text_within(c, left - gap - 26, y, lines[i].label, &(struct nvc_font){ 8, 1, 0.5, 0, 0, ink }, 200);
        nvc_canvas_text(c, left - gap - 20, y, lines[i].verdict, &(struct nvc_font){ 8, 0, 0.5, 0, 1, colour_of(lines[i].verdict) });
    }
    nvc_canvas_describe(c, "Quality of each participant: the worst of all regions and runs. Dashed: where a value is flagged by default.");
    status = nvc_canvas_finish(c, out, err);
    nvc_canvas_free(c);
    return status;
}
