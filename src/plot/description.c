#define _GNU_SOURCE /* memmem */
#include "plot/description.h"

#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include <zlib.h>

enum { SIGNATURE = 8, CHUNK = 12, HEADER = SIGNATURE + CHUNK + 13 }; /* length, type and sum of a chunk; IHDR holds 13 bytes */
/* keyword, not compressed, no language, no translation of the keyword */
static const char keyword[] = "Description\0\0\0\0";
enum { KEYWORD = sizeof keyword - 1 };

static const struct { const char *sign, *entity; } entities[] = { { "&", "&amp;" }, { "<", "&lt;" }, { ">", "&gt;" }, { "\"", "&quot;" } };
enum { ENTITIES = sizeof entities / sizeof *entities };

static uint32_t read_32(const char *at)
{
    const unsigned char *b = (const unsigned char *)at;
    return (uint32_t)b[0] << 24 | (uint32_t)b[1] << 16 | (uint32_t)b[2] << 8 | b[3];
}

static int add_32(struct nvc_text *out, unsigned long v, struct nvc_error *err)
{
    const char bytes[] = { (char)(v >> 24), (char)(v >> 16), (char)(v >> 8), (char)v };
    return nvc_text_add(out, bytes, sizeof bytes, err);
}

/* A chunk behind the first, which has to be IHDR. */
static int put_png(struct nvc_text *out, const char *bytes, size_t n, const char *text, struct nvc_error *err)
{
    struct nvc_text chunk = { 0 };
    int status = nvc_text_add(&chunk, "iTXt", 4, err);
    status = status ? status : nvc_text_add(&chunk, keyword, KEYWORD, err);
    status = status ? status : nvc_text_puts(&chunk, text, err);
    status = status ? status : nvc_text_add(out, bytes, HEADER, err);
    status = status ? status : add_32(out, (unsigned long)chunk.len - 4, err);
    status = status ? status : nvc_text_add(out, chunk.data, chunk.len, err);
    status = status ? status : add_32(out, crc32(0, (const unsigned char *)chunk.data, (unsigned)chunk.len), err);
    nvc_text_release(&chunk);
    return status ? status : nvc_text_add(out, bytes + HEADER, n - HEADER, err);
}

static int put_svg(struct nvc_text *out, const char *bytes, const char *behind, size_t n, const char *text, struct nvc_error *err)
{
    int status = nvc_text_add(out, bytes, (size_t)(behind - bytes), err);
    status = status ? status : nvc_text_puts(out, "\n<title>", err);
    for (; *text && !status; text++) {
        size_t k = 0;
        while (k < ENTITIES && *entities[k].sign != *text)
            k++;
        status = k < ENTITIES ? nvc_text_puts(out, entities[k].entity, err) : nvc_text_add(out, text, 1, err);
    }
    status = status ? status : nvc_text_puts(out, "</title>", err);
    return status ? status : nvc_text_add(out, behind, n - (size_t)(behind - bytes), err);
}

/* Behind the tag that opens the drawing; NULL: there is none. */
static const char *in_svg(const char *bytes, size_t n)
{
    const char *svg = memmem(bytes, n, "<svg", 4);
    const char *end = svg ? memchr(svg, '>', n - (size_t)(svg - bytes)) : NULL;
    return end && end[-1] != '/' ? end + 1 : NULL;
}

int nvc_description_put(struct nvc_text *out, enum nvc_picture kind, const char *bytes, size_t n, const char *text, struct nvc_error *err)
{
    const char *behind = kind == NVC_SVG ? in_svg(bytes, n) : NULL;
    if (kind == NVC_PNG && n > HEADER)
        return put_png(out, bytes, n, text, err);
    return behind ? put_svg(out, bytes, behind, n, text, err) : nvc_text_add(out, bytes, n, err);
}

static int get_png(struct nvc_text *out, const char *bytes, size_t n, struct nvc_error *err)
{
    size_t length;
    for (size_t at = SIGNATURE; at + CHUNK <= n && (length = read_32(bytes + at)) <= n - at - CHUNK; at += CHUNK + length)
        if (!memcmp(bytes + at + 4, "iTXt", 4) && length > KEYWORD && !memcmp(bytes + at + 8, keyword, KEYWORD) &&
            !memchr(bytes + at + 8 + KEYWORD, '\0', length - KEYWORD))
            return nvc_text_add(out, bytes + at + 8 + KEYWORD, length - KEYWORD, err);
    return 0;
}

static int get_svg(struct nvc_text *out, const char *bytes, size_t n, struct nvc_error *err)
{
    const char *from = in_svg(bytes, n), *end = bytes + n;
    int status = 0;
    while (from && from < end && strchr(" \t\r\n", *from))
        from++;
    if (!from || (size_t)(end - from) < 7 || memcmp(from, "<title>", 7) != 0)
        return 0;
    from += 7;
    const char *stop = memchr(from, '<', (size_t)(end - from));
    while (stop && from < stop && !status) {
        size_t k = 0;
        while (k < ENTITIES && strncmp(from, entities[k].entity, strlen(entities[k].entity)) != 0)
            k++;
        status = nvc_text_add(out, k < ENTITIES ? entities[k].sign : from, 1, err);
        from += k < ENTITIES ? strlen(entities[k].entity) : 1;
    }
    return status;
}

int nvc_description_get(struct nvc_text *out, enum nvc_picture kind, const char *bytes, size_t n, struct nvc_error *err)
{
    return kind == NVC_PNG ? get_png(out, bytes, n, err) : kind == NVC_SVG ? get_svg(out, bytes, n, err) : 0;
}
