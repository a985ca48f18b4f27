/* Keys and passwords by the names that stand before them. */
#include "pii_secret.h"

#define COUNT(a) (sizeof(a) / sizeof *(a))
#define KEY_LOOK 40  /* bytes before a value in which its name is looked for */
#define NAME_FAR 600 /* nothing before a value is looked at beyond it */

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

/* Behind what ends the markup of a name, and the spaces there: **Password:** hunter2, <b>Password:</b>
 * hunter2. */
static size_t
past_markup(const struct find *f, size_t i)
{
	size_t end = i;

	if (at(f, i) == '<' && at(f, i + 1) == '/') {
		end = find_past(f, i + 2, IS_ALNUM, 8);
		end = at(f, end) == '>' ? end + 1 : i;
	} else if (at(f, i) == '*' || at(f, i) == '_') {
		end = i + 1 + (at(f, i + 1) == at(f, i));
		end = at(f, end) == ' ' ? end : i;
	}
	while (end > i && at(f, end) == ' ')
		end++;
	return end;
}

/* The name of a session before the = at i, behind the name of a header: Cookie: session=... */
static bool
session_before(const struct find *f, size_t i)
{
	size_t from;

	if (i < 10 ||
	    !(find_says(f, i - 3, "sid") ? !after(f, i - 3, IS_WORD)
					 : find_says(f, i - 7, "session") && !after(f, i - 7, IS_WORD)))
		return false;
	for (from = i - 3; from-- > 0 && i - from < 512 && f->p[from] != '\n';)
		if (small(f->p[from]) == 'c' && find_says(f, from, "cookie")) {
			for (from += 6; quote_or_space(at(f, from));)
				from++;
			return at(f, from) == ':' || at(f, from) == '=';
		}
	return false;
}

static bool
named_value(struct find *f, size_t i, bool equals)
{
	enum kind kind;
	size_t scheme;
	struct value v;

	if (i < f->value_done || !wanted(f, PII_SECRET))
		return false;
	kind = name_before(f, i);
	if (kind == NO_NAME && equals && session_before(f, i))
		kind = TOKEN;
	if (kind == NO_NAME) { /* what is shorter once replaced may bring a name nearer */
		f->loud |= f->n > 0 && i - f->spans[f->n - 1].end < NAME_FAR;
		return false;
	}
	i++;
	i += !equals && at(f, i) == '=';
	i += equals && at(f, i) == '>';
	for (int k = 0; k < 3 && (at(f, i) == ' ' || at(f, i) == '\t'); k++)
		i++;
	i = past_markup(f, i);
	scheme = i + (at(f, i) == '"' || at(f, i) == '\'');
	if (find_says(f, scheme, "bearer ") || find_says(f, scheme, "basic ") ||
	    find_says(f, scheme, "token ")) {
		for (i = scheme; at(f, i) > ' ';)
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
	bool known = false, digit = false, letter = false, lower = false;

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
		lower |= byte_is[f->p[end]] & IS_LOWER;
	}
	len = end - i - 1;
	if (at(f, i + 1) == '{' || (!digit && !lower)) /* {token}, YOUR_TOKEN */
		return false;
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

/* What stands before the , ( or / that ends before i; apart: there are quotes or spaces behind it.
 * ('X-Api-Key', 'Ngi3...'); auth=('kim', 'Winter#24'); set_password("Winter#24");
 * login: kim / Winter#24. */
static enum kind
kind_in_list(const struct find *f, size_t i, bool apart, bool *weak)
{
	unsigned char sign = f->p[--i], quote = f->p[i - 1];
	size_t from, end = i;
	enum kind kind;

	*weak = true;
	if (sign == '(')
		return apart ? kind_of_name(f, i, &from) : NO_NAME;
	if (sign == '/') {
		if (!apart || quote != ' ')
			return NO_NAME;
		for (end = --i; i > 0 && end - i < 40 && f->p[i - 1] > ' ';)
			i--;
		if (i == end || i < 7 || f->p[i - 1] != ' ' || f->p[i - 2] != ':')
			return NO_NAME;
		return find_says(f, i - 7, "login") || kind_of_name(f, i - 2, &from) != NO_NAME ? PASSWORD
												: NO_NAME;
	}
	if (!apart || quote == ' ' || !quote_or_space(quote))
		return NO_NAME;
	if ((kind = kind_of_name(f, --i, &from)) != NO_NAME)
		return kind;
	while (i > 0 && end - i < 40 && f->p[i - 1] != quote && f->p[i - 1] > ' ')
		i--;
	if (i < 7 || f->p[i - 1] != quote || f->p[i - 2] != '(')
		return NO_NAME;
	return find_says(f, i - 6, "auth") || find_says(f, i - 7, "auth=") ? PASSWORD : NO_NAME;
}

/* What stands behind the value that ends at i: "hunter2 is my password", "use hunter2 as the password". */
static enum kind
kind_behind(const struct find *f, size_t i)
{
	static const struct word links[] = {WORD(" is my "), WORD(" is the "), WORD(" is our "),
	    WORD(" as my "), WORD(" as the "), WORD(" as "), WORD(" ist mein "), WORD(" ist das "),
	    WORD(" als "), WORD(" est mon "), WORD(" es mi ")};
	unsigned char first = small(at(f, i + 1)), second = small(at(f, i + 2));
	size_t from;

	if (at(f, i) != ' ' || (second != 's' && second != 'l' && second != ' '))
		return NO_NAME;
	if (first == '|')
		return find_says(f, i, " | sudo -s") ? PASSWORD : NO_NAME;
	for (size_t k = 0; k < COUNT(links); k++) {
		size_t end = i + links[k].len;

		if ((unsigned char)links[k].text[1] != first || !find_says(f, i, links[k].text))
			continue;
		for (int word = 0; word < 3;
		     word++, end++) { /* "my old password", "my wallet's private key" */
			while (end < f->len && end - i < 64 && (f->p[end] > '@' || f->p[end] == '\''))
				end++;
			if (at(f, end) != ' ') /* not "is the token provider" */
				return kind_of_name(f, end, &from);
		}
		return NO_NAME;
	}
	return NO_NAME;
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
	if (i > 2 && (f->p[i - 1] == ',' || f->p[i - 1] == '(' || f->p[i - 1] == '/'))
		return kind_in_list(f, i, i < start, weak);
	if (i > 1 &&
	    ((f->p[i - 1] == '>' && f->p[i - 2] != '-') || f->p[i - 1] == '|' || f->p[i - 1] == '\t')) {
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
	if (i < 2 || (i == start && f->p[i - 1] < 0x80) || (is(f, i - 1, IS_DIGIT) && !name_ends(f, i)))
		return NO_NAME;
	if (!may_be_name(f, i))
		return NO_NAME;
	*link = link_before(f, i);
	kind = kind_of_name(f, i - *link, &from);
	*weak = *link && weak_link(f, i, *link);
	if (kind == NO_NAME && *link)
		kind = kind_of_what(f, i - *link);
	else if (*weak) /* "hasło to", "salasana on" */
		*weak = !find_says(f, from, "has") && !find_says(f, from, "sal") &&
			!(find_says(f, i - 2, "to") && changed_before(f, from));
	return kind == NO_NAME && *weak ? kind_of_changed(f, i - *link) : kind;
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

	if (!glued && start >= 5 && find_says(f, value - 4, " -a ") && command_before(f, start, "redis-cli"))
		return value;
	if (!glued && (start < 5 || !find_says(f, value - 4, " -p ")))
		return 0;
	for (size_t k = 0; k < (glued ? COUNT(shells) : 3); k++) /* those of mysql stand right behind */
		if (command_before(f, start, shells[k]))
			return value;
	return 0;
}

/* Does it have digits in several places, as no name of a class or a model has? */
static bool
like_key(const struct find *f, const struct value *v)
{
	size_t runs = 0, dashes = 0;

	for (size_t k = v->start; k < v->end; k++) {
		runs += byte_is[f->p[k]] & IS_DIGIT && !is(f, k + 1, IS_DIGIT);
		dashes += f->p[k] == '-';
	}
	return runs >= (dashes ? 4 : 2);
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
	if (kind == NO_NAME && start > 0 && escaped(f, start - 1)) { /* %2x in it that is none */
		for (i = start; start > 0 && i - start < 64 && !ends_value(f, start - 1, false);)
			start--;
		ascii = start;
		kind = kind_before(f, start, &link, &weak);
	}
	if (kind == NO_NAME && ascii > start) {
		start = ascii;
		kind = kind_before(f, start, &link, &weak);
	}
	if (kind == NO_NAME) {
		i = find_past(f, start, IS_DIGIT, 32);
		if (i > start && (i == f->len || (byte_is[f->p[i]] & (IS_END | IS_SEP) && f->p[i] != '_')))
			return false; /* a number */
		for (; i < f->len && i - start < 64 && !ends_value(f, i, false);)
			i++;
		kind = kind_behind(f, i + (at(f, i) && at(f, i) != ' '));
		start = ascii;
		weak = true;
	}
	if (kind == NO_NAME)
		return false;
	if (at(f, start) && start > 0 && strchr("\"'`", f->p[start - 1]))
		start--;
	v = value_at(f, start);
	weak |= kind == WEAK_PASSWORD && !link && !v.quoted; /* "pass AI_V4MAPPED to it" */
	if (weak && (kind == TOKEN ? link > 0 || !like_key(f, &v) : !strong(f, &v)))
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
