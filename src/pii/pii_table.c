#include "pii_table.h"

#include <string.h>

#define NUMBER "digit"
#define WORD   "digit in a word"

const struct entity entities[PII_BUILT_IN] = {
    [PII_EMAIL_ADDRESS] = {"EMAIL_ADDRESS", PII_ON, "", "@, (at), dot",
	"local@host.tld, obfuscated forms too", "top-level domain",
	"email* mail* correo* courriel* contact* reach write inbox gmail outlook почт* mejl* posta poczt* "
	"メール 邮箱 邮件 "
	"信箱 이메일 ईमेल بريد"},
    [PII_CREDIT_CARD] = {"CREDIT_CARD", PII_ON, "", NUMBER, "12 to 19 digits, grouped or not",
	"issuer, length, Luhn",
	"card* credit* debit* visa* mastercard* amex* maestro* unionpay* discover jcb cc pan carte* "
	"tarjeta* carta kreditkart* "
	"kartennummer* karte "
	"karta karty kart kartı cartão* cartao* kaart* luottokortti* kort kortnummer карт* カード 卡 信用卡 "
	"카드 कार्ड بطاقة"},
    [PII_IBAN_CODE] = {"IBAN_CODE", PII_ON, "", WORD, "country, check digits, the country's format", "mod 97",
	"iban* account konto* konta rachun* compte cuenta conto rekening*"},
    [PII_URL_CREDENTIALS] = {"URL_CREDENTIALS", PII_ON, "",
	"://, =", "user:password@, token-like query values", "name of the parameter", ""},
    [PII_SECRET] = {"SECRET", PII_ON, "", ": = long word -----", "keys of vendors, JWT, PEM, name and value",
	"prefix and length, entropy", ""},
    [PII_CRYPTO] = {"CRYPTO", PII_ON, "", WORD, "addresses of Bitcoin and its kin, Ethereum",
	"Base58Check, Bech32, EIP-55", "wallet* bitcoin* btc eth ethereum crypto* coin* address adresse"},
    [PII_US_SSN] = {"US_SSN", PII_ON, "us", NUMBER, "3-2-4 digits", "ranges",
	"ssn ssns ss social security soc ss# w2 w9 seguro taxpayer*"},
    [PII_US_ITIN] = {"US_ITIN", PII_ON, "us", NUMBER, "9xx-xx-xxxx", "ranges",
	"itin itins taxpayer* tax tin"},
    [PII_UK_NHS] = {"UK_NHS", PII_ON, "uk gb", NUMBER, "3-3-4 digits", "mod 11",
	"nhs patient* health hospital* gp"},
    [PII_UK_NINO] = {"UK_NINO", PII_ON, "uk gb", WORD, "AB 12 34 56 C", "prefixes",
	"nino national insurance ni ninos payslip payroll"},
    [PII_CA_SIN] = {"CA_SIN", PII_ON, "ca", NUMBER, "3-3-3 digits", "Luhn",
	"sin sins social insurance nas assurance canad*"},
    [PII_IN_AADHAAR] = {"IN_AADHAAR", PII_GATED, "in", NUMBER, "4-4-4 digits", "Verhoeff",
	"aadhaar* aadhar* adhaar* adhar* uidai uid आधार"},
    [PII_IN_PAN] = {"IN_PAN", PII_ON, "in", WORD, "ABCPE1234F", "kinds of holder",
	"pan permanent income tax"},
    [PII_ES_NIF] = {"ES_NIF", PII_ON, "es eu", NUMBER, "12345678Z", "letter mod 23",
	"nif dni documento identidad"},
    [PII_ES_NIE] = {"ES_NIE", PII_ON, "es eu", WORD, "X1234567L", "letter mod 23",
	"nie extranjero* extranjería"},
    [PII_IT_FISCAL_CODE] = {"IT_FISCAL_CODE", PII_ON, "it eu", WORD, "RSSMRA85T10A562S", "check letter",
	"codice fiscale cf"},
    [PII_PL_PESEL] = {"PL_PESEL", PII_GATED, "pl eu", NUMBER, "11 digits", "date, mod 10", "pesel* national"},
    [PII_SG_NRIC_FIN] = {"SG_NRIC_FIN", PII_ON, "sg apac", WORD, "S1234567D", "check letter",
	"nric fin singpass singapore identity ic"},
    [PII_FI_PERSONAL_IDENTITY_CODE] = {"FI_PERSONAL_IDENTITY_CODE", PII_ON, "fi eu", NUMBER, "131052-308T",
	"date, mark mod 31", "hetu henkilötunnu* tunnukse* tunnus personbeteckning*"},
    [PII_AU_TFN] = {"AU_TFN", PII_GATED, "au apac", NUMBER, "3-3-3 digits", "mod 11", "tfn tax file"},
    [PII_AU_ABN] = {"AU_ABN", PII_GATED, "au apac", NUMBER, "2-3-3-3 digits", "mod 89", "abn abns business"},
    [PII_AU_ACN] = {"AU_ACN", PII_GATED, "au apac", NUMBER, "3-3-3 digits", "mod 10", "acn acns company"},
    [PII_AU_MEDICARE] = {"AU_MEDICARE", PII_GATED, "au apac", NUMBER, "4-5-1 digits", "mod 10", "medicare*"},
    [PII_DE_TAX_ID] = {"DE_TAX_ID", PII_GATED, "de eu", NUMBER, "11 digits, 2-3-3-3", "mod 11,10",
	"steuer* idnr tin tax identifikationsnummer*"},
    [PII_DE_SOCIAL_SECURITY] = {"DE_SOCIAL_SECURITY", PII_GATED, "de eu", NUMBER, "65 170839 J 003",
	"date, weighted sum", "sozialversicherung* rentenversicherung* svnr rvnr sv"},
    [PII_FR_NIR] = {"FR_NIR", PII_GATED, "fr eu", NUMBER, "1 85 05 78 006 084 36", "mod 97",
	"nir ss sécurité sécu securite secu insee sociale vitale"},
    [PII_NL_BSN] = {"NL_BSN", PII_GATED, "nl eu", NUMBER, "9 digits", "mod 11",
	"bsn burger burgerservicenummer* sofi sofinummer*"},
    [PII_BR_CPF] = {"BR_CPF", PII_GATED, "br", NUMBER, "529.982.247-25", "two mod 11", "cpf cpfs"},
    [PII_BR_CNPJ] = {"BR_CNPJ", PII_GATED, "br", NUMBER, "11.222.333/0001-81", "two mod 11", "cnpj"},
    [PII_SE_PERSONNUMMER] = {"SE_PERSONNUMMER", PII_GATED, "se eu", NUMBER, "811228-9874", "date, Luhn",
	"personnummer* pnr pers personnr samordningsnummer*"},
    [PII_KR_RRN] = {"KR_RRN", PII_GATED, "kr apac", NUMBER, "900101-1234568", "date, mod 11",
	"rrn 주민등록번호 주민번호 주민 resident registration"},
    [PII_TR_NATIONAL_ID] = {"TR_NATIONAL_ID", PII_GATED, "tr", NUMBER, "11 digits", "two sums mod 10",
	"tckn tckno kimlik vatandaşlık tc"},
    [PII_ZA_ID] = {"ZA_ID", PII_GATED, "za", NUMBER, "13 digits", "date, Luhn", "id identity said"},
    [PII_US_MBI] = {"US_MBI", PII_GATED, "us", WORD, "1EG4-TE5-MK73", "form", "mbi medicare beneficiary"},
    [PII_US_NPI] = {"US_NPI", PII_GATED, "us", NUMBER, "10 digits", "Luhn with 80840", "npi provider"},
    [PII_ABA_ROUTING_NUMBER] = {"ABA_ROUTING_NUMBER", PII_GATED, "us", NUMBER, "9 digits", "weighted mod 10",
	"aba routing rtn transit"},
    [PII_PHONE_NUMBER] = {"PHONE_NUMBER", PII_ON, "", NUMBER,
	"calling code and national number, national forms", "calling codes and lengths",
	"phone* ph fon text reach* contact* tel tél tÉl telefon* telephone* téléphone* teléfono* telefone* "
	"teléfon* "
	"telefoon* тел msisdn tfno fone numerosta mob mobil* "
	"cell cells cellphone* cel fono txt* "
	"handy* fax* call* "
	"ring rings sms texted whatsapp* telegram viber hotline* helpline* landline* dial* rufnummer* anruf* "
	"rufen "
	"rückruf* festnetz* durchwahl* portable* mobiel* "
	"appel* rappel* joindre joignable* messaggio contatt* contato* recapito recapiti kontakt* erreichbar "
	"erreichen bereiken bereikbaar "
	"dzwoń* llám* whats "
	"zap wpp "
	"llam* móvil* movil* celular* cellulare* chiam* zadzwo* dzwon* komórk* komork* bel bellen gsm "
	"puhelin* matkapuh* kännyk* puh soita* soitta* tavoit* telem* telepon ponsel τηλ* κινητ* điện thoại "
	"sđt โทร* เบอร์* "
	"telefón* "
	"телефон* звон* позвон* набер* моб* сотов* ligue ligar ring* ringe nummeret tlf 电话 電話 手机 "
	"手機 携帯 ケータイ 連絡先 致电 致電 "
	"联系 전화 "
	"휴대폰 핸드폰 연락 微信 फोन फ़ोन फ़ोन कॉल संपर्क* दूरभाष* "
	"मोबाइल هاتف الهاتف هاتفي تلفون جوال الجوال موبايل טלפון נייד"},
    [PII_IP_ADDRESS] = {"IP_ADDRESS", PII_ON, "", "digit, :", "IPv4, IPv6", "parsed",
	"ip ipv4 ipv6 address* adress* host* server* ping* ssh client* dirección router* gateway dns"},
    [PII_MAC_ADDRESS] = {"MAC_ADDRESS", PII_ON, "", "digit, :", "6 or 8 pairs, 3 quads", "one separator",
	"mac bssid ethernet wifi wlan hardware device* bluetooth"},
    [PII_DATE_OF_BIRTH] = {"DATE_OF_BIRTH", PII_ON, "", NUMBER, "a date", "calendar, and a word for birth",
	"birth* born dob bday anniversaire cumple* compleanno aniversário* verjaardag* födelse* nac "
	"ميلاد الميلاد ميلادي ولد לידה lahir naşter* nașter* rođen* تولد sinh เกิด* วันเกิด* γέννησ* γενν* "
	"народж* născut* "
	"geboren* geburt* geb né née naissance* nacimiento* nací nació nacido nacida naci nacio nar народив* "
	"nascita nato nata "
	"nascimento* nascido nascida nasci urodz* ur urodzony geboorte* född* fødsel* født synt syntym* "
	"syntyn* "
	"родил* рожд* "
	"生年月日 誕生日 生まれ 出生 生于 生於 生日 생년월일 생일 출생 생입니다 जन्म* doğum* narozen* "
	"született születési"},
    [PII_PASSPORT] = {"PASSPORT", PII_GATED, "", WORD, "6 to 9 letters and digits", "the word beside it",
	"passport* reisepass* passeport* pasaporte* passaport* pasaport* paszport* paspoort* "
	"passnummer* паспорт* "
	"पासपोर्ट* 护照 パスポート 旅券 여권"},
    [PII_DRIVER_LICENSE] = {"DRIVER_LICENSE", PII_GATED, "", WORD, "6 to 14 letters and digits",
	"the words beside it", "dl driver* driving führerschein* permis patente rijbewijs* ajokortti*"},
    [PII_BANK_ACCOUNT] = {"BANK_ACCOUNT", PII_GATED, "", NUMBER, "6 to 17 digits", "the words beside it",
	"bank* acct kontonummer* konto sort routing rekeningnummer* banking"},
    [PII_IMEI] = {"IMEI", PII_GATED, "", NUMBER, "15 digits", "Luhn", "imei*"},
    [PII_VIN] = {"VIN", PII_GATED, "", WORD, "17 letters and digits", "check digit",
	"vin chassis vehicle fahrgestell*"},
    [PII_GEO_COORDINATES] = {"GEO_COORDINATES", PII_OFF, "", NUMBER, "two numbers with 4 decimals or more",
	"ranges", "coordinates lat latitude gps location"},
    [PII_KNOWN_VALUE] = {"KNOWN_VALUE", PII_ON, "", "", "what the record's own fields hold", "", ""},
    [PII_DENY_LIST] = {"DENY_LIST", PII_ON, "", "", "what the deny list holds", "", ""},
    [PII_URL] = {"URL", PII_OFF, "", "://, www.", "a whole URL", "", ""},
    [PII_DATE_TIME] = {"DATE_TIME", PII_OFF, "", NUMBER, "a date, with its time", "calendar", ""},
};

const char *const entity_against =
    "order* invoice* track* ticket* serial* sku skus isbn* ean upc gtin barcode* batch* lot part parts "
    "item* product* article* artikel* reference* ref case* request* transaction* txn parcel* shipment* "
    "shipping sendung* paket* "
    "bestell* auftrag* rechnung* vorgang* fall commande* facture* colis* pedido* factura* ordine* fattura* "
    "zamówieni* zamowieni* "
    "faktur* bestelling* ordre* timestamp* epoch* ts ns created* updated* commit* hash* checksum* md5 sha "
    "sha1 sha256 uuid guid "
    "page* model* error* size* price* preis* prix precio* cost* kostet total* amount* betrag* montant* "
    "population* "
    "visitors bytes pid 订单 訂單 发票 發票 注文 快递 运单 价格 価格 주문 заказ* Заказ* накладн* счёт* pts "
    "stock "
    "catalogue "
    "quantity qty weight pi loss acc accuracy lotto loto* lottery powerball* jackpot* euromillions* awb "
    "双色球 大乐透 score* sessions buffer kundennr kundennummer aktenzeichen "
    "vertragsnummer siren siret conference sipariş* siparis*";

const char *const entity_versions =
    "version* build* release* firmware* section* sections chapter* clause* oid jdk fixed rev "
    "abschnitt* kapitel* kapitola chapitre* rozdział* rozdzial* розділ* paragraph* capítulo capitulo "
    "capitolo hoofdstuk* раздел* requirement* "
    "revision* upgrade* downgrade* changelog kernel driver "
    "versión versione versão versio versioon versie versies wersja wersji версия версии 版本 バージョン 버전 "
    "펌웨어 ファームウェア 固件 微码 sürüm* संस्करण* micrologiciel* softwareversion* firmwareversion* "
    "programmversion*";

const char *const entity_sections =
    "app apps whatsapp update task tasks table teil artikel* article* punto punkt* пункт* tabelle* tabla "
    "figure* abbildung* 第 章 節 step steps schritt étape passo paso обновление обновления обновлении "
    "atualização atualizacao actualización actualizacion aggiornamento aktualizacja güncelleme "
    "升级到 升级至 升級到 更新到 更新至 更新為 업데이트 アップデート";

enum pii_type
entity_named(const char *name, size_t len)
{
	for (int i = 0; i < PII_BUILT_IN; i++)
		if (strlen(entities[i].name) == len && memcmp(entities[i].name, name, len) == 0)
			return (enum pii_type)i;
	return PII_BUILT_IN;
}

bool
entity_in(const struct entity *e, const char *country, size_t len)
{
	const char *p = e->countries;

	if (len == 3 && memcmp(country, "all", 3) == 0)
		return true;
	while (*p) {
		size_t n = strcspn(p, " ");

		if (n == len && memcmp(p, country, n) == 0)
			return true;
		p += n + (p[n] == ' ');
	}
	return false;
}
