/*
 * pii_check: is a number what it seems to be? Check digits and ranges of the numbers that people are known
 * by. Arguments are the digits (and capital letters where the number has some) without separators; nothing
 * else is looked at.
 */
#ifndef PII_CHECK_H
#define PII_CHECK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

bool check_luhn(const char *d, size_t n);
bool check_verhoeff(const char *d, size_t n);

bool check_ssn(const char *d); /* 9 digits, ranges */
bool ssn_is_sample(const char *d);
bool check_itin(const char *d);			  /* 9 */
bool check_aba(const char *d);			  /* 9 */
bool check_npi(const char *d);			  /* 10 */
bool check_mbi(const char *s);			  /* 11 */
bool check_nhs(const char *d);			  /* 10 */
bool check_nino(const char *s, size_t n);	  /* 2 letters, 6 digits, and the suffix where n is 9 */
bool check_aadhaar(const char *d);		  /* 12 */
bool check_pan(const char *s);			  /* 10 */
bool check_nif(const char *s);			  /* 8 digits and a letter */
bool check_nie(const char *s);			  /* X, Y or Z, 7 digits and a letter */
bool check_fiscal_code(const char *s);		  /* 16 */
bool check_pesel(const char *d);		  /* 11 */
bool check_nric(const char *s);			  /* letter, 7 digits, letter */
bool check_tfn(const char *d, size_t n);	  /* 8 or 9 */
bool check_abn(const char *d);			  /* 11 */
bool check_acn(const char *d);			  /* 9 */
bool check_medicare(const char *d, size_t n);	  /* 10 or 11 */
bool check_hetu(const char *s);			  /* DDMMYYCNNNX, 11 */
bool check_de_tax(const char *d);		  /* 11 */
bool check_de_social(const char *s);		  /* 12 */
bool check_nir(const char *s, size_t n);	  /* 15 */
bool check_bsn(const char *d);			  /* 9 */
bool check_cpf(const char *d);			  /* 11 */
bool check_cnpj(const char *d);			  /* 14 */
bool check_personnummer(const char *d, size_t n); /* 10 or 12 */
bool check_rrn(const char *d);			  /* 13 */
bool check_tckn(const char *d);			  /* 11 */
bool check_za_id(const char *d);		  /* 13 */
bool check_vin(const char *s);			  /* 17 */
bool check_ean(const char *d, size_t n);	  /* EAN-8, -13, -14, ISBN-13 */

/* 3333333333, 123456789, 987654321: whatever its check digits say, nobody's number. */
bool check_dull(const char *d, size_t n);

/* Day, month and year (four digits) of the calendar. */
bool check_date(int y, int m, int d);

/* Shannon's entropy of the bytes, in bits a byte. */
double check_entropy(const char *s, size_t n);

#endif
