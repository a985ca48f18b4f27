/* Numbers: groups of digits, and whose they are. */
#include "pii_number.h"

#include "pii_check.h"
#include "pii_money.h"
#include "pii_tld.h"

#define COUNT(a) (sizeof(a) / sizeof *(a))

/* ---- groups ---- */

/* The separator between a group that ends at i and the next digit: what it is, and in *next where the digit
 * is. */
static unsigned char
separator(const struct find *f, size_t i, size_t *next)
{
	unsigned char c = at(f, i), d = at(f, i + 1), e = at(f, i + 2);

	if (!(byte_is[c] & IS_SEP))
		return 0;
	if (byte_is[d] & IS_DIGIT) {
		*next = i + 1;
		return c == '\t' ? ' ' : c;
	}
	if (!(byte_is[e] & IS_DIGIT))
		return 0;
	*next = i + 2;
	if ((c == ')' && (d == ' ' || d == '-' || d == '.')) || (c == ' ' && d == ')'))
		return ')';
	if ((c == ' ' || c == '-') && d == '(')
		return '(';
	if (c == '.' && d == ' ')
		return ',';
	return 0;
}

/* A dash or a slash with space around parts a number from what has nothing to do with it, but behind the
 * first digits of a telephone number: 030 / 901820, 030- 901820, 0 30 / 901820. */
static unsigned char
trunk_separator(const struct find *f, size_t i, const struct number *x, size_t *next)
{
	unsigned char c;
	size_t k = i + (at(f, i) == ' ');

	if (x->d[0] != '0' ||
	    !((x->n == 1 && x->g[0].n >= 2 && x->g[0].n <= 5) || (x->n == 2 && x->g[0].n == 1)))
		return 0;
	c = at(f, k);
	*next = k + 1 + (at(f, k + 1) == ' ');
	return (c == '-' || c == '/') && is(f, *next, IS_DIGIT) ? c : 0;
}

/* What stands for a dot or a space behind the digits that end at i: 93[.]184, card=4111+1111. */
static unsigned char
written_separator(const struct find *f, size_t start, size_t i, size_t *next)
{
	switch (at(f, i)) {
	case '+':
		*next = i + 1;
		return plus_is_space(f, start, i) && is(f, i + 1, IS_DIGIT) ? ' ' : 0;
	case '[':
	case '(':
	case '{':
		break;
	default:
		return 0;
	}
	*next = dot_end(f, i, false);
	return *next && is(f, *next, IS_DIGIT) ? '.' : 0;
}

/* Does what is behind the digits that end at i make them the beginning of something else: 2a02:8108::1,
 * 00:1b:44..., 3rd? One letter may belong to a number, x22 is an extension. */
static bool
other_word(const struct find *f, size_t i, size_t digits)
{
	unsigned char c = at(f, i);

	if (c == ':')
		return digits <= 4 && (is(f, i + 1, IS_HEX) || at(f, i + 1) == ':');
	if (byte_is[c] & IS_HEX && at(f, i + 1) == ':' && is(f, i + 2, IS_HEX))
		return true;
	if (!(byte_is[c] & IS_WORD) || !is(f, i + 1, IS_WORD))
		return false;
	return !(small(c) == 'x' && is(f, i + 1, IS_DIGIT) && digits >= 3);
}

/* All groups from i on, up to the limits. */
static void
groups_at(const struct find *f, size_t i, struct number *x)
{
	unsigned char sep = 0;
	size_t total = 0, next;

	x->n = 0;
	while (x->n < GROUPS_MAX) {
		size_t end = find_past(f, i, IS_DIGIT, 64), n = end - i;

		if (total + n > DIGITS_MAX || n >= 64 ||
		    ((sep == ' ' || sep == ')') && other_word(f, end, n)))
			break;
		memcpy(x->d + total, f->p + i, n);
		x->form[x->n] = (char)('0' + n);
		x->g[x->n++] = (struct group){i, end, (unsigned char)n, sep, (unsigned char)total};
		total += n;
		sep = separator(f, end, &next);
		sep = sep ? sep : trunk_separator(f, end, x, &next);
		sep = sep ? sep : written_separator(f, x->g[0].start, end, &next);
		if (!sep || sep == '_' || sep == ',')
			break;
		i = next;
	}
	memset(x->form + x->n, 0, FORM_MAX);
	x->d[total] = '\0';
}

/* SSN536-22-8726, ssn_536-22-8726.pdf: the words that people write without a space behind them. */
static bool
word_glued(const struct find *f, size_t i)
{
	static const struct word words[] = {WORD("ssn"), WORD("dob"), WORD("tel"), WORD("phone"), WORD("fax"),
	    WORD("mob"), WORD("cell"), WORD("card"), WORD("cc"), WORD("visa"), WORD("nhs"), WORD("sin"),
	    WORD("cpf"), WORD("bsn"), WORD("dni"), WORD("nif"), WORD("pesel"), WORD("imei"), WORD("aadhaar"),
	    WORD("nr"), WORD("no")};
	size_t from;

	i -= after(f, i, IS_UNDER);
	from = find_back(f, i, IS_ALPHA, 12);
	return i - from >= 2 && !after(f, from, IS_WORD) && find_among(f, from, i, words, COUNT(words));
}

bool
number_begins(const struct find *f, const struct number *x, int a, unsigned char inside)
{
	size_t start = x->g[a].start, n = x->g[a].n;
	unsigned char c = start > 0 ? f->p[start - 1] : 0, b = start > 1 ? f->p[start - 2] : 0;

	if (glued_before(f, start))
		return word_glued(f, start);
	if (a > 0 && x->g[a].sep != ' ' && x->g[a].sep != '(' && x->g[a].sep != ')')
		return x->g[a].sep == '/' && inside != '/' && inside != 0;
	if (a > 0 && x->g[a].sep == ' ' && inside == ' ' && x->g[a - 1].n == n && n <= 3)
		return false; /* one of a row of such */
	switch (c) {
	case '-':
		return !(byte_is[b] & IS_WORD); /* BX-1234 */
	case '.':
		if (byte_is[b] & IS_ALPHA)
			return inside != 0 || n >= 7; /* Tel.0171 1234567 */
		return !(byte_is[b] & IS_WORD);	      /* 3.14159... */
	case ',':
		return !(byte_is[b] & IS_DIGIT && n == 3 && inside == 0); /* 1,234 */
	case ':':
		return !(byte_is[b] & IS_DIGIT && n <= 2); /* 10:00:01 */
	case '#': /* #12345 refers to something; SSN#536-22-8726 and "account #12345" say what it is */
		return byte_is[b] & IS_ALPHA || b == ' ' || inside != 0 || n >= 12;
	case '/':
		return !(byte_is[b] & IS_ALNUM && inside == 0);
	default:
		return c != '$' && (c != '\\' || inside != 0); /* \\1, C:\\2024 */
	}
}

/* Is there a comma behind group b that goes on with the number: 1,234 or 1234567,89? */
static bool
comma_inside(const struct find *f, const struct number *x, int b, unsigned char inside)
{
	size_t i = x->g[b].end + 1, n = find_past(f, i, IS_DIGIT, 4) - i;

	return n > 0 && ((x->g[b].n <= 3 && n == 3) || (inside == 0 && x->g[b].n <= 9 && n <= 2));
}

bool
number_ends(const struct find *f, const struct number *x, int b, unsigned char inside)
{
	size_t end = x->g[b].end;
	unsigned char c = at(f, end), d = at(f, end + 1);

	if (glued_behind(f, end) || c == '%')
		return false;
	if (b + 1 < x->n) {
		unsigned char sep = x->g[b + 1].sep;

		if (sep == ' ' && inside == ' ' && x->g[b].n == x->g[b + 1].n && x->g[b].n <= 3)
			return false;
		return sep == ' ' || sep == '(' ||
		       (sep == '/' && inside != '/' && (inside != 0 || x->g[b].n >= 12)) ||
		       (sep == '-' && inside == '(');
	}
	if (c == ',')
		return !comma_inside(f, x, b, inside);
	return !(c == '.' && byte_is[d] & IS_DIGIT) && !(c == '-' && byte_is[d] & IS_WORD);
}

/* The separators inside groups a to b: the one that all have, 0 where there is none, '*' where they differ.
 */
unsigned char
number_inside(const struct number *x, int a, int b)
{
	unsigned char sep = b > a ? x->g[a + 1].sep : 0;

	for (int k = a + 2; k <= b; k++)
		if (x->g[k].sep != sep)
			return '*';
	return sep;
}

bool
number_whole(const struct find *f, const struct number *x, int a, int b)
{
	unsigned char sep = number_inside(x, a, b);

	return number_begins(f, x, a, sep) && number_ends(f, x, b, sep);
}

/* Reports groups a to b; how many they are, 0 where it was left. */
int
number_take(struct find *f, const struct number *x, int a, int b, enum pii_type t, enum pii_level level,
    const char *rule)
{
	return find_report(f, t, x->g[a].start, x->g[b].end, level, rule) ? b - a + 1 : 0;
}

/* ---- IPv4 ---- */

/* IP192.0.2.1, as it stands in Chinese text. */
static bool
ip_before(const struct find *f, size_t i)
{
	return i >= 2 && find_says(f, i - 2, "ip") && (i == 2 || f->p[i - 3] >= 0x80);
}

/* ip-10-20-3-4, ec2-54-93-12-201.compute.amazonaws.com */
static bool
host_before(const struct find *f, size_t i)
{
	return i >= 3 && f->p[i - 1] == '-' &&
	       ((find_says(f, i - 3, "ip-") && !after(f, i - 3, IS_WORD)) ||
		   (i >= 4 && find_says(f, i - 4, "ec2-") && !after(f, i - 4, IS_WORD)));
}

#define SECTION_MAX 20 /* chapters, and versions of programs */
#define VERSION_MAX 30 /* of the first two numbers of a version; those of most hosts are greater */

/* Is a word for versions right beside it, not somewhere in the line? "version": "31.40.15.36", version is
 * 31.40.15.36 */
static bool
version_beside(struct find *f, size_t start, size_t end)
{
	static const struct word between[] = {WORD("is"), WORD("ist"), WORD("est"), WORD("es"),
	    WORD("number"), WORD("no"), WORD("nr"), WORD("v")};
	const struct context *c = find_context(f, start, end);
	size_t i = start;

	if (!(c->has >> WORDS_VERSION & 1))
		return false;
	for (;;) {
		size_t word;

		while (i > 0 && start - i < 20 && !after(f, i, IS_ALNUM) && f->p[i - 1] < 0x80)
			i--;
		word = find_back(f, i, IS_ALPHA, 8);
		if (word == i || !find_among(f, word, i, between, COUNT(between)))
			break;
		i = word;
	}
	return c->far[WORDS_VERSION] <= 2 || c->far[WORDS_VERSION] <= start - i;
}

/* Is the word at i a product with a version that is no address: Safari/537.36? */
static bool
product_at(const struct find *f, size_t i)
{
	size_t end = find_past(f, i, IS_ALPHA, 24), dots = 0;

	if (!is(f, i, IS_UPPER) || !is(f, i + 1, IS_LOWER) || at(f, end) != '/' || !is(f, end + 1, IS_DIGIT))
		return false;
	for (end++; is(f, end, IS_DIGIT) || (at(f, end) == '.' && is(f, end + 1, IS_DIGIT)); end++)
		dots += f->p[end] == '.';
	return dots != 3 && !is(f, end, IS_WORD);
}

/* Is there one beside [start, end), as in what browsers call themselves? */
static bool
product_near(const struct find *f, size_t start, size_t end)
{
	bool near = false;

	if (at(f, end) == ' ' && product_at(f, end + 1))
		return true;
	for (size_t i = start > 96 ? start - 96 : 0; i < start; i++) {
		if (f->p[i] == '"')
			near = false; /* what comes behind it speaks of something else */
		near |= !after(f, i, IS_ALNUM) && product_at(f, i);
	}
	return near;
}

/* Does com.acme:lib, whose first part begins with a top-level domain, end at i? */
static bool
coordinates_end(const struct find *f, size_t i)
{
	size_t name = i, group, from = i > 96 ? i - 96 : 0, top;

	while (name > from && (after(f, name, IS_WORD) || f->p[name - 1] == '-' || f->p[name - 1] == '.'))
		name--;
	if (name == i || !is(f, name, IS_ALPHA) || name == 0 || f->p[name - 1] != ':')
		return false;
	for (group = name - 1;
	     group > from && (after(f, group, IS_WORD) || f->p[group - 1] == '-' || f->p[group - 1] == '.');
	     group--)
		;
	top = find_past(f, group, IS_LOWER, 6);
	return at(f, top) == '.' && is(f, top + 1, IS_LOWER) &&
	       tld_known((const char *)f->p + group, top - group);
}

/* Chrome/120.0.0.0, com.acme:lib:1.2.3.4, plugin (2.3.4.5): is it the version of what is named right before?
 * A name of Java's, Host/192.0.2.1, is of a host. */
static bool
product_before(const struct find *f, const int v[4], size_t start, size_t end)
{
	static const struct word parts[] = {WORD("plugin"), WORD("plugins"), WORD("module"), WORD("package"),
	    WORD("library"), WORD("addon"), WORD("extension"), WORD("component"), WORD("sdk")};
	static const struct word hosts[] = {WORD("host"), WORD("hostname"), WORD("server"), WORD("client"),
	    WORD("peer"), WORD("node"), WORD("address"), WORD("addr"), WORD("ip"), WORD("from"), WORD("to"),
	    WORD("network"), WORD("net"), WORD("subnet"), WORD("route"), WORD("gateway"), WORD("router"),
	    WORD("proxy"), WORD("localhost"), WORD("remote"), WORD("local")};
	unsigned char sign = start > 0 ? f->p[start - 1] : 0;
	bool home =
	    v[0] == 10 || v[0] == 127 || (v[0] == 192 && v[1] == 168) || (v[0] == 172 && v[1] / 16 == 1);
	bool same = v[0] == v[1] && v[1] == v[2] && v[2] == v[3]; /* 8.8.8.8 */
	size_t i = start - 1, word = i;

	if (home || at(f, end) == ':' || at(f, end) == '/')
		return false;
	switch (sign) {
	case '/':
		while (word > 0 && i - word < 32 && after(f, word, IS_ALPHA))
			word--;
		if (word == i || !is(f, word, IS_UPPER) || find_among(f, word, i, hosts, COUNT(hosts)) ||
		    !(word == 0 || strchr(" \"'(;,=\t\n", f->p[word - 1])))
			return false;
		return ((v[1] < 10 || v[2] == 0) && product_near(f, word, end)) ||
		       (!is(f, i - 1, IS_UPPER) && (v[3] == 0 || (v[1] == 0 && v[2] == 0)));
	case '(':
		i -= i > 0 && f->p[i - 1] == ' ';
		word = find_back(f, i, IS_ALPHA, 12);
		return v[0] < SECTION_MAX && !same && find_among(f, word, i, parts, COUNT(parts));
	case ':':
		return v[0] < SECTION_MAX && !same && coordinates_end(f, i);
	case ' ': /* nuget Foo.Bar 6.0.2.1 */
		while (word > 0 && i - word < 64 && (after(f, word, IS_WORD) || f->p[word - 1] == '.'))
			word--;
		return v[0] < SECTION_MAX && word >= 6 && is(f, word, IS_UPPER) &&
		       find_says(f, word - 6, "nuget ");
	default:
		return false;
	}
}

static int
find_ipv4(struct find *f, const struct number *x, int a)
{
	size_t start = x->g[a].start, end;
	enum pii_level level = PII_LIKELY;
	int v[4];

	if (a + 3 >= x->n || !wanted(f, PII_IP_ADDRESS) ||
	    (number_inside(x, a, a + 3) != '.' &&
		!(number_inside(x, a, a + 3) == '-' && host_before(f, start))))
		return 0;
	end = x->g[a + 3].end;
	for (int k = a; k < a + 4; k++) {
		const char *d = x->d + x->g[k].at;
		int *octet = &v[k - a];

		if (x->g[k].n > 3)
			return 0;
		if (d[0] == '0' && x->g[k].n > 1) /* 010.001.002.003: where a word says so */
			level = PII_POSSIBLE;
		*octet = 0;
		for (int j = 0; j < x->g[k].n; j++)
			*octet = 10 * *octet + d[j] - '0';
		if (*octet > 255)
			return 0;
	}
	if (v[0] == 0 || v[0] == 255 || (glued_before(f, start) && !ip_before(f, start)) ||
	    (a > 0 && x->g[a].sep == '.') || (a + 4 < x->n && x->g[a + 4].sep == '.') || glued_behind(f, end))
		return 0;
	if (start > 0 && f->p[start - 1] == '.' && after(f, start - 1, IS_WORD))
		return 0;
	if (at(f, end) == '-' && is(f, end + 1, IS_ALPHA))
		return 0; /* 1.2.3.4-beta */
	if (!f->aggressive && product_before(f, v, start, end)) {
		find_leave(f, PII_IP_ADDRESS, start, end, "ipv4", "a version");
		return 0;
	}
	if ((at(f, end) == ':' || at(f, end) == '/') && is(f, end + 1, IS_DIGIT))
		level = level == PII_POSSIBLE ? level : PII_CERTAIN; /* a port, a network */
	if (level != PII_POSSIBLE && start > 0 && f->p[start - 1] && strchr("@/[", f->p[start - 1]))
		level = PII_CERTAIN;
	if (level == PII_LIKELY && v[0] < SECTION_MAX && v[0] != 10 && v[0] != v[3] &&
	    find_context(f, start, end)->has >> WORDS_SECTION & 1)
		level = PII_POSSIBLE;
	if (level == PII_LIKELY && v[0] >= VERSION_MAX && v[1] >= VERSION_MAX &&
	    !version_beside(f, start, end))
		level = PII_CERTAIN;
	return number_take(f, x, a, a + 3, PII_IP_ADDRESS, level, "ipv4");
}

/* ---- cards ---- */

/* Is there a word for this type nearer than one for the other? */
bool
number_says(struct find *f, const struct number *x, int a, enum pii_type t, enum pii_type other)
{
	const struct context *c = find_context(f, x->g[a].start, x->g[a].end);

	return c->has >> t & 1 && !(c->has >> other & 1 && c->far[other] < c->far[t]);
}

/* The ways in which cards are written: by fours (whether the groups before b are such), and as American
 * Express, Diners Club, UATP and UnionPay do. */
static bool
card_groups(const struct number *x, int a, int b, bool fours)
{
	if (b == a + 2 && x->g[a].n == 4 && x->g[a + 1].n == 6)
		return x->g[b].n == 5 || x->g[b].n == 4;
	if (b == a + 2 && x->g[a].n == 4 && x->g[a + 1].n == 5)
		return x->g[b].n == 6;
	if (b == a + 1 && x->g[a].n == 6)
		return x->g[b].n == 6 || x->g[b].n == 10 || x->g[b].n == 13;
	if (b == a + 15) /* a digit at a time */
		return digits_of(x, a, b) == 16;
	return fours;
}

/* 13 digits that are milliseconds of these decades, 16 micro-, 19 nanoseconds, 10 seconds. */
static bool
like_time(const char *d, size_t n)
{
	return (n == 10 || n == 13 || n == 16 || n == 19) && d[0] == '1' && d[1] >= '0' && d[1] <= '9';
}

/* %B4111111111111111^: what is on the stripe of a card. */
static bool
track_before(const struct find *f, size_t i)
{
	return i >= 2 && f->p[i - 1] == 'B' && f->p[i - 2] == '%';
}

/* Four groups of a card. A + before them is that of a list or of a diff, since no telephone number has so
 * many digits. */
static bool
is_card(const struct number *x, int a)
{
	return number_form(x, a, "4444") && check_card(x->d + x->g[a].at, 16) == CARD_YES;
}

static int
find_card(struct find *f, const struct number *x, int a)
{
	const char *d = x->d + x->g[a].at;
	enum card how = CARD_NO;
	enum pii_level level = PII_CERTAIN;
	int best = -1;
	bool begins, fours = true, grouped = false;

	if (!wanted(f, PII_CREDIT_CARD) || d[0] == '0')
		return 0;
	begins = number_begins(f, x, a, number_inside(x, a, a + 1 < x->n ? a + 1 : a));
	for (int b = a; b < x->n && digits_of(x, a, b) <= 19; b++) {
		size_t n = digits_of(x, a, b);
		enum card now;
		bool like;

		fours &= b == a || x->g[b - 1].n % 4 == 0;
		if (n < 12 || glued_behind(f, x->g[b].end))
			continue;
		like = card_groups(x, a, b, fours);
		if (b > a && !like &&
		    (!begins || number_inside(x, a, b) == '*' ||
			(x->g[a].n != x->g[b].n &&
			    !(find_context(f, x->g[a].start, x->g[b].end)->has >> PII_CREDIT_CARD & 1))))
			continue;
		now = check_card(d, n);
		if (now == CARD_NO)
			continue;
		best = b;
		how = now;
		grouped = like;
	}
	if (best < 0 || (glued_before(f, x->g[a].start) && !track_before(f, x->g[a].start) &&
			    !word_glued(f, x->g[a].start)))
		return 0;
	if (best == a) { /* a bare run */
		size_t n = x->g[a].n;
		bool weak = how == CARD_WEAK || like_time(d, n) || (n == 13 && check_ean(d, n)) || n == 12 ||
			    n == 17 || n == 18;

		if (n == 13 && check_za_id(d) && number_says(f, x, a, PII_ZA_ID, PII_CREDIT_CARD))
			return 0;
		if (!number_whole(f, x, a, a) && !track_before(f, x->g[a].start) &&
		    !(a == 0 && x->g[a].start > 0 && strchr("/\\", f->p[x->g[a].start - 1])))
			return 0;
		return number_take(f, x, a, a, PII_CREDIT_CARD,
		    weak      ? PII_POSSIBLE
		    : n >= 14 ? PII_CERTAIN
			      : PII_LIKELY,
		    "card");
	}
	if (!grouped)
		level = PII_POSSIBLE;
	else if (how != CARD_YES)
		level = PII_LIKELY;
	return number_take(f, x, a, best, PII_CREDIT_CARD, level, "card");
}

bool
number_named(const struct find *f, size_t i, const struct word *names, size_t n)
{
	for (int k = 0; k < 4 && i > 0 && f->p[i - 1] && strchr(" :.#=", f->p[i - 1]); k++)
		i--;
	for (; n > 0; n--, names++) {
		size_t from = i > names->len ? i - names->len : 0;

		if (!after(f, from, IS_WORD) && find_among(f, from, i, names, 1))
			return true;
	}
	return false;
}

/* An account alone may be one of a shop. */
static bool
account_before(const struct find *f, size_t i)
{
	static const struct word names[] = {WORD("account number"), WORD("account no"), WORD("account nr"),
	    WORD("account number is"), WORD("conta corrente")};

	return number_named(f, i, names, COUNT(names));
}

/* What has no check digits: only the word beside it tells. */
static int
find_by_word(struct find *f, const struct number *x, int a)
{
	size_t n = x->g[a].n;
	int b = a;

	if (n >= 4 && n <= 9 && x->n == a + 2 && x->g[a + 1].sep == '-' && x->g[a + 1].n == 1 &&
	    account_before(f, x->g[a].start)) /* 12345-6 */
		return number_take(f, x, a, a + 1, PII_BANK_ACCOUNT, PII_CERTAIN, "account");
	if (n < 6 || n > 17 || !number_whole(f, x, a, a))
		return 0;
	if (account_before(f, x->g[a].start))
		return number_take(f, x, a, a, PII_BANK_ACCOUNT, PII_CERTAIN, "account");
	if (n >= 7 && n <= 9 && !nearer(f, PII_DRIVER_LICENSE, PII_PASSPORT, x->g[a].start, x->g[a].end) &&
	    (b = number_take(f, x, a, a, PII_PASSPORT, PII_POSSIBLE, "passport")))
		return b;
	if (n >= 6 && n <= 12 &&
	    (b = number_take(f, x, a, a, PII_DRIVER_LICENSE, PII_POSSIBLE, "driver's license")))
		return b;
	return number_take(f, x, a, a, PII_BANK_ACCOUNT, PII_POSSIBLE, "account");
}

/* Two numbers with four decimals or more: 52.520008, 13.404954 */
static void
find_coordinates(struct find *f, const struct number *x, int a)
{
	size_t start = x->g[a].start, i, end;

	if (f->on[PII_GEO_COORDINATES] != PII_ON || a + 1 >= x->n || x->g[a + 1].sep != '.' ||
	    x->g[a].n > 3 || x->g[a + 1].n < 4)
		return;
	i = x->g[a + 1].end;
	i += at(f, i) == ',' || at(f, i) == ';';
	i += at(f, i) == ' ';
	i += at(f, i) == '-';
	end = find_past(f, i, IS_DIGIT, 3);
	if (end == i || at(f, end) != '.' || find_past(f, end + 1, IS_DIGIT, 20) - end < 5)
		return;
	end = find_past(f, end + 1, IS_DIGIT, 20);
	start -= start > 0 && f->p[start - 1] == '-';
	if (find_report(f, PII_GEO_COORDINATES, start, end, PII_CERTAIN, "coordinates"))
		f->done = end;
}

/* An account in Poland, written as at home: without PL. */
static int
find_nrb(struct find *f, const struct number *x, int a)
{
	bool grouped = number_form(x, a, "2444444") && number_inside(x, a, a + 6) == ' ';
	int b = grouped ? a + 6 : a;
	char iban[28] = "PL";

	if (digits_of(x, a, b) != 26 || glued_behind(f, x->g[b].end))
		return 0;
	memcpy(iban + 2, x->d + x->g[a].at, 26);
	return check_iban(iban, sizeof iban)
		   ? number_take(f, x, a, b, PII_IBAN_CODE, grouped ? PII_LIKELY : PII_POSSIBLE, "nrb")
		   : 0;
}

/* What begins at group a: how many groups it takes; at least one. */
static int
find_at(struct find *f, const struct number *x, int a)
{
	size_t end, total = digits_of(x, a, x->n - 1);
	int n;

	if (number_form(x, a, "222") && (n = find_nino(f, x, a, a + 2)))
		return n;
	if (f->done > x->g[a].start ||
	    (x->g[a].n < 4 && !ip_before(f, x->g[a].start) && !host_before(f, x->g[a].start) &&
		!number_begins(f, x, a, a + 1 < x->n ? x->g[a + 1].sep : 0)))
		return 1;
	if ((n = find_ipv4(f, x, a)))
		return n;
	if (x->g[a].n <= 8 && (n = find_date(f, x, a, &end))) {
		f->done = end > f->done ? end : f->done;
		return n;
	}
	if (total >= 26 && (n = find_nrb(f, x, a)))
		return n;
	if (total >= 12 && (n = find_card(f, x, a)))
		return n;
	if (total >= 6 && (n = find_grouped(f, x, a)))
		return n;
	if ((n = find_bare(f, x, a)))
		return n;
	if (total >= 7 && (n = find_phone(f, x, a)))
		return n;
	if ((n = find_by_word(f, x, a)))
		return n;
	find_coordinates(f, x, a);
	return 1;
}

/* Seven digits, or a separator behind fewer. */
static bool
digits_follow(const struct find *f, size_t i)
{
	size_t end = find_past(f, i, IS_DIGIT, 7);

	return end - i == 7 || byte_is[at(f, end)] & IS_SEP || plus_is_space(f, i, end);
}

static bool
find_plus(struct find *f, size_t i)
{
	size_t start = i;

	if (i > 0 && f->p[i - 1] == '(')
		start--;
	if (start > 0 && f->p[start - 1] == ' ' && start > 1 && f->p[start - 2] == '+')
		start--;
	if (start == 0 || f->p[start - 1] != '+' || !digits_follow(f, i) || after(f, start - 1, IS_DIGIT))
		return false;
	return find_phone_plus(f, start - 1, i);
}

/* "3rd of May 1990", 12MAR1985: the word [i, to) */
static bool
find_word_date(struct find *f, size_t i, size_t to)
{
	struct number x;
	size_t end = find_past(f, i, IS_DIGIT, 3);
	bool ordinal = end + 2 == to && (at(f, to) == ' ' || at(f, to) == ',');

	if (end - i > 2 || !(ordinal || (to - end >= 7 && is(f, end, IS_ALPHA) && is(f, to - 4, IS_DIGIT))))
		return false;
	groups_at(f, i, &x);
	if (x.n != 1 || !find_date(f, &x, 0, &end))
		return false;
	f->done = end > f->done ? end : f->done;
	return true;
}

/* Do more digits stand beside [from, to), as far away as its groups are from each other? */
static bool
goes_on(const struct find *f, size_t from, size_t to, size_t gap)
{
	return (from > gap && find_back(f, from, IS_SEP, gap) == from - gap &&
		   after(f, from - gap, IS_DIGIT)) ||
	       (find_past(f, to, IS_SEP, gap) == to + gap && is(f, to + gap, IS_DIGIT));
}

/* 4111  1111  1111  1111, 4111 - 1111 - 1111 - 1111, 4111_1111_1111_1111, 536 - 22 - 8726, 415 - 555 - 2671:
 * the digits of groups with more between them than one sign, and the same each time. */
static bool
find_spread(struct find *f, size_t i)
{
	static const struct {
		const char *form;
		size_t n, last; /* digits; which group is the last */
		enum pii_type t;
		enum pii_level level;
	} spread[] = {{"4444", 16, 3, PII_CREDIT_CARD, PII_LIKELY}, {"324", 9, 2, PII_US_SSN, PII_POSSIBLE},
	    {"334", 10, 2, PII_PHONE_NUMBER, PII_POSSIBLE}};
	size_t first = find_past(f, i, IS_DIGIT, 5) - i, gap = 0, at_ = i + first;
	char d[17];

	if (first != 4 && first != 3)
		return false;
	while (gap < 4 && at(f, at_ + gap) && strchr(" -_.", at(f, at_ + gap)))
		gap++;
	if (gap == 0 || gap > 3 || (gap == 1 && f->p[at_] != '_') || glued_before(f, i))
		return false;
	for (size_t k = 0; k < COUNT(spread); k++) {
		size_t from = i, n = 0, g = 0;

		for (;; g++) {
			size_t end = find_past(f, from, IS_DIGIT, 5), len = (size_t)(spread[k].form[g] - '0');

			if (end - from != len)
				break;
			memcpy(d + n, f->p + from, len);
			n += len;
			from = end;
			if (g == spread[k].last || f->len - end < gap ||
			    memcmp(f->p + end, f->p + at_, gap) != 0)
				break;
			from += gap;
		}
		d[n] = '\0';
		if (n != spread[k].n || g != spread[k].last || glued_behind(f, from) ||
		    (n < 16 && f->p[at_ + gap / 2] != '-') ||
		    !(n == 9	  ? check_ssn(d)
			: n == 10 ? phone_nanp(d)
				  : check_card(d, 16) == CARD_YES))
			continue;
		if (!wanted(f, spread[k].t) ||
		    !find_report(f, spread[k].t, i, from,
			goes_on(f, i, from, gap) ? PII_POSSIBLE : spread[k].level, "spread"))
			return false;
		f->done = from;
		return true;
	}
	return false;
}

/* At most five digits, and no others beside them. All that they can be is a part of a date, or what a word
 * names. */
static bool
lone(const struct find *f, size_t i, size_t to)
{
	size_t k = to, next;

	if (written_separator(f, i, to, &next))
		return false;
	while (k - to < 4 && byte_is[at(f, k)] & IS_SEP)
		k++;
	return to - i <= 5 && !is(f, k, IS_DIGIT) && f->p[i] != '0';
}

static void
find_lone(struct find *f, size_t i, size_t to)
{
	unsigned char before = i > 0 ? f->p[i - 1] : 0, behind = at(f, to);
	struct number x;
	size_t end;

	/* what months and eras stand beside */
	if (before != ' ' && before < 0x80 && behind < 0x80 && !(byte_is[behind] & (IS_ALPHA | IS_SEP))) {
		f->done = to > f->done ? to : f->done;
		return;
	}
	groups_at(f, i, &x);
	if (x.n != 1 || (x.g[0].n == 2 && find_iban_spaced(f, i)))
		return;
	if ((x.g[0].n >= 4 || ip_before(f, i) || number_begins(f, &x, 0, 0)) && find_date(f, &x, 0, &end))
		f->done = end > f->done ? end : f->done;
	f->done = x.g[0].end > f->done ? x.g[0].end : f->done;
}

/* Groups of digits from i on. */
static void
find_groups(struct find *f, size_t i)
{
	struct number x;

	groups_at(f, i, &x);
	if (!is_card(&x, 0) && find_plus(f, i))
		return;
	if (find_spread(f, i))
		return;
	if (x.n > 0 && x.g[0].n == 2 && find_iban_spaced(f, i))
		return;
	if (x.n > 0) {
		f->phrase_start = i;
		f->phrase_end = x.g[x.n - 1].end;
		f->context_start = SIZE_MAX;
	}
	for (int a = 0; a < x.n;)
		a += find_at(f, &x, a);
	f->phrase_start = f->context_start = SIZE_MAX;
	if (x.n > 0 && x.g[x.n - 1].end > f->done)
		f->done = x.g[x.n - 1].end;
}

/* A card at i in the word [from, to), between letters: "cc is4111111111111111expires12/27". Letters glued
 * to it make it doubtful, so a word must speak for it. */
static bool
find_card_inside(struct find *f, size_t from, size_t i, size_t to)
{
	size_t end = find_past(f, i, IS_DIGIT, 20),
	       letters = find_past(f, end, IS_ALPHA | IS_UNDER, to - end);

	if (end - i < 13 || end - i > 19 || find_past(f, from, IS_ALPHA | IS_UNDER, i - from) != i ||
	    (letters != to && letters - end < 4) || check_card((const char *)f->p + i, end - i) != CARD_YES ||
	    !find_report(f, PII_CREDIT_CARD, i, end, PII_POSSIBLE, "card"))
		return false;
	f->done = end;
	return true;
}

/* i: the first digit of a run. */
void
find_number(struct find *f, size_t i)
{
	size_t from = find_back(f, i, IS_WORD, 64), run = find_past(f, i, IS_DIGIT, 2048),
	       to = is(f, run, IS_WORD) ? find_past(f, run, IS_WORD, 2048 - (run - i)) : run, spans = f->n;
	bool digits;
	unsigned char before, behind;

	find_edges(f, &from, &to);
	if (from == to) { /* =3D_ */
		f->done = to > f->done ? to : f->done;
		return;
	}
	if (from > i) {
		i = from;
		run = find_past(f, i, IS_DIGIT, 2048);
	}
	digits = run == to;
	before = from > 0 ? f->p[from - 1] : 0;
	behind = at(f, to);
	if ((before == '-' || before == '.') && find_chain(f, from))
		return;
	if (to - from <= 4 && (behind == ':' || behind == '-' || behind == '.' || before == ':' ||
				  before == '-' || before == '.')) {
		if ((behind == ':' || before == ':') && from >= f->hex_done && find_hex(f, from))
			return;
		if ((to - from == 2 || to - from == 4) && find_mac_around(f, from, to))
			return;
	}
	if (to - from == 2 && (behind == ' ' || before == ' ') && find_mac_spaced(f, from))
		return;
	if (from == i && !digits && find_word_date(f, i, to))
		return;
	if (from == i && !digits && find_plus(f, i)) /* +14155550123x22 */
		return;
	if (from == i && !digits && at(f, i + 4) == '_' && find_spread(f, i))
		return;
	if (from < i || !digits) {
		/* letters glued to a number are passed over: testdata630-596-1111 */
		if (find_card_inside(f, from, i, to) || find_word(f, from, to))
			return;
		if (!digits || to - i >= 40 ||
		    find_past(f, from, IS_ALPHA, 64) != i - after(f, i, IS_UNDER) ||
		    !(i - from >= 3 || word_glued(f, i) || ip_before(f, i) || track_before(f, i))) {
			f->done = to > f->done ? to : f->done;
			return;
		}
	}
	if (to - i >= 64) {
		f->done = to;
		return;
	}
	if (from == i && lone(f, i, to))
		find_lone(f, i, to);
	else
		find_groups(f, i);
	for (; spans < f->n; spans++)
		if (f->spans[spans].taken)
			return;
	find_named_secret(f, i);
}
