/* Keys and passwords by the names that stand before them. */
#include "arena.h"
#include "pii_check.h"
#include "pii_find.h"
#include "pii_money.h"

#include <assert.h>

#define COUNT(a) (sizeof(a) / sizeof *(a))
#define KEY_LOOK 40 /* bytes before a value in which its name is looked for */

/* ---- names ---- */

enum kind { NO_NAME, PASSWORD, WEAK_PASSWORD, TOKEN, CODE4, CODE3, PHRASE };

/* In small letters, without space, _ - and . between; what a name ends with. whole: nothing but this. */
static const struct name {
	const char *text;
	enum kind kind;
	bool whole;
} names[] = {
    {"password", PASSWORD, false},
    {"passwd", PASSWORD, false},
    {"passwort", PASSWORD, false},
    {"kennwort", PASSWORD, false},
    {"pwd", PASSWORD, true},
    {"psw", PASSWORD, true},
    {"pass", WEAK_PASSWORD, true},
    {"pw", PASSWORD, true},
    {"passphrase", PASSWORD, false},
    {"passcode", PASSWORD, false},
    {"contraseña", PASSWORD, false},
    {"contrasena", PASSWORD, false},
    {"clave", PASSWORD, true},
    {"motdepasse", PASSWORD, false},
    {"mdp", PASSWORD, true},
    {"hasło", PASSWORD, false},
    {"haslo", PASSWORD, false},
    {"senha", PASSWORD, false},
    {"wachtwoord", PASSWORD, false},
    {"lösenord", PASSWORD, false},
    {"losenord", PASSWORD, false},
    {"adgangskode", PASSWORD, false},
    {"kodeord", PASSWORD, false},
    {"passord", PASSWORD, false},
    {"salasana", PASSWORD, false},
    {"jelszó", PASSWORD, false},
    {"heslo", PASSWORD, false},
    {"parola", PASSWORD, true},
    {"şifre", PASSWORD, false},
    {"пароль", PASSWORD, false},
    {"Пароль", PASSWORD, false},
    {"密码", PASSWORD, false},
    {"密碼", PASSWORD, false},
    {"口令", PASSWORD, false},
    {"şifrem", PASSWORD, false},
    {"şifresi", PASSWORD, false},
    {"parolası", PASSWORD, false},
    {"salasanani", PASSWORD, false},
    {"비번", PASSWORD, false},
    {"creds", PASSWORD, false},
    {"wlanschlüssel", PASSWORD, false},
    {"netzwerkschlüssel", PASSWORD, false},
    {"wifikey", PASSWORD, false},
    {"phpsessid", TOKEN, false},
    {"katasandi", PASSWORD, false},
    {"mậtkhẩu", PASSWORD, false},
    {"รหัสผ่าน", PASSWORD, false},
    {"palavrapasse", PASSWORD, false},
    {"lozinka", PASSWORD, false},
    {"geslo", PASSWORD, true},
    {"parool", PASSWORD, true},
    {"slaptažodis", PASSWORD, false},
    {"パスワード", PASSWORD, false},
    {"비밀번호", PASSWORD, false},
    {"पासवर्ड", PASSWORD, false},
    {"كلمةالمرور", PASSWORD, false},
    {"סיסמה", PASSWORD, false},
    {"κωδικός", PASSWORD, false},
    {"secret", TOKEN, false},
    {"secretkey", TOKEN, false},
    {"secretkeybase", TOKEN, false},
    {"apikey", TOKEN, false},
    {"accesskey", TOKEN, false},
    {"authkey", TOKEN, false},
    {"privatekey", TOKEN, false},
    {"accountkey", TOKEN, false},
    {"sharedaccesskey", TOKEN, false},
    {"signingkey", TOKEN, false},
    {"encryptionkey", TOKEN, false},
    {"token", TOKEN, false},
    {"credential", TOKEN, false},
    {"credentials", TOKEN, false},
    {"bearer", TOKEN, true},
    {"authorization", TOKEN, true},
    {"apischlüssel", TOKEN, false},
    {"secretaccesskey", TOKEN, false},
    {"sessionid", TOKEN, false},
    {"accesskeyid", TOKEN, false},
    {"clientsecret", TOKEN, false},
    {"pin", CODE4, true},
    {"cvv", CODE3, true},
    {"cvc", CODE3, true},
    {"cvv2", CODE3, true},
    {"cvc2", CODE3, true},
    {"csc", CODE3, true},
    {"seedphrase", PHRASE, false},
    {"recoveryphrase", PHRASE, false},
    {"seedwords", PHRASE, false},
    {"mnemonic", PHRASE, false},
    {"mnemonicphrase", PHRASE, false},
};

static bool
is_gap(unsigned char c)
{
	return c == ' ' || c == '_' || c == '-' || c == '.';
}

/* May a name end before i? By its last two bytes, between which there may be a gap. */
static bool
name_ends(const struct find *f, size_t i)
{
	size_t k = i > 1 && is_gap(f->p[i - 2]) ? i - 1 : i;

	return k > 1 && pair_in(f->names->pairs, small(f->p[k - 2]), small(f->p[i - 1]));
}

/* What the name that ends before i says about what comes behind it. *from: where the name begins. */
static enum kind
kind_of_name(const struct find *f, size_t i, size_t *from)
{
	enum kind best = NO_NAME;
	size_t longest = 0;

	if (!name_ends(f, i))
		return NO_NAME;
	for (size_t next = f->names->last[small(f->p[i - 1])]; next; next = f->names->before[next - 1]) {
		size_t k = next - 1, len = f->names->len[k], n = len, at_ = i, gaps = 0;
		const unsigned char *name = (const unsigned char *)names[k].text;

		if (len <= longest)
			continue;
		while (n > 0 && at_ > 0 && gaps < 2) {
			unsigned char c = small(f->p[at_ - 1]);

			if (c == name[n - 1]) {
				n--;
				at_--;
				gaps = 0;
			} else if (n < len && is_gap(c)) {
				at_--;
				gaps++;
			} else {
				break;
			}
		}
		if (n > 0 || (names[k].whole && after(f, at_, IS_ALNUM)))
			continue;
		best = names[k].kind;
		longest = len;
		*from = at_;
	}
	return best;
}

/* ---- values ---- */

struct value {
	size_t start, end;
	bool quoted, bracket;
	bool digit, letter, mixed, sign; /* mixed: both cases inside, sign: another sign inside */
};

static bool
quote_or_space(unsigned char c)
{
	return c == ' ' || c == '"' || c == '\'' || c == '`';
}

/* Does what stands at i end a value that begins behind an escape, or behind none? */
static bool
ends_value(const struct find *f, size_t i, bool escapes)
{
	return byte_is[f->p[i]] & IS_END && (escapes || !escaped(f, i));
}

static void
value_look(const struct find *f, struct value *v)
{
	bool upper = false, lower = false;

	for (size_t k = v->start; k < v->end; k++) {
		unsigned char c = f->p[k];

		v->digit |= byte_is[c] & IS_DIGIT;
		upper |= k > v->start && byte_is[c] & IS_UPPER;
		lower |= byte_is[c] & IS_LOWER;
		v->sign |= !(byte_is[c] & IS_WORD) && c < 0x80 && c != '.' && c != '-';
	}
	v->letter = upper || lower;
	v->mixed = upper && lower;
}

/* Behind the bracket at i that a value stands in: (hunter2), 「hunter2」, <hunter2 that is no name. */
static size_t
past_bracket(const struct find *f, size_t i)
{
	static const struct word brackets[] = {WORD("("), WORD("「"), WORD("『"), WORD("【"), WORD("】"),
	    WORD("“"), WORD("„"), WORD("« "), WORD("«")};

	for (size_t k = 0; k < COUNT(brackets); k++)
		if (at(f, i) == (unsigned char)*brackets[k].text && find_says(f, i, brackets[k].text))
			return i + brackets[k].len;
	return at(f, i) == '<' && at(f, i + 1) > ' ' &&
		       !memchr(f->p + i, '>', f->len - i < 64 ? f->len - i : 64)
		   ? i + 1
		   : i;
}

/* The value at i, in quotes or up to a space. */
static struct value
value_at(const struct find *f, size_t i)
{
	struct value v = {0};
	unsigned char quote;
	size_t max;
	bool esc;

	v.start = past_bracket(f, i);
	v.bracket = v.start > i;
	i = v.start;
	quote = at(f, i);
	if (quote == '\\' && at(f, i + 1) == '"') /* JSON in JSON */
		quote = at(f, ++i);
	if (quote == '"' || quote == '\'' || quote == '`') {
		v.quoted = true;
		i++;
	}
	v.start = v.end = i;
	esc = i > 0 && escaped(f, i - 1); /* "hunter2\\u0022 goes on, \\u0022hunter2\\u0022 ends */
	max = f->len - i < 4096 ? f->len : i + 4096;
	while (v.end < max &&
	       (v.quoted ? (f->p[v.end] != quote || escaped(f, v.end) != esc) && f->p[v.end] >= ' '
			 : !ends_value(f, v.end, esc)))
		v.end++;
	if (v.quoted && at(f, v.end) != quote) {
		v.quoted = false; /* it does not end: up to a space, then */
		for (v.end = v.start; v.end < max && !ends_value(f, v.end, esc); v.end++)
			;
	}
	if (v.quoted && v.end > v.start && f->p[v.end - 1] == '\\')
		v.end--;
	if (!v.quoted) {
		for (size_t k = v.start; k < v.end; k++)
			if (escaped(f, k) && !esc)
				continue;
			else if ((f->p[k] == '(' &&
				     at(f, k + 1) >= 0x80) || /* no call, but text of another alphabet */
				 (f->p[k] == ')' && v.bracket))
				v.end = k;
			else if (f->p[k] == ',' || f->p[k] == ';' || f->p[k] == '&' ||
				 f->p[k] >= 0x80) { /* the next of a list; text of another alphabet */
				if (f->p[k] >= 0x80 && f->p[k] != 0xe3 && f->p[k] != 0xef)
					continue;
				if (f->p[k] != '&' || k - v.start >= 16 || memchr(f->p + k, '=', v.end - k))
					v.end = k;
			}
		while (
		    v.end > v.start && strchr(".,;:?)]}", f->p[v.end - 1]) && (esc || !escaped(f, v.end - 1)))
			v.end--;
	}
	value_look(f, &v);
	return v;
}

/* The name of something instead of what it holds: $PASSWORD, ${password}, %PASSWORD%, {{password}},
 * <password>, [password]. */
static bool
variable(const struct find *f, const struct value *v)
{
	static const char open[] = "{<[%", closed[] = "}>]%";
	unsigned char first = f->p[v->start], last = at(f, v->end);
	size_t i = v->start + (first == '$');
	const char *which = f->p[i] ? strchr(open, f->p[i]) : NULL;
	bool digit = false, lower = false;

	if (escaped(f, v->start))
		return false;
	if (find_says(f, v->start, "$env:") ||
	    ((first == '$' || first == '#') && (at(f, v->start + 1) == '{' || at(f, v->start + 1) == '(')))
		return true;
	if (which) /* the closing one may be taken for the end of a sentence */
		return last == (unsigned char)closed[which - open] ||
		       (v->end - i > 1 && f->p[v->end - 1] == (unsigned char)closed[which - open]);
	for (size_t k = i; k < v->end; k++) {
		digit |= byte_is[f->p[k]] & IS_DIGIT;
		lower |= byte_is[f->p[k]] & IS_LOWER;
	}
	return first == '$' && i < v->end && find_past(f, i, IS_WORD, v->end - i) == v->end &&
	       !(digit && lower);
}

/* What is written where no password is: words of programs and of forms. */
static bool
no_password(const struct find *f, const struct value *v)
{
	static const struct word words[] = {WORD("null"), WORD("none"), WORD("nil"), WORD("true"),
	    WORD("false"), WORD("undefined"), WORD("required"), WORD("optional"), WORD("string"), WORD("str"),
	    WORD("text"), WORD("reset"), WORD("field"), WORD("missing"), WORD("invalid"), WORD("incorrect"),
	    WORD("wrong"), WORD("forgotten"), WORD("changed"), WORD("expired"), WORD("empty"),
	    WORD("unknown"), WORD("hidden"), WORD("redacted"), WORD("removed"), WORD("value"),
	    WORD("example"), WORD("placeholder"), WORD("changes"), WORD("input"), WORD("type"),
	    WORD("options"), WORD("please"), WORD("yes"), WORD("no"), WORD("any"), WORD("not"), WORD("ok"),
	    WORD("todo"), WORD("failed"), WORD("failure"), WORD("error"), WORD("denied"), WORD("needed"),
	    WORD("correct"), WORD("valid"), WORD("forgot"), WORD("lost"), WORD("vergessen"), WORD("falsch"),
	    WORD("ungültig"), WORD("abgelaufen"), WORD("erforderlich"), WORD("geändert"), WORD("fehlt"),
	    WORD("unbekannt"), WORD("leer"), WORD("richtig"), WORD("zurücksetzen"), WORD("oublié"),
	    WORD("perdu"), WORD("invalide"), WORD("incorrecte"), WORD("expiré"), WORD("requis"),
	    WORD("obligatoire"), WORD("changé"), WORD("olvidada"), WORD("olvidé"), WORD("incorrecta"),
	    WORD("inválida"), WORD("requerida"), WORD("caducada"), WORD("cambiada"), WORD("dimenticata"),
	    WORD("errata"), WORD("scaduta"), WORD("richiesta"), WORD("esquecida"), WORD("esqueci"),
	    WORD("incorreta"), WORD("expirada"), WORD("obrigatória"), WORD("vergeten"), WORD("onjuist"),
	    WORD("ongeldig"), WORD("verlopen"), WORD("verplicht"), WORD("zapomniane"), WORD("błędne"),
	    WORD("nieprawidłowe"), WORD("wygasło"), WORD("wymagane"), WORD("unuttum"), WORD("yanlış"),
	    WORD("geçersiz"), WORD("hatalı"), WORD("glömt"), WORD("felaktigt"), WORD("glemt"),
	    WORD("forkert"), WORD("unohtui"), WORD("väärin"), WORD("неверный"), WORD("забыл"), WORD("забыт"),
	    WORD("забыла"), WORD("неправильный"), WORD("истек"), WORD("错误"), WORD("忘记"), WORD("忘了"),
	    WORD("无效"), WORD("已过期"), WORD("錯誤"), WORD("不明"), WORD("忘れた"), WORD("間違い"),
	    WORD("無効"), WORD("분실"), WORD("오류"), WORD("잊음")};

	if (v->end - v->start < 3 || variable(f, v))
		return true;
	if (!v->quoted && v->end > v->start && f->p[v->end - 1] == '(' && is(f, v->end - 2, IS_WORD))
		return true;								/* input("...") */
	if (at(f, v->end) == ')' || (v->end - v->start > 2 && f->p[v->end - 1] == ')')) /* a call */
		for (size_t k = v->start + 1; k < v->end; k++)
			if (f->p[k] == '(' && is(f, k - 1, IS_WORD) && !escaped(f, k))
				return true;
	if (find_says(f, v->start, "http:") || find_says(f, v->start, "https:") ||
	    find_says(f, v->start, "process.env") || find_says(f, v->start, "os.environ"))
		return true;
	if (!v->digit && find_among(f, v->start, v->end, words, COUNT(words)))
		return true;
	for (size_t k = v->start + 1; k < v->end; k++) /* ******, xxxx */
		if (f->p[k] != f->p[v->start])
			return false;
	return !(byte_is[f->p[v->start]] & IS_DIGIT);
}

/* The words of a wallet: at least twelve, in small letters. Where they end, or 0. */
static size_t
phrase_end(const struct find *f, size_t i)
{
	size_t words = 0, end = 0;

	for (; words < 24 && is(f, i, IS_LOWER); words++) {
		end = find_past(f, i, IS_LOWER, 9);
		if (end - i < 3 || end - i > 8)
			break;
		i = end + (at(f, end) == ',');
		i += at(f, i) == ' ';
	}
	return words >= 12 ? end : 0;
}

static bool
digits_only(const struct value *v)
{
	return v->digit && !v->letter && !v->sign;
}

/* Is this what a thing of this kind looks like? sure: it stands behind = or in quotes. */
static bool
good_value(const struct find *f, enum kind kind, const struct value *v, bool sure)
{
	size_t n = v->end - v->start;
	unsigned char next = at(f, v->end);

	switch (kind) {
	case PHRASE:
		return phrase_end(f, v->start) == v->end;
	case CODE4:
		return digits_only(v) && n == 4;
	case CODE3:
		return digits_only(v) && (n == 3 || n == 4);
	case TOKEN:
		return n >= 12 && !no_password(f, v) && !v->sign + !v->mixed < 2 + (n >= 20 || v->digit) &&
		       check_entropy((const char *)f->p + v->start, n) >= (n >= 20 ? 3.2 : 3.0) &&
		       (v->digit || v->mixed) && !(v->quoted && memchr(f->p + v->start, ' ', n));
	case WEAK_PASSWORD:
		return !no_password(f, v) && n >= 5 && n <= 128 && v->letter && v->digit;
	case PASSWORD:
		if (no_password(f, v) || n > 128)
			return false;
		if (v->digit || v->sign || (v->mixed && n >= 6))
			return !v->quoted || !memchr(f->p + v->start, ' ', n) || n <= 40;
		if (sure)
			return n >= 4 && !memchr(f->p + v->start, '.', n);
		return n >= 6 && (next == 0 || next == '\n' || next == '\r' ||
				     (strchr(".,;", next) && at(f, v->end + 1) <= ' '));
	default:
		return false;
	}
}

static bool
take_value(struct find *f, enum kind kind, const struct value *v, bool sure, const char *rule)
{
	if (!good_value(f, kind, v, sure)) {
		f->value_done = v->end;
		f->loud = true;
		return find_leave(f, PII_SECRET, v->start, v->end, rule, "not like a secret");
	}
	if (!find_report(f, PII_SECRET, v->start, v->end, PII_CERTAIN, rule))
		return false;
	f->done = v->end;
	return true;
}

/* What stands between a name and its value. */
static const struct word links[] = {WORD("is"), WORD("was"), WORD("ist"), WORD("lautet"), WORD("es"),
    WORD("est"), WORD("\xc3\xa8"), WORD("\xc3\xa9"), WORD("to"), WORD("war"), WORD("\xc3\xa4r"), WORD("on"),
    WORD("jest"), WORD("are"), WORD("auf"), WORD("c'est"), WORD("–"), WORD("—")};

/* Chinese, Japanese and Korean ones stand without a space: 是 为 は 는 은 */
static const struct word rows[] = {WORD("\xe6\x98\xaf"), WORD("\xe4\xb8\xba"), WORD("\xe3\x81\xaf"),
    WORD("\xeb\x8a\x94"), WORD("\xec\x9d\x80")};

static bool
dash_before(const struct find *f, size_t i)
{
	return i > 2 && f->p[i - 1] == '-' && f->p[i - 2] == ' ';
}

/* What a link does not say for sure: "password to login2", "Passwort auf Seite3", "password - step1", "Token
 * - started". */
static bool
weak_link(const struct find *f, size_t i, size_t link)
{
	return link == 2 || f->p[i - 1] >= 0x80
		   ? dash_before(f, i) || find_says(f, i - 3, "–") || find_says(f, i - 3, "—")
		   : find_says(f, i - 2, "to") || find_says(f, i - 2, "on") || find_says(f, i - 3, "auf") ||
			 find_says(f, i - 3, "are");
}

/* "is" between a name and its value: how many bytes before i, with the space; 0 where there is none. */
static size_t
link_before(const struct find *f, size_t i)
{
	size_t from = i;
	unsigned char last = i > 0 ? f->p[i - 1] : 0;

	if (dash_before(f, i))
		return 2;
	if (i < 2 || !pair_in(f->names->links, small(f->p[i - 2]), small(last)))
		return 0;
	if (i >= 3 && f->p[i - 3] >= 0xe3 && find_among(f, i - 3, i, rows, COUNT(rows)))
		return 3;
	while (from > 0 && i - from < 7 && f->p[from - 1] > ' ')
		from--;
	if (from < 2 || i - from > 6 || f->p[from - 1] != ' ' || !find_among(f, from, i, links, COUNT(links)))
		return 0;
	return i - from + 1;
}

/* Behind the name of a key, with a _ between. */
static const struct word suffixes[] = {WORD("prod"), WORD("production"), WORD("dev"), WORD("test"),
    WORD("live"), WORD("staging"), WORD("ro"), WORD("rw"), WORD("old"), WORD("new"), WORD("base"),
    WORD("primary"), WORD("secondary"), WORD("v1"), WORD("v2"), WORD("v3")};

/* What says which of several keys it is, API_KEY_PROD, token2: how many bytes before i; 0: nothing. */
static size_t
suffix_before(const struct find *f, size_t i)
{
	size_t from = i;

	while (from > 0 && i - from < 11 && byte_is[f->p[from - 1]] & IS_ALNUM)
		from--;
	if (after(f, from, IS_UNDER) && (find_among(f, from, i, suffixes, COUNT(suffixes)) ||
					    (from < i && find_past(f, from, IS_DIGIT, 3) == i)))
		return i - from + 1;
	for (from = i; from > 0 && i - from < 2 && byte_is[f->p[from - 1]] & IS_DIGIT;)
		from--;
	return after(f, from, IS_ALPHA) ? i - from : 0;
}

/* May what ends before i be a name, or go on from one? By its last two bytes. */
static bool
may_be_name(const struct find *f, size_t i)
{
	unsigned char prior = i > 1 ? small(f->p[i - 2]) : 0, last = i > 0 ? small(f->p[i - 1]) : 0;

	return pair_in(f->names->ends, prior, last) || (last == '-' && prior == ' ') ||
	       (byte_is[last] & IS_DIGIT && byte_is[prior] & IS_WORD) || (is_gap(prior) && name_ends(f, i));
}

/* What stands between a name and what it is for: "password for the router", "пароль от вайфая". */
static const struct word fors[] = {WORD("for"), WORD("of"), WORD("del"), WORD("do"), WORD("du"), WORD("de"),
    WORD("da"), WORD("van"), WORD("voor"), WORD("vom"), WORD("von"), WORD("für"), WORD("zum"), WORD("dla"),
    WORD("della"), WORD("per"), WORD("para"), WORD("pour"), WORD("från"), WORD("för"), WORD("til"),
    WORD("от"), WORD("для")};

/* What a name says that is said to be for the words before i. */
static enum kind
kind_of_what(const struct find *f, size_t i)
{
	size_t from;

	for (int k = 0; k < 4; k++) {
		size_t end = i;

		while (i > 0 && end - i < 40 && f->p[i - 1] > ' ' && f->p[i - 1] != ':' && f->p[i - 1] != '=')
			i--;
		if (end - i < 2 || i < 3 || f->p[i - 1] != ' ')
			return NO_NAME;
		if (k > 0 && pair_in(f->names->fors, small(f->p[end - 2]), small(f->p[end - 1])) &&
		    find_among(f, i, end, fors, COUNT(fors)))
			/* "password of the day: Tuesday" */
			return kind_of_name(f, i - 1, &from) == PASSWORD ? WEAK_PASSWORD : NO_NAME;
		i--;
	}
	return NO_NAME;
}

/* The name before a : or = at i, behind which there may be a closing quote and spaces. */
static enum kind
name_before(const struct find *f, size_t i)
{
	enum kind kind;
	size_t from, link, suffix;

	for (int k = 0;
	     k < 4 && i > 0 && (quote_or_space(f->p[i - 1]) || f->p[i - 1] == ']' || f->p[i - 1] == '\\');
	     k++)
		i--;
	if (!may_be_name(f, i))
		return kind_of_what(f, i);
	kind = kind_of_name(f, i, &from);
	suffix = kind == NO_NAME ? suffix_before(f, i) : 0;
	if (suffix) {
		kind = kind_of_name(f, i - suffix, &from);
		/* not pin2 and pw1 */
		return kind == TOKEN || (kind == PASSWORD && i - suffix - from >= 6) ? kind : NO_NAME;
	}
	link = kind == NO_NAME ? link_before(f, i) : 0;
	if (!link && kind == NO_NAME && i >= 5 && find_says(f, i - 5, "value") && !after(f, i - 5, IS_WORD)) {
		/* "name": "DB_PASSWORD", "value": "hunter2" */
		for (i -= 5, from = i;
		     i > 0 && from - i < 12 && strchr(" \t\n\r\"',\\", f->p[i - 1]) && f->p[i - 1];)
			i--;
		return kind_of_name(f, i, &from);
	}
	if (link)
		kind = kind_of_name(f, i - link, &from);
	return kind == NO_NAME ? kind_of_what(f, i - link) : kind;
}

/* Is this among the words of the command before i? Of its last 64 bytes. */
static bool
command_before(const struct find *f, size_t i, const char *word)
{
	size_t from = i, n = strlen(word);

	while (from > 0 && i - from < 64 && !strchr(";|&\n", f->p[from - 1]))
		from--;
	for (; i - from >= n; from++)
		if (find_says(f, from, word) && !after(f, from, IS_WORD) && !is(f, from + n, IS_ALNUM))
			return true;
	return false;
}

/* curl -u admin:hunter2; i: of the colon. */
static bool
find_user(struct find *f, size_t i)
{
	size_t from = i, flag;
	struct value v = {.start = i + 1, .end = i + 1};

	if (byte_is[at(f, i + 1)] & IS_END && !escaped(f, i + 1)) /* the colon behind a word */
		return false;
	while (from > 0 && i - from < 64 &&
	       (after(f, from, IS_WORD) || f->p[from - 1] == '.' || f->p[from - 1] == '-' ||
		   f->p[from - 1] == '@'))
		from--;
	flag = from - (from > 0 && quote_or_space(f->p[from - 1]) && f->p[from - 1] != ' ');
	if (from == i || flag < 3 || (f->p[flag - 1] != ' ' && f->p[flag - 1] != '=') ||
	    !(find_says(f, flag - 3, "-u ") ||
		(flag >= 7 && (find_says(f, flag - 7, "--user ") || find_says(f, flag - 7, "--user=")))) ||
	    !(command_before(f, flag, "curl") || command_before(f, flag, "wget")))
		return false;
	while (v.end < f->len && v.end - i < 128 && !ends_value(f, v.end, false))
		v.end++;
	value_look(f, &v);
	if (v.end - v.start < 4 || variable(f, &v) || !(v.letter && (v.digit || v.mixed || v.sign)) ||
	    !wanted(f, PII_URL_CREDENTIALS) ||
	    !find_report(f, PII_URL_CREDENTIALS, from, v.end, PII_CERTAIN, "user and password"))
		return false;
	f->done = v.end;
	return true;
}

static bool
named_value(struct find *f, size_t i, bool equals)
{
	enum kind kind;
	struct value v;

	if (i < f->value_done || !wanted(f, PII_SECRET) || (kind = name_before(f, i)) == NO_NAME)
		return false;
	i++;
	i += !equals && at(f, i) == '=';
	i += equals && at(f, i) == '>';
	for (int k = 0; k < 3 && (at(f, i) == ' ' || at(f, i) == '\t'); k++)
		i++;
	if (find_says(f, i, "bearer ") || find_says(f, i, "basic ") || find_says(f, i, "token ")) {
		while (at(f, i) > ' ')
			i++;
		i++;
	}
	v = value_at(f, i);
	if (kind == PHRASE && phrase_end(f, v.start))
		v.end = phrase_end(f, v.start);
	return take_value(f, kind, &v, (equals || v.quoted) && !v.bracket, "name and value");
}

/* ?token=...&: what a URL's parameters give away. */
static bool
url_value(struct find *f, size_t i)
{
	static const struct word keys[] = {WORD("token"), WORD("secret"), WORD("password"), WORD("passwd"),
	    WORD("pwd"), WORD("pass"), WORD("apikey"), WORD("key"), WORD("sig"), WORD("signature"),
	    WORD("auth"), WORD("jwt"), WORD("session"), WORD("sessionid"), WORD("sid"), WORD("code"),
	    WORD("credential"), WORD("accesskey"), WORD("otp"), WORD("sas")};
	size_t start = i, end, len, weak;
	char key[KEY_LOOK];
	bool known = false, digit = false, letter = false;

	while (start > 0 && i - start < KEY_LOOK &&
	       (byte_is[f->p[start - 1]] & IS_WORD || f->p[start - 1] == '-'))
		start--;
	if (start == i || start == 0 || !strchr("?&#", f->p[start - 1]) || !wanted(f, PII_URL_CREDENTIALS))
		return false;
	len = 0;
	for (size_t k = start; k < i; k++)
		if (byte_is[f->p[k]] & IS_ALNUM)
			key[len++] = (char)small(f->p[k]);
	for (weak = 0; weak < COUNT(keys) && !known; weak++) {
		size_t n = keys[weak].len;

		known =
		    len >= n && !memcmp(key + len - n, keys[weak].text, n) && (weak < 7 || len == n || n > 4);
	}
	if (!known)
		return false;
	for (end = i + 1; end < f->len && end - i < 4096 &&
			  ((escaped(f, end) && !escaped(f, i)) ||
			      (!ends_value(f, end, true) && !strchr("&#;,)]}", f->p[end])));
	     end++) {
		digit |= byte_is[f->p[end]] & IS_DIGIT;
		letter |= byte_is[f->p[end]] & IS_ALPHA;
	}
	len = end - i - 1;
	if (len < 3 || (weak > 7 && !(len >= 8 && digit && letter) && len < 20))
		return false;
	if (!find_report(f, PII_URL_CREDENTIALS, i + 1, end, PII_CERTAIN, "parameter"))
		return false;
	f->done = end;
	return true;
}

void
find_equals(struct find *f, size_t i)
{
	if (at(f, i + 1) == '=') { /* ==, and lines of it */
		while (at(f, i) == '=')
			i++;
		f->done = i;
		return;
	}
	if (i > 0 && f->p[i - 1] && strchr("=!<>+*/", f->p[i - 1]))
		return;
	if (!url_value(f, i))
		named_value(f, i, true);
}

/* 1234567890:AA...: what a Telegram bot says who it is with; i: of the colon. */
static bool
find_bot(struct find *f, size_t i)
{
	size_t from = i, end = i + 1;

	while (from > 0 && i - from < 11 && byte_is[f->p[from - 1]] & IS_DIGIT)
		from--;
	if (i - from < 8 || i - from > 10 || at(f, end) != 'A' || at(f, end + 1) != 'A' ||
	    glued_before(f, from))
		return false;
	while (end - i <= 36 && (is(f, end, IS_WORD) || at(f, end) == '-'))
		end++;
	if (end - i - 1 != 35 || !find_report(f, PII_SECRET, from, end, PII_CERTAIN, "vendor"))
		return false;
	f->done = end;
	return true;
}

void
find_colon(struct find *f, size_t i)
{
	if (at(f, i + 1) == '/' && at(f, i + 2) == '/') {
		find_url(f, i);
		return;
	}
	if (i >= f->hex_done && (is(f, i + 1, IS_HEX) || at(f, i + 1) == ':') && find_hex(f, i))
		return;
	if (!find_bot(f, i) && !find_user(f, i))
		named_value(f, i, false);
}

/* Before the bracket that ends before i: 密码是「hunter2, 【密码】hunter2, mot de passe « hunter2. */
static size_t
bracket_before(const struct find *f, size_t i)
{
	static const struct word brackets[] = {WORD("「"), WORD("『"), WORD("【"), WORD("】"), WORD("«")};

	for (size_t k = 0; k < COUNT(brackets); k++)
		if (i >= brackets[k].len && find_says(f, i - brackets[k].len, brackets[k].text))
			return i - brackets[k].len;
	return i;
}

/* Behind the name, where the value at i is in the cell of a table right behind it, | password | Winter#24 |,
 * or in the element that has it for a key: <entry key="password">hunter2; i where there is no cell before. */
static size_t
cell_before(const struct find *f, size_t i)
{
	size_t end = i, tags = 0;
	bool bar = false, closed = false;

	while (end > 0 && i - end < 64) {
		unsigned char c = f->p[end - 1];

		if (c == '>' && tags++ < 2 && !bar) {
			const unsigned char *open =
			    memrchr(f->p + (end < 32 ? 0 : end - 32), '<', end < 32 ? end : 32);

			if (!open || placeholder_known(f, (size_t)(open - f->p)))
				return i;
			if (end > 2 && f->p[end - 2] == '"')
				return find_says(f, (size_t)(open - f->p), "<input") ? i : end - 2;
			end = (size_t)(open - f->p);
			closed = tags == 2 && find_says(f, end, "</t");
		} else if ((c == '|' || c == '\t') && !bar && tags == 0) {
			bar = true;
			end--;
		} else if (c == ' ' || c == ':' || (c == '\n' && tags > 0)) {
			end--;
		} else {
			break;
		}
	}
	return bar || closed ? end : i;
}

/* What the words before the value at start say, with a space or a quote between, or right before where they
 * are Chinese and the like: 密码是hunter2. */
static enum kind
kind_before(const struct find *f, size_t start, size_t *link, bool *weak)
{
	size_t i = start, from = 0;
	enum kind kind;

	*link = 0;
	*weak = false;
	for (size_t last = i + 1; i < last && start - i < 5;) { /* 【密码】hunter2, mot de passe « hunter2 */
		last = i;
		if (i > 0 && f->p[i - 1] >= 0x80)
			i = bracket_before(f, i);
		else if (i > 0 && quote_or_space(f->p[i - 1]))
			i--;
	}
	if (i > 0 && (f->p[i - 1] == '>' || f->p[i - 1] == '|' || f->p[i - 1] == '\t')) {
		size_t end = cell_before(f, i);

		if (end < 2 || end == i || !may_be_name(f, end))
			return NO_NAME;
		kind = kind_of_name(f, end, &from);
		*weak = f->p[end] != '"';
		return f->p[end] != '"' || (from >= 5 && find_says(f, from - 5, "key=\"")) ||
			       (from >= 6 && find_says(f, from - 6, "name=\""))
			   ? kind
			   : NO_NAME;
	}
	if (i < 2 || (i == start && f->p[i - 1] < 0x80) ||
	    (is(f, i - 1, IS_DIGIT) && !f->names->last[f->p[i - 1]]))
		return NO_NAME;
	if (!may_be_name(f, i))
		return NO_NAME;
	*link = link_before(f, i);
	kind = kind_of_name(f, i - *link, &from);
	if (kind == NO_NAME && *link)
		kind = kind_of_what(f, i - *link);
	if (kind == NO_NAME)
		return NO_NAME;
	/* "hasło to", "salasana on" */
	*weak = *link && weak_link(f, i, *link) && !find_says(f, from, "has") && !find_says(f, from, "sal");
	return kind;
}

/* Do the letters behind -p make another option: -port, -proxy? */
static bool
other_option(const struct find *f, size_t i)
{
	return find_says(f, i, "ort") || find_says(f, i, "ro") || find_says(f, i, "lug") ||
	       find_says(f, i, "age");
}

/* The p of sshpass -p hunter2, docker login -p hunter2 and mysql -phunter2: where the value begins, if the
 * word at start is it. */
static size_t
flag_value(const struct find *f, size_t start)
{
	static const char *const shells[] = {
	    "sshpass", "docker login", "podman login", "mysql", "mysqldump", "mariadb"};
	bool glued = at(f, start) == '-' && at(f, start + 1) == 'p' && !other_option(f, start + 2);
	size_t value = glued
			   ? start + 2
			   : start - (start > 0 && quote_or_space(f->p[start - 1]) && f->p[start - 1] != ' ');

	if (!glued && (start < 5 || !find_says(f, value - 4, " -p ")))
		return 0;
	for (size_t k = 0; k < (glued ? COUNT(shells) : 3); k++) /* those of mysql stand right behind */
		if (command_before(f, start, shells[k]))
			return value;
	return 0;
}

/* Nothing else looks like it: small and capital letters, digits and other signs; no path, no word-2. */
static bool
strong(const struct find *f, const struct value *v)
{
	int seen = 0;

	for (size_t k = v->start; k < v->end; k++) {
		unsigned char c = f->p[k];

		if (c == '/')
			return false;
		seen |= byte_is[c] & (IS_DIGIT | IS_LOWER | IS_UPPER | IS_UNDER);
		seen |= byte_is[c] & IS_WORD || c >= 0x80 || c == '-' || c == '.' ? 0 : IS_UNDER;
	}
	return seen == (IS_DIGIT | IS_LOWER | IS_UPPER | IS_UNDER);
}

/* "password is hunter2", "password hunter2": a word with a digit at start, of which nothing else is known. */
bool
find_named_secret(struct find *f, size_t start)
{
	size_t i = start, ascii, link = 0;
	bool weak = false;
	enum kind kind;
	struct value v;

	if (start < f->named_done || !wanted(f, PII_SECRET))
		return false;
	while (i > 0 && start - i < 64 && !ends_value(f, i - 1, true) && f->p[i - 1] < 0x80)
		i--;
	ascii = i;
	while (i > 0 && start - i < 64 && !ends_value(f, i - 1, true))
		i--;
	if (start - i > 8) { /* what stands in one piece, and is long, is looked at once */
		f->named_done = start;
		while (f->named_done < f->len && f->named_done - start < 256 &&
		       !ends_value(f, f->named_done, true))
			f->named_done++;
	}
	start = i;
	if ((i = flag_value(f, start))) {
		v = value_at(f, i);
		return v.letter && take_value(f, PASSWORD, &v, false, "command line");
	}
	kind = kind_before(f, start, &link, &weak);
	if (kind == NO_NAME && ascii > start) {
		start = ascii;
		kind = kind_before(f, start, &link, &weak);
	}
	if (kind == NO_NAME)
		return false;
	if (at(f, start) && start > 0 && strchr("\"'`", f->p[start - 1]))
		start--;
	v = value_at(f, start);
	if (weak && (kind == TOKEN ? link > 0 : !strong(f, &v)))
		return false;
	if (!v.letter && kind != CODE3 && !(link && v.digit && v.end - v.start >= 3))
		return false;
	if (!link && kind == PASSWORD && v.end - v.start < 5)
		return false;
	if (kind == PASSWORD && !v.letter && v.end - v.start < 4)
		return false;
	return take_value(f, kind, &v, v.quoted, "name and value");
}

/* <password>hunter2</password> */
bool
find_element(struct find *f, size_t i)
{
	size_t end = i + 1, from;
	enum kind kind;
	struct value v;

	while (end - i < KEY_LOOK && (is(f, end, IS_WORD) || at(f, end) == '-' || at(f, end) == ':'))
		end++;
	if (at(f, end) != '>' || end == i + 1 || !wanted(f, PII_SECRET) ||
	    (kind = kind_of_name(f, end, &from)) == NO_NAME || placeholder_known(f, i))
		return false;
	v = value_at(f, end + 1);
	return at(f, v.end) == '<' && at(f, v.end + 1) == '/' && take_value(f, kind, &v, true, "element");
}

/* What the name of the whole text says: {"password": "hunter2"}. */
static enum kind
kind_of_text(const struct find *f)
{
	struct find name = {.p = (const unsigned char *)f->name.p, .len = f->name.len, .names = f->names};
	size_t from;

	return kind_of_name(&name, name.len, &from);
}

void
find_named_text(struct find *f)
{
	struct value v = {.start = 0, .end = f->len, .quoted = true};
	enum kind kind;

	if (!f->name.p || !f->name.len || !f->len || !wanted(f, PII_SECRET) ||
	    (kind = kind_of_text(f)) == NO_NAME)
		return;
	value_look(f, &v);
	take_value(f, kind, &v, true, "name and value");
}

/* ---- opening ---- */

/* The last two bytes of a word. */
static void
put_last(uint64_t set[PAIR_WORDS], const struct word *w)
{
	pair_put(set, (unsigned char)w->text[w->len - 2], (unsigned char)w->text[w->len - 1]);
}

struct names *
names_open(void)
{
	struct names *n = xcalloc(1, sizeof *n);

	static_assert(COUNT(names) <= sizeof n->before, "room for all names");
	for (size_t k = 0; k < COUNT(names); k++) {
		const unsigned char *text = (const unsigned char *)names[k].text;
		unsigned char last;

		n->len[k] = (uint8_t)strlen(names[k].text);
		last = text[n->len[k] - 1];
		n->before[k] = n->last[last];
		n->last[last] = (uint8_t)(k + 1);
		pair_put(n->pairs, text[n->len[k] - 2], last);
	}
	for (size_t k = 0; k < COUNT(links); k++)
		put_last(n->links, &links[k]);
	for (size_t k = 0; k < COUNT(rows); k++)
		put_last(n->links, &rows[k]);
	for (size_t k = 0; k < COUNT(fors); k++)
		put_last(n->fors, &fors[k]);
	for (size_t k = 0; k < COUNT(suffixes); k++)
		put_last(n->ends, &suffixes[k]);
	put_last(n->ends, &(struct word)WORD("value"));
	for (size_t k = 0; k < COUNT(n->ends); k++)
		n->ends[k] |= n->pairs[k] | n->links[k];
	vendors_put(n->vendors);
	months_put(n->months);
	return n;
}
