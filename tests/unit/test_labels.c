#include "nvc.h"

#include "scratch.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <cmocka.h>

#define BYTES(LITERAL) LITERAL, sizeof(LITERAL) - 1
#define ATLAS(TYPE, DATA) "<atlas><header><type>" TYPE "</type></header><data>" DATA "</data></atlas>"

static struct nvc_error err;

static void each_dialect_is_told_by_its_content(void **state)
{
    (void)state;
    static const struct {
        const char *bytes;
        size_t n;
        enum nvc_label_kind kind;
        const char *labels; /* value=name, '|' between */
    } cases[] = {
        { BYTES("aHIP-rh\npHIP-rh\nlAMY-rh\n"), NVC_LABELS_LINES, "1=aHIP-rh|2=pHIP-rh|3=lAMY-rh" },
        { BYTES("lAMY-rh\r\n lAMY-lh \r\n\r\n"), NVC_LABELS_LINES, "1=lAMY-rh|2=lAMY-lh" },
        { BYTES("GM Amygdala_laterobasal group L"), NVC_LABELS_LINES, "1=GM Amygdala_laterobasal group L" },
        { BYTES("7Networks_LH_Vis_1\n"), NVC_LABELS_LINES, "1=7Networks_LH_Vis_1" },
        { BYTES("\xef\xbb\xbf" "lAMY\n"), NVC_LABELS_LINES, "1=lAMY" },
        { BYTES("index\tname\n0\tbackground\n18\tLeft-Amygdala\n"), NVC_LABELS_TSV, "0=background|18=Left-Amygdala" },
        { BYTES("\xef\xbb\xbf" "name\tindex\tcolor\nx\t7\t#ff0000\n"), NVC_LABELS_TSV, "7=x" },
        { BYTES("index\tlabel\tnetwork_id\n3\tLH_Vis\t1\n"), NVC_LABELS_TSV, "3=LH_Vis" },
        { BYTES("#$Id\n\n0  Unknown  0 0 0 0\n# No.\n18 Left-Amygdala 103 255 255 0\n"), NVC_LABELS_FREESURFER,
          "0=Unknown|18=Left-Amygdala" },
        { BYTES("18\tLeft-Amygdala\t103\t255\t255\t0\n54\tRight-Amygdala\t103\t255\t255\t0\n"), NVC_LABELS_FREESURFER,
          "18=Left-Amygdala|54=Right-Amygdala" },
        { BYTES("41 Amygdala_L 4201\n42 Amygdala_R 4202\n"), NVC_LABELS_AAL, "41=Amygdala_L|42=Amygdala_R" },
        { BYTES("AMYG_L\tAmygdala_L\t4201\nAMYG_R\tAmygdala_R\t4202\n"), NVC_LABELS_AAL, "4201=Amygdala_L|4202=Amygdala_R" },
        { BYTES("#####\n# ITK-SnAP Label Description File\n    0     0    0    0        0  0  0    \"Clear Label\"\n"
                "    2   255    0  9     0.5  1  1    \"AMY_BLN_BL_BLD+BLI\"\n"), NVC_LABELS_ITKSNAP, "2=AMY_BLN_BL_BLD+BLI" },
        { BYTES(ATLAS("Label", "<label><index>4201</index><name>Amygdala_L</name></label><label><name>Amygdala_R</name><index>4202</index></label>")),
          NVC_LABELS_SPM_XML, "4201=Amygdala_L|4202=Amygdala_R" },
        { BYTES("<?xml version=\"1.0\"?><atlas version=\"2.0\"><header><name>AAL3</name></header><data>"
                "<label><index>45</index><name>Amygdala_L</name></label></data></atlas>"), NVC_LABELS_SPM_XML, "45=Amygdala_L" },
        { BYTES("Frontal pole 1\n"), NVC_LABELS_LINES, "1=Frontal pole 1" },
        { BYTES(ATLAS("Label", "<label index=\"5\" x=\"1\" y=\"2\" z=\"3\">A &amp; B</label>")), NVC_LABELS_FSL_XML,
          "5=A & B" },
        { BYTES(ATLAS("Probabilistic", "<label index=\"9\"> Left\nAmygdala </label>")), NVC_LABELS_FSL_XML,
          "10=Left Amygdala" },
        { BYTES("<?xml version=\"1.0\" encoding=\"ISO-8859-1\"?>\n"
                ATLAS("Probabalistic", "<label index=\"0\">caf\xe9</label>")), NVC_LABELS_FSL_XML, "1=caf\xc3\xa9" },
        { BYTES("\xef\xbb\xbf \n" ATLAS("label", "<!-- c --><label index=\"0\"><![CDATA[<x>]]></label>")),
          NVC_LABELS_FSL_XML, "0=<x>" },
        { BYTES("<JulichBrainAtlas version=\"3.1\"><Structures><Structure id=\"8\" grayvalue=\"75\">LB (Amygdala)</Structure>"
                "</Structures></JulichBrainAtlas>"), NVC_LABELS_JULICH_XML, "75=LB (Amygdala)" },
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct nvc_labels l;
        struct nvc_text seen = { 0 };
        if (nvc_labels_read(&l, scratch_file("labels", cases[i].bytes, cases[i].n), &err))
            fail_msg("case %zu: %s", i, err.text);
        for (size_t k = 0; k < l.n; k++)
            assert_int_equal(nvc_text_printf(&seen, &err, "%s%ld=%s", k ? "|" : "", l.items[k].value,
                                             l.items[k].name), 0);
        assert_string_equal(seen.data, cases[i].labels);
        assert_int_equal(l.kind, cases[i].kind);
        nvc_text_release(&seen);
        nvc_labels_release(&l);
    }
}

static void an_fsl_header_names_the_atlas_and_its_first_images(void **state)
{
    (void)state;
    static const char xml[] =
        "<?xml version=\"1.0\"?>\n<atlas version=\"1.0\">\n  <header>\n    <name>Juelich Histological Atlas</name>\n"
        "    <shortname>JHA</shortname>\n    <type>Probabilistic</type>\n    <images>\n"
        "      <imagefile>/Juelich/Juelich-prob-2mm</imagefile>\n"
        "      <summaryimagefile>/Juelich/Juelich-maxprob-thr25-2mm</summaryimagefile>\n    </images>\n    <images>\n"
        "      <imagefile>/Juelich/Juelich-prob-1mm</imagefile>\n"
        "      <summaryimagefile>/Juelich/Juelich-maxprob-thr25-1mm</summaryimagefile>\n    </images>\n  </header>\n"
        "  <data>\n    <label index=\"0\" x=\"1\" y=\"1\" z=\"1\">GM Amygdala_centromedial group L</label>\n"
        "    <label index=\"2\" x=\"1\" y=\"1\" z=\"1\">GM Amygdala_laterobasal group L</label>\n  </data>\n</atlas>\n";
    struct nvc_labels l;
    assert_int_equal(nvc_labels_read(&l, scratch_text("atlas.xml", xml), &err), 0);
    assert_string_equal(l.atlas_name, "Juelich Histological Atlas");
    assert_true(l.probabilistic);
    assert_string_equal(l.image, "/Juelich/Juelich-prob-2mm");
    assert_string_equal(l.summary, "/Juelich/Juelich-maxprob-thr25-2mm");
    assert_int_equal(l.items[1].value, 3);
    nvc_labels_release(&l);
    for (size_t n = 1; n < strlen(xml) - 1; n++)
        if (nvc_labels_read(&l, scratch_file("cut.xml", xml, n), &err) != NVC_EDATA)
            fail_msg("accepted when cut at byte %zu", n);
}

static void hostile_label_tables_are_refused(void **state)
{
    (void)state;
    static const struct { const char *bytes; size_t n; const char *message; } cases[] = {
        { BYTES(""), "empty" },
        { BYTES("\n\n"), "no label" },
        { BYTES("# only a comment\n"), "no label" },
        { BYTES("a\n\nb\n"), "line 3: follows a blank line" },
        { BYTES("\na\n"), "line 2: follows a blank line" },
        { BYTES("# my labels\na\nb\n"), "line 2: follows a blank line or a comment" },
        { BYTES("a\n# b\n"), "line 2: '# b'" },
        { BYTES("1 Amygdala_L\n2 Amygdala_R\n"), "line 1: '1 Amygdala_L'" },
        { BYTES("a\n41 Amygdala_L\n"), "line 2: '41 Amygdala_L'" },
        { BYTES("1\tAmygdala_L\n"), "no column 'index'" },
        { BYTES("a\0b\n"), "line 1: a NUL byte" },
        { BYTES("caf\xe9\n"), "not UTF-8" },
        { BYTES("a\rb\r"), "carriage return" },
        { BYTES("index\tname\n"), "no label" },
        { BYTES("index\tnom\n1\ta\n"), "no column 'name'; did you mean 'nom'?" },
        { BYTES("index\tname\n1.0\ta\n"), "line 2: index '1.0' is not an integer" },
        { BYTES("index\tname\n1\ta\n1\tb\n"), "value 1 has two names, 'a' and 'b'" },
        { BYTES("index\tname\n1\t\n"), "label 1 has no name" },
        { BYTES("index\tname\n1\ta\n2\n"), "line 3: 1 cell" },
        { BYTES("index\tname\n99999999999999999999\ta\n"), "not an integer" },
        { BYTES("1 a 0 0 0 0\n1 b 0 0 0 0\n"), "value 1 has two names" },
        { BYTES("1 a 0 0 0 0\n2 b 0 0 0\n"), "line 2: '2 b 0 0 0'" },
        { BYTES("1 a 0 0 0 0\n2 Left Amygdala 0 0 0 0\n"), "line 2" },
        { BYTES("1 a 0 0 0 0\n2 b 0 0 256 0\n"), "line 2" },
        { BYTES("<"), "not valid XML" },
        { BYTES("<atlas>"), "not valid XML: no element found" },
        { BYTES("<atlas></atlas><x/>"), "junk" },
        { BYTES("<html><data/></html>"), "root is <html>" },
        { BYTES("<a><b><Structure>x</Structure></b></a>"), "line 1: a label without grayvalue" },
        { BYTES("<atlas></atlas>"), "<type> is ''" },
        { BYTES(ATLAS("Label", "")), "no label" },
        { BYTES(ATLAS("Label", "<label x=\"1\">a</label>")), "a label without index" },
        { BYTES(ATLAS("Label", "<label><name>a</name></label>")), "line 1: a label without index" },
        { BYTES(ATLAS("Label", "<label><index>x</index><name>a</name></label>")), "index \"x\"" },
        { BYTES(ATLAS("Label", "<label><index>4</index></label>")), "label 4 has no name" },
        { BYTES("1 0 0 0 1 1 1 \"a\"\n2 0 0 0 1 1 b\n"), "line 2: '2 0 0 0 1 1 b'; wanted 'id R G B opacity visible mesh" },
        { BYTES(ATLAS("Label", "<label index=\"a\">a</label>")), "index \"a\"" },
        { BYTES(ATLAS("Label", "<label index=\"-1\">a</label>")), "index \"-1\"" },
        { BYTES(ATLAS("Label", "<label index=\"9223372036854775807\">a</label>")), "wanted an integer from 0" },
        { BYTES(ATLAS("Label", "<label index=\"1\"></label>")), "label 1 has no name" },
        { BYTES(ATLAS("Label", "<label index=\"1\"/>")), "label 1 has no name" },
        { BYTES(ATLAS("Label", "<label index=\"1\">a</label><label index=\"1\">b</label>")), "value 1 has two names" },
        { BYTES(ATLAS("Label", "<label index=\"1\" index=\"2\">a</label>")), "duplicate attribute" },
        { BYTES(ATLAS("Label", "<label index=\"1\">&lt;&undefined;</label>")), "undefined entity" },
        { BYTES(ATLAS("Fuzzy", "<label index=\"1\">a</label>")), "<type> is 'Fuzzy'" },
        { BYTES("<?xml version=\"1.0\" encoding=\"klingon\"?>" ATLAS("Label", "")), "unknown encoding" },
        { BYTES("<!DOCTYPE atlas [<!ENTITY a \"ha\"><!ENTITY b \"&a;&a;\">]>"
                ATLAS("Label", "<label index=\"1\">&b;</label>")), "needs the entity 'a'" },
        { BYTES("<!DOCTYPE atlas [<!ENTITY f SYSTEM \"/etc/passwd\">]>"
                ATLAS("Label", "<label index=\"1\">&f;</label>")), "needs the entity 'f'" },
        { BYTES("<!DOCTYPE atlas [<!ENTITY % p SYSTEM \"p.dtd\">%p;]>"
                ATLAS("Label", "<label index=\"1\">a</label>")), "needs the entity 'p'" },
        { BYTES("<!DOCTYPE atlas SYSTEM \"p.dtd\">" ATLAS("Label", "<label index=\"1\">a&f;</label>")),
          "needs the entity 'f'" },
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct nvc_labels l;
        err = (struct nvc_error){ 0 };
        int status = nvc_labels_read(&l, scratch_file("labels", cases[i].bytes, cases[i].n), &err);
        if (status != NVC_EDATA || !strstr(err.text, cases[i].message) || !strstr(err.text, "labels") || l.items)
            fail_msg("case %zu: status %d, '%s' instead of '%s'", i, status, err.text, cases[i].message);
    }
}

static void huge_and_deep_files_are_refused_early(void **state)
{
    (void)state;
    enum { MEBIBYTE = 1 << 20 };
    struct nvc_labels l;
    struct nvc_text text = { 0 };
    char *big = malloc(17 * MEBIBYTE);
    assert_non_null(big);
    memset(big, 'a', 17 * MEBIBYTE);
    assert_int_equal(nvc_labels_read(&l, scratch_file("big", big, 17 * MEBIBYTE), &err), NVC_EDATA);
    assert_int_equal(nvc_labels_read(&l, scratch_file("big", big, 4096), &err), 0);
    nvc_labels_release(&l);
    assert_int_equal(nvc_labels_read(&l, scratch_file("big", big, 4097), &err), NVC_EDATA);
    assert_non_null(strstr(err.text, "4097 bytes"));
    assert_int_equal(nvc_text_puts(&text, "<atlas><header><name>", &err), 0);
    assert_int_equal(nvc_text_add(&text, big, MEBIBYTE, &err), 0);
    assert_int_equal(nvc_labels_read(&l, scratch_file("big", text.data, text.len), &err), NVC_EDATA);
    assert_non_null(strstr(err.text, "64 KiB"));
    text.len = 0;
    assert_int_equal(nvc_text_puts(&text, "<atlas>", &err), 0);
    for (int i = 0; i < 200000; i++)
        assert_int_equal(nvc_text_puts(&text, "<a>", &err), 0);
    assert_int_equal(nvc_labels_read(&l, scratch_file("deep", text.data, text.len), &err), NVC_EDATA);
    nvc_text_release(&text);
    free(big);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_dialect_is_told_by_its_content),
        cmocka_unit_test(an_fsl_header_names_the_atlas_and_its_first_images),
        cmocka_unit_test(hostile_label_tables_are_refused),
        cmocka_unit_test(huge_and_deep_files_are_refused_early),
    };
    return cmocka_run_group_tests(tests, scratch_begin, scratch_end);
}
