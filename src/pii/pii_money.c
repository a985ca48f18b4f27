#include "pii_money.h"

#include "pii_check.h"
#include "pii_digits.h"

#include <sodium.h>
#include <string.h>

#define COUNT(a) (sizeof(a) / sizeof *(a))

/* ---- cards: who issues them, and how long their numbers are ---- */

#define L(n)	   (1u << (n))
#define FROM(a, b) (L((b) + 1) - L(a))
static const struct issuer {
	uint32_t from, to; /* of the first digits, filled up to six */
	uint32_t lengths;
	enum card how;
} issuers[] = {
    {400000, 499999, L(16) | L(19) | L(13) | L(18), CARD_YES},		  /* Visa */
    {510000, 559999, L(16), CARD_YES}, {222100, 272099, L(16), CARD_YES}, /* Mastercard */
    {340000, 349999, L(15), CARD_YES}, {370000, 379999, L(15), CARD_YES}, /* American Express */
    {300000, 305999, FROM(14, 19), CARD_YES}, {309500, 309599, FROM(14, 19), CARD_YES},
    {360000, 369999, FROM(14, 19), CARD_YES}, {380000, 399999, FROM(14, 19), CARD_YES}, /* Diners Club */
    {352800, 358999, FROM(16, 19), CARD_YES}, {213100, 213199, L(15), CARD_YES},
    {180000, 180099, L(15), CARD_YES}, /* JCB */
    {601100, 601199, FROM(16, 19), CARD_YES}, {622126, 622925, FROM(16, 19), CARD_YES},
    {644000, 659999, FROM(16, 19), CARD_YES},						/* Discover */
    {220000, 220599, FROM(16, 19), CARD_YES},						/* Mir, Borica */
    {620000, 629999, FROM(16, 19), CARD_YES}, {810000, 817199, FROM(16, 19), CARD_YES}, /* UnionPay */
    {500000, 509999, FROM(12, 19), CARD_YES}, {560000, 589999, FROM(12, 19), CARD_YES},
    {600000, 699999, FROM(12, 19), CARD_YES}, /* Maestro, RuPay, Elo, Verve, Hipercard */
    {820000, 829999, L(16), CARD_YES}, {979200, 979299, L(16), CARD_YES}, /* RuPay, Troy */
    {860000, 860099, L(16), CARD_YES}, {986000, 986099, L(16), CARD_YES}, /* Uzcard, Humo */
    {100000, 199999, L(15), CARD_WEAK},					  /* UATP */
};

enum card
check_card(const char *d, size_t n)
{
	enum card best = CARD_NO;
	uint32_t start;

	if (n < 12 || n > 19)
		return CARD_NO;
	if (!check_luhn(d, n)) /* nine of ten numbers fail, so first */
		return CARD_NO;
	start = (uint32_t)number(d, 6);
	for (size_t i = 0; i < COUNT(issuers) && best != CARD_YES; i++)
		if (start >= issuers[i].from && start <= issuers[i].to && issuers[i].lengths & L(n))
			best = issuers[i].how;
	return best != CARD_NO && !check_dull(d, n) ? best : CARD_NO;
}

/* ---- IBAN: countries of the registry, and the format behind the check digits ---- */

/* n digits, a capitals, c both; each with its length. */
static const struct iban {
	char country[3];
	const char *format;
} ibans[] = {
    {"AD", "8n12c"},
    {"AE", "19n"},
    {"AL", "8n16c"},
    {"AT", "16n"},
    {"AZ", "4a20c"},
    {"BA", "16n"},
    {"BE", "12n"},
    {"BG", "4a6n8c"},
    {"BH", "4a14c"},
    {"BI", "23n"},
    {"BR", "23n1a1c"},
    {"BY", "4c4n16c"},
    {"CH", "5n12c"},
    {"CR", "18n"},
    {"CY", "8n16c"},
    {"CZ", "20n"},
    {"DE", "18n"},
    {"DJ", "23n"},
    {"DK", "14n"},
    {"DO", "4c20n"},
    {"EE", "16n"},
    {"EG", "25n"},
    {"ES", "20n"},
    {"FI", "14n"},
    {"FK", "2a12n"},
    {"FO", "14n"},
    {"FR", "10n11c2n"},
    {"GB", "4a14n"},
    {"GE", "2a16n"},
    {"GI", "4a15c"},
    {"GL", "14n"},
    {"GR", "7n16c"},
    {"GT", "24c"},
    {"HN", "4a20n"},
    {"HR", "17n"},
    {"HU", "24n"},
    {"IE", "4a14n"},
    {"IL", "19n"},
    {"IQ", "4a15n"},
    {"IS", "22n"},
    {"IT", "1a10n12c"},
    {"JO", "4a4n18c"},
    {"KW", "4a22c"},
    {"KZ", "3n13c"},
    {"LB", "4n20c"},
    {"LC", "4a24c"},
    {"LI", "5n12c"},
    {"LT", "16n"},
    {"LU", "3n13c"},
    {"LV", "4a13c"},
    {"LY", "21n"},
    {"MC", "10n11c2n"},
    {"MD", "20c"},
    {"ME", "18n"},
    {"MK", "3n10c2n"},
    {"MN", "16n"},
    {"MR", "23n"},
    {"MT", "4a5n18c"},
    {"MU", "4a19n3a"},
    {"NI", "4a20n"},
    {"NL", "4a10n"},
    {"NO", "11n"},
    {"OM", "3n16c"},
    {"PK", "4a16c"},
    {"PL", "24n"},
    {"PS", "4a21c"},
    {"PT", "21n"},
    {"QA", "4a21c"},
    {"RO", "4a16c"},
    {"RS", "18n"},
    {"RU", "14n15c"},
    {"SA", "2n18c"},
    {"SC", "4a20n3a"},
    {"SD", "14n"},
    {"SE", "20n"},
    {"SI", "15n"},
    {"SK", "20n"},
    {"SM", "1a10n12c"},
    {"SO", "19n"},
    {"ST", "21n"},
    {"SV", "4a20n"},
    {"TL", "19n"},
    {"TN", "20n"},
    {"TR", "6n16c"},
    {"UA", "6n19c"},
    {"VA", "18n"},
    {"VG", "4a16n"},
    {"XK", "16n"},
    {"YE", "4a4n18c"},
};

static const struct iban *
iban_of(const char *country)
{
	for (size_t from = 0, to = COUNT(ibans); from < to;) {
		size_t mid = (from + to) / 2;
		const char *other = ibans[mid].country;

		if (country[0] == other[0] && country[1] == other[1])
			return &ibans[mid];
		if (country[0] < other[0] || (country[0] == other[0] && country[1] < other[1]))
			to = mid;
		else
			from = mid + 1;
	}
	return NULL;
}

/* Takes the next part of a format: its letter, and how many. 0: the end. */
static char
format_next(const char **format, size_t *n)
{
	*n = 0;
	while (is_digit(**format))
		*n = 10 * *n + (size_t)digit(*(*format)++);
	return **format ? *(*format)++ : '\0';
}

size_t
iban_length(const char *country, char *first)
{
	const struct iban *i = iban_of(country);
	const char *format = i ? i->format : "";
	size_t len = 4, n;
	char kind;

	for (*first = 0; (kind = format_next(&format, &n)); len += n)
		*first = *first ? *first : kind;
	return i ? len : 0;
}

bool
check_iban(const char *s, size_t n)
{
	const struct iban *country = n > 4 ? iban_of(s) : NULL;
	const char *format = country ? country->format : "";
	size_t at = 4, many;
	unsigned rest = 0;
	char kind;

	if (!country || iban_length(s, &kind) != n || !is_digit(s[2]) || !is_digit(s[3]))
		return false;
	while ((kind = format_next(&format, &many)))
		for (size_t end = at + many; at < end; at++)
			if (!(is_digit(s[at]) ? kind != 'a' : is_capital(s[at]) && kind != 'n'))
				return false;
	for (size_t i = 0; i < n; i++) {
		char c = s[(i + 4) % n];

		rest = is_digit(c) ? (10 * rest + (unsigned)digit(c)) % 97
				   : (100 * rest + (unsigned)(c - 'A') + 10) % 97;
	}
	return rest == 1;
}

/* ---- coins ---- */

/* The digits of base 58: no 0, I, O, l. -1: none. */
static int
digit58(char c)
{
	if (c >= '1' && c <= '9')
		return c - '1';
	if (c >= 'A' && c <= 'Z' && c != 'I' && c != 'O')
		return c - 'A' + 9 - (c > 'I') - (c > 'O');
	if (c >= 'a' && c <= 'z' && c != 'l')
		return c - 'a' + 33 - (c > 'l');
	return -1;
}

/* The bytes that n digits stand for, each 1 in front being a nought: how many, up to 40; 0 where it is no
 * number of base 58. */
static size_t
bytes58(const char *s, size_t n, unsigned char out[40])
{
	uint32_t v[10] = {0}; /* the lowest first */
	size_t zeros = 0, len = 40;

	while (zeros < n && s[zeros] == '1')
		zeros++;
	for (size_t i = 0; i < n;) { /* five digits at once: 58^5 is less than 2^32 */
		uint64_t carry = 0, times = 1;

		for (size_t end = n - i < 5 ? n : i + 5; i < end; i++) {
			int digit = digit58(s[i]);

			if (digit < 0)
				return 0;
			carry = 58 * carry + (uint64_t)digit;
			times *= 58;
		}
		for (size_t k = 0; k < COUNT(v); k++) {
			carry += times * v[k];
			v[k] = (uint32_t)carry;
			carry >>= 32;
		}
	}
	while (len > 0 && !(v[(len - 1) / 4] >> (len - 1) % 4 * 8 & 0xff))
		len--;
	if (zeros + len > 40)
		return 0;
	memset(out, 0, zeros);
	for (size_t i = 0; i < len; i++)
		out[zeros + i] = (unsigned char)(v[(len - 1 - i) / 4] >> (len - 1 - i) % 4 * 8);
	return zeros + len;
}

bool
check_base58(const char *s, size_t n, bool *secret)
{
	static const unsigned char versions[] = {0x00, 0x05, 0x16, 0x1e, 0x30, 0x32, 0x41, 0x4c};
	unsigned char out[40], hash[crypto_hash_sha256_BYTES];
	size_t len;
	bool known = false;

	*secret = false;
	if (n < 26 || n > 52 || (n > 35 && n < 51)) /* 25 bytes, 37 and 38 */
		return false;
	if (!strchr("13LMDXT2579AK", s[0])) /* what addresses and keys of these coins begin with */
		return false;
	len = bytes58(s, n, out);
	if (len < 25)
		return false;
	*secret = out[0] == 0x80 && (len == 37 || len == 38);
	for (size_t i = 0; i < COUNT(versions); i++)
		known |= len == 25 && out[0] == versions[i];
	if (!known && !*secret)
		return false;
	crypto_hash_sha256(hash, out, len - 4);
	crypto_hash_sha256(hash, hash, sizeof hash);
	return memcmp(hash, out + len - 4, 4) == 0;
}

static uint32_t
bech32_step(uint32_t sum, unsigned value)
{
	static const uint32_t generator[] = {0x3b6a57b2, 0x26508e6d, 0x1ea119fa, 0x3d4233dd, 0x2a1462b3};
	uint32_t top = sum >> 25;

	sum = (sum & 0x1ffffff) << 5 ^ value;
	for (int i = 0; i < 5; i++)
		sum ^= top >> i & 1 ? generator[i] : 0;
	return sum;
}

bool
check_bech32(const char *s, size_t n)
{
	static const char alphabet[] = "qpzry9x8gf2tvdw0s3jn54khce6mua7l";
	char low[91];
	uint32_t sum = 1;
	size_t one = 0;

	if (n < 14 || n > 90)
		return false;
	for (size_t i = 0; i < n; i++) {
		low[i] = (char)(s[i] | (is_capital(s[i]) ? 0x20 : 0));
		if (low[i] == '1')
			one = i;
	}
	if (one < 2 || one + 7 > n)
		return false;
	for (size_t i = 0; i < one; i++)
		sum = bech32_step(sum, (unsigned char)low[i] >> 5);
	sum = bech32_step(sum, 0);
	for (size_t i = 0; i < one; i++)
		sum = bech32_step(sum, low[i] & 31);
	for (size_t i = one + 1; i < n; i++) {
		const char *at = low[i] ? strchr(alphabet, low[i]) : NULL;

		if (!at)
			return false;
		sum = bech32_step(sum, (unsigned)(at - alphabet));
	}
	return sum == 1 || sum == 0x2bc830a3;
}

static uint64_t
turned(uint64_t v, int n)
{
	return n ? v << n | v >> (64 - n) : v;
}

static void
keccak(uint64_t a[25])
{
	static const unsigned char turns[] = {
	    0, 1, 62, 28, 27, 36, 44, 6, 55, 20, 3, 10, 43, 25, 39, 41, 45, 15, 21, 8, 18, 2, 61, 56, 14};
	uint64_t b[25], c[5];
	unsigned char lfsr = 1;

	for (int round = 0; round < 24; round++) {
		for (int x = 0; x < 5; x++)
			c[x] = a[x] ^ a[x + 5] ^ a[x + 10] ^ a[x + 15] ^ a[x + 20];
		for (int i = 0; i < 25; i++)
			a[i] ^= c[(i + 4) % 5] ^ turned(c[(i + 1) % 5], 1);
		for (int x = 0; x < 5; x++)
			for (int y = 0; y < 5; y++)
				b[y + 5 * ((2 * x + 3 * y) % 5)] = turned(a[x + 5 * y], turns[x + 5 * y]);
		for (int i = 0; i < 25; i++)
			a[i] = b[i] ^ (~b[i / 5 * 5 + (i + 1) % 5] & b[i / 5 * 5 + (i + 2) % 5]);
		for (int j = 0; j < 7; j++) {
			if (lfsr & 1)
				a[0] ^= UINT64_C(1) << ((1 << j) - 1);
			lfsr = (unsigned char)(lfsr << 1 ^ (lfsr & 0x80 ? 0x71 : 0));
		}
	}
}

/* The case of each letter says a bit of the Keccak-256 of the small letters. */
enum checksum
check_eth(const char *s)
{
	uint64_t state[25] = {0};
	unsigned char block[200] = {0};
	bool upper = false, lower = false, good = true;

	for (int i = 0; i < 40; i++) {
		bool letter = !is_digit(s[i]);

		upper |= letter && is_capital(s[i]);
		lower |= letter && !is_capital(s[i]);
		block[i] = (unsigned char)(letter ? s[i] | 0x20 : s[i]);
	}
	if (!upper || !lower)
		return CHECKSUM_NONE;
	block[40] = 0x01;
	block[135] ^= 0x80;
	for (int i = 0; i < 17; i++)
		for (int j = 0; j < 8; j++)
			state[i] |= (uint64_t)block[8 * i + j] << 8 * j;
	keccak(state);
	for (int i = 0; i < 40; i++) {
		unsigned byte = (unsigned)(state[i / 16] >> 8 * (i / 2 % 8)) & 0xff;
		unsigned nibble = i % 2 ? byte & 15 : byte >> 4;

		if (!is_digit(s[i]))
			good &= is_capital(s[i]) == (nibble >= 8);
	}
	return good ? CHECKSUM_GOOD : CHECKSUM_BAD;
}
