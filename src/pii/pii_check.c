#include "pii_check.h"

#include "pii_digits.h"

#include <math.h>
#include <string.h>

#define COUNT(a) (sizeof(a) / sizeof *(a))

/* The sum of digit times weight. */
static int
weighted(const char *d, const unsigned char *weights, size_t n)
{
	int sum = 0;

	for (size_t i = 0; i < n; i++)
		sum += digit(d[i]) * weights[i];
	return sum;
}

bool
check_luhn(const char *d, size_t n)
{
	static const unsigned char twice[] = {0, 2, 4, 6, 8, 1, 3, 5, 7, 9};
	int sum = 0;

	for (size_t i = 0; i < n; i++) {
		int v = digit(d[n - 1 - i]);

		sum += i % 2 ? twice[v] : v;
	}
	return sum % 10 == 0;
}

bool
check_verhoeff(const char *d, size_t n)
{
	static const unsigned char mul[10][10] = {{0, 1, 2, 3, 4, 5, 6, 7, 8, 9},
	    {1, 2, 3, 4, 0, 6, 7, 8, 9, 5}, {2, 3, 4, 0, 1, 7, 8, 9, 5, 6}, {3, 4, 0, 1, 2, 8, 9, 5, 6, 7},
	    {4, 0, 1, 2, 3, 9, 5, 6, 7, 8}, {5, 9, 8, 7, 6, 0, 4, 3, 2, 1}, {6, 5, 9, 8, 7, 1, 0, 4, 3, 2},
	    {7, 6, 5, 9, 8, 2, 1, 0, 4, 3}, {8, 7, 6, 5, 9, 3, 2, 1, 0, 4}, {9, 8, 7, 6, 5, 4, 3, 2, 1, 0}};
	static const unsigned char turn[8][10] = {{0, 1, 2, 3, 4, 5, 6, 7, 8, 9},
	    {1, 5, 7, 6, 2, 8, 3, 0, 9, 4}, {5, 8, 0, 3, 7, 9, 6, 1, 4, 2}, {8, 9, 1, 6, 0, 4, 3, 5, 2, 7},
	    {9, 4, 5, 3, 1, 2, 6, 8, 7, 0}, {4, 2, 8, 6, 5, 7, 3, 9, 0, 1}, {2, 7, 9, 3, 8, 0, 6, 4, 1, 5},
	    {7, 0, 4, 6, 9, 1, 3, 2, 5, 8}};
	int c = 0;

	for (size_t i = 0; i < n; i++)
		c = mul[c][turn[i % 8][digit(d[n - 1 - i])]];
	return c == 0;
}

/* ---- numbers that nobody has ---- */

bool
check_dull(const char *d, size_t n)
{
	bool same = true, up = true, down = true;

	for (size_t i = 1; i < n; i++) {
		int step = digit(d[i]) - digit(d[i - 1]);

		same &= step == 0;
		up &= step == 1 || step == -9;
		down &= step == -1 || step == 9;
	}
	return same || up || down;
}

bool
check_date(int y, int m, int d)
{
	static const unsigned char days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
	bool leap = y % 4 == 0 && (y % 100 != 0 || y % 400 == 0);

	return m >= 1 && m <= 12 && d >= 1 && d <= days[m - 1] + (m == 2 && leap);
}

/* DDMMYY or YYMMDD of any century. */
static bool
date6(const char *d, bool year_first)
{
	return year_first ? check_date(2000 + number(d, 2), number(d + 2, 2), number(d + 4, 2))
			  : check_date(2000 + number(d + 4, 2), number(d + 2, 2), number(d, 2));
}

/* ---- United States ---- */

bool
check_ssn(const char *d)
{
	int area = number(d, 3);

	return area != 0 && area != 666 && area < 900 && number(d + 3, 2) != 0 && number(d + 5, 4) != 0 &&
	       !check_dull(d, 9);
}

bool
ssn_is_sample(const char *d)
{
	static const char *const samples[] = {"078051120", "219099999", "457555462", "123456789"};

	for (size_t i = 0; i < COUNT(samples); i++)
		if (memcmp(d, samples[i], 9) == 0)
			return true;
	return false;
}

bool
check_itin(const char *d)
{
	int group = number(d + 3, 2);

	return d[0] == '9' && ((group >= 50 && group <= 65) || (group >= 70 && group <= 88) ||
				  (group >= 90 && group <= 92) || (group >= 94 && group <= 99));
}

bool
check_aba(const char *d)
{
	static const unsigned char weights[] = {3, 7, 1, 3, 7, 1, 3, 7, 1};
	int start = number(d, 2);

	return (start <= 12 || (start >= 21 && start <= 32) || (start >= 61 && start <= 72) || start == 80) &&
	       weighted(d, weights, 9) % 10 == 0 && !check_dull(d, 9);
}

bool
check_npi(const char *d)
{
	char whole[15] = "80840";

	memcpy(whole + 5, d, 10);
	return (d[0] == '1' || d[0] == '2') && check_luhn(whole, 15);
}

static bool
mbi_letter(char c)
{
	return is_capital(c) && !strchr("SLOIBZ", c);
}

bool
check_mbi(const char *s)
{
	static const char form[] = "9A*9A*9AA99"; /* 9: digit, A: letter, *: both */

	if (s[0] == '0')
		return false;
	for (size_t i = 0; i < 11; i++)
		if (!((form[i] != 'A' && is_digit(s[i])) || (form[i] != '9' && mbi_letter(s[i]))))
			return false;
	return true;
}

/* ---- United Kingdom ---- */

bool
check_nhs(const char *d)
{
	static const unsigned char weights[] = {10, 9, 8, 7, 6, 5, 4, 3, 2, 1};

	return weighted(d, weights, 10) % 11 == 0 && !check_dull(d, 10);
}

bool
check_nino(const char *s, size_t n)
{
	static const char *const never[] = {"BG", "GB", "KN", "NK", "NT", "TN", "ZZ"};

	for (size_t i = 2; i < 8; i++)
		if (!is_digit(s[i]))
			return false;
	if (s[0] == 'Q' && s[1] == 'Q') /* what forms give as an example */
		return n == 9 && s[8] >= 'A' && s[8] <= 'D';
	if (!is_capital(s[0]) || !is_capital(s[1]) || strchr("DFIQUV", s[0]) || strchr("DFIOQUV", s[1]))
		return false;
	for (size_t i = 0; i < COUNT(never); i++)
		if (memcmp(s, never[i], 2) == 0)
			return false;
	return n == 8 || (s[8] >= 'A' && s[8] <= 'D');
}

/* ---- India ---- */

bool
check_aadhaar(const char *d)
{
	return d[0] >= '2' && check_verhoeff(d, 12) && !check_dull(d, 12);
}

bool
check_pan(const char *s)
{
	for (size_t i = 0; i < 10; i++)
		if (i < 5 || i == 9 ? !is_capital(s[i]) : !is_digit(s[i]))
			return false;
	return strchr("ABCFGHJLPTEK", s[3]) != NULL && number(s + 5, 4) != 0;
}

/* ---- southern Europe ---- */

static const char nif_letters[] = "TRWAGMYFPDXBNJZSQVHLCKE";

bool
check_nif(const char *s)
{
	for (size_t i = 0; i < 8; i++)
		if (!is_digit(s[i]))
			return false;
	return s[8] == nif_letters[number(s, 8) % 23];
}

bool
check_nie(const char *s)
{
	char whole[9];

	memcpy(whole, s, 9);
	if (s[0] < 'X' || s[0] > 'Z')
		return false;
	whole[0] = (char)('0' + s[0] - 'X');
	return check_nif(whole);
}

/* Letters that stand for digits where two people would have the same code. */
static bool
fiscal_digit(char c)
{
	return is_digit(c) || (c && strchr("LMNPQRSTUV", c));
}

static int
fiscal_value(char c)
{
	static const char instead[] = "LMNPQRSTUV";

	return is_digit(c) ? digit(c) : (int)(strchr(instead, c) - instead);
}

bool
check_fiscal_code(const char *s)
{
	static const unsigned char odd[] = {
	    1, 0, 5, 7, 9, 13, 15, 17, 19, 21, 2, 4, 18, 20, 11, 3, 6, 8, 12, 14, 16, 10, 22, 25, 24, 23};
	static const char form[] = "AAAAAA99A99A999A";
	int sum = 0, day;

	for (size_t i = 0; i < 16; i++)
		if (form[i] == 'A' ? !is_capital(s[i]) : !fiscal_digit(s[i]))
			return false;
	day = 10 * fiscal_value(s[9]) + fiscal_value(s[10]);
	if (!strchr("ABCDEHLMPRST", s[8]) || day % 40 < 1 || day > 71 || (day > 31 && day < 41))
		return false;
	for (size_t i = 0; i < 15; i++) {
		int v = is_digit(s[i]) ? digit(s[i]) : s[i] - 'A';

		sum += i % 2 ? v : odd[v];
	}
	return s[15] == 'A' + sum % 26;
}

/* ---- Poland, Singapore ---- */

bool
check_pesel(const char *d)
{
	static const unsigned char weights[] = {1, 3, 7, 9, 1, 3, 7, 9, 1, 3, 1};
	int month = number(d + 2, 2);

	return check_date(2000 + number(d, 2), month % 20, number(d + 4, 2)) &&
	       weighted(d, weights, 11) % 10 == 0;
}

bool
check_nric(const char *s)
{
	static const unsigned char weights[] = {2, 7, 6, 5, 4, 3, 2};
	static const char *const letters[] = {"JZIHGFEDCBA", "XWUTRQPNMLK", "KLJNPQRTUWX"};
	int sum;

	if (!s[0] || !strchr("STFGM", s[0]))
		return false;
	for (size_t i = 1; i < 8; i++)
		if (!is_digit(s[i]))
			return false;
	sum = weighted(s + 1, weights, 7) + (s[0] == 'T' || s[0] == 'G' ? 4 : s[0] == 'M' ? 3 : 0);
	if (s[0] == 'M')
		return s[8] == letters[2][10 - sum % 11];
	return s[8] == letters[s[0] == 'F' || s[0] == 'G'][sum % 11];
}

/* ---- Australia ---- */

bool
check_tfn(const char *d, size_t n)
{
	static const unsigned char nine[] = {1, 4, 3, 7, 5, 8, 6, 9, 10}, eight[] = {10, 7, 8, 4, 6, 3, 5, 1};

	return weighted(d, n == 9 ? nine : eight, n) % 11 == 0 && !check_dull(d, n);
}

bool
check_abn(const char *d)
{
	static const unsigned char weights[] = {10, 1, 3, 5, 7, 9, 11, 13, 15, 17, 19};

	return d[0] != '0' && (weighted(d, weights, 11) - 10) % 89 == 0;
}

bool
check_acn(const char *d)
{
	static const unsigned char weights[] = {8, 7, 6, 5, 4, 3, 2, 1, 1};

	return weighted(d, weights, 9) % 10 == 0 && !check_dull(d, 9);
}

bool
check_medicare(const char *d, size_t n)
{
	static const unsigned char weights[] = {1, 3, 7, 9, 1, 3, 7, 9};

	return n >= 10 && d[0] >= '2' && d[0] <= '6' && weighted(d, weights, 8) % 10 == digit(d[8]) &&
	       d[9] != '0';
}

/* ---- other national numbers ---- */

bool
check_hetu(const char *s)
{
	static const char marks[] = "0123456789ABCDEFHJKLMNPRSTUVWXY";
	char whole[10];
	int person;

	if (!s[6] || !strchr("+-YXWVUABCDEF", s[6]))
		return false;
	memcpy(whole, s, 6);
	memcpy(whole + 6, s + 7, 3);
	for (size_t i = 0; i < 9; i++)
		if (!is_digit(whole[i]))
			return false;
	person = number(s + 7, 3);
	return date6(s, false) && person >= 2 && s[10] == marks[number(whole, 9) % 31];
}

/* ISO 7064, mod 11,10; one digit twice or three times among the first ten. */
bool
check_de_tax(const char *d)
{
	int product = 10, seen[10] = {0}, twice = 0, thrice = 0, none = 0;

	for (size_t i = 0; i < 10; i++) {
		int sum = (digit(d[i]) + product) % 10;

		seen[digit(d[i])]++;
		product = 2 * (sum ? sum : 10) % 11;
	}
	for (size_t i = 0; i < 10; i++) {
		twice += seen[i] == 2;
		thrice += seen[i] == 3;
		none += seen[i] == 0;
	}
	return d[0] != '0' &&
	       ((twice == 1 && !thrice && none == 1) || (!twice && thrice == 1 && none == 2)) &&
	       (11 - product) % 10 == digit(d[10]);
}

bool
check_de_social(const char *s)
{
	static const unsigned char weights[] = {2, 1, 2, 5, 7, 1, 2, 1, 2, 1, 2, 1};
	char whole[13];
	int sum = 0, letter = s[8] - 'A' + 1, day;

	if (!is_capital(s[8]))
		return false;
	memcpy(whole, s, 8);
	whole[8] = (char)('0' + letter / 10);
	whole[9] = (char)('0' + letter % 10);
	memcpy(whole + 10, s + 9, 2);
	for (size_t i = 0; i < 12; i++) {
		int v;

		if (!is_digit(whole[i]))
			return false;
		v = digit(whole[i]) * weights[i];
		sum += v / 10 + v % 10;
	}
	day = number(s + 2, 2) % 50;
	return day >= 1 && day <= 31 && number(s + 4, 2) >= 1 && number(s + 4, 2) <= 12 && is_digit(s[11]) &&
	       sum % 10 == digit(s[11]);
}

/* Corsica's 2A and 2B count as 19 and 18. */
bool
check_nir(const char *s, size_t n)
{
	char whole[16];
	unsigned long long v = 0;
	int month;

	if (n != 15 || (s[0] != '1' && s[0] != '2'))
		return false;
	memcpy(whole, s, 15);
	if (whole[5] == '2' && (whole[6] == 'A' || whole[6] == 'B')) {
		whole[5] = '1';
		whole[6] = whole[6] == 'A' ? '9' : '8';
	}
	for (size_t i = 0; i < 15; i++)
		if (!is_digit(whole[i]))
			return false;
	month = number(whole + 3, 2);
	for (size_t i = 0; i < 13; i++)
		v = 10 * v + (unsigned)digit(whole[i]);
	return ((month >= 1 && month <= 12) || (month >= 20 && month <= 42) || month >= 50) &&
	       97 - v % 97 == (unsigned)number(whole + 13, 2);
}

bool
check_bsn(const char *d)
{
	static const unsigned char weights[] = {9, 8, 7, 6, 5, 4, 3, 2};

	return (weighted(d, weights, 8) - digit(d[8])) % 11 == 0 && !check_dull(d, 9);
}

/* The check digit behind n digits: weights from the right 2, 3, ... up to most, then 2 again. */
static int
mod11_digit(const char *d, size_t n, int most)
{
	int sum = 0, weight = 2, rest;

	for (size_t i = n; i-- > 0; weight = weight == most ? 2 : weight + 1)
		sum += digit(d[i]) * weight;
	rest = sum % 11;
	return rest < 2 ? 0 : 11 - rest;
}

bool
check_cpf(const char *d)
{
	return !check_dull(d, 11) && mod11_digit(d, 9, 99) == digit(d[9]) &&
	       mod11_digit(d, 10, 99) == digit(d[10]);
}

bool
check_cnpj(const char *d)
{
	return !check_dull(d, 14) && mod11_digit(d, 12, 9) == digit(d[12]) &&
	       mod11_digit(d, 13, 9) == digit(d[13]);
}

bool
check_personnummer(const char *d, size_t n)
{
	const char *ten = d + (n - 10);
	int day = number(ten + 4, 2);

	if (n == 12 && (number(d, 2) < 18 || number(d, 2) > 20))
		return false;
	return check_date(2000 + number(ten, 2), number(ten + 2, 2), day > 60 ? day - 60 : day) &&
	       check_luhn(ten, 10);
}

bool
check_rrn(const char *d)
{
	static const unsigned char weights[] = {2, 3, 4, 5, 6, 7, 8, 9, 2, 3, 4, 5};

	return date6(d, true) && d[6] >= '0' && d[6] <= '9' &&
	       (11 - weighted(d, weights, 12) % 11) % 10 == digit(d[12]);
}

bool
check_tckn(const char *d)
{
	int odd = 0, even = 0, all = 0;

	for (size_t i = 0; i < 10; i++) {
		all += digit(d[i]);
		if (i < 9)
			*(i % 2 ? &even : &odd) += digit(d[i]);
	}
	return d[0] != '0' && ((7 * odd - even) % 10 + 10) % 10 == digit(d[9]) && all % 10 == digit(d[10]);
}

bool
check_za_id(const char *d)
{
	return date6(d, true) && (d[10] == '0' || d[10] == '1') && check_luhn(d, 13);
}

bool
check_vin(const char *s)
{
	static const unsigned char weights[] = {8, 7, 6, 5, 4, 3, 2, 10, 0, 9, 8, 7, 6, 5, 4, 3, 2};
	static const char values[] = "12345678\0"
				     "12345\0"
				     "7\0"
				     "923456789"; /* A to Z; no I, O, Q */
	int sum = 0;

	for (size_t i = 0; i < 17; i++) {
		int v;

		if (is_digit(s[i]))
			v = digit(s[i]);
		else if (is_capital(s[i]) && values[s[i] - 'A'])
			v = digit(values[s[i] - 'A']);
		else
			return false;
		sum += v * weights[i];
	}
	return s[8] == (sum % 11 == 10 ? 'X' : (char)('0' + sum % 11));
}

bool
check_ean(const char *d, size_t n)
{
	int sum = 0;

	for (size_t i = 0; i < n; i++)
		sum += digit(d[n - 1 - i]) * (i % 2 ? 3 : 1);
	return sum % 10 == 0;
}

double
check_entropy(const char *s, size_t n)
{
	unsigned count[256] = {0};
	double bits = 0;

	for (size_t i = 0; i < n; i++)
		count[(unsigned char)s[i]]++;
	for (size_t i = 0; i < 256; i++)
		if (count[i])
			bits -= count[i] * log2((double)count[i] / (double)n);
	return n ? bits / (double)n : 0;
}
