/* E-mail addresses, and the ways in which people write them so that machines do not see them. */
#include "pii_find.h"
#include "pii_tld.h"

#define LOCAL_MAX  64
#define DOMAIN_MAX 253
#define COUNT(a)   (sizeof(a) / sizeof *(a))

/* A letter of two bytes or three in UTF-8; signs and emoji are none. */
static bool
letter_at(const struct find *f, size_t i)
{
	unsigned char c = at(f, i), d = at(f, i + 1);

	return (c >= 0xc3 && c <= 0xdf) || (c >= 0xe0 && c <= 0xed && c != 0xe2 && !(c == 0xe3 && d == 0x80));
}

static size_t
char_start(const struct find *f, size_t i)
{
	size_t from = i > 4 ? i - 4 : 0;

	while (i > from && (at(f, i - 1) & 0xc0) == 0x80)
		i--;
	return i > from ? i - 1 : i;
}

/* Is the backslash at i one of a path of Windows, C:\\Users or \\\\host? What follows it is a name, no
 * escape. */
static bool
in_folder(const struct find *f, size_t i)
{
	size_t from = i > 128 ? i - 128 : 0, k = i;

	while (k > from && f->p[k - 1] > ' ' && !strchr("\"'<>|*?", f->p[k - 1]))
		k--;
	k += at(f, k) == '(' || at(f, k) == '[';
	for (; k + 2 < i; k++) {
		size_t name = k + 2;

		if (after(f, k, IS_WORD) ||
		    !((is(f, k, IS_ALPHA) && f->p[k + 1] == ':' && f->p[name] == '\\') ||
			(f->p[k] == '\\' && f->p[k + 1] == '\\')))
			continue;
		while (at(f, name) == '\\')
			name++;
		if (name < i && find_past(f, name, IS_WORD, 2) == name + 2) /* Q:\\n\\n is none */
			return true;
	}
	return false;
}

/* Where the local part that ends before i begins. Letters of other alphabets belong to it; Chinese and the
 * like only where all of it is, since they stand next to an address without a space. */
static size_t
local_start(const struct find *f, size_t i)
{
	size_t from = i > LOCAL_MAX ? i - LOCAL_MAX : 0, s = i;
	bool wide = false;

	while (s > from) {
		size_t c;

		if (byte_is[f->p[s - 1]] & IS_LOCAL) {
			if (wide)
				break;
			s--;
			continue;
		}
		if (f->p[s - 1] < 0x80)
			break;
		c = char_start(f, s);
		if (!letter_at(f, c) || (f->p[c] >= 0xe1 && s != i && !wide))
			break;
		wide |= f->p[c] >= 0xe1;
		s = c;
	}
	if (i - s > 1 && escape_ends(f, s) && !(is(f, s + 1, IS_ALPHA) && in_folder(f, s - 1)))
		s++; /* \\njohn@... */
	while (s < i && strchr(".%-'~!#$^+", f->p[s]))
		s++;
	if (s == i && i > 1 && f->p[i - 1] == '"') { /* "john doe"@example.com */
		from = i > LOCAL_MAX + 2 ? i - LOCAL_MAX - 2 : 0;
		for (size_t k = i - 1; k > from; k--)
			if (f->p[k - 1] == '"')
				return k < i - 1 ? k - 1 : i;
			else if (f->p[k - 1] == '\n' || f->p[k - 1] == '@')
				break;
	}
	return s;
}

static const struct word dots[] = {WORD("dot"), WORD("punkt"), WORD("punto"), WORD("point"), WORD("ponto"),
    WORD("punt"), WORD("piste"), WORD("kropka"), WORD("nokta"), WORD("точка")};
static const struct word ats[] = {WORD("@"), WORD("at"), WORD("a"), WORD("\xc3\xa4t"), WORD("arroba"),
    WORD("arobase"), WORD("chiocciola"), WORD("klammeraffe"), WORD("kukac"), WORD("malpa"),
    WORD("ma\xc5\x82pa"), WORD("bei"), WORD("snabel-a"), WORD("apenstaartje"), WORD("собака")};

/* One of the words between brackets at i, with spaces: the end of the closing bracket, or 0. */
static size_t
bracketed(const struct find *f, size_t i, const struct word *words, size_t n)
{
	static const char open[] = "([{<", closed[] = ")]}>";
	const char *which = at(f, i) ? strchr(open, at(f, i)) : NULL;

	if (!which)
		return 0;
	i++;
	i += at(f, i) == ' ';
	for (size_t k = 0; k < n; k++) {
		size_t end = i + words[k].len;

		if ((unsigned char)*words[k].text != small(at(f, i)) || !find_says(f, i, words[k].text))
			continue;
		end += at(f, end) == ' ';
		if (at(f, end) == (unsigned char)closed[which - open])
			return end + 1;
	}
	return 0;
}

size_t
dot_end(const struct find *f, size_t i, bool words)
{
	static const struct word signs[] = {WORD(".")};
	size_t start = i, end;

	if (at(f, i) == '.')
		return i + 1;
	i += at(f, i) == ' ';
	if (at(f, i) == '(' || at(f, i) == '[' || at(f, i) == '{' || at(f, i) == '<') {
		end = bracketed(f, i, signs, 1);
		end = end ? end : bracketed(f, i, dots, COUNT(dots));
		return end ? end + (at(f, end) == ' ') : 0;
	}
	if (!words || i == start)
		return 0;
	for (size_t k = 0; k < COUNT(dots); k++) {
		end = i + dots[k].len;
		if (find_says(f, i, dots[k].text) && at(f, end) == ' ')
			return end + 1;
	}
	return 0;
}

struct domain {
	size_t end, first_end; /* of the whole, of its first label */
	bool known;	       /* its top-level domain */
	int labels;
};

/* The end of the label at i. */
static size_t
label_end(const struct find *f, size_t i, bool dotted)
{
	size_t start = i;
	size_t max = f->len - i < 63 * 3 ? f->len : i + 63 * 3;

	while (i < max) {
		if (byte_is[f->p[i]] & IS_ALNUM || f->p[i] == '-') {
			i++;
		} else if (f->p[i] >= 0x80 && letter_at(f, i)) {
			/* text of another alphabet right behind "com" */
			if (dotted && f->p[i] >= 0xe1 && byte_is[f->p[i - 1]] & IS_ALPHA &&
			    tld_known((const char *)f->p + start, i - start))
				break;
			i++;
			while (i < max && (f->p[i] & 0xc0) == 0x80)
				i++;
		} else {
			break;
		}
	}
	while (i > start && f->p[i - 1] == '-')
		i--;
	return i;
}

static bool
is_file_ending(const struct find *f, size_t i, size_t n)
{
	static const struct word endings[] = {WORD("png"), WORD("jpg"), WORD("jpeg"), WORD("gif"),
	    WORD("svg"), WORD("webp"), WORD("js"), WORD("jsx"), WORD("ts"), WORD("tsx"), WORD("css"),
	    WORD("html"), WORD("htm"), WORD("json"), WORD("xml"), WORD("yml"), WORD("yaml"), WORD("txt"),
	    WORD("csv"), WORD("pdf"), WORD("exe"), WORD("dll"), WORD("jar"), WORD("class"), WORD("java"),
	    WORD("cpp"), WORD("php"), WORD("rb"), WORD("tar"), WORD("gz"), WORD("log"), WORD("conf"),
	    WORD("lock"), WORD("shape"), WORD("dtype"), WORD("mean")};

	return find_among(f, i, i + n, endings, COUNT(endings));
}

/* All letters, two or more: what a top-level domain that we do not know looks like. */
static bool
like_tld(const struct find *f, size_t i, size_t end)
{
	for (size_t k = i; k < end; k++)
		if (!(byte_is[f->p[k]] & IS_ALPHA) && f->p[k] < 0x80)
			return false;
	return end - i >= 2 && !is_file_ending(f, i, end - i);
}

static bool
is_known_tld(const struct find *f, size_t i, size_t end)
{
	return f->p[i] >= 0x80 || tld_known((const char *)f->p + i, end - i);
}

/* The longest domain at i that ends in a known top-level domain, else the longest that could be one. */
static struct domain
domain_at(const struct find *f, size_t i, bool words)
{
	struct domain d = {0}, unknown = {0};
	size_t start = i;
	bool capitals = false;

	for (int n = 1; n <= 20 && i - start < DOMAIN_MAX; n++) {
		size_t end = label_end(f, i, n > 1), next;

		if (end == i || end - i > 63 * 3 || f->p[i] == '-')
			break;
		if (n == 1) {
			d.first_end = unknown.first_end = end;
			capitals = is(f, i, IS_UPPER);
		} else if (d.known && is(f, i, IS_UPPER) && !capitals && is(f, i + 1, IS_LOWER)) {
			break; /* "john@example.com.No answer yet" */
		}
		if (n > 1 && is_known_tld(f, i, end)) {
			d.known = true;
			d.end = end;
			d.labels = n;
		} else if (n > 1 && like_tld(f, i, end)) {
			unknown.end = end;
			unknown.labels = n;
		}
		next = dot_end(f, end, words);
		if (!next)
			break;
		i = next;
	}
	return d.known ? d : unknown;
}

/* [192.0.2.1], [IPv6:...] */
static size_t
literal_end(const struct find *f, size_t i)
{
	size_t end = find_says(f, i + 1, "ipv6:") ? i + 6 : i + 1;
	size_t start = end;

	while (end < f->len && end - start < 45 &&
	       (byte_is[f->p[end]] & IS_HEX || f->p[end] == '.' || f->p[end] == ':'))
		end++;
	return end - start >= 3 && at(f, end) == ']' ? end + 1 : 0;
}

static bool
take_mail(struct find *f, size_t start, size_t end, enum pii_level level, const char *rule)
{
	if (!find_report(f, PII_EMAIL_ADDRESS, start, end, level, rule))
		return false;
	f->done = end;
	return true;
}

static bool no_local(const struct find *f, size_t i, size_t end);

/* john.smith @ example.com */
static void
find_mail_spaced(struct find *f, size_t i)
{
	size_t start;
	struct domain d;
	bool odd = false;

	if (i < 2 || f->p[i - 1] != ' ' || at(f, i + 1) != ' ')
		return;
	start = local_start(f, i - 1);
	d = domain_at(f, i + 2, false);
	if (start == i - 1 || !d.known || no_local(f, start, i - 1))
		return;
	for (size_t k = start; k < i - 1; k++)
		odd |= byte_is[f->p[k]] & IS_DIGIT || f->p[k] == '.' || f->p[k] == '_';
	take_mail(f, start, d.end, odd ? PII_LIKELY : PII_POSSIBLE, "mail with spaces");
}

bool
find_mail(struct find *f, size_t i)
{
	size_t behind = i + 1, start;
	struct domain d;

	if (!wanted(f, PII_EMAIL_ADDRESS))
		return false;
	if (at(f, behind) <= ' ') {
		find_mail_spaced(f, i);
		return false;
	}
	if (!is(f, behind, IS_ALNUM) && at(f, behind) != '[' && at(f, behind) < 0x80)
		return false;
	start = local_start(f, i);
	if (start == i)
		return false;
	if (at(f, behind) == '[' && literal_end(f, behind)) {
		return take_mail(f, start, literal_end(f, behind), PII_LIKELY, "address literal");
	}
	d = domain_at(f, behind, false);
	if (!d.end) {
		return find_leave(f, PII_EMAIL_ADDRESS, start, behind, "mail", "no top-level domain");
	}
	if (i - start == 3 && find_says(f, start, "git") &&
	    (at(f, d.end) == ':' || at(f, d.end) == '/' || (start > 0 && f->p[start - 1] == '/')) &&
	    at(f, d.end + 1) > ' ')
		return true; /* git@host:path, ssh://git@host/path */
	return take_mail(f, start, d.end, d.known ? PII_CERTAIN : PII_LIKELY, "mail");
}

/* Does a word for @ begin at i? By its first two letters. */
static bool
may_be_at(const struct find *f, size_t i)
{
	unsigned char d;

	i += at(f, i) == ' ';
	d = small(at(f, i + 1));
	switch (small(at(f, i))) {
	case '@':
	case 0xc3:
	case 0xd1:
		return true;
	case 'a':
		return !(byte_is[d] & IS_ALPHA) || d == 't' || d == 'r' || d == 'p';
	case 'b':
		return d == 'e';
	case 'c':
		return d == 'h';
	case 'k':
		return d == 'l' || d == 'u';
	case 'm':
		return d == 'a';
	case 's':
		return d == 'n';
	default:
		return false;
	}
}

/* jane (dot) doe (at) ...: where the words with dots in brackets between them begin that end before i. */
static size_t
dotted_start(const struct find *f, size_t i)
{
	static const char closed[] = ")]}>";

	for (int n = 0; n < 3; n++) {
		size_t k = i - (i > 0 && f->p[i - 1] == ' '), from = k > 12 ? k - 12 : 0, dot = 0, name;

		if (k == 0 || !f->p[k - 1] || !strchr(closed, f->p[k - 1]))
			return i;
		for (size_t j = k - 1; j > from && !dot; j--)
			if (bracketed(f, j - 1, dots, COUNT(dots)) == k)
				dot = j - 1;
		if (!dot)
			return i;
		k = dot - (f->p[dot - 1] == ' ');
		name = local_start(f, k);
		if (name == k)
			return i;
		i = name;
	}
	return i;
}

/* john (at) example (dot) com; i: of the bracket */
void
find_mail_bracket(struct find *f, size_t i)
{
	size_t end, local = i, start;
	struct domain d;

	if (!may_be_at(f, i + 1) || !wanted(f, PII_EMAIL_ADDRESS))
		return;
	end = bracketed(f, i, ats, COUNT(ats));
	f->loud |= end > 0;
	if (!end || local == 0)
		return;
	local -= f->p[local - 1] == ' ';
	start = local_start(f, local);
	if (start == local)
		return;
	start = dotted_start(f, start);
	end += at(f, end) == ' ';
	d = domain_at(f, end, true);
	if (d.end)
		take_mail(f, start, d.end, d.known ? PII_CERTAIN : PII_LIKELY, "mail with brackets");
}

/* Those that "at ... dot com" is nothing else than an address with. */
static bool
provider(const struct find *f, size_t i, size_t end)
{
	static const struct word names[] = {WORD("gmail"), WORD("googlemail"), WORD("yahoo"), WORD("hotmail"),
	    WORD("outlook"), WORD("icloud"), WORD("proton"), WORD("protonmail"), WORD("gmx"), WORD("web"),
	    WORD("aol"), WORD("live"), WORD("msn"), WORD("yandex"), WORD("zoho"), WORD("fastmail"),
	    WORD("mail"), WORD("posteo"), WORD("libero"), WORD("orange")};

	return find_among(f, i, end, names, COUNT(names));
}

/* What stands before "at" where no address does: "look at this dot com", "find us at example dot com". */
static bool
no_local(const struct find *f, size_t i, size_t end)
{
	static const struct word words[] = {WORD("look"), WORD("looked"), WORD("looking"), WORD("looks"),
	    WORD("work"), WORD("works"), WORD("worked"), WORD("working"), WORD("shop"), WORD("shopping"),
	    WORD("order"), WORD("ordered"), WORD("buy"), WORD("bought"), WORD("us"), WORD("me"), WORD("it"),
	    WORD("them"), WORD("him"), WORD("her"), WORD("you"), WORD("available"), WORD("visit"),
	    WORD("visits"), WORD("visited"), WORD("site"), WORD("website"), WORD("online"), WORD("page"),
	    WORD("pages"), WORD("found"), WORD("find"), WORD("is"), WORD("was"), WORD("are"), WORD("were"),
	    WORD("be"), WORD("been"), WORD("store"), WORD("sold"), WORD("sale"), WORD("here"), WORD("there"),
	    WORD("up"), WORD("arrived"), WORD("hosted"), WORD("host"), WORD("live"), WORD("lives"),
	    WORD("read"), WORD("check"), WORD("sign"), WORD("signup"), WORD("login"), WORD("register"),
	    WORD("code"), WORD("team"), WORD("people"), WORD("engineer"), WORD("engineers"), WORD("staff"),
	    WORD("job"), WORD("jobs"), WORD("down"), WORD("that"), WORD("this"), WORD("the"), WORD("and"),
	    WORD("back"), WORD("only"), WORD("not"), WORD("now"), WORD("see"), WORD("seen"), WORD("stay"),
	    WORD("meet"), WORD("met"), WORD("dinner"), WORD("lunch"), WORD("party"), WORD("open"),
	    WORD("closed")};

	return find_among(f, i, end, words, COUNT(words));
}

/* A run of letters, digits and . _ + - that ends before i. */
static size_t
name_start(const struct find *f, size_t i)
{
	size_t s = i;

	while (s > 0 && i - s < LOCAL_MAX &&
	       (byte_is[f->p[s - 1]] & IS_WORD || f->p[s - 1] == '.' || f->p[s - 1] == '+' ||
		   f->p[s - 1] == '-'))
		s--;
	return s;
}

/* "john dot smith at gmail dot com"; i: of a "dot" */
void
find_mail_words(struct find *f, size_t i)
{
	size_t label, local, start, before;
	struct domain d;
	bool odd = false;

	if (!wanted(f, PII_EMAIL_ADDRESS) || at(f, i + 3) != ' ' || i < 6 || f->p[i - 1] != ' ')
		return;
	label = name_start(f, i - 1);
	if (label == i - 1 || label < 4 || !find_says(f, label - 4, " at "))
		return;
	local = label - 4;
	start = name_start(f, local);
	if (start == local)
		return;
	if (!provider(f, label, i - 1) && no_local(f, label, i - 1))
		return; /* "look at this dot com bubble" */
	for (int k = 0; k < 3 && start > 5 && find_says(f, start - 5, " dot "); k++) {
		before = name_start(f, start - 5);
		if (before == start - 5)
			break;
		start = before;
		odd = true;
	}
	d = domain_at(f, label, true);
	if (!d.known)
		return;
	for (size_t k = start; k < local; k++)
		odd |= byte_is[f->p[k]] & IS_DIGIT || strchr("._+-", f->p[k]);
	odd |= provider(f, label, d.first_end);
	if (!odd && (no_local(f, start, local) || no_local(f, label, d.first_end) || d.first_end - label < 2))
		find_leave(f, PII_EMAIL_ADDRESS, start, d.end, "mail in words", "an ordinary word");
	else
		take_mail(f, start, d.end, PII_LIKELY, "mail in words");
}
