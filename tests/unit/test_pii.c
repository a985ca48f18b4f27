#include "arena.h"
#include "pii.h"
#include "pii_check.h"
#include "pii_money.h"
#include "pii_scan.h"
#include "pii_view.h"
#include "text.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define COUNT(a) (sizeof(a) / sizeof *(a))

/* ---- validators ---- */

static bool
luhn(const char *s)
{
	return check_luhn(s, strlen(s));
}

static bool
verhoeff(const char *s)
{
	return check_verhoeff(s, strlen(s));
}

static bool
card(const char *s)
{
	return check_card(s, strlen(s)) == CARD_YES;
}

static bool
iban(const char *s)
{
	return check_iban(s, strlen(s));
}

static bool
nino(const char *s)
{
	return check_nino(s, strlen(s));
}

static bool
tfn(const char *s)
{
	return check_tfn(s, strlen(s));
}

static bool
medicare(const char *s)
{
	return check_medicare(s, strlen(s));
}

static bool
nir(const char *s)
{
	return check_nir(s, strlen(s));
}

static bool
personnummer(const char *s)
{
	return check_personnummer(s, strlen(s));
}

static bool
coin(const char *s)
{
	bool secret;

	return check_base58(s, strlen(s), &secret) && !secret;
}

static bool
coin_key(const char *s)
{
	bool secret;

	return check_base58(s, strlen(s), &secret) && secret;
}

static bool
bech32(const char *s)
{
	return check_bech32(s, strlen(s));
}

static bool
eth(const char *s)
{
	return check_eth(s) == CHECKSUM_GOOD;
}

static bool
dull(const char *s)
{
	return check_dull(s, strlen(s));
}

static bool
ean(const char *s)
{
	return check_ean(s, strlen(s));
}

static const struct {
	const char *name;
	bool (*check)(const char *s);
	const char *good[8], *bad[8];
} validators[] = {
    {"luhn", luhn, {"0", "18", "4111111111111111", "79927398713"}, {"1", "4111111111111112", "79927398710"}},
    {"verhoeff", verhoeff, {"2363", "234123412346"}, {"2364", "234123412347", "324123412346"}},
    {"card", card,
	{"4111111111111111", "378282246310005", "30569309025904", "2223003122003222", "6200000000000005",
	    "4222222222222", "6304000000000000", "3530111333300000"},
	{"4111111111111112", "1111111111111117", "378282246310006", "9999999999999995", "5555555555554",
	    "0000000000000000", "2721000000000004"}},
    {"iban", iban,
	{"DE89370400440532013000", "GB82WEST12345698765432", "NO9386011117947", "FR1420041010050500013M02606",
	    "MT84MALT011000012345MTLCAST001S", "SA0380000000608010167519", "BR9700360305000010009795493P1"},
	{"DE88370400440532013000", "DE8937040044053201300", "XX89370400440532013000",
	    "GB82WES112345698765432", "DE893704004405320130A0", "DE"}},
    {"ssn", check_ssn, {"536228726", "001010001", "899999998"},
	{"000123456", "666123456", "900123456", "123004567", "123450000", "111111111"}},
    {"ssn sample", ssn_is_sample, {"078051120", "219099999"}, {"078051121"}},
    {"itin", check_itin, {"912501234", "999991234", "900881234"},
	{"912491234", "912661234", "912891234", "912931234", "812501234"}},
    {"aba", check_aba, {"021000021", "111000025"}, {"021000022", "991000021"}},
    {"npi", check_npi, {"1234567893"}, {"1234567890", "3234567893"}},
    {"mbi", check_mbi, {"1EG4TE5MK73"}, {"0EG4TE5MK73", "1SG4TE5MK73", "1EG4TE5MKA3"}},
    {"nhs", check_nhs, {"9434765919", "4010232137"}, {"9434765918", "1111111111"}},
    {"nino", nino, {"AB123456C", "QQ123456C", "JG103759A", "AB123456"},
	{"BG123456A", "DA123456A", "AO123456A", "AB123456E", "AB12345XC", "ZZ123456A"}},
    {"aadhaar", check_aadhaar, {"234123412346"}, {"134123412346", "234123412345", "222222222222"}},
    {"pan", check_pan, {"ABCPE1234F", "AAACB5678K"},
	{"ABCDE1234F", "ABCPE12345", "ABCPE0000F", "1BCPE1234F"}},
    {"nif", check_nif, {"12345678Z", "00000000T"}, {"12345678A", "1234567ZZ"}},
    {"nie", check_nie, {"X1234567L", "Z1234567R"}, {"X1234567M", "W1234567L"}},
    {"fiscal code", check_fiscal_code, {"RSSMRA85T10A562S", "MRTMTT25D09F205Z"},
	{"RSSMRA85T10A562T", "RSSMRA85T99A562S", "RSSMRA85Z10A562S", "RSSMRA85T10A5625"}},
    {"pesel", check_pesel, {"44051401359", "02070803628"}, {"44051401358", "44151401359"}},
    {"nric", check_nric, {"S1234567D", "T1234567J", "F1234567N", "G1234567X"},
	{"S1234567A", "A1234567D", "S123456XD"}},
    {"tfn", tfn, {"123456782"}, {"123456789", "111111111"}},
    {"abn", check_abn, {"51824753556"}, {"51824753557", "01824753556"}},
    {"acn", check_acn, {"004085616"}, {"004085617"}},
    {"medicare", medicare, {"2123456701"}, {"2123456711", "1123456701", "2123456700", "212345670"}},
    {"hetu", check_hetu, {"131052-308T", "010594Y9032", "290200A248A"},
	{"131052-308U", "310252-308T", "131052/308T", "131052-001X"}},
    {"tax id", check_de_tax, {"86095742719", "47036892816"}, {"86095742718", "12345678901"}},
    {"versicherungsnummer", check_de_social, {"15070649C103"}, {"15070649C104", "15990649C103"}},
    {"nir", nir, {"185057800608491", "255081416802538"},
	{"185057800608492", "385057800608491", "18505780060849"}},
    {"bsn", check_bsn, {"111222333", "123456782"}, {"111222334"}},
    {"cpf", check_cpf, {"52998224725"}, {"52998224724", "11111111111"}},
    {"cnpj", check_cnpj, {"11222333000181"}, {"11222333000182"}},
    {"personnummer", personnummer, {"8112289874", "198112289874"},
	{"8112289875", "8113289874", "178112289874"}},
    {"rrn", check_rrn, {"9001011234568"}, {"9001011234567", "9013011234568"}},
    {"tckn", check_tckn, {"10000000146"}, {"10000000147", "00000000146"}},
    {"za id", check_za_id, {"8001015009087"}, {"8001015009088", "8013015009087"}},
    {"vin", check_vin, {"1HGBH41JXMN109186", "1M8GDM9AXKP042788"},
	{"1HGBH41J1MN109186", "1HGBH41JXMN10918O"}},
    {"ean", ean, {"4006381333931", "9783161484100", "96385074"}, {"4006381333932"}},
    {"dull", dull, {"1111", "123456", "654321", "890123"}, {"1212", "4111"}},
    {"coin", coin, {"1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa", "3J98t1WpEZ73CNmQviecrnyiWrnqRhWNLy"},
	{"1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNb", "0A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa", "1A1zP1eP"}},
    {"coin's key", coin_key, {"5HueCGU8rMjxEXxiPuD5BDku4MkFqeZyd4dZ1jvhTVqvbTLvyTJ"},
	{"1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa"}},
    {"bech32", bech32,
	{"bc1qar0srrr7xfkvy5l643lydnw9re59gtzzwf5mdq",
	    "bc1p5cyxnuxmeuwuvkwfem96lqzszd02n6xdcjrs20cac6yqjjwudpxqkedrcr"},
	{"bc1qar0srrr7xfkvy5l643lydnw9re59gtzzwf5mdp", "bc1", "qar0srrr7xfkvy"}},
    {"eth", eth, {"5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed"},
	{"5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAeD", "5aaeb6053f3e94c9b9a09f33669435e7ef1beaed"}},
};

static void
validators_know_theirs(void **state)
{
	int bad = 0;

	(void)state;
	for (size_t i = 0; i < COUNT(validators); i++)
		for (size_t k = 0; k < 8; k++) {
			const char *good = validators[i].good[k], *wrong = validators[i].bad[k];

			if (good && !validators[i].check(good)) {
				print_error("%s refuses %s\n", validators[i].name, good);
				bad++;
			}
			if (wrong && validators[i].check(wrong)) {
				print_error("%s takes %s\n", validators[i].name, wrong);
				bad++;
			}
		}
	assert_int_equal(bad, 0);
}

/* ---- what is found, and what is left ---- */

static const struct {
	const char *text, *left; /* NULL: as it was */
} rows[] = {
    /* e-mail */
    {"a john.doe+x@mail.example.co.uk b", "a <EMAIL_ADDRESS> b"},
    {"<john@example.com>, (john@example.com). 'john@example.com'",
	"<<EMAIL_ADDRESS>>, (<EMAIL_ADDRESS>). '<EMAIL_ADDRESS>'"},
    {"john@example.com.Please answer", "<EMAIL_ADDRESS>.Please answer"},
    {"\"john doe\"@example.com", "<EMAIL_ADDRESS>"},
    {"john (at) example (dot) com, ann[at]example[.]org", "<EMAIL_ADDRESS>, <EMAIL_ADDRESS>"},
    {"john dot doe at gmail dot com", "<EMAIL_ADDRESS>"},
    {"jane (dot) doe (at) firma (dot) co (dot) uk, max (bei) example (punkt) de, anna (snabel-a) example "
     "(punkt) se",
	"<EMAIL_ADDRESS>, <EMAIL_ADDRESS>, <EMAIL_ADDRESS>"},
    {"we met (bei Anna) punkt 3, at (dot) com", NULL},
    {"联系john@example.com谢谢", "联系<EMAIL_ADDRESS>谢谢"},
    {"josé@exämple.de", "<EMAIL_ADDRESS>"},
    {"?email=john%40example.com&x", "?email=<EMAIL_ADDRESS>&x"},
    {"john&#64;example.com john&#x40;example.com", "<EMAIL_ADDRESS> <EMAIL_ADDRESS>"},
    {"a &#64; b, &#64;example.com, x&#65;example.com", NULL},
    {"@john, a@b, icon@2x.png, react@18.2.0, git@github.com:a/b, x = w@v.T", NULL},
    {"look at this dot com bubble", NULL},
    {"user%dept@corp.net ?u=%3Djohn@example.com", "<EMAIL_ADDRESS> ?u=%3D<EMAIL_ADDRESS>"},
    {"\"hi\\njohn@example.com\\u003cann@example.com\"", "\"hi\\n<EMAIL_ADDRESS>\\u003c<EMAIL_ADDRESS>\""},
    {"ssh://git@github.com/acme/x.git", NULL},
    /* what programs write in place of a character */
    {"{\"q\":\"\\u0022536-22-8726\\u0022\", \"\\u00fc536-22-8726\"} \\\\u003cAKIAIOSFODNN7EXAMPLE "
     "\\x22536-22-8726",
	"{\"q\":\"\\u0022<US_SSN>\\u0022\", \"\\u00fc<US_SSN>\"} \\\\u003c<SECRET> \\x22<US_SSN>"},
    {"x%204111111111111111%20, 536-22-8726%0A, %202001:db8::1 %C3%BC536-22-8726",
	"x%20<CREDIT_CARD>%20, <US_SSN>%0A, %20<IP_ADDRESS> %C3%BC<US_SSN>"},
    {"call\\u00a0+49\\u00a0151\\u00a023456789, +49&nbsp;151&nbsp;23456789, 4111%201111%201111%201111, "
     "536%2D22%2D8726",
	"call\\u00a0<PHONE_NUMBER>, <PHONE_NUMBER>, <CREDIT_CARD>, <US_SSN>"},
    {"card=4111+1111+1111+1111&x iban=DE89+3704+0044+0532+0130+00 ssn=536+22+8726 phone=+49+151+23456789 "
     "phone=%2B49+151+23456789",
	"card=<CREDIT_CARD>&x iban=<IBAN_CODE> ssn=<US_SSN> phone=<PHONE_NUMBER> phone=<PHONE_NUMBER>"},
    {"4111+1111+1111+1111, x=1+2+3, y=12+34, a=b+c", NULL},
    {"joe\\u0040example.com anna%2Bx%2540example.com ?ip=2001%3Adb8%3A%3A1&phone=%2B14155552671",
	"<EMAIL_ADDRESS> <EMAIL_ADDRESS> ?ip=<IP_ADDRESS>&phone=<PHONE_NUMBER>"},
    {"https:\\/\\/user:S3cretPw9@example.com\\/x https%3A%2F%2Fuser%3AS3cretPw9%40example.com%2F",
	"https:\\/\\/<URL_CREDENTIALS>@example.com\\/x https%3A%2F%2F<URL_CREDENTIALS>%40example.com%2F"},
    {"password:&nbsp;Tr0ub4dor3x \x1b[31m84.132.17.209\x1b[0m \\e[1m84.132.17.209\\033[0m",
	"password:&nbsp;<SECRET> \x1b[31m<IP_ADDRESS>\x1b[0m \\e[1m<IP_ADDRESS>\\033[0m"},
    {"width: 100%20px, printf(\"%20d %2d\"), C:\\new\\users\\x41\\u, AT&T &amp; &#x;, \\u12, \\ud83d, "
     "%C3%28, %41",
	NULL},
    {"=3D536-22-8726=20, IP=3D84.132.17.209, =3D4111 1111 1111 1111, =3D2001:db8::1 password=3DTr0ub4dor3x",
	"=3D<US_SSN>=20, IP=3D<IP_ADDRESS>, =3D<CREDIT_CARD>, =3D<IP_ADDRESS> password=<SECRET>"},
    {"render=3D, x=3D4f1a, \\101, \\0401234567, C:\\2024\\4155550123, \\1 \\12345678901", NULL},
    {"C:\\Users\\nils@telia.se\\AppData C:\\\\logs\\\\rania@wp.pl \\\\srv1\\users\\nils@telia.se",
	"C:\\Users\\<EMAIL_ADDRESS>\\AppData C:\\\\logs\\\\<EMAIL_ADDRESS> \\\\srv1\\users\\<EMAIL_ADDRESS>"},
    {"mail:\\nils@telia.se, \"C:\\tmp\" \\tanna@example.com x:\\n\\nbob@example.com",
	"mail:\\n<EMAIL_ADDRESS>, \"C:\\tmp\" \\t<EMAIL_ADDRESS> x:\\n\\n<EMAIL_ADDRESS>"},
    {"C:\\Users\\84.132.17.209\\x C:\\u\\536-22-8726\\x D:\\4111111111111111.txt \\042536-22-8726\\042",
	"C:\\Users\\<IP_ADDRESS>\\x C:\\u\\<US_SSN>\\x D:\\<CREDIT_CARD>.txt \\042<US_SSN>\\042"},
    {"\\x1b[31m84.132.17.209\\x1b[0m", "\\x1b[31m<IP_ADDRESS>\\x1b[0m"},
    /* what stands beside a number */
    {"Ann,415-555-0123,Rome 17,4111111111111111,x 536-22-8726,536-22-8727",
	"Ann,<PHONE_NUMBER>,Rome 17,<CREDIT_CARD>,x <US_SSN>,<US_SSN>"},
    {"1,234,567,890 702,239,9929 3,14159265358979 1234567,89", NULL},
    {"1) 536-22-8726 (2) 4111111111111111 eth0 2a02:8108::391b 10:00:01 00:1b:44:11:3a:b7",
	"1) <US_SSN> (2) <CREDIT_CARD> eth0 <IP_ADDRESS> 10:00:01 <MAC_ADDRESS>"},
    {"10:00:01 4111 1111 1111 1111, user7 1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa",
	"10:00:01 <CREDIT_CARD>, user7 <CRYPTO>"},
    {"_4111111111111111_ __415-555-0123__ id_4111111111111111",
	"_<CREDIT_CARD>_ __<PHONE_NUMBER>__ id_4111111111111111"},
    {"\\n4111 1111 1111 1111\\t10.1.2.3\\r\\n", "\\n<CREDIT_CARD>\\t<IP_ADDRESS>\\r\\n"},
    {"card #4111111111111111, passport #X1234567", "card #<CREDIT_CARD>, passport #<PASSPORT>"},
    {"see #12345678, #4155550123", NULL},
    {"Tel. 030 / 90181087, 089 - 12345678, dial 011 44 20 7955 5221, \xe4\xbb\x8eIP84.1.2.3\xe7\x99\xbb",
	"Tel. <PHONE_NUMBER>, <PHONE_NUMBER>, dial <PHONE_NUMBER>, \xe4\xbb\x8eIP<IP_ADDRESS>\xe7\x99\xbb"},
    {"SSN 536-22-8726 - 2 records, card 4111111111111111 - 123, phone 0171 1234567 / 2 calls, 415-555-0123- "
     "24 h",
	"SSN <US_SSN> - 2 records, card <CREDIT_CARD> - 123, phone <PHONE_NUMBER> / 2 calls, <PHONE_NUMBER>- "
	"24 h"},
    {"0915 / 1030 / 1145, 078 - 05 - 1120, seats 201 - 555 - 1234, release ip12.1.2.3", NULL},
    {"pin2: 1023, pw1 = 100, password on mobile2 fails, hasło to hunter2",
	"pin2: 1023, pw1 = 100, password on mobile2 fails, hasło to <SECRET>"},
    {"drawn 03 08 15 22 27 31, FileVersion=1.0.0.12", NULL},
    {"%B4716881108069568^ROSSI/MARIO^2712, NINO OH-74-01-51-C",
	"%B<CREDIT_CARD>^ROSSI/MARIO^2712, NINO <UK_NINO>"},
    {"2341 2341 2346 2024-05-01", "<IN_AADHAAR> 2024-05-01"},
    /* a part of a row is nobody's, unless a word says so */
    {"[0312/062524.123:ERROR:gpu_process.cc(101)] failed", NULL},
    {"1100 1001 0100 0110 1110 0111, 0201 0100 0000 0000, slots 0900 1200 1500 free", NULL},
    {"1300  6305  0458  6501  4280  0304, c6b6 0854 0592 0592 4f2c", NULL},
    {"020 7946 0958 2024-05-01, 0171 2345678 10115 Berlin, 4111 1111 1111 1111 0527 123, 4111 1111 1111 1111 "
     "5500 0000 0000 0004",
	"<PHONE_NUMBER> 2024-05-01, <PHONE_NUMBER> 10115 Berlin, <CREDIT_CARD> 0527 123, <CREDIT_CARD> "
	"<CREDIT_CARD>"},
    {"https://wa.me/4915123456789, /send?phone=4915123456789, numéro vert 0 800 123 456",
	"https://wa.me/<PHONE_NUMBER>, /send?phone=<PHONE_NUMBER>, numéro vert <PHONE_NUMBER>"},
    {"https://x.example/4915123456789, 1 0 800 123 456 789, account 12345678, 4510 123456, 400202+8563",
	NULL},
    {"account number 0532013000, account no.: 12345678, conta corrente 12345-6, sofi-nummer 3510.57.377",
	"account number <BANK_ACCOUNT>, account no.: <BANK_ACCOUNT>, conta corrente <BANK_ACCOUNT>, "
	"sofi-nummer <NL_BSN>"},
    {"personnummer 400202+8563, паспорт 4510 123456, паспорт 45 10 123456, 2205347533403311",
	"personnummer <SE_PERSONNUMMER>, паспорт <PASSPORT>, паспорт <PASSPORT>, <CREDIT_CARD>"},
    {"born in the cloud era, founded 12.05.1984", NULL},
    {"born in St. Gallen, 12.05.1984", "born in St. Gallen, <DATE_OF_BIRTH>"},
    {"geb. Berlin, 12.05.1984", "geb. Berlin, <DATE_OF_BIRTH>"},
    {"my cc is4111111111111111thanks, cc4111111111111111, card4111 1111 1111 1111, card_4111111111111111",
	"my cc is<CREDIT_CARD>thanks, cc<CREDIT_CARD>, card<CREDIT_CARD>, card_<CREDIT_CARD>"},
    {"ssn_536-22-8726.pdf", "ssn_<US_SSN>.pdf"},
    {"id_536-22-8726.pdf, file4111111111111111x, a4111111111111111b7", NULL},
    {"123412341234, 234123412346", NULL},
    {"tel 0221 4711 0815 12, SSN 536/22/8726, NHS 943.476.5919, CPF 529 982 247-25",
	"tel <PHONE_NUMBER> 12, SSN <US_SSN>, NHS <UK_NHS>, CPF <BR_CPF>"},
    /* what stands between groups, and before them */
    {"+ 4111 1111 1111 1111, +4111 1111 1111 1111, 4111  1111  1111  1111, 4111 - 1111 - 1111 - 1111, "
     "4111_1111_1111_1111",
	"+ <CREDIT_CARD>, +<CREDIT_CARD>, <CREDIT_CARD>, <CREDIT_CARD>, <CREDIT_CARD>"},
    {"SSN536-22-8726, DOB12/05/1984, SSN 536 - 22 - 8726, tel0301234567",
	"SSN<US_SSN>, DOB<DATE_OF_BIRTH>, SSN <US_SSN>, tel<PHONE_NUMBER>"},
    {"4111 - 1111 - 1111, 12  34  56, 4111  1111  1111  1112", NULL},
    {"020 7946 0958 020 7946 0959, 415 555 0123 415 555 0124, 0171 2345678 0171 2345679",
	"<PHONE_NUMBER> <PHONE_NUMBER>, <PHONE_NUMBER> <PHONE_NUMBER>, <PHONE_NUMBER> <PHONE_NUMBER>"},
    {"536 22 8726 536 22 8727, 943 476 5919 943 476 5919, 4111 1111 1111 1111 0171 2345678",
	"<US_SSN> <US_SSN>, <UK_NHS> <UK_NHS>, <CREDIT_CARD> <PHONE_NUMBER>"},
    {"Hauptstr. 12 0171 2345678, PLZ 10115 0171 2345678, AB12 0171 2345678, 2024 020 7946 0958, 020 7946 "
     "0958 2024",
	"Hauptstr. 12 <PHONE_NUMBER>, PLZ 10115 <PHONE_NUMBER>, AB12 <PHONE_NUMBER>, 2024 <PHONE_NUMBER>, "
	"<PHONE_NUMBER> 2024"},
    {"John 34 536 22 8726, 536 22 8726 1984, Flat 12 943 476 5919",
	"John 34 <US_SSN>, <US_SSN> 1984, Flat 12 <UK_NHS>"},
    {"4111 1111 1111 1111 2027 123, 2024 4111 1111 1111 1111, a1b2 4111 1111 1111 1111",
	"<CREDIT_CARD> 2027 123, 2024 <CREDIT_CARD>, a1b2 <CREDIT_CARD>"},
    {"4111 1111 1111 1111 3782 822463 10005, 0800 1111 0000", "<CREDIT_CARD> <CREDIT_CARD>, <PHONE_NUMBER>"},
    {"DOB updated 12.05.1984, I was born in Paris. My date: 12.05.1984, born in a cloud, founded 12.05.1984",
	"DOB updated <DATE_OF_BIRTH>, I was born in Paris. My date: <DATE_OF_BIRTH>, born in a cloud, "
	"founded 12.05.1984"},
    /* what is written as an escape ends nothing, unless what began it is */
    {"mongodb+srv://u1:My%23Pass9%2F@cl.mongodb.net/db https://user:p%3Ass%2Fw%40rd1@example.com/x",
	"mongodb+srv://<URL_CREDENTIALS>@cl.mongodb.net/db https://<URL_CREDENTIALS>@example.com/x"},
    {"https://x.com/?password=Tr0ub%264dor%3Bx&a=1 https://x.com/?token=abc123%22def456xyz "
     "DB_PASSWORD=abc%28def9%29x",
	"https://x.com/?password=<URL_CREDENTIALS>&a=1 https://x.com/?token=<URL_CREDENTIALS> "
	"DB_PASSWORD=<SECRET>"},
    {"{\"password\":\"Geh\\u00e9im123\\u0022x9\"} {\\u0022password\\u0022:\\u0022hunter22\\u0022,1}",
	"{\"password\":\"<SECRET>\"} {\\u0022password\\u0022:\\u0022<SECRET>\\u0022,1}"},
    {"password=a1b2%27c3d4 Password \\u0024tr0ngPassword1 C:\\xadmin@corp.com",
	"password=<SECRET> Password <SECRET> C:\\<EMAIL_ADDRESS>"},
    {"password: $x9kLq2v password: {x9}kLq2v password=Sup(er)9x password: $dbPassword password: get(9)",
	"password: <SECRET> password: <SECRET> password=<SECRET> password: $dbPassword password: get(9)"},
    {"please login at host -p node12 now, docker login x; docker run -p 8080/tcp app1, mysql -u root "
     "-port3307, "
     "docker run -u node:node12A x",
	NULL},
    /* telephone */
    {"+1 (415) 555-0123 x22, +49 (0)30 901820", "<PHONE_NUMBER>, <PHONE_NUMBER>"},
    {"(415) 555-0123 415-555-0123 415.555.0123", "<PHONE_NUMBER> <PHONE_NUMBER> <PHONE_NUMBER>"},
    {"020 7946 0958, 06 12 34 56 78, 03-1234-5678", "<PHONE_NUMBER>, <PHONE_NUMBER>, <PHONE_NUMBER>"},
    {"call 4155550123 or 4155550124", "call <PHONE_NUMBER> or <PHONE_NUMBER>"},
    {"my number is 07700900123", "my number is <PHONE_NUMBER>"},
    {"4155550123, order 415-555-0123, 1700000000, 24/7, 100-200-3000, 2024-01-31", NULL},
    {"order 12345, 415-555-0123", "order 12345, <PHONE_NUMBER>"},
    {"3.14159265358979, 1,234,567,890, -122.4194155, 12:34:56.789012", NULL},
    {"Tel. (0221) 221-0, Tel. 030 227-0, gsm 0475/12.34.56, tel 02/123.45.67, telefon 0721.123.456, 0800 1 "
     "234567",
	"Tel. <PHONE_NUMBER>, Tel. <PHONE_NUMBER>, gsm <PHONE_NUMBER>, tel <PHONE_NUMBER>, telefon "
	"<PHONE_NUMBER>, "
	"<PHONE_NUMBER>"},
    {"tel. 0 30 / 90 18 20, Telefon 0180 3 12 34 56, mob. 412 34 567",
	"tel. <PHONE_NUMBER>, Telefon <PHONE_NUMBER>, mob. <PHONE_NUMBER>"},
    {"tél 0648291735, TÉL : 9821896589, kännykkä 0401234567, sofort unter Festnetz 9821896589",
	"tél <PHONE_NUMBER>, TÉL : <PHONE_NUMBER>, kännykkä <PHONE_NUMBER>, sofort unter Festnetz "
	"<PHONE_NUMBER>"},
    {"連絡先 9012345678、致电 9821896589; दूरभाष 9804674329; сотовый 9161234567",
	"連絡先 <PHONE_NUMBER>、致电 <PHONE_NUMBER>; दूरभाष <PHONE_NUMBER>; сотовый <PHONE_NUMBER>"},
    {"kom. 602-319-234, kom: 22 311 56 74; fijo 911234567; cep 5321234567; Signal: 9821896589",
	"kom. <PHONE_NUMBER>, kom: <PHONE_NUMBER>; fijo <PHONE_NUMBER>; cep <PHONE_NUMBER>; Signal: "
	"<PHONE_NUMBER>"},
    {"det kom 120045000 kronor, prezzo fisso 1200450, CEP 01310-100, CEP: 01310100, signal: 9821896589",
	NULL},
    {"номер 89161234567; мой номер 89161234567; नंबर 9821896589; 号码13812345678；我的号码13812345678",
	"номер <PHONE_NUMBER>; мой номер <PHONE_NUMBER>; नंबर <PHONE_NUMBER>; "
	"号码<PHONE_NUMBER>；我的号码<PHONE_NUMBER>"},
    {"номер заказа 89161234567, рейс номер 89161234567, ऑर्डर नंबर 9821896589, 发票号码13429415, "
     "单据号码13812345678",
	NULL},
    {"M: 9821896589 | E: kim@example.com", "M: <PHONE_NUMBER> | E: <EMAIL_ADDRESS>"},
    {"M: 9821896589 | T: 4812345678", NULL},
    {"Contact: 415 - 555 - 2671, 0(212) 645 21 67, 8(916)1234567",
	"Contact: <PHONE_NUMBER>, <PHONE_NUMBER>, <PHONE_NUMBER>"},
    {"x4(212) 64, 0(12) 34, seats 415 - 555 - 2671", NULL},
    {"caller ID 4155550123, phone id or 4155550124", "caller ID <PHONE_NUMBER>, phone id or <PHONE_NUMBER>"},
    {"call id 7830494097\ncontact id 003957189566\ncall stack depth 1048576\ncallback function returned "
     "2125550\nphones sold: "
     "1200450\nthe cell B12 shows 1234567",
	NULL},
    {"M 10.5 20.25 L 415.55 267.1 C 212 555 1234 100, d=\"M 212 555 1234 10 L 100 100\"", NULL},
    {"suite C 212 555 1234 100", "suite C <PHONE_NUMBER> 100"},
    {"8 045 311 000, numbers: 212 415 6171 312 503", NULL},
    {"212 415 6171 12, 415 555 0123 212 555 0199", "<PHONE_NUMBER> 12, <PHONE_NUMBER> <UK_NHS>"},
    {"St.-ID: 70154267839, citizen service number 111222333",
	"St.-ID: <DE_TAX_ID>, citizen service number <NL_BSN>"},
    {"test-id: 70154267839, citizen 111222333, St.-ID: 70154267838", NULL},
    {"nuovi passi: AB12345, 1234567 passi, plazo fijo 1234567890, taux fixe 123456789, трек-номер "
     "89161234567",
	NULL},
    {"passaporte C7061343, passi C24789224, taxpayer id 369919606",
	"passaporte <PASSPORT>, passi <PASSPORT>, taxpayer id <US_SSN>"},
    {"call on 01.02.2024, phone 0.5.12, chapter 01.02.03 of the phone book", NULL},
    /* cards */
    {"4111111111111111 4111-1111-1111-1111 3782 822463 10005", "<CREDIT_CARD> <CREDIT_CARD> <CREDIT_CARD>"},
    {"卡号4111111111111111。", "卡号<CREDIT_CARD>。"},
    {"4111 1111 1111 1112, 1700000000000, 1700000000000000, x4111111111111111", NULL},
    {"４１１１\xe3\x80\x80１１１１-1111\xe2\x80\x8b"
     "1111",
	"<CREDIT_CARD>"},
    /* IBAN */
    {"DE89 3704 0044 0532 0130 00 and de89370400440532013000", "<IBAN_CODE> and <IBAN_CODE>"},
    {"IBANDE89370400440532013000BIC COBADEFFXXX", "IBAN<IBAN_CODE>BIC COBADEFFXXX"},
    {"iban DE DE89370400440532013000EUR, DE89 3704 0044 0532 0130 00EUR",
	"iban DE <IBAN_CODE>EUR, <IBAN_CODE>EUR"},
    {"DE89370400440532013000EURO, DE89370400440532013000XYZ", NULL},
    {"DE88 3704 0044 0532 0130 00, DE88370400440532013000EUR", NULL},
    /* numbers of people */
    {"536-22-8726 912-50-1234", "<US_SSN> <US_ITIN>"},
    {"000-12-3456 666-12-3456", NULL},
    {"943 476 5919", "<UK_NHS>"},
    {"AB 12 34 56 C, NINO AB123456C", "<UK_NINO>, NINO <UK_NINO>"},
    {"SIN 046 454 286", "SIN <CA_SIN>"},
    {"2341 2341 2346 ABCPE1234F", "<IN_AADHAAR> <IN_PAN>"},
    {"12345678Z 12.345.678-Z X1234567L X-1234567-L", "<ES_NIF> <ES_NIF> <ES_NIE> <ES_NIE>"},
    {"RSSMRA85T10A562S, rss mra 85t10 a562s", "<IT_FISCAL_CODE>, <IT_FISCAL_CODE>"},
    {"NIF K7131468L, ES12345678Z, DNI 8082622P, ID number 8001015009087, IBAN NL 91 ABNA 0417 1643 00",
	"NIF <ES_NIF>, <ES_NIF>, DNI <ES_NIF>, ID number <ZA_ID>, IBAN <IBAN_CODE>"},
    {"ref K7131468L 8082622P", NULL},
    {"PESEL 44051401359", "PESEL <PL_PESEL>"},
    {"44051401359", NULL},
    {"S1234567D 131052-308T", "<SG_NRIC_FIN> <FI_PERSONAL_IDENTITY_CODE>"},
    {"TFN 123 456 782, ABN 51 824 753 556, ACN 004 085 616, Medicare 2123 45670 1",
	"TFN <AU_TFN>, ABN <AU_ABN>, ACN <AU_ACN>, Medicare <AU_MEDICARE>"},
    {"529.982.247-25 11.222.333/0001-81", "<BR_CPF> <BR_CNPJ>"},
    {"811228-9874, 900101-1234568", "<SE_PERSONNUMMER>, <KR_RRN>"},
    {"BSN 111222333, NPI 1234567893, IMEI 490154203237518", "BSN <NL_BSN>, NPI <US_NPI>, IMEI <IMEI>"},
    {"routing number 021000021, MBI 1EG4-TE5-MK73", "routing number <ABA_ROUTING_NUMBER>, MBI <US_MBI>"},
    {"passport X1234567, driver license D1234567", "passport <PASSPORT>, driver license <DRIVER_LICENSE>"},
    /* networks */
    {"10.1.2.3 [2001:db8::1]:80 fe80::1%eth0 ::ffff:192.0.2.1",
	"<IP_ADDRESS> [<IP_ADDRESS>]:80 <IP_ADDRESS> <IP_ADDRESS>"},
    {"1.2.3.4.5, version 1.2.3.4, v1.2.3.4, 999.1.2.3, 255.255.255.0, x[::2], a::b, std::vector, 12:30:45",
	NULL},
    {"Mozilla/5.0 (X11) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/120.0.0.0 Safari/537.36 Edg/120.0.2.1",
	NULL},
    {"84.132.17.209 - - \"GET / HTTP/1.1\" 200 \"Mozilla/5.0 Chrome/120.0.0.0 Safari/537.36\" "
     "\"84.132.17.209\"",
	"<IP_ADDRESS> - - \"GET / HTTP/1.1\" 200 \"Mozilla/5.0 Chrome/120.0.0.0 Safari/537.36\" "
	"\"<IP_ADDRESS>\""},
    {"Firefox/115.0.0.1, com.acme:lib:1.2.3.4, plugin (2.3.4.5) crashed, nuget Foo.Bar 6.0.2.1", NULL},
    {"host/10.1.2.3 Peer/84.132.17.0 Laptop/84.132.17.209 NAS/5.6.7.0 Kafka/84.132.17.0:9092 "
     "eth0:lan:5.6.7.8",
	"host/<IP_ADDRESS> Peer/<IP_ADDRESS> Laptop/<IP_ADDRESS> NAS/<IP_ADDRESS> Kafka/<IP_ADDRESS>:9092 "
	"eth0:lan:<IP_ADDRESS>"},
    {"plugin loaded from 5.6.7.8, user (5.6.7.8), nuget.org at 13.107.21.200",
	"plugin loaded from <IP_ADDRESS>, user (<IP_ADDRESS>), nuget.org at <IP_ADDRESS>"},
    {"versio 2.0.15.3; versie 6.7.8.9; sürüm 4.1.0.2; 버전 2.3.1.7; संस्करण 3.2.1.6; Softwareversion 10.2.3.4; "
     "ファームウェア2.1.4.6; 升级到4.3.2.1之后; обновление 5.4.3.2; step 3.1.2.4",
	NULL},
    {"обновление с 84.132.17.209, step 10.0.0.5", "обновление с <IP_ADDRESS>, step <IP_ADDRESS>"},
    {"IP 093.184.216.034", "IP <IP_ADDRESS>"},
    {"93[.]184[.]216[.]34, hxxp://45[.]83[.]12[.]9/x, 93.184.216[.]34, 93(.)184(.)216(.)34 "
     "93[dot]184[dot]216[dot]34",
	"<IP_ADDRESS>, hxxp://<IP_ADDRESS>/x, <IP_ADDRESS>, <IP_ADDRESS> <IP_ADDRESS>"},
    {"ec2-54-93-12-201.eu-central-1.compute.amazonaws.com ip-10-20-3-4.ec2.internal ip-10-20-3-4",
	"ec2-<IP_ADDRESS>.eu-central-1.compute.amazonaws.com ip-<IP_ADDRESS>.ec2.internal ip-<IP_ADDRESS>"},
    {"server-1-2-3-4.zip, tip-1-2-3-4, release-10-20-3-4.tar.gz, x[1][.]2, v1[.]2[.]3, 1-2-3-4 steps, 3 "
     "(.5), f(1)(.2)",
	NULL},
    {"MAC 9f078f-195c42, MAC abcdef-195c42, MAC 97 AA 45 B5 BB C9, mac ca fe 45 b5 bb c9 device, bluetooth "
     "83_8F_BF_5B_78_EF",
	"MAC <MAC_ADDRESS>, MAC <MAC_ADDRESS>, MAC <MAC_ADDRESS>, mac <MAC_ADDRESS> device, bluetooth "
	"<MAC_ADDRESS>"},
    {"97 AA 45 B5 BB C9, commit 9f078f-195c42, mac dump 00 97 AA 45 B5 BB C9, mac 97 AA 45 B5 BB C9 01",
	NULL},
    {"83_8F_BF_5B_78_EF, 06 12 34 56 7, 12 de 34 ab 56 cd 78", NULL},
    {"093.184.216.034, OID 2.5.29.17, fixed in 4.1.2.3, jdk 17.0.9.1, clause 4.1.2.3", NULL},
    {"00:1b:44:11:3a:b7 AA-BB-CC-1D-EE-FF aabb.ccdd.ee1f.", "<MAC_ADDRESS> <MAC_ADDRESS> <MAC_ADDRESS>."},
    /* coins, keys */
    {"1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa 0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed", "<CRYPTO> <CRYPTO>"},
    {"AKIAIOSFODNN7EXAMPLE ghp_16C7e42F292c6912E7710c838347Ae178B4a", "<SECRET> <SECRET>"},
    {"a -----BEGIN RSA PRIVATE KEY-----\nMIIE\n-----END RSA PRIVATE KEY----- b", "a <SECRET> b"},
    {"password: hunter2, passwd='swordfish', my password is Xy7$kLm9.",
	"password: <SECRET>, passwd='<SECRET>', my password is <SECRET>."},
    {"password: $Tr0ub4dor&3, \"password\": \"$Xy7!kLp2Q\", password: %OPVT53At!eY password: {x9!kLq2v "
     "password: <x9!kLq2v",
	"password: <SECRET>, \"password\": \"<SECRET>\", password: <SECRET> password: <SECRET> password: "
	"<<SECRET>"},
    {"| password | Winter#2024 | yes |\n| token | ok |", "| password | <SECRET> | yes |\n| token | ok |"},
    {"password\tWinter#2024", "password\t<SECRET>"},
    {"<td>Password:</td>\n<td>Winter#2024</td>", "<td>Password:</td>\n<td><SECRET></td>"},
    {"<entry key=\"password\">hunter2</entry>", "<entry key=\"password\"><SECRET></entry>"},
    {"<div class=\"password\">Step1</div> | status | v2beta |",
	"<div class=\"password\">Step1</div> | status | v2beta |"},
    {"【密码】hunter2 mot de passe « hunter2 »", "【密码】<SECRET> mot de passe « <SECRET> »"},
    {"jan (apenstaartje) voorbeeld punt nl", "<EMAIL_ADDRESS>"},
    {"password for the router: Winter#2025, hasło do wifi: Zima#2025, wifi şifresi: Kis#2025x",
	"password for the router: <SECRET>, hasło do wifi: <SECRET>, wifi şifresi: <SECRET>"},
    {"I set my password to Winter#2025\nle mot de passe c'est Hiver#2025\nпароль - Sova_7731",
	"I set my password to <SECRET>\nle mot de passe c'est <SECRET>\nпароль - <SECRET>"},
    {"**API key:** OPnnJzAVHPiTeUDzfLsoho9k4deGzglY\n*Password*: tiger#5263!\n<b>Password:</b> Otter#17?k\n"
     "<td>Password</td><td>tiger#9355?k</td>\nPassword (case sensitive): Zebra_10xY\npassword → Otter_775Qq",
	"**API key:** <SECRET>\n*Password*: <SECRET>\n<b>Password:</b> <SECRET>\n"
	"<td>Password</td><td><SECRET></td>\nPassword (case sensitive): <SECRET>\npassword → <SECRET>"},
    {"Otter$11Qq is my password, use Kissa$09! as the password, echo Sommer#34Qq | sudo -S ls",
	"<SECRET> is my password, use <SECRET> as the password, echo <SECRET> | sudo -S ls"},
    {"the bug identified by CVE-2024-1234 is fixed, gene identified by GWAS2 study, PR#1234! is the password "
     "fix\n"
     "OAuth2AuthorizedClientService is the token provider, gpt-4-0125-preview as the token counter\n"
     "getParam('token', 'OAuth2AuthorizedClient'), Das Problem lösen: Schritt1, Password (min 8): required1\n"
     "Has anyone moved the password of the day to login2, cookies: resid=Abcdefghijk12, a. 2024-01-01, b. "
     "2024-02-01",
	NULL},
    {"password: Winter[24]!x my password is Hunter2[7 password is Sommer(12 password: &strong1!x",
	"password: <SECRET> my password is <SECRET> password is <SECRET> password: <SECRET>"},
    {"token for anna.longname.verylongname.reallylong@verylongdomain-example.com: qrmNQFdZUzXckM",
	"token for <EMAIL_ADDRESS>: <SECRET>"},
    {"T 212 555 1201 M 917 555 4301 T 212 555 1202 M 917 555 4302 T 212 555 1203 M 917 555 4303 T 212 555 "
     "1204 "
     "M 917 555 4304 T 212 555 1205 M 917 555 4306",
	"T <PHONE_NUMBER> M <PHONE_NUMBER> T <PHONE_NUMBER> M <PHONE_NUMBER> T <PHONE_NUMBER> M "
	"<PHONE_NUMBER> T <PHONE_NUMBER> M <PHONE_NUMBER> T <PHONE_NUMBER> M <PHONE_NUMBER>"},
    {"Frankfurt/84.132.17.209 Python/3.11 sdk (8.8.8.8) phone ID 4155550124",
	"Frankfurt/<IP_ADDRESS> Python/3.11 sdk (<IP_ADDRESS>) phone ID <PHONE_NUMBER>"},
    {"postgres://u:pa/ss1@db:5432/x https://u:p#q1@host.example/ http://host:8080/a@b http://host:port/x",
	"postgres://<URL_CREDENTIALS>@db:5432/x https://<URL_CREDENTIALS>@host.example/ http://host:8080/a@b "
	"http://host:port/x"},
    {"card 3782 822463 1000 5, maestro card 6759 649 826 438 453, card 453 914 880 343 646 7, UnionPay 6212 "
     "3456 7890 123 39, 4 5 3 9 1 4 8 8 0 3 4 3 6 4 6 7",
	"card <CREDIT_CARD>, maestro card <CREDIT_CARD>, card <CREDIT_CARD>, UnionPay <CREDIT_CARD>, "
	"<CREDIT_CARD>"},
    {"El paciente nació el 9 de octubre de 1952, Дата народження: 12 березня 1980, nar. 6.12.1949",
	"El paciente nació el <DATE_OF_BIRTH>, Дата народження: <DATE_OF_BIRTH>, nar. <DATE_OF_BIRTH>"},
    {"born out of a vote on 4 May 2021, SIREN 732 829 320 00074, "
     "kapitola 4.8.2.1, PublicKeyToken=b77a5c561934e089, palabra clave: montaña",
	NULL},
    {"пароль до кабінету: Sonce!448 Passwort fürs Portal: Sonce!448 my pass for the portal is Zebra!Moon6, "
     "still",
	"пароль до кабінету: <SECRET> Passwort fürs Portal: <SECRET> my pass for the portal is <SECRET>, "
	"still"},
    {"bcrypt2 is the password hash, Version2 is the password manager release, MD5 as the key", NULL},
    {"Your password has been reset to Sommer$6739!. I changed my password to Otter70zz yesterday",
	"Your password has been reset to <SECRET>. I changed my password to <SECRET> yesterday"},
    {"Cookie: session=qrmNQ2FdZUzXckMFFKWQHl2lKZVIe3FT; theme=dark\nsession=qrmNQ2FdZUzXckMFFKWQHl2lKZVIe3FT",
	"Cookie: session=<SECRET>; theme=dark\nsession=qrmNQ2FdZUzXckMFFKWQHl2lKZVIe3FT"},
    {"xhr.set('X-Api-Key', 'Ngi3HsqlyC7onnOwxMicoXt2UHEvUkem') auth=('kim', 'Kissa_9300!')",
	"xhr.set('X-Api-Key', '<SECRET>') auth=('kim', '<SECRET>')"},
    {"assertEquals(\"password\", \"field2\") getParam('token', 'v2') auth=('user', 'role2')", NULL},
    {"mot de passe provisoire : Blau!003zz, clé d'API : OPnnJzAVHPiTeUDzfLsoho9k4deGzglY, login: kim / "
     "Otter_23Qq",
	"mot de passe provisoire : <SECRET>, clé d'API : <SECRET>, login: kim / <SECRET>"},
    {"ETH private key cdd327af8bd2b7d451ccb905867c16fd57e29b540fb8cb32aa4e56ec81f4b019, IDENTIFIED BY "
     "'Kissa$98?k', redis-cli -a Otter_0759?k ping",
	"ETH private key <SECRET>, IDENTIFIED BY '<SECRET>', redis-cli -a <SECRET> ping"},
    {"self.password = password; password: Optional[str], password = auth[2], token = Keyword.Reserved, "
     "password "
     "= $_POST['password'] passwd = getpass(prompt, stream) $pwd = $ftp->pwd; PWD=/home/app",
	NULL},
    {"contraseña: obligatoria, パスワードは8文字以上です, 密码：至少8位, 暗証番号: 4桁, palabra clave: "
     "montaña",
	NULL},
    {"pass AI_V4MAPPED to it, https://a.example/?token=TOKEN&api_key={api_key}", NULL},
    {"| password | hunter2x | login2 |\n| Auth | password | OAuth2 | SAML2 |\nReset Password | Office365",
	NULL},
    {"Reset password - ticket#4471 closed\nTests pass - build#1234\ncom.acme.auth.Token - "
     "RefreshTask17/Worker4 started\n"
     "password of the day: Tuesday\nPIN for the board: 4512",
	NULL},
    {"Password for alice@example.com: hunter2xyz", "Password for <EMAIL_ADDRESS>: <SECRET>"},
    {"\"version\": \"31.40.15.36\", version is 31.40.15.36, build (31.40.15.36)", NULL},
    {"call_id=8837261199 contact_count: 2019283748, 010 101 110 binary, 08 09 10 11 12 1 2 3", NULL},
    {"updated 8.8.8.8 today, app 10.0.0.1 unreachable",
	"updated <IP_ADDRESS> today, app <IP_ADDRESS> unreachable"},
    {"password to login2, Passwort auf Seite3, password - step1, password for account: see below", NULL},
    {"password = input(\"pw: \") パスワード：不明", NULL},
    {"agent version 7.3 registered from 93.211.4.21", "agent version 7.3 registered from <IP_ADDRESS>"},
    {"the app at 10.0.0.5 says: update from 10.0.0.6, 10.0.0.7 app", "the app at <IP_ADDRESS> says: update "
								     "from <IP_ADDRESS>, <IP_ADDRESS> app"},
    {"siehe Abschnitt 4.1.2.3, Kapitel 10.2.3.4, app 8.15.22.1 crashes, version 93.211.4.21", NULL},
    {"numer konta: 03459028952539824158779674, rachunek 62 6241 4593 9152 8829 5987 5624",
	"numer konta: <IBAN_CODE>, rachunek <IBAN_CODE>"},
    {"numer konta: 03459028952539824158779675", NULL},
    {"llámame al 655201448, telefoonnummer 0201234987, тел 89261234602, meu zap 11 98765 4022",
	"llámame al <PHONE_NUMBER>, telefoonnummer <PHONE_NUMBER>, тел <PHONE_NUMBER>, meu zap "
	"<PHONE_NUMBER>"},
    {"dob:02041990, dob:02341990", "dob:<DATE_OF_BIRTH>, dob:02341990"},
    {"\"password\":\"(x9kLq2v!\" password: (Tr0ub4dor3x) パスワードは「Sakura#2024x」です "
     "密码：「Wx9#kLm2pQ」",
	"\"password\":\"<SECRET>\" password: (<SECRET>) パスワードは「<SECRET>」です 密码：「<SECRET>」"},
    {"pw Katze123! geht nicht", "pw <SECRET> geht nicht"},
    {"password: ${DB_PASS} password=$PASSWORD password: %PASSWORD% password: <your-password1> password: "
     "{{pw1}} "
     "password: [hidden1], password=(String)x, password: (value) => x",
	NULL},
    {"Passwort: vergessen", NULL},
    {"password: $(cat pw1) password: #{pw1} PASSWORD: ${{ secrets.DB_PASS1 }} password: $env:PASS1", NULL},
    {"mot de passe: oublié, пароль: неверный, 密码: 错误, 비밀번호: 분실, contraseña: incorrecta, password: "
     "(optional)",
	NULL},
    {"mysql -u root -pS3cr3tPw99 db; sshpass -p 'R00tme!now' ssh x; docker login -u bob -p Hunter22x reg",
	"mysql -u root -p<SECRET> db; sshpass -p '<SECRET>' ssh x; docker login -u bob -p <SECRET> reg"},
    {"curl -u admin:Winter2024 https://x.example.com "
     "https://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@github.com/x",
	"curl -u <URL_CREDENTIALS> https://x.example.com https://<URL_CREDENTIALS>@github.com/x"},
    {"<add key=\"ApiKey\" value=\"jaSgFirg5wlLa79hIaH41oqIWNFcEjqI\"/> "
     "{\"name\":\"DB_PASSWORD\",\"value\":\"Xy7kLp2Q!\"}",
	"<add key=\"ApiKey\" value=\"<SECRET>\"/> {\"name\":\"DB_PASSWORD\",\"value\":\"<SECRET>\"}"},
    {"2062970f9f41d96a3dc73e8de8be0993-us12 1//09KJJmjj1J9thjQZvABgzb42IymUcJOJctFq94ryjqVrQQSH",
	"<SECRET> <SECRET>"},
    {"seed phrase: legal winner thank year wave sausage worth useful legal winner thank yellow",
	"seed phrase: <SECRET>"},
    {"docker run -u 1000:1000 -p 8080:80, ssh -p 2222 host1, mysql -u root -p mydb1, login page -p 8080 "
     "port, "
     "{\"name\":\"city\",\"value\":\"Berlin2\"}, mnemonic: add two and two, https://git@github.com/x",
	NULL},
    {"Password: required, forgot my password: please help, password = getPassword(), the key: value", NULL},
    {"https://a:b@example.com/?token=abc123def456&x=1",
	"https://<URL_CREDENTIALS>@example.com/?token=<URL_CREDENTIALS>&x=1"},
    {"xoxp-604934367234-214156327922-572376780285-40edc5f83d169eb8b5c8e5a5a37cd631 "
     "\xe2\x80\x94xoxb-84252036150-1649943083374-4nh3O2v1DB4aFvU17PTnAmnQ",
	"<SECRET> \xe2\x80\x94<SECRET>"},
    {"API_KEY_PROD=Zx81Kp02QmT7vLw9 token2=Zx81Kp02QmT7vLw9 SECRET_KEY_BASE=Zx81Kp02QmT7vLw9, "
     "password_length=128",
	"API_KEY_PROD=<SECRET> token2=<SECRET> SECRET_KEY_BASE=<SECRET>, password_length=128"},
    {"bot 9150376653:AAqQZ6vkh18keu5pO0WZ4RQ3ywxXfGqU9ti, password\xef\xbc\x9a"
     "92eLsAmCBtS%!U（全角）",
	"bot <SECRET>, password\xef\xbc\x9a<SECRET>（全角）"},
    {"https://hooks.slack.com/services/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",
	"https://hooks.slack.com/services/<SECRET>"},
    {"<password>HYHNXFRgro</password> <SECRET>abcdef012345678</SECRET> 我的密码是hunter22 Password is: "
     "Xy7$kLm9",
	"<password><SECRET></password> <SECRET>abcdef012345678</SECRET> 我的密码是<SECRET> Password is: "
	"<SECRET>"},
    {"550e8400-e29b-41d4-a716-446655440000 d41d8cd98f00b204e9800998ecf8427e", NULL},
    /* birth */
    {"born 12 March 1985, 生年月日：1985年5月12日", "born <DATE_OF_BIRTH>, 生年月日：<DATE_OF_BIRTH>"},
    {"born November 2nd, 1990, née le 1er avril 1985, nato il 1° aprile 1985, DOB: 12MAR1985",
	"born <DATE_OF_BIRTH>, née le <DATE_OF_BIRTH>, nato il <DATE_OF_BIRTH>, DOB: <DATE_OF_BIRTH>"},
    {"1985年3月12日出生, जन्मतिथि 9 मार्च 1949, DoB 13/Mar/1954, \"date_of_birth\":\"1952-12-24T00:00:00Z\"",
	"<DATE_OF_BIRTH>出生, जन्मतिथि <DATE_OF_BIRTH>, DoB <DATE_OF_BIRTH>, "
	"\"date_of_birth\":\"<DATE_OF_BIRTH>T00:00:00Z\""},
    {"datum narození: 12. 3. 1985, 생년월일: 1985년 3월 12일, geboren op 12 maart 1985",
	"datum narození: <DATE_OF_BIRTH>, 생년월일: <DATE_OF_BIRTH>, geboren op <DATE_OF_BIRTH>"},
    {"生年月日：平成2年1月3日, 昭和63年4月12日生まれ, 出生日期 民國79年5月6日, วันเกิด 12/05/2533",
	"生年月日：<DATE_OF_BIRTH>, <DATE_OF_BIRTH>生まれ, 出生日期 <DATE_OF_BIRTH>, วันเกิด <DATE_OF_BIRTH>"},
    {"született 1990. május 12, DOB 1984-May-12, 12.12.1980 г.р., г.р. 12.12.1980",
	"született <DATE_OF_BIRTH>, DOB <DATE_OF_BIRTH>, <DATE_OF_BIRTH> г.р., г.р. <DATE_OF_BIRTH>"},
    {"DDN : 22/05/1985, data nasc. 10/11/1975, д.р. 15.08.1954, d. tarihi 11.04.1973, b-day 08/11/1955",
	"DDN : <DATE_OF_BIRTH>, data nasc. <DATE_OF_BIRTH>, д.р. <DATE_OF_BIRTH>, d. tarihi <DATE_OF_BIRTH>, "
	"b-day <DATE_OF_BIRTH>"},
    {"Anna, female, b. 1961-07-14, born-on date 1961-07-14",
	"Anna, female, b. <DATE_OF_BIRTH>, born-on date <DATE_OF_BIRTH>"},
    {"a. 2024-01-01 b. 2024-02-01, ADDN 22/05/1985, и т.д. 15.08.1954, kod.tarihi 11.04.1973, web-day "
     "08/11/1955",
	NULL},
    {"born-digital documents, 2019-04-02", NULL},
    {"* 12.03.2024 release, *12.03.2024*, 12/05/2533, 2024-May-12", NULL},
    {"on 12 March 2024, 2024-03-12", NULL},
    /* placeholders are nobody's; what only looks like one is not */
    {"key <AKIAIOSFODNN7EXAMPLE> leaked by <RSSMRA85T10A562S>",
	"key <<SECRET>> leaked by <<IT_FISCAL_CODE>>"},
    {"<EMAIL_ADDRESS> <REDACTED> password: <SECRET> call <PHONE_NUMBER:k1:00112233445566778899>", NULL},
};

static struct pii *
opened(const struct pii_options *o)
{
	struct err e = {0};
	struct pii *p = pii_open(o, &e);

	if (!p)
		fail_msg("%s", e.text);
	return p;
}

static void
finds(void **state)
{
	struct pii *p = opened(&(struct pii_options){0});
	int bad = 0;

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct str left = pii_scrub(p, (struct str){0}, str_of(rows[i].text));

		if (!str_is(left, rows[i].left ? rows[i].left : rows[i].text)) {
			print_error("%s\n  expected %s\n  left     %.*s\n", rows[i].text,
			    rows[i].left ? rows[i].left : rows[i].text, STR_FMT(left));
			bad++;
		}
	}
	pii_close(p);
	assert_int_equal(bad, 0);
}

/* ---- what holds for every text ---- */

static uint32_t seed = 1;

static uint32_t
chance(uint32_t n)
{
	seed = seed * 1664525 + 1013904223;
	return (seed >> 8) % n;
}

/* Pieces of what looks like something, in any order. */
static size_t
random_text(char *out, size_t max)
{
	static const char *const pieces[] = {"4111111111111111", "4111 1111 1111 1111", "@", "example",
	    ".com", "john", "+1 415 555 0123", "415", "-", " ", ".", ":", "::", "/", "//", "(", ")", "[", "]",
	    "<", ">", "=", "&", "?", "%40", "DE89 3704 0044 0532 0130 00", "536-22-8726", "password", "is",
	    "hunter2", "token", "eyJ", "AKIAIOSFODNN7EXAMPLE", "0x", "a1", "1-", "fe80::1",
	    "00:1b:44:11:3a:b7", "10.1.2.3", "phone", "order", "born", "12 March 1985", "1985-03-12",
	    "<EMAIL_ADDRESS>", "<PHONE_NUMBER", "\xe2\x80\x8b", "\xc2\xa0", "\xef\xbc\x91", "\xef\xbc\xa0",
	    "\xe4\xbd\xa0\xe5\xa5\xbd", "\xc3\xa9", "\xf0\x9f\x98\x80", "-----BEGIN PRIVATE KEY-----", "\n",
	    "\t", "dot", "at", "AB 12 34 56 C", "12345678Z", "RSSMRA85T10A562S", "\"", "'", "x", "1", "12",
	    "0049", "ext. 5", "user:pass@", "https://", "\\u0040", "\\x31", "\\/", "%2D", "%2520", "&nbsp;",
	    "&#49;", "\x1b[1m", "\\", "%C3%A9", "\\ud83d\\ude00"};
	size_t len = 0;

	for (uint32_t n = chance(24); n > 0; n--) {
		const char *piece = pieces[chance(COUNT(pieces))];

		if (len + strlen(piece) > max)
			break;
		memcpy(out + len, piece, strlen(piece));
		len += strlen(piece);
		if (chance(2) && len < max)
			out[len++] = ' ';
	}
	return len;
}

static bool
valid(struct str s)
{
	for (size_t i = 0, n; i < s.len; i += n)
		if (!(n = text_char(s.p + i, s.len - i)))
			return false;
	return true;
}

static void
holds_for(struct pii **ways, size_t n_ways, struct str text)
{
	char *copy = xcalloc(text.len + 1, 1), *once;
	struct str left;
	size_t n, other, len;
	const struct pii_span *spans, *others;

	memcpy(copy, text.p, text.len); /* of its own size, so that a byte too far is seen */
	text.p = copy;
	left = pii_scrub(ways[0], (struct str){0}, text);
	spans = pii_spans(ways[0], &n);
	assert_true(valid(left));
	for (size_t i = 0; i < n; i++) {
		assert_true(spans[i].start < spans[i].end && spans[i].end <= text.len);
		assert_true(i == 0 || spans[i].start >= spans[i - 1].end);
		assert_true(((unsigned char)text.p[spans[i].start] & 0xc0) != 0x80);
	}
	for (size_t w = 1; w < n_ways; w++) {
		struct str same = pii_scrub(ways[w], (struct str){0}, text);

		others = pii_spans(ways[w], &other);
		assert_int_equal(n, other);
		assert_int_equal(str_cmp(left, same), 0);
		for (size_t i = 0; i < n; i++)
			assert_true(spans[i].start == others[i].start && spans[i].end == others[i].end &&
				    spans[i].type == others[i].type);
	}
	once = xcalloc(left.len + 1, 1);
	len = left.len;
	memcpy(once, left.p, len);
	left = pii_scrub(ways[0], (struct str){0}, (struct str){once, len});
	if (left.len != len || memcmp(left.p, once, len) != 0)
		fail_msg("\"%s\" becomes \"%s\", then \"%.*s\"", copy, once, STR_FMT(left));
	free(once);
	free(copy);
}

static void
every_text(void **state)
{
	struct pii *ways[3];
	size_t n = 0;
	char text[1024];

	(void)state;
	for (int way = 0; way < 3; way++) {
		ways[n] = opened(&(struct pii_options){0});
		if (pii_use_vectors(ways[n], way))
			n++;
		else
			pii_close(ways[n]);
	}
	assert_true(n >= 1);
	for (int i = 0; i < 20000; i++)
		holds_for(ways, n, (struct str){text, random_text(text, sizeof text)});
	while (n > 0)
		pii_close(ways[--n]);
}

/* The ways to look for anchors agree on every byte at every place. */
static void
masks_agree(void **state)
{
	unsigned char p[64 + 2];

	(void)state;
	for (int i = 0; i < 4096; i++) {
		struct masks scalar, other;

		for (size_t k = 0; k < sizeof p; k++)
			p[k] = (unsigned char)(i < 256 ? (size_t)i + k
					       : i % 2 ? chance(256)
						       : (uint32_t) "dot DOT@:%-_09azAZ"[chance(18)]);
		masks_way(0)(p, 1, &scalar);
		for (int way = 1; way < 3; way++) {
			if (!masks_way(way))
				continue;
			masks_way(way)(p, 1, &other);
			assert_memory_equal(&scalar, &other, sizeof other);
		}
	}
}

/* ---- the view ---- */

static void
views(void **state)
{
	static const struct {
		const char *text, *view;
	} looks[] = {{"plain", "plain"}, {"", ""},
	    {"\xc3\xa9\xe4\xbd\xa0\xf0\x9f\x98\x80", "\xc3\xa9\xe4\xbd\xa0\xf0\x9f\x98\x80"},
	    {"\xef\xbc\x91\xd9\xa2\xe0\xa5\xa9\xf0\x9d\x9f\x92", "1234"},
	    {"a\xe2\x80\x8b"
	     "b\xef\xbb\xbf\xc2\xad"
	     "c",
		"abc"},
	    {"\xc2\xa0\xe2\x80\x89\xe3\x80\x80", "   "}, {"\xe2\x80\x90\xe2\x80\x93\xe2\x88\x92", "---"},
	    {"\xef\xbc\xa0\xef\xbc\x8e", "@."}, {"\x34\xef\xb8\x8f\xe2\x83\xa3", "4"}, {"4・1", "4.1"},
	    {"\\u0041\\\\u00e9\\x20\\/", "A\xc3\xa9 /"}, {"\\ud83d\\ude00", "\xf0\x9f\x98\x80"},
	    {"%20%2540%C3%A9", " @\xc3\xa9"}, {"&nbsp;&#65;&#x42;", " AB"}, {"\x1b[1;31ma\\e[0m\\033[m", "a"},
	    {"\\n\\u12%41%zz%C3%28&amp&#;\x1b", "\\n\\u12%41%zz%C3(&amp&#;\x1b"}};
	struct view v = {0};

	(void)state;
	for (size_t i = 0; i < COUNT(looks); i++) {
		assert_true(view_of(&v, str_of(looks[i].text)));
		assert_true(str_is((struct str){v.p, v.len}, looks[i].view));
		for (size_t k = 0; k < v.len; k++)
			assert_true(view_start(&v, k) < view_end(&v, k + 1) &&
				    view_end(&v, k + 1) <= strlen(looks[i].text));
	}
	assert_false(view_of(&v, str_of("a\xff")));
	assert_false(view_of(&v, str_of("\xed\xa0\x80")));
	assert_false(view_of(&v, str_of("\xc2\xa0\xc0\xaf")));
	view_free(&v);
}

/* ---- the worst ---- */

/* A megabyte of each takes no more than some milliseconds for each: work that grows with the square would
 * take hours. */
static void
worst_texts_end(void **state)
{
	static const char *const worst[] = {"@", "1-", "a1", ".", "[", "<EMAIL_ADDRESS", "<", ":", "1:", "=",
	    "password=", "password ", "a@", "a.", "-", "-----BEGIN PRIVATE KEY-----", "eyJ", "dot ",
	    " at a dot ", "(at)", "4111 ", "1 ", "+1", "DE89", "0", "::", "https://a:", "\xef\xbc\x91",
	    "\xe2\x80\x8b", "a", "sk-", "%40", "1.", "12/", "AB12", "<A:k:", "?token=", "\"", "x@y.", "is 1 ",
	    "\\", "\\u0041", "%20", "%25", "%C3", "&nbsp;", "&", "\x1b[1m", "\x1b["};
	enum { MEGA = 1 << 20 };
	struct pii *p = opened(&(struct pii_options){0});
	char *text = xcalloc(MEGA + 64, 1);

	(void)state;
	for (size_t i = 0; i < COUNT(worst); i++) {
		size_t n = strlen(worst[i]), len = 0;

		for (; len < MEGA; len += n)
			memcpy(text + len, worst[i], n);
		pii_scrub(p, (struct str){0}, (struct str){text, len});
	}
	free(text);
	pii_close(p);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(validators_know_theirs),
	    cmocka_unit_test(finds),
	    cmocka_unit_test(every_text),
	    cmocka_unit_test(masks_agree),
	    cmocka_unit_test(views),
	    cmocka_unit_test(worst_texts_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
