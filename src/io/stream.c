#include <config.h>
#include "io/stream.h"

#include "base/memory.h"
#include "base/text.h"
#include "io/inflate.h"
#include "io/source.h"

#include <stdlib.h>
#include <string.h>
#include <zlib.h>

enum { AHEAD = 1024, SCRATCH = 64 * 1024, SLURP_FIRST = 64 * 1024, DIRECT = 64 * 1024 };
enum place { PLAIN, HEADER, BODY, TRAILER, END };

struct nvc_stream {
    struct nvc_source source;
    struct nvc_inflate *inflate; /* NULL: not gzip */
    enum place place;
    uint32_t member_crc;         /* of the gzip member being read */
    uint64_t member_bytes;
    uint32_t crc;                /* of what was decoded before this member; of all when plain */
    uint64_t bytes;
    size_t n_ahead;              /* decoded but not handed out: ahead[0..n_ahead) */
    unsigned char ahead[AHEAD];
};

/* ---- gzip members (RFC 1952) -------------------------------------------------------------------- */

static int fail_early(const struct nvc_stream *s, struct nvc_error *err)
{
    return nvc_fail(err, NVC_EDATA, "the gzip data end early, at byte %llu: the file is truncated; copy or fetch it again",
                    (unsigned long long)nvc_source_position(&s->source));
}

/* The next n stored bytes, with their CRC when asked. */
static int take(struct nvc_stream *s, unsigned char *to, size_t n, uint32_t *crc, struct nvc_error *err)
{
    for (size_t i = 0; i < n; i++) {
        struct nvc_span *w = &s->source.window;
        if (w->at == w->end) {
            int status = nvc_source_fill(&s->source, err);
            if (status)
                return status;
            if (w->at == w->end)
                return fail_early(s, err);
        }
        to[i] = *w->at++;
    }
    if (crc)
        *crc = nvc_crc32(*crc, to, n);
    return 0;
}

static uint32_t u32(const unsigned char b[4])
{
    return (uint32_t)b[0] | (uint32_t)b[1] << 8 | (uint32_t)b[2] << 16 | (uint32_t)b[3] << 24;
}

static int skip_name(struct nvc_stream *s, uint32_t *crc, struct nvc_error *err)
{
    unsigned char c;
    int status;
    do
        status = take(s, &c, 1, crc, err);
    while (!status && c);
    return status;
}

static int skip_extra(struct nvc_stream *s, uint32_t *crc, struct nvc_error *err)
{
    unsigned char b[2] = { 0 };
    int status = take(s, b, 2, crc, err);
    for (unsigned n = (unsigned)b[0] | (unsigned)b[1] << 8; !status && n; n--)
        status = take(s, b, 1, crc, err);
    return status;
}

static int read_member_header(struct nvc_stream *s, struct nvc_error *err)
{
    enum { HCRC = 2, EXTRA = 4, NAME = 8, COMMENT = 16, RESERVED = 0xe0 };
    unsigned char b[10] = { 0 }, stored[2] = { 0 };
    uint32_t crc = 0;
    int status = take(s, b, 10, &crc, err);
    if (status)
        return status;
    if (b[0] != 0x1f || b[1] != 0x8b || b[2] != 8 || b[3] & RESERVED)
        return nvc_fail(err, NVC_EDATA, "the gzip header at byte %llu is damaged",
                        (unsigned long long)nvc_source_position(&s->source) - 10);
    if (!status && b[3] & EXTRA)
        status = skip_extra(s, &crc, err);
    if (!status && b[3] & NAME)
        status = skip_name(s, &crc, err);
    if (!status && b[3] & COMMENT)
        status = skip_name(s, &crc, err);
    if (!status && b[3] & HCRC && !(status = take(s, stored, 2, NULL, err)) &&
        (crc & 0xffff) != ((unsigned)stored[0] | (unsigned)stored[1] << 8))
        status = nvc_fail(err, NVC_EDATA, "the gzip header is damaged (its CRC is wrong)");
    nvc_inflate_reset(s->inflate);
    s->member_crc = 0;
    s->member_bytes = 0;
    s->place = BODY;
    return status;
}

static int read_body(struct nvc_stream *s, struct nvc_span *out, struct nvc_error *err)
{
    struct nvc_span *w = &s->source.window;
    unsigned char *start = out->at;
    bool end;
    int status = w->at == w->end ? nvc_source_fill(&s->source, err) : 0;
    if (status)
        return status;
    const unsigned char *before = w->at;
    if ((status = nvc_inflate_run(s->inflate, w, out, &end, err)))
        return nvc_fail_in(err, "near byte %llu", (unsigned long long)nvc_source_position(&s->source));
    size_t n = (size_t)(out->at - start);
    s->member_crc = nvc_crc32(s->member_crc, start, n);
    s->member_bytes += n;
    if (end)
        s->place = TRAILER;
    else if (n == 0 && w->at == before)
        return fail_early(s, err); /* no input is left and no output came */
    return 0;
}

/* Zeros may pad a file (tapes, block devices); anything else behind the last member is damage, for it may
 * have been a member. */
static int read_padding(struct nvc_stream *s, struct nvc_error *err)
{
    struct nvc_span *w = &s->source.window;
    do {
        for (; w->at < w->end; w->at++)
            if (*w->at)
                return nvc_fail(err, NVC_EDATA, "bytes that are not gzip follow the gzip data at byte %llu: the file is "
                                "damaged or something was appended", (unsigned long long)nvc_source_position(&s->source));
        int status = nvc_source_fill(&s->source, err);
        if (status)
            return status;
    } while (w->at < w->end);
    s->place = END;
    return 0;
}

static int read_trailer(struct nvc_stream *s, struct nvc_error *err)
{
    struct nvc_span *w = &s->source.window;
    unsigned char b[8] = { 0 };
    int status = take(s, b, 8, NULL, err);
    if (status)
        return status;
    if (u32(b) != s->member_crc || u32(b + 4) != (uint32_t)s->member_bytes)
        return nvc_fail(err, NVC_EDATA, "the gzip data are damaged (%s is wrong): copy or fetch the file again",
                        u32(b) != s->member_crc ? "CRC-32" : "length");
    s->crc = s->bytes ? (uint32_t)crc32_combine(s->crc, s->member_crc, (z_off_t)s->member_bytes) : s->member_crc;
    s->bytes += s->member_bytes;
    s->member_bytes = 0;
    s->member_crc = 0;
    if (w->at == w->end && (status = nvc_source_fill(&s->source, err)))
        return status;
    if (w->at < w->end && *w->at == 0x1f) {
        s->place = HEADER;
        return 0;
    }
    return read_padding(s, err);
}

/* ---- decoding ----------------------------------------------------------------------------------- */

static int read_plain(struct nvc_stream *s, struct nvc_span *out, struct nvc_error *err)
{
    struct nvc_span *w = &s->source.window;
    size_t n = (size_t)(out->end - out->at), have;
    int status = 0;
    if (w->at == w->end && n >= DIRECT) {
        status = nvc_source_read(&s->source, out->at, n, &have, err);
    } else {
        if (w->at == w->end)
            status = nvc_source_fill(&s->source, err);
        have = (size_t)(w->end - w->at);
        have = have < n ? have : n;
        memcpy(out->at, w->at, have);
        w->at += have;
    }
    if (status)
        return status;
    s->crc = nvc_crc32(s->crc, out->at, have);
    s->bytes += have;
    out->at += have;
    if (have == 0)
        s->place = END;
    return 0;
}

/* Fill `buf`; fewer bytes only at the end. */
static int decode(struct nvc_stream *s, void *buf, size_t n, size_t *got, struct nvc_error *err)
{
    struct nvc_span out = { buf, (unsigned char *)buf + n };
    int status = 0;
    while (!status && out.at < out.end && s->place != END)
        switch (s->place) {
        case PLAIN: status = read_plain(s, &out, err); break;
        case HEADER: status = read_member_header(s, err); break;
        case BODY: status = read_body(s, &out, err); break;
        case TRAILER: status = read_trailer(s, err); break;
        case END: break;
        }
    *got = n - (size_t)(out.end - out.at);
    return status;
}

/* ---- the public face ---------------------------------------------------------------------------- */

/* Files whose content lives elsewhere and was never fetched look like files. */
static int refuse_pointer(const struct nvc_stream *s, struct nvc_error *err)
{
    const char *head = (const char *)s->source.window.at;
    size_t n = (size_t)(s->source.window.end - s->source.window.at);
    if (n >= 15 && memcmp(head, "/annex/objects/", 15) == 0)
        return nvc_fail(err, NVC_ESYS, "only a git-annex pointer is here, not the content; fetch it with: datalad get '%s'",
                        s->source.name);
    if (n >= 23 && memcmp(head, "version https://git-lfs", 23) == 0)
        return nvc_fail(err, NVC_ESYS, "only a Git LFS pointer is here, not the content; fetch it with: git lfs pull");
    return 0;
}

static int sniff(struct nvc_stream *s, enum nvc_inflater how, struct nvc_error *err)
{
    const struct nvc_span *w = &s->source.window;
    int status;
    do /* a pipe may give a single byte */
        if ((status = nvc_source_fill(&s->source, err)))
            return status;
    while (w->end - w->at == 1 && !s->source.eof);
    if (w->at == w->end)
        return nvc_fail(err, NVC_EDATA, strcmp(s->source.name, "standard input") ? "is empty (0 bytes)"
                        : "is empty: the command before the pipe wrote nothing");
    if (w->end - w->at > 1 && w->at[0] == 0x1f && w->at[1] == 0x8b) {
        s->place = HEADER;
        return nvc_inflate_new(&s->inflate, how, err);
    }
    return refuse_pointer(s, err);
}

int nvc_stream_open(struct nvc_stream **out, const char *path, enum nvc_inflater how, struct nvc_error *err)
{
    struct nvc_stream *s = nvc_array(1, sizeof *s, err);
    *out = NULL;
    if (!s)
        return (int)err->status;
    int status = nvc_source_open(&s->source, path, err);
    if (!status && (status = sniff(s, how, err)))
        status = nvc_fail_in(err, "%s", s->source.name);
    if (status) {
        nvc_stream_close(s);
        return status;
    }
    *out = s;
    return 0;
}

int nvc_stream_read(struct nvc_stream *s, void *buf, size_t n, size_t *got, struct nvc_error *err)
{
    size_t more, held = s->n_ahead < n ? s->n_ahead : n;
    memcpy(buf, s->ahead, held);
    s->n_ahead -= held;
    memmove(s->ahead, s->ahead + held, s->n_ahead);
    int status = decode(s, (unsigned char *)buf + held, n - held, &more, err);
    *got = held + more;
    return status;
}

int nvc_stream_peek(struct nvc_stream *s, void *buf, size_t n, size_t *got, struct nvc_error *err)
{
    size_t more = 0;
    int status = 0;
    n = n < AHEAD ? n : AHEAD;
    if (s->n_ahead < n)
        status = decode(s, s->ahead + s->n_ahead, n - s->n_ahead, &more, err);
    s->n_ahead += more;
    *got = s->n_ahead < n ? s->n_ahead : n;
    memcpy(buf, s->ahead, *got);
    return status;
}

int nvc_stream_slurp(struct nvc_stream *s, size_t limit, char **data, size_t *n, struct nvc_error *err)
{
    char *text = NULL;
    size_t cap = 0, len = 0, got, want = SLURP_FIRST;
    int status;
    do {
        status = nvc_grow(&text, &cap, len + want + 1, 1, err);
        if (status || (status = nvc_stream_read(s, text + len, want, &got, err)))
            break;
        len += got;
        if (len > limit) {
            status = nvc_fail(err, NVC_EDATA, "more than %zu bytes, where at most that many are wanted", limit);
            break;
        }
        text[len] = '\0';
        if (got < want)
            break;
        want = len < limit - len ? len : limit - len + 1;
    } while (true);
    if (status) {
        free(text);
        text = NULL;
        len = 0;
    }
    *data = text;
    *n = len;
    return status;
}

int nvc_stream_drain(struct nvc_stream *s, uint64_t *extra, bool *zero, struct nvc_error *err)
{
    unsigned char *buf = nvc_array(1, SCRATCH, err);
    size_t got = 0;
    int status = buf ? 0 : (int)err->status;
    *extra = 0;
    *zero = true;
    while (!status && !(status = nvc_stream_read(s, buf, SCRATCH, &got, err)) && got) {
        *extra += got;
        if (*zero)
            *zero = buf[0] == 0 && memcmp(buf, buf + 1, got - 1) == 0;
    }
    free(buf);
    return status;
}

const char *nvc_stream_name(const struct nvc_stream *s) { return s->source.name; }
bool nvc_stream_is_gzip(const struct nvc_stream *s) { return s->inflate != NULL; }
bool nvc_stream_is_regular(const struct nvc_stream *s) { return s->source.regular; }
uint64_t nvc_stream_file_size(const struct nvc_stream *s) { return s->source.size; }
uint64_t nvc_stream_bytes(const struct nvc_stream *s) { return s->bytes + s->member_bytes - s->n_ahead; }

uint32_t nvc_stream_crc32(const struct nvc_stream *s)
{
    if (!s->member_bytes)
        return s->crc;
    return (uint32_t)crc32_combine(s->crc, s->member_crc, (z_off_t)s->member_bytes);
}

void nvc_stream_close(struct nvc_stream *s)
{
    if (!s)
        return;
    nvc_inflate_free(s->inflate);
    nvc_source_close(&s->source);
    free(s);
}
