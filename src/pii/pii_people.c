/* Numbers of people: what states and their offices give them, by form and by how many digits. */
#include "pii_check.h"
#include "pii_number.h"

#define YES(t, level, rule) return number_take(f, x, a, b, PII_##t, PII_##level, rule)

/* 3-2-4: SSN and ITIN */
static int
find_324(struct find *f, const struct number *x, int a)
{
	const char *d = x->d + x->g[a].at;
	int b = a + 2;
	unsigned char sep = number_inside(x, a, b);

	if (!strchr("- ./", sep) || !sep || !number_whole(f, x, a, b))
		return 0;
	if (sep == '/') /* a date, or a part's number, unless a word says otherwise */
		return check_ssn(d) ? number_take(f, x, a, b, PII_US_SSN, PII_POSSIBLE, "ssn") : 0;
	if (check_itin(d))
		YES(US_ITIN, CERTAIN, "itin");
	if (!check_ssn(d)) {
		find_leave(f, PII_US_SSN, x->g[a].start, x->g[b].end, "ssn", "out of range");
		return 3; /* nor is it a telephone number */
	}
	if (ssn_is_sample(d))
		YES(US_SSN, POSSIBLE, "ssn, a published sample");
	if (sep == '-')
		YES(US_SSN, CERTAIN, "ssn");
	if (number_in_row(f, x, a, b))
		YES(US_SSN, POSSIBLE, "ssn");
	YES(US_SSN, LIKELY, "ssn");
}

/* 3-3-4 with spaces: NHS */
static int
find_334(struct find *f, const struct number *x, int a)
{
	const char *d = x->d + x->g[a].at;
	int b = a + 2;
	unsigned char sep = number_inside(x, a, b);

	if (!sep || !strchr(" -.", sep) || !check_nhs(d) || !number_whole(f, x, a, b) ||
	    !wanted(f, PII_UK_NHS))
		return 0;
	if (sep == '.' || number_in_row(f, x, a, b))
		YES(UK_NHS, POSSIBLE, "nhs");
	if (number_says(f, x, a, PII_PHONE_NUMBER, PII_UK_NHS))
		return 0;
	if (sep == '-' && d[0] >= '2' && d[3] >= '2' && !number_says(f, x, a, PII_UK_NHS, PII_PHONE_NUMBER))
		return 0;
	if (sep == ' ')
		YES(UK_NHS, CERTAIN, "nhs");
	YES(UK_NHS, LIKELY, "nhs");
}

/* Of several words, or with dots, and so no word for pii_words. */
static bool
citizen_before(const struct find *f, size_t i)
{
	static const struct word names[] = {
	    WORD("citizen service number"), WORD("citizen service no"), WORD("citizen service nr")};

	return number_named(f, i, names, sizeof names / sizeof *names);
}

static bool
tax_id_before(const struct find *f, size_t i)
{
	static const struct word names[] = {WORD("st.-id"), WORD("st-id"), WORD("st. id"), WORD("st.id"),
	    WORD("st.-id-nr"), WORD("st.-id.-nr"), WORD("st-id-nr")};

	return number_named(f, i, names, sizeof names / sizeof *names);
}

/* Nine digits, 3-3-3 or bare: Canada, Australia, the Netherlands; bare ones of the United States too. */
static int
nine(struct find *f, const struct number *x, int a, int b)
{
	const char *d = x->d + x->g[a].at;
	bool grouped = b > a, luhn = check_luhn(d, 9) && !check_dull(d, 9),
	     sin = luhn && d[0] != '0' && d[0] != '8';
	const struct context *c = find_context(f, x->g[a].start, x->g[b].end);
	enum pii_type best = PII_BUILT_IN;

	if (wanted(f, PII_NL_BSN) && check_bsn(d) && citizen_before(f, x->g[a].start))
		YES(NL_BSN, CERTAIN, "bsn");
#define TRY(t, holds)                                                                                \
	if (c->has >> (t)&1 && (best == PII_BUILT_IN || c->far[t] < c->far[best]) && wanted(f, t) && \
	    (holds))                                                                                 \
	best = t
	TRY(PII_CA_SIN, luhn);
	TRY(PII_AU_TFN, check_tfn(d, 9));
	TRY(PII_AU_ACN, check_acn(d));
	TRY(PII_NL_BSN, check_bsn(d));
	if (!grouped) {
		TRY(PII_US_SSN, check_ssn(d));
		TRY(PII_US_ITIN, check_itin(d));
		TRY(PII_ABA_ROUTING_NUMBER, check_aba(d));
	}
#undef TRY
	if (best != PII_BUILT_IN)
		return number_take(f, x, a, b, best, PII_LIKELY, "nine digits");
	if (sin && grouped && x->g[b].sep != '.' && !number_in_row(f, x, a, b) &&
	    !(c->has >> PII_PHONE_NUMBER & 1))
		YES(CA_SIN, LIKELY, "sin");
	if (sin && !grouped)
		number_take(f, x, a, b, PII_CA_SIN, PII_POSSIBLE, "sin");
	if (f->on[PII_AU_TFN] == PII_ON && check_tfn(d, 9))
		YES(AU_TFN, LIKELY, "tfn");
	if (f->on[PII_AU_ACN] == PII_ON && check_acn(d))
		YES(AU_ACN, LIKELY, "acn");
	if (f->on[PII_NL_BSN] == PII_ON && check_bsn(d))
		YES(NL_BSN, LIKELY, "bsn");
	if (!grouped && check_ssn(d))
		YES(US_SSN, POSSIBLE, "ssn");
	return 0;
}

/* A letter right behind the groups, with at most one of these separators before it; where it ends, else 0. */
static size_t
letter_behind(const struct find *f, size_t i, const char *seps)
{
	i += at(f, i) && strchr(seps, at(f, i));
	return is(f, i, IS_ALPHA) && !glued_behind(f, i + 1) ? i + 1 : 0;
}

/* 12345678Z, 12.345.678-Z: NIF; with X, Y or Z in front NIE. */
static int
find_nif(struct find *f, const struct number *x, int a, int b)
{
	size_t n = digits_of(x, a, b), start = x->g[a].start, end = letter_behind(f, x->g[b].end, "- ");
	char s[10];

	if (!end || glued_before(f, start))
		return 0;
	memcpy(s + 1, x->d + x->g[a].at, n);
	s[n + 1] = (char)capital(f->p[end - 1]);
	if (n == 8 && check_nif(s + 1) &&
	    find_report(f, PII_ES_NIF, start, end,
		is(f, end - 1, IS_UPPER) && at(f, x->g[b].end) != ' ' ? PII_CERTAIN : PII_LIKELY, "nif"))
		goto taken;
	if (n != 7 || start < 2 || !strchr("- ", f->p[start - 1]) || !strchr("XYZxyz", f->p[start - 2]) ||
	    glued_before(f, start - 2))
		return 0;
	s[0] = (char)capital(f->p[start - 2]);
	if (!check_nie(s) || !find_report(f, PII_ES_NIE, start - 2, end, PII_CERTAIN, "nie"))
		return 0;
taken:
	f->done = end;
	return b - a + 1;
}

/* AB 12 34 56 C: two letters before, one behind. */
int
find_nino(struct find *f, const struct number *x, int a, int b)
{
	size_t start = x->g[a].start, end = letter_behind(f, x->g[b].end, "- ");
	char s[10];

	if (start < 3 || !strchr(" -", f->p[start - 1]) || !is(f, start - 2, IS_ALPHA) ||
	    !is(f, start - 3, IS_ALPHA) || glued_before(f, start - 3))
		return 0;
	s[0] = (char)capital(f->p[start - 3]);
	s[1] = (char)capital(f->p[start - 2]);
	memcpy(s + 2, x->d + x->g[a].at, 6);
	s[8] = end ? (char)capital(f->p[end - 1]) : 0;
	if (end && check_nino(s, 9)) {
		enum pii_level level =
		    is(f, start - 3, IS_UPPER) && is(f, end - 1, IS_UPPER) ? PII_CERTAIN : PII_POSSIBLE;

		if (!find_report(f, PII_UK_NINO, start - 3, end, level, "nino"))
			return 0;
		f->done = end;
		return b - a + 1;
	}
	if (!glued_behind(f, x->g[b].end) && check_nino(s, 8) && is(f, start - 3, IS_UPPER) &&
	    find_report(f, PII_UK_NINO, start - 3, x->g[b].end, PII_POSSIBLE, "nino"))
		return b - a + 1;
	return 0;
}

/* 131052-308T */
static int
find_hetu(struct find *f, const struct number *x, int a)
{
	size_t start = x->g[a].start, i;
	char s[11];

	if (x->g[a].n != 6 || !wanted(f, PII_FI_PERSONAL_IDENTITY_CODE) || glued_before(f, start))
		return 0;
	for (i = 0; i < 11 && at(f, start + i); i++)
		s[i] = (char)capital(f->p[start + i]);
	if (i < 11 || glued_behind(f, start + 11) || !check_hetu(s) ||
	    !find_report(f, PII_FI_PERSONAL_IDENTITY_CODE, start, start + 11, PII_CERTAIN, "hetu"))
		return 0;
	f->done = start + 11;
	return x->n > a + 1 && x->g[a + 1].sep == '-' ? 2 : 1;
}

/* 400202+8563: a personnummer of someone over a hundred */
static int
find_centenarian(struct find *f, const struct number *x, int a)
{
	size_t start = x->g[a].start, end = x->g[a].end;
	char s[11];

	if (at(f, end) != '+' || find_past(f, end + 1, IS_WORD, 5) != end + 5 ||
	    find_past(f, end + 1, IS_DIGIT, 5) != end + 5 || glued_before(f, start))
		return 0;
	memcpy(s, f->p + start, 6);
	memcpy(s + 6, f->p + end + 1, 4);
	s[10] = '\0';
	if (!check_personnummer(s, 10) ||
	    !find_report(f, PII_SE_PERSONNUMMER, start, end + 5, PII_LIKELY, "personnummer"))
		return 0;
	f->done = end + 5;
	return 1;
}

/* 65 170839 J 003 */
static int
find_social_de(struct find *f, const struct number *x, int a)
{
	size_t start = x->g[a].start, i = x->g[a + 1].end;
	char s[12];

	i += at(f, i) == ' ';
	if (!is(f, i, IS_ALPHA) || !wanted(f, PII_DE_SOCIAL_SECURITY))
		return 0;
	memcpy(s, x->d + x->g[a].at, 8);
	s[8] = (char)capital(f->p[i++]);
	i += at(f, i) == ' ';
	if (find_past(f, i, IS_DIGIT, 4) - i != 3 || is(f, i + 3, IS_WORD))
		return 0;
	memcpy(s + 9, f->p + i, 3);
	if (!check_de_social(s) ||
	    !find_report(f, PII_DE_SOCIAL_SECURITY, start, i + 3, PII_CERTAIN, "versicherungsnummer"))
		return 0;
	f->done = i + 3;
	return 2;
}

/* ---- by how many digits ---- */

/* Does the row of fours go on at group b? A date behind it does not: 2024-05-01. */
static bool
fours(const struct number *x, int b, unsigned char sep)
{
	return b < x->n && x->g[b].n == 4 && x->g[b].sep == sep && !(b + 1 < x->n && x->g[b + 1].sep != sep);
}

/* Two or more groups in the forms that numbers of people are written in. */
int
find_grouped(struct find *f, const struct number *x, int a)
{
	const char *d = x->d + x->g[a].at;
	unsigned char sep = a + 1 < x->n ? x->g[a + 1].sep : 0;
	int b, n = 0;

	if (number_form(x, a, "324"))
		return find_324(f, x, a);
	if (number_form(x, a, "334"))
		return find_334(f, x, a);
	if (number_form(x, a, "444") && !fours(x, a + 3, sep) && !(a > 0 && x->g[a - 1].n == 4)) {
		b = a + 2;
		if (number_whole(f, x, a, b) && number_inside(x, a, b) != '*' && check_aadhaar(d))
			YES(IN_AADHAAR, CERTAIN, "aadhaar");
	}
	if (number_form(x, a, "2333") && number_whole(f, x, a, b = a + 3)) {
		if (sep == ' ' && check_abn(d))
			YES(AU_ABN, CERTAIN, "abn");
		if (sep == ' ' && check_de_tax(d) && tax_id_before(f, x->g[a].start))
			YES(DE_TAX_ID, CERTAIN, "tax id");
		if (sep == ' ' && check_de_tax(d))
			YES(DE_TAX_ID, LIKELY, "tax id");
	}
	if (number_form(x, a, "451") && number_whole(f, x, a, b = a + 2) && check_medicare(d, 10))
		YES(AU_MEDICARE, CERTAIN, "medicare");
	if (number_form(x, a, "3332") && x->g[a + 3].sep == '-' && x->g[a + 2].sep == sep && check_cpf(d)) {
		b = a + 3;
		if (sep == '.')
			YES(BR_CPF, CERTAIN, "cpf");
		YES(BR_CPF, POSSIBLE, "cpf");
	}
	if (number_form(x, a, "23342") && sep == '.' && x->g[a + 3].sep == '/' && check_cnpj(d)) {
		b = a + 4;
		YES(BR_CNPJ, CERTAIN, "cnpj");
	}
	if (number_form(x, a, "1222332") || number_form(x, a, "122233")) {
		b = number_form(x, a, "1222332") ? a + 6 : a + 5;
		if (digits_of(x, a, b) == 15 && check_nir(d, 15))
			YES(FR_NIR, CERTAIN, "nir");
	}
	if (sep == '-' && number_form(x, a, "64") && number_whole(f, x, a, b = a + 1) &&
	    check_personnummer(d, 10))
		YES(SE_PERSONNUMMER, CERTAIN, "personnummer");
	if (sep == '-' && number_form(x, a, "84") && number_whole(f, x, a, b = a + 1) &&
	    check_personnummer(d, 12))
		YES(SE_PERSONNUMMER, CERTAIN, "personnummer");
	if (sep == '-' && number_form(x, a, "67") && number_whole(f, x, a, b = a + 1) && check_rrn(d))
		YES(KR_RRN, CERTAIN, "rrn");
	if (number_form(x, a, "333") && number_whole(f, x, a, a + 2) && sep && strchr(" -.", sep) &&
	    number_inside(x, a, a + 2) == sep)
		n = nine(f, x, a, a + 2);
	if (!n && number_form(x, a, "233") && sep == '.')
		n = find_nif(f, x, a, a + 2);
	if (number_form(x, a, "423") && sep == '.' && number_whole(f, x, a, b = a + 2) && check_bsn(d))
		YES(NL_BSN, POSSIBLE, "bsn");
	/* of Russia: its series, then its number */
	if (sep == ' ' && (number_form(x, a, "46") || number_form(x, a, "226")) &&
	    number_whole(f, x, a, b = number_form(x, a, "46") ? a + 1 : a + 2))
		YES(PASSPORT, POSSIBLE, "passport");
	if (!n && number_form(x, a, "26"))
		n = find_social_de(f, x, a);
	return n;
}

/* One group. */
int
find_bare(struct find *f, const struct number *x, int a)
{
	const char *d = x->d + x->g[a].at;
	size_t n = x->g[a].n;
	int b = a, got = 0;

	if (n == 6 && (got = find_hetu(f, x, a)))
		return got;
	if (n == 6 && (got = find_centenarian(f, x, a)))
		return got;
	if (n == 6 && (got = find_nino(f, x, a, a)))
		return got;
	if ((n == 8 || n == 7) && (got = find_nif(f, x, a, a)))
		return got;
	if (n < 8 || n > 15 || !number_whole(f, x, a, a) || check_dull(d, n))
		return 0;
#define TRY(t, level, holds, rule)                                       \
	if (f->on[PII_##t] != PII_OFF && (holds) &&                      \
	    (got = number_take(f, x, a, b, PII_##t, PII_##level, rule))) \
	return got
	switch (n) {
	case 9:
		return nine(f, x, a, a);
	case 10:
		TRY(UK_NHS, POSSIBLE, check_nhs(d), "nhs");
		TRY(AU_MEDICARE, POSSIBLE, check_medicare(d, 10), "medicare");
		TRY(US_NPI, POSSIBLE, check_npi(d), "npi");
		TRY(SE_PERSONNUMMER, POSSIBLE, check_personnummer(d, 10), "personnummer");
		break;
	case 11:
		TRY(PL_PESEL, LIKELY, check_pesel(d), "pesel");
		TRY(AU_ABN, LIKELY, check_abn(d), "abn");
		TRY(DE_TAX_ID, CERTAIN, check_de_tax(d) && tax_id_before(f, x->g[a].start), "tax id");
		TRY(DE_TAX_ID, LIKELY, check_de_tax(d), "tax id");
		TRY(TR_NATIONAL_ID, LIKELY, check_tckn(d), "kimlik");
		TRY(BR_CPF, LIKELY, check_cpf(d), "cpf");
		TRY(AU_MEDICARE, POSSIBLE, check_medicare(d, 11), "medicare");
		break;
	case 12:
		/* gated: one digit to check, every tenth number of an order passes */
		TRY(IN_AADHAAR, LIKELY, check_aadhaar(d), "aadhaar");
		TRY(SE_PERSONNUMMER, LIKELY, check_personnummer(d, 12), "personnummer");
		break;
	case 13:
		TRY(ZA_ID, LIKELY, check_za_id(d), "za id");
		TRY(KR_RRN, LIKELY, check_rrn(d), "rrn");
		break;
	case 14:
		TRY(BR_CNPJ, LIKELY, check_cnpj(d), "cnpj");
		break;
	case 15:
		TRY(FR_NIR, LIKELY, check_nir(d, 15), "nir");
		TRY(IMEI, LIKELY, check_luhn(d, 15), "imei");
		break;
	default:
		break;
	}
#undef TRY
	return 0;
}
