/* Telephone numbers: by calling code and the lengths of national numbers, and by the forms that people write
 * at home. */
#include "pii_number.h"

#include <endian.h>

#define COUNT(a) (sizeof(a) / sizeof *(a))

/* Calling codes (ITU E.164) and how many digits follow, without a trunk 0. */
static const struct calling {
	char code[4];
	uint8_t min, max;
} callings[] = {
    {"1", 10, 10},
    {"20", 8, 10},
    {"211", 9, 9},
    {"212", 9, 9},
    {"213", 8, 9},
    {"216", 8, 8},
    {"218", 8, 9},
    {"220", 7, 7},
    {"221", 9, 9},
    {"222", 8, 8},
    {"223", 8, 8},
    {"224", 8, 9},
    {"225", 8, 10},
    {"226", 8, 8},
    {"227", 8, 8},
    {"228", 8, 8},
    {"229", 8, 10},
    {"230", 7, 8},
    {"231", 7, 9},
    {"232", 8, 8},
    {"233", 9, 9},
    {"234", 8, 10},
    {"235", 8, 8},
    {"236", 8, 8},
    {"237", 8, 9},
    {"238", 7, 7},
    {"239", 7, 7},
    {"240", 9, 9},
    {"241", 7, 8},
    {"242", 9, 9},
    {"243", 7, 9},
    {"244", 9, 9},
    {"245", 7, 9},
    {"246", 7, 7},
    {"247", 4, 6},
    {"248", 7, 7},
    {"249", 9, 9},
    {"250", 9, 9},
    {"251", 9, 9},
    {"252", 7, 9},
    {"253", 8, 8},
    {"254", 9, 10},
    {"255", 9, 9},
    {"256", 9, 9},
    {"257", 8, 8},
    {"258", 8, 9},
    {"260", 9, 9},
    {"261", 9, 10},
    {"262", 9, 9},
    {"263", 8, 10},
    {"264", 8, 9},
    {"265", 7, 9},
    {"266", 8, 8},
    {"267", 7, 8},
    {"268", 8, 8},
    {"269", 7, 7},
    {"27", 9, 9},
    {"290", 4, 5},
    {"291", 7, 7},
    {"297", 7, 7},
    {"298", 6, 6},
    {"299", 6, 6},
    {"30", 10, 10},
    {"31", 9, 9},
    {"32", 8, 9},
    {"33", 9, 9},
    {"34", 9, 9},
    {"350", 8, 8},
    {"351", 9, 9},
    {"352", 6, 11},
    {"353", 7, 9},
    {"354", 7, 9},
    {"355", 8, 9},
    {"356", 8, 8},
    {"357", 8, 8},
    {"358", 6, 11},
    {"359", 7, 9},
    {"36", 8, 9},
    {"370", 8, 8},
    {"371", 8, 8},
    {"372", 7, 8},
    {"373", 8, 8},
    {"374", 8, 8},
    {"375", 9, 9},
    {"376", 6, 9},
    {"377", 8, 9},
    {"378", 6, 10},
    {"379", 6, 10},
    {"380", 9, 9},
    {"381", 8, 9},
    {"382", 8, 9},
    {"383", 8, 9},
    {"385", 8, 9},
    {"386", 8, 8},
    {"387", 8, 9},
    {"389", 8, 8},
    {"39", 6, 11},
    {"40", 9, 9},
    {"41", 9, 9},
    {"420", 9, 9},
    {"421", 9, 9},
    {"423", 7, 9},
    {"43", 6, 13},
    {"44", 9, 10},
    {"45", 8, 8},
    {"46", 7, 10},
    {"47", 8, 8},
    {"48", 9, 9},
    {"49", 6, 12},
    {"500", 5, 5},
    {"501", 7, 7},
    {"502", 8, 8},
    {"503", 8, 8},
    {"504", 8, 8},
    {"505", 8, 8},
    {"506", 8, 8},
    {"507", 7, 8},
    {"508", 6, 6},
    {"509", 8, 8},
    {"51", 8, 9},
    {"52", 10, 11},
    {"53", 8, 8},
    {"54", 10, 11},
    {"55", 10, 11},
    {"56", 9, 9},
    {"57", 10, 10},
    {"58", 10, 10},
    {"590", 9, 9},
    {"591", 8, 8},
    {"592", 7, 7},
    {"593", 8, 9},
    {"594", 9, 9},
    {"595", 9, 9},
    {"596", 9, 9},
    {"597", 6, 7},
    {"598", 8, 8},
    {"599", 7, 8},
    {"60", 8, 10},
    {"61", 9, 9},
    {"62", 8, 12},
    {"63", 8, 10},
    {"64", 8, 10},
    {"65", 8, 8},
    {"66", 8, 9},
    {"670", 7, 8},
    {"672", 6, 6},
    {"673", 7, 7},
    {"674", 7, 7},
    {"675", 7, 8},
    {"676", 5, 7},
    {"677", 5, 7},
    {"678", 5, 7},
    {"679", 7, 7},
    {"680", 7, 7},
    {"681", 6, 6},
    {"682", 5, 5},
    {"683", 4, 7},
    {"685", 5, 7},
    {"686", 5, 8},
    {"687", 6, 6},
    {"688", 5, 7},
    {"689", 6, 8},
    {"690", 4, 7},
    {"691", 7, 7},
    {"692", 7, 7},
    {"7", 10, 10},
    {"800", 8, 8},
    {"808", 8, 8},
    {"81", 9, 10},
    {"82", 8, 11},
    {"84", 9, 10},
    {"850", 8, 10},
    {"852", 8, 8},
    {"853", 8, 8},
    {"855", 8, 9},
    {"856", 8, 10},
    {"86", 9, 11},
    {"870", 9, 9},
    {"880", 8, 10},
    {"881", 8, 10},
    {"882", 7, 12},
    {"883", 7, 12},
    {"886", 8, 9},
    {"90", 10, 10},
    {"91", 10, 10},
    {"92", 9, 10},
    {"93", 9, 9},
    {"94", 9, 9},
    {"95", 7, 10},
    {"960", 7, 7},
    {"961", 7, 8},
    {"962", 8, 9},
    {"963", 8, 9},
    {"964", 8, 10},
    {"965", 7, 8},
    {"966", 8, 9},
    {"967", 7, 9},
    {"968", 8, 8},
    {"970", 8, 9},
    {"971", 8, 9},
    {"972", 8, 9},
    {"973", 8, 8},
    {"974", 7, 8},
    {"975", 7, 8},
    {"976", 8, 8},
    {"977", 8, 10},
    {"979", 9, 9},
    {"98", 10, 10},
    {"992", 9, 9},
    {"993", 8, 8},
    {"994", 9, 9},
    {"995", 9, 9},
    {"996", 9, 9},
    {"998", 9, 9},
};

/* The first n of four bytes as a number: in the order of their texts. */
static uint32_t
key_of(const char *p, size_t n)
{
	uint32_t v;

	memcpy(&v, p, sizeof v);
	return be32toh(v) & (uint32_t)(UINT64_C(0xffffffff00000000) >> 8 * n);
}

/* No code begins another: one search finds it. d: digits, and a NUL; four bytes of it can be read. */
static const struct calling *
calling_of(const char *d)
{
	size_t from = 0, to = COUNT(callings);

	while (from < to) {
		size_t mid = (from + to) / 2, n = strlen(callings[mid].code);
		uint32_t code = key_of(callings[mid].code, n), ours = key_of(d, n);

		if (ours == code)
			return &callings[mid];
		if (ours < code)
			to = mid;
		else
			from = mid + 1;
	}
	return NULL;
}

/* ", ext. 12", " x123", behind a number that ends at i. */
static size_t
extension_end(const struct find *f, size_t i)
{
	static const char *const names[] = {
	    "extension", "ext.", "ext", "x", "durchwahl", "poste", "anexo", "int."};
	size_t start = i, end;

	i += at(f, i) == ',' || at(f, i) == ';';
	i += at(f, i) == ' ';
	if (!at(f, i) || !strchr("exdpai", small(at(f, i))))
		return start;
	for (size_t k = 0; k < COUNT(names); k++) {
		if (!find_says(f, i, names[k]))
			continue;
		end = i + strlen(names[k]);
		end += at(f, end) == ' ' || at(f, end) == ':';
		i = find_past(f, end, IS_DIGIT, 7);
		if (i > end && i - end <= 6 && !is(f, i, IS_WORD))
			return i;
		return start;
	}
	return start;
}

/* One or two separators between digits at i: where the next digit is, or 0. zero: "(0)" is one. */
static size_t
between_digits(const struct find *f, size_t i, bool *zero)
{
	size_t start = i;

	if (find_says(f, i, " (0)") || find_says(f, i, "(0)")) {
		i += at(f, i) == ' ' ? 4 : 3;
		i += at(f, i) == ' ' || at(f, i) == '-';
		*zero = true;
		return is(f, i, IS_DIGIT) ? i : 0;
	}
	while (i < f->len && i - start < 3 && strchr(" -./()", f->p[i]) && f->p[i])
		i++;
	if (i - start == 2 && f->p[start] == ' ' && f->p[start + 1] == ' ')
		return 0;
	if (i - start > 1 && f->p[start] == '.' && f->p[start + 1] == ' ')
		return 0;
	return i > start && is(f, i, IS_DIGIT) ? i : 0;
}

/* Digits from first on with a calling code in front. Where the longest good number ends, or 0. */
static size_t
international_end(const struct find *f, size_t first, bool *grouped)
{
	char d[20] = "";
	size_t n = 0, i = first, good = 0;
	const struct calling *c = NULL;
	bool zero = false;

	*grouped = false;
	for (;;) {
		size_t run = find_past(f, i, IS_DIGIT, 20);

		if (n + (run - i) > 16)
			break;
		memcpy(d + n, f->p + i, run - i);
		n += run - i;
		d[n] = '\0';
		if (!c) {
			c = calling_of(d);
			if (!c) /* it is not cut in two */
				return 0;
		}
		if (c) {
			size_t cc = strlen(c->code), national = n - cc;

			if (national > 1 && d[cc] == '0' && cc < n && strcmp(c->code, "39") != 0)
				national--; /* +49 0171 ...: people do */
			if (national > c->max)
				break;
			if (national >= c->min && (!glued_behind(f, run) || (small(at(f, run)) == 'x' &&
										is(f, run + 1, IS_DIGIT)))) {
				good = run;
				*grouped = run - first > n;
			}
		}
		i = plus_is_space(f, first, run) ? run + 1 : between_digits(f, run, &zero);
		if (!i)
			break;
	}
	return good;
}

bool
find_phone_plus(struct find *f, size_t start, size_t first)
{
	bool grouped;
	size_t end = international_end(f, first, &grouped);

	if (!end || !wanted(f, PII_PHONE_NUMBER))
		return false;
	end = extension_end(f, end);
	if (start > 0 && f->p[start - 1] == '(' && !memchr(f->p + start, '(', end - start) &&
	    memchr(f->p + start, ')', end - start))
		start--;
	if (!find_report(f, PII_PHONE_NUMBER, start, end, PII_CERTAIN, "calling code"))
		return false;
	f->done = end;
	return true;
}

bool
phone_nanp(const char *d)
{
	return d[0] >= '2' && d[3] >= '2' && !(d[1] == '1' && d[2] == '1') && !(d[4] == '1' && d[5] == '1') &&
	       d[1] != '9';
}

/* call_id=8837261199, contact_count: 2019283748, call id 7830494097, phones sold: 1200450: what right before
 * a number says that it is a key, or how many there are. */
static bool
key_counts(const struct find *f, const struct number *x, int a, int b)
{
	static const struct word counts[] = {WORD("returned"), WORD("returns"), WORD("depth"), WORD("sold"),
	    WORD("shipped"), WORD("made"), WORD("handled"), WORD("processed"), WORD("imported"),
	    WORD("exported"), WORD("synced"), WORD("deleted"), WORD("answered"), WORD("table"), WORD("row"),
	    WORD("rows")};
	size_t start = x->g[a].start, i = start, from;

	while (i > 0 && start - i < 4 && strchr(" =:\"", f->p[i - 1]) && f->p[i - 1])
		i--;
	if (i == start || !after(f, i, IS_ALPHA))
		return false;
	if ((i >= 3 && find_says(f, i - 3, "_id")) || (i >= 6 && find_says(f, i - 6, "_count")))
		return true;
	from = find_back(f, i, IS_ALPHA, 12);
	if (b > a || from == 0 || f->p[from - 1] != ' ')
		return false;
	if (i - from == 2 && find_says(f, from, "id")) /* of those who call, and there, it is the number */
		return !(from >= 7 && find_says(f, from - 7, "caller ")) &&
		       !(from >= 9 && find_says(f, from - 9, "whatsapp ")) &&
		       !(from >= 6 && find_says(f, from - 6, "phone "));
	return x->g[a].n <= 9 && find_among(f, from, i, counts, COUNT(counts));
}

/* Is the word that makes it a telephone number the cell of a table: cell B12 shows 1234567? */
static bool
in_sheet(const struct find *f)
{
	size_t far = f->context.far[PII_PHONE_NUMBER], i;

	if (f->context_start == SIZE_MAX || far >= f->context_start)
		return false;
	i = f->context_start - far;
	return i >= 4 && find_says(f, i - 4, "cell") && at(f, i) == ' ' && is(f, i + 1, IS_UPPER) &&
	       is(f, find_past(f, i + 1, IS_UPPER, 3), IS_DIGIT);
}

/* Is group a of one number with the digit before it, and are all of three digits: 8 045 311 000? */
static bool
thousands(const struct number *x, int a, int b)
{
	if (a != 1 || x->g[0].n != 1 || x->d[0] == '0')
		return false;
	for (int k = a; k <= b; k++)
		if (x->g[k].n != 3 || x->g[k].sep != ' ')
			return false;
	return true;
}

/* Do three digits and three more stand behind it, that are not the beginning of another number: 212 415 6171
 * 312 503? */
static bool
listed(const struct number *x, int a, int b)
{
	return number_form(x, a, "33433") && b == a + 2 && !number_form(x, a, "334334") &&
	       number_inside(x, a, a + 4) == ' ';
}

/* Do the groups stand in the path of a drawing: M 10.5 20.25 L 415.55 267.1 C 212 555 1234 100? There are
 * two letters with numbers between them. */
static bool
in_path(const struct find *f, size_t i)
{
	size_t from = i > 64 ? i - 64 : 0, letters = 0, digits = 0;
	bool point = false;

	if (i < 2 || f->p[i - 1] != ' ' || !is(f, i - 2, IS_ALPHA))
		return false;
	for (; i > from; i--) {
		unsigned char c = f->p[i - 1];

		if (byte_is[c] & IS_ALPHA) {
			if (!strchr("mlhvcsqtaz", small(c)) || after(f, i - 1, IS_ALPHA))
				break;
			if (letters > 0 && digits == 0 && small(c) != 'z')
				break;
			if (small(c) == 'm' && i >= 4 && f->p[i - 3] == '=' && small(f->p[i - 4]) == 'd' &&
			    digits + letters == 0 && !after(f, i - 4, IS_WORD))
				return true; /* d="M */
			letters++;
			digits = 0;
		} else if (byte_is[c] & IS_DIGIT) {
			digits++;
		} else if (c != ' ' && c != '.' && c != ',' && c != '-') {
			break;
		}
		point |= c == '.' || small(c) == 'z';
		if (letters >= 2)
			return point; /* or T 212 555 1234 M 917 555 4321 */
	}
	return false;
}

/* Reports groups a to b, with an opening bracket before and an extension behind. Returns how many groups. */
static int
phone(struct find *f, const struct number *x, int a, int b, enum pii_level level, const char *rule)
{
	size_t start = x->g[a].start, end;

	if (level == PII_POSSIBLE && !f->aggressive) {
		bool says = find_context(f, start, x->g[b].end)->has >> PII_PHONE_NUMBER & 1;

		if ((says && in_sheet(f)) || (!says && !f->explain)) /* no need to look further */
			return 0;
	}
	if ((level == PII_POSSIBLE || (level == PII_LIKELY && a == b)) && key_counts(f, x, a, b))
		return 0;
	if (in_path(f, f->phrase_start == SIZE_MAX ? start : f->phrase_start)) {
		find_leave(f, PII_PHONE_NUMBER, start, x->g[b].end, rule, "a path");
		return 0;
	}
	end = extension_end(f, x->g[b].end);
	if (start > 0 && f->p[start - 1] == '(' && memchr(f->p + start, ')', end - start))
		start--;
	else if (level != PII_POSSIBLE &&
		 (number_in_row(f, x, a, b) || thousands(x, a, b) || listed(x, a, b)))
		level = PII_POSSIBLE;
	if (!find_report(f, PII_PHONE_NUMBER, start, end, level, rule))
		return 0;
	f->done = end > f->done ? end : f->done;
	return b - a + 1;
}

static bool
one_of(const struct number *x, int a, int b, const char *seps)
{
	for (int k = a; k <= b; k++)
		if (!x->g[k].sep || !strchr(seps, x->g[k].sep))
			return false;
	return true;
}

/* May group b be one digit of a telephone number that begins at a? In 0900 1 234567, 0 800 123 456, and 030
 * 227-0. */
static bool
one_digit(const struct number *x, int a, int b)
{
	return x->g[b].n == 1 && ((b == a + 1 && x->g[a].n == 4 && b + 1 < x->n && x->g[b + 1].sep == ' ') ||
				     (x->g[b].sep == '-' && !(b + 1 < x->n && x->g[b + 1].sep == '-')));
}

/* The last group of a number with a trunk 0 that begins at a: at most 12 digits. a where it is one group. */
static int
trunk_end(const struct number *x, int a)
{
	int b = a;

	while (b + 1 < x->n && (x->g[b + 1].n >= 2 || one_digit(x, a, b + 1)) &&
	       digits_of(x, a, b + 1) <= 12 && strchr(" -/().", x->g[b + 1].sep) &&
	       !(x->g[b + 1].n > 4 && b - a >= 2 && digits_of(x, a, b) >= 10))
		b++;
	return b;
}

/* What is a telephone's only right before it, or abbreviates a word for it; of how many digits, and what the
 * first of them, or the first behind a nought, may be where the word is one of prices or of the post as well.
 */
static const struct beside {
	const char *text;
	uint8_t len, min, max;
	bool dotted;  /* with . or : behind it */
	bool capital; /* no other signal has one, and so many digits */
	const char *first, *behind;
} besides[] = {{"fixe", 4, 10, 10, false, false, "0", ""}, {"fijo", 4, 9, 9, false, false, "89", ""},
    {"fisso", 5, 8, 11, false, false, "0", ""}, {"cep", 3, 10, 12, false, false, "", "5"},
    {"signal", 6, 10, 12, false, true, "23456789", ""}, {"kom", 3, 9, 12, true, false, "", ""},
    {"сот", 6, 10, 11, true, false, "", ""}, {"tfn", 3, 10, 12, false, false, "", ""},
    {"vast nummer", 11, 9, 11, false, false, "", ""}};

/* Names of any number: those of telephones have a form of their own, and nothing says what else they are. */
static const struct {
	const char *text, *first, *second; /* digits */
	uint8_t len, n;
} plain_names[] = {{"номер", "78", "9", 10, 11}, {"नंबर", "6789", "0123456789", 12, 10},
    {"号码", "1", "3456789", 6, 11}, {"號碼", "1", "3456789", 6, 11}};

/* Does nothing stand before i that belongs to it, but whose it is? */
static bool
clause_begins(const struct find *f, size_t i)
{
	static const char *const whose[] = {"мой", "его", "её", "ее", "ваш", "наш", "मेरा", "मेरे", "उसका",
	    "आपका", "我的", "他的", "她的", "你的"};

	size_t end = i;

	while (i > 0 && f->p[i - 1] == ' ')
		i--;
	if (i == end && i > 0 && f->p[i - 1] == '-')
		return false;
	if (i == 0 || (f->p[i - 1] && strchr(",;:.!?|(-\"\n\t>", f->p[i - 1])))
		return true;
	if (i >= 3 && f->p[i - 3] == 0xe3 && f->p[i - 2] == 0x80) /* a full stop of Chinese */
		return true;
	for (size_t k = 0; k < COUNT(whose); k++)
		if (i >= strlen(whose[k]) && find_says(f, i - strlen(whose[k]), whose[k]))
			return true;
	return false;
}

/* M: 9821896589 | E: ...: one letter, in a line with an address. */
static bool
in_signature(const struct find *f, size_t i, size_t n)
{
	size_t from = i > 64 ? i - 64 : 0, to = f->len - i > 96 ? i + 96 : f->len, k = i - 1;

	if (n < 10 || !strchr("MTPC", f->p[k]) || at(f, i) != ':')
		return false;
	while (k > 0 && f->p[k - 1] == ' ')
		k--;
	return (k == 0 || strchr("|,;\n/", f->p[k - 1]) || f->p[k - 1] >= 0x80) &&
	       memchr(f->p + from, '@', to - from);
}

/* Do groups a to b stand right behind such a name, which ends at i? */
static bool
beside(const struct find *f, const struct number *x, int a, int b, size_t i)
{
	const char *d = x->d + x->g[a].at;
	size_t n = digits_of(x, a, b);
	unsigned char last = small(f->p[i - 1]);

	if (in_signature(f, i, n) && d[0] != '1')
		return true;
	for (size_t k = 0; k < COUNT(besides); k++) {
		size_t len = besides[k].len;

		if ((unsigned char)besides[k].text[len - 1] != last || n < besides[k].min ||
		    n > besides[k].max || i < len || !find_says(f, i - len, besides[k].text) ||
		    after(f, i - len, IS_WORD) || (besides[k].dotted && at(f, i) != '.' && at(f, i) != ':'))
			continue;
		if (*besides[k].first && !strchr(besides[k].first, d[0]))
			return false;
		if (besides[k].capital && !(is(f, i - len, IS_UPPER) && is(f, i - 1, IS_LOWER)))
			return false;
		return !*besides[k].behind || strchr(besides[k].behind, d[d[0] == '0']);
	}
	for (size_t k = 0; k < COUNT(plain_names); k++) {
		size_t len = plain_names[k].len;

		if ((unsigned char)plain_names[k].text[len - 1] == last && n == plain_names[k].n &&
		    i >= len && strchr(plain_names[k].first, d[0]) && strchr(plain_names[k].second, d[1]) &&
		    find_says(f, i - len, plain_names[k].text) && clause_begins(f, i - len))
			return true;
	}
	return false;
}

/* "my number is": nothing else is called so without saying what it is. */
static bool
my_number(const struct find *f, const struct number *x, int a, int b)
{
	static const struct word says[] = {WORD("my number is"), WORD("my number"), WORD("my new number is"),
	    WORD("our number is"), WORD("our number"), WORD("his number is"), WORD("her number is"),
	    WORD("their number is"), WORD("your number is"), WORD("meine nummer ist"), WORD("meine nummer"),
	    WORD("meine nr"), WORD("mi n\xc3\xbamero es"), WORD("mi numero es"), WORD("mi n\xc3\xbamero"),
	    WORD("mon num\xc3\xa9ro est"), WORD("mon num\xc3\xa9ro"), WORD("mon numero est"),
	    WORD("il mio numero \xc3\xa8"), WORD("il mio numero"), WORD("m\xc3\xb3j numer to"),
	    WORD("m\xc3\xb3j numer"), WORD("meu n\xc3\xbamero \xc3\xa9"), WORD("mijn nummer is"),
	    WORD("mitt nummer \xc3\xa4r"), WORD("reach me on"), WORD("reach me at"), WORD("me on"),
	    WORD("me up on"), WORD("\xd0\xbc\xd0\xbe\xd0\xb9 \xd0\xbd\xd0\xbe\xd0\xbc\xd0\xb5\xd1\x80"),
	    WORD("mi n\xc3\xbamero es el"), WORD("mi numero es el"), WORD("mon num\xc3\xa9ro c'est le"),
	    WORD("mon num\xc3\xa9ro est le"), WORD("meu n\xc3\xbamero"), WORD("meu numero"),
	    WORD("m\xc3\xb3j nr"), WORD("mijn nummer"), WORD("mitt nummer"), WORD("numaram"),
	    WORD("my no. is"), WORD("my digits"), WORD("mera number"), WORD("मेरा नंबर"), WORD("내 번호는"),
	    WORD("번호는"), WORD("我的号码是"), WORD("minun numeroni on"), WORD("numeroni on")};

	size_t i = x->g[a].start, start = i;
	unsigned char last;

	while (i > 0 && f->p[i - 1] && strchr(" :=-(.", f->p[i - 1]))
		i--;
	last = i > 0 ? small(f->p[i - 1]) : 0;
	if (!(byte_is[last] & IS_ALPHA) && last < 0x80)
		return false;
	if (start - i <= 4 && beside(f, x, a, b, i))
		return true;
	for (size_t k = 0; k < COUNT(says); k++) {
		size_t n = says[k].len;

		if ((unsigned char)says[k].text[n - 1] == last && i >= n &&
		    find_says(f, i - n, says[k].text) && !after(f, i - n, IS_WORD))
			return true;
	}
	return false;
}

static bool
pairs(const struct number *x, int a, int b)
{
	for (int k = a; k <= b; k++)
		if (x->g[k].n != 2)
			return false;
	return true;
}

/* 08 09 10 11 12 */
static bool
counted(const struct number *x, int a, int b)
{
	const char *d = x->d + x->g[a].at;

	for (int k = 1; k <= b - a; k++)
		if (10 * (d[2 * k] - d[2 * k - 2]) + d[2 * k + 1] - d[2 * k - 1] != 1)
			return false;
	return true;
}

/* Groups of four digits that are times of day, one later than the other, or all of noughts and ones: 0900
 * 1200 1500. */
static bool
hours(const struct number *x, int a, int b)
{
	bool times = true, bits = true;

	for (int k = a; k <= b; k++) {
		const char *d = x->d + x->g[k].at;

		if (x->g[k].n != 4)
			return false;
		times &= (d[0] < '2' || (d[0] == '2' && d[1] < '4')) && d[2] < '6' &&
			 (k == a || memcmp(x->d + x->g[k - 1].at, d, 4) < 0);
		for (int i = 0; i < 4; i++)
			bits &= d[i] <= '1';
	}
	return times || bits;
}

static int
find_trunk(struct find *f, const struct number *x, int a)
{
	const char *d = x->d + x->g[a].at;
	int b = trunk_end(x, a);
	size_t n = digits_of(x, a, b);

	if (number_form(x, a, "22222") && x->g[a + 1].sep == '.' && one_of(x, a + 1, a + 4, ".") &&
	    number_ends(f, x, a + 4, '.'))
		return phone(f, x, a, a + 4, PII_LIKELY, "trunk 0");
	if (pairs(x, a, b) &&
	    (b - a + 1 != 5 || counted(x, a, b))) /* 03 08 15 22 27 31 is drawn, not dialled */
		return 0;
	if (strspn(d, "01") >= n) /* 010 101 110 */
		return 0;
	if (b > a && x->g[a + 1].sep == '.' && (x->g[a].n < 3 || x->g[b].n > 3)) /* 01.02.2024, 03.125.2 */
		return 0;
	if (b > a && x->g[a].n >= 2 && x->g[a].n <= 6 && n >= 9 && number_ends(f, x, b, x->g[b].sep))
		return phone(f, x, a, b,
		    (x->g[a + 1].sep == '.' || hours(x, a, b)) && !my_number(f, x, a, b) ? PII_POSSIBLE
											 : PII_LIKELY,
		    "trunk 0");
	if (n >= (b > a && x->g[a].n >= 3 ? 6 : 8) && n <= 12 && d[1] != '0' &&
	    number_ends(f, x, b, x->g[b].sep))
		return phone(f, x, a, b, my_number(f, x, a, b) ? PII_LIKELY : PII_POSSIBLE, "trunk 0");
	return 0;
}

/* 20240131 */
static bool
like_day(const char *d)
{
	return (d[0] == '1' || d[0] == '2') && (d[1] == '9' || d[1] == '0') && d[4] <= '1' && d[6] <= '3' &&
	       (d[4] == '0' || d[5] <= '2');
}

/* Is a whole group a calling code and a number of its country, without + before it? */
static bool
calls_abroad(const struct find *f, const struct number *x, int a)
{
	bool grouped;

	return x->d[x->g[a].at] != '0' && international_end(f, x->g[a].start, &grouped) == x->g[a].end;
}

/* What needs a word beside it: 7 to 12 digits in any groups. */
static int
find_plain(struct find *f, const struct number *x, int a)
{
	int b = a;
	size_t n;

	while (b + 1 < x->n && x->g[b + 1].n >= 2 && digits_of(x, a, b + 1) <= 12 &&
	       strchr(" -./)", x->g[b + 1].sep) &&
	       !(x->g[b + 1].sep == ' ' && digits_of(x, a, b) >= 7 && x->g[b + 1].n != x->g[b].n &&
		   !(b == a + 1 && number_form(x, a, "254")))) /* 11 98765 4022 of Brazil */
		b++;
	n = digits_of(x, a, b);
	if (n == 8 && a == b && like_day(x->d + x->g[a].at))
		return 0;
	if (a == b && n >= 11 && n <= 15 && calls_abroad(f, x, a))
		return phone(f, x, a, a, my_number(f, x, a, a) ? PII_LIKELY : PII_POSSIBLE, "calling code");
	if (n < 7 || n > 12 || (b > a && x->g[a].n < 2 && x->g[a].n + x->g[a + 1].n < 4) ||
	    !number_ends(f, x, b, x->g[b].sep))
		return 0;
	if (b - a > 0 && n < 8 && x->g[a + 1].sep != '-' && x->g[a + 1].sep != ' ')
		return 0;
	return phone(f, x, a, b, n >= 8 && my_number(f, x, a, b) ? PII_LIKELY : PII_POSSIBLE, "digits");
}

/* Where the calling code begins behind 00 or 011 at group a, or 0. */
static size_t
exit_code(const struct number *x, int a)
{
	const char *d = x->d + x->g[a].at;

	if (d[0] == '0' && d[1] == '0' && d[2] != '0' && x->g[a].n >= 3)
		return x->g[a].start + 2;
	if (number_form(x, a, "2") && d[0] == '0' && d[1] == '0' && a + 1 < x->n && d[2] != '0')
		return x->g[a + 1].start;
	if (number_form(x, a, "3") && !memcmp(d, "011", 3) && a + 2 < x->n && x->g[a + 1].n <= 3)
		return x->g[a + 1].start;
	return 0;
}

int
find_phone(struct find *f, const struct number *x, int a)
{
	const char *d = x->d + x->g[a].at;
	bool bracket = (x->g[a].start > 0 && f->p[x->g[a].start - 1] == '(' && at(f, x->g[a].end) == ')');
	unsigned char sep = a + 1 < x->n ? x->g[a + 1].sep : 0;

	if (!wanted(f, PII_PHONE_NUMBER))
		return 0;
	if (x->g[a].start >= 6 && find_says(f, x->g[a].start - 6, "wa.me/") && calls_abroad(f, x, a))
		return phone(f, x, a, a, PII_CERTAIN, "calling code");
	if (!number_begins(f, x, a, sep == ')' ? 0 : sep))
		return 0;
	if (exit_code(x, a)) {
		bool grouped;
		size_t end = international_end(f, exit_code(x, a), &grouped);

		for (int b = a; end && b < x->n; b++)
			if (x->g[b].end == end)
				return phone(f, x, a, b, grouped ? PII_CERTAIN : PII_LIKELY, "calling code");
	}
	if (number_form(x, a, "334") && phone_nanp(d) && one_of(x, a + 1, a + 2, "-. )/") &&
	    number_ends(f, x, a + 2, x->g[a + 2].sep) &&
	    (x->g[a + 1].sep == x->g[a + 2].sep || x->g[a + 1].sep == ')' || x->g[a + 2].sep == '-'))
		return phone(f, x, a, a + 2, bracket ? PII_CERTAIN : PII_LIKELY, "north american plan");
	if (number_form(x, a, "1334") && d[0] == '1' && x->g[a + 1].sep != ')' && phone_nanp(d + 1) &&
	    one_of(x, a + 1, a + 3, "-. ()") && number_ends(f, x, a + 3, x->g[a + 3].sep))
		return phone(f, x, a, a + 3, PII_LIKELY, "north american plan");
	if (x->g[a].n == 1 && (d[0] == '0' || d[0] == '8') && d[1] >= '1' && number_form(x, a + 1, "3") &&
	    x->g[a + 1].sep == '(' && at(f, x->g[a + 1].end) == ')' && x->g[a + 1].start == x->g[a].end + 1) {
		int b = trunk_end(x, a + 1); /* 0(212) 645 21 67 */

		if (digits_of(x, a + 1, b) == 10 && number_ends(f, x, b, x->g[b].sep))
			return phone(f, x, a, b, PII_LIKELY, "trunk digit and area");
	}
	if (bracket && number_form(x, a, "37") && phone_nanp(d))
		return phone(f, x, a, a + 1, PII_LIKELY, "north american plan");
	if (bracket && x->g[a].n >= 2 && x->g[a].n <= 5 && a + 1 < x->n) {
		int b = trunk_end(x, a);

		if (digits_of(x, a, b) >= 6 && number_ends(f, x, b, x->g[b].sep))
			return phone(f, x, a, b, digits_of(x, a, b) >= 8 ? PII_LIKELY : PII_POSSIBLE,
			    "area in brackets");
	}
	if (number_form(x, a, "13322") && (d[0] == '8' || d[0] == '7') && one_of(x, a + 1, a + 4, "- ()") &&
	    number_ends(f, x, a + 4, x->g[a + 4].sep))
		return phone(f, x, a, a + 4, PII_LIKELY, "russian form");
	if (number_form(x, a, "344") && d[0] == '1' && d[1] >= '3' && one_of(x, a + 1, a + 2, "- ") &&
	    number_ends(f, x, a + 2, x->g[a + 2].sep))
		return phone(f, x, a, a + 2, PII_LIKELY, "chinese form");
	if (d[0] == '0' && d[1] >= '1' && x->g[a].n >= 2)
		return find_trunk(f, x, a);
	if (d[0] == '0' && d[1] == '8' && number_form(x, a, "1333") && one_of(x, a + 1, a + 3, " ") &&
	    number_ends(f, x, a + 3, ' '))
		return phone(f, x, a, a + 3, PII_LIKELY, "french service");
	if (d[0] == '0' && x->g[a].n == 1 && d[1] >= '1' && a + 1 < x->n &&
	    x->g[a + 1].n <= 5) { /* 0 30 / 90 18 20 */
		int b = trunk_end(x, a);

		if (digits_of(x, a, b) >= 8 && number_ends(f, x, b, x->g[b].sep))
			return phone(f, x, a, b, PII_POSSIBLE, "trunk 0");
	}
	return find_plain(f, x, a);
}
