#include "plot/canvas.h"

#include "base/memory.h"
#include "plot/description.h"

#include <cairo-pdf.h>
#include <cairo-svg.h>
#include <cairo.h>
#include <math.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

static const double dots_per_point = 200. / 72;

struct nvc_canvas {
    enum nvc_picture kind;
    cairo_surface_t *surface;
    cairo_t *cr;
    const char *about;
    struct nvc_text bytes; /* SVG and PDF arrive here as they are drawn */
    struct nvc_error trouble;
};

int nvc_picture_of(const char *path, enum nvc_picture *kind, struct nvc_error *err)
{
    static const char *const suffix[] = { ".png", ".svg", ".pdf" };
    size_t n = strlen(path);
    for (int i = 0; i < 3; i++)
        if (n > 4 && !strcasecmp(path + n - 4, suffix[i])) {
            *kind = (enum nvc_picture)i;
            return 0;
        }
    return nvc_fail(err, NVC_EUSAGE, "%s: the kind of picture is told by its name: .png, .svg or .pdf", path);
}

static cairo_status_t keep_bytes(void *closure, const unsigned char *data, unsigned int length)
{
    struct nvc_canvas *c = closure;
    return nvc_text_add(&c->bytes, (const char *)data, length, &c->trouble) ? CAIRO_STATUS_WRITE_ERROR
                                                                            : CAIRO_STATUS_SUCCESS;
}

static int check(cairo_status_t status, struct nvc_error *err)
{
    if (status == CAIRO_STATUS_SUCCESS)
        return 0;
    return nvc_fail(err, NVC_ESYS, "cannot draw the picture: %s", cairo_status_to_string(status));
}

static cairo_surface_t *make_surface(struct nvc_canvas *c, double width, double height)
{
    cairo_surface_t *s;
    switch (c->kind) {
    case NVC_SVG:
        s = cairo_svg_surface_create_for_stream(keep_bytes, c, width, height);
        cairo_svg_surface_set_document_unit(s, CAIRO_SVG_UNIT_PT);
        return s;
    case NVC_PDF:
        s = cairo_pdf_surface_create_for_stream(keep_bytes, c, width, height);
        cairo_pdf_surface_set_metadata(s, CAIRO_PDF_METADATA_CREATE_DATE, NULL);
        return s;
    case NVC_PNG:
        break;
    }
    s = cairo_image_surface_create(CAIRO_FORMAT_RGB24, (int)ceil(width * dots_per_point),
                                   (int)ceil(height * dots_per_point));
    cairo_surface_set_device_scale(s, dots_per_point, dots_per_point);
    return s;
}

int nvc_canvas_new(struct nvc_canvas **out, enum nvc_picture kind, double width, double height, struct nvc_error *err)
{
    struct nvc_canvas *c = *out = nvc_array(1, sizeof *c, err);
    if (!c)
        return (int)err->status;
    c->kind = kind;
    c->surface = make_surface(c, width, height);
    c->cr = cairo_create(c->surface);
    int status = check(cairo_status(c->cr), err);
    if (status) {
        nvc_canvas_free(c);
        *out = NULL;
        return status;
    }
    cairo_set_source_rgb(c->cr, 1, 1, 1);
    cairo_paint(c->cr);
    cairo_set_line_cap(c->cr, CAIRO_LINE_CAP_ROUND);
    cairo_set_line_join(c->cr, CAIRO_LINE_JOIN_ROUND);
    return 0;
}

void nvc_canvas_describe(struct nvc_canvas *c, const char *text)
{
    c->about = text;
    if (c->kind == NVC_PDF)
        cairo_pdf_surface_set_metadata(c->surface, CAIRO_PDF_METADATA_TITLE, text);
}

int nvc_canvas_finish(struct nvc_canvas *c, struct nvc_text *out, struct nvc_error *err)
{
    cairo_status_t drawn = cairo_status(c->cr);
    if (c->kind == NVC_PNG && drawn == CAIRO_STATUS_SUCCESS)
        drawn = cairo_surface_write_to_png_stream(c->surface, keep_bytes, c);
    cairo_surface_finish(c->surface);
    if (c->trouble.status) {
        *err = c->trouble;
        return (int)err->status;
    }
    int status = check(drawn ? drawn : cairo_surface_status(c->surface), err);
    if (status || !c->about)
        return status ? status : nvc_text_add(out, c->bytes.data, c->bytes.len, err);
    return nvc_description_put(out, c->kind, c->bytes.data, c->bytes.len, c->about, err);
}

void nvc_canvas_free(struct nvc_canvas *c)
{
    if (!c)
        return;
    cairo_destroy(c->cr);
    cairo_surface_destroy(c->surface); /* may still write: bytes go last */
    nvc_text_release(&c->bytes);
    free(c);
}

static void ink(struct nvc_canvas *c, struct nvc_colour colour, double alpha)
{
    cairo_set_source_rgba(c->cr, colour.r, colour.g, colour.b, alpha > 0 ? alpha : 1);
}

static void stroke(struct nvc_canvas *c, const struct nvc_pen *pen)
{
    ink(c, pen->colour, pen->alpha);
    cairo_set_line_width(c->cr, pen->width);
    cairo_set_dash(c->cr, &pen->dash, pen->dash > 0, 0);
    cairo_stroke(c->cr);
}

void nvc_canvas_line(struct nvc_canvas *c, double x0, double y0, double x1, double y1, const struct nvc_pen *pen)
{
    nvc_canvas_path(c, (double[]){ x0, x1 }, (double[]){ y0, y1 }, 2, pen);
}

static void trace(struct nvc_canvas *c, const double *x, const double *y, size_t n)
{
    bool down = false;
    for (size_t i = 0; i < n; i++) {
        bool finite = isfinite(x[i]) && isfinite(y[i]);
        if (finite && down)
            cairo_line_to(c->cr, x[i], y[i]);
        else if (finite)
            cairo_move_to(c->cr, x[i], y[i]);
        down = finite;
    }
}

void nvc_canvas_path(struct nvc_canvas *c, const double *x, const double *y, size_t n, const struct nvc_pen *pen)
{
    trace(c, x, y, n);
    stroke(c, pen);
}

void nvc_canvas_area(struct nvc_canvas *c, const double *x, const double *y, size_t n, struct nvc_colour colour, double alpha)
{
    trace(c, x, y, n);
    ink(c, colour, alpha);
    cairo_fill(c->cr);
}

void nvc_canvas_rect(struct nvc_canvas *c, double x, double y, double w, double h, struct nvc_colour colour, double alpha)
{
    cairo_rectangle(c->cr, x, y, w, h);
    ink(c, colour, alpha);
    cairo_fill(c->cr);
}

void nvc_canvas_dot(struct nvc_canvas *c, double x, double y, double radius, double width, struct nvc_colour colour, double alpha)
{
    if (!isfinite(x) || !isfinite(y))
        return;
    cairo_new_sub_path(c->cr);
    cairo_arc(c->cr, x, y, radius, 0, 2 * acos(-1));
    if (width > 0) {
        stroke(c, &(struct nvc_pen){ colour, width, alpha, 0 });
    } else {
        ink(c, colour, alpha);
        cairo_fill(c->cr);
    }
}

static void choose_font(struct nvc_canvas *c, const struct nvc_font *font)
{
    cairo_select_font_face(c->cr, "sans-serif", CAIRO_FONT_SLANT_NORMAL,
                           font->bold ? CAIRO_FONT_WEIGHT_BOLD : CAIRO_FONT_WEIGHT_NORMAL);
    cairo_set_font_size(c->cr, font->size);
}

double nvc_canvas_text_width(struct nvc_canvas *c, const char *text, const struct nvc_font *font)
{
    cairo_text_extents_t e;
    choose_font(c, font);
    cairo_text_extents(c->cr, text, &e);
    return e.x_advance;
}

void nvc_canvas_text(struct nvc_canvas *c, double x, double y, const char *text, const struct nvc_font *font)
{
    double width = nvc_canvas_text_width(c, text, font);
    cairo_save(c->cr);
    cairo_translate(c->cr, x, y);
    cairo_rotate(c->cr, -font->angle * acos(-1) / 180);
    /* the height of capitals, alike for all texts: lines of a figure then stand level */
    cairo_move_to(c->cr, -font->h * width, font->v * .72 * font->size);
    ink(c, font->colour, 1);
    cairo_show_text(c->cr, text);
    cairo_restore(c->cr);
}

/* Bytes of UTF-8 that go on with a character may not stand first. */
static bool amid_character(char byte) { return ((unsigned char)byte & 0xc0) == 0x80; }

void nvc_canvas_text_within(struct nvc_canvas *c, double x, double y, const char *text, const struct nvc_font *font, double width)
{
    struct nvc_font small = *font;
    char cut[256];
    size_t n = strlen(text), head = n, tail;
    double wide = nvc_canvas_text_width(c, text, font);
    if (wide > width)
        small.size = fmax(0.75, width / wide) * font->size;
    for (size_t keep = n < 200 ? n : 200; nvc_canvas_text_width(c, text, &small) > 1.001 * width && keep > 2; keep--) {
        for (head = keep / 2; head && amid_character(text[head]); head--)
            ;
        for (tail = n - (keep - keep / 2); tail < n && amid_character(text[tail]); tail++)
            ;
        (void)snprintf(cut, sizeof cut, "%.*s\xe2\x80\xa6%s", (int)head, text, text + tail);
        if (nvc_canvas_text_width(c, cut, &small) <= 1.001 * width) {
            text = cut;
            break;
        }
    }
    nvc_canvas_text(c, x, y, text, &small);
}

void nvc_canvas_cells(struct nvc_canvas *c, double x, double y, double w, double h, const double *value, size_t nx,
                      size_t ny, double lo, double hi, nvc_colour_map map)
{
    cairo_surface_t *image = cairo_image_surface_create(CAIRO_FORMAT_RGB24, (int)nx, (int)ny);
    unsigned char *pixels = cairo_image_surface_get_data(image);
    size_t stride = (size_t)cairo_image_surface_get_stride(image);
    for (size_t j = 0; pixels && j < ny; j++)
        for (size_t i = 0; i < nx; i++) {
            double t = (value[i + nx * j] - lo) / (hi - lo);
            struct nvc_colour k = isnan(t) ? (struct nvc_colour){ 1, 1, 1 } : map(fmin(1, fmax(0, t)));
            uint32_t rgb = (uint32_t)lround(255 * k.r) << 16 | (uint32_t)lround(255 * k.g) << 8 | (uint32_t)lround(255 * k.b);
            memcpy(pixels + j * stride + 4 * i, &rgb, 4);
        }
    cairo_surface_mark_dirty(image);
    cairo_save(c->cr);
    cairo_translate(c->cr, x, y);
    cairo_scale(c->cr, w / (double)nx, h / (double)ny);
    cairo_set_source_surface(c->cr, image, 0, 0);
    cairo_pattern_set_filter(cairo_get_source(c->cr), CAIRO_FILTER_NEAREST);
    cairo_rectangle(c->cr, 0, 0, (double)nx, (double)ny);
    cairo_fill(c->cr);
    cairo_restore(c->cr);
    cairo_surface_destroy(image);
}
