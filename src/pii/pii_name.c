/* Names of keys and passwords, and what may stand between one and its value. */
#include "pii_secret.h"

#include "arena.h"

#include <assert.h>

#define COUNT(a) (sizeof(a) / sizeof *(a))

/* ---- names ---- */

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
    {"parolam", PASSWORD, true},
    {"parolad'ordine", PASSWORD, false},
    {"sifre", PASSWORD, true},
    {"lösenordet", PASSWORD, false},
    {"ww", WEAK_PASSWORD, true},
    {"p/w", PASSWORD, true},
    {"toegangscode", PASSWORD, false},
    {"tunnussana", PASSWORD, false},
    {"パスコード", PASSWORD, false},
    {"패스워드", PASSWORD, false},
    {"암호", PASSWORD, false},
    {"비밀번호가", PASSWORD, false},
    {"psk", WEAK_PASSWORD, true},
    {"wpakey", PASSWORD, false},
    {"wpa2key", PASSWORD, false},
    {"wpa3key", PASSWORD, false},
    {"identifiedby", WEAK_PASSWORD, false},
    {"requirepass", PASSWORD, true},
    {"masterauth", PASSWORD, true},
    {"bindpw", PASSWORD, true},
    {"securitykey", TOKEN, false},
    {"masterkey", TOKEN, false},
    {"recoverykey", TOKEN, false},
    {"licensekey", TOKEN, false},
    {"cléapi", TOKEN, false},
    {"cléd'api", TOKEN, false},
    {"clésecrète", TOKEN, false},
    {"cléprivée", TOKEN, false},
    {"claveapi", TOKEN, false},
    {"clavesecreta", TOKEN, false},
    {"claveprivada", TOKEN, false},
    {"chiaveapi", TOKEN, false},
    {"chiavesegreta", TOKEN, false},
    {"chiaveprivata", TOKEN, false},
    {"chavedeapi", TOKEN, false},
    {"chaveapi", TOKEN, false},
    {"chavesecreta", TOKEN, false},
    {"chaveprivada", TOKEN, false},
    {"apisleutel", TOKEN, false},
    {"kluczapi", TOKEN, false},
    {"kluczprywatny", TOKEN, false},
    {"apiavain", TOKEN, false},
    {"apinyckel", TOKEN, false},
    {"apianahtarı", TOKEN, false},
    {"geheimschlüssel", TOKEN, false},
    {"privaterschlüssel", TOKEN, false},
    {"apiключ", TOKEN, false},
    {"ключapi", TOKEN, false},
    {"jeton", TOKEN, false},
    {"токен", TOKEN, false},
    {"apiキー", TOKEN, false},
    {"トークン", TOKEN, false},
    {"秘密鍵", TOKEN, false},
    {"密钥", TOKEN, false},
    {"密鑰", TOKEN, false},
    {"私钥", TOKEN, false},
    {"令牌", TOKEN, false},
    {"api키", TOKEN, false},
    {"비밀키", TOKEN, false},
    {"개인키", TOKEN, false},
    {"토큰", TOKEN, false},
    {"apiकुंजी", TOKEN, false},
    {"एपीआईकुंजी", TOKEN, false},
    {"secret", TOKEN, false},
    {"palabraclave", NO_NAME, false}, /* what to look for */
    {"publickeytoken", NO_NAME, false},
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
    {"暗証番号", CODE4, false},
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

/* The first of the names that may end before i, 0: none. By its last two bytes, between which there may be a
 * gap. */
static unsigned
names_at(const struct find *f, size_t i)
{
	size_t k = i > 1 && is_gap(f->p[i - 2]) ? i - 1 : i;

	return k > 1 ? f->names->first[pair_of(small(f->p[k - 2]), small(f->p[i - 1]))] : 0;
}

bool
name_ends(const struct find *f, size_t i)
{
	return names_at(f, i) != 0;
}

/* What the name that ends before i says about what comes behind it. *from: where the name begins. */
enum kind
kind_of_name(const struct find *f, size_t i, size_t *from)
{
	enum kind best = NO_NAME;
	size_t longest = 0;

	for (size_t next = names_at(f, i); next; next = f->names->before[next - 1]) {
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

/* What stands between a name and its value; the last of them do not say it for sure: "password to login2",
 * "Passwort auf Seite3", "token as argument2". */
#define SURE_LINKS 12
static const struct word links[] = {WORD("is"), WORD("was"), WORD("ist"), WORD("lautet"), WORD("es"),
    WORD("est"), WORD("\xc3\xa8"), WORD("\xc3\xa9"), WORD("war"), WORD("\xc3\xa4r"), WORD("jest"),
    WORD("c'est"), WORD("to"), WORD("on"), WORD("are"), WORD("auf"), WORD("as"), WORD("als"), WORD("comme"),
    WORD("como"), WORD("–"), WORD("—"), WORD("→"), WORD("➡"), WORD("->"), WORD("-->")};

/* Chinese, Japanese and Korean ones stand without a space: 是 为 は 는 은 */
static const struct word rows[] = {WORD("\xe6\x98\xaf"), WORD("\xe4\xb8\xba"), WORD("\xe3\x81\xaf"),
    WORD("\xeb\x8a\x94"), WORD("\xec\x9d\x80")};

static bool
dash_before(const struct find *f, size_t i)
{
	return i > 2 && f->p[i - 1] == '-' && f->p[i - 2] == ' ';
}

/* Nor does a dash: "password - step1". */
bool
weak_link(const struct find *f, size_t i, size_t link)
{
	return dash_before(f, i) ||
	       find_among(f, i - link + 1, i, links + SURE_LINKS, COUNT(links) - SURE_LINKS);
}

/* "is" between a name and its value: how many bytes before i, with the space; 0 where there is none. */
size_t
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
bool
may_be_name(const struct find *f, size_t i)
{
	unsigned char prior = i > 1 ? small(f->p[i - 2]) : 0, last = i > 0 ? small(f->p[i - 1]) : 0;

	return pair_in(f->names->ends, prior, last) || (last == '-' && prior == ' ') ||
	       (byte_is[last] & IS_DIGIT && byte_is[prior] & IS_WORD) || (is_gap(prior) && name_ends(f, i));
}

/* What stands between a name and what it is for: "password for the router", "пароль от вайфая". */
static const struct word fors[] = {WORD("for"), WORD("of"), WORD("del"), WORD("do"), WORD("du"), WORD("de"),
    WORD("da"), WORD("van"), WORD("voor"), WORD("vom"), WORD("von"), WORD("für"), WORD("zum"), WORD("zur"),
    WORD("fürs"), WORD("до"), WORD("dla"), WORD("della"), WORD("per"), WORD("para"), WORD("pour"),
    WORD("från"), WORD("för"), WORD("til"), WORD("от"), WORD("для")};

/* Which password it is: "mot de passe provisoire", "password wifi". */
static const struct word whichs[] = {WORD("wifi"), WORD("wi-fi"), WORD("wlan"), WORD("admin"), WORD("root"),
    WORD("provisoire"), WORD("temporaire"), WORD("actuel"), WORD("provisional"), WORD("temporal"),
    WORD("actual"), WORD("nueva"), WORD("provvisoria"), WORD("temporanea"), WORD("attuale"), WORD("nuova"),
    WORD("provisória"), WORD("temporária"), WORD("tymczasowe"), WORD("nowe")};

/* The beginning of the word that ends before i, behind a space; i: there is none. */
static size_t
word_back(const struct find *f, size_t i)
{
	size_t from = i;

	while (from > 0 && i - from < 40 && f->p[from - 1] > ' ' && f->p[from - 1] != ':' &&
	       f->p[from - 1] != '=')
		from--;
	return i - from < 2 || from < 3 || f->p[from - 1] != ' ' ? i : from;
}

/* Of a name that does not stand right before the value, "password of the day: Tuesday": weak is what a
 * password is then. */
static enum kind
far_name(const struct find *f, size_t i, enum kind weak)
{
	size_t from;
	enum kind kind = kind_of_name(f, i, &from);

	if (kind == PASSWORD)
		return weak;
	return kind == WEAK_PASSWORD ? STRONG_PASSWORD : kind == TOKEN ? TOKEN : NO_NAME;
}

enum kind
kind_of_what(const struct find *f, size_t i)
{
	for (int k = 0; k < 4; k++) {
		size_t end = i;

		if ((i = word_back(f, end)) == end)
			return NO_NAME;
		if (k == 0 && name_ends(f, i - 1) && find_among(f, i, end, whichs, COUNT(whichs)))
			return far_name(f, i - 1, STRONG_PASSWORD);
		if (k > 0 && pair_in(f->names->fors, small(f->p[end - 2]), small(f->p[end - 1])) &&
		    find_among(f, i, end, fors, COUNT(fors)))
			return far_name(f, i - 1, WEAK_PASSWORD);
		i--;
	}
	return NO_NAME;
}

enum kind
kind_of_changed(const struct find *f, size_t i)
{
	static const struct word words[] = {WORD("reset"), WORD("changed"), WORD("set"), WORD("updated"),
	    WORD("been"), WORD("has"), WORD("was"), WORD("is"), WORD("now"), WORD("wurde")};

	for (int k = 0; k < 4; k++) {
		size_t end = i;

		if ((i = word_back(f, end)) == end || !find_among(f, i, end, words, COUNT(words)))
			return NO_NAME;
		if (far_name(f, --i, PASSWORD) == PASSWORD)
			return PASSWORD;
	}
	return NO_NAME;
}

bool
changed_before(const struct find *f, size_t i)
{
	static const struct word verbs[] = {WORD("changed"), WORD("change"), WORD("set"), WORD("reset"),
	    WORD("updated"), WORD("update"), WORD("changing")};
	static const struct word whose[] = {WORD("my"), WORD("your"), WORD("the"), WORD("our"), WORD("his"),
	    WORD("her"), WORD("their"), WORD("its")};
	size_t end, from;

	if (i < 6 || f->p[i - 1] != ' ')
		return false;
	end = i - 1;
	from = word_back(f, end);
	if (from == end || !find_among(f, from, end, whose, COUNT(whose)))
		return false;
	for (end = --from; from > 0 && byte_is[f->p[from - 1]] & IS_ALPHA;)
		from--;
	return find_among(f, from, end, verbs, COUNT(verbs));
}

/* Before the bracket that ends before i, and what is in it: "Password (case sensitive)"; 0: there is none. */
static size_t
before_bracket(const struct find *f, size_t i)
{
	unsigned char open = at(f, i) == ']' ? '[' : i > 0 && f->p[i - 1] == ')' ? '(' : 0;

	for (size_t from = i; open && from > 2 && i - from < 32; from--)
		if (f->p[from - 1] == open)
			return f->p[from - 2] == ' ' ? from - 2 : 0;
	return 0;
}

/* The name before a : or = at i, behind which there may be a closing quote and spaces. */
enum kind
name_before(const struct find *f, size_t i)
{
	enum kind kind;
	size_t from, link, suffix, bracket;

	for (int k = 0; k < 4 && i > 0; k++, i--) {
		unsigned char c = f->p[i - 1];

		if (!quote_or_space(c) && c != ']' && c != '\\' && c != '*' && c != '_')
			break;
	}
	if ((bracket = before_bracket(f, i)))
		return far_name(f, bracket, STRONG_PASSWORD);
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
		const unsigned char *end = (const unsigned char *)names[k].text + strlen(names[k].text);
		uint8_t *first = &n->first[pair_of(end[-2], end[-1])];

		n->len[k] = (uint8_t)strlen(names[k].text);
		n->before[k] = *first;
		*first = (uint8_t)(k + 1);
		pair_put(n->pairs, end[-2], end[-1]);
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
