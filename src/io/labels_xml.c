#include "io/labels.h"

#include "base/memory.h"
#include "base/number.h"
#include "base/text.h"

#include <expat.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum { TEXT_LIMIT = 64 << 10, INDEX_LIMIT = 1000000, MISSING = -1 };

static const char white[] = " \t\r\n";

/* Where we are in <atlas><header><name/><type/><images><imagefile/>...</header><data><label index=""/>, or, as SPM has it,
 * <label><index/><name/></label>, or, under any other root, in <Structures><Structure grayvalue=""/>. */
struct walk {
    struct nvc_labels *l;
    XML_Parser parser;
    size_t depth;
    bool taking;           /* the text of this element is wanted */
    struct nvc_text text;
    char *type, root[41];
    bool julich, spm;
    long index;            /* of the current label */
    char *label;           /* SPM: its name */
    int status;
    struct nvc_error *err;
};

static void stop(struct walk *w, int status)
{
    w->status = status;
    (void)XML_StopParser(w->parser, XML_FALSE);
}

static unsigned long line_of(const struct walk *w)
{
    return (unsigned long)XML_GetCurrentLineNumber(w->parser);
}

static int parse_index(struct walk *w, const char *name, const char *text)
{
    if (nvc_parse_integer(text, strlen(text), &w->index) && w->index >= 0 && w->index <= INDEX_LIMIT)
        return 0;
    return nvc_fail(w->err, NVC_EDATA, "line %lu: %s \"%.40s\"; wanted an integer from 0 to %d", line_of(w), name, text, INDEX_LIMIT);
}

static void take_index(struct walk *w, const char *name, const XML_Char **attributes)
{
    int status = 0;
    w->index = MISSING;
    w->spm = !w->julich && !*attributes;
    for (; *attributes && !status; attributes += 2)
        if (!strcmp(attributes[0], name))
            status = parse_index(w, name, attributes[1]);
    if (status)
        stop(w, status);
    else if (!w->spm && w->index == MISSING)
        stop(w, nvc_fail(w->err, NVC_EDATA, "line %lu: a label without %s", line_of(w), name));
}

static void XMLCALL on_start(void *user, const XML_Char *name, const XML_Char **attributes)
{
    struct walk *w = user;
    if (w->status)
        return;
    w->depth++;
    if (w->depth == 1) {
        (void)snprintf(w->root, sizeof w->root, "%s", name);
        w->julich = strcmp(name, "atlas") != 0;
    } else if (w->julich && w->depth == 3 && !strcmp(name, "Structure")) {
        take_index(w, "grayvalue", attributes);
    } else if (!w->julich && w->depth == 3 && !strcmp(name, "label")) {
        take_index(w, "index", attributes);
    }
    w->taking = w->depth >= 3;
    w->text.len = 0;
}

static void XMLCALL on_text(void *user, const XML_Char *s, int n)
{
    struct walk *w = user;
    if (w->status || !w->taking)
        return;
    if (w->text.len + (size_t)n > TEXT_LIMIT)
        stop(w, nvc_fail(w->err, NVC_EDATA, "line %lu: an element with more than 64 KiB of text", line_of(w)));
    else if (nvc_text_add(&w->text, s, (size_t)n, w->err))
        stop(w, NVC_ESYS);
}

/* Runs of white space are one blank, as XML means them: a name may be broken over lines. */
static void squeeze(struct nvc_text *text)
{
    size_t to = 0;
    for (size_t from = 0; from < text->len; from++) {
        bool blank = strchr(white, text->data[from]);
        if (!blank || (to && text->data[to - 1] != ' '))
            text->data[to++] = blank ? ' ' : text->data[from];
    }
    text->len = to - (to && text->data[to - 1] == ' ');
    if (text->data)
        text->data[text->len] = '\0';
}

/* The first of each counts: FSL lists the images of several resolutions. */
static int keep_first(char **to, const struct nvc_text *text, struct nvc_error *err)
{
    if (*to || !text->len)
        return 0;
    *to = nvc_strndup(text->data, text->len, err);
    return *to ? 0 : NVC_ESYS;
}

/* The end of a label in either form. */
static int add_label(struct walk *w)
{
    const char *name = w->spm ? w->label : w->text.data;
    int status = w->spm && w->index == MISSING ? nvc_fail(w->err, NVC_EDATA, "a label without index")
                                               : nvc_labels_add(w->l, w->index, name ? name : "", name ? strlen(name) : 0, w->err);
    if (w->spm)
        w->l->kind = NVC_LABELS_SPM_XML;
    free(w->label);
    w->label = NULL;
    return status ? nvc_fail_in(w->err, "line %lu", line_of(w)) : 0;
}

static void XMLCALL on_end(void *user, const XML_Char *name)
{
    struct walk *w = user;
    int status = 0;
    if (w->status)
        return;
    squeeze(&w->text);
    if (w->depth == 3 && !strcmp(name, "name"))
        status = keep_first(&w->l->atlas_name, &w->text, w->err);
    else if (w->depth == 3 && !strcmp(name, "type"))
        status = keep_first(&w->type, &w->text, w->err);
    else if (w->depth == 4 && !strcmp(name, "imagefile"))
        status = keep_first(&w->l->image, &w->text, w->err);
    else if (w->depth == 4 && !strcmp(name, "summaryimagefile"))
        status = keep_first(&w->l->summary, &w->text, w->err);
    else if (w->depth == 4 && w->spm && !strcmp(name, "index"))
        status = parse_index(w, name, w->text.data ? w->text.data : "");
    else if (w->depth == 4 && w->spm && !strcmp(name, "name"))
        status = keep_first(&w->label, &w->text, w->err);
    else if (!strcmp(name, w->julich ? "Structure" : "label") && w->depth == 3)
        status = add_label(w);
    if (status)
        stop(w, status);
    w->depth--;
    w->taking = false;
}

/* An entity can expand without bound or name another file: no atlas needs one. */
static void XMLCALL on_entity(void *user, const XML_Char *name, int is_parameter, const XML_Char *value, int n,
                              const XML_Char *base, const XML_Char *system, const XML_Char *public_id,
                              const XML_Char *notation)
{
    struct walk *w = user;
    (void)is_parameter, (void)value, (void)n, (void)base, (void)system, (void)public_id, (void)notation;
    if (!w->status)
        stop(w, nvc_fail(w->err, NVC_EDATA, "line %lu: declares or needs the entity '%.40s'; entities are not read", line_of(w),
                         name));
}

/* One that a DTD outside the file may declare: without it the text would be incomplete. */
static void XMLCALL on_skipped(void *user, const XML_Char *name, int is_parameter)
{
    on_entity(user, name, is_parameter, NULL, 0, NULL, NULL, NULL, NULL);
}

/* Voxel values: FSL's summary images hold index + 1, label images the index itself.  "Probabalistic" is how
 * several of FSL's own files spell it. */
static int settle_type(struct walk *w)
{
    static const char *const probabilistic[] = { "Probabilistic", "Probabalistic" };
    const char *type = w->type ? w->type : "";
    if (w->julich) {
        w->l->kind = NVC_LABELS_JULICH_XML;
        return w->l->n ? 0 : nvc_fail(w->err, NVC_EDATA, "XML whose root is <%s>; wanted an FSL atlas, <atlas>, or the <Structure grayvalue=...> "
                                      "of Julich-Brain", w->root);
    }
    for (size_t i = 0; i < sizeof probabilistic / sizeof *probabilistic; i++)
        w->l->probabilistic |= !strcasecmp(type, probabilistic[i]);
    if (!w->l->probabilistic && w->l->kind != NVC_LABELS_SPM_XML && strcasecmp(type, "Label"))
        return nvc_fail(w->err, NVC_EDATA, "<header><type> is '%.40s'; wanted Probabilistic or Label, which decides "
                        "the voxel value of an index", type);
    for (size_t i = 0; i < w->l->n; i++)
        w->l->items[i].value += w->l->probabilistic && w->l->kind != NVC_LABELS_SPM_XML;
    return 0;
}

int nvc_labels_parse_xml(struct nvc_labels *l, const char *text, size_t n, struct nvc_error *err)
{
    struct walk w = { .l = l, .parser = XML_ParserCreate(NULL), .err = err };
    if (!w.parser)
        return nvc_fail(err, NVC_ESYS, "out of memory");
    XML_SetUserData(w.parser, &w);
    XML_SetElementHandler(w.parser, on_start, on_end);
    XML_SetCharacterDataHandler(w.parser, on_text);
    XML_SetEntityDeclHandler(w.parser, on_entity);
    XML_SetSkippedEntityHandler(w.parser, on_skipped);
    enum XML_Status good = XML_Parse(w.parser, text, (int)n, 1);
    enum XML_Error why = XML_GetErrorCode(w.parser);
    if (!w.status && good != XML_STATUS_OK)
        w.status = nvc_fail(err, why == XML_ERROR_NO_MEMORY ? NVC_ESYS : NVC_EDATA, "line %lu: not valid XML: %s",
                            line_of(&w), XML_ErrorString(why));
    if (!w.status)
        w.status = settle_type(&w);
    XML_ParserFree(w.parser);
    nvc_text_release(&w.text);
    free(w.type);
    free(w.label);
    return w.status;
}
