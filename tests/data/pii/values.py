"""Values for the labelled lines: one function a type, checksums worked out here and not by the program under test."""

import base64
import hashlib
import random

DIGITS = "0123456789"
ALPHA = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
BASE58 = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
HEX = "0123456789abcdef"
B62 = DIGITS + ALPHA + ALPHA.lower()
PAIRS = [(a, b) for a in DIGITS for b in DIGITS]


class Values:
    def __init__(self, seed):
        self.r = random.Random(seed)

    def some(self, n, of=DIGITS):
        return "".join(self.r.choice(of) for _ in range(n))

    def pick(self, *options):
        return self.r.choice(options)

    def grouped(self, s, sizes, sep):
        out, at = [], 0
        for n in sizes:
            out.append(s[at : at + n])
            at += n
        return sep.join(x for x in out + [s[at:]] if x)

    # ---- people and places, never labelled

    def first(self):
        return self.pick("Anna", "Liam", "Mateo", "Priya", "Yuki", "Olga", "Kwame", "Ingrid", "Tomasz", "Fatima", "Jean", "Sofia", "Ravi", "Chloe")

    def last(self):
        return self.pick("Keller", "Okafor", "Nakamura", "Silva", "Novak", "Rossi", "Dubois", "Larsen", "Mehta", "Walsh", "Garcia", "Virtanen")

    # ---- types

    def EMAIL_ADDRESS(self, how=""):
        f, l = self.first().lower(), self.last().lower()
        local = self.pick(f, f + "." + l, f[0] + l, f + "_" + l, l + self.some(2), f + "+" + self.pick("news", "shop", "ai"), f + "-" + l, f + "." + l + self.some(4))
        host = self.pick("gmail.com", "example.com", "example.org", "web.de", "outlook.com", "mail.example.co.uk", "uni-mainz.de", "firma.io", "yahoo.co.jp", "proton.me", "acme-corp.com.au", "laposte.net", "libero.it", "wp.pl", "xn--mller-kva.de")
        if how == "upper":
            return (local + "@" + host).upper()
        if how == "brackets":
            dot = self.pick("[dot]", " [dot] ", "(dot)", " (dot) ")
            return f + self.pick("[at]", " [at] ", "(at)", " (at) ", " {at} ") + "example" + dot + self.pick("com", "org", "net")
        if how == "words":
            return f + "." + l + " at " + self.pick("gmail", "outlook", "yahoo", "example") + " dot com"
        if how == "defanged":
            return f + "[@]" + "example" + "[.]com"
        if how == "wide":
            return f + "\uff20" + "example\uff0ecom"
        return local + "@" + host

    def luhn(self, s):
        total = 0
        for i, c in enumerate(reversed(s)):
            d = int(c) * (1 if i % 2 else 2)
            total += d - 9 if d > 9 else d
        return s + str(-total % 10)

    def card(self):
        kind = self.pick("visa", "mc", "mc2", "amex", "disc", "jcb", "diners", "union19", "maestro", "visa", "mc", "mir")
        n = {"amex": 15, "diners": 14, "union19": 19}.get(kind, 16)
        start = {
            "visa": "4" + self.some(2), "mc": self.pick("51", "52", "53", "54", "55"), "mc2": str(self.r.randint(2221, 2720)),
            "amex": self.pick("34", "37"), "disc": self.pick("6011", "644", "65"), "jcb": str(self.r.randint(3528, 3589)),
            "diners": self.pick("36", "38", "301"), "union19": "62" + self.some(2), "maestro": self.pick("5018", "6759", "6304"),
            "mir": "220" + self.pick("0", "1", "2", "3", "4"),
        }[kind]
        return self.luhn(start + self.some(n - 1 - len(start)))

    def CREDIT_CARD(self, how=""):
        c = self.card()
        while how == "grouped" and len(c) == 19:
            c = self.card()
        sizes = {15: [4, 6, 5], 14: [4, 6, 4], 16: [4, 4, 4, 4], 19: [4, 4, 4, 4, 3]}[len(c)]
        if how == "bare":
            return c
        if how == "wide":
            return "".join(chr(0xFF10 + int(x)) for x in c)
        if how == "nbsp":
            return self.grouped(c, sizes, "\u00a0")
        if how == "zero":
            return self.grouped(c, sizes, "\u200b")
        if how == "dash":
            return self.grouped(c, sizes, self.pick("\u2010", "\u2011", "\u2013", "\u2212"))
        return self.grouped(c, sizes, self.pick(" ", " ", "-", "") if how == "" else self.pick(" ", "-"))

    IBANS = {"DE": "18n", "FR": "10n11c2n", "GB": "4a14n", "ES": "20n", "IT": "1a10n12c", "NL": "4a10n", "AT": "16n", "CH": "5n12c", "PL": "24n", "BE": "12n", "SE": "20n", "NO": "11n", "FI": "14n", "PT": "21n", "IE": "4a14n", "DK": "14n", "CZ": "20n", "HU": "24n", "TR": "5n1n16c", "SA": "2n18c", "AE": "3n16n", "MT": "4a5n18c", "GR": "7n16c", "UA": "6n19c", "BR": "23n1a1c", "LU": "3n13c", "RO": "4a16c", "EE": "16n", "KZ": "3n13c", "IL": "19n"}

    def IBAN_CODE(self, how=""):
        country = self.r.choice(sorted(self.IBANS))
        spec, bban, n = self.IBANS[country], "", ""
        for c in spec:
            if c in DIGITS:
                n += c
            else:
                bban += self.some(int(n), {"n": DIGITS, "a": ALPHA, "c": DIGITS + ALPHA}[c])
                n = ""
        number = "".join(str(int(c, 36)) for c in bban + country + "00")
        iban = country + "%02d" % (98 - int(number) % 97) + bban
        if how == "lower":
            return iban.lower()
        if how == "bare":
            return iban
        if how == "nbsp":
            return self.grouped(iban, [4] * 9, "\u00a0")
        return self.grouped(iban, [4] * 9, self.pick(" ", " ", "", "-") if how == "" else " ")

    def PHONE_NUMBER(self, how=""):
        d = lambda n, first="23456789": self.r.choice(first) + self.some(n - 1)
        us = (d(3, "23456789"), d(3), self.some(4))
        while us[0][1:] == "11" or us[1][1:] == "11" or us[0][1] == "9":
            us = (d(3), d(3), self.some(4))
        intl = [
            "+1 %s %s %s" % us, "+1-%s-%s-%s" % us, "+1%s%s%s" % us, "+1 (%s) %s-%s" % us,
            "+44 20 " + d(4, "378") + " " + self.some(4), "+44 7" + self.some(3) + " " + self.some(6), "+49 30 " + d(8),
            "+49 (0)89 " + d(7), "+49-151-" + d(8), "+33 6 " + " ".join(self.some(2) for _ in range(4)), "+33" + d(9, "1234567"),
            "+34 6" + self.some(2) + " " + self.some(3) + " " + self.some(3), "+39 3" + self.some(2) + " " + self.some(7), "+48 " + d(3, "567") + " " + self.some(3) + " " + self.some(3),
            "+31 6 " + self.some(8), "+41 79 " + d(3) + " " + self.some(2) + " " + self.some(2), "+91 " + d(5, "6789") + " " + self.some(5), "+91-" + d(10, "6789"),
            "+81 90-" + d(4) + "-" + self.some(4), "+86 138 " + self.some(4) + " " + self.some(4), "+55 11 9" + self.some(4) + "-" + self.some(4),
            "+61 4" + self.some(2) + " " + self.some(3) + " " + self.some(3), "+65 " + d(4, "89") + " " + self.some(4), "+358 40 " + d(7), "+7 912 " + self.some(3) + "-" + self.some(2) + "-" + self.some(2),
            "0049 171 " + d(7), "+46 70 " + self.some(3) + " " + self.some(2) + " " + self.some(2), "+972 5" + self.some(1) + "-" + d(7), "+82 10-" + d(4) + "-" + self.some(4), "+351 9" + self.some(2) + " " + self.some(3) + " " + self.some(3),
        ]
        nanp = ["(%s) %s-%s" % us, "%s-%s-%s" % us, "%s.%s.%s" % us, "1-%s-%s-%s" % us]
        trunk = ["0171 " + d(7), "030 " + d(8), "06 " + " ".join(self.some(2) for _ in range(4)), "0" + d(3, "123456") + " " + d(6), "07" + self.some(3) + " " + self.some(6), "020 7" + self.some(3) + " " + self.some(4), "03-" + d(4) + "-" + self.some(4), "090-" + d(4) + "-" + self.some(4), "04" + self.some(2) + " " + self.some(3) + " " + self.some(3), "01." + ".".join(self.some(2) for _ in range(4)), "089/" + d(7), "0" + d(2, "1234") + "-" + d(8)]
        bare = ["%s%s%s" % us, "07" + self.some(9), "017" + d(8), "06" + self.some(8), "13" + self.some(9), "9" + self.some(9)]
        if how == "intl":
            return self.r.choice(intl)
        if how == "us":
            return self.r.choice(nanp)
        if how == "trunk":
            return self.r.choice(trunk)
        if how == "bare":
            return self.r.choice(bare)
        if how == "cn":
            return "13" + self.some(9)
        if how == "wide":
            return "".join(chr(0xFF10 + int(c)) if c in DIGITS else c for c in "090-" + d(4) + "-" + self.some(4))
        if how == "arabic":
            return "+" + "".join(chr(0x660 + int(c)) for c in "9665" + self.some(8))
        if how == "hindi":
            return "+" + "".join(chr(0x966 + int(c)) for c in "919" + self.some(9))
        return self.r.choice(intl + nanp + trunk)

    def US_SSN(self, how=""):
        area = self.r.randint(1, 899)
        area = 123 if area == 666 else area
        sep = {"": "-", "space": " ", "bare": ""}[how]
        return "%03d%s%02d%s%04d" % (area, sep, self.r.randint(1, 99), sep, self.r.randint(1, 9999))

    def US_ITIN(self, how=""):
        return "9%s-%d-%s" % (self.some(2), self.r.choice([50, 61, 65, 70, 81, 88, 90, 92, 94, 99]), self.some(4))

    def IP_ADDRESS(self, how=""):
        v4 = "%d.%d.%d.%d" % (self.r.randint(11, 223), self.r.randint(0, 255), self.r.randint(0, 255), self.r.randint(1, 254))
        h = lambda: "%x" % self.r.randint(16, 65535)
        v6 = ["2001:db8::" + h() + ":" + h(), "fe80::" + h() + ":" + h() + ":" + h(), ":".join(["2a02"] + [h() for _ in range(7)]), "2001:0db8:" + ":".join("%04x" % self.r.randint(0, 65535) for _ in range(6)), "::ffff:" + v4, "fd12:3456:789a::" + h(), "2607:f8b0:4004::200e", (":".join(["2A02"] + [h() for _ in range(7)])).upper()]
        return v4 if how == "v4" or (how == "" and self.r.random() < 0.5) else self.r.choice(v6)

    def MAC_ADDRESS(self, how=""):
        b = [self.some(2, HEX) for _ in range(6)]
        b[0] = self.some(1) + self.some(1, HEX)
        return self.pick(":".join(b), "-".join(b).upper(), ":".join(b).upper(), ".".join(b[i] + b[i + 1] for i in (0, 2, 4)))

    def b58check(self, version):
        raw = version + bytes(self.r.randrange(256) for _ in range(20))
        raw += hashlib.sha256(hashlib.sha256(raw).digest()).digest()[:4]
        n, out = int.from_bytes(raw, "big"), ""
        while n:
            n, m = divmod(n, 58)
            out = BASE58[m] + out
        return "1" * (len(raw) - len(raw.lstrip(b"\0"))) + out

    def bech32(self, hrp="bc"):
        charset = "qpzry9x8gf2tvdw0s3jn54khce6mua7l"
        data = [0] + [self.r.randrange(32) for _ in range(31)] + [self.r.randrange(2) * 16]

        def polymod(values):
            gen, chk = [0x3B6A57B2, 0x26508E6D, 0x1EA119FA, 0x3D4233DD, 0x2A1462B3], 1
            for v in values:
                top = chk >> 25
                chk = (chk & 0x1FFFFFF) << 5 ^ v
                for i in range(5):
                    chk ^= gen[i] if (top >> i) & 1 else 0
            return chk

        values = [ord(c) >> 5 for c in hrp] + [0] + [ord(c) & 31 for c in hrp] + data
        p = polymod(values + [0] * 6) ^ 1
        return hrp + "1" + "".join(charset[d] for d in data + [(p >> 5 * (5 - i)) & 31 for i in range(6)])

    def CRYPTO(self, how=""):
        return self.pick(self.b58check(b"\0"), self.b58check(b"\5"), self.bech32(), "0x" + self.some(40, HEX))

    def SECRET(self, how=""):
        if how == "password":
            return self.pick("Tr0ub4dor&3", "hunter2", "S3cr3t!Pass", "correct-horse-7", "pA55w0rd#1", "Xy7$kLm9", "qwerty123", "Winter2024!", "zaq1@WSX", "M0nk3y_B4r")
        if how == "token":
            return self.some(self.pick(24, 32, 40), B62)
        jwt = ".".join(base64.urlsafe_b64encode(x).rstrip(b"=").decode() for x in (b'{"alg":"HS256","typ":"JWT"}', ('{"sub":"%s","iat":1516239022}' % self.some(10)).encode(), bytes(self.r.randrange(256) for _ in range(32))))
        return self.pick(
            "AKIA" + self.some(16, ALPHA + "234567"), "ghp_" + self.some(36, B62), "sk_live_" + self.some(24, B62), "xoxb-" + self.some(12) + "-" + self.some(12) + "-" + self.some(24, B62),
            "AIza" + self.some(35, B62), jwt, "glpat-" + self.some(20, B62), "sk-proj-" + self.some(48, B62), "SG." + self.some(22, B62) + "." + self.some(43, B62), "npm_" + self.some(36, B62), "hf_" + self.some(34, B62), "github_pat_" + self.some(22, B62) + "_" + self.some(59, B62))

    def URL_CREDENTIALS(self, how=""):
        if how == "query":
            return self.some(self.pick(16, 32), B62)
        return self.pick("admin", "deploy", "root", "svc") + ":" + self.pick("s3cret", "hunter2", "Pa55", "x9!kq", "changeme")

    def UK_NHS(self, how=""):
        while True:
            d = self.some(9)
            c = 11 - sum(int(x) * (10 - i) for i, x in enumerate(d)) % 11
            if c != 10:
                d += "0" if c == 11 else str(c)
                return d if how == "bare" else self.grouped(d, [3, 3, 4], " ")

    def UK_NINO(self, how=""):
        p = self.some(1, "ABCEGHJKLMNPRSTWXYZ") + self.some(1, "ABCEGHJKLMNPRSTWXYZ")
        while p in ("BG", "GB", "KN", "NK", "NT", "TN", "ZZ"):
            p = self.some(1, "ABCEGHJ") + self.some(1, "ACEHJK")
        d = self.some(6)
        return self.pick(p + d, p + " " + self.grouped(d, [2, 2, 2], " ") + " ") + self.some(1, "ABCD")

    def CA_SIN(self, how=""):
        s = self.luhn(self.some(1, "1234567") + self.some(7))
        return s if how == "bare" else self.grouped(s, [3, 3, 3], self.pick(" ", "-"))

    D = [[0, 1, 2, 3, 4, 5, 6, 7, 8, 9], [1, 2, 3, 4, 0, 6, 7, 8, 9, 5], [2, 3, 4, 0, 1, 7, 8, 9, 5, 6], [3, 4, 0, 1, 2, 8, 9, 5, 6, 7], [4, 0, 1, 2, 3, 9, 5, 6, 7, 8], [5, 9, 8, 7, 6, 0, 4, 3, 2, 1], [6, 5, 9, 8, 7, 1, 0, 4, 3, 2], [7, 6, 5, 9, 8, 2, 1, 0, 4, 3], [8, 7, 6, 5, 9, 3, 2, 1, 0, 4], [9, 8, 7, 6, 5, 4, 3, 2, 1, 0]]
    P = [[0, 1, 2, 3, 4, 5, 6, 7, 8, 9], [1, 5, 7, 6, 2, 8, 3, 0, 9, 4], [5, 8, 0, 3, 7, 9, 6, 1, 4, 2], [8, 9, 1, 6, 0, 4, 3, 5, 2, 7], [9, 4, 5, 3, 1, 2, 6, 8, 7, 0], [4, 2, 8, 6, 5, 7, 3, 9, 0, 1], [2, 7, 9, 3, 8, 0, 6, 4, 1, 5], [7, 0, 4, 6, 9, 1, 3, 2, 5, 8]]

    def IN_AADHAAR(self, how=""):
        s = self.some(1, "23456789") + self.some(10)
        for c in DIGITS:
            v = 0
            for i, x in enumerate(reversed(s + c)):
                v = self.D[v][self.P[i % 8][int(x)]]
            if v == 0:
                s += c
                break
        return s if how == "bare" else self.grouped(s, [4, 4, 4], self.pick(" ", "-"))

    def IN_PAN(self, how=""):
        return self.some(3, ALPHA) + self.pick("P", "C", "H", "F") + self.some(1, ALPHA) + self.some(4) + self.some(1, ALPHA)

    NIF = "TRWAGMYFPDXBNJZSQVHLCKE"

    def ES_NIF(self, how=""):
        n = self.some(8)
        return n + self.pick("", "-") + self.NIF[int(n) % 23]

    def ES_NIE(self, how=""):
        x, n = self.r.randrange(3), self.some(7)
        return "XYZ"[x] + self.pick("", "", "-") + n + self.pick("", "", "-") + self.NIF[int(str(x) + n) % 23]

    def IT_FISCAL_CODE(self, how=""):
        s = self.some(3, "BCDFGLMNPRST") + self.some(3, "BCDFGLMNPRST") + self.some(2) + self.some(1, "ABCDEHLMPRST") + "%02d" % self.r.choice([1, 9, 15, 28, 41, 55, 68]) + self.some(1, "ABCDEFGHL") + self.some(3)
        odd = dict(zip(DIGITS + ALPHA, [1, 0, 5, 7, 9, 13, 15, 17, 19, 21, 1, 0, 5, 7, 9, 13, 15, 17, 19, 21, 2, 4, 18, 20, 11, 3, 6, 8, 12, 14, 16, 10, 22, 25, 24, 23]))
        even = lambda c: int(c) if c in DIGITS else ALPHA.index(c)
        return s + ALPHA[sum(odd[c] if i % 2 == 0 else even(c) for i, c in enumerate(s)) % 26]

    def PL_PESEL(self, how=""):
        s = "%02d%02d%02d" % (self.r.randint(40, 99), self.r.randint(1, 12), self.r.randint(1, 28)) + self.some(4)
        return s + str(-sum(int(c) * w for c, w in zip(s, (1, 3, 7, 9, 1, 3, 7, 9, 1, 3))) % 10)

    def SG_NRIC_FIN(self, how=""):
        p, d = self.pick("S", "T", "F", "G"), self.some(7)
        total = sum(int(c) * w for c, w in zip(d, (2, 7, 6, 5, 4, 3, 2))) + (4 if p in "TG" else 0)
        return p + d + ("JZIHGFEDCBA" if p in "ST" else "XWUTRQPNMLK")[total % 11]

    def AU_TFN(self, how=""):
        while True:
            s = self.some(1, "123456789") + self.some(8)
            if sum(int(c) * w for c, w in zip(s, (1, 4, 3, 7, 5, 8, 6, 9, 10))) % 11 == 0:
                return self.grouped(s, [3, 3, 3], self.pick(" ", ""))

    def AU_ABN(self, how=""):
        while True:
            s = self.some(1, "123456789") + self.some(10)
            if ((int(s[0]) - 1) * 10 + sum(int(c) * w for c, w in zip(s[1:], (1, 3, 5, 7, 9, 11, 13, 15, 17, 19)))) % 89 == 0:
                return self.grouped(s, [2, 3, 3, 3], self.pick(" ", ""))

    def AU_ACN(self, how=""):
        s = self.some(8)
        s += str(-sum(int(c) * (8 - i) for i, c in enumerate(s)) % 10)
        return self.grouped(s, [3, 3, 3], self.pick(" ", ""))

    def AU_MEDICARE(self, how=""):
        s = self.some(1, "23456") + self.some(7)
        s += str(sum(int(c) * w for c, w in zip(s, (1, 3, 7, 9, 1, 3, 7, 9))) % 10) + self.some(1, "123456789")
        return self.grouped(s, [4, 5, 1], self.pick(" ", ""))

    def FI_PERSONAL_IDENTITY_CODE(self, how=""):
        d, n = "%02d%02d%02d" % (self.r.randint(1, 28), self.r.randint(1, 12), self.r.randint(0, 99)), "%03d" % self.r.randint(2, 899)
        return d + self.pick("-", "-", "A") + n + "0123456789ABCDEFHJKLMNPRSTUVWXY"[int(d + n) % 31]

    def DATE_OF_BIRTH(self, how=""):
        y, m, d = self.r.randint(1935, 2009), self.r.randint(1, 12), self.r.randint(1, 28)
        month = ("January February March April May June July August September October November December").split()[m - 1]
        if how == "eu":
            return self.pick("%02d.%02d.%d" % (d, m, y), "%d.%d.%d" % (d, m, y), "%02d/%02d/%d" % (d, m, y))
        return self.pick("%d-%02d-%02d" % (y, m, d), "%02d/%02d/%d" % (m, d, y), "%d %s %d" % (d, month, y), "%s %d, %d" % (month, d, y), "%02d.%02d.%d" % (d, m, y), "%s %d %d" % (month[:3], d, y))

    # ---- what is no personal data, though it looks like some

    def no(self, what):
        r = self.r
        year, mon, day = r.randint(2015, 2026), r.randint(1, 12), r.randint(1, 28)
        return {
            "epoch": lambda: str(r.randint(1500000000, 1800000000)), "epochms": lambda: str(r.randint(1500000000000, 1800000000000)), "epochus": lambda: str(r.randint(1500000000000000, 1800000000000000)), "epochns": lambda: str(r.randint(1500000000000000000, 1800000000000000000)),
            "order": lambda: self.pick(self.some(6), self.some(8), "ORD-" + self.some(7), self.some(10), "#" + self.some(5), self.some(3) + "-" + self.some(7) + "-" + self.some(7), "SO" + self.some(8), "R" + self.some(9)),
            "tracking": lambda: self.pick("1Z" + self.some(3, B62.upper()) + self.some(3) + self.some(10), "94" + self.some(20), self.some(12), "JD" + self.some(18), "RR" + self.some(9) + "DE", self.some(10), "00" + self.some(18)),
            "uuid": lambda: "-".join(self.some(n, HEX) for n in (8, 4, 4, 4, 12)), "sha1": lambda: self.some(40, HEX), "sha256": lambda: self.some(64, HEX), "md5": lambda: self.some(32, HEX), "short": lambda: self.some(7, HEX),
            "version": lambda: self.pick("%d.%d.%d", "v%d.%d.%d", "%d.%d.%d-rc1", "%d.%d.%d+build7") % (r.randint(0, 30), r.randint(0, 30), r.randint(0, 900)), "version4": lambda: "%d.%d.%d.%d" % (r.randint(1, 150), r.randint(0, 20), r.randint(100, 255), r.randint(0, 99)),
            "price": lambda: self.pick("$%d.%02d" % (r.randint(1, 999), r.randint(0, 99)), "%d,%02d \u20ac" % (r.randint(1, 999), r.randint(0, 99)), "\u20ac1.%s,00" % self.some(3), "USD 1,%s,%s" % (self.some(3), self.some(3)), "\u00a5%s,%s" % (self.some(2, "123456789"), self.some(3)), "12 500 000 kr", "%s %s %s Ft" % (self.some(3, "123456789"), self.some(3), self.some(3))),
            "isbn": lambda: self.pick("978-3-16-148410-0", "978-0-306-40615-7", "0-306-40615-2", "9780134685991", "979-8-6024-0545-3", "3-598-21508-8"), "ean": lambda: self.pick("4006381333931", "5901234123457", "0012345678905", "8711253001202", "4012345678901"),
            "date": lambda: self.pick("%d-%02d-%02d" % (year, mon, day), "%02d/%02d/%d" % (mon, day, year), "%02d.%02d.%d" % (day, mon, year), "%d%02d%02d" % (year, mon, day)), "time": lambda: "%02d:%02d:%02d" % (r.randrange(24), r.randrange(60), r.randrange(60)),
            "stamp": lambda: "%d-%02d-%02dT%02d:%02d:%02d.%sZ" % (year, mon, day, r.randrange(24), r.randrange(60), r.randrange(60), self.some(3)), "coords": lambda: "%.6f, %.6f" % (r.uniform(-80, 80), r.uniform(-170, 170)),
            "float": lambda: "%.10f" % r.uniform(0, 1000), "pct": lambda: "%.2f%%" % r.uniform(0, 100), "size": lambda: self.pick("1920x1080", "2560 x 1440", "3.5 GB", "1,048,576 bytes", "512 MB", "10.4 x 22.1 x 3.0 cm"),
            "zip": lambda: self.pick("90210", "10115", "SW1A 1AA", "75008", "560001", "90210-1234", "100-0001"), "hexcolor": lambda: "#" + self.some(6, HEX), "n": lambda: self.some(r.randint(1, 5), "123456789"), "big": lambda: "{:,}".format(r.randint(10**6, 10**11)), "n9": lambda: self.some(1, "123456789") + self.some(8), "n12": lambda: self.some(1, "123456789") + self.some(11), "n16": lambda: self.some(1, "789") + self.some(15), "port": lambda: str(r.randint(1024, 65535)),
            "badcard": lambda: (lambda c: " ".join([c[0:4], c[4:8], c[8:12], c[12:15] + str((int(c[15]) + 1 + r.randrange(8)) % 10)]))(self.luhn("4" + self.some(14))), "badiban": lambda: "DE%02d 3704 0044 0532 0130 %s" % (r.choice([11, 22, 33, 44]), self.pick("07", "08")), "badip": lambda: "%d.%d.%d.%d" % (r.randint(256, 999), r.randint(0, 255), r.randint(256, 400), r.randint(0, 99)), "badssn": lambda: self.pick("000-", "666-") + "%02d-%04d" % (r.randint(1, 99), r.randint(1, 9999)),
            "base64": lambda: base64.b64encode(bytes(r.randrange(256) for _ in range(r.choice([24, 48, 60])))).decode(), "part": lambda: self.pick("BX-%s-A", "PN %s-01", "LM%s", "SKU-%s") % self.some(4), "phoneish": lambda: self.pick("24/7", "7-11", "50/50", "3-2-1", "2-0", "100-200", "1-2-3-4-5"), "list": lambda: ", ".join(self.some(r.randint(1, 3), "123456789") for _ in range(8)), "spaced": lambda: " ".join(str(r.randint(0, 99)) for _ in range(9)), "lotto": lambda: " ".join("%02d" % r.randint(1, 49) for _ in range(6)),
        }[what]()
