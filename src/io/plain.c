#include "io/plain.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

void nvc_plain_release(struct nvc_plain *p)
{
    free(p->text);
    *p = (struct nvc_plain){ 0 };
}

static size_t line_of(const char *text, size_t at)
{
    size_t line = 1;
    for (size_t i = 0; i < at; i++)
        line += text[i] == '\n';
    return line;
}

/* Length of the sequence that starts s (Unicode 15, table 3-7: no surrogates, nothing overlong); 0: none. */
static size_t utf8_sequence(const unsigned char *s, size_t n)
{
    size_t k = s[0] < 0x80 ? 1 : s[0] < 0xe0 ? 2 : s[0] < 0xf0 ? 3 : 4;
    if (k == 1)
        return 1;
    if (s[0] < 0xc2 || s[0] > 0xf4 || k > n)
        return 0;
    for (size_t i = 1; i < k; i++)
        if ((s[i] & 0xc0) != 0x80)
            return 0;
    bool out = (s[0] == 0xe0 && s[1] < 0xa0) || (s[0] == 0xed && s[1] > 0x9f) || (s[0] == 0xf0 && s[1] < 0x90) ||
               (s[0] == 0xf4 && s[1] > 0x8f);
    return out ? 0 : k;
}

/* Offset of the first byte that is not UTF-8, or n.  Eight bytes of ASCII go in one step. */
static size_t first_invalid(const char *text, size_t n)
{
    size_t at = 0;
    while (at < n) {
        uint64_t word;
        while (at + 8 <= n && (memcpy(&word, text + at, 8), !(word & 0x8080808080808080u)))
            at += 8;
        if (at == n)
            break;
        size_t k = utf8_sequence((const unsigned char *)text + at, n - at);
        if (!k)
            return at;
        at += k;
    }
    return n;
}

static int check(const char *text, size_t n, struct nvc_error *err)
{
    if (n >= 2 && (!memcmp(text, "\xff\xfe", 2) || !memcmp(text, "\xfe\xff", 2)))
        return nvc_fail(err, NVC_EDATA, "text is UTF-16; save it as UTF-8");
    if (n >= 4 && !memcmp(text, "PK\3\4", 4))
        return nvc_fail(err, NVC_EDATA, "a zip archive or a workbook (.xlsx, .ods); save the sheet as text, with tabs between the columns");
    const char *nul = memchr(text, '\0', n);
    if (nul)
        return nvc_fail(err, NVC_EDATA, "line %zu: a NUL byte; wanted UTF-8 text (is the file binary or UTF-16?)",
                        line_of(text, (size_t)(nul - text)));
    size_t bad = first_invalid(text, n);
    if (bad < n)
        return nvc_fail(err, NVC_EDATA, "line %zu: byte 0x%02x is not UTF-8; save the file as UTF-8",
                        line_of(text, bad), (unsigned char)text[bad]);
    return 0;
}

/* CRLF -> LF in place; a CR on its own is the line end of systems long gone, or damage. */
static int drop_carriage_returns(struct nvc_plain *p, struct nvc_error *err)
{
    char *from = memchr(p->text, '\r', p->n), *end = p->text + p->n, *to = from;
    while (from) {
        if (from + 1 == end || from[1] != '\n')
            return nvc_fail(err, NVC_EDATA, "line %zu: a carriage return without a line feed; "
                            "save the file with LF or CRLF line ends", line_of(p->text, (size_t)(to - p->text)));
        char *next = memchr(from + 1, '\r', (size_t)(end - from - 1));
        size_t k = (size_t)((next ? next : end) - from - 1);
        memmove(to, from + 1, k);
        to += k;
        from = next;
    }
    if (to) {
        *to = '\0';
        p->n = (size_t)(to - p->text);
    }
    return 0;
}

int nvc_plain_read(struct nvc_plain *p, struct nvc_stream *s, size_t limit, struct nvc_error *err)
{
    *p = (struct nvc_plain){ 0 };
    uint64_t extra;
    bool zero;
    int status = nvc_stream_slurp(s, limit, &p->text, &p->n, err);
    if (!status)
        status = nvc_stream_drain(s, &extra, &zero, err);
    if (!status)
        status = check(p->text, p->n, err);
    if (!status && p->n >= 3 && !memcmp(p->text, "\xef\xbb\xbf", 3)) {
        p->n -= 3;
        memmove(p->text, p->text + 3, p->n + 1);
    }
    if (!status)
        status = drop_carriage_returns(p, err);
    p->unterminated = p->n && p->text[p->n - 1] != '\n';
    if (status)
        nvc_plain_release(p);
    return status;
}

int nvc_plain_read_path(struct nvc_plain *p, const char *path, size_t limit, struct nvc_error *err)
{
    struct nvc_stream *s;
    *p = (struct nvc_plain){ 0 };
    int status = nvc_stream_open(&s, path, NVC_INFLATE_BEST, err);
    if (status)
        return status;
    status = nvc_plain_read(p, s, limit, err);
    if (status)
        status = nvc_fail_in(err, "%s", nvc_stream_name(s));
    nvc_stream_close(s);
    return status;
}

struct nvc_lines nvc_lines_of(const struct nvc_plain *p)
{
    return (struct nvc_lines){ p->text, p->text ? p->text + p->n : NULL, 0 };
}

char *nvc_lines_next(struct nvc_lines *l, size_t *n)
{
    char *line = l->at;
    if (line == l->end)
        return NULL;
    char *stop = memchr(line, '\n', (size_t)(l->end - line));
    *n = (size_t)((stop ? stop : l->end) - line);
    l->at = stop ? stop + 1 : l->end;
    line[*n] = '\0';
    l->number++;
    return line;
}
