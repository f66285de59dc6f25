#include "table/physio.h"

#include "base/memory.h"
#include "base/number.h"
#include "base/text.h"
#include "io/bids.h"
#include "io/json.h"
#include "io/tsv.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum { MOST_COLUMNS = 64 };
static const double mmhg_of[] = { [NVC_CO2_MMHG] = 1, [NVC_CO2_KPA] = 7.50062, [NVC_CO2_PERCENT] = 7.13 };

/* Number of the column that is meant, among names without `time`. */
static int choose(size_t *column, const char *const *names, size_t n, const char *wanted, struct nvc_error *err)
{
    static const char *const usual[] = { "co2", "petco2", "pet_co2", "end_tidal_co2", "etco2" };
    size_t last = n, others = 0;
    for (size_t j = 0; j < n; j++) {
        if (wanted ? !strcmp(names[j], wanted) : false)
            return *column = j, 0;
        for (size_t k = 0; !wanted && k < sizeof usual / sizeof *usual; k++)
            if (!strcasecmp(names[j], usual[k]))
                return *column = j, 0;
        if (strcmp(names[j], "time") != 0)
            last = j, others++;
    }
    if (wanted) {
        const char *near = nvc_near_miss(wanted, names, n);
        return nvc_fail(err, NVC_EDATA, "no column '%s'%s%s%s", wanted, near ? "; did you mean '" : "", near ? near : "", near ? "'?" : "");
    }
    if (others != 1)
        return nvc_fail(err, NVC_EDATA, "%zu columns and none called co2 or petco2; say which (--co2-column)", others);
    return *column = last, 0;
}

/* Values of one column of a body without header, one row after the other. */
static int parse_body(struct nvc_trace *t, const char *text, size_t n_columns, size_t wanted, struct nvc_error *err)
{
    size_t lines = 0;
    for (const char *p = text; (p = strchr(p, '\n')); p++)
        lines++;
    int status = nvc_trace_init(t, lines + 1, err);
    t->n = 0;
    for (const char *line = text; !status && *line;) {
        const size_t length = strcspn(line, "\r\n");
        const char *cell = line;
        size_t cells = 0;
        for (const char *p = line;; p++) {
            if (p != line + length && *p != '\t')
                continue;
            if (cells++ == wanted && !nvc_parse_real(cell, (size_t)(p - cell), t->value + t->n))
                t->value[t->n] = NAN;
            cell = p + 1;
            if (p == line + length)
                break;
        }
        if (cells != n_columns)
            status = nvc_fail(err, NVC_EDATA, "line %zu has %zu columns; the sidecar names %zu", t->n + 1, cells, n_columns);
        t->n++;
        line += length;
        line += strspn(line, "\r\n");
    }
    return status;
}

static enum nvc_co2_unit unit_of(const json_t *meta, const char *column)
{
    const char *text = nvc_json_get_text(json_object_get(meta, column), "Units", "mmHg");
    return !strcasecmp(text, "kPa") ? NVC_CO2_KPA : !strcmp(text, "%") || !strcasecmp(text, "percent") ? NVC_CO2_PERCENT : NVC_CO2_MMHG;
}

/* A BIDS recording: every row is a sample. */
static int read_recording(struct nvc_trace *t, const char *path, const json_t *meta, const struct nvc_co2_request *request,
                          enum nvc_co2_unit *unit, uint32_t *crc32, uint64_t *bytes, struct nvc_error *err)
{
    const json_t *columns = json_object_get(meta, "Columns");
    const char *names[MOST_COLUMNS];
    struct nvc_stream *s = NULL;
    char *text = NULL;
    size_t n = json_array_size(columns), length = 0, column = 0;
    double hz = NAN, start_s = 0;
    int status = nvc_json_get_real(meta, "SamplingFrequency", &hz, err);
    if (!status)
        status = nvc_json_get_real(meta, "StartTime", &start_s, err);
    if (!status && (!(hz > 0) || n > MOST_COLUMNS))
        status = nvc_fail(err, NVC_EDATA, hz > 0 ? "the sidecar names more than 64 columns" : "the sidecar has no SamplingFrequency above 0 Hz");
    for (size_t j = 0; j < n && !status; j++)
        if (!(names[j] = json_string_value(json_array_get(columns, j))))
            status = nvc_fail(err, NVC_EDATA, "entry %zu of Columns in the sidecar is not text", j + 1);
    if (!status && !(status = choose(&column, names, n, request->column, err)) && !(status = nvc_stream_open(&s, path, NVC_INFLATE_BEST, err)))
        status = nvc_stream_slurp(s, (size_t)1 << 30, &text, &length, err);
    if (!status && strlen(text) != length)
        status = nvc_fail(err, NVC_EDATA, "not text: byte %zu is 0", strlen(text) + 1);
    if (!status)
        status = parse_body(t, text, n, column, err);
    for (size_t i = 0; i < t->n && !status; i++)
        t->time_s[i] = (isnan(start_s) ? 0 : start_s) + (double)i / hz;
    if (!status) {
        *unit = unit_of(meta, names[column]);
        *crc32 = nvc_stream_crc32(s), *bytes = nvc_stream_bytes(s);
    }
    nvc_stream_close(s);
    free(text);
    return status;
}

static int read_table(struct nvc_trace *t, const char *path, const json_t *meta, const struct nvc_co2_request *request,
                      enum nvc_co2_unit *unit, uint32_t *crc32, uint64_t *bytes, struct nvc_error *err)
{
    struct nvc_table table;
    size_t time = 0, column = 0;
    int status = nvc_table_read(&table, path, err);
    if (status)
        return status;
    if (!(status = nvc_table_need(&table, "time", &time, err)) && !(status = choose(&column, table.names, table.n_cols, request->column, err)) &&
        !(status = nvc_trace_init(t, table.n_rows, err)) && !(status = nvc_table_reals(&table, time, t->time_s, err)))
        status = nvc_table_reals(&table, column, t->value, err);
    if (!status)
        *unit = unit_of(meta, table.names[column]);
    *crc32 = table.crc32, *bytes = table.bytes;
    nvc_table_release(&table);
    return status;
}

static int judge(struct nvc_trace *t, const struct nvc_co2_request *request, double mmhg, struct nvc_error *err)
{
    struct nvc_trace tops;
    double mean = 0;
    int status = nvc_trace_check(t, err);
    for (size_t i = 0; i < t->n && !status; i++)
        t->value[i] *= mmhg;
    if (!status && !request->capnogram && nvc_trace_breathes(t))
        return nvc_fail(err, NVC_EDATA, "rises and falls with every breath: a capnogram, not end-tidal CO2; give --capnogram");
    if (!status && request->capnogram && !(status = nvc_trace_end_tidal(&tops, t, err))) {
        nvc_trace_release(t);
        *t = tops;
        status = nvc_trace_check(t, err);
    }
    for (size_t i = 0; i < t->n && !status; i++)
        mean += t->value[i] / (double)t->n;
    if (!status && !(mean >= 15 && mean <= 80))
        status = nvc_fail(err, NVC_EDATA, "a mean of %.3g mmHg is no end-tidal CO2 (35 to 45 in rest): say the unit (--co2-unit) or the column "
                          "(--co2-column)", mean);
    return status;
}

int nvc_co2_read(struct nvc_trace *t, const char *path, const struct nvc_co2_request *request, uint32_t *crc32, uint64_t *bytes,
                 struct nvc_error *err)
{
    json_t *meta = NULL;
    enum nvc_co2_unit unit = NVC_CO2_MMHG;
    *t = (struct nvc_trace){ 0 };
    int status = nvc_bids_sidecar(&meta, path, err);
    if (!status)
        status = (json_is_array(json_object_get(meta, "Columns")) ? read_recording : read_table)(t, path, meta, request, &unit, crc32, bytes, err);
    if (!status)
        status = judge(t, request, mmhg_of[request->unit != NVC_CO2_AUTO ? request->unit : unit], err);
    json_decref(meta);
    if (!status)
        return 0;
    nvc_trace_release(t);
    return strstr(err->text, path) ? status : nvc_fail_in(err, "%s", path);
}
