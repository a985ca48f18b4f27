/* Keys without a name before them: by what vendors begin theirs with, by their form, and addresses of coins.
 */
#include "pii_check.h"
#include "pii_find.h"
#include "pii_money.h"

#define COUNT(a) (sizeof(a) / sizeof *(a))

enum {
	UPPERS = 1,
	HEXES = 2,
	URLS = 4,
	PLAIN = 8
}; /* of what the rest is: A-Z 0-9; hex; - _ too; letters and digits */

static const struct vendor {
	const char *prefix;
	uint8_t min, max, of; /* of the rest */
} vendors[] = {
    {"AKIA", 16, 16, UPPERS},
    {"ASIA", 16, 16, UPPERS},
    {"ABIA", 16, 16, UPPERS},
    {"ACCA", 16, 16, UPPERS},
    {"ghp_", 30, 255, PLAIN},
    {"gho_", 30, 255, PLAIN},
    {"ghu_", 30, 255, PLAIN},
    {"ghs_", 30, 255, PLAIN},
    {"ghr_", 30, 255, PLAIN},
    {"github_pat_", 36, 255, URLS},
    {"glpat-", 20, 64, URLS},
    {"gldt-", 20, 64, URLS},
    {"glrt-", 20, 64, URLS},
    {"glptt-", 20, 64, URLS},
    {"sk_live_", 16, 255, PLAIN},
    {"sk_test_", 16, 255, PLAIN},
    {"rk_live_", 16, 255, PLAIN},
    {"rk_test_", 16, 255, PLAIN},
    {"whsec_", 24, 128, PLAIN},
    {"xoxb-", 20, 255, URLS},
    {"xoxp-", 20, 255, URLS},
    {"xoxa-", 20, 255, URLS},
    {"xoxr-", 20, 255, URLS},
    {"xoxs-", 20, 255, URLS},
    {"xoxe-", 20, 255, URLS},
    {"xoxe.", 20, 255, URLS},
    {"xapp-", 20, 255, URLS},
    {"AIza", 35, 35, URLS},
    {"ya29.", 20, 255, URLS},
    {"GOCSPX-", 28, 28, URLS},
    {"sk-proj-", 20, 255, URLS},
    {"sk-ant-", 20, 255, URLS},
    {"sk-svcacct-", 20, 255, URLS},
    {"sk-or-", 20, 255, URLS},
    {"sk-", 32, 255, PLAIN},
    {"hf_", 30, 64, PLAIN},
    {"r8_", 36, 40, PLAIN},
    {"npm_", 36, 36, PLAIN},
    {"pypi-", 50, 255, URLS},
    {"dckr_pat_", 20, 64, URLS},
    {"SG.", 40, 80, URLS},
    {"key-", 32, 32, HEXES},
    {"shpat_", 32, 32, HEXES},
    {"shpss_", 32, 32, HEXES},
    {"shpca_", 32, 32, HEXES},
    {"shppa_", 32, 32, HEXES},
    {"sq0atp-", 22, 22, URLS},
    {"sq0csp-", 43, 43, URLS},
    {"dop_v1_", 64, 64, HEXES},
    {"doo_v1_", 64, 64, HEXES},
    {"lin_api_", 30, 64, PLAIN},
    {"ntn_", 40, 64, PLAIN},
    {"secret_", 40, 64, PLAIN},
    {"figd_", 36, 64, URLS},
    {"ATATT3", 60, 255, URLS},
    {"AGE-SECRET-KEY-1", 58, 58, UPPERS},
    {"PMAK-", 40, 64, URLS},
    {"rubygems_", 48, 48, HEXES},
    {"NRAK-", 27, 27, UPPERS},
    {"sntrys_", 40, 255, URLS},
    {"glc_", 32, 255, URLS},
    {"glsa_", 32, 64, URLS},
    {"hvs.", 20, 255, URLS},
    {"hvb.", 20, 255, URLS},
    {"tskey-", 16, 80, URLS},
    {"xai-", 40, 120, PLAIN},
    {"gsk_", 40, 80, PLAIN},
    {"pplx-", 40, 80, PLAIN},
    {"EAAC", 60, 255, PLAIN},
    {"AC", 32, 32, HEXES},
    {"SK", 32, 32, HEXES},
    {"pat-", 36, 60, URLS},
    {"CFPAT-", 40, 60, URLS},
    {"sbp_", 40, 40, HEXES},
    {"pscale_tkn_", 32, 64, URLS},
    {"pscale_pw_", 32, 64, URLS},
    {"fio-u-", 40, 80, URLS},
    {"waka_", 36, 36, URLS},
    {"dapi", 32, 34, URLS},
    {"dp.pt.", 40, 48, PLAIN},
    {"dp.st.", 40, 80, URLS},
    {"dp.ct.", 40, 48, PLAIN},
    {"dp.sa.", 40, 48, PLAIN},
    {"glcbt-", 20, 64, URLS},
    {"glagent-", 40, 64, URLS},
    {"gloas-", 40, 72, URLS},
    {"nvapi-", 60, 80, URLS},
    {"sgp_", 40, 64, URLS},
    {"xkeysib-", 64, 90, URLS},
    {"mlsn.", 64, 80, URLS},
    {"HRKU-", 36, 64, URLS},
    {"LTAI", 16, 24, PLAIN},
    {"pul-", 40, 40, HEXES},
    {"rzp_live_", 14, 24, PLAIN},
    {"dt0c01.", 80, 100, URLS},
    {"EZAK", 54, 54, PLAIN},
    {"ATCTT3", 60, 255, URLS},
    {"ATBB", 24, 60, PLAIN},
    {"CLOJARS_", 60, 60, PLAIN},
    {"phx_", 40, 64, PLAIN},
};

void
vendors_put(uint64_t set[PAIR_WORDS])
{
	for (size_t k = 0; k < COUNT(vendors); k++)
		pair_put(set, (unsigned char)vendors[k].prefix[0], (unsigned char)vendors[k].prefix[1]);
}

static size_t
rest_end(const struct find *f, size_t i, int of, size_t max)
{
	size_t start = i;

	for (; i < f->len && i - start <= max; i++) {
		unsigned char c = f->p[i];
		bool good = of == UPPERS  ? byte_is[c] & (IS_UPPER | IS_DIGIT)
			    : of == HEXES ? byte_is[c] & IS_HEX
			    : of == PLAIN ? byte_is[c] & IS_ALNUM
					  : byte_is[c] & IS_WORD || c == '-' || c == '.' || c == '=';

		if (!good)
			break;
	}
	while (of == URLS && i > start && strchr(".-=", f->p[i - 1]))
		i--;
	if (of == URLS && i - start == max + 1 && f->p[i - 1] == '_') /* of emphasis */
		i--;
	return i;
}

static bool
vendor_key(struct find *f, size_t i)
{
	if (!pair_in(f->names->vendors, at(f, i), at(f, i + 1)))
		return false;
	for (size_t k = 0; k < COUNT(vendors); k++) {
		size_t n, end;

		if (f->p[i] != (unsigned char)*vendors[k].prefix)
			continue;
		n = strlen(vendors[k].prefix);
		if (f->len - i < n || memcmp(f->p + i, vendors[k].prefix, n) != 0)
			continue;
		end = rest_end(f, i + n, vendors[k].of, vendors[k].max);
		if (end - i - n < vendors[k].min || end - i - n > vendors[k].max ||
		    (is(f, end, IS_ALNUM) && end - i - n < 200))
			continue;
		if (check_entropy((const char *)f->p + i + n, end - i - n) < 2.5)
			continue;
		if (!find_report(f, PII_SECRET, i, end, PII_CERTAIN, "vendor"))
			return false;
		f->done = end;
		return true;
	}
	return false;
}

/* eyJ... . eyJ... . signature; the signature may be missing, and an encrypted one has five parts. */
static bool
json_web_token(struct find *f, size_t i)
{
	size_t end = i;
	int parts = 0;

	while (parts < 5) {
		size_t start = end;

		while (end < f->len && (byte_is[f->p[end]] & IS_WORD || f->p[end] == '-'))
			end++;
		parts++;
		if (end - start < (parts == 1 ? 10 : 4) || at(f, end) != '.')
			break;
		end++;
	}
	if (end > i && f->p[end - 1] == '.')
		end--;
	f->done = end;
	return parts >= 2 && find_report(f, PII_SECRET, i, end, PII_CERTAIN, "jwt");
}

/* Keys with a mark behind or before them: 32 hexadecimal digits-us12 (Mailchimp), 1//0... (Google). */
static bool
infix_key(struct find *f, size_t from, size_t to)
{
	size_t start = from, end;

	if (to - from == 32 && find_says(f, to, "-us") && is(f, to + 3, IS_DIGIT) &&
	    find_past(f, from, IS_HEX, 32) == to)
		end = find_past(f, to + 3, IS_DIGIT, 2);
	else if (at(f, from) == '0' && from >= 3 && find_says(f, from - 3, "1//") &&
		 !after(f, from - 3, IS_WORD) && (end = rest_end(f, from, URLS, 255)) - from >= 40)
		start = from - 3;
	else
		return false;
	if (!find_report(f, PII_SECRET, start, end, PII_CERTAIN, "vendor"))
		return false;
	f->done = end;
	return true;
}

/* A Discord token; what follows "Bearer" and "Basic". */
static bool
other_key(struct find *f, size_t i, size_t end)
{
	size_t stop = rest_end(f, i, URLS, 600);

	while (at(f, stop) && strchr("+/=~", at(f, stop)) && stop - i < 600)
		stop++;
	if (stop - i >= 16 &&
	    ((i >= 7 && find_says(f, i - 7, "bearer ")) || (i >= 6 && find_says(f, i - 6, "basic "))) &&
	    check_entropy((const char *)f->p + i, stop - i) >= 3.0 &&
	    find_report(f, PII_SECRET, i, stop, PII_CERTAIN, "bearer")) {
		f->done = stop;
		return true;
	}
	if (strchr("MNO", f->p[i]) && end - i >= 23 && end - i <= 28 && at(f, end) == '.') {
		size_t mid = find_past(f, end + 1, IS_WORD, 8), last;

		last = at(f, mid) == '.' ? rest_end(f, mid + 1, URLS, 40) : mid;
		if (mid - end == 7 && last - mid >= 27 &&
		    find_report(f, PII_SECRET, i, last, PII_CERTAIN, "vendor")) {
			f->done = last;
			return true;
		}
	}
	return false;
}

/* Coins: the word [i, end). */
static bool
coin(struct find *f, size_t i, size_t end)
{
	const char *s = (const char *)f->p + i;
	size_t n = end - i;
	bool secret, hex = true;
	enum pii_level level = PII_CERTAIN;

	if (!wanted(f, PII_CRYPTO))
		return false;
	if (n == 42 && s[0] == '0' && (s[1] | 0x20) == 'x') {
		enum checksum sum;

		for (size_t k = 2; k < n && hex; k++)
			hex = byte_is[(unsigned char)s[k]] & IS_HEX;
		if (!hex)
			return false;
		sum = check_eth(s + 2);
		if (sum == CHECKSUM_BAD)
			level = PII_POSSIBLE;
		else if (sum == CHECKSUM_NONE)
			level = PII_LIKELY;
		return find_report(f, PII_CRYPTO, i, end, level, "ethereum");
	}
	if (n >= 26 && n <= 52 && check_base58(s, n, &secret))
		return find_report(f, secret ? PII_SECRET : PII_CRYPTO, i, end, PII_CERTAIN, "base58check");
	if (n >= 14 && (find_says(f, i, "bc1") || find_says(f, i, "tb1") || find_says(f, i, "ltc1")) &&
	    check_bech32(s, n))
		return find_report(f, PII_CRYPTO, i, end, PII_CERTAIN, "bech32");
	return false;
}

/* Where the chain of words with - and . between them begins in which i is. Each byte of it is gone over once.
 */
static size_t
chain_start(struct find *f, size_t i)
{
	size_t s = i, none;

	while (s > f->chain_end && (after(f, s, IS_WORD) || f->p[s - 1] == '-' || f->p[s - 1] == '.'))
		s--;
	if (s > f->chain_end || s == 0) { /* it is another chain than the last one */
		none = i;
		find_edges(f, &s, &none);
		while (s < i && strchr("-._", f->p[s]))
			s++;
		f->chain_start = s;
	}
	f->chain_end = i;
	return f->chain_start;
}

bool
find_chain(struct find *f, size_t i)
{
	size_t end = f->chain_end, start = chain_start(f, i);

	if (start < end && end > 0) /* it was looked at already */
		return false;
	return start < i && wanted(f, PII_SECRET) && vendor_key(f, start);
}

/* A word of 16 letters and digits or more, [from, to); what it begins with may stand before it, with - and .
 * between. */
bool
find_token(struct find *f, size_t from, size_t to)
{
	size_t start;

	if (at(f, from) == 'e' && at(f, from + 1) == 'y' && at(f, from + 2) == 'J' &&
	    !glued_before(f, from) && wanted(f, PII_SECRET) && json_web_token(f, from))
		return true;
	if (coin(f, from, to)) {
		f->done = to;
		return true;
	}
	if (!wanted(f, PII_SECRET))
		return false;
	if (vendor_key(f, from) || find_chain(f, from))
		return true;
	if (infix_key(f, from, to))
		return true;
	start = chain_start(f, from);
	return other_key(f, from, to) || (start < from && other_key(f, start, to));
}

void
find_long_word(struct find *f, size_t i)
{
	size_t from = find_back(f, i, IS_WORD, 64), to = find_past(f, i, IS_WORD, f->len);

	if (after(f, from, IS_WORD))
		return;
	find_edges(f, &from, &to);
	if (from == to) /* a line of underscores */
		return;
	find_token(f, from, to);
	if (to > f->done && to - from >= 128)
		f->done = to;
}

/* ---- PEM ---- */

/* "-----BEGIN ... PRIVATE KEY-----" and all that belongs to it, down to the END line or as far as it looks
 * like it. */
void
find_dashes(struct find *f, size_t i)
{
	size_t start = i, end = i + 1, label;
	bool key = false;

	if (!find_says(f, end, "begin ") || !wanted(f, PII_SECRET))
		return;
	while (start > 0 && i - start < 5 && f->p[start - 1] == '-')
		start--;
	for (label = end; label < f->len && label - end < 48 && f->p[label] != '-'; label++)
		key |= find_says(f, label, "private key");
	if (!key || at(f, label) != '-')
		return;
	for (end = label; end < f->len; end++) {
		unsigned char c = f->p[end];

		if (c == '-' && find_says(f, end, "-----end ")) {
			size_t stop = end + 9;

			while (stop < f->len && stop - end < 64 && f->p[stop] != '-')
				stop++;
			while (stop < f->len && stop - end < 72 && f->p[stop] == '-')
				stop++;
			end = stop;
			break;
		}
		if (!(byte_is[c] & IS_B64) && !strchr("=\r\n\t \\:,", c))
			break;
		if (c == ' ' && at(f, end + 1) == ' ')
			break;
	}
	while (end > label && strchr("\r\n\t :,\\", f->p[end - 1]))
		end--;
	f->done = end;
	find_report(f, PII_SECRET, start, end, PII_CERTAIN, "pem");
}
