/* terms.c - a text as a sequence of terms.
 *
 * Order: the text is cut at white space; TeX commands, addresses of pages and of mail fall out (they name people, not topics); what
 * is left goes one of two ways. A piece of pure ASCII needs no library: inside a run of letters and digits Unicode's word rules never
 * break, and at everything else we always do, so a table of 128 bytes gives the same words. Any other piece is folded (NFKC,
 * case, accents off) and cut by ICU's word iterator, which knows a dictionary for Han and kana; a run of Han gives the
 * dictionary's words and its bigrams, because what a project is about is often in no dictionary. tests/base/test-text.c holds the two ways
 * against each other.
 *
 * Cost: ASCII about 150 MB a second, Chinese about 5 MB a second on one core. The iterator and the buffers are a thread's own.
 */
#include <string.h>

#include <unicode/ubrk.h>
#include <unicode/uchar.h>
#include <unicode/uscript.h>
#include <unicode/ustring.h>
#include <unicode/utf16.h>
#include <unicode/utf8.h>

#include "text-internal.h"

#define TERM_MAX 64 /* bytes; what is longer is no word but a blob */

typedef struct {
	UBreakIterator *words;
	VeilU16 raw, folded;
	GArray *ends; /* int32_t: ends of the dictionary words of the current run of Han */
} Workspace;

typedef struct {
	VeilTermFunc func;
	gpointer data;
	gboolean always_icu;
} Sink;

static void
workspace_free(gpointer data)
{
	Workspace *w = data;

	ubrk_close(w->words);
	veil_u16_clear(&w->raw);
	veil_u16_clear(&w->folded);
	g_array_unref(w->ends);
	g_free(w);
}

static GPrivate workspace_key = G_PRIVATE_INIT(workspace_free);

static Workspace *
workspace(void)
{
	Workspace *w = g_private_get(&workspace_key);
	UErrorCode status = U_ZERO_ERROR;

	if (w)
		return w;
	w = g_new0(Workspace, 1);
	w->words = ubrk_open(UBRK_WORD, "root", NULL, 0, &status);
	if (U_FAILURE(status))
		g_error("the data of ICU cannot be read: %s", u_errorName(status));
	w->ends = g_array_new(FALSE, FALSE, sizeof(int32_t));
	g_private_set(&workspace_key, w);
	return w;
}

/* Words that say nothing about a topic. Those every paper uses (propose, result) are left to idf, which knows the pool. */
static const char *const stop_words[] = {
	"a", "about", "above", "after", "again", "against", "al", "all", "also", "am", "among", "an", "and", "any", "are", "aren", "as", "at",
	"be", "because", "been", "before", "being", "below", "between", "both", "but", "by", "can", "cannot", "could", "couldn", "did", "didn",
	"do", "does", "doesn", "doing", "don", "down", "during", "each", "eg", "et", "etc", "few", "for", "from", "further", "furthermore",
	"had", "hadn", "has", "hasn", "have", "haven", "having", "he", "hence", "her", "here", "hers", "herself", "him", "himself", "his",
	"how", "however", "ie", "if", "in", "into", "is", "isn", "it", "its", "itself", "just", "ll", "may", "me", "might", "more", "moreover",
	"most", "must", "my", "myself", "no", "nor", "not", "now", "of", "off", "on", "once", "only", "onto", "or", "other", "our", "ours",
	"ourselves", "out", "over", "own", "per", "re", "same", "shall", "she", "should", "shouldn", "since", "so", "some", "such", "than",
	"that", "the", "their", "theirs", "them", "themselves", "then", "there", "thereby", "therefore", "these", "they", "this", "those",
	"through", "thus", "to", "too", "toward", "towards", "under", "until", "up", "upon", "us", "ve", "very", "via", "was", "wasn", "we",
	"were", "weren", "what", "when", "where", "whereas", "whether", "which", "while", "who", "whom", "whose", "why", "will", "with",
	"within", "without", "won", "would", "wouldn", "yet", "you", "your", "yours", "yourself", "yourselves",
	"一个", "一些", "一种", "不同", "为了", "之间", "以及", "以来", "其中", "关于", "及其", "只是", "因此", "基于", "对于", "我们", "所以", "这些", "这个",
	"通过", "那些", "并且", "而且", "或者", "但是", "如果", "可以", "没有", "他们", "它们", "由于", "为例", "如何", "什么",
};

/* Characters that are grammar when the dictionary leaves them alone. */
static const char function_chars[] = "的与和及等对在中了是之于以为其从到由上下而或将把被向就也并又不且乎则这那";

static GHashTable *
stop_set(void)
{
	static GHashTable *set;
	static gsize once;

	if (g_once_init_enter(&once)) {
		set = g_hash_table_new(g_str_hash, g_str_equal);
		for (gsize i = 0; i < G_N_ELEMENTS(stop_words); i++)
			g_hash_table_add(set, (gpointer)stop_words[i]);
		g_once_init_leave(&once, 1);
	}
	return set;
}

static gboolean
is_stop_word(const char *word, gsize len)
{
	char copy[TERM_MAX + 1];

	if (len > 12)
		return FALSE;
	memcpy(copy, word, len);
	copy[len] = '\0';
	return g_hash_table_contains(stop_set(), copy);
}

static gboolean
ends_with(const char *word, gsize len, const char *ending)
{
	gsize n = strlen(ending);

	return len > n && memcmp(word + len - n, ending, n) == 0;
}

/* Plurals only: "studies" and "study", "networks" and "network". More stemming joins what a reviewer keeps apart. */
static gsize
stem(char *word, gsize len)
{
	if (len < 4 || word[len - 1] != 's')
		return len;
	if (ends_with(word, len, "ies") && !ends_with(word, len, "eies") && !ends_with(word, len, "aies") && len > 4) {
		word[len - 3] = 'y';
		return len - 2;
	}
	if (ends_with(word, len, "sses") || ends_with(word, len, "xes") || ends_with(word, len, "ches") || ends_with(word, len, "shes"))
		return len - 2;
	if (ends_with(word, len, "ss") || ends_with(word, len, "us") || ends_with(word, len, "is"))
		return len;
	return len - 1;
}

/* A run of ASCII letters and digits, in lower case; len <= TERM_MAX. */
static void
emit_ascii(const Sink *sink, char *word, gsize len, gboolean has_letter)
{
	if (len < 2 || !has_letter || is_stop_word(word, len))
		return;
	sink->func(word, stem(word, len), sink->data);
}

static void
ascii_words(const Sink *sink, const char *p, const char *end)
{
	while (p < end) {
		char word[TERM_MAX];
		gsize len = 0;
		gboolean letter = FALSE;

		while (p < end && !g_ascii_isalnum(*p))
			p++;
		for (; p < end && g_ascii_isalnum(*p); p++, len++) {
			letter |= !g_ascii_isdigit(*p);
			if (len < TERM_MAX)
				word[len] = g_ascii_tolower(*p);
		}
		if (len <= TERM_MAX)
			emit_ascii(sink, word, len, letter);
	}
}

/* FALSE when the piece of UTF-16 is too long for a term. */
static gboolean
to_term(const UChar *s, int32_t n, char *term, gsize *len)
{
	int32_t i = 0;

	*len = 0;
	while (i < n) {
		UChar32 c;
		UBool error = FALSE;

		U16_NEXT(s, i, n, c);
		if (U_IS_SURROGATE(c))
			c = 0xFFFD;
		U8_APPEND((uint8_t *)term, *len, TERM_MAX, c, error);
		if (error)
			return FALSE;
	}
	return TRUE;
}

static gboolean
is_ideographic(UChar32 c)
{
	UErrorCode status = U_ZERO_ERROR;
	UScriptCode script;

	if (c < 0x2E80)
		return FALSE;
	script = uscript_getScript(c, &status);
	return script == USCRIPT_HAN || script == USCRIPT_HIRAGANA || script == USCRIPT_KATAKANA;
}

static gboolean
is_word_char(UChar32 c)
{
	return u_isalnum(c) || (U_GET_GC_MASK(c) & U_GC_M_MASK);
}

/* A word of an alphabet: one run of letters, digits and marks. */
static void
emit_alphabetic(const Sink *sink, const UChar *s, int32_t n)
{
	char term[TERM_MAX];
	gsize len;
	gboolean ascii = TRUE, letter = FALSE;

	for (int32_t i = 0; i < n; i++) {
		ascii &= s[i] < 0x80;
		letter |= s[i] >= 0x80 || !g_ascii_isdigit((char)s[i]);
	}
	if (!to_term(s, n, term, &len))
		return;
	if (ascii)
		emit_ascii(sink, term, len, letter);
	else if (u_countChar32(s, n) > 1 && !is_stop_word(term, len))
		sink->func(term, len, sink->data);
}

static gboolean
is_function_char(const char *term, gsize len)
{
	char copy[8] = {0};

	return len < sizeof copy && (memcpy(copy, term, len), strstr(function_chars, copy) != NULL);
}

/* s[0..n): a run of Han or kana; ends: where the dictionary's words end. First the words, then the bigrams that are not words. */
static void
emit_ideographic(const Sink *sink, const UChar *s, int32_t n, const int32_t *ends, guint n_ends)
{
	int32_t start = 0, prev = 0;
	gboolean prev_grammar = FALSE;
	char term[TERM_MAX];
	gsize len;

	for (guint k = 0; k < n_ends; start = ends[k++]) {
		int32_t chars = u_countChar32(s + start, ends[k] - start);

		if ((chars > 1 || n_ends == 1) && to_term(s + start, ends[k] - start, term, &len) && !is_stop_word(term, len) &&
		    !(chars == 1 && is_function_char(term, len)))
			sink->func(term, len, sink->data);
	}
	start = 0;
	for (int32_t i = 0, count = 0; i < n; count++) {
		int32_t here = i;
		gboolean alone, grammar, is_word;

		while (n_ends && *ends <= here)
			start = *ends++, n_ends--;
		U16_FWD_1(s, i, n);
		alone = start == here && n_ends && *ends == i;
		grammar = alone && to_term(s + here, i - here, term, &len) && is_function_char(term, len);
		is_word = start == prev && n_ends && *ends == i;
		if (count > 0 && !is_word && !grammar && !prev_grammar && to_term(s + prev, i - prev, term, &len))
			sink->func(term, len, sink->data);
		prev = here;
		prev_grammar = grammar;
	}
}

/* Parts of one ICU word that are of one class; runs of Han are gathered across words in w->ends. */
static void
icu_words(const Sink *sink, const char *text, gsize text_len)
{
	Workspace *w = workspace();
	UErrorCode status = U_ZERO_ERROR;
	const UChar *s;
	int32_t run = -1, run_end = -1, from, to;

	veil_u16_set_utf8(&w->raw, text, text_len);
	veil_u16_normalise(&w->raw, VEIL_FORM_NFKC_FOLDED, &w->folded);
	veil_u16_strip_accents(&w->folded, &w->raw);
	s = w->folded.s;
	g_array_set_size(w->ends, 0);
	ubrk_setText(w->words, s, w->folded.n, &status);
	g_assert(U_SUCCESS(status));
	from = ubrk_first(w->words);
	for (to = ubrk_next(w->words); to != UBRK_DONE; from = to, to = ubrk_next(w->words)) {
		for (int32_t i = from; i < to;) {
			int32_t start = i;
			UChar32 c;
			gboolean han;

			U16_NEXT(s, i, to, c);
			han = is_ideographic(c);
			if (run >= 0 && !(han && start == run_end)) {
				emit_ideographic(sink, s + run, run_end - run, (int32_t *)(void *)w->ends->data, w->ends->len);
				g_array_set_size(w->ends, 0);
				run = -1;
			}
			if (!han && !is_word_char(c))
				continue;
			while (i < to) {
				int32_t before = i;

				U16_NEXT(s, i, to, c);
				if (han ? !is_ideographic(c) : is_ideographic(c) || !is_word_char(c)) {
					i = before;
					break;
				}
			}
			if (han) {
				int32_t end;

				run = run < 0 ? start : run;
				run_end = i;
				end = i - run;
				g_array_append_val(w->ends, end);
			} else {
				emit_alphabetic(sink, s + start, i - start);
			}
		}
	}
	if (run >= 0)
		emit_ideographic(sink, s + run, run_end - run, (int32_t *)(void *)w->ends->data, w->ends->len);
}

static void
words(const Sink *sink, const char *p, const char *end)
{
	gboolean ascii = !sink->always_icu;

	for (const char *q = p; ascii && q < end; q++)
		ascii = !(*q & 0x80);
	if (ascii)
		ascii_words(sink, p, end);
	else if (p < end)
		icu_words(sink, p, (gsize)(end - p));
}

static gboolean
is_address_char(char c)
{
	return g_ascii_isalnum(c) || (c && strchr("-._~:/?#@%&+=", c));
}

/* An address of a page or of mail: "x://", "www.", "name.tld/" or "a@b.c". */
static gboolean
is_address(const char *p, const char *end)
{
	static const char *const marks[] = {"://", ".com/", ".org/", ".net/", ".edu/", ".gov/", ".cn/", ".io/", ".ai/", ".de/", ".uk/"};
	gsize n = (gsize)(end - p);

	if (n > 4 && g_ascii_strncasecmp(p, "www.", 4) == 0)
		return TRUE;
	for (gsize i = 0; i < G_N_ELEMENTS(marks); i++)
		if (memmem(p, n, marks[i], strlen(marks[i])))
			return TRUE;
	p = memchr(p, '@', n);
	if (!p || p + 1 == end || !g_ascii_isalnum(p[1]))
		return FALSE;
	for (p++; p + 1 < end; p++)
		if (p[0] == '.' && g_ascii_isalpha(p[1])) /* "recall@5." is none */
			return TRUE;
	return FALSE;
}

/* A piece that holds a mark of TeX or of an address: those parts fall out, the rest is text. */
static void
mixed_piece(const Sink *sink, const char *p, const char *end)
{
	const char *text = p;

	while (p < end) {
		const char *start = p;
		gboolean drop;

		if (*p == '\\') {
			for (p++; p < end && g_ascii_isalpha(*p); p++)
				;
			drop = TRUE;
		} else if (is_address_char(*p)) {
			while (p < end && is_address_char(*p))
				p++;
			drop = is_address(start, p);
		} else {
			p++;
			drop = FALSE;
		}
		if (drop) {
			words(sink, text, start);
			text = p;
		}
	}
	words(sink, text, end);
}

static void
terms(const Sink *sink, const char *text)
{
	const char *p = text;

	while (*p) {
		const char *start;
		gboolean mixed = FALSE;

		while (g_ascii_isspace(*p))
			p++;
		for (start = p; *p && !g_ascii_isspace(*p); p++)
			mixed |= *p == '\\' || *p == '/' || *p == '@' || (*p == '.' && p > start && (p[-1] | 32) == 'w');
		if (p - start >= VEIL_TEXT_MAX)
			continue;
		if (mixed)
			mixed_piece(sink, start, p);
		else
			words(sink, start, p);
	}
}

void
veil_text_terms(const char *text, VeilTermFunc func, gpointer data)
{
	terms(&(Sink){func, data, FALSE}, text);
}

void
veil_text__terms_icu(const char *text, VeilTermFunc func, gpointer data)
{
	terms(&(Sink){func, data, TRUE}, text);
}
