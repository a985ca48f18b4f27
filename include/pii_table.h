/*
 * pii_table: what is looked for, each once: its name, where the scanner stops for it (anchor), what it looks
 * like (shape), what it is checked by (validator), the words that speak for it, whether it is on, and to
 * which countries it belongs.
 */
#ifndef PII_TABLE_H
#define PII_TABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* In the order of precedence: where two overlap and are as sure as each other, the first names it. */
enum pii_type {
	PII_EMAIL_ADDRESS,
	PII_CREDIT_CARD,
	PII_IBAN_CODE,
	PII_URL_CREDENTIALS,
	PII_SECRET,
	PII_CRYPTO,
	PII_US_SSN,
	PII_US_ITIN,
	PII_UK_NHS,
	PII_UK_NINO,
	PII_CA_SIN,
	PII_IN_AADHAAR,
	PII_IN_PAN,
	PII_ES_NIF,
	PII_ES_NIE,
	PII_IT_FISCAL_CODE,
	PII_PL_PESEL,
	PII_SG_NRIC_FIN,
	PII_FI_PERSONAL_IDENTITY_CODE,
	PII_AU_TFN,
	PII_AU_ABN,
	PII_AU_ACN,
	PII_AU_MEDICARE,
	PII_DE_TAX_ID,
	PII_DE_SOCIAL_SECURITY,
	PII_FR_NIR,
	PII_NL_BSN,
	PII_BR_CPF,
	PII_BR_CNPJ,
	PII_SE_PERSONNUMMER,
	PII_KR_RRN,
	PII_TR_NATIONAL_ID,
	PII_ZA_ID,
	PII_US_MBI,
	PII_US_NPI,
	PII_ABA_ROUTING_NUMBER,
	PII_PHONE_NUMBER,
	PII_IP_ADDRESS,
	PII_MAC_ADDRESS,
	PII_DATE_OF_BIRTH,
	PII_PASSPORT,
	PII_DRIVER_LICENSE,
	PII_BANK_ACCOUNT,
	PII_IMEI,
	PII_VIN,
	PII_GEO_COORDINATES,
	PII_KNOWN_VALUE,
	PII_DENY_LIST,
	PII_URL,
	PII_DATE_TIME,
	PII_BUILT_IN /* how many; the types of custom rules come behind */
};

enum pii_state {
	PII_ON,
	PII_GATED, /* only where it is certain, or a word beside it says so, or its country is switched on */
	PII_OFF
};

struct entity {
	const char *name;
	enum pii_state state;
	const char *countries; /* switch groups and ISO codes */
	const char *anchor, *shape, *validator;
	const char *words; /* speak for it; small letters; with * also what begins so */
};

extern const struct entity entities[PII_BUILT_IN];

/* Words that speak against a number's being anyone's: orders, versions, prices. */
extern const char *const entity_against;
/* Words that make four numbers with dots a version. */
extern const char *const entity_versions;
/* And of small numbers, right before them: what is common beside addresses too. */
extern const char *const entity_sections;

/* PII_BUILT_IN where there is none of this name. */
enum pii_type entity_named(const char *name, size_t len);

/* Does the entity belong to a country or group ("de", "eu", "all")? */
bool entity_in(const struct entity *e, const char *country, size_t len);

#endif
