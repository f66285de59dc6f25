#include "io/json.h"

#include "base/memory.h"
#include "io/stream.h"

#include <math.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

enum { DEPTH_LIMIT = 200, SIZE_LIMIT = 64 << 20 };

/* Jansson 2.14 does not notice that its token buffer could not grow and writes on behind it.  That buffer
 * asks for powers of two: when memory is out during a parse they come from a reserve, anything else is
 * refused, and the parse is void either way. */
struct reserve {
    char *start;
    size_t size, used;
};
static _Thread_local struct reserve reserve;
static _Thread_local bool starved; /* an allocation has failed since the last report */

static void *allocate(size_t n)
{
    void *p = malloc(n);
    if (p)
        return p;
    starved = true;
    if ((n & (n - 1)) || n > reserve.size - reserve.used)
        return NULL;
    p = reserve.start + reserve.used;
    reserve.used += n < 16 ? 16 : n;
    return p;
}

static void release(void *p)
{
    uintptr_t at = (uintptr_t)p, start = (uintptr_t)reserve.start;
    if (!reserve.size || at < start || at >= start + reserve.size)
        free(p);
}

void nvc_json_watch(void)
{
    json_set_alloc_funcs(allocate, release);
}

/* Parse with a reserve behind; *short_of_memory says that nothing of it is to be trusted. */
static json_t *load(const char *text, size_t n, json_error_t *e, bool *short_of_memory)
{
    reserve = (struct reserve) { malloc(4 * n + 4096), 4 * n + 4096, 0 };
    *short_of_memory = !reserve.start;
    if (!reserve.start) {
        reserve.size = 0;
        return NULL;
    }
    const bool before = starved;
    starved = false;
    json_t *root = json_loadb(text, n, JSON_REJECT_DUPLICATES, e);
    *short_of_memory = starved || (!root && json_error_code(e) == json_error_out_of_memory);
    starved = before;
    if (*short_of_memory) {
        json_decref(root);
        root = NULL;
    }
    free(reserve.start);
    reserve = (struct reserve) { 0 };
    return root;
}

int nvc_json_fail(struct nvc_error *err, const char *what)
{
    bool memory = starved;
    starved = false;
    return nvc_fail(err, memory ? NVC_ESYS : NVC_EDATA, "%s: %s", what,
                    memory ? "out of memory" : "holds text that is not UTF-8");
}

/* Levels of brackets outside strings: what the recursions of parser and writer will go down. */
static size_t depth_of(const char *text, size_t n)
{
    size_t depth = 0, deepest = 0;
    bool in_string = false;
    for (size_t i = 0; i < n; i++) {
        if (in_string && text[i] == '\\')
            i++;
        else if (text[i] == '"')
            in_string = !in_string;
        else if (!in_string && (text[i] == '[' || text[i] == '{'))
            deepest = ++depth > deepest ? depth : deepest;
        else if (!in_string && depth && (text[i] == ']' || text[i] == '}'))
            depth--;
    }
    return deepest;
}

int nvc_json_parse(json_t **root, const char *text, size_t n, const char *what, struct nvc_error *err)
{
    json_error_t e;
    bool short_of_memory;
    *root = NULL;
    if (n >= 3 && !memcmp(text, "\xef\xbb\xbf", 3))
        text += 3, n -= 3;
    if (n > SIZE_LIMIT)
        return nvc_fail(err, NVC_EDATA, "%s: %zu bytes of JSON; at most 64 MiB are read", what, n);
    if (depth_of(text, n) > DEPTH_LIMIT)
        return nvc_fail(err, NVC_EDATA, "%s: JSON nested deeper than %d levels", what, DEPTH_LIMIT);
    *root = load(text, n, &e, &short_of_memory);
    if (*root)
        return 0;
    if (short_of_memory)
        return nvc_fail(err, NVC_ESYS, "%s: out of memory", what);
    return nvc_fail(err, NVC_EDATA, "%s: line %d, column %d: not valid JSON: %s", what, e.line, e.column, e.text);
}

int nvc_json_read(json_t **root, const char *path, struct nvc_error *err)
{
    struct nvc_stream *s;
    char *text = NULL;
    size_t n = 0;
    uint64_t extra;
    bool zero;
    *root = NULL;
    int status = nvc_stream_open(&s, path, NVC_INFLATE_BEST, err);
    if (status)
        return status;
    status = nvc_stream_slurp(s, SIZE_LIMIT, &text, &n, err);
    if (!status)
        status = nvc_stream_drain(s, &extra, &zero, err);
    if (status)
        status = nvc_fail_in(err, "%s", nvc_stream_name(s));
    else
        status = nvc_json_parse(root, text, n, nvc_stream_name(s), err);
    free(text);
    nvc_stream_close(s);
    return status;
}

struct writer {
    struct nvc_text *out;
    int indent;
    struct nvc_error *err;
};

static int dump_part(const char *data, size_t n, void *user)
{
    struct writer *w = user;
    return nvc_text_add(w->out, data, n, w->err) ? -1 : 0;
}

/* Strings, integers, true, false and null are Jansson's to write. */
static int write_leaf(struct writer *w, const json_t *value)
{
    if (json_is_real(value))
        return nvc_text_real(w->out, json_real_value(value), w->err);
    w->err->status = NVC_OK;
    if (!json_dump_callback(value, dump_part, w, JSON_ENCODE_ANY | JSON_COMPACT))
        return 0;
    if (w->err->status)
        return (int)w->err->status;
    return value ? nvc_fail(w->err, NVC_ESYS, "out of memory (JSON)") : nvc_fail(w->err, NVC_EBUG, "no JSON value to write");
}

static int write_key(struct writer *w, const char *key)
{
    json_t *text = json_string(key);
    int status = text ? write_leaf(w, text) : nvc_fail(w->err, NVC_ESYS, "out of memory");
    json_decref(text);
    return status ? status : nvc_text_puts(w->out, w->indent ? ": " : ":", w->err);
}

static int new_line(struct writer *w, int level)
{
    return w->indent ? nvc_text_printf(w->out, w->err, "\n%*s", w->indent * level, "") : 0;
}

static int write_value(struct writer *w, const json_t *value, int level);

static int write_members(struct writer *w, const json_t *value, int level)
{
    size_t n = json_is_array(value) ? json_array_size(value) : json_object_size(value);
    void *it = json_is_array(value) ? NULL : json_object_iter((json_t *)(uintptr_t)value);
    int status = 0;
    for (size_t i = 0; i < n && !status; i++) {
        status = i ? nvc_text_puts(w->out, ",", w->err) : 0;
        if (!status)
            status = new_line(w, level + 1);
        if (!status && it)
            status = write_key(w, json_object_iter_key(it));
        if (!status)
            status = write_value(w, it ? json_object_iter_value(it) : json_array_get(value, i), level + 1);
        it = it ? json_object_iter_next((json_t *)(uintptr_t)value, it) : NULL;
    }
    return status || !n ? status : new_line(w, level);
}

static int write_value(struct writer *w, const json_t *value, int level)
{
    bool array = json_is_array(value);
    if (!array && !json_is_object(value))
        return write_leaf(w, value);
    if (level >= DEPTH_LIMIT)
        return nvc_fail(w->err, NVC_EBUG, "JSON nested deeper than %d levels", DEPTH_LIMIT);
    int status = nvc_text_puts(w->out, array ? "[" : "{", w->err);
    if (!status)
        status = write_members(w, value, level);
    return status ? status : nvc_text_puts(w->out, array ? "]" : "}", w->err);
}

int nvc_json_write(struct nvc_text *out, const json_t *value, int indent, struct nvc_error *err)
{
    struct writer w = { out, indent, err };
    if (starved) /* whatever is built piece by piece may lack a piece */
        return nvc_json_fail(err, "JSON to be written");
    return write_value(&w, value, 0);
}

json_t *nvc_json_real(double v)
{
    return isfinite(v) ? json_real(v) : json_null();
}

int nvc_json_get_real(const json_t *object, const char *key, double *value, struct nvc_error *err)
{
    const json_t *member = json_object_get(object, key);
    *value = json_is_number(member) ? json_number_value(member) : NAN;
    if (!member || json_is_number(member) || json_is_null(member))
        return 0;
    const char *text = json_string_value(member);
    if (text)
        return nvc_fail(err, NVC_EDATA, "'%s' is the text \"%.40s\"; wanted a number", key, text);
    return nvc_fail(err, NVC_EDATA, "'%s' is not a number", key);
}

const char *nvc_json_get_text(const json_t *object, const char *key, const char *otherwise)
{
    const char *text = json_string_value(json_object_get(object, key));
    return text ? text : otherwise;
}
