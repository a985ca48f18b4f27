/* Values behind the names of keys and passwords: where they end, and whether they are like secrets. */
#include "pii_secret.h"

#include "pii_check.h"

#define COUNT(a) (sizeof(a) / sizeof *(a))

void
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
struct value
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
bool
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
	if (first != '$' || i == v->end)
		return false;
	i = find_past(f, i, IS_WORD, v->end - i);
	return (i == v->end && !(digit && lower)) ||
	       (i > v->start + 1 && (at(f, i) == '[' || find_says(f, i, "->") || find_says(f, i, "::")));
}

/* What programs write for what is held elsewhere, or for its type: settings.API_KEY, new_password, = auth[2],
 * Optional[str], &str, = getpass(prompt, = split_name. */
static bool
reference(const struct find *f, const struct value *v, bool token)
{
	size_t i = v->start, from = 0, inner;
	bool dots = false, lower = true, assigned = i > 1 && f->p[i - 1] == ' ' && f->p[i - 2] == '=';

	if (f->p[i] == '&')
		return (find_says(f, i, "&str") || find_says(f, i, "&mut")) && !is(f, i + 4, IS_WORD);
	for (; i < v->end && (byte_is[f->p[i]] & (IS_ALPHA | IS_UNDER) || (i > v->start && f->p[i] == '.'));
	     i++) {
		dots |= f->p[i] == '.';
		lower &= !(byte_is[f->p[i]] & IS_UPPER);
	}
	inner = i + 1;
	if (i == v->start)
		return false;
	if (i < v->end && f->p[i] == '(')
		return (assigned || dots) && !memchr(f->p + i, ')', v->end - i);
	if (i < v->end)
		return f->p[i] == '[' &&
		       (assigned || find_past(f, inner, IS_ALPHA, v->end - inner) == v->end);
	return (dots && (token || assigned)) ||
	       (assigned && (at(f, i) == ',' || (lower && memchr(f->p + v->start, '_', i - v->start)))) ||
	       (kind_of_name(f, v->end, &from) != NO_NAME &&
		   (from == v->start || (from > v->start && f->p[from - 1] == '_')));
}

/* Words of Chinese and the like, and digits: "8文字以上". */
static bool
only_row(const struct find *f, const struct value *v)
{
	bool row = false;

	for (size_t k = v->start; k < v->end; k++) {
		if (byte_is[f->p[k]] & IS_ALPHA || f->p[k] == '_' ||
		    (f->p[k] < 0x80 && f->p[k] > ' ' && strchr("!#$%&*?@^", f->p[k])))
			return false;
		row |= f->p[k] >= 0xe3 && f->p[k] <= 0xed;
	}
	return row;
}

/* What is written where no password is: words of programs and of forms. */
static bool
no_password(const struct find *f, const struct value *v, enum kind kind)
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
	    WORD("無効"), WORD("분실"), WORD("오류"), WORD("잊음"), WORD("n/a"), WORD("enabled"),
	    WORD("disabled"), WORD("supported"), WORD("hashed"), WORD("hash"), WORD("encrypted"),
	    WORD("secretstr"), WORD("!vault"), WORD("obligatoria"), WORD("obligatorio"), WORD("obbligatoria"),
	    WORD("obbligatorio"), WORD("pflichtfeld"), WORD("pakollinen"), WORD("virheellinen"),
	    WORD("obligatoriskt"), WORD("krävs"), WORD("zorunlu"), WORD("gerekli"), WORD("vereist"),
	    WORD("обязательно"), WORD("обязателен"), WORD("требуется"), WORD("必須"), WORD("未設定"),
	    WORD("必填"), WORD("不能为空"), WORD("不能為空"), WORD("필수"), WORD("आवश्यक"), WORD("अमान्य")};

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
	if (!v->quoted && reference(f, v, kind == TOKEN))
		return true;
	if (f->p[v->start] == '/' && !(v->digit && v->mixed) &&
	    memchr(f->p + v->start + 1, '/', v->end - v->start - 1)) /* a file */
		return true;
	if (only_row(f, v))
		return true;
	for (size_t k = v->start + 1; k < v->end; k++) /* ******, xxxx */
		if (f->p[k] != f->p[v->start])
			return false;
	return !(byte_is[f->p[v->start]] & IS_DIGIT);
}

/* The words of a wallet: at least twelve, in small letters. Where they end, or 0. */
size_t
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
digits_only(const struct find *f, const struct value *v)
{
	return v->digit && find_past(f, v->start, IS_DIGIT, v->end - v->start) == v->end;
}

bool
strong(const struct find *f, const struct value *v)
{
	size_t signs = 0;
	int seen = 0;

	for (size_t k = v->start; k < v->end; k++) {
		unsigned char c = f->p[k];

		if (c == '/')
			return false;
		seen |= byte_is[c] & (IS_DIGIT | IS_LOWER | IS_UPPER | IS_UNDER);
		if (byte_is[c] & IS_WORD || c >= 0x80 || c == '-' || c == '.')
			continue;
		seen |= IS_UNDER;
		signs += strchr("!$%&*^+~", c) ? 2 : 1;
	}
	return seen & IS_DIGIT && seen & IS_ALPHA && v->end - v->start >= 6 &&
	       (signs > 1 || seen == (IS_DIGIT | IS_LOWER | IS_UPPER | IS_UNDER));
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
		return digits_only(f, v) && n == 4;
	case CODE3:
		return digits_only(f, v) && (n == 3 || n == 4);
	case TOKEN:
		return n >= 12 && !no_password(f, v, kind) &&
		       !v->sign + !v->mixed < 2 + (n >= 20 || v->digit) &&
		       check_entropy((const char *)f->p + v->start, n) >= (n >= 20 ? 3.2 : 3.0) &&
		       (v->digit || v->mixed) && !(v->quoted && memchr(f->p + v->start, ' ', n));
	case STRONG_PASSWORD:
		return !no_password(f, v, kind) && n <= 128 && strong(f, v);
	case WEAK_PASSWORD:
		return !no_password(f, v, kind) && n >= 5 && n <= 128 && v->letter && v->digit;
	case PASSWORD:
		if (no_password(f, v, kind) || n > 128)
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

bool
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
