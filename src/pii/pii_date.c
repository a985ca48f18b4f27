/* Dates: of birth where a word says so, and others where they are asked for. */
#include "pii_check.h"
#include "pii_number.h"

#define BIRTH_FAR 30  /* bytes between the word and the date */
#define BUDDHIST  543 /* years that the calendar of Thailand is ahead */
#define COUNT(a)  (sizeof(a) / sizeof *(a))

static int
value(const struct number *x, int g)
{
	int v = 0;

	for (int k = 0; k < x->g[g].n && k < 9; k++)
		v = 10 * v + x->d[x->g[g].at + k] - '0';
	return v;
}

static bool
good_year(int y, int digits)
{
	return digits == 2 ||
	       (digits == 4 && ((y >= 1890 && y <= 2099) || (y >= 1890 + BUDDHIST && y <= 2099 + BUDDHIST)));
}

static int
full_year(int y, int digits)
{
	return digits == 2 ? 2000 + y : y > 2099 ? y - BUDDHIST : y;
}

/* How months begin in many languages; by their first byte, longer ones first. */
static const struct month {
	const char *text;
	uint8_t len, month;
} months[] = {{"abr", 3, 4}, {"ago", 3, 8}, {"aou", 3, 8}, {"aoû", 4, 8}, {"apr", 3, 4}, {"ara", 3, 12},
    {"aug", 3, 8}, {"avr", 3, 4}, {"ağu", 4, 8}, {"bře", 4, 3}, {"cze", 3, 6}, {"dec", 3, 12}, {"dez", 3, 12},
    {"dic", 3, 12}, {"dub", 3, 4}, {"déc", 4, 12}, {"ekim", 4, 10}, {"elo", 3, 8}, {"ene", 3, 1},
    {"eyl", 3, 9}, {"feb", 3, 2}, {"fev", 3, 2}, {"fév", 4, 2}, {"gen", 3, 1}, {"giu", 3, 6}, {"gru", 3, 12},
    {"haz", 3, 6}, {"hei", 3, 7}, {"hel", 3, 2}, {"huh", 3, 4}, {"ian", 3, 1}, {"iul", 3, 7}, {"iun", 3, 6},
    {"jan", 3, 1}, {"jou", 3, 12}, {"juil", 4, 7}, {"juin", 4, 6}, {"jul", 3, 7}, {"jun", 3, 6},
    {"júl", 4, 7}, {"jún", 4, 6}, {"kas", 3, 11}, {"kes", 3, 6}, {"kvě", 4, 5}, {"kwi", 3, 4}, {"led", 3, 1},
    {"lip", 3, 7}, {"lis", 3, 11}, {"lok", 3, 10}, {"lug", 3, 7}, {"lut", 3, 2}, {"maa", 3, 3}, {"mag", 3, 5},
    {"mai", 3, 5}, {"maj", 3, 5}, {"mar", 3, 3}, {"may", 3, 5}, {"mei", 3, 5}, {"mrt", 3, 3}, {"máj", 4, 5},
    {"már", 4, 3}, {"mär", 4, 3}, {"nis", 3, 4}, {"noi", 3, 11}, {"nov", 3, 11}, {"oca", 3, 1},
    {"oct", 3, 10}, {"okt", 3, 10}, {"ott", 3, 10}, {"out", 3, 10}, {"paź", 4, 10}, {"pro", 3, 12},
    {"sep", 3, 9}, {"set", 3, 9}, {"sie", 3, 8}, {"srp", 3, 8}, {"sty", 3, 1}, {"syy", 3, 9}, {"sze", 3, 9},
    {"tam", 3, 1}, {"tem", 3, 7}, {"tou", 3, 5}, {"wrz", 3, 9}, {"zář", 5, 9}, {"ápr", 4, 4}, {"únor", 5, 2},
    {"čer", 4, 6}, {"říj", 5, 10}, {"şub", 4, 2}, {"Απρ", 6, 4}, {"Αυγ", 6, 8}, {"Δεκ", 6, 12}, {"Ιαν", 6, 1},
    {"Ιουλ", 8, 7}, {"Ιουν", 8, 6}, {"Μαΐ", 6, 5}, {"Μαρ", 6, 3}, {"Μαϊ", 6, 5}, {"Νοε", 6, 11},
    {"Οκτ", 6, 10}, {"Σεπ", 6, 9}, {"Φεβ", 6, 2}, {"авг", 6, 8}, {"апр", 6, 4}, {"бер", 6, 3}, {"вер", 6, 9},
    {"гру", 6, 12}, {"дек", 6, 12}, {"жов", 6, 10}, {"июл", 6, 7}, {"июн", 6, 6}, {"кві", 6, 4},
    {"лип", 6, 7}, {"лис", 6, 11}, {"лют", 6, 2}, {"май", 6, 5}, {"мар", 6, 3}, {"мая", 6, 5}, {"ноя", 6, 11},
    {"окт", 6, 10}, {"сен", 6, 9}, {"сер", 6, 8}, {"січ", 6, 1}, {"тра", 6, 5}, {"фев", 6, 2}, {"чер", 6, 6},
    {"янв", 6, 1}, {"أبر", 6, 4}, {"أغس", 6, 8}, {"أكت", 6, 10}, {"ابر", 6, 4}, {"اغس", 6, 8}, {"اكت", 6, 10},
    {"ديس", 6, 12}, {"سبت", 6, 9}, {"فبر", 6, 2}, {"مارس", 8, 3}, {"ماي", 6, 5}, {"نوف", 6, 11},
    {"ينا", 6, 1}, {"يول", 6, 7}, {"يون", 6, 6}, {"अक्", 9, 10}, {"अगस्", 12, 8}, {"अप्रै", 15, 4}, {"जन", 6, 1},
    {"जुला", 12, 7}, {"जून", 9, 6}, {"दिसं", 12, 12}, {"नवं", 9, 11}, {"फर", 6, 2}, {"मई", 6, 5}, {"मार्च", 15, 3},
    {"सितं", 12, 9}};

void
months_put(uint64_t set[PAIR_WORDS])
{
	for (size_t k = 0; k < COUNT(months); k++)
		pair_put(set, (unsigned char)months[k].text[0], (unsigned char)months[k].text[1]);
}

/* The number of the month whose name begins at i; 0: none. */
static int
month_at(const struct find *f, size_t i)
{
	unsigned char first = small(at(f, i)), second = small(at(f, i + 1));
	size_t from = 0, to = COUNT(months);

	if (!pair_in(f->names->months, first, second))
		return 0;
	while (from < to) { /* the first entry that begins so */
		size_t mid = (from + to) / 2;

		if ((unsigned char)*months[mid].text < first)
			from = mid + 1;
		else
			to = mid;
	}
	for (; from < COUNT(months) && (unsigned char)*months[from].text == first; from++)
		if ((unsigned char)months[from].text[1] == second && find_says(f, i, months[from].text))
			return months[from].month;
	return 0;
}

static size_t
letters_end(const struct find *f, size_t i)
{
	size_t start = i;

	while (i < f->len && i - start < 30 && (byte_is[f->p[i]] & IS_ALPHA || f->p[i] >= 0x80))
		i++;
	return i;
}

/* " of ", " de ", " del ": small words between the parts of a date. */
static size_t
skip_link(const struct find *f, size_t i)
{
	static const char *const links[] = {"of ", "de ", "del ", "di "};

	if (small(at(f, i)) != 'o' && small(at(f, i)) != 'd')
		return i;
	for (size_t k = 0; k < COUNT(links); k++)
		if (find_says(f, i, links[k]))
			return i + strlen(links[k]);
	return i;
}

static size_t
year_end(const struct find *f, size_t i)
{
	size_t end = find_past(f, i, IS_DIGIT, 5), n = end - i;

	return ((n == 4 && (f->p[i] == '1' || f->p[i] == '2')) || n == 2) && !is(f, end, IS_WORD) ? end : 0;
}

/* Behind 1st, 2nd, 3rd, 4th, 1er, 1°; i: behind the digits, and so the result where nothing is. */
static size_t
ordinal_end(const struct find *f, size_t i)
{
	static const char *const signs[] = {"st", "nd", "rd", "th", "er", "\xc2\xb0", "\xc2\xba"};

	if (!is(f, i, IS_ALPHA) && at(f, i) != 0xc2)
		return i;
	for (size_t k = 0; k < COUNT(signs); k++)
		if (find_says(f, i, signs[k]))
			return i + 2;
	return i;
}

/* "12 March 1985", "12. März 1985", "3rd of May, 1990", "12 de marzo de 1985"; i: behind the day */
static size_t
month_then_year(const struct find *f, size_t i)
{
	size_t end;

	if (at(f, ordinal_end(f, i)) == ' ')
		i = ordinal_end(f, i);
	i += at(f, i) == '.';
	i += at(f, i) == ' ' || at(f, i) == '-' || at(f, i) == '/';
	i = skip_link(f, i);
	if (!month_at(f, i))
		return 0;
	end = letters_end(f, i);
	if (end - i > 27)
		return 0;
	end += at(f, end) == '.' || at(f, end) == ',';
	end += at(f, end) == ' ' || at(f, end) == '-' || at(f, end) == '/';
	return year_end(f, skip_link(f, end));
}

/* "March 12, 1985": where it begins; i: of the day. SIZE_MAX: nowhere. */
static size_t
month_before(const struct find *f, size_t i)
{
	size_t start;

	if (i < 4 || f->p[i - 1] != ' ')
		return SIZE_MAX;
	i--;
	i -= f->p[i - 1] == '.';
	for (start = i;
	     start > 0 && i - start < 16 && (byte_is[f->p[start - 1]] & IS_ALPHA || f->p[start - 1] >= 0x80);)
		start--;
	return i - start >= 3 && month_at(f, start) ? start : SIZE_MAX;
}

static size_t
then_year(const struct find *f, size_t i)
{
	i = ordinal_end(f, i);
	i += at(f, i) == ',';
	i += at(f, i) == ' ';
	return year_end(f, i);
}

/* 1985年3月12日, 1985년 3월 12일 */
static size_t
signs_end(const struct find *f, size_t i)
{
	static const char *const signs[][3] = {{"\xe5\xb9\xb4", "\xe6\x9c\x88", "\xe6\x97\xa5"},
	    {"\xeb\x85\x84", "\xec\x9b\x94", "\xec\x9d\xbc"}};
	const char *const *row = signs[at(f, i) == 0xeb];

	for (int k = 0; k < 3; k++) {
		if (!find_says(f, i, row[k]))
			return 0;
		i += 3;
		if (k < 2) {
			size_t start = i + (at(f, i) == ' ');

			i = find_past(f, start, IS_DIGIT, 2);
			if (i == start)
				return 0;
		}
	}
	return i;
}

/* The years of an emperor or a republic are few: 昭和63年, 民國79年. */
static bool
era_before(const struct find *f, size_t i)
{
	static const struct word eras[] = {
	    WORD("明治"), WORD("大正"), WORD("昭和"), WORD("平成"), WORD("令和"), WORD("民國"), WORD("民国")};

	return i >= 6 && f->p[i - 1] >= 0x80 && find_among(f, i - 6, i, eras, COUNT(eras));
}

/* "1984-May-12", "1990. május 12"; i: behind the year */
static size_t
then_month_and_day(const struct find *f, size_t i)
{
	size_t end;

	i += at(f, i) == '.';
	i += at(f, i) == ' ' || at(f, i) == '-' || at(f, i) == '/';
	if (!month_at(f, i))
		return 0;
	i = letters_end(f, i);
	i += at(f, i) == ' ' || at(f, i) == '-' || at(f, i) == '/';
	end = find_past(f, i, IS_DIGIT, 3);
	return end > i && end - i <= 2 && !is(f, end, IS_WORD) ? end : 0;
}

/* "12. 3. 1985", "1985. 3. 12": with a space behind each dot; i: of the first number. */
static size_t
spaced_end(const struct find *f, size_t i)
{
	int v[3];
	size_t n[3];

	for (int k = 0; k < 3; k++) {
		size_t end = find_past(f, i, IS_DIGIT, 5);

		n[k] = end - i;
		if (n[k] == 0 || n[k] == 3 || n[k] > 4)
			return 0;
		for (v[k] = 0; i < end; i++)
			v[k] = 10 * v[k] + f->p[i] - '0';
		if (k < 2 && (at(f, i) != '.' || at(f, i + 1) != ' '))
			return 0;
		i += k < 2 ? 2 : 0;
	}
	if (is(f, i, IS_WORD) || n[1] > 2 || (n[0] == 4) == (n[2] == 4))
		return 0;
	if (n[0] == 4)
		return good_year(v[0], 4) && check_date(v[0], v[1], v[2]) ? i : 0;
	return good_year(v[2], 4) && check_date(v[2], v[1], v[0]) ? i : 0;
}

/* Groups a to a + 2 as a date of the calendar, with the same separator between them. */
static bool
three_numbers(const struct number *x, int a)
{
	int p, q, r;

	if (a + 2 >= x->n || x->g[a + 1].sep != x->g[a + 2].sep || !strchr("-./", x->g[a + 1].sep))
		return false;
	p = value(x, a);
	q = value(x, a + 1);
	r = value(x, a + 2);
	if (x->g[a].n == 4)
		return good_year(p, 4) && x->g[a + 1].n <= 2 && x->g[a + 2].n <= 2 && check_date(p, q, r);
	if (x->g[a].n > 2 || x->g[a + 1].n > 2 || !good_year(r, x->g[a + 2].n))
		return false;
	r = full_year(r, x->g[a + 2].n);
	return check_date(r, q, p) || check_date(r, p, q);
}

/* The time behind a date, for DATE_TIME: T08:00:00.000Z. */
static size_t
time_end(const struct find *f, size_t i)
{
	size_t start = i, end;

	if ((at(f, i) != 'T' && at(f, i) != ' ') || !is(f, i + 1, IS_DIGIT))
		return start;
	end = find_past(f, i + 1, IS_DIGIT, 2);
	if (at(f, end) != ':' || !is(f, end + 1, IS_DIGIT))
		return start;
	while (end < f->len && end - start < 32 &&
	       (byte_is[f->p[end]] & IS_DIGIT || f->p[end] == ':' ||
		   (f->p[end] == '.' && is(f, end + 1, IS_DIGIT))))
		end++;
	if (at(f, end) == 'Z')
		return end + 1;
	if ((at(f, end) == '+' || at(f, end) == '-') && is(f, end + 1, IS_DIGIT))
		end = find_past(f, end + 1, IS_DIGIT, 4);
	return end;
}

/* What names a birth only right before the date, or has dots and dashes and so is no word for pii_words. */
static bool
says_dob(const struct find *f, size_t i)
{
	static const struct word names[] = {WORD("d.o.b"), WORD("d o b"), WORD("г.р"), WORD("д.р"),
	    WORD("д. р"), WORD("Д.Р"), WORD("Г.Р"), WORD("ddn"), WORD("nasc"), WORD("d. tarihi"),
	    WORD("d.tarihi"), WORD("dtarihi"), WORD("b-day"), WORD("b-date")};
	size_t from;

	for (int k = 0; k < 4 && i > 0 && f->p[i - 1] && strchr(" :.=", f->p[i - 1]); k++)
		i--;
	for (size_t k = 0; k < COUNT(names); k++) {
		if (i < names[k].len || small(f->p[i - 1]) != (unsigned char)names[k].text[names[k].len - 1])
			continue;
		from = i - names[k].len;
		if (find_among(f, from, i, &names[k], 1) && !after(f, from, IS_WORD) &&
		    !(names[k].text[0] & 0x80 && from > 0 && f->p[from - 1] >= 0x80))
			return true;
	}
	if (i < 2 || f->p[i] != '.' || (f->p[i - 1] != 'b' && f->p[i - 1] != 'f'))
		return false;
	for (i--; i > 0 && f->p[i - 1] == ' '; i--)
		;
	/* not the second of a list: a. b. */
	return i > 0 && (f->p[i - 1] == '(' || (i >= 5 && find_says(f, i - 5, "male,")));
}

/* What else a date may be of, though someone's birth is spoken of before it. */
static bool
other_matter(const struct find *f, size_t from, size_t to)
{
	static const struct word others[] = {WORD("founded"), WORD("established"), WORD("incorporated"),
	    WORD("released"), WORD("launched"), WORD("gegründet"), WORD("fondée"), WORD("fundada"),
	    WORD("fondata")};

	return find_among(f, from, to, others, COUNT(others));
}

/* Does "born", which ends at i, speak of a thing: born-digital, born of an idea, born out of a vote? */
static bool
born_as(const struct find *f, size_t i)
{
	static const struct word goes_on[] = {WORD("on"), WORD("date"), WORD("day")};

	if (i < 4 || !find_says(f, i - 4, "born"))
		return false;
	if (find_says(f, i, " of ") || find_says(f, i, " out of "))
		return true;
	return at(f, i) == '-' && is(f, i + 1, IS_ALPHA) &&
	       !find_among(f, i + 1, letters_end(f, i + 1), goes_on, COUNT(goes_on));
}

/* Does the date at start belong to the word far bytes before it? Not where something else is said to have a
 * date. */
static bool
birth_belongs(const struct find *f, size_t start, size_t far)
{
	size_t i = far < start ? start - far : start, end;

	if (born_as(f, i))
		return false;
	for (; i<start; i = end> i ? end : i + 1) {
		end = letters_end(f, i);
		if (end > i && end <= start && other_matter(f, i, end))
			return false;
	}
	return true;
}

static void
take_date(struct find *f, size_t start, size_t end)
{
	const struct context *c;
	size_t phrase = f->phrase_start;

	if (wanted(f, PII_DATE_OF_BIRTH)) {
		f->phrase_start = SIZE_MAX; /* a date may end behind the digits: 1985年3月12日生まれ */
		c = find_context(f, start, end);
		f->phrase_start = phrase;
		if ((c->has >> PII_DATE_OF_BIRTH & 1 && c->far[PII_DATE_OF_BIRTH] <= BIRTH_FAR &&
			birth_belongs(f, start, c->far[PII_DATE_OF_BIRTH])) ||
		    says_dob(f, start) || find_says(f, end, "\xe7\x94\x9f") || /* 1990年5月4日生 */
		    find_says(f, end + (at(f, end) == ' '), "г.р") ||
		    find_says(f, end + (at(f, end) == ' '), "д.р")) {
			struct pii_span *s;

			if (find_report(f, PII_DATE_OF_BIRTH, start, end, PII_CERTAIN, "date") &&
			    f->explain) {
				s = &f->spans[f->n - 1];
				s->why = "a word for it";
				memcpy(s->word, c->word[PII_DATE_OF_BIRTH], sizeof c->word[0]);
			}
			return;
		}
		find_leave(f, PII_DATE_OF_BIRTH, start, end, "date", "no word for it");
	}
	if (f->on[PII_DATE_TIME] == PII_ON)
		find_report(f, PII_DATE_TIME, start, time_end(f, end), PII_CERTAIN, "date");
}

/* A date at group a, taken or not: how many groups it has, and where it ends. */
int
find_date(struct find *f, const struct number *x, int a, size_t *end)
{
	const struct group *g = &x->g[a];
	size_t start = g->start, stop = 0;
	int n = 1, v = value(x, a);

	if (three_numbers(x, a) && number_begins(f, x, a, x->g[a + 1].sep) &&
	    (number_ends(f, x, a + 2, x->g[a + 1].sep) ||
		(at(f, x->g[a + 2].end) == 'T' && is(f, x->g[a + 2].end + 1, IS_DIGIT)))) {
		stop = x->g[a + 2].end;
		n = 3;
	} else if (at(f, g->end) == '.' && at(f, g->end + 1) == ' ' && spaced_end(f, start)) {
		stop = spaced_end(f, start);
	} else if (g->n <= 3 && era_before(f, start) && signs_end(f, g->end)) {
		stop = signs_end(f, g->end);
		start -= 6;
	} else if (g->n <= 2 && v >= 1 && v <= 31) {
		stop = month_then_year(f, g->end);
		if (!stop) {
			start = month_before(f, g->start);
			stop = start == SIZE_MAX ? 0 : then_year(f, g->end);
		}
	} else if (g->n == 4 && good_year(v, 4)) {
		stop = signs_end(f, g->end);
		stop = stop ? stop : then_month_and_day(f, g->end);
	} else if (g->n == 8 && number_begins(f, x, a, '-') && number_ends(f, x, a, '-')) {
		const char *d = x->d + g->at;
		int y = (d[0] - '0') * 1000 + (d[1] - '0') * 100 + (d[2] - '0') * 10 + d[3] - '0';
		int m = (d[4] - '0') * 10 + d[5] - '0', day = (d[6] - '0') * 10 + d[7] - '0';

		if (!good_year(y, 4) || !check_date(y, m, day)) { /* 02041990, the day or the month first */
			y = (d[4] - '0') * 1000 + (d[5] - '0') * 100 + (d[6] - '0') * 10 + d[7] - '0';
			day = (d[0] - '0') * 10 + d[1] - '0';
			m = (d[2] - '0') * 10 + d[3] - '0';
		}
		if (good_year(y, 4) && (check_date(y, m, day) || check_date(y, day, m))) {
			const struct context *c = find_context(f, start, g->end);

			if (c->has >> PII_DATE_OF_BIRTH & 1)
				stop = g->end;
		}
	}
	if (!stop)
		return 0;
	*end = stop;
	take_date(f, start, stop);
	for (; n < x->n - a && x->g[a + n].start < stop;)
		n++;
	return n;
}
