/* Words of letters and digits: numbers with letters in them, and what is written without a space. */
#include "pii_check.h"
#include "pii_find.h"
#include "pii_money.h"
#include "pii_number.h"

#define WORD_MAX 40

/* The word in capitals, with a NUL behind it. */
static size_t
capitals(const struct find *f, size_t from, size_t to, char s[WORD_MAX + 1])
{
	size_t n = to - from;

	if (n > WORD_MAX)
		return 0;
	for (size_t i = 0; i < n; i++)
		s[i] = (char)capital(f->p[from + i]);
	s[n] = '\0';
	return n;
}

static bool
all_upper(const struct find *f, size_t from, size_t to)
{
	for (; from < to; from++)
		if (byte_is[f->p[from]] & IS_LOWER)
			return false;
	return true;
}

/* Letters (A) and digits (9), and anything (*). */
static bool
shaped(const char *s, const char *form)
{
	for (; *form; s++, form++)
		if (!(byte_is[(unsigned char)*s] & (*form == 'A'      ? IS_UPPER
						       : *form == '9' ? IS_DIGIT
								      : IS_ALNUM)))
			return false;
	return *s == '\0';
}

static bool
yes(struct find *f, enum pii_type t, size_t from, size_t to, enum pii_level level, const char *rule)
{
	if (!find_report(f, t, from, to, level, rule))
		return false;
	f->done = to > f->done ? to : f->done;
	return true;
}

/* What people write right behind an account without a space: a currency, or the next thing to be told. */
static bool
glued_word(const struct find *f, size_t i)
{
	static const struct word words[] = {WORD("eur"), WORD("usd"), WORD("gbp"), WORD("chf"), WORD("pln"),
	    WORD("sek"), WORD("nok"), WORD("dkk"), WORD("czk"), WORD("huf"), WORD("ron"), WORD("bgn"),
	    WORD("isk"), WORD("try"), WORD("uah"), WORD("ils"), WORD("aed"), WORD("sar"), WORD("brl"),
	    WORD("kzt")};

	return find_says(f, i, "bic") ||
	       (!is(f, i + 3, IS_WORD) && find_among(f, i, i + 3, words, sizeof words / sizeof *words));
}

/* Country, check digits and as many letters and digits as the country has, with single separators between
 * them. */
static bool
iban_at(struct find *f, size_t from, bool spaced)
{
	char s[40], country[2] = {(char)capital(at(f, from)), (char)capital(at(f, from + 1))};
	char first;
	size_t len, n = 0, i = from, gaps = 0;
	bool upper = is(f, from, IS_UPPER);

	if (!is(f, from + 2 + spaced, IS_DIGIT) || !is(f, from + 3 + spaced, IS_DIGIT) ||
	    !wanted(f, PII_IBAN_CODE))
		return false;
	len = iban_length(country, &first);
	if (!len || len > 34)
		return false;
	for (; n < len && i < f->len; i++) {
		unsigned char c = f->p[i];

		if (n == 4 && byte_is[c] & (first == 'n' ? IS_ALPHA : first == 'a' ? IS_DIGIT : 0))
			return false;
		if (byte_is[c] & IS_ALNUM)
			s[n++] = (char)capital(c);
		else if (n >= (spaced ? 2 : 4) &&
			 (c == ' ' || c == '-' || c == '.' || plus_is_space(f, from, i)) &&
			 is(f, i + 1, IS_ALNUM))
			gaps++;
		else
			break;
	}
	if (n < len || (!upper && gaps > 9) || (glued_behind(f, i) && !glued_word(f, i)))
		return false;
	if (!check_iban(s, n)) {
		if (upper && !spaced) /* mistyped: nothing else either */
			f->done = i;
		find_leave(f, PII_IBAN_CODE, from, i, "iban", "mod 97");
		return upper && !spaced;
	}
	return yes(f, PII_IBAN_CODE, from, i, PII_CERTAIN, "iban");
}

/* DE 89 3704 ...: the digits at i, two capitals before */
bool
find_iban_spaced(struct find *f, size_t i)
{
	return i >= 3 && f->p[i - 1] == ' ' && is(f, i - 2, IS_UPPER) && is(f, i - 3, IS_UPPER) &&
	       !glued_before(f, i - 3) && iban_at(f, i - 3, true);
}

/* 1EG4-TE5-MK73 */
static bool
mbi_at(struct find *f, size_t from)
{
	char s[12];
	size_t n = 0, i = from;

	for (; n < 11 && (is(f, i, IS_ALNUM) || ((n == 4 || n == 7) && at(f, i) == '-')); i++)
		if (f->p[i] != '-')
			s[n++] = (char)capital(f->p[i]);
	if (n < 11 || glued_behind(f, i) || !check_mbi(s))
		return false;
	return yes(f, PII_US_MBI, from, i, i - from > 11 ? PII_CERTAIN : PII_LIKELY, "mbi");
}

/* X-1234567L, X1234567-L: the word is the longer part. */
static bool
nie_at(struct find *f, size_t from, size_t to)
{
	char s[10];
	size_t n = 0;

	if (is(f, from, IS_DIGIT))
		from = from >= 2 && f->p[from - 1] == '-' ? from - 2 : from;
	else
		to = at(f, to) == '-' && is(f, to + 1, IS_ALPHA) ? to + 2 : to;
	for (size_t i = from; i < to && n < 9; i++)
		if (f->p[i] != '-')
			s[n++] = (char)capital(f->p[i]);
	s[n] = '\0';
	return n == 9 && !glued_before(f, from) && !glued_behind(f, to) && shaped(s, "A9999999A") &&
	       check_nie(s) && yes(f, PII_ES_NIE, from, to, PII_CERTAIN, "nie");
}

/* Seven digits and the letter that they have behind a nought. */
static bool
nif_short(struct find *f, const char *s, size_t from, size_t to)
{
	char whole[10] = "0";

	memcpy(whole + 1, s, 9);
	return check_nif(whole) && yes(f, PII_ES_NIF, from, to, PII_POSSIBLE, "nif");
}

/* By length and form. */
static bool
national(struct find *f, size_t from, size_t to, const char *s, size_t n)
{
	enum pii_level sure = all_upper(f, from, to) ? PII_CERTAIN : PII_LIKELY;
	enum pii_level form = all_upper(f, from, to) ? PII_LIKELY : PII_POSSIBLE;

	switch (n) {
	case 8:
		if (shaped(s, "9999999A") && nif_short(f, s, from, to)) /* 8082622P, an old one */
			return true;
		if (shaped(s, "9999999A") || shaped(s, "A9999999"))
			return nie_at(f, from, to);
		return shaped(s, "AA999999") && check_nino(s, 8) &&
		       yes(f, PII_UK_NINO, from, to, PII_POSSIBLE, "nino");
	case 9:
		if (shaped(s, "AA999999A"))
			return check_nino(s, 9) && yes(f, PII_UK_NINO, from, to, form, "nino");
		if (shaped(s, "99999999A"))
			return check_nif(s) && yes(f, PII_ES_NIF, from, to, sure, "nif");
		if (shaped(s, "A9999999A"))
			return (strchr("KLM", *s) &&
				   nif_short(f, s + 1, from, to)) || /* of children, of those abroad */
			       (check_nie(s) && yes(f, PII_ES_NIE, from, to, sure, "nie")) ||
			       (check_nric(s) && yes(f, PII_SG_NRIC_FIN, from, to, sure, "nric"));
		return false;
	case 10:
		return shaped(s, "AAAAA9999A") && check_pan(s) &&
		       yes(f, PII_IN_PAN, from, to, sure == PII_CERTAIN ? PII_CERTAIN : PII_POSSIBLE, "pan");
	case 11:
		if (!memcmp(s, "ES", 2) && shaped(s, "AA99999999A")) /* for the tax of other countries */
			return check_nif(s + 2) && yes(f, PII_ES_NIF, from, to, sure, "nif");
		return shaped(s, "999999A999*") && check_hetu(s) &&
		       yes(f, PII_FI_PERSONAL_IDENTITY_CODE, from, to, sure, "hetu");
	case 12:
		return shaped(s, "99999999A999") && check_de_social(s) &&
		       yes(f, PII_DE_SOCIAL_SECURITY, from, to, PII_CERTAIN, "versicherungsnummer");
	case 15:
		return check_nir(s, 15) && yes(f, PII_FR_NIR, from, to, PII_LIKELY, "nir");
	case 16:
		return check_fiscal_code(s) &&
		       yes(f, PII_IT_FISCAL_CODE, from, to, PII_CERTAIN, "codice fiscale");
	case 17:
		return check_vin(s) && yes(f, PII_VIN, from, to, PII_LIKELY, "vin");
	default:
		return false;
	}
}

/* RSS MRA 85T10 A562S */
static bool
fiscal_groups(struct find *f, size_t from)
{
	char s[17];
	size_t start = from, n = 0, i;

	if (from < 8 || f->p[from - 1] != ' ' || f->p[from - 5] != ' ' || !wanted(f, PII_IT_FISCAL_CODE))
		return false;
	start = from - 8;
	if (glued_before(f, start))
		return false;
	for (i = start; n < 16 && (is(f, i, IS_ALNUM) || at(f, i) == ' ') && i - start < 20; i++)
		if (f->p[i] != ' ')
			s[n++] = (char)capital(f->p[i]);
	s[n < 16 ? n : 16] = '\0';
	return n == 16 && !glued_behind(f, i) && check_fiscal_code(s) &&
	       yes(f, PII_IT_FISCAL_CODE, start, i, PII_CERTAIN, "codice fiscale");
}

/* Steps in Italy, and a passport in Finland: only right before it. */
static bool
passport_before(const struct find *f, size_t i)
{
	static const struct word names[] = {
	    WORD("passi"), WORD("passin numero"), WORD("passin nro"), WORD("passinumero"), WORD("passi nro")};

	return number_named(f, i, names, sizeof names / sizeof *names);
}

bool
find_word(struct find *f, size_t from, size_t to)
{
	char s[WORD_MAX + 1];
	size_t n = capitals(f, from, to, s), digits = 0;

	if (glued_before(f, from))
		return false;
	if (to - from >= 16 && find_token(f, from, to))
		return true;
	if (n == 0) /* longer than all but a secret */
		return find_named_secret(f, from);
	if (is(f, from, IS_ALPHA) && is(f, from + 1, IS_ALPHA) && is(f, from + 2, IS_DIGIT) &&
	    iban_at(f, from, false))
		return true;
	if (n > 8 && !memcmp(s, "IBAN", 4) && iban_at(f, from + 4, false))
		return true;
	if (national(f, from, to, s, n))
		return true;
	if (is(f, from, IS_DIGIT) && (n == 4 || n == 11) && wanted(f, PII_US_MBI) && mbi_at(f, from))
		return true;
	if (n == 5 && shaped(s, "99A99") && fiscal_groups(f, from))
		return true;
	if ((n == 6 || n == 17) && find_mac_word(f, from, to))
		return true;
	if (n == 12 && wanted(f, PII_MAC_ADDRESS) && find_past(f, from, IS_HEX, 13) == to &&
	    yes(f, PII_MAC_ADDRESS, from, to, PII_POSSIBLE, "bare mac"))
		return true;
	for (size_t i = 0; i < n; i++)
		digits += byte_is[(unsigned char)s[i]] & IS_DIGIT;
	if (digits < 4 && !all_upper(f, from, to)) /* sha256: a word */
		return find_named_secret(f, from);
	if (n >= 6 && n <= 9 && !nearer(f, PII_DRIVER_LICENSE, PII_PASSPORT, from, to) &&
	    yes(f, PII_PASSPORT, from, to, n >= 8 && passport_before(f, from) ? PII_CERTAIN : PII_POSSIBLE,
		"passport"))
		return true;
	if (n >= 6 && n <= 16 && yes(f, PII_DRIVER_LICENSE, from, to, PII_POSSIBLE, "driver's license"))
		return true;
	return find_named_secret(f, from);
}
