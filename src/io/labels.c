#include "io/labels.h"

#include "base/memory.h"
#include "base/number.h"
#include "io/plain.h"
#include "io/tsv.h"

#include <stdlib.h>
#include <string.h>

enum { SIZE_LIMIT = 16 << 20, NAME_LIMIT = 4096 };

static const char blanks[] = " \t\r\n";

void nvc_labels_release(struct nvc_labels *l)
{
    for (size_t i = 0; i < l->n; i++)
        free(l->items[i].name);
    free(l->items);
    free(l->atlas_name);
    free(l->image);
    free(l->summary);
    *l = (struct nvc_labels){ 0 };
}

int nvc_labels_add(struct nvc_labels *l, long value, const char *name, size_t n, struct nvc_error *err)
{
    while (n && strchr(blanks, *name))
        name++, n--;
    while (n && strchr(blanks, name[n - 1]))
        n--;
    if (!n)
        return nvc_fail(err, NVC_EDATA, "label %ld has no name", value);
    if (n > NAME_LIMIT)
        return nvc_fail(err, NVC_EDATA, "label %ld has a name of %zu bytes; at most %d are read", value, n, NAME_LIMIT);
    int status = nvc_grow(&l->items, &l->cap, l->n + 1, sizeof *l->items, err);
    if (status)
        return status;
    l->items[l->n] = (struct nvc_label){ value, nvc_strndup(name, n, err) };
    return l->items[l->n].name ? (l->n++, 0) : NVC_ESYS;
}

static int by_value(const void *a, const void *b)
{
    const struct nvc_label *x = *(const struct nvc_label *const *)a, *y = *(const struct nvc_label *const *)b;
    return (x->value > y->value) - (x->value < y->value);
}

static int check_values(const struct nvc_labels *l, struct nvc_error *err)
{
    if (!l->n)
        return nvc_fail(err, NVC_EDATA, "no label in it");
    const struct nvc_label **sorted = nvc_array(l->n, sizeof *sorted, err);
    if (!sorted)
        return NVC_ESYS;
    for (size_t i = 0; i < l->n; i++)
        sorted[i] = &l->items[i];
    qsort(sorted, l->n, sizeof *sorted, by_value);
    int status = 0;
    for (size_t i = 1; i < l->n && !status; i++)
        if (sorted[i - 1]->value == sorted[i]->value)
            status = nvc_fail(err, NVC_EDATA, "value %ld has two names, '%.80s' and '%.80s'", sorted[i]->value,
                              sorted[i - 1]->name, sorted[i]->name);
    free(sorted);
    return status;
}

/* The fields of a line of a FreeSurfer table; false when it does not have that shape. */
static bool lut_fields(const char *line, long *value, const char **name, size_t *n_name)
{
    size_t field = 0;
    for (const char *p = line + strspn(line, blanks); *p; field++) {
        size_t n = strcspn(p, blanks);
        long channel;
        if (field == 1)
            *name = p, *n_name = n;
        else if (field > 5 || !nvc_parse_integer(p, n, field ? &channel : value) ||
                 (field && (channel < 0 || channel > 255)))
            return false;
        p += n;
        p += strspn(p, blanks);
    }
    return field == 6;
}

/* Lines of the AAL lists, three fields and the last a number: "41 Amygdala_L 4201" (the value comes first) and
 * "AMYG_L<tab>Amygdala_L<tab>4201" (the value comes last). */
static bool aal_fields(const char *line, long *value, const char **name, size_t *n_name)
{
    const char *at[4];
    size_t n[4], fields = 0;
    long last;
    for (const char *p = line + strspn(line, blanks); *p && fields < 4; p += n[fields], p += strspn(p, blanks), fields++)
        at[fields] = p, n[fields] = strcspn(p, blanks);
    if (fields != 3 || !nvc_parse_integer(at[2], n[2], &last) || nvc_parse_integer(at[1], n[1], value))
        return false;
    *name = at[1], *n_name = n[1];
    if (nvc_parse_integer(at[0], n[0], value))
        return true;
    *value = last;
    return strchr(line, '\t') != NULL; /* "Frontal pole 1" is a name */
}

/* id R G B opacity visible mesh "name" */
static bool snap_fields(const char *line, long *value, const char **name, size_t *n_name)
{
    const char *open = strchr(line, '"'), *close = open ? strrchr(open + 1, '"') : NULL;
    double number;
    size_t field = 0;
    for (const char *p = line + strspn(line, blanks); close && p < open; field++) {
        size_t n = strcspn(p, blanks);
        if (field ? !nvc_parse_real(p, n, &number) : !nvc_parse_integer(p, n, value))
            return false;
        p += n;
        p += strspn(p, blanks);
    }
    *name = close ? open + 1 : NULL, *n_name = close ? (size_t)(close - open - 1) : 0;
    return close && field == 7;
}

/* A line of a kind that carries its number. */
static bool numbered(enum nvc_label_kind kind, const char *line, long *value, const char **name, size_t *n)
{
    return kind == NVC_LABELS_ITKSNAP ? snap_fields(line, value, name, n)
         : kind == NVC_LABELS_FREESURFER ? lut_fields(line, value, name, n) : aal_fields(line, value, name, n);
}

static bool is_comment(const char *line)
{
    return line[0] == '#' || !line[strspn(line, blanks)];
}

static int add_numbered_line(struct nvc_labels *l, const char *line, struct nvc_error *err)
{
    long value;
    const char *name;
    size_t n;
    if (!numbered(l->kind, line, &value, &name, &n))
        return nvc_fail(err, NVC_EDATA, "'%.60s'; wanted '%s' as in the lines before", line,
                        l->kind == NVC_LABELS_FREESURFER ? "id name R G B A" : l->kind == NVC_LABELS_ITKSNAP
                        ? "id R G B opacity visible mesh \"name\"" : "id name number");
    return l->kind == NVC_LABELS_ITKSNAP && !value ? 0 : nvc_labels_add(l, value, name, n, err); /* "Clear Label" is no region */
}

/* Line `number` of a list of names, where nothing may be left out. */
static int add_list_line(struct nvc_labels *l, const char *line, size_t number, struct nvc_error *err)
{
    size_t first = strcspn(line, blanks);
    long id;
    if (l->n + 1 != number)
        return nvc_fail(err, NVC_EDATA, "follows a blank line or a comment; in a list of names the line number is the "
                        "value, so every line needs a name");
    if (*line == '#' || (line[first] && nvc_parse_integer(line, first, &id)))
        return nvc_fail(err, NVC_EDATA, "'%.60s'; a list of names has one name per line and the line number is the "
                        "value; for numbered labels write a table with the columns index and name (a tab between "
                        "them) or lines 'id name R G B A'", line);
    return nvc_labels_add(l, (long)number, line, strlen(line), err);
}

static int read_plain(struct nvc_labels *l, struct nvc_stream *s, struct nvc_error *err)
{
    struct nvc_plain p;
    size_t n;
    long value;
    const char *name;
    bool known = false;
    int status = nvc_plain_read(&p, s, SIZE_LIMIT, err);
    struct nvc_lines lines = nvc_lines_of(&p);
    for (char *line; !status && (line = nvc_lines_next(&lines, &n));) {
        if (is_comment(line) && (!known || l->kind == NVC_LABELS_FREESURFER || l->kind == NVC_LABELS_ITKSNAP || *line != '#'))
            continue;
        if (!known)
            l->kind = lut_fields(line, &value, &name, &n) ? NVC_LABELS_FREESURFER
                    : snap_fields(line, &value, &name, &n) ? NVC_LABELS_ITKSNAP
                    : aal_fields(line, &value, &name, &n) ? NVC_LABELS_AAL : NVC_LABELS_LINES;
        known = true;
        status = l->kind == NVC_LABELS_LINES ? add_list_line(l, line, lines.number, err) : add_numbered_line(l, line, err);
        if (status)
            status = nvc_fail_in(err, "line %zu", lines.number);
    }
    nvc_plain_release(&p);
    return status;
}

static int read_table(struct nvc_labels *l, struct nvc_stream *s, struct nvc_error *err)
{
    struct nvc_table t;
    size_t index = 0, name = 0;
    long value;
    int status = nvc_table_read_stream(&t, s, false, err);
    if (status)
        return status;
    const char *called = nvc_table_column(&t, "name") < 0 && nvc_table_column(&t, "label") >= 0 ? "label" : "name";
    l->kind = NVC_LABELS_TSV;
    status = nvc_table_need(&t, "index", &index, err);
    if (!status)
        status = nvc_table_need(&t, called, &name, err);
    for (size_t i = 0; i < t.n_rows && !status; i++) {
        const char *number = nvc_table_cell(&t, i, index), *text = nvc_table_cell(&t, i, name);
        status = nvc_parse_integer(number, strlen(number), &value)
            ? nvc_labels_add(l, value, text, strlen(text), err)
            : nvc_fail(err, NVC_EDATA, "index '%.40s' is not an integer", number);
        if (status)
            status = nvc_fail_in(err, "%s: line %zu", t.path, nvc_table_line(&t, i));
    }
    nvc_table_release(&t);
    return status;
}

static int read_xml(struct nvc_labels *l, struct nvc_stream *s, struct nvc_error *err)
{
    char *text;
    size_t n;
    l->kind = NVC_LABELS_FSL_XML;
    int status = nvc_stream_slurp(s, SIZE_LIMIT, &text, &n, err);
    if (status)
        return status;
    status = nvc_labels_parse_xml(l, text, n, err);
    free(text);
    return status;
}

/* The dialect shows in the first line: '<' begins XML, a tab separates columns unless it is a LUT's. */
static int read_dialect(struct nvc_labels *l, struct nvc_stream *s, struct nvc_error *err)
{
    char head[1025];
    size_t n, n_name;
    long value;
    const char *name;
    int status = nvc_stream_peek(s, head, sizeof head - 1, &n, err);
    if (status)
        return nvc_fail_in(err, "%s", nvc_stream_name(s));
    head[n] = '\0';
    const char *text = nvc_has_prefix(head, "\xef\xbb\xbf") ? head + 3 : head;
    if (text[strspn(text, blanks)] == '<') {
        status = read_xml(l, s, err);
    } else {
        head[strcspn(head, "\n")] = '\0';
        if (strchr(text, '\t') && !is_comment(text) && !lut_fields(text, &value, &name, &n_name) &&
            !aal_fields(text, &value, &name, &n_name))
            return read_table(l, s, err);
        status = read_plain(l, s, err);
    }
    return status ? nvc_fail_in(err, "%s", nvc_stream_name(s)) : 0;
}

int nvc_labels_read(struct nvc_labels *l, const char *path, struct nvc_error *err)
{
    struct nvc_stream *s;
    uint64_t extra;
    bool zero;
    *l = (struct nvc_labels){ 0 };
    int status = nvc_stream_open(&s, path, NVC_INFLATE_BEST, err);
    if (status)
        return status;
    status = read_dialect(l, s, err);
    if (!status && ((status = nvc_stream_drain(s, &extra, &zero, err)) || (status = check_values(l, err))))
        status = nvc_fail_in(err, "%s", nvc_stream_name(s));
    nvc_stream_close(s);
    if (status)
        nvc_labels_release(l);
    return status;
}
